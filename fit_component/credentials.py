# SPDX-License-Identifier: Apache-2.0
"""Keeping credentials out of what many people see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "***"

# The ends of names, so that `max_tokens` or `secretary` is none.
_END = (
    r"(?:authorization|cookie|credentials?|passphrase|password|passwd|secret|token"
    r"|(?:access|api|auth|private|secret)[-_ ]?key)"
)
_NAME = re.compile(rf"{_END}$", re.IGNORECASE)
_STEP = re.compile(rf"{_END}(?=$|[.\[\]])", re.IGNORECASE)
_WRITTEN = re.compile(rf"({_END}[\"']?\s*[:=]\s*).+", re.IGNORECASE | re.DOTALL)

# Shorter ones would stand in a text by chance.
_SHORTEST = 6


def is_credential(name: Any) -> bool:
    """Whether something has the name of a credential, such as `api_key`."""
    return isinstance(name, str) and _NAME.search(name) is not None


def leads_to_credential(path: str) -> bool:
    """Whether a path leads to one, such as `callbacks[0].custom.kwargs.api_key`, or into it."""
    return _STEP.search(path) is not None


def masked(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Replaces what has the name of a credential, such as `api_key`, by asterisks.

    Args:
      values: Values by their names, or by paths that end in them, at any
        depth; lists are looked through.

    Returns:
      The same, in the same order, with MASK for such values.
    """
    return {name: MASK if is_credential(name) else _inside(value) for name, value in values.items()}


def masked_at(path: str, value: Any) -> Any:
    """Masks a value that stands at a path, or what it holds.

    Args:
      path: Such as `callbacks[0].custom.kwargs.api_key`.
      value: As in `masked`, or anything else.
    """
    if leads_to_credential(path):
        return MASK
    return masked_text(value) if isinstance(value, str) else _inside(value)


def masked_text(text: str) -> str:
    """Masks a text from where a credential is written in it, as in `{api_key: abc`."""
    return _WRITTEN.sub(rf"\1{MASK}", text)


def without(texts: Iterable[str], text: str) -> str:
    """Masks texts, such as the values of credentials, in another one.

    Args:
      texts: What is to be masked, and each word of it; what is too short to
        tell it from other words stays.
      text: What they may stand in.
    """
    parts = {part for hidden in texts for part in (hidden, *hidden.split())}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, MASK) if len(part) >= _SHORTEST else text
    return text


def _inside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return masked(value)
    return [_inside(element) for element in value] if isinstance(value, list) else value
