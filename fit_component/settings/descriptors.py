# SPDX-License-Identifier: Apache-2.0
"""Reading the contract: fields, their kinds and their names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.releases import is_repeated

# Each implementation of protobuf has descriptor classes of its own.
Descriptor = Any
OneofDescriptor = Any


def is_message(field: FieldDescriptor) -> bool:
    """Whether a field's values are messages (map entries included)."""
    return bool(field.type == FieldDescriptor.TYPE_MESSAGE)


def is_map(field: FieldDescriptor) -> bool:
    """Whether a field is a map."""
    return is_message(field) and bool(field.message_type.GetOptions().map_entry)


def choice(descriptor: Descriptor) -> OneofDescriptor | None:
    """The oneof that all fields of a message belong to, if there is one."""
    for oneof in descriptor.oneofs:
        # An `optional` field sits in a oneof of its own, which is no choice.
        if len(oneof.fields) == len(descriptor.fields) > 1:
            return oneof
    return None


def field_named(descriptor: Descriptor, name: Any) -> Any | None:
    """The field of that name; JSON's lowerCamelCase names count, as in TFX."""
    for field in descriptor.fields:
        if name in (field.name, field.json_name):
            return field
    return None


# What fit calls otherwise, and things of fit that are given elsewhere.
_FIT_NAMES = {
    "steps_per_epoch": "did you mean num_steps?",
    "validation_steps": "give it as num_steps of the Trainer's eval_args",
    "validation_freq": "did you mean validation.freq?",
    "validation_batch_size": "did you mean validation.batch_size?",
    "validation_split": "give the evaluation split as splits of the Trainer's eval_args",
    "validation_data": "give the evaluation split as splits of the Trainer's eval_args",
}


def unknown_field(descriptor: Descriptor, name: Any) -> str:
    """What to tell somebody who named a field that does not exist."""
    names = [field.name for field in descriptor.fields]
    if not names:
        return f"{descriptor.name} has no fields"
    if descriptor.name == "FitArgs" and name in _FIT_NAMES:
        return f"{descriptor.name} has no such field; {_FIT_NAMES[name]}"
    deeper = _nearest_inside(descriptor, name) if nearest_name(name, names) is None else None
    hint = f"did you mean {deeper}?" if deeper else did_you_mean(name, names)
    return f"{descriptor.name} has no such field; {hint}"


def _nearest_inside(descriptor: Descriptor, name: Any) -> str | None:
    """The path of the field one level deeper that was probably meant, or None."""
    for field in descriptor.fields:
        if is_message(field) and not is_map(field):
            nearest = nearest_name(name, [inner.name for inner in field.message_type.fields])
            if nearest:
                return f"{field.name}{'[0]' if is_repeated(field) else ''}.{nearest}"
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
    except ValueError:  # an integer of 5,000 digits
        return hex(key)[:20] + "..."


def join(path: str, name: str) -> str:
    """The path of a field inside the message at a path."""
    return f"{path}.{name}" if path else name


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
