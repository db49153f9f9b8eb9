# SPDX-License-Identifier: Apache-2.0
"""Runs among TFX's own tests, to see that these meet our classes."""

from tfx import v1 as tfx
from tfx.components.trainer import component, executor, fn_args_utils


def test_our_classes_are_in_place():
    """Each way to the stock classes leads to ours."""
    assert component.Trainer.__module__ == "fit_component.component"
    assert tfx.components.Trainer is component.Trainer
    assert executor.GenericExecutor.__module__ == "fit_component.executor"
    assert fn_args_utils.FnArgs.__module__ == "fit_component.fn_args"
