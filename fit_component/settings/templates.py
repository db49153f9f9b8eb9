# SPDX-License-Identifier: Apache-2.0
"""Settings of which runtime parameters bring some values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from fit_component.errors import FitArgsError, Problem
from fit_component.settings.checks import check, overlap
from fit_component.settings.formats import parse_json_tree
from fit_component.settings.overrides import apply_overrides
from fit_component.settings.parameters import OpenProblem, Parameter, ParameterText
from fit_component.settings.tree import read_tree

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Template(Generic[M]):
    """Settings without the values that runtime parameters will bring.

    Attributes:
      message: All other settings. In a list, an empty element keeps the place.
      parameters: By path, what will bring the value; each with a ptype.
    """

    message: M
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True)
class Brought:
    """A value that a runtime parameter brought.

    Attributes:
      name: The runtime parameter.
      value: An int, a float or a string.
    """

    name: str
    value: Any


def read_template(tree: Mapping[str, Any], message: M, source: str) -> Template[M]:
    """Reads settings with Parameters in them, and checks them with their defaults.

    What depends on a parameter without a default is not checked yet.

    Args:
      tree: The settings; a Parameter stands for a single value, at any depth.
      message: Empty; receives the settings.
      source: What errors call the settings.

    Raises:
      FitArgsError: With all problems, those of the defaults among them.
    """
    found = read_tree(tree, message)
    still_open = [problem for problem in found if isinstance(problem, OpenProblem)]
    parameters: dict[str, Parameter] = {problem.path: problem.value for problem in still_open}
    defaults = {
        path: Brought(parameter.name, parameter.default)
        for path, parameter in parameters.items()
        if parameter.default is not None
    }
    unknown = [problem for problem in still_open if problem.path not in defaults]
    problems = [problem for problem in found if not isinstance(problem, OpenProblem)]
    filled, put = _put(message, defaults)
    problems += put
    problems += check(filled, [*problems, *unknown])
    _raise(problems, defaults, source)
    return Template(message, parameters)


def fill(stored: str, values: Mapping[str, Brought], message: M, source: str) -> M:
    """Puts the values that parameters brought into settings, and checks all of them.

    Args:
      stored: The message of a Template, as JSON.
      values: By path.
      message: Empty; its type is that of the settings.
      source: What errors call the settings.

    Returns:
      The whole settings.

    Raises:
      FitArgsError: With all problems, which name the parameters, too.
    """
    problems = read_tree(parse_json_tree(stored, source), message)
    filled, put = _put(message, values)
    problems += put
    problems += check(filled, problems)
    _raise(problems, values, source)
    return filled


def _put(message: M, values: Mapping[str, Brought]) -> tuple[M, list[Problem]]:
    """Copies settings with values at their paths; returns the problems, too."""
    filled = type(message)()
    filled.CopyFrom(message)
    return filled, apply_overrides({path: _readable(b.value) for path, b in values.items()}, filled)


def _readable(value: Any) -> Any:
    return ParameterText(value) if isinstance(value, str) else value


def _raise(problems: Sequence[Problem], values: Mapping[str, Brought], source: str) -> None:
    """Raises the problems, if there are any, naming the parameters that have a part in them."""
    if problems:
        raise FitArgsError([_naming(problem, values) for problem in problems], source)


def _naming(problem: Problem, values: Mapping[str, Brought]) -> Problem:
    concerned = (problem.path, *problem.related)
    notes = [
        f"{'' if path == problem.path else f'{path} comes '}from RuntimeParameter {brought.name!r}"
        for path, brought in values.items()
        if any(overlap(path, other) for other in concerned)
    ]
    note = f" ({', '.join(notes)})" if notes else ""
    return replace(problem, message=problem.message + note)
