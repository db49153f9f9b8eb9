# SPDX-License-Identifier: Apache-2.0
"""Optimizers from settings: what goes in can be read back from the object."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import pytest
import tensorflow as tf
import tf_keras

from fit_component.errors import FitArgsError
from fit_component.objects.optimizers import (
    _GOES_WRONG,
    _ROWS,
    check_on_replicas,
    check_optimizer,
    make_optimizer,
)
from fit_component.proto.fit_args_pb2 import FitArgs, Optimizer

# Each kind with every argument of its own, none of them Keras' default.
ARGUMENTS = {
    "adam": {"beta_1": 0.5, "beta_2": 0.25, "epsilon": 0.125, "amsgrad": True},
    "adamw": {"beta_1": 0.5, "beta_2": 0.25, "epsilon": 0.125, "amsgrad": True},
    "sgd": {"momentum": 0.5, "nesterov": True},
    "rmsprop": {"rho": 0.5, "momentum": 0.25, "epsilon": 0.125, "centered": True},
    "adagrad": {"initial_accumulator_value": 0.5, "epsilon": 0.125},
    "adadelta": {"rho": 0.5, "epsilon": 0.125},
    "adamax": {"beta_1": 0.5, "beta_2": 0.25, "epsilon": 0.125},
    "nadam": {"beta_1": 0.5, "beta_2": 0.25, "epsilon": 0.125},
    "ftrl": {
        "learning_rate_power": -0.25,
        "initial_accumulator_value": 0.5,
        "l1_regularization_strength": 0.25,
        "l2_regularization_strength": 0.125,
        "l2_shrinkage_regularization_strength": 0.75,
        "beta": 0.375,
    },
    "lion": {"beta_1": 0.5, "beta_2": 0.25},
    "adafactor": {
        "beta_2_decay": -0.5,
        "epsilon_1": 0.25,
        "epsilon_2": 0.125,
        "clip_threshold": 2.0,
    },
}

# What all take. One kind of clipping at a time.
COMMON = [
    {
        "weight_decay": 0.5,
        "clipnorm": 0.25,
        "use_ema": True,
        "ema_momentum": 0.125,
        "ema_overwrite_frequency": 3,
    },
    {"clipvalue": 0.25},
    {"global_clipnorm": 0.25},
]
KERAS_3 = {"gradient_accumulation_steps": 4, "loss_scale_factor": 8.0}

# Where Keras 3 and tf_keras start from another rate.
DEFAULT_RATE = {"sgd": (0.01, 0.01), "lion": (0.001, 0.0001)}


# Each optimizer in each Keras that has it.
PAIRS = [
    pytest.param(module, kind, id=f"{module.__name__}-{kind}")
    for module in (keras, tf_keras)
    for kind in ARGUMENTS
    if hasattr(module.optimizers, _ROWS[kind])
]


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras whose classes are used."""
    return request.param


def never():
    """Nothing here is given in epochs."""
    raise AssertionError("asked for the steps per epoch")


def settings(kind, own=(), **common):
    """Settings with an optimizer."""
    return FitArgs(optimizer=Optimizer(**{kind: dict(own)}, **common))


def make(module, kind, own=(), **common):
    """The optimizer that settings describe."""
    return make_optimizer(settings(kind, own, **common), module, steps_per_epoch=never)


def held(optimizer, names):
    """What the object says about its arguments."""
    config = optimizer.get_config()
    return {name: config[name] for name in names}


def test_every_optimizer_has_a_row_and_every_field_a_test():
    """An optimizer that is in the contract can be made, with all of its arguments."""
    oneof = Optimizer.DESCRIPTOR.oneofs_by_name["optimizer"]
    fields = {f.name: {own.name for own in f.message_type.fields} for f in oneof.fields}
    assert set(fields) == set(_ROWS)
    assert fields == {kind: set(own) for kind, own in ARGUMENTS.items()}
    common = {f.name for f in Optimizer.DESCRIPTOR.fields if f.containing_oneof is not oneof}
    assert common == {"learning_rate"}.union(*COMMON, KERAS_3)


@pytest.mark.parametrize(("module", "kind"), PAIRS)
def test_its_own_arguments_reach_the_object(module, kind):
    """What the settings say is what the Keras object holds."""
    optimizer = make(module, kind, ARGUMENTS[kind])
    assert type(optimizer) is getattr(module.optimizers, _ROWS[kind])
    assert held(optimizer, ARGUMENTS[kind]) == ARGUMENTS[kind]


@pytest.mark.parametrize(("module", "kind"), PAIRS)
@pytest.mark.parametrize("common", COMMON)
def test_common_arguments_reach_the_object(module, kind, common):
    """Beside each of the optimizers."""
    optimizer = make(module, kind, learning_rate={"constant": 0.25}, **common)
    assert held(optimizer, common) == common
    assert float(optimizer.learning_rate) == 0.25


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_arguments_of_keras_3_reach_its_object(kind):
    """Which tf_keras does not have."""
    assert held(make(keras, kind, **KERAS_3), KERAS_3) == KERAS_3


@pytest.mark.parametrize(("module", "kind"), PAIRS)
def test_what_is_not_set_is_keras_default(module, kind):
    """Nothing is filled in by us."""
    plain = getattr(module.optimizers, _ROWS[kind])()
    ours, theirs = make(module, kind).get_config(), plain.get_config()
    assert {**ours, "name": None} == {**theirs, "name": None}
    default = DEFAULT_RATE.get(kind, (0.001, 0.001))[module is tf_keras]
    assert pytest.approx(default) == float(ours["learning_rate"])


