# SPDX-License-Identifier: Apache-2.0
"""YAML 1.2's core schema on PyYAML's safe loader.

PyYAML follows YAML 1.1, in which `1e-3` is a string, `010` is 8, `no` is false
and the last of two equal keys wins silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml
from yaml.constructor import ConstructorError


class _Loader(yaml.SafeLoader):
    """A safe loader with resolvers of its own that refuses equal keys."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Constructs a mapping from a node; `deep` is PyYAML's."""
        if not isinstance(node, yaml.MappingNode):
            raise ConstructorError(None, None, "must be a mapping", node.start_mark)
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            key = self.construct_object(key_node)  # 0 and 00 are the same key
            if isinstance(key, (list, dict)):  # an explicit tag
                raise ConstructorError(None, None, "a key must be a word", key_node.start_mark)
            if key in seen:
                twice = f"{key_node.value} is given twice; keep one"
                raise ConstructorError(None, None, twice, key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


# Neither the resolvers nor the constructors of YAML 1.1's further types, such as dates.
_Loader.yaml_implicit_resolvers = {}
_Loader.yaml_constructors = {
    tag: constructor
    for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in ("null", "str", "seq", "map")
}


def _scalar(kind: str, convert: Callable[[str], Any]) -> Callable[[_Loader, Any], Any]:
    def construct(loader: _Loader, node: Any) -> Any:
        try:
            return convert(loader.construct_scalar(node))
        except (KeyError, ValueError):  # an explicit tag on another text, or 5,000 digits
            message = f"cannot be read as {kind}"
            raise ConstructorError(None, None, message, node.start_mark) from None

    return construct


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _number(text: str) -> float:
    return float(re.sub(r"\.(?=inf|nan)", "", text.lower()))


# https://yaml.org/spec/1.2.2/#1032-tag-resolution, without octal and
# hexadecimal integers, which no setting is written in: each tag with the words that have it, and
# the first characters of those.
RESOLVERS: Sequence[tuple[str, re.Pattern[str], Sequence[str]]] = (
    (
        "tag:yaml.org,2002:null",
        re.compile(r"^(?:~|null|Null|NULL|)$"),
        ["~", "n", "N", ""],
    ),
    (
        "tag:yaml.org,2002:bool",
        re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"),
        list("tTfF"),
    ),
    (
        "tag:yaml.org,2002:int",
        re.compile(r"^[-+]?[0-9]+$"),
        list("-+0123456789"),
    ),
    (
        "tag:yaml.org,2002:float",
        re.compile(
            r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
        ),
        list("-+.0123456789"),
    ),
)
for _tag, _pattern, _first in RESOLVERS:
    _Loader.add_implicit_resolver(_tag, _pattern, _first)
for _tag, _kind, _convert in (
    ("bool", "true or false", _truth),
    ("int", "an integer", int),
    ("float", "a number", _number),
):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _scalar(_kind, _convert))


def load_yaml(text: str) -> Any:
    """Loads one YAML document.

    Args:
      text: The document.

    Returns:
      Dicts, lists, strings, numbers, booleans and None.

    Raises:
      yaml.YAMLError: If it is no YAML, holds equal keys, or asks for objects
        other than these.
    """
    return yaml.load(text, Loader=_Loader)
