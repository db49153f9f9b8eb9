# SPDX-License-Identifier: Apache-2.0
"""Checks of which fields of one message are set together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.releases import is_repeated
from fit_component.settings import descriptors
from fit_component.settings.rules import EXCLUSIVE, NEEDED, REQUIRED

_TRUE = {
    FieldDescriptor.TYPE_BOOL: "{}: true",
    FieldDescriptor.TYPE_INT32: "{} of 1 or more",
    FieldDescriptor.TYPE_DOUBLE: "{} above 0",
}


def check_message(message: Message, path: str) -> Iterator[Problem]:
    """Yields what is wrong with the choice of fields that are set.

    Args:
      message: Any message of the contract.
      path: Where it stands.
    """
    for needed in REQUIRED.get(message.DESCRIPTOR.name, ()):
        yield from _required(message, needed, path)
    yield from _chosen(message, path)
    for names, reason in EXCLUSIVE.get(message.DESCRIPTOR.name, ()):
        first = (_given(message, names) or [""])[0]
        yield from _exclusive(message, names, f"contradicts {first}, which {reason}", path)
    for name, other in NEEDED.get(message.DESCRIPTOR.name, {}).items():
        yield from _needed(message, name, other, path)


def _required(message: Message, needed: str | tuple[str, ...], path: str) -> Iterator[Problem]:
    names = (needed,) if isinstance(needed, str) else needed
    given = _given(message, names)
    at, *others = (descriptors.join(path, name) for name in names)
    if given == [] and others:
        alternatives = " or ".join(names[1:])
        message_text = f"is not set, nor is {alternatives}; give one of them"
        yield Problem(at, message_text, related=tuple(others))
    elif given == []:
        yield Problem(at, "is not set, and there is no default")
    elif len(given) > 1:
        yield from _exclusive(message, names, f"cannot be given beside {given[0]}", path)


def _chosen(message: Message, path: str) -> Iterator[Problem]:
    oneof = descriptors.choice(message.DESCRIPTOR)
    if oneof is not None and message.WhichOneof(oneof.name) is None:
        none = "chooses none" if message.ListFields() else "is empty"
        names = ", ".join(field.name for field in oneof.fields)
        one = f"{descriptors.a_message(message.DESCRIPTOR)} holds exactly one of {names}"
        yield Problem(path, f"{none}; {one}")


def _exclusive(message: Message, names: Sequence[str], what: str, path: str) -> Iterator[Problem]:
    first, *others = _given(message, names) or [""]
    for name in others:
        related = (descriptors.join(path, first),)
        at = descriptors.join(path, name)
        yield Problem(at, f"{what}; give one of them", **_value(message, name), related=related)


def _needed(message: Message, name: str, other: str, path: str) -> Iterator[Problem]:
    # What is off has no effect anyway.
    is_off = getattr(message, name) is False
    if _given(message, (name,)) and not is_off and not getattr(message, other):
        condition = _TRUE[message.DESCRIPTOR.fields_by_name[other].type].format(other)
        related = (descriptors.join(path, other),)
        at = descriptors.join(path, name)
        only = f"has an effect only with {condition}"
        yield Problem(at, only, **_value(message, name), related=related)


def _given(message: Message, names: Sequence[str]) -> list[str]:
    fields = message.DESCRIPTOR.fields_by_name
    return [
        name
        for name in names
        if (len(getattr(message, name)) if is_repeated(fields[name]) else message.HasField(name))
    ]


def _value(message: Message, name: str) -> dict[str, Any]:
    """A single value to show; lists and messages are too long."""
    field = message.DESCRIPTOR.fields_by_name[name]
    plain = not is_repeated(field) and field.message_type is None
    return {"value": getattr(message, name)} if plain else {}
