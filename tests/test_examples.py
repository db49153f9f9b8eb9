# SPDX-License-Identifier: Apache-2.0
"""What the examples tell of a run, whatever became of it."""

from __future__ import annotations

import pytest

from examples.outcome import _fit_rows
from fit_component.record import Epoch, FitRecord


def fit_with(*metrics, **rest):
    """A call of `fit` with epochs of these metrics."""
    epochs = [Epoch(number, 1.0, metrics=values) for number, values in enumerate(metrics)]
    call = {"number": 1, "keras": "keras 3.9.2", "called_from": "taxi.py, line 1", "arguments": {}}
    device = {"strategy": "DefaultDistributionStrategy", "replicas": 1, "batch_size": None}
    return FitRecord(**call, **device, seconds=1.0, epochs=epochs, **rest)


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ([{"loss": 0.5}, {"loss": 0.25}], "2: loss 0.2500"),
        ([{"loss": 0.5, "val_loss": 1.0}, {"loss": 0.25}], "2: loss 0.2500"),
        ([{"loss": float("nan")}], "1: loss nan"),
        ([], "none"),
    ],
)
def test_the_last_epoch_is_told(metrics, expected):
    """With what was measured in it; an epoch need not be evaluated."""
    fit = fit_with(*metrics, stop_reason="all_epochs")
    assert {"Last epoch": expected, "Ended by": "all_epochs"} == _fit_rows([fit])


def test_the_last_fit_is_told():
    """A module may train in phases."""
    fits = [fit_with({"loss": 0.5}, stop_reason="all_epochs"), fit_with(stop_reason="max_time")]
    assert {"Last epoch": "none", "Ended by": "max_time"} == _fit_rows(fits)


def test_a_module_with_a_loop_of_its_own_is_told():
    """The pipeline has run: no reason to fail at its last line."""
    assert {"Last epoch": "not known: the module called no `Model.fit`"} == _fit_rows([])
