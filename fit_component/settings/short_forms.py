# SPDX-License-Identifier: Apache-2.0
"""Messages into trees of dicts and lists: the way back from what `read_tree` reads."""

from __future__ import annotations

import math
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.releases import is_repeated
from fit_component.settings import descriptors
from fit_component.settings.durations import short_duration

_LARGEST = 2**53  # beyond it, not every whole number is a double


def tree_of(message: Message) -> dict[str, Any]:
    """Writes a message as a person would.

    Args:
      message: Checked settings, or a message inside them.

    Returns:
      The fields that are set, in the order of the contract and under its names:
      a constant learning rate as a number, a duration as `90m`, an enum's value
      by its name, whole numbers among keyword arguments as int. `read_tree`
      makes the same message of it.
    """
    return {field.name: _field(field, value) for field, value in message.ListFields()}


def _field(field: FieldDescriptor, value: Any) -> Any:
    known = descriptors.well_known(field)
    if descriptors.is_map(field):
        return dict(sorted(value.items()))
    if known == descriptors.DURATION:
        return short_duration(value)
    if known == descriptors.STRUCT:
        return arguments_of(value)
    if is_repeated(field):
        return [_single(field, element) for element in value]
    return _single(field, value)


def _single(field: FieldDescriptor, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_ENUM:
        return field.enum_type.values_by_number[value].name
    if not descriptors.is_message(field):
        return value
    short = descriptors.shorthand(field)
    if short is not None and value.HasField(short.name):
        return getattr(value, short.name)
    return tree_of(value)


def arguments_of(struct: Any) -> dict[str, Any]:
    """Keyword arguments as Python has them, whole numbers as int.

    Args:
      struct: A google.protobuf.Struct.
    """
    return {key: _argument(struct.fields[key]) for key in sorted(struct.fields)}


def _argument(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "null_value":
        return None
    if kind == "struct_value":
        return arguments_of(value.struct_value)
    if kind == "list_value":
        return [_argument(element) for element in value.list_value.values]
    return _number(value.number_value) if kind == "number_value" else getattr(value, kind)


def _number(number: float) -> int | float:
    is_minus_zero = number == 0 and math.copysign(1, number) < 0
    whole = number.is_integer() and abs(number) <= _LARGEST and not is_minus_zero
    return int(number) if whole else number
