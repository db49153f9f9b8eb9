# SPDX-License-Identifier: Apache-2.0
"""Single values of a tree into what a scalar field holds, strictly."""

from __future__ import annotations

import numbers
import re
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from fit_component.settings import descriptors
from fit_component.settings.parameters import ParameterText

_INTEGERS = {FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1)}
_NUMBERS = (FieldDescriptor.TYPE_DOUBLE,)
_WRITTEN_BOOLS = {"true": True, "false": False}

# Values of Keras' arguments that are written another way here.
_SPELLED = {
    ("save_freq", "epoch"): "leave it out: unset is Keras' 'epoch'",
    ("update_freq", "epoch"): "leave it out: unset is Keras' 'epoch'",
    ("update_freq", "batch"): "write 1, which is Keras' 'batch'",
    ("jit_compile", "auto"): "leave it out: unset is Keras' 'auto'",
}


class WrongValueError(Exception):
    """A value that its field cannot hold; the message says what it can."""


def read_key(key: Any, field: FieldDescriptor) -> Any:
    """Converts the key of a map as `read_scalar` does; raises WrongValueError."""
    # JSON has only string keys.
    if field.type in _INTEGERS and isinstance(key, str) and re.fullmatch(r"-?\d{1,10}", key):
        key = int(key)
    return read_scalar(key, field)


def read_scalar(value: Any, field: FieldDescriptor) -> Any:
    """Converts a value to what a scalar field holds.

    Args:
      value: What was given.
      field: A field of type int32, double, bool, string or enum.

    Returns:
      The value to assign.

    Raises:
      WrongValueError: If the value is of another type or out of range.
    """
    if field.type in _INTEGERS:
        return _integer(value, field)
    if field.type in _NUMBERS:
        return _number(value)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return _bool(value, field)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return _enum(value, field.enum_type)
    if not isinstance(value, str):
        raise WrongValueError("must be a string; put it in quotes")
    return read_text(value)


def _bool(value: Any, field: FieldDescriptor) -> bool:
    if isinstance(value, ParameterText):
        value = _WRITTEN_BOOLS.get(value.lower(), value)
    if not isinstance(value, bool):
        hint = _SPELLED.get((field.name, value)) if isinstance(value, str) else None
        raise WrongValueError(f"must be true or false{f'; {hint}' if hint else ''}")
    return value


def _integer(value: Any, field: FieldDescriptor) -> int:
    low, high = _INTEGERS[field.type]
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        hint = _SPELLED.get((field.name, value)) if isinstance(value, str) else None
        raise WrongValueError(f"must be an integer{_repair(value, r'[-+]?[0-9]+', int, hint)}")
    number = int(value)
    if not low <= number <= high:
        raise WrongValueError(f"must be between {low} and {high}")
    return number


def _number(value: Any) -> float:
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise WrongValueError(f"must be a number{_repair(value, r'[-+.0-9eE]*[0-9]', float, None)}")
    try:
        return float(value)
    except OverflowError:
        raise WrongValueError("must be a finite number") from None


def _repair(value: Any, pattern: str, convert: Any, hint: Any) -> str:
    """The rest of an error's sentence: how to write the value instead."""
    if isinstance(value, str) and re.fullmatch(pattern, value):
        hint = "write it without quotes"
    elif convert is int and isinstance(value, float) and value.is_integer():
        hint = f"write {int(value)}"
    return f"; {hint}" if hint else ""


def _enum(value: Any, enum: EnumDescriptor) -> int:
    # Not `enum.values_by_name`, which raises for text that UTF-8 cannot hold.
    known = {v.name: int(v.number) for v in enum.values}
    allowed = ", ".join(f"{name} ({number})" for name, number in known.items())
    if isinstance(value, str):
        if value in known:
            return known[value]
        nearest = descriptors.nearest_name(value, known)
        meant = f"; did you mean {nearest}?" if nearest else ""
        raise WrongValueError(f"must be one of {allowed}{meant}")
    integral = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not integral or int(value) not in known.values():
        raise WrongValueError(f"must be one of {allowed}")
    return int(value)


def read_text(value: str) -> str:
    """Returns a text that a message can hold; raises WrongValueError of any other."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise WrongValueError("must be text that UTF-8 can hold") from None
    return value
