# SPDX-License-Identifier: Apache-2.0
"""The page of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.record.pages.curves import Curve, by_chart
from fit_component.record.pages.figures import COLORS, chart
from fit_component.record.pages.notes import notes_of
from fit_component.record.pages.rendering import render
from fit_component.record.properties import EVAL_STEPS, flat_settings
from fit_component.record.runs import Epoch, FitRecord, RunRecord

# Of longer tables the first and the last rows are shown.
_ROWS_AT_EACH_END = 250


class Requested(NamedTuple):
    """What the pipeline asked for.

    Attributes:
      settings: The settings as they were given.
      text: Their textproto, with its comments.
    """

    settings: FitArgs
    text: str


class Setting(NamedTuple):
    """A row of the table of settings.

    Attributes:
      name: Its flat name.
      value: What took effect.
      source: `requested` or `default`; empty where that is not known.
    """

    name: str
    value: int | float | str
    source: str


def run_page(run: RunRecord, *, name: str, requested: Requested | None = None) -> str:
    """Draws a run.

    Args:
      run: The run, finished or not.
      name: What to call it, such as the end of its artifact's path.
      requested: What the pipeline asked for; None if that is not known.

    Returns:
      An HTML page that loads nothing.

    Raises:
      ExtraMissingError: If jinja2 or plotly is not installed.
    """
    drawn = _drawn(run.fits)
    charts = by_chart(drawn)
    values = {
        "has_charts": bool(charts),
        "run": run,
        "name": name,
        "results": run.results,
        "notes": notes_of(run),
        "charts": [
            {"metric": metric, "summary": _summary(curves), "figure": chart(curves)}
            for metric, curves in charts.items()
        ],
        "drawn": drawn,
        "differences": [(fit, difference) for fit in run.fits for difference in fit.differences],
        "settings": _settings(run.settings, requested),
        "requested": requested,
        "epochs": [(fit, *_epochs(fit)) for fit in run.fits if fit.epochs],
    }
    return render("run.html", values)


def _drawn(fits: Sequence[FitRecord]) -> list[FitRecord]:
    """The newest fits, as many as there are colors; those of a search where there are no others."""
    others = [fit for fit in fits if not fit.in_search] or fits
    return [fit for fit in others if fit.epochs][-COLORS:]


def _summary(curves: Sequence[Curve]) -> str:
    """What a reader who does not see a chart should know of it."""
    are_several = len({curve.fit for curve in curves}) > 1
    return "; ".join(
        f"fit {curve.fit}: {curve.summary}" if are_several else curve.summary for curve in curves
    )


def _settings(
    settings: Mapping[str, int | float | str], requested: Requested | None
) -> list[Setting]:
    """Those that were requested first."""
    if requested is None:
        return [Setting(name, value, "") for name, value in settings.items()]
    flat = flat_settings(requested.settings)
    asked = {EVAL_STEPS, *(name for name, value in flat.items() if value != "")}
    rows = [
        Setting(name, value, "requested" if name in asked else "default")
        for name, value in settings.items()
    ]
    return sorted(rows, key=lambda row: row.source != "requested")


def _epochs(fit: FitRecord) -> tuple[list[str], list[Epoch], int]:
    """The metrics, the epochs to show, and how many of the first of them stand before a gap."""
    metrics = list(dict.fromkeys(name for epoch in fit.epochs for name in epoch.metrics))
    epochs: list[Any] = list(fit.epochs)
    if len(epochs) <= 2 * _ROWS_AT_EACH_END:
        return metrics, epochs, 0
    return (
        metrics,
        epochs[:_ROWS_AT_EACH_END] + epochs[-_ROWS_AT_EACH_END:],
        _ROWS_AT_EACH_END,
    )
