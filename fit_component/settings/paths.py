# SPDX-License-Identifier: Apache-2.0
"""The grammar of paths such as `callbacks[0].tensorboard.embeddings_metadata[a.b]`."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_NAME = re.compile(r"[^\W\d]\w*")
_KEY = re.compile(r"[^\[\]]+")
_STEP = re.compile(rf"({_NAME.pattern})(?:\[({_KEY.pattern})\])?(\.|\Z)")


class Step(NamedTuple):
    """One part of a path: a field's name, and an index or a key inside it."""

    name: str
    inside: str | None


def read_path(path: Any) -> list[Step] | None:
    """The steps of a path; None if it is none."""
    if not isinstance(path, str):
        return None
    steps, at, goes_on = [], 0, True
    while goes_on:
        match = _STEP.match(path, at)
        if match is None:
            return None
        steps.append(Step(match[1], match[2]))
        at, goes_on = match.end(), bool(match[3])
    return steps


def is_name(text: str) -> bool:
    """Whether a text can be a step by itself."""
    return _NAME.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether a text can stand in the brackets of a step."""
    return _KEY.fullmatch(text) is not None
