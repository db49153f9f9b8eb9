# SPDX-License-Identifier: Apache-2.0
"""Settings without the values of their credentials."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from fit_component.credentials import MASK, is_credential, without
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import descriptors


def masked_settings(fit_args: FitArgs) -> FitArgs:
    """Replaces what has the name of a credential by asterisks.

    Args:
      fit_args: Checked settings; not changed.

    Returns:
      The same with the text MASK for such keyword arguments, whatever they
      were, and for such entries of a map.
    """
    shown = FitArgs()
    shown.CopyFrom(fit_args)
    for mapping in _mappings(shown):
        for name in [name for name in mapping if is_credential(name)]:
            if isinstance(mapping[name], str):
                mapping[name] = MASK
            else:
                mapping[name].string_value = MASK
    return shown


def hiding(fit_args: FitArgs) -> Callable[[str], str]:
    """Returns what masks the credentials of settings in any text, such as that of an error.

    Args:
      fit_args: Checked settings.
    """
    texts = [
        text
        for mapping in _mappings(fit_args)
        for name, value in mapping.items()
        if is_credential(name)
        for text in _texts(value)
    ]
    return functools.partial(without, texts)


def _texts(value: Any) -> Iterator[str]:
    """Yields the texts in an entry of a map or of a Struct."""
    if isinstance(value, str):
        yield value
        return
    if value.WhichOneof("kind") == "string_value":
        yield value.string_value
    for inner in (*value.struct_value.fields.values(), *value.list_value.values):
        yield from _texts(inner)


def _mappings(fit_args: FitArgs) -> Iterator[Any]:
    """Yields what holds values by names that the user chose: maps, and Structs at any depth."""
    for _, message in descriptors.messages_in(fit_args):
        for field, value in message.ListFields():
            if descriptors.well_known(field) == descriptors.STRUCT:
                yield from _structs(value)
            elif descriptors.is_map(field):
                yield value


def _structs(struct: Any) -> Iterator[Any]:
    yield struct.fields
    for value in list(struct.fields.values()):
        yield from _structs_in(value)


def _structs_in(value: Any) -> Iterator[Any]:
    if value.HasField("struct_value"):
        yield from _structs(value.struct_value)
    for element in value.list_value.values:
        yield from _structs_in(element)
