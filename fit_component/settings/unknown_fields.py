# SPDX-License-Identifier: Apache-2.0
"""What to tell somebody who named a field that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from fit_component.releases import is_repeated
from fit_component.settings import descriptors
from fit_component.settings.descriptors import Descriptor, did_you_mean, nearest_name

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
    """What to tell somebody who named a field that a message does not have.

    Args:
      descriptor: The message's.
      name: What was given as a field's name.
    """
    names = [field.name for field in descriptor.fields]
    if descriptor.name == "FitArgs" and name in _FIT_NAMES:
        return f"{descriptor.name} has no such field; {_FIT_NAMES[name]}"
    for parent, field in _places(descriptor):
        choices = [other.name for other in field.containing_oneof.fields]
        if any(name == other.name and name not in choices for other in parent.fields):
            shared = f"it belongs to every {parent.name}: give it beside {field.name}, not in it"
            return f"{descriptor.name} has no such field; {shared}"
    if not names:
        return f"{descriptor.name} has no fields"
    inside = _inside(descriptor)
    exact = [path for path, last in inside.items() if last == name]
    if exact or nearest_name(name, names) is None:
        nearest = nearest_name(name, inside.values())
        near = [path for path, last in inside.items() if last == nearest]
        for deeper in exact or near:
            return f"{descriptor.name} has no such field; did you mean {deeper}?"
    return f"{descriptor.name} has no such field; {did_you_mean(name, names)}"


def _places(descriptor: Descriptor) -> Iterator[tuple[Descriptor, FieldDescriptor]]:
    """Yields the messages in which one of this type can be chosen, with the field."""
    for parent in descriptor.file.message_types_by_name.values():
        oneof = descriptors.choice(parent)
        for field in oneof.fields if oneof else ():
            if field.message_type is not None and field.message_type.name == descriptor.name:
                yield parent, field


def _inside(descriptor: Descriptor) -> dict[str, str]:
    """The paths of the fields one level deeper, with the last name of each."""
    return {
        f"{field.name}{'[0]' if is_repeated(field) else ''}.{inner.name}": inner.name
        for field in descriptor.fields
        if descriptors.is_message(field) and not descriptors.is_map(field)
        for inner in field.message_type.fields
    }
