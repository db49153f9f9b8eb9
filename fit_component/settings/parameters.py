# SPDX-License-Identifier: Apache-2.0
"""Single values that are only known when the pipeline runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from fit_component.errors import Problem
from fit_component.settings import descriptors


@dataclass(frozen=True)
class Parameter:
    """Stands in a tree where a runtime parameter will bring the value.

    Attributes:
      name: The runtime parameter.
      ptype: What it brings: int, float or str; None for what the field takes.
      default: What it brings if it is given nothing; None if there is none.
      description: What it is for.
    """

    name: str
    ptype: type | None = None
    default: Any = None
    description: str | None = None

    def __repr__(self) -> str:
        return f"RuntimeParameter({self.name!r})"


class ParameterText(str):
    """Text that a runtime parameter brought; of these, `true` and `false` can be bools."""

    __slots__ = ()


class OpenProblem(Problem):
    """A known setting whose value is yet to be brought; `value` is the Parameter."""


# What the values of a field can come as; the first is the one to advise.
_PTYPES: Mapping[int, tuple[type, ...]] = {
    FieldDescriptor.TYPE_INT32: (int,),
    FieldDescriptor.TYPE_DOUBLE: (float, int),
    FieldDescriptor.TYPE_STRING: (str,),
    FieldDescriptor.TYPE_BOOL: (str,),
    FieldDescriptor.TYPE_ENUM: (str, int),
}


def open_value(parameter: Parameter, field: FieldDescriptor, path: str) -> Problem:
    """What is to be said of a single value that a parameter will bring.

    Args:
      parameter: The parameter.
      field: The field that holds the value, also as one of several.
      path: Where in the settings the value stands.

    Returns:
      An OpenProblem, whose parameter has a ptype, or the problem that such a
      parameter cannot bring this.
    """
    allowed = _ptypes(field)
    if allowed is None:
        return no_single_value(parameter, field, path)
    ptype = parameter.ptype or allowed[0]
    if ptype not in allowed:
        wrong = (
            f"brings a value of type {ptype.__name__}, which cannot stand here; "
            f"write RuntimeParameter({parameter.name!r}, ptype={allowed[0].__name__})"
        )
        return Problem(path, wrong, parameter)
    return OpenProblem(path, "has no value yet", replace(parameter, ptype=ptype))


def no_single_value(parameter: Parameter, field: FieldDescriptor, path: str) -> Problem:
    """The problem of a parameter in place of a list, a mapping or a message."""
    if _ptypes(field):
        deeper = f"put it in the list: [{parameter!r}]"
    else:
        deeper = "give the settings inside RuntimeParameters of their own"
    message = f"is one value, and several belong here; {deeper}"
    return Problem(path, message, parameter)


def _ptypes(field: FieldDescriptor) -> tuple[type, ...] | None:
    if descriptors.well_known(field) == descriptors.DURATION:
        return (str,)
    return _PTYPES.get(field.type)


def stand_in(field: FieldDescriptor) -> Any:
    """What keeps the place of an element of a list until its value is brought."""
    return "" if field.type == FieldDescriptor.TYPE_STRING else 0
