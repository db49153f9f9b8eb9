# SPDX-License-Identifier: Apache-2.0
"""Reading the contract: fields, their kinds and their names."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.releases import is_repeated

# Each implementation of protobuf has descriptor classes of its own.
Descriptor = Any
OneofDescriptor = Any


DURATION = "google.protobuf.Duration"
STRUCT = "google.protobuf.Struct"


@functools.cache
def is_message(field: FieldDescriptor) -> bool:
    """Whether a field's values are messages with fields of their own (map entries included)."""
    return bool(field.type == FieldDescriptor.TYPE_MESSAGE) and well_known(field) is None


@functools.cache
def well_known(field: FieldDescriptor) -> str | None:
    """The full name of protobuf's own message that a field holds as one value, or None."""
    if field.type != FieldDescriptor.TYPE_MESSAGE:
        return None
    name: str = field.message_type.full_name
    return name if name in (DURATION, STRUCT) else None


@functools.cache
def is_map(field: FieldDescriptor) -> bool:
    """Whether a field is a map."""
    return is_message(field) and bool(field.message_type.GetOptions().map_entry)


@functools.cache
def choice(descriptor: Descriptor) -> OneofDescriptor | None:
    """The oneof of which a message must set one field, if it has one."""
    for oneof in descriptor.oneofs:
        # An `optional` field sits in a oneof of its own, which is no choice.
        if len(oneof.fields) > 1:
            return oneof
    return None


@functools.cache
def shorthand(field: FieldDescriptor) -> FieldDescriptor | None:
    """The scalar inside a message for which, in a tree, a single value may stand.

    A plain number for a LearningRate is its `constant`.
    """
    oneof = choice(field.message_type) if is_message(field) else None
    scalars = [inner for inner in oneof.fields if not inner.message_type] if oneof else []
    return scalars[0] if scalars else None


def a_message(descriptor: Descriptor) -> str:
    """A message's name with its article, such as `an Optimizer`."""
    return f"{'an' if descriptor.name[0] in 'AEIOU' else 'a'} {descriptor.name}"


def field_named(descriptor: Descriptor, name: Any) -> Any | None:
    """The field of that name; JSON's lowerCamelCase names count, as in TFX."""
    for field in descriptor.fields:
        if name in (field.name, field.json_name):
            return field
    return None


def did_you_mean(name: Any, names: Iterable[str]) -> str:
    """The nearest of the names as a question, or all of them."""
    names = list(names)
    nearest = nearest_name(name, names)
    return f"did you mean {nearest}?" if nearest else f"allowed: {', '.join(names)}"


def nearest_name(name: Any, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    found = difflib.get_close_matches(key_text(name).lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def key_text(key: Any) -> str:
    """A key as it stands in a path."""
    try:
        return str(key)
    except ValueError:  # an integer of 5,000 digits, or what holds one
        return hex(key)[:20] + "..." if isinstance(key, int) else f"<{type(key).__name__}>"


def join(path: str, name: str) -> str:
    """The path of a field inside the message at a path."""
    return f"{path}.{name}" if path else name


def identity(message: Message) -> tuple[str, str]:
    """What equal messages share, by which one is found among many."""
    # No bytes: for each mapping inside another, protobuf in Python takes twice as long for these.
    return message.DESCRIPTOR.full_name, text_format.MessageToString(message, as_one_line=True)


def messages_in(message: Message, path: str = "") -> Iterator[tuple[str, Message]]:
    """Yields a message and every message set inside it, with their paths."""
    yield path, message
    for field, value in message.ListFields():
        if not is_message(field) or is_map(field):
            continue
        inner = join(path, field.name)
        if is_repeated(field):
            for index, element in enumerate(value):
                yield from messages_in(element, f"{inner}[{index}]")
        else:
            yield from messages_in(value, inner)
