# SPDX-License-Identifier: Apache-2.0
"""The course of metrics over the epochs of fits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fit_component.record.pages.words import value_text
from fit_component.record.runs import FitRecord

VALIDATION = "val_"


@dataclass(frozen=True)
class Curve:
    """One metric over the epochs of one fit.

    Attributes:
      metric: Its name in the logs.
      fit: The number of the fit.
      epochs: The epochs that have a value, counted from 0.
      values: As many values; a NaN or an infinity is None.
      best_epoch: The fit's best epoch, if it has one.
    """

    metric: str
    fit: int
    epochs: Sequence[int]
    values: Sequence[float | None]
    best_epoch: int | None = None

    @property
    def is_validation(self) -> bool:
        """Whether it is of validation."""
        return self.metric.startswith(VALIDATION)

    @property
    def best_value(self) -> float | None:
        """The value at the fit's best epoch."""
        if self.best_epoch not in self.epochs:
            return None
        return self.values[self.epochs.index(self.best_epoch)]

    @property
    def summary(self) -> str:
        """What a reader sees in it, such as `loss from 0.7 to 0.3, 0.31 at the best epoch, 8`."""
        known = [value for value in self.values if value is not None]
        if not known:
            return f"{self.metric} never a number"
        first, last = value_text(known[0]), value_text(known[-1])
        text = f"{self.metric} {first}" if len(known) == 1 else f"{self.metric} {first} to {last}"
        if self.best_value is None or len(known) == 1:
            return text
        return f"{text}, {value_text(self.best_value)} at epoch {self.best_epoch}"


def curves_of(fit: FitRecord) -> list[Curve]:
    """The curves of a fit, by metric in the order of its logs."""
    names = dict.fromkeys(name for epoch in fit.epochs for name in epoch.metrics)
    curves = []
    for name in names:
        having = [epoch for epoch in fit.epochs if name in epoch.metrics]
        values = [finite(epoch.metrics[name]) for epoch in having]
        epochs = [epoch.epoch for epoch in having]
        curves.append(Curve(name, fit.number, epochs, values, fit.best_epoch))
    return curves


def by_chart(fits: Sequence[FitRecord]) -> Mapping[str, list[Curve]]:
    """The curves of fits by the metric's plain name: those of training and validation together."""
    charts: dict[str, list[Curve]] = {}
    for fit in fits:
        for curve in curves_of(fit):
            charts.setdefault(curve.metric.removeprefix(VALIDATION), []).append(curve)
    return {metric: charts[metric] for metric in sorted(charts, key=_place)}


def _place(metric: str) -> int:
    """What is minimized comes first, what is no measure of the model last."""
    return {"loss": 0, "learning_rate": 2, "lr": 2}.get(metric, 1)


def joined(fits: Sequence[FitRecord]) -> Mapping[str, tuple[list[int], list[float | None]]]:
    """The metrics of a run as one curve each: a fit that counts anew goes on where the last ended.

    Args:
      fits: Its fits, in order.

    Returns:
      Metrics to their epochs and as many values.
    """
    lines: dict[str, tuple[list[int], list[float | None]]] = {}
    end = 0
    for fit in fits:
        if not fit.epochs:
            continue
        shift = max(0, end - fit.epochs[0].epoch)
        for curve in curves_of(fit):
            epochs, values = lines.setdefault(curve.metric, ([], []))
            epochs += [epoch + shift for epoch in curve.epochs]
            values += curve.values
        end = fit.epochs[-1].epoch + shift + 1
    return lines


def not_finite(fit: FitRecord) -> Mapping[str, list[int]]:
    """The metrics that once were no number or infinite, each with the epochs."""
    gaps = {
        curve.metric: [
            e for e, value in zip(curve.epochs, curve.values, strict=True) if value is None
        ]
        for curve in curves_of(fit)
    }
    return {metric: epochs for metric, epochs in gaps.items() if epochs}


def finite(value: float) -> float | None:
    """A value to six significant digits, which a screen cannot tell from it; None for a NaN."""
    return float(f"{value:.6g}") if math.isfinite(value) else None
