# SPDX-License-Identifier: Apache-2.0
"""Keys that stand in a JSON object twice, of which Python's parser keeps the last."""

from __future__ import annotations

from typing import Any

from fit_component.errors import Problem
from fit_component.settings import descriptors


class RepeatedKeys(dict[str, Any]):
    """A JSON object in which keys are given twice; of their values the last is here.

    Attributes:
      repeated: Those keys.
    """

    repeated: tuple[str, ...] = ()


def repeated_keys(tree: Any, path: str) -> list[Problem]:
    """The problems of the keys that are given twice in a tree, which stands at a path."""
    keys = tree.repeated if isinstance(tree, RepeatedKeys) else ()
    return [Problem(descriptors.join(path, key), "is given twice; keep one") for key in keys]
