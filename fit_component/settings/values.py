# SPDX-License-Identifier: Apache-2.0
"""Values of a tree that protobuf keeps as messages of its own: durations, and keyword arguments."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.settings import descriptors
from fit_component.settings.durations import read_duration
from fit_component.settings.parameters import OpenProblem, Parameter
from fit_component.settings.paths import is_name
from fit_component.settings.repeated_keys import repeated_keys
from fit_component.settings.scalars import WrongValueError, read_text
from fit_component.settings.value_checks import MOST_LEVELS, TOO_DEEP, too_deep

_LARGEST = 2**53  # the integers up to which a double holds each


def read_struct(value: Any, message: Message, path: str) -> list[Problem]:
    """Reads a mapping into a Struct, strictly; returns the problems, one for each Parameter."""
    try:
        return _read_struct(value, message, path, 0)
    except _TooDeepError as error:
        return [Problem(str(error), TOO_DEEP)]


def set_in_struct(keys: Sequence[str], value: Any, message: Any, path: str) -> list[Problem]:
    """Sets what stands below some keys of a Struct; returns the problems.

    Args:
      keys: One for each level; mappings that are not there yet are made.
      value: What to set.
      message: The Struct.
      path: Where it stands.
    """
    try:
        return _set_in_struct(keys, value, message, path, 0)
    except _TooDeepError as error:
        return [Problem(str(error), TOO_DEEP)]


class _TooDeepError(Exception):
    """Where the nesting goes on; what holds itself has no end."""


def _read_struct(value: Any, message: Message, path: str, depth: int) -> list[Problem]:
    if isinstance(value, Message) and value.DESCRIPTOR.full_name == descriptors.STRUCT:
        problems = too_deep(value, path)
        if not problems:
            message.MergeFromString(value.SerializeToString())
        return problems
    if not isinstance(value, Mapping):
        return [Problem(path, "must be a mapping of arguments to values", value)]
    problems = []
    for key, element in value.items():
        problems += _set_in_struct([key], element, message, path, depth)
    return problems + repeated_keys(value, path)


def _set_in_struct(
    keys: Sequence[Any], value: Any, message: Any, path: str, depth: int
) -> list[Problem]:
    """Does so in a Struct that stands in `depth` mappings and lists; a Parameter sets nothing."""
    key, rest = keys[0], keys[1:]
    inner = descriptors.join(path, descriptors.key_text(key))
    if not isinstance(key, str):
        return [Problem(inner, "the key must be a string; put it in quotes", value)]
    try:
        read_text(key)
    except WrongValueError as error:
        return [Problem(inner, f"the key {error}", value)]
    if depth == MOST_LEVELS:
        raise _TooDeepError(inner)
    if not rest:
        problems = _set_key(key, value, message, inner, depth + 1)
    else:
        held = message.fields[key]
        if held.WhichOneof("kind") not in (None, "struct_value"):
            return [Problem(inner, f"is no mapping, so it has no {rest[0]}")]
        problems = _set_in_struct(rest, value, held.struct_value, inner, depth + 1)
    if is_name(key):
        return problems
    return _refused(problems, f"a RuntimeParameter needs a plain name as its key, not {key!r}")


def _set_key(key: str, value: Any, message: Any, path: str, depth: int) -> list[Problem]:
    if isinstance(value, Parameter):
        typed = replace(value, ptype=value.ptype or str)
        return [OpenProblem(path, "has no value yet", typed)]
    return _set(value, message.fields[key], path, depth)


def _set(value: Any, held: Any, path: str, depth: int) -> list[Problem]:
    """Sets a google.protobuf.Value."""
    held.Clear()
    if value is None:
        held.null_value = 0
    elif isinstance(value, bool):
        held.bool_value = value
    elif isinstance(value, numbers.Real):
        number = _number(value)
        if number is None:
            bounds = f"between -{_LARGEST} and {_LARGEST}"
            return [Problem(path, f"must be finite and, if whole, {bounds}", value)]
        held.number_value = number
    elif isinstance(value, str):
        try:
            held.string_value = read_text(value)
        except WrongValueError as error:
            return [Problem(path, str(error), value)]
    elif isinstance(value, Mapping):
        held.struct_value.SetInParent()
        return _read_struct(value, held.struct_value, path, depth)
    elif isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        held.list_value.SetInParent()
        return _set_list(value, held.list_value.values, path, depth)
    else:
        kinds = "a number, text, true, false, null, a list or a mapping"
        return [Problem(path, f"must be {kinds}", value)]
    return []


def _number(value: Any) -> float | None:
    """A number as a double; None if it has to be another one there."""
    if isinstance(value, numbers.Integral) and not -_LARGEST <= int(value) <= _LARGEST:
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # a fraction of large numbers
        return None


def _set_list(value: Sequence[Any], elements: Any, path: str, depth: int) -> list[Problem]:
    problems: list[Problem] = []
    for index, element in enumerate(value):
        inner = f"{path}[{index}]"
        if depth == MOST_LEVELS:
            raise _TooDeepError(inner)
        if isinstance(element, Parameter):
            problems.append(OpenProblem(inner, "has no value yet", element))
        else:
            problems += _set(element, elements.add(), inner, depth + 1)
    whole = "stands in a list, which is given whole; give what it brings an argument of its own"
    return _refused(problems, whole)


def _refused(problems: list[Problem], reason: str) -> list[Problem]:
    """The problems, in which those of Parameters, which no path leads to, are for good."""
    return [Problem(p.path, reason, p.value) if isinstance(p, OpenProblem) else p for p in problems]


READERS: Mapping[str, Callable[[Any, Message, str], list[Problem]]] = {
    descriptors.DURATION: read_duration,
    descriptors.STRUCT: read_struct,
}
