# SPDX-License-Identifier: Apache-2.0
"""All checks of settings that could be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.cross_checks import check_across
from fit_component.settings.field_checks import check_fields

_BEFORE_STEPS = re.compile(r"(?=[.\[])")

# Paths by their steps, with _END after the last one: so thousands of problems take no minutes.
_Tree = dict[str | None, Any]
_END = None


def check(message: Message, earlier: Sequence[Problem]) -> list[Problem]:
    """Checks each field and, of a FitArgs, the fields against each other.

    Args:
      message: Settings, unresolved.
      earlier: What went wrong in reading them, or is yet open.

    Returns:
      The problems, without those that may only come from an earlier one.
    """
    broken = _tree_of(path for other in earlier for path in (other.path, *other.related))
    return [problem for problem in _check(message) if not _follows(problem, broken)]


def _check(message: Message) -> Iterator[Problem]:
    yield from check_fields(message)
    if isinstance(message, FitArgs):
        yield from check_across(message)


def _tree_of(paths: Iterable[str]) -> _Tree:
    tree: _Tree = {}
    for path in paths:
        inner = tree
        for step in _steps(path):
            inner = inner.setdefault(step, {})
        inner[_END] = {}
    return tree


def _steps(path: str) -> list[str]:
    """Its parts; an empty path, which is that of the settings as a whole, has none."""
    return _BEFORE_STEPS.split(path) if path else []


def _follows(problem: Problem, broken: _Tree) -> bool:
    """Whether a check's problem may only come from one that reading met."""
    return any(_overlaps(path, broken) for path in (problem.path, *problem.related))


def _overlaps(path: str, tree: _Tree) -> bool:
    """Whether a path is one of the tree, leads into one, or one leads into it."""
    inner = tree
    for step in _steps(path):
        if _END in inner:
            return True
        if step not in inner:
            return False
        inner = inner[step]
    return bool(inner)


def overlap(one: str, other: str) -> bool:
    """Whether one path is the other, or leads into it."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith((f"{short}.", f"{short}["))
