# SPDX-License-Identifier: Apache-2.0
"""The course of metrics over the epochs of fits."""

import math

from made_runs import epochs, fit

from fit_component.record import Best, Epoch
from fit_component.record.pages.curves import by_chart, curves_of, joined, not_finite


def measured(*values, metric="loss", first=0):
    """Epochs with these values of a metric; None where it was not measured."""
    return [
        Epoch(first + at, 1.0, metrics={} if value is None else {metric: value})
        for at, value in enumerate(values)
    ]


def test_training_and_validation_share_a_chart():
    """Under the metric's plain name."""
    charts = by_chart([fit(epochs(3))])
    assert ["loss", "val_loss"] == [curve.metric for curve in charts["loss"]]


def test_the_loss_is_drawn_first_and_the_learning_rate_last():
    """Keras sorts its logs in some versions."""
    metrics = dict.fromkeys(("accuracy", "learning_rate", "auc", "val_loss", "loss"), 0.5)
    charts = by_chart([fit([Epoch(0, 1.0, metrics=metrics)])])
    assert ["loss", "accuracy", "auc", "learning_rate"] == list(charts)


def test_what_was_not_measured_is_left_out_and_a_nan_is_a_gap():
    """Evaluation every second epoch is one line; a NaN is a hole in it."""
    (curve,) = curves_of(fit(measured(None, 0.5, None, math.nan, None, 0.25)))
    assert ([1, 3, 5], [0.5, None, 0.25]) == (curve.epochs, curve.values)


def test_the_best_epoch_is_known_to_all_curves_of_a_fit():
    """With the value that each had there."""
    best = [Best("val_loss", "min", 1, 0.25)]
    (curve,) = curves_of(fit(measured(0.75, 0.5, 0.25), monitor="val_loss", best=best))
    assert (1, 0.5) == (curve.best_epoch, curve.best_value)
    assert "loss 0.75 to 0.25, 0.5 at epoch 1" == curve.summary


def test_the_best_epoch_may_be_a_gap():
    """Then there is nothing to mark."""
    best = [Best("val_loss", "min", 1, 0.25)]
    (curve,) = curves_of(fit(measured(0.75, math.nan), monitor="val_loss", best=best))
    assert curve.best_value is None
    assert "loss 0.75" == curve.summary


def test_a_curve_without_a_number():
    """Is told as such."""
    (curve,) = curves_of(fit(measured(math.nan, math.inf)))
    assert "loss never a number" == curve.summary


def test_what_is_not_finite_is_found():
    """By metric, with the epochs."""
    made = measured(1.0, math.nan, 1.0, -math.inf)
    assert {"loss": [1, 3]} == not_finite(fit(made))
    assert {} == not_finite(fit(epochs(3)))


def test_fits_follow_one_another():
    """One that counts anew goes on where the last ended; one that goes on by itself stays."""
    first, anew, on = measured(4.0, 3.0), measured(2.0, 1.0), measured(0.5, first=7)
    lines = joined([fit(first), fit([]), fit(anew, number=2), fit(on, number=3)])
    assert {"loss": ([0, 1, 2, 3, 7], [4.0, 3.0, 2.0, 1.0, 0.5])} == lines


def test_values_are_as_exact_as_a_screen():
    """Six digits keep the page of many runs small."""
    (curve,) = curves_of(fit(measured(0.123456789)))
    assert [0.123457] == curve.values
