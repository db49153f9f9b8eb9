# SPDX-License-Identifier: Apache-2.0
"""FitArgs with every field set, through every encoding."""

import pytest
from google.protobuf import json_format, text_format

from fit_component.proto.fit_args_pb2 import Callback, FitArgs, Strategy
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


def fill(message):
    """Sets every field of a message; of a oneof, the last."""
    for field in message.DESCRIPTOR.fields:
        if descriptors.is_map(field):
            key, value = field.message_type.fields
            getattr(message, field.name)[value_of(key)] = value_of(value)
        elif field.message_type is not None and field.message_type.name == "Callback":
            for choice in Callback.DESCRIPTOR.fields:
                callback = getattr(message, field.name).add()
                fill_choice(callback, choice)
        elif descriptors.is_message(field):
            fill_choice(message, field)
        elif is_repeated(field):
            getattr(message, field.name).extend([value_of(field), value_of(field)])
        else:
            setattr(message, field.name, value_of(field))
    return message


def fill_choice(message, field):
    inner = getattr(message, field.name)
    inner.SetInParent()
    fill(inner)


def full(strategy):
    fit_args = fill(FitArgs())
    fit_args.ClearField("strategy")
    fill_choice(fit_args.strategy, Strategy.DESCRIPTOR.fields_by_name[strategy])
    return fit_args


STRATEGIES = [field.name for field in Strategy.DESCRIPTOR.fields]


@pytest.fixture(params=STRATEGIES)
def fit_args(request):
    return full(request.param)


def test_every_field_is_set(fit_args):
    """The message that the tests below send around leaves nothing out."""
    every = {field.name for field in FitArgs.DESCRIPTOR.fields}
    callbacks = [callback.WhichOneof("callback") for callback in fit_args.callbacks]

    assert every == {field.name for field, _ in fit_args.ListFields()}
    assert [field.name for field in Callback.DESCRIPTOR.fields] == callbacks


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
    )
    text = """
      validation { freq: 2 }
      class_weight { key: 0 value: 1.5 }
      callbacks { early_stopping { patience: 3 } }
      callbacks { terminate_on_nan {} }
      strategy { mirrored { devices: "GPU:0" } }
    """

    assert text_format.Parse(text, FitArgs()) == built
