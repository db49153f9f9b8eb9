# SPDX-License-Identifier: Apache-2.0
"""Curves as plotly draws them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fit_component.record.pages.curves import Curve
from fit_component.record.pages.libraries import library

# The series colours of page.css.
COLORS = 8

# Up to so many points, each is marked.
_MARKED = 30


def chart(curves: Sequence[Curve]) -> dict[str, Any]:
    """The chart of a metric.

    Several fits differ by color; with one fit, training and validation do.
    Training is dotted.

    Args:
      curves: Of training and validation, of one or several fits.

    Returns:
      A plotly figure as a tree; its traces name their color by number, in
      `meta`.

    Raises:
      ExtraMissingError: If plotly is not installed.
    """
    go = library("plotly.graph_objects")
    fits = list(dict.fromkeys(curve.fit for curve in curves))
    traces = []
    for curve in curves:
        color = fits.index(curve.fit) if len(fits) > 1 else int(curve.is_validation)
        part = "validation" if curve.is_validation else "training"
        name = f"fit {curve.fit}, {part}" if len(fits) > 1 else part
        traces += _traces(go, curve, name, color % COLORS)
    figure = go.Figure(traces, layout())
    if len({value for curve in curves for value in curve.values}) == 1:
        figure.update_yaxes(rangemode="tozero")  # else from one below it to one above it
    return as_tree(figure)


def layout() -> Any:
    """The layout of all charts, but for the colors, which are the page's."""
    go = library("plotly.graph_objects")
    axis = {"automargin": True, "zeroline": False, "showline": False}
    return go.Layout(
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        xaxis={**axis, "title": {"text": "epoch", "standoff": 6}, "rangemode": "normal"},
        yaxis={**axis, "nticks": 6},
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "xanchor": "left", "x": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        template="none",
    )


def as_tree(figure: Any) -> dict[str, Any]:
    """A figure for a page's script; JSON has no NaN, and there is none in it."""
    tree: dict[str, Any] = json.loads(figure.to_json())
    return tree


def _traces(go: Any, curve: Curve, name: str, color: int) -> list[Any]:
    is_marked = len(curve.epochs) <= _MARKED or None in curve.values
    line = go.Scatter(
        x=list(curve.epochs),
        y=list(curve.values),
        name=name,
        mode="lines+markers" if is_marked else "lines",
        line={"width": 2, "dash": "solid" if curve.is_validation else "dot"},
        marker={"size": 5},
        legendgroup=name,
        hovertemplate="%{y:.4~g}",
        meta={"series": color},
    )
    if curve.best_value is None:
        return [line]
    best = go.Scatter(
        x=[curve.best_epoch],
        y=[curve.best_value],
        mode="markers",
        marker={"size": 13, "symbol": "circle-open", "line": {"width": 2.5}},
        legendgroup=name,
        showlegend=False,
        hoverinfo="skip",
        meta={"series": color},
    )
    return [line, best]
