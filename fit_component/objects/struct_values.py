# SPDX-License-Identifier: Apache-2.0
"""Keyword arguments out of a google.protobuf.Struct."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

# Beyond it not every whole number is a double, so that a double there may stand for another one.
_LARGEST = 2**53


def python_values(struct: Struct) -> dict[str, Any]:
    """The values of a Struct by name, in the order of the names.

    A Struct holds every number as a double. Those that are whole become int, at
    any depth, so that `range(n)` takes them.
    """
    return {name: _python_value(struct.fields[name]) for name in sorted(struct.fields)}


def _number(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) <= _LARGEST else number


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "null_value": lambda _: None,
    "number_value": _number,
    "string_value": str,
    "bool_value": bool,
    "struct_value": python_values,
    "list_value": lambda values: [_python_value(value) for value in values.values],
}


def _python_value(value: Value) -> Any:
    kind = value.WhichOneof("kind") or "null_value"
    return _KINDS[kind](getattr(value, kind))
