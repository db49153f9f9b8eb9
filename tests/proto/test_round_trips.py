# SPDX-License-Identifier: Apache-2.0
"""FitArgs with every field set, through every encoding."""

import pytest
from google.protobuf import json_format, text_format

from fit_component.proto import fit_args_pb2
from fit_component.proto.fit_args_pb2 import Callback, FitArgs, Optimizer
from fit_component.releases import is_repeated
from fit_component.settings import descriptors


def value_of(field):
    kinds = {
        field.TYPE_INT32: 7,
        field.TYPE_DOUBLE: 0.1,
        field.TYPE_STRING: "täxi",
        field.TYPE_BOOL: True,
        field.TYPE_ENUM: 2,
    }
    return kinds[field.type]


def fill(message, kind):
    """Sets every field of a message; of a choice, the one of that number, and all callbacks."""
    oneof = descriptors.choice(message.DESCRIPTOR)
    choices = [field.name for field in oneof.fields] if oneof else []
    chosen = choices[kind % len(choices)] if choices else None
    for field in message.DESCRIPTOR.fields:
        held = getattr(message, field.name)
        if field.name in choices and field.name != chosen:
            continue
        if descriptors.is_map(field):
            key, value = field.message_type.fields
            held[value_of(key)] = value_of(value)
        elif descriptors.well_known(field) == descriptors.DURATION:
            held.seconds, held.nanos = 90, 500_000_000
        elif descriptors.well_known(field) == descriptors.STRUCT:
            held.update({"text": "ä", "number": 3, "none": None, "list": [True, {"deep": 0.5}]})
        elif field.name == "callbacks":
            for number, _ in enumerate(Callback.DESCRIPTOR.fields):
                fill(held.add(), number)
        elif descriptors.is_message(field):
            held.SetInParent()
            fill(held, kind)
        elif is_repeated(field):
            held.extend([value_of(field), value_of(field)])
        else:
            setattr(message, field.name, value_of(field))
    return message


def fields_in(message):
    """The names of all fields set, at any depth."""
    for _, inner in descriptors.messages_in(message):
        yield from (field.full_name for field, _ in inner.ListFields())


# As many as the largest choice, that of a callback aside, has fields.
FULL = [
    fill(FitArgs(), kind) for kind, _ in enumerate(descriptors.choice(Optimizer.DESCRIPTOR).fields)
]


@pytest.fixture(params=range(len(FULL)))
def fit_args(request):
    return FULL[request.param]


def test_every_field_is_set():
    """The messages that the tests below send around leave nothing out."""
    messages = fit_args_pb2.DESCRIPTOR.message_types_by_name.values()
    every = {field.full_name for message in messages for field in message.fields}

    assert every == {name for message in FULL for name in fields_in(message)}


def test_bytes(fit_args):
    """The wire format brings back the same message."""
    assert fit_args == FitArgs.FromString(fit_args.SerializeToString())


def test_textproto(fit_args):
    """The text format brings back the same message."""
    assert fit_args == text_format.Parse(text_format.MessageToString(fit_args), FitArgs())


@pytest.mark.parametrize("names", [True, False], ids=["snake_case", "lowerCamelCase"])
def test_json(fit_args, names):
    """JSON brings back the same message, with either spelling of the names."""
    text = json_format.MessageToJson(fit_args, preserving_proto_field_name=names)

    assert fit_args == json_format.Parse(text, FitArgs())


def test_zero_survives():
    """A value of 0 that was set is still set after a round trip."""
    again = FitArgs.FromString(FitArgs(seed=0).SerializeToString())

    assert again.HasField("seed")
    assert not again.HasField("epochs")


def test_constructor_takes_dicts_for_messages():
    """Callbacks, strategy and validation can be written as dicts in Python."""
    built = FitArgs(
        callbacks=[{"early_stopping": {"patience": 3}}, {"terminate_on_nan": {}}],
        strategy={"mirrored": {"devices": ["GPU:0"]}},
        validation={"freq": 2},
        class_weight={0: 1.5},
        optimizer={"adam": {"beta_1": 0.5}, "learning_rate": {"constant": 0.1}},
        max_time={"seconds": 90},
    )
    text = """
      validation { freq: 2 }
      class_weight { key: 0 value: 1.5 }
      callbacks { early_stopping { patience: 3 } }
      callbacks { terminate_on_nan {} }
      strategy { mirrored { devices: "GPU:0" } }
      optimizer { adam { beta_1: 0.5 } learning_rate { constant: 0.1 } }
      max_time { seconds: 90 }
    """

    assert text_format.Parse(text, FitArgs()) == built
