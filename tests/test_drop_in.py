# SPDX-License-Identifier: Apache-2.0
"""TFX's own tests, shipped in its wheel, with our classes in place of the stock ones."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest
from environment import ENVIRONMENT

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
SUBSTITUTED = ("-p", "substitution", str(PROBE))

# Test names in reports start at the root directory.
SITE_PACKAGES = Path(str(importlib.util.find_spec("tfx").origin)).parent.parent

Outcomes = dict[str, str]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, Outcomes]:
    """The outcome of each of TFX's tests, with the stock classes and with ours."""
    directory = tmp_path_factory.mktemp("drop_in")
    with ThreadPoolExecutor(2) as pool:
        runs = {
            "stock": pool.submit(run_tfx_tests, directory / "stock"),
            "ours": pool.submit(run_tfx_tests, directory / "ours", *SUBSTITUTED),
        }
        return {name: run.result() for name, run in runs.items()}


def run_tfx_tests(directory: Path, *options: str) -> Outcomes:
    """Runs TFX's tests in a process of their own.

    Args:
      directory: Working directory; must not be there yet.
      *options: For pytest.

    Returns:
      `passed`, `failed` or `skipped` by test.
    """
    directory.mkdir()
    report = directory / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider"]
    options = (f"--rootdir={SITE_PACKAGES}", f"--junitxml={report}", *options)
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, *options, "--pyargs", *MODULES],
        cwd=directory,
        env={**ENVIRONMENT, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
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


def test_every_test_that_stock_tfx_passes_is_passed(outcomes, record_property):
    """A release may fail tests of its own in today's environment; ours adds none to them."""
    for name, run in outcomes.items():
        counts = {kind: list(run.values()).count(kind) for kind in ("passed", "failed", "skipped")}
        record_property(f"TFX's own tests, {name}", counts)
    broken = {
        test
        for test, outcome in outcomes["stock"].items()
        if outcome == "passed" and outcomes["ours"].get(test) != "passed"
    }
    assert set() == broken


def test_at_least_as_many_tests_run_as_with_stock_tfx(outcomes):
    """No test is lost by the substitution, and none of the modules is empty."""
    assert set(outcomes["stock"]) <= set(outcomes["ours"])
    for module in MODULES:
        assert any(test.startswith(module) for test in outcomes["ours"]), module


def test_the_trainers_tests_are_all_passed_or_skipped(outcomes):
    """Of the Trainer's own tests, none fails in any release."""
    failed = {
        test
        for test, outcome in outcomes["ours"].items()
        if outcome == "failed" and test.startswith(TRAINER)
    }
    assert set() == failed


def test_our_classes_stand_in_place_of_the_stock_ones(outcomes):
    """In the very run that is counted: the probe fails under the stock classes."""
    probe = "test_our_classes_are_in_place"
    assert ["passed"] == [how for test, how in outcomes["ours"].items() if test.endswith(probe)]
