# SPDX-License-Identifier: Apache-2.0
"""Checks of each field by itself, and of each message."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.releases import is_repeated
from fit_component.settings import descriptors
from fit_component.settings.message_checks import check_message
from fit_component.settings.rules import NOT_NEGATIVE, RULES
from fit_component.settings.value_checks import CHECKS


def check_fields(settings: Message) -> Iterator[Problem]:
    """Yields the problems of each field of a message and of those inside it.

    Args:
      settings: The message, from any source.
    """
    for path, message in descriptors.messages_in(settings):
        yield from check_message(message, path)
        for field, value in message.ListFields():
            yield from _check_field(field, value, descriptors.join(path, field.name))


def _check_field(field: FieldDescriptor, value: Any, path: str) -> Iterator[Problem]:
    known = descriptors.well_known(field)
    if descriptors.is_map(field):
        key_field, value_field = field.message_type.fields
        for key, element in sorted(value.items()):
            if key_field.type == FieldDescriptor.TYPE_INT32 and NOT_NEGATIVE.complaint(key):
                yield Problem(f"{path}[{key}]", "the key must be 0 or more", element)
            yield from _check_value(field.name, value_field, element, f"{path}[{key}]")
    elif descriptors.is_message(field):
        return
    elif known is not None:
        yield from CHECKS[known](value, path)
    elif is_repeated(field):
        for index, element in enumerate(value):
            yield from _check_value(field.name, field, element, f"{path}[{index}]")
    else:
        yield from _check_value(field.name, field, value, path)


def _check_value(name: str, field: FieldDescriptor, value: Any, path: str) -> Iterator[Problem]:
    if field.type == FieldDescriptor.TYPE_ENUM:
        # Enums of proto3 are open: a number of no name can come in by the wire.
        if value not in field.enum_type.values_by_number:
            allowed = ", ".join(f"{v.name} ({v.number})" for v in field.enum_type.values)
            yield Problem(path, f"must be one of {allowed}", value)
    elif field.type == FieldDescriptor.TYPE_DOUBLE and not math.isfinite(value):
        yield Problem(path, "must be a finite number", value)
    elif name in RULES and field.type != FieldDescriptor.TYPE_BOOL:
        complaint = RULES[name].complaint(value)
        if complaint:
            yield Problem(path, complaint, value)
