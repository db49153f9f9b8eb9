# SPDX-License-Identifier: Apache-2.0
"""Durations: how they are read from a tree, written and checked."""

from __future__ import annotations

import datetime
import numbers
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.settings import descriptors

_DURATION = re.compile(
    r"(?:(?P<h>[0-9]{1,12})h)?(?:(?P<m>[0-9]{1,12})m)?(?:(?P<s>[0-9]{1,12}(?:\.[0-9]{1,9})?)s)?"
)
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_MOST_HOURS = 87_660_000  # 10,000 years, the most that protobuf writes as JSON


def read_duration(value: Any, message: Any, path: str) -> list[Problem]:
    """Reads `90m`, `1h30m`, `5400s` or a timedelta into a Duration; returns the problems."""
    if isinstance(value, Message) and value.DESCRIPTOR.full_name == descriptors.DURATION:
        message.MergeFromString(value.SerializeToString())
        return []
    nanos = _nanos(value)
    if nanos is None:
        meant = f"{descriptors.key_text(value)}s" if isinstance(value, numbers.Real) else ""
        hint = f'; write "{meant}" for seconds' if _nanos(meant) else ""
        return [Problem(path, f"must be a duration such as 90s, 30m or 1h30m{hint}", value)]
    message.seconds, message.nanos = divmod(nanos, 10**9)
    return []


def _nanos(value: Any) -> int | None:
    """A duration in nanoseconds; None if the value is none."""
    if isinstance(value, datetime.timedelta):
        return value // datetime.timedelta(microseconds=1) * 1000
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        return None
    parts = match.groupdict(default="0")
    return sum(int(Decimal(parts[unit]) * 10**9) * factor for unit, factor in _SECONDS.items())


def short_duration(duration: Any) -> str:
    """A google.protobuf.Duration in the largest unit of which it is a whole number: `90m`.

    Args:
      duration: One that is checked. A part of a second is written as one.
    """
    if not duration.nanos:
        for unit in ("h", "m"):
            if duration.seconds % _SECONDS[unit] == 0:
                return f"{duration.seconds // _SECONDS[unit]}{unit}"
    return duration_text(duration)


def duration_seconds(duration: Any) -> float:
    """A google.protobuf.Duration in seconds."""
    return float(duration.seconds + duration.nanos / 10**9)


def duration_text(duration: Any) -> str:
    """A google.protobuf.Duration in seconds, as it would be written in a tree."""
    return f"{Decimal(duration.seconds) + Decimal(duration.nanos) / 10**9:f}s"


def check_duration(duration: Any, path: str) -> Iterator[Problem]:
    """Yields the problems of a google.protobuf.Duration, which text and bytes can fill at will."""
    nanos = duration.seconds * 10**9 + duration.nanos
    if not 0 <= duration.nanos < 10**9:
        yield Problem(path, f"must have 0 to 999999999 nanos, not {duration.nanos}")
    elif not 0 < nanos <= _MOST_HOURS * 3600 * 10**9:
        message = f"must be longer than 0s and at most {_MOST_HOURS}h"
        yield Problem(path, message, duration_text(duration))
