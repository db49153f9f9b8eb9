# SPDX-License-Identifier: Apache-2.0
"""The columns and the cells of the table of runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fit_component.record.pages import words
from fit_component.record.runs import METRICS, is_time

Row = Mapping[str, Any]

# From left to right.
GROUPS = (RUN, DIFFERING, OUTCOME, LINEAGE) = ("Run", "Settings that differ", "Results", "Lineage")

SETTINGS, RESULTS = "settings.", "results."

# Columns that are there even where all runs have the same.
_ALWAYS = ("started", "state", *(f"{RESULTS}{name}" for name in ("epochs_run", "seconds")))
_HIDDEN = ("execution", "ended", "model_id")


class Column(NamedTuple):
    """A column of the table.

    Attributes:
      name: Its key in a row.
      label: What stands at its top.
      group: One of GROUPS.
      is_number: Whether there are numbers in it.
    """

    name: str
    label: str
    group: str
    is_number: bool


class Cell(NamedTuple):
    """A cell of the table.

    Attributes:
      text: What is shown.
      number: What it is sorted by; None for a text and for a blank.
    """

    text: str
    number: float | None


def columns_of(rows: Sequence[Row]) -> tuple[list[Column], dict[str, str]]:
    """Tells what differs between rows from what is the same in all of them.

    Args:
      rows: As `runs_page` takes them.

    Returns:
      The columns, by group; and the labels of the rest to texts.
    """
    columns, common = [], {}
    for name in [name for name in (rows[0] if rows else ()) if name not in _HIDDEN]:
        values = {row.get(name) for row in rows}
        if name.startswith(RESULTS):  # a run that failed has none, which is no other result
            values -= {None}
        if values <= {None} or _tells_only_when(name, values):
            continue
        if len(values) > 1 or _is_always_there(name):
            is_number = any(cell_of(name, value).number is not None for value in values)
            columns.append(Column(name, _label(name), _group(name), is_number))
        else:
            common[_label(name)] = cell_of(name, values.pop()).text
    return sorted(columns, key=lambda column: GROUPS.index(column.group)), common


def _tells_only_when(name: str, values: Iterable[Any]) -> bool:
    """Whether runs are called by the time, which another column has."""
    return name == "run" and all(map(is_time, values))


def _is_always_there(name: str) -> bool:
    return name in _ALWAYS or name.removeprefix(RESULTS).startswith(METRICS)


def _label(name: str) -> str:
    if name == "started":
        return "started, UTC"
    return name.removeprefix(SETTINGS).removeprefix(RESULTS)


def _group(name: str) -> str:
    if name.startswith(SETTINGS):
        return DIFFERING
    if name.startswith(RESULTS):
        return OUTCOME
    return LINEAGE if name == "trainer" or name.endswith("_uri") else RUN


def cell_of(name: str, value: Any) -> Cell:
    """The cell of a value.

    Args:
      name: The name of its column.
      value: The value; None for a blank.
    """
    if name == "started" and value is not None:
        return Cell(str(value)[:19].replace("T", " "), None)
    is_number = isinstance(value, (int, float)) and math.isfinite(value)
    if name == f"{RESULTS}seconds" and is_number:
        return Cell(words.duration_text(value), value)
    if name.startswith(SETTINGS) and value is not None:  # as exact as it was given
        return Cell(str(value), value if is_number else None)
    if isinstance(value, bool):
        return Cell("yes" if value else "no", None)
    return Cell(words.value_text(value), value if is_number else None)
