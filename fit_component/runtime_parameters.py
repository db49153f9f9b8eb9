# SPDX-License-Identifier: Apache-2.0
"""RuntimeParameters inside a dict of settings.

TFX stores such a parameter as JSON text of the parameter object, in which no
runner puts a value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tfx.orchestration import data_types

from fit_component.settings.tree import Unresolved

_CLASS = data_types.RuntimeParameter.__name__


def mark(tree: Any) -> Any:
    """Copies a tree, with RuntimeParameters as Unresolved.

    Args:
      tree: Dicts and lists, as a pipeline gives them.
    """
    if isinstance(tree, data_types.RuntimeParameter):
        return Unresolved(tree.name)
    return _map_children(mark, tree)


def with_lists(tree: Any) -> Any:
    """Copies a tree with its tuples as lists, which TFX's type check wants."""
    return _map_children(with_lists, tree)


def mark_stored(train_args: str) -> str | Any:
    """Finds RuntimeParameters in a stored execution property.

    Args:
      train_args: The JSON of the execution property.

    Returns:
      The string itself if it holds none, else the tree with Unresolved in
      their place.
    """
    if _CLASS not in train_args:
        return train_args
    try:
        return _mark_dumped(json.loads(train_args))
    except ValueError:
        return train_args


def _mark_dumped(value: Any) -> Any:
    if isinstance(value, str) and _CLASS in value:
        # A parameter of type str is dumped as a string of JSON.
        try:
            inner = json.loads(value)
        except ValueError:
            return value
        return _mark_dumped(inner) if isinstance(inner, dict) else value
    if isinstance(value, dict) and value.get("__class__") == _CLASS:
        return Unresolved(str(value.get("name")))
    return _map_children(_mark_dumped, value)


def _map_children(function: Any, tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: function(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [function(value) for value in tree]
    return tree
