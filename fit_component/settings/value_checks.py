# SPDX-License-Identifier: Apache-2.0
"""Checks of values that protobuf keeps as messages of its own: durations, and keyword arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.settings import descriptors
from fit_component.settings.durations import check_duration

# How deep mappings and lists of keyword arguments may be nested. Each level is three messages, and
# protobuf reads no more than 100 inside each other.
MOST_LEVELS = 20
TOO_DEEP = f"is nested too deeply; {MOST_LEVELS} levels are the most"


def too_deep(message: Message, path: str) -> list[Problem]:
    """The problems of Structs that protobuf could not copy; some of its releases crash.

    Args:
      message: A Struct, or a message that may hold some.
      path: Where it stands.
    """
    structs = [
        (descriptors.join(at, field.name), value)
        for at, inner in descriptors.messages_in(message, path)
        for field, value in inner.ListFields()
        if descriptors.well_known(field) == descriptors.STRUCT
    ]
    if message.DESCRIPTOR.full_name == descriptors.STRUCT:
        structs = [(path, message)]
    problems = (problem for at, struct in structs for problem in _check_struct(struct, at))
    return [problem for problem in problems if problem.message == TOO_DEEP]


def _check_struct(struct: Any, path: str, depth: int = 1) -> Iterator[Problem]:
    """Yields the problems of a Struct, which text and bytes can fill at will."""
    for key, value in sorted(struct.fields.items()):
        yield from _check_value(value, descriptors.join(path, key), depth)


def _check_value(value: Any, path: str, depth: int) -> Iterator[Problem]:
    kind = value.WhichOneof("kind")
    if depth > MOST_LEVELS:
        yield Problem(path, TOO_DEEP)
    elif kind is None:
        yield Problem(path, "has no value; take it out, or set null_value for Python's None")
    elif kind == "number_value" and not math.isfinite(value.number_value):
        yield Problem(path, "must be a finite number", value.number_value)
    elif kind == "struct_value":
        yield from _check_struct(value.struct_value, path, depth + 1)
    elif kind == "list_value":
        for index, element in enumerate(value.list_value.values):
            yield from _check_value(element, f"{path}[{index}]", depth + 1)


CHECKS: Mapping[str, Callable[[Any, str], Iterator[Problem]]] = {
    descriptors.DURATION: check_duration,
    descriptors.STRUCT: _check_struct,
}
