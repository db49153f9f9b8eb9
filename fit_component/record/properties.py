# SPDX-License-Identifier: Apache-2.0
"""Settings as flat properties of the Model artifact."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import descriptors

PREFIX = "fit."


def settings_properties(resolved: FitArgs) -> dict[str, int | str]:
    """Flattens resolved settings for ML Metadata.

    Args:
      resolved: Settings with their defaults.

    Returns:
      Names such as `fit.epochs` or `fit.validation.freq` to integers and
      strings. Lists are joined by commas; of callbacks and of the strategy
      the kinds are given. `fit.deterministic` is 0 or 1.
    """
    properties = dict(_flatten(resolved, PREFIX))
    kinds = [str(callback.WhichOneof("callback")) for callback in resolved.callbacks]
    properties[f"{PREFIX}callbacks"] = ",".join(kinds)
    properties[f"{PREFIX}strategy"] = str(resolved.strategy.WhichOneof("strategy"))
    return properties


def _flatten(message: Message, prefix: str) -> Iterator[tuple[str, int | str]]:
    for field, value in message.ListFields():
        name = prefix + field.name
        if descriptors.is_map(field):
            yield name, ",".join(f"{key}:{value[key]!r}" for key in sorted(value))
        elif descriptors.is_repeated(field) and not descriptors.is_message(field):
            yield name, ",".join(map(str, value))
        elif descriptors.is_message(field):
            if (
                not descriptors.is_repeated(field)
                and descriptors.choice(field.message_type) is None
            ):
                yield from _flatten(value, f"{name}.")
        elif field.type == FieldDescriptor.TYPE_ENUM:
            yield name, field.enum_type.values_by_number[value].name
        else:
            yield name, int(value) if isinstance(value, bool) else value
