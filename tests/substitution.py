# SPDX-License-Identifier: Apache-2.0
"""A pytest plugin: puts fit-component's classes in place of TFX's own.

pytest -p substitution --pyargs tfx.components.trainer.component_test
"""

from __future__ import annotations

import tfx.components
from tfx import v1
from tfx.components.trainer import component, executor, fn_args_utils

from fit_component import FitExecutor, FitFnArgs, Trainer

STOCK_EXECUTOR = "tfx.components.trainer.executor.GenericExecutor"
OUR_EXECUTOR = f"{FitExecutor.__module__}.{FitExecutor.__qualname__}"

component.Trainer = tfx.components.Trainer = v1.components.Trainer = Trainer
executor.GenericExecutor = FitExecutor
fn_args_utils.FnArgs = FitFnArgs


def pytest_collection_modifyitems() -> None:
    """Compiled pipelines name the executor's class: so do the golden files, then."""
    try:
        from tfx.orchestration.kubeflow.v2 import test_utils
    except ImportError:  # kfp is not installed
        return
    stock = test_utils.get_text_from_test_data

    def substituted(*args, **kwargs):
        return stock(*args, **kwargs).replace(STOCK_EXECUTOR, OUR_EXECUTOR)

    test_utils.get_text_from_test_data = substituted
