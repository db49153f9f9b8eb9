# SPDX-License-Identifier: Apache-2.0
"""Trees into YAML that YAML 1.2 and YAML 1.1 read the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from fit_component.settings.yaml_tree import RESOLVERS

_WIDTH = 100


class _Dumper(yaml.SafeDumper):
    """A safe dumper that quotes what either version would not read as text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Equal parts are written out."""
        return True

    def serialize(self, node: Any) -> None:
        """Writes a document; its fields have lines of their own also where all are scalars."""
        if node.value:
            node.flow_style = False
        super().serialize(node)


def _represent_text(dumper: _Dumper, text: str) -> Any:
    # Without quotes or in single ones, some of the characters that end a line become another.
    style = None if text.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
for _tag, _pattern, _first in RESOLVERS:
    _Dumper.add_implicit_resolver(_tag, _pattern, list(_first))


def to_yaml(tree: Mapping[str, Any]) -> str:
    """Writes a tree as a YAML document.

    Args:
      tree: Dicts with keys of text or int, lists, text, numbers, booleans and
        None.

    Returns:
      A field a line; what holds only scalars is in braces: `{patience: 3}`.
    """
    text: str = yaml.dump(
        tree,
        Dumper=_Dumper,
        default_flow_style=None,
        allow_unicode=True,
        sort_keys=False,
        width=_WIDTH,
    )
    return text
