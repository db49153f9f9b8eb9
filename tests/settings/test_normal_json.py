# SPDX-License-Identifier: Apache-2.0
"""The normalised JSON that the execution property holds."""

import pytest
from google.protobuf import json_format

from fit_component import FitArgs
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
