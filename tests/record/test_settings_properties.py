# SPDX-License-Identifier: Apache-2.0
"""Settings as flat properties of the Model artifact."""

import pytest

from fit_component import FitArgs
from fit_component.record import flat_settings, settings_properties
from fit_component.settings import Brought, parse_fit_args, resolve


def test_defaults():
    """What took effect is there even if nothing was asked for."""
    expected = {
        "fit.splits": "train",
        "fit.epochs": 1,
        "fit.initial_epoch": 0,
        "fit.batch_size": 32,
        "fit.validation.batch_size": 32,
        "fit.validation.freq": 1,
        "fit.verbose": "AUTO",
        "fit.deterministic": 0,
        "fit.callbacks": "",
        "fit.strategy": "default",
        "fit.input.shuffle": 1,
        "fit.input.shuffle_buffer_size": 10_000,
        "fit.input.cache": "NONE",
    }

    assert expected == settings_properties(resolve(FitArgs()), {})


def test_lists_maps_and_choices_are_one_text_each():
    """Lists are joined, maps sorted, callbacks and strategies named, with what is inside."""
    fit_args = FitArgs(
        splits=["a", "b"],
        class_weight={10: 0.5, 2: 1},
        callbacks=[{"tensorboard": {"profile_batch": [1]}}, {"terminate_on_nan": {}}],
        strategy={"mirrored": {"devices": ["GPU:0"]}},
    )
    expected = {
        "fit.splits": "a,b",
        "fit.class_weight": "2:1.0,10:0.5",
        "fit.callbacks": "tensorboard,terminate_on_nan",
        "fit.callbacks[0].tensorboard.profile_batch": "1",
        "fit.strategy": "mirrored",
        "fit.strategy.mirrored.devices": "GPU:0",
    }

    assert expected == settings_properties(fit_args, {})


STEPS = {"initial_learning_rate": 0.5, "decay_steps": 10}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"max_time": "1h30m"}, {"fit.max_time": 5400.0}),
        ({"max_time": "0.25s"}, {"fit.max_time": 0.25}),
        (
            {"optimizer": {"sgd": {"momentum": 0.5, "nesterov": True}, "clipnorm": 1}},
            {
                "fit.optimizer": "sgd",
                "fit.optimizer.sgd.momentum": 0.5,
                "fit.optimizer.sgd.nesterov": 1,
                "fit.optimizer.clipnorm": 1.0,
            },
        ),
        (
            {"optimizer": {"adam": {}, "learning_rate": 0.1}},
            {"fit.optimizer": "adam", "fit.optimizer.learning_rate": 0.1},
        ),
        (
            {"optimizer": {"adam": {}, "learning_rate": {"cosine_decay": STEPS}}},
            {
                "fit.optimizer": "adam",
                "fit.optimizer.learning_rate": "cosine_decay",
                "fit.optimizer.learning_rate.cosine_decay.initial_learning_rate": 0.5,
                "fit.optimizer.learning_rate.cosine_decay.decay_steps": 10,
            },
        ),
        (
            {
                "optimizer": {
                    "adam": {},
                    "learning_rate": {
                        "piecewise_constant_decay": {"boundaries": [1, 2], "values": [1, 0.5, 0.1]}
                    },
                }
            },
            {
                "fit.optimizer": "adam",
                "fit.optimizer.learning_rate": "piecewise_constant_decay",
                "fit.optimizer.learning_rate.piecewise_constant_decay.boundaries": "1,2",
                "fit.optimizer.learning_rate.piecewise_constant_decay.values": "1.0,0.5,0.1",
            },
        ),
        (
            {"strategy": {"mirrored": {"cross_device_ops": "NCCL_ALL_REDUCE"}}},
            {
                "fit.strategy": "mirrored",
                "fit.strategy.mirrored.cross_device_ops": "NCCL_ALL_REDUCE",
            },
        ),
        (
            {"strategy": {"one_device": {"device": "CPU:0"}}},
            {"fit.strategy": "one_device", "fit.strategy.one_device.device": "CPU:0"},
        ),
        (
            {"execution": {"jit_compile": False, "precision": "float16"}, "dry_run": True},
            {
                "fit.execution.jit_compile": 0,
                "fit.execution.precision": "float16",
                "fit.dry_run": 1,
            },
        ),
        (
            {
                "callbacks": [
                    {"early_stopping": {"patience": 3, "restore_best_weights": True}},
                    {"custom": {"class_path": "a.B", "kwargs": {"b": [0.5], "a": 1}}},
                ]
            },
            {
                "fit.callbacks": "early_stopping,custom",
                "fit.callbacks[0].early_stopping.patience": 3,
                "fit.callbacks[0].early_stopping.restore_best_weights": 1,
                "fit.callbacks[1].custom.class_path": "a.B",
                "fit.callbacks[1].custom.kwargs": '{"a": 1, "b": [0.5]}',
            },
        ),
    ],
    ids=str,
)
def test_what_is_set_is_there(fields, expected):
    """A choice by its kind and what it holds; a rate that is a number as that number."""
    assert {"fit.callbacks": "", **expected} == settings_properties(parse_fit_args(fields), {})


