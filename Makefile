# `make help` lists the targets. PYTHON=python3.11 names the Python, TFX=1.16 the release; ALL=1 also runs
# what takes long and rarely finds more: for a release or a night.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
TFX ?=
ALL ?=
export PYTHON TFX ALL

# uv compiles nothing: where Python may not either, each import of TFX takes 15 s longer.
unexport PYTHONDONTWRITEBYTECODE

# TensorFlow and the Google libraries talk at start-up, mostly of drivers that aren't there.
export TF_CPP_MIN_LOG_LEVEL ?= 3
quiet := PYTHONWARNINGS=ignore::FutureWarning

# TFX installs module files with pip, which would look for a newer pip each time.
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

environment := @tools/environment.sh
tools := .venv-tools/bin

pytest := .venv/bin/python -m pytest -q --durations=25
# A file to a process, since its tests share a pipeline's run; in the order of tests/conftest.py.
parallel := -n 2 --dist loadfile --no-loadscope-reorder

define run_tests
	$(environment) tfx
	@echo "All tests, with tf.keras as Keras 3"
	@$(pytest) $(parallel)
	@echo "Those marked $(1), with tf.keras as tf_keras"
	@TF_USE_LEGACY_KERAS=1 $(pytest) $(parallel) -m "$(1)"
endef

.PHONY: help environment demo test test-further test-fast check hooks lint format types imports proto \
	proto-check protobuf-matrix wheel wheel-check benchmarks benchmarks-quick picture constraints clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' Makefile

environment:  ## set everything up that the demo and the tests need
	$(environment) tfx

demo:  ## set everything up and run the Chicago Taxi pipeline
	$(environment) tfx
	@$(quiet) .venv/bin/python -m examples.chicago_taxi.pipeline \
		--fit examples/chicago_taxi/fit.textproto

test:  ## set everything up and run all tests
	$(call run_tests,keras or tf_keras or end_to_end)

# Fewer random settings: they hardly depend on the release.
test-further: export EXAMPLES_DIVIDED_BY ?= 4
test-further:  ## the same, but with tf_keras only pipelines, kills and its own
	$(call run_tests,tf_keras or end_to_end)

test-fast:  ## the tests without the slow ones
	$(environment) tfx
	@$(pytest) $(parallel) -m "not slow"

# The generator does not install with every Python that all else runs with.
check: lint types imports  ## lint, types, imports and proto-check: what hooks and CI run first
	@if refusal=$$($(PYTHON) tools/choose_release.py proto 2>&1); then \
		$(MAKE) --no-print-directory proto-check; \
	else \
		echo "proto-check: SKIPPED, $${refusal#error: }"; \
	fi

hooks:  ## run `make check` before each commit from now on
	$(environment) tools
	@$(tools)/pre-commit install

lint:  ## style and format, checked
	$(environment) tools
	$(tools)/ruff check .
	$(tools)/ruff format --check .

format:  ## style and format, repaired
	$(environment) tools
	$(tools)/ruff check --fix .
	$(tools)/ruff format .

types:  ## mypy over the package
	$(environment) tools
	$(tools)/mypy

imports:  ## the arrows between the package's parts
	$(environment) tools
	$(tools)/lint-imports --no-logo

proto:  ## generate fit_component/proto/ and docs/settings.md from protos/
	$(environment) proto
	@.venv-proto/bin/python tools/generate_proto.py
	@.venv-proto/bin/python tools/settings_reference.py
	@.venv-proto/bin/python tools/json_schema.py

proto-check:  ## are the generated code, reference and schema up to date?
	$(environment) proto
	@.venv-proto/bin/python tools/generate_proto.py --check
	@.venv-proto/bin/python tools/settings_reference.py --check
	@.venv-proto/bin/python tools/json_schema.py --check

protobuf-matrix:  ## contract and settings under each protobuf generation, without TFX
	$(environment) tools
	@$(tools)/python tools/protobuf_matrix.py $(if $(ALL),all)

wheel:  ## build the wheel, in dist/
	$(environment) tools
	@tools/wheel.sh

wheel-check: wheel  ## run tests against the wheel, in an environment of its own
	$(environment) wheel
	@tools/wheel_check.sh

benchmarks: benchmarks-quick  ## all measurements, as ratios within one run; RUNS=1 for a glance
	@$(quiet) .venv/bin/python -m benchmarks.recording $(RUNS)
	@$(quiet) .venv/bin/python -m benchmarks.resume $(RUNS)
	@$(quiet) .venv/bin/python -m benchmarks.unit_test $(RUNS)
	@$(quiet) .venv/bin/python -m benchmarks.reading $(RUNS)

benchmarks-quick:  ## those that train nothing: settings, the command, lineage
	$(environment) tfx
	@.venv/bin/python -m benchmarks.load_settings $(RUNS)
	@.venv/bin/python -m benchmarks.command $(RUNS)
	@.venv/bin/python -m benchmarks.lineage $(if $(RUNS),1000)

picture:  ## draw docs/run.svg anew, from a run of the demo
	$(environment) tfx
	$(environment) tools
	@$(tools)/python tools/terminal_picture.py

compile := $(tools)/uv pip compile --quiet --upgrade --universal --python-version 3.10 \
	--no-python-downloads --no-annotate \
	--custom-compile-command "make constraints"
extras := --extra test --extra examples
releases := $(patsubst constraints/tfx-%.in,%,$(wildcard constraints/tfx-*.in))

constraints:  ## pin the newest of everything that the ranges allow
	$(environment) tools
	$(compile) constraints/tools.in -o constraints/tools.txt >/dev/null
	$(compile) constraints/proto.in -o constraints/proto.txt >/dev/null
	for release in $(releases); do \
		$(compile) $(extras) pyproject.toml constraints/tfx-$$release.in \
			-o constraints/tfx-$$release.txt >/dev/null || exit; \
	done

clean:  ## remove the environments, caches and output
	rm -rf .venv .venv-* .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
		build dist *.egg-info
