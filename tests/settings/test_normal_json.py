# SPDX-License-Identifier: Apache-2.0
"""The normalised JSON that the execution property holds."""

import datetime
import json

import pytest
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct

from fit_component import FitArgs
from fit_component.proto.fit_args_pb2 import LearningRate
from fit_component.settings import beyond_train_args, parse_fit_args, to_json


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"num_steps": 5},
        {"splits": ["a", "b"]},
        {"splits": ["a"], "num_steps": 5},
        {"num_steps": 0},
    ],
    ids=repr,
)
def test_train_args_alone_give_what_tfx_stores(fields, train_args_class):
    """Settings that TrainArgs can hold share the property of the stock Trainer."""
    stock = json_format.MessageToJson(
        train_args_class(**fields), sort_keys=True, preserving_proto_field_name=True
    )

    assert stock == to_json(parse_fit_args(train_args_class(**fields)))
    assert stock == to_json(parse_fit_args(fields))
    assert stock == to_json(FitArgs(**fields))


def test_num_steps_of_0_is_dropped():
    """0 and unset mean the same, so they share a cache entry."""
    assert "{}" == to_json(parse_fit_args({"num_steps": 0}))


def test_the_argument_stays_as_it_is():
    """Writing settings does not change them."""
    fit_args = FitArgs(num_steps=0)
    to_json(fit_args)

    assert fit_args.HasField("num_steps")


@pytest.mark.parametrize(
    "fields",
    [
        {"epochs": 1},
        {"initial_epoch": 0},
        {"batch_size": 32},
        {"verbose": "AUTO"},
        {"deterministic": False},
        {"validation": {}},
        {"strategy": {"default": {}}},
        {"input": {"shuffle": True}},
        {"execution": {}},
        {"dry_run": False},
        {"optimizer": {"adam": {"beta_1": 0.9}}},
    ],
    ids=repr,
)
def test_explicit_defaults_are_kept(fields):
    """A default that is given differs from one that is not."""
    assert "{}" != to_json(parse_fit_args(fields))


def test_reads_back():
    """The property parses to the settings that it was made from."""
    fit_args = parse_fit_args({"epochs": 3, "class_weight": {10: 0.1, 9: 1}, "seed": 0})

    assert fit_args == parse_fit_args(to_json(fit_args))


def test_fields_beyond_train_args():
    """What a stock executor would drop silently is known by name."""
    assert ["epochs", "seed"] == beyond_train_args(
        FitArgs(splits=["a"], num_steps=1, epochs=2, seed=0)
    )
    assert [] == beyond_train_args(FitArgs(splits=["a"], num_steps=1))


def custom(kwargs):
    return {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": kwargs}}]}


def rate(learning_rate):
    return {"optimizer": {"adam": {}, "learning_rate": learning_rate}}


STRUCT = Struct()
STRUCT.update({"a": 3, "b": [1]})


@pytest.mark.parametrize(
    "forms",
    [
        [
            {"max_time": "1h30m"},
            {"max_time": "90m"},
            {"max_time": "5400s"},
            {"max_time": "5400.000s"},
            {"max_time": datetime.timedelta(hours=1.5)},
            {"max_time": Duration(seconds=5400)},
            '{"maxTime": "5400s"}',
            FitArgs(max_time={"seconds": 5400}),
        ],
        [
            rate(1),
            rate(1.0),
            rate({"constant": 1}),
            rate(LearningRate(constant=1)),
            '{"optimizer": {"learningRate": 1, "adam": {}}}',
            FitArgs(optimizer={"adam": {}, "learning_rate": {"constant": 1.0}}),
        ],
        [
            custom({"a": 3, "b": [1]}),
            custom({"a": 3.0, "b": (1.0,)}),
            custom({"b": [1], "a": 3}),
            custom(STRUCT),
            json.dumps(custom({"b": [1.0], "a": 3})),
        ],
    ],
    ids=["durations", "learning rates", "arguments"],
)
def test_equal_settings_are_equal_text(forms):
    """However they were written, so that they share a cache entry."""
    (text,) = {to_json(parse_fit_args(form)) for form in forms}

    assert text == to_json(parse_fit_args(text))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"max_time": "1h30m"}, {"max_time": "5400s"}),
        ({"max_time": "0.5s"}, {"max_time": "0.500s"}),
        (rate(0.1), rate({"constant": 0.1})),
        (custom({"a": 3, "n": None}), custom({"a": 3.0, "n": None})),
        ({"input": {"cache": 1}}, {"input": {"cache": "MEMORY"}}),
    ],
    ids=str,
)
def test_what_is_written(fields, expected):
    """Plain JSON: seconds, the long form of a learning rate, doubles."""
    assert expected == json.loads(to_json(parse_fit_args(fields)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (custom({}), {"callbacks": [{"custom": {"class_path": "a.B"}}]}),
        (custom({"a": None}), custom({})),
        (custom({"a": True}), custom({"a": 1})),
        (custom({"a": "1"}), custom({"a": 1})),
        (custom({"a": [1, 2]}), custom({"a": [2, 1]})),
        (rate(0.1), rate(0.2)),
        ({"max_time": "1s"}, {"max_time": "1.000000001s"}),
    ],
    ids=str,
)
def test_different_settings_are_different_text(one, other):
    """What may come to another result is another cache entry."""
    assert to_json(parse_fit_args(one)) != to_json(parse_fit_args(other))
