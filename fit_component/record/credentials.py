# SPDX-License-Identifier: Apache-2.0
"""Keeping credentials out of what many people see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

# The ends of names, so that `max_tokens` or `secretary` is none.
_NAME = re.compile(
    r"(authorization|cookie|credentials?|passphrase|password|passwd|secret|token"
    r"|(access|api|auth|private|secret)[-_ ]?key)$",
    re.IGNORECASE,
)


def masked(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """Replaces what has the name of a credential, such as `api_key`, by asterisks.

    Args:
      values: Values by their names, or by paths that end in them, at any
        depth; lists are looked through.

    Returns:
      The same, in the same order, with MASK for such values.
    """
    return {
        name: MASK if _NAME.search(str(name)) else _inside(value) for name, value in values.items()
    }


def _inside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return masked(value)
    return [_inside(element) for element in value] if isinstance(value, list) else value