@pytest.mark.parametrize(("eval_steps", "expected"), [(None, {}), (5, {"eval_args.num_steps": 5})])
def test_batches_per_evaluation_are_there(eval_steps, expected):
    """Under the path by which the pipeline gives them."""
    flat = flat_settings(FitArgs(epochs=1), eval_steps=eval_steps)
    assert {"epochs": 1, "callbacks": "", **expected} == flat


def test_credentials_are_masked():
    """In maps and in keyword arguments, at any depth; what only sounds like one is not."""
    headers = {"Authorization": "Bearer abc", "Accept": "text/plain"}
    kwargs = {"api_key": "abc", "max_tokens": 5, "inner": [{"db_password": "abc", "user": "me"}]}
    fit_args = parse_fit_args(
        {
            "callbacks": [
                {"remote_monitor": {"headers": headers}},
                {"custom": {"class_path": "a.B", "kwargs": kwargs}},
            ]
        }
    )

    properties = settings_properties(fit_args, {})

    assert (
        "Accept:'text/plain',Authorization:'***'"
        == properties["fit.callbacks[0].remote_monitor.headers"]
    )
    assert (
        '{"api_key": "***", "inner": [{"db_password": "***", "user": "me"}], "max_tokens": 5}'
        == properties["fit.callbacks[1].custom.kwargs"]
    )


def test_kinds_of_values():
    """ML Metadata and Kubeflow take int, float and str, and no bool."""
    properties = settings_properties(resolve(FitArgs(seed=1, deterministic=True)), {})

    assert {int, str} == {type(value) for value in properties.values()}
    assert 1 == properties["fit.deterministic"]


def test_what_parameters_brought():
    """The value by the path of its field, and the parameter's name beside it."""
    patience = "callbacks[0].early_stopping.patience"
    brought = {
        "train_args": {
            "deterministic": Brought("exact", "true"),
            patience: Brought("patience", 0),
            "class_weight[0]": Brought("weight", 0.5),
            "callbacks[1].custom.kwargs.api_key": Brought("key", "abc"),
        },
        "eval_args": {"num_steps": Brought("n-eval", 5)},
    }
    expected = {
        "fit.deterministic": 1,
        "fit.deterministic.runtime_parameter": "exact",
        f"fit.{patience}": 0,
        f"fit.{patience}.runtime_parameter": "patience",
        "fit.class_weight[0]": 0.5,
        "fit.class_weight[0].runtime_parameter": "weight",
        "fit.callbacks[1].custom.kwargs.api_key": "***",
        "fit.eval_args.num_steps": 5,
        "fit.eval_args.num_steps.runtime_parameter": "n-eval",
    }
    properties = settings_properties(FitArgs(seed=1, deterministic=True), brought)
    assert expected.items() <= properties.items()
