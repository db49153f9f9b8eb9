# SPDX-License-Identifier: Apache-2.0
"""Rows in memory as the tf.train.Examples that ExampleGen would write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

Row = Mapping[str, Any]

# The name of the set that is all examples.
EVERYTHING = "examples"

_NUMBERS = {"int", "float"}


def to_examples(sets: Mapping[str, Any]) -> dict[str, list[tf.train.Example]]:
    """Converts sets of rows; a column has the same type in all of them.

    Args:
      sets: By name, each a pandas DataFrame or rows: mappings of a feature's
        name to a number, a text, bytes, or a list or an array of these, which
        is flattened. None, and NaN or NA in a DataFrame, is a missing value.

    Returns:
      The examples of each set, by name.

    Raises:
      ValueError: If there are no rows, or a column mixes texts with numbers.
      TypeError: If a row is no mapping, or a value is none of the above.
    """
    cells = {name: [_cells(row) for row in _rows(name, rows)] for name, rows in sets.items()}
    kinds = _kinds(row for rows in cells.values() for row in rows)
    return {name: [_example(row, kinds) for row in rows] for name, rows in cells.items()}


def _rows(name: str, rows: Any) -> list[Row]:
    if hasattr(rows, "to_dict"):  # a DataFrame; pandas itself isn't needed
        rows = rows.astype(object).where(rows.notna(), None).to_dict("records")
    listed: list[Any] = list(rows) if isinstance(rows, Iterable) else [rows]
    if not listed:
        raise ValueError(f"{_called(name)} has no rows")
    for row in listed:
        if not isinstance(row, Mapping):
            raise TypeError(
                f"{_called(name)} holds {row!r}; a row is a dict of features. Give rows, a "
                "DataFrame, a directory, or a dict of these by the names of splits"
            )
    return listed


def _called(name: str) -> str:
    return name if name == EVERYTHING else f"{EVERYTHING}[{name!r}]"


def _cells(row: Row) -> dict[str, list[Any]]:
    """The values of each feature; none where one is missing."""
    return {name: _values(value) for name, value in row.items()}


def _values(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, (str, bytes)):
        return [value]
    flat: list[Any] = np.asarray(value, dtype=object).ravel().tolist()
    return flat


def _kinds(rows: Iterable[dict[str, list[Any]]]) -> dict[str, str]:
    """Decides on the type of each column: bytes, float or int."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for name, values in row.items():
            found.setdefault(name, set()).update(_kind(name, value) for value in values)
    for name, of_column in found.items():
        if "bytes" in of_column and of_column & _NUMBERS:
            raise ValueError(f"examples: column {name!r} mixes texts and numbers")
    return {name: max(kinds, key=list(_FILL).index) for name, kinds in found.items() if kinds}


def _kind(name: str, value: Any) -> str:
    if isinstance(value, (str, bytes)):
        return "bytes"
    if isinstance(value, (bool, int, np.bool_, np.integer)) and -(2**63) <= int(value) < 2**63:
        return "int"
    if isinstance(value, (float, np.floating)):
        return "float"
    raise TypeError(
        f"examples: column {name!r} holds {value!r}; allowed are numbers, texts, bytes, and "
        "lists and arrays of these; integers of 64 bits"
    )


def _example(row: dict[str, list[Any]], kinds: dict[str, str]) -> tf.train.Example:
    example = tf.train.Example()
    for name, values in row.items():
        feature = example.features.feature[name]  # there now, if without a value
        if values:
            _FILL[kinds[name]](feature, values)
    return example


def _fill_ints(feature: Any, values: list[Any]) -> None:
    feature.int64_list.value.extend(map(int, values))


def _fill_floats(feature: Any, values: list[Any]) -> None:
    feature.float_list.value.extend(map(float, values))


def _fill_bytes(feature: Any, values: list[Any]) -> None:
    feature.bytes_list.value.extend(
        value.encode() if isinstance(value, str) else value for value in values
    )


_FILL: Mapping[str, Callable[[Any, list[Any]], None]] = {
    "int": _fill_ints,
    "float": _fill_floats,
    "bytes": _fill_bytes,
}
