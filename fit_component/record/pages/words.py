# SPDX-License-Identifier: Apache-2.0
"""Values as a page's reader reads them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from fit_component.record import runs

_REASONS = {
    runs.ALL_EPOCHS: "all epochs were run",
    runs.MAX_STEPS: "max_steps was reached",
    runs.MAX_TIME: "max_time was over",
    runs.DATA_ENDED: "the data ended",
    runs.STOP_TRAINING: "the module set stop_training",
    runs.RUNNING: "it has not ended",
}


def value_text(value: Any) -> str:
    """A number to four significant digits, any other value as it is; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if 10_000 <= abs(value) < 10**9 else f"{value:.4g}"
    return str(value)


def duration_text(seconds: float) -> str:
    """Seconds in the units that a person would take, such as `1 h 2 min` or `4.2 s`."""
    if seconds < 59.5:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60:,} h {minutes % 60} min"


def moment_text(moment: str) -> str:
    """A time in UTC, such as `2026-01-31 12:00:00 UTC`, of `2026-01-31T12:00:00Z`."""
    return moment.replace("T", " ").replace("Z", " UTC").replace("+00:00", " UTC")


def reason_text(stop_reason: str) -> str:
    """Why a fit ended, in words."""
    kind, _, name = stop_reason.partition(":")
    if kind == "callback":
        return f"{name} stopped it"
    if kind == "exception":
        return f"{name} was raised"
    return _REASONS.get(stop_reason, stop_reason)


def ranges_text(numbers: Iterable[int]) -> str:
    """Rising whole numbers with what lies together joined, such as `3, 7 to 9`."""
    rising = list(numbers)
    starts = [rising[0], *(b for a, b in pairwise(rising) if b != a + 1)] if rising else []
    ends = [*(a for a, b in pairwise(rising) if b != a + 1), rising[-1]] if rising else []
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True))


def count_text(number: int, noun: str) -> str:
    """A number of things, such as `1 epoch` or `2 epochs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
