# SPDX-License-Identifier: Apache-2.0
"""Overrides such as `callbacks[0].early_stopping.patience=5`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.errors import Problem
from fit_component.releases import is_repeated
from fit_component.settings import descriptors
from fit_component.settings.paths import Step, read_path
from fit_component.settings.sizes import TOO_LARGE, is_too_large
from fit_component.settings.tree import meant_paths, read_element, read_entry, read_field
from fit_component.settings.unknown_fields import unknown_field
from fit_component.settings.values import set_in_struct
from fit_component.settings.yaml_tree import load_yaml

Overrides = str | Iterable[str] | Mapping[str, Any]

_INDEX = re.compile(r"[0-9]{1,9}")


def apply_overrides(overrides: Overrides, message: Message) -> list[Problem]:
    """Applies overrides to settings, in order.

    Args:
      overrides: `PATH=VALUE` strings whose values are YAML (`epochs=20`,
        `strategy.mirrored={}`, `callbacks=[]`), or a mapping of paths to
        values. null unsets a field and removes an entry of a list; among
        keyword arguments it is a value, Python's None. An index one past the
        end of a list appends.
      message: The settings, changed in place.

    Returns:
      The problems; empty if all overrides were applied.
    """
    problems: list[Problem] = []
    for path, value in _pairs(overrides, problems):
        steps = read_path(path)
        if steps is None:
            problems.append(
                Problem(
                    descriptors.key_text(path),
                    "is no path; write one like callbacks[0].tensorboard",
                    value,
                )
            )
        elif is_too_large(value):
            problems.append(Problem(path, TOO_LARGE))
        else:
            problems += _apply(steps, value, message, "")
    return problems


def _pairs(overrides: Overrides, problems: list[Problem]) -> Iterable[tuple[str, Any]]:
    if isinstance(overrides, Mapping):
        yield from overrides.items()
        return
    for override in [overrides] if isinstance(overrides, str) else overrides:
        path, equals, text = override.partition("=") if isinstance(override, str) else ("", "", "")
        if not equals:
            problems.append(
                Problem(descriptors.key_text(override), "is no override; write PATH=VALUE")
            )
            continue
        try:
            yield path.strip(), load_yaml(text)
        except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
            problems.append(Problem(path, "the value is no YAML; put text in quotes", text))


def _apply(steps: list[Step], value: Any, message: Message, path: str) -> list[Problem]:
    step, rest = steps[0], steps[1:]
    field = descriptors.field_named(message.DESCRIPTOR, step.name)
    if field is None:
        inner = descriptors.join(path, step.name)
        unknown = unknown_field(message.DESCRIPTOR, step.name)
        given = {} if rest else {"value": value}
        related = meant_paths(message, step.name, path)
        return [Problem(inner, unknown, related=related, **given)]
    inner = descriptors.join(path, field.name)
    if step.inside is not None:
        return _apply_inside(step.inside, rest, value, message, field, inner)
    if not rest:
        return _assign(value, message, field, inner)
    if descriptors.well_known(field) == descriptors.STRUCT:
        return _apply_in_struct(rest, value, _present(message, field), inner)
    if not descriptors.is_message(field) or descriptors.is_map(field):
        return [Problem(inner, f"has no fields, so no {rest[0].name}")]
    if is_repeated(field):
        return [Problem(inner, f"is a list; name an entry: {inner}[0].{rest[0].name}")]
    other = _other_choice(message, field)
    if other:
        switch = f"is not what is set, which is {other}; to replace that, give {inner} whole"
        return [Problem(inner, switch)]
    return _apply(rest, value, _present(message, field), inner)


def _apply_in_struct(steps: list[Step], value: Any, struct: Message, path: str) -> list[Problem]:
    """Sets one of some keyword arguments, or one deeper inside."""
    if any(step.inside is not None for step in steps):
        return [Problem(path, "lists among the arguments are given whole", value)]
    return set_in_struct([step.name for step in steps], value, struct, path)


def _assign(value: Any, message: Message, field: FieldDescriptor, path: str) -> list[Problem]:
    """Replaces a whole field; of a oneof, whichever field was set."""
    message.ClearField(field.name)
    return [] if value is None else read_field(value, message, field, path)


def _present(message: Message, field: FieldDescriptor) -> Message:
    inner: Message = getattr(message, field.name)
    inner.SetInParent()
    return inner


def _other_choice(message: Message, field: FieldDescriptor) -> str | None:
    if field.containing_oneof is None:
        return None
    chosen = message.WhichOneof(field.containing_oneof.name)
    return chosen if chosen not in (None, field.name) else None


def _apply_inside(
    index: str, rest: list[Step], value: Any, message: Message, field: FieldDescriptor, path: str
) -> list[Problem]:
    """Goes on at an entry of a list or a map."""
    entries = getattr(message, field.name)
    if descriptors.is_map(field):
        if rest:
            return [Problem(f"{path}[{index}]", f"has no fields, so no {rest[0].name}")]
        return _set_entry(index, value, message, field, f"{path}[{index}]")
    if not is_repeated(field):
        return [Problem(path, "is no list, so it has no entries")]
    if not _INDEX.fullmatch(index) or int(index) > len(entries):
        place = f"has {len(entries)} entries, so [{index}] names none; [{len(entries)}] appends"
        return [Problem(path, place)]
    at = int(index)
    entry_path = f"{path}[{at}]"
    if not rest:
        return _replace_entry(at, value, entries, field, entry_path)
    if not descriptors.is_message(field):
        return [Problem(entry_path, f"has no fields, so no {rest[0].name}")]
    entry = entries.add() if at == len(entries) else entries[at]
    return _apply(rest, value, entry, entry_path)


def _replace_entry(
    at: int, value: Any, entries: Any, field: FieldDescriptor, path: str
) -> list[Problem]:
    # Lists of messages take no assignment: the tail is cut off and put back.
    tail = list(entries[at + 1 :])
    del entries[at:]
    problems = [] if value is None else read_element(value, entries, field, path)
    entries.extend(tail)
    return problems


def _set_entry(
    key: str, value: Any, message: Message, field: FieldDescriptor, path: str
) -> list[Problem]:
    fresh = getattr(type(message)(), field.name)
    problems = read_entry(key, value, fresh, field, path, set())
    getattr(message, field.name).update(fresh)
    return problems
