# SPDX-License-Identifier: Apache-2.0
"""How large a tree is when it is written out: with YAML's aliases, little stands for much."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# A value counts as one and a text as its characters, too. ML Metadata takes much less.
MOST = 1_000_000
TOO_LARGE = f"is too large for settings, which are at most {MOST} values and characters"


def is_too_large(tree: Any) -> bool:
    """Whether a tree has more than MOST values and characters.

    What stands in several places counts in each of them, but is looked at once.

    Args:
      tree: Mappings and sequences, nested at will, also in themselves; anything
        else is a value.
    """
    if not _is_container(tree):
        return _size(tree) > MOST
    sizes: dict[int, int] = {}
    kept: list[Any] = []  # an id is good while its object is there
    waiting: list[tuple[Any, list[Any] | None]] = [(tree, None)]
    while waiting:
        container, parts = waiting.pop()
        if parts is not None:
            sizes[id(container)] = size = 1 + sum(sizes.get(id(p)) or _size(p) for p in parts)
            if size > MOST:
                return True
        elif id(container) not in sizes:
            sizes[id(container)] = 1  # where it stands in itself
            parts = list(itertools.islice(_parts(container), MOST))
            kept.append(parts)
            waiting.append((container, parts))
            waiting += [(part, None) for part in parts if _is_container(part)]
    return False


def _is_container(value: Any) -> bool:
    is_list = isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))
    return is_list or isinstance(value, Mapping)


def _parts(container: Mapping[Any, Any] | Sequence[Any]) -> Iterable[Any]:
    if isinstance(container, Mapping):
        return itertools.chain.from_iterable(container.items())
    return container


def _size(value: Any) -> int:
    return 1 + len(value) if isinstance(value, (str, bytes, bytearray)) else 1