def test_a_zero_differs_from_unset(module):
    """AdamW decays weights unless it is told not to."""
    assert 0.004 == make(module, "adamw").weight_decay
    assert 0 == make(module, "adamw", weight_decay=0.0).weight_decay


def test_a_schedule_is_the_optimizers_learning_rate(module):
    """With what is given in epochs in steps."""
    decay = {"initial_learning_rate": 0.5, "decay_epochs": 2, "decay_rate": 0.25}
    fit_args = settings("sgd", learning_rate={"exponential_decay": decay})
    optimizer = make_optimizer(fit_args, module, steps_per_epoch=lambda: 5)
    config = optimizer.get_config()["learning_rate"]["config"]
    assert (10, 0.25) == (config["decay_steps"], config["decay_rate"])
    assert 0.5 == float(optimizer.learning_rate)


def test_no_settings_are_no_optimizer(module):
    """The module file chooses."""
    assert make_optimizer(FitArgs(), module, steps_per_epoch=never) is None
    assert [] == list(check_optimizer(FitArgs(), module))


def test_each_is_a_new_object(module):
    """A second fit inherits no state."""
    assert make(module, "adam") is not make(module, "adam")


@pytest.mark.parametrize(("name", "value"), KERAS_3.items())
def test_tf_keras_lacks_what_keras_3_has(name, value):
    """Refused before an object is made, and when it is made."""
    fit_args = settings("adam", **{name: value})
    assert [] == list(check_optimizer(fit_args, keras))
    (problem,) = check_optimizer(fit_args, tf_keras)
    assert (problem.path, problem.value) == (f"optimizer.{name}", value)
    version = tf_keras.__version__
    assert f"tf_keras {version} has no such argument; Keras 3, which" in problem.message
    with pytest.raises(FitArgsError) as caught:
        make_optimizer(fit_args, tf_keras, steps_per_epoch=never)
    assert caught.value.problems == (problem,)


def test_all_that_a_keras_lacks_is_told_together():
    """One error names every setting."""
    paths = [p.path for p in check_optimizer(settings("sgd", **KERAS_3), tf_keras)]
    assert paths == [f"optimizer.{name}" for name in KERAS_3]


def test_an_own_argument_that_a_keras_lacks_is_refused():
    """Found by the signature, so that other releases are known too."""

    class Adam(keras.optimizers.Adam):
        def __init__(self, learning_rate=0.001, beta_1=0.9):
            super().__init__(learning_rate, beta_1)

    old = SimpleNamespace(callbacks=keras.callbacks, optimizers=SimpleNamespace(Adam=Adam))
    problems = check_optimizer(settings("adam", {"beta_1": 0.5, "amsgrad": True}), old)
    assert [("optimizer.adam.amsgrad", True)] == [(p.path, p.value) for p in problems]


def test_an_optimizer_that_a_keras_lacks_is_refused():
    """By its name in the settings."""
    old = SimpleNamespace(callbacks=keras.callbacks, optimizers=SimpleNamespace())
    (problem,) = check_optimizer(settings("lion"), old)
    assert f"optimizer.lion: keras {keras.__version__} has no optimizer Lion" == str(problem)


def test_what_keras_refuses_is_told_with_its_words(module):
    """Settings that were not checked reach Keras' own check."""
    with pytest.raises(FitArgsError, match=r"optimizer\.lion: .* does not take it: .*beta_1"):
        make(module, "lion", {"beta_1": 0.0})


def test_checking_makes_no_object(module):
    """Variables would start TensorFlow's runtime, whose devices could not be set up any more."""
    with tf.Graph().as_default() as graph:
        assert [] == list(check_optimizer(settings("adam", **COMMON[0]), module))
    assert [] == graph.get_operations()


ON_REPLICAS = {
    "clipnorm": 1.0,
    "clipvalue": 1.0,
    "global_clipnorm": 1.0,
    "ema_overwrite_frequency": 2,
    "gradient_accumulation_steps": 2,
}


@pytest.mark.parametrize("name", _GOES_WRONG)
def test_keras_3_is_refused_what_it_gets_wrong_on_replicas(name):
    """One replica is fine, and so is tf_keras."""
    fit_args = settings("sgd", use_ema=True, **{name: ON_REPLICAS[name]})
    (problem,) = check_on_replicas(fit_args, keras, 2)
    assert (problem.path, problem.value) == (f"optimizer.{name}", ON_REPLICAS[name])
    assert "with 2 replicas" in problem.message
    assert [] == list(check_on_replicas(fit_args, keras, 1))
    assert [] == list(check_on_replicas(fit_args, tf_keras, 2))


def test_keras_3_is_refused_mixed_float16_on_replicas():
    """Whoever makes the optimizer; other policies scale no loss."""
    fit_args = FitArgs(execution={"precision": "mixed_float16"})
    assert ["execution.precision"] == [p.path for p in check_on_replicas(fit_args, keras, 2)]
    assert [] == list(check_on_replicas(fit_args, tf_keras, 2))
    bfloat = FitArgs(execution={"precision": "mixed_bfloat16"})
    assert [] == list(check_on_replicas(bfloat, keras, 2))
