# SPDX-License-Identifier: Apache-2.0
"""What settings of the optimizer do to the weights, as computed by hand."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from fit_component.objects.fit_kwargs import make_fit_kwargs
from fit_component.objects.optimizers import make_optimizer
from fit_component.objects.precision import precise, set_precision
from fit_component.proto.fit_args_pb2 import FitArgs

GRADIENT = np.float32([3, 4])  # of norm 5


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that trains."""
    return request.param


def climb(module, steps=1, start="zeros", other=None, **settings):
    """Weights after each of some steps of SGD at rate 1 that each would add 3 and 4.

    With `other`, there is a second layer whose gradient that is.
    """
    settings = {"learning_rate": {"constant": 1.0}, **settings}
    optimizer = make_optimizer(
        FitArgs(optimizer={"sgd": {}, **settings}), module, steps_per_epoch=lambda: 2
    )
    features = module.layers.Input((2,))
    parts = [features[:, :2]] if other is None else [features, features * other]
    outputs = [
        module.layers.Dense(1, use_bias=False, kernel_initializer=start)(part) for part in parts
    ]
    model = module.Model(features, sum(outputs[1:], outputs[0]))
    model.compile(optimizer, loss=lambda label, prediction: -prediction)
    trail = []

    def remember(batch, logs):
        trail.append(np.concatenate(model.get_weights()).ravel().tolist())

    data = tf.data.Dataset.from_tensors((GRADIENT[None], np.zeros((1, 1)))).repeat(steps)
    watch = module.callbacks.LambdaCallback(on_train_batch_end=remember)
    model.fit(data, verbose=0, callbacks=[watch])
    trail.append(np.concatenate(model.get_weights()).ravel().tolist())
    return trail


def test_without_settings_the_gradient_is_the_step(module):
    """What the other tests compare with."""
    assert [[3, 4], [6, 8], [6, 8]] == climb(module, 2)


CLIPPING = [
    ({"clipnorm": 1.0}, [0.6, 0.8, 0.6, 0.8]),  # each layer's own norm becomes 1
    ({"clipnorm": 20.0}, [3, 4, 6, 8]),
    ({"clipvalue": 3.5}, [3, 3.5, 3.5, 3.5]),
    # Together they have the norm 5 * sqrt(5).
    ({"global_clipnorm": math.sqrt(5)}, [0.6, 0.8, 1.2, 1.6]),
]


@pytest.mark.parametrize(("clipping", "step"), CLIPPING)
def test_clipping_limits_the_first_step(module, clipping, step):
    """Two layers, whose gradients are (3, 4) and (6, 8)."""
    assert pytest.approx(step) == climb(module, other=2.0, **clipping)[-1]


def test_weight_decay_takes_off_its_share_times_the_rate(module):
    """Of the weights before the step, which are 1."""
    expected = [1 - 0.5 * 0.25 + 0.5 * 3, 1 - 0.5 * 0.25 + 0.5 * 4]
    rate = {"learning_rate": {"constant": 0.5}}
    assert expected == climb(module, start="ones", weight_decay=0.25, **rate)[-1]


def test_training_ends_with_the_average_of_the_weights(module):
    """Keras 3 averages from the first step's weights on, tf_keras from the initial ones."""
    *steps, end = climb(module, 3, use_ema=True, ema_momentum=0.75)
    assert [[3, 4], [6, 8], [9, 12]] == steps
    average = np.zeros(2) if module is tf_keras else np.array(steps[0])
    for weights in steps if module is tf_keras else steps[1:]:
        average = 0.75 * average + 0.25 * np.array(weights)
    assert pytest.approx(average.tolist()) == end


