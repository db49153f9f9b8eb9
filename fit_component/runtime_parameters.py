# SPDX-License-Identifier: Apache-2.0
"""RuntimeParameters inside the dicts that the Trainer is given.

TFX's runners put values into execution properties, and only into whole ones.
So each parameter gets a property of its own, one further property tells which
fields it is for, and the executor puts the values back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tfx.orchestration import data_types
from tfx.proto import trainer_pb2
from tfx.types import standard_component_specs
from tfx.utils import proto_utils

from fit_component.errors import FitArgsError, Problem, raise_together
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import PROPERTY, Brought, Parameter, brought_values, fill, to_json

Fields = Mapping[str, Parameter]  # by the path of the field


class _Argument(NamedTuple):
    """An argument of the Trainer that may hold parameters."""

    message: Any
    to_json: Any


_ARGUMENTS: Mapping[str, _Argument] = {
    standard_component_specs.TRAIN_ARGS_KEY: _Argument(FitArgs, to_json),
    standard_component_specs.EVAL_ARGS_KEY: _Argument(
        trainer_pb2.EvalArgs, proto_utils.proto_to_json
    ),
}


def mark(tree: Any) -> Any:
    """Copies dicts and lists, with each RuntimeParameter as a Parameter."""
    if isinstance(tree, data_types.RuntimeParameter):
        return Parameter(tree.name, tree.ptype, tree.default, tree.description)
    if isinstance(tree, Mapping):
        return {key: mark(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [mark(value) for value in tree]
    return tree


def execution_properties(arguments: Mapping[str, Fields]) -> dict[str, Any]:
    """The execution properties in which the runners put the values.

    Args:
      arguments: By the Trainer's argument, the fields that parameters bring.

    Returns:
      A RuntimeParameter for each parameter and argument, and the map from
      their names to the fields; nothing if there are no parameters.

    Raises:
      FitArgsError: If two parameters of one name differ: a runner knows them
        by their names.
    """
    _refuse_ambiguity(arguments)
    properties: dict[str, Any] = {}
    described: dict[str, dict[str, Any]] = {}
    for argument, fields in arguments.items():
        for parameter in dict.fromkeys(fields.values()):
            name = _unused(f"{argument}__{_slug(parameter.name)}", properties)
            properties[name] = _runtime_parameter(parameter)
            described[name] = {
                "argument": argument,
                "fields": [path for path, other in fields.items() if other == parameter],
                "parameter": parameter.name,
            }
    return {**properties, PROPERTY: json.dumps(described)} if described else {}


def put_back(
    exec_properties: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, dict[str, Brought]]]:
    """Puts the values of parameters into the arguments that they belong to.

    Args:
      exec_properties: The execution properties, with values.

    Returns:
      The properties that the stock executor knows, their arguments complete;
      and what was brought, by argument and by the path of the field.

    Raises:
      FitArgsError: If a value is missing, or wrong by itself or together with
        other settings.
    """
    own, brought = brought_values(exec_properties, _value)
    complete = {name: value for name, value in exec_properties.items() if name not in own}
    errors = []
    for argument, fields in brought.items():
        try:
            complete[argument] = _complete(argument, complete[argument], fields)
        except FitArgsError as error:
            errors.append(error)
    raise_together(errors, "Trainer")
    return complete, brought


def _complete(argument: str, stored: str, fields: Mapping[str, Brought]) -> str:
    """An argument's JSON with the values that were brought."""
    _refuse_missing(argument, fields)
    kind = _ARGUMENTS[argument]
    completed: str = kind.to_json(fill(stored, fields, kind.message(), argument))
    return completed


def _refuse_ambiguity(arguments: Mapping[str, Fields]) -> None:
    known: dict[str, Parameter] = {}
    problems = []
    for argument, path, parameter in _each(arguments):
        first = known.setdefault(parameter.name, parameter)
        if (first.ptype, first.default) != (parameter.ptype, parameter.default):
            message = "has the name of another one, whose type or default differs; rename one"
            problems.append(Problem(f"{argument}.{path}", message, parameter))
    if problems:
        raise FitArgsError(problems, "Trainer")


def _each(arguments: Mapping[str, Fields]) -> Iterator[tuple[str, str, Parameter]]:
    for argument, fields in arguments.items():
        for path, parameter in fields.items():
            yield argument, path, parameter


def _refuse_missing(argument: str, fields: Mapping[str, Brought]) -> None:
    problems = [
        Problem(
            path,
            f"RuntimeParameter {brought.name!r} was given no value and has no default; give it one",
        )
        for path, brought in fields.items()
        if brought.value is None
    ]
    if problems:
        raise FitArgsError(problems, argument)


def _slug(name: str) -> str:
    """A name in what every runner takes: a to z, digits and underscores."""
    return "".join(
        letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower()
    )


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def _runtime_parameter(parameter: Parameter) -> data_types.RuntimeParameter:
    default = parameter.default
    if default is not None:
        default = _KEPT[parameter.ptype](default)
    return data_types.RuntimeParameter(
        parameter.name, parameter.ptype, default, parameter.description
    )


def _value(stored: Any) -> Any:
    # TFX's InteractiveContext gives the executor the parameter itself.
    if not isinstance(stored, data_types.RuntimeParameter):
        return stored
    return None if stored.default is None else stored.ptype(stored.default)


class _KeptInt(int):
    """A default that counts as one: TFX's compiler drops those that are false."""

    def __bool__(self) -> bool:
        return True


class _KeptFloat(float):
    """As _KeptInt."""

    def __bool__(self) -> bool:
        return True


class _KeptStr(str):
    """As _KeptInt."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True


_KEPT: Mapping[type | None, Any] = {int: _KeptInt, float: _KeptFloat, str: _KeptStr}
