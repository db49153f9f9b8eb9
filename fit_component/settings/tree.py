# SPDX-License-Identifier: Apache-2.0
"""Trees of dicts and lists into messages, strictly.

protobuf's own json_format takes `"3"` and `3.0` for an integer and `true` for a
number, drops null, and stops at the first error. Settings deserve better: each
value is held against the type of its field, and all problems are collected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.releases import is_repeated
from fit_component.settings import descriptors
from fit_component.settings.parameters import Parameter, no_single_value, open_value, stand_in
from fit_component.settings.paths import is_key
from fit_component.settings.repeated_keys import repeated_keys
from fit_component.settings.scalars import WrongValueError, read_key, read_scalar
from fit_component.settings.sizes import TOO_LARGE, is_too_large
from fit_component.settings.unknown_fields import unknown_field
from fit_component.settings.value_checks import too_deep
from fit_component.settings.values import READERS


def read_tree(tree: Any, message: Message, path: str = "") -> list[Problem]:
    """Reads a tree into a message.

    Args:
      tree: A mapping of field names to values, or a message of the same type;
        a Parameter in it leaves its field unset.
      message: Receives all that could be read.
      path: Where in the settings the message stands, for the problems.

    Returns:
      The problems; empty if the whole tree was read. One for each Parameter
      is an OpenProblem.
    """
    if is_too_large(tree):
        return [Problem(path, TOO_LARGE)]
    return _read(tree, message, path)


def _read(tree: Any, message: Message, path: str) -> list[Problem]:
    if isinstance(tree, Message) and tree.DESCRIPTOR.full_name == message.DESCRIPTOR.full_name:
        problems = too_deep(tree, path)
        if not problems:
            message.MergeFrom(tree)
        return problems
    if not isinstance(tree, Mapping):
        return [Problem(path, _not_a_mapping(tree, message), tree)]
    problems = []
    seen: dict[str, Any] = {}
    for name, value in tree.items():
        field = descriptors.field_named(message.DESCRIPTOR, name)
        if field is None:
            problems.append(_unknown(message, name, value, path))
        elif field.name in seen:
            twice = f"is given twice, as {seen[field.name]} and {name}; keep one"
            problems.append(Problem(descriptors.join(path, field.name), twice, value))
        else:
            seen[field.name] = name
            problems += read_field(value, message, field, descriptors.join(path, field.name))
    return problems + repeated_keys(tree, path) + _choices(message, seen, path)


def read_field(value: Any, message: Message, field: FieldDescriptor, path: str) -> list[Problem]:
    """Reads a value into a field of a message; returns the problems."""
    if value is None:
        return [_null(path)]
    short = None if is_repeated(field) else descriptors.shorthand(field)
    if short is not None and not isinstance(value, (Mapping, Message)):
        return _read_short(value, getattr(message, field.name), short, path)
    known = descriptors.well_known(field)
    if isinstance(value, Parameter):
        problem = no_single_value if is_repeated(field) else open_value
        return [problem(value, field, path)]
    if known is not None:
        inner = getattr(message, field.name)
        inner.SetInParent()
        return READERS[known](value, inner, path)
    if descriptors.is_map(field):
        return _read_map(value, message, field, path)
    if is_repeated(field):
        return _read_list(value, message, field, path)
    if descriptors.is_message(field):
        inner = getattr(message, field.name)
        inner.SetInParent()
        return _read(value, inner, path)
    try:
        setattr(message, field.name, read_scalar(value, field))
    except WrongValueError as error:
        return [Problem(path, str(error), value)]
    return []


def _read_short(value: Any, inner: Message, field: FieldDescriptor, path: str) -> list[Problem]:
    """Reads a single value for the field of a message that it is short for."""
    if isinstance(value, Parameter):
        return read_field(value, inner, field, descriptors.join(path, field.name))
    problems = read_field(value, inner, field, path)
    names = ", ".join(other.name for other in inner.DESCRIPTOR.fields if other is not field)
    return [replace(p, message=_with_alternative(p.message, names)) for p in problems]


def _with_alternative(message: str, names: str) -> str:
    allowed, semicolon, repair = message.partition(";")
    return f"{allowed}, or a mapping with one of {names}{semicolon}{repair}"


def read_element(value: Any, elements: Any, field: FieldDescriptor, path: str) -> list[Problem]:
    """Appends a value to the list that a repeated field holds; returns the problems.

    Something keeps the place of what could not be read, so that those after it
    are known by the right number.
    """
    absent = []
    if value is None:
        absent = [_null(path)]
    elif isinstance(value, Parameter):
        absent = [open_value(value, field, path)]
    if descriptors.is_message(field):
        inner = elements.add()
        return absent or _read(value, inner, path)
    try:
        elements.append(stand_in(field) if absent else read_scalar(value, field))
    except WrongValueError as error:
        elements.append(stand_in(field))
        return [Problem(path, str(error), value)]
    return absent


def read_entry(
    key: Any, value: Any, entries: Any, field: FieldDescriptor, path: str, taken: set[Any]
) -> list[Problem]:
    """Sets an entry of the map that a field holds; returns the problems.

    Args:
      key: As it was given.
      value: As it was given; a Parameter leaves the entry unset.
      entries: The map.
      field: What holds it.
      path: Where the entry stands.
      taken: The keys as they were read so far, to which this one is added.
    """
    if value is None:
        return [_null(path)]
    key_field, value_field = field.message_type.fields
    try:
        real_key = read_key(key, key_field)
    except WrongValueError as error:
        return [Problem(path, f"the key {error}", value)]
    if real_key in taken:
        return [Problem(path, "the key is given twice; keep one", value)]
    taken.add(real_key)
    if isinstance(value, Parameter):
        if not is_key(str(key)):
            needs = "a RuntimeParameter needs a key that has no brackets and is not empty"
            return [Problem(path, needs, value)]
        return [open_value(value, value_field, path)]
    try:
        entries[real_key] = read_scalar(value, value_field)
    except WrongValueError as error:
        return [Problem(path, str(error), value)]
    return []


def _read_list(value: Any, message: Message, field: FieldDescriptor, path: str) -> list[Problem]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        hint = "; put it in [ ]" if isinstance(value, (str, int, float)) else ""
        return [Problem(path, f"must be a list{hint}", value)]
    elements = getattr(message, field.name)
    return [
        problem
        for index, element in enumerate(value)
        for problem in read_element(element, elements, field, f"{path}[{index}]")
    ]


def _read_map(value: Any, message: Message, field: FieldDescriptor, path: str) -> list[Problem]:
    if not isinstance(value, Mapping):
        return [Problem(path, "must be a mapping", value)]
    entries, taken = getattr(message, field.name), set[Any]()
    problems = []
    for key, element in value.items():
        at = f"{path}[{descriptors.key_text(key)}]"
        problems += read_entry(key, element, entries, field, at, taken)
    return problems + repeated_keys(value, path)


def _null(path: str) -> Problem:
    return Problem(path, "is no value; leave the field out to get its default", None)


def _unknown(message: Message, name: Any, value: Any, path: str) -> Problem:
    return Problem(
        descriptors.join(path, descriptors.key_text(name)),
        unknown_field(message.DESCRIPTOR, name),
        value,
        related=meant_paths(message, name, path),
    )


def meant_paths(message: Message, name: Any, path: str) -> tuple[str, ...]:
    """The path of the field that an unknown name was probably meant for, if there is one."""
    meant = descriptors.nearest_name(name, [field.name for field in message.DESCRIPTOR.fields])
    return (descriptors.join(path, meant),) if meant else ()


def _not_a_mapping(tree: Any, message: Message) -> str:
    fields = message.DESCRIPTOR.fields
    names = [field.name for field in fields]
    for field in fields:
        if isinstance(tree, Message) and field.message_type is tree.DESCRIPTOR:
            a_message = descriptors.a_message(message.DESCRIPTOR)
            return f"must be {a_message}; write {{{field.name}: …}} around it"
    if isinstance(tree, str) and tree in names and descriptors.choice(message.DESCRIPTOR):
        return f"must be a mapping; write {{{tree}: {{}}}}"
    return f"must be a mapping with the fields of {message.DESCRIPTOR.name}"


def _choices(message: Message, seen: Mapping[str, Any], path: str) -> list[Problem]:
    """Finds fields of which only one may be set; the last of them has won."""
    problems = []
    for oneof in message.DESCRIPTOR.oneofs:
        given = [field.name for field in oneof.fields if field.name in seen]
        if len(given) > 1:
            holds = f"{descriptors.a_message(message.DESCRIPTOR)} holds exactly one"
            problems.append(Problem(path, f"sets {' and '.join(given)}; {holds}"))
    return problems