def test_the_average_overwrites_the_weights(module):
    """At every second step, and training goes on from there."""
    steps = climb(module, 3, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    # After the first step (3, 4) the second one would lead to (6, 8).
    first = np.zeros(2) + 0.5 * GRADIENT if module is tf_keras else GRADIENT
    second = 0.5 * first + 0.5 * 2 * GRADIENT
    expected = [GRADIENT.tolist(), second.tolist(), (second + GRADIENT).tolist()]
    assert expected == steps[:3]


SCHEDULES = [
    (
        {
            "polynomial_decay": {
                "initial_learning_rate": 1,
                "decay_steps": 4,
                "end_learning_rate": 0,
            }
        },
        [1, 0.75, 0.5, 0.25, 0, 0],
    ),
    (
        # Two steps per epoch.
        {"exponential_decay": {"initial_learning_rate": 1, "decay_epochs": 1, "decay_rate": 0.25}},
        [1, 0.5, 0.25, 0.125, 0.0625, 0.03125],
    ),
    (
        {"piecewise_constant_decay": {"boundaries": [1], "values": [0.5, 0.25]}},
        [0.5, 0.5, 0.25, 0.25, 0.25, 0.25],
    ),
    (
        {
            "cosine_decay": {
                "initial_learning_rate": 0,
                "warmup_target": 1,
                "warmup_epochs": 1,
                "decay_epochs": 1,
            }
        },
        [0, 0.5, 1, 0.5, 0, 0],
    ),
]


@pytest.mark.parametrize(("schedule", "rates"), SCHEDULES)
def test_each_step_has_the_rate_of_the_schedule(module, schedule, rates):
    """The first batch is step 0."""
    trail = [first / 3 for first, _ in climb(module, len(rates), learning_rate=schedule)]
    steps = np.diff([0, *trail[:-1]]).tolist()
    assert pytest.approx(rates, abs=1e-6) == steps


def test_schedules_count_batches_where_gradients_are_accumulated():
    """The change has the rate of the last of its batches."""
    schedule = {"initial_learning_rate": 1, "decay_steps": 10, "end_learning_rate": 0}
    settings = {"learning_rate": {"polynomial_decay": schedule}, "gradient_accumulation_steps": 2}
    trail = [first / 3 for first, _ in climb(keras, 6, **settings)]
    assert pytest.approx([0, 0.9, 0.9, 1.6, 1.6, 2.1, 2.1]) == trail


def regress(module, batch_size, classes=None, precision=None, scale=1.0, **settings):
    """Weights and losses of a linear model after two epochs over 12 examples."""
    rng = np.random.default_rng(3)
    features = scale * rng.normal(size=(12, 3)).astype("float32")
    labels = (features @ np.float32([[1], [2], [-1]]) > 0).astype("float32")
    fit_args = FitArgs(
        epochs=2,
        class_weight=classes,
        execution={"precision": precision} if precision else None,
        optimizer={"sgd": {}, "learning_rate": {"constant": 0.1}, **settings},
    )
    with precise(fit_args):
        if precision:
            set_precision(module, precision)
        dense = module.layers.Dense(1, kernel_initializer="ones")
        model = module.Sequential([module.layers.Input((3,)), dense])
        optimizer = make_optimizer(fit_args, module, steps_per_epoch=lambda: 12 // batch_size)
        model.compile(optimizer, "mse")
    data = tf.data.Dataset.from_tensor_slices((features, labels)).batch(batch_size)
    kwargs = make_fit_kwargs(fit_args, callbacks=[], train_steps=None, eval_steps=None)
    before = features.sum(axis=1, keepdims=True)  # the initial weights are ones
    history = model.fit(data, **{**kwargs, "verbose": 0})
    weights = np.concatenate([weight.ravel() for weight in model.get_weights()]).tolist()
    return weights, history.history["loss"][0], (before - labels) ** 2, labels


def test_accumulated_gradients_are_those_of_one_large_batch():
    """Three batches of 4 change the weights as one of 12 does."""
    accumulated, *_ = regress(keras, 4, gradient_accumulation_steps=3)
    assert pytest.approx(regress(keras, 12)[0], rel=1e-5) == accumulated
    assert pytest.approx(regress(keras, 4)[0], rel=1e-3) != accumulated


def test_gradients_are_accumulated_over_the_end_of_an_epoch():
    """An epoch of 3 batches ends between two changes of 2 batches each."""
    trail = climb(keras, 3, gradient_accumulation_steps=2)
    assert [[0, 0], [3, 4], [3, 4], [3, 4]] == trail


def test_a_loss_scale_factor_changes_no_result():
    """The gradients are divided by what the loss was multiplied by."""
    assert pytest.approx(regress(keras, 4)[0]) == regress(keras, 4, loss_scale_factor=64.0)[0]


@pytest.mark.keras
def test_mixed_float16_trains_as_float32_does(module):
    """But for the narrow type's digits: Keras scales the loss, and the gradients back."""
    # Gradients above 2 would overflow at Keras' first scale, 2 ** 15, and the step be left out.
    narrow, *_ = regress(module, 12, precision="mixed_float16", scale=0.25)
    wide, *_ = regress(module, 12, scale=0.25)
    assert pytest.approx(wide, rel=1e-2) == narrow
    assert wide != narrow


def test_class_weights_weight_the_loss(module):
    """The loss of the first epoch of one batch is that of the initial weights."""
    _, loss, squares, labels = regress(module, 12, classes={0: 0.5, 1: 3.0})
    assert {0, 1} == set(labels.ravel().tolist())
    assert pytest.approx(float(np.mean(squares * np.where(labels == 1, 3.0, 0.5)))) == loss


def test_class_weights_weight_the_gradients(module):
    """Weights all alike are a learning rate so many times larger."""
    weighted, *_ = regress(module, 12, classes={0: 2.0, 1: 2.0})
    faster, *_ = regress(module, 12, learning_rate={"constant": 0.2})
    assert pytest.approx(faster, rel=1e-5) == weighted
