# SPDX-License-Identifier: Apache-2.0
"""All checks of settings that could be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.cross_checks import check_across
from fit_component.settings.field_checks import check_fields


def check(message: Message, earlier: Sequence[Problem]) -> list[Problem]:
    """Checks each field and, of a FitArgs, the fields against each other.

    Args:
      message: Settings, unresolved.
      earlier: What went wrong in reading them, or is yet open.

    Returns:
      The problems, without those that may only come from an earlier one.
    """
    return [problem for problem in _check(message) if not _follows(problem, earlier)]


def _check(message: Message) -> Iterator[Problem]:
    yield from check_fields(message)
    if isinstance(message, FitArgs):
        yield from check_across(message)


def _follows(problem: Problem, earlier: Sequence[Problem]) -> bool:
    """Whether a check's problem may only come from one that reading met."""
    paths = (problem.path, *problem.related)
    broken = [path for other in earlier for path in (other.path, *other.related)]
    # A problem of an empty path is one of the settings as a whole.
    return any(not other or overlap(one, other) for one in paths for other in broken)


def overlap(one: str, other: str) -> bool:
    """Whether one path is the other, or leads into it."""
    short, long = sorted((one, other), key=len)
    return long == short or long.startswith((f"{short}.", f"{short}["))
