# SPDX-License-Identifier: Apache-2.0
"""TFX's own tests, shipped in its wheel, with our classes in place of the stock ones."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from warm_python import WarmPython

pytestmark = [pytest.mark.tfx, pytest.mark.slow]

HERE = Path(__file__).parent

TRAINER = (
    "tfx.components.trainer.component_test",
    "tfx.components.trainer.executor_test",
    "tfx.components.trainer.fn_args_utils_test",
)
TUNER = (
    "tfx.components.tuner.component_test",
    "tfx.components.tuner.executor_test",
)
KUBEFLOW = (
    "tfx.orchestration.kubeflow.v2.compiler_utils_test",
    "tfx.orchestration.kubeflow.v2.container.kubeflow_v2_entrypoint_utils_test",
    "tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor_test",
    "tfx.orchestration.kubeflow.v2.kubeflow_v2_dag_runner_test",
    "tfx.orchestration.kubeflow.v2.pipeline_builder_test",
    "tfx.orchestration.kubeflow.v2.step_builder_test",
)
MODULES = TRAINER + TUNER + KUBEFLOW

PROBE = HERE / "substitution_probe.py"

# Test names in reports start at the root directory.
SITE_PACKAGES = Path(str(importlib.util.find_spec("tfx").origin)).parent.parent

Outcomes = dict[str, str]


class Runs(NamedTuple):
    """What became of TFX's tests.

    Attributes:
      ours: The outcome of each with our classes.
      stock: The outcome, with the stock classes, of those that did not pass with ours.
      collected: All that there are with the stock classes.
    """

    ours: Outcomes
    stock: Outcomes
    collected: frozenset[str]


@pytest.fixture(scope="module")
def runs(warm_python, tmp_path_factory) -> Runs:
    """All tests with our classes; with the stock ones those alone whose outcome matters."""
    directory = tmp_path_factory.mktemp("drop_in")
    ours = run_tfx_tests(warm_python, directory / "ours", "-p", "substitution", str(PROBE))
    passed = directory / "passed"
    passed.write_text("\n".join(name for name, outcome in ours.items() if outcome == "passed"))
    stock = run_tfx_tests(warm_python, directory / "stock", "-p", "remaining", f"--passed={passed}")
    collected = Path(f"{passed}.collected").read_text().splitlines()
    return Runs(ours, stock, frozenset(collected))


def run_tfx_tests(python: WarmPython, directory: Path, *options: str) -> Outcomes:
    """Runs TFX's tests in a process of their own.

    Args:
      python: Starts the process.
      directory: Working directory; must not be there yet.
      *options: For pytest.

    Returns:
      `passed`, `failed` or `skipped` by test.
    """
    directory.mkdir()
    report = directory / "report.xml"
    command = ["-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider"]
    options = (f"--rootdir={SITE_PACKAGES}", f"--junitxml={report}", *options)
    done = python.run(*command, *options, "--pyargs", *MODULES, cwd=directory)
    assert report.exists(), done.stdout[-3000:]
    return {
        f"{case.get('classname')}.{case.get('name')}": _outcome(case)
        for case in ElementTree.parse(report).iter("testcase")
    }


def _outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"


def test_every_test_that_stock_tfx_passes_is_passed(runs, record_property):
    """A release may fail tests of its own in today's environment; ours adds none to them."""
    outcomes = list(runs.ours.values())
    counts = {kind: outcomes.count(kind) for kind in ("passed", "failed", "skipped")}
    record_property("TFX's own tests with our classes", counts)
    assert set() == {test for test, outcome in runs.stock.items() if outcome == "passed"}


def test_no_test_is_lost_by_the_substitution(runs):
    """And none of the modules is empty."""
    assert runs.collected <= set(runs.ours)
    for module in MODULES:
        assert any(test.startswith(f"{module}.") for test in runs.collected), module


def test_what_did_not_pass_was_run_with_the_stock_classes(runs):
    """Each of them, so that the comparison leaves none out."""
    not_passed = {test for test, outcome in runs.ours.items() if outcome != "passed"}
    assert not_passed == set(runs.stock)


def test_the_trainers_tests_are_all_passed_or_skipped(runs):
    """Of the Trainer's own tests, none fails in any release."""
    failed = {
        test
        for test, outcome in runs.ours.items()
        if outcome == "failed" and test.startswith(TRAINER)
    }
    assert set() == failed


def test_our_classes_stand_in_place_of_the_stock_ones(runs):
    """In the very run that is counted: the probe fails under the stock classes."""
    probe = "test_our_classes_are_in_place"
    assert ["passed"] == [how for test, how in runs.ours.items() if test.endswith(probe)]
