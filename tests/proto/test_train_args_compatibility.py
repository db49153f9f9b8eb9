# SPDX-License-Identifier: Apache-2.0
"""FitArgs and TrainArgs read each other."""

from google.protobuf import json_format

from fit_component.proto.fit_args_pb2 import FitArgs

SPLITS = ["train", "more"]


def test_train_args_bytes_are_fit_args_bytes(train_args_class):
    """The same settings are the same bytes."""
    train_args = train_args_class(splits=SPLITS, num_steps=5)

    assert train_args.SerializeToString() == FitArgs(splits=SPLITS, num_steps=5).SerializeToString()


def test_train_args_bytes_parse_as_fit_args(train_args_class):
    """All of a TrainArgs arrives."""
    wire = train_args_class(splits=SPLITS, num_steps=5).SerializeToString()

    assert FitArgs(splits=SPLITS, num_steps=5) == FitArgs.FromString(wire)


def test_fit_args_bytes_parse_as_train_args(train_args_class):
    """A stock executor finds its fields and passes over ours."""
    wire = FitArgs(splits=SPLITS, num_steps=5, epochs=3, seed=1).SerializeToString()
    train_args = train_args_class.FromString(wire)

    assert (SPLITS, 5) == (list(train_args.splits), train_args.num_steps)


def test_train_args_json_parses_as_fit_args(train_args_class):
    """All of a TrainArgs arrives by JSON too."""
    text = json_format.MessageToJson(train_args_class(splits=SPLITS, num_steps=5))

    assert FitArgs(splits=SPLITS, num_steps=5) == json_format.Parse(text, FitArgs())


def test_fit_args_json_parses_as_train_args(train_args_class):
    """As TFX parses it: fields that it does not know are passed over."""
    text = json_format.MessageToJson(FitArgs(splits=SPLITS, num_steps=5, epochs=3))
    train_args = json_format.Parse(text, train_args_class(), ignore_unknown_fields=True)

    assert train_args_class(splits=SPLITS, num_steps=5) == train_args
