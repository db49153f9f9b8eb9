# SPDX-License-Identifier: Apache-2.0
"""The page of all runs of a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fit_component.record.pages.curves import joined
from fit_component.record.pages.figures import as_tree, layout
from fit_component.record.pages.libraries import library
from fit_component.record.pages.rendering import render
from fit_component.record.pages.runs_table import RESULTS, Column, Row, cell_of, columns_of
from fit_component.record.runs import RunRecord


def runs_page(rows: Sequence[Row], records: Mapping[Any, RunRecord], *, name: str) -> str:
    """Draws all runs of a store on one page, the newest first.

    Args:
      rows: A mapping for each run, with the names and in the order of
        `lineage.runs`, the index as `execution`; None where there is no value.
      records: What the runs left, by `execution`, of those whose curves can be
        drawn.
      name: What to call the store.

    Returns:
      An HTML page that loads nothing.

    Raises:
      ExtraMissingError: If jinja2 or plotly is not installed.
    """
    newest_first = list(reversed(rows))
    columns, common = columns_of(newest_first)
    groups = Counter(column.group for column in columns)
    curves = {
        row["execution"]: _curves(records[row["execution"]])
        for row in newest_first
        if row["execution"] in records
    }
    metrics = _metrics(newest_first, curves)
    data = {
        "runs": {str(execution): lines for execution, lines in curves.items() if lines},
        "layout": as_tree(library("plotly.graph_objects").Figure(layout=layout()))["layout"],
    }
    values = {
        "has_charts": bool(metrics),
        "name": name,
        "columns": columns,
        "groups": groups,
        "common": common,
        "rows": [_table_row(row, columns, curves) for row in newest_first],
        "metrics": metrics,
        "data": data,
    }
    return render("runs.html", values)


def _table_row(row: Row, columns: Sequence[Column], curves: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "execution": row["execution"],
        "has_curves": bool(curves.get(row["execution"])),
        "cells": [(column, cell_of(column.name, row.get(column.name))) for column in columns],
    }


def _curves(record: RunRecord) -> Mapping[str, Any]:
    fits = [fit for fit in record.fits if not fit.in_search] or list(record.fits)
    return joined(fits)


def _metrics(rows: Sequence[Row], curves: Mapping[Any, Mapping[str, Any]]) -> list[str]:
    """All metrics, first the one that most runs were judged by."""
    monitors = Counter(row.get(f"{RESULTS}monitor") for row in rows)
    names = Counter(name for lines in curves.values() for name in lines)
    favourite = ("val_loss", "loss")
    return sorted(
        names,
        key=lambda name: (-monitors[name], favourite.index(name) if name in favourite else 2),
    )
