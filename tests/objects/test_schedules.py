# SPDX-License-Identifier: Apache-2.0
"""Learning rates from settings: the rate at a step is what the contract's formula says."""

from __future__ import annotations

import math

import keras
import pytest
import tensorflow as tf
import tf_keras

from fit_component.errors import FitArgsError, Problem
from fit_component.objects.schedules import _ROWS, make_learning_rate
from fit_component.proto.fit_args_pb2 import LearningRate


def cosine(fraction):
    """From 1 to 0 along half a wave."""
    return (1 + math.cos(math.pi * fraction)) / 2


# Settings, and the rate at steps: at the start, inside, at the end, and past it.
RATES = [
    (
        {"exponential_decay": dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=0.25)},
        {0: 0.5, 5: 0.25, 10: 0.125, 25: 0.5 * 0.25**2.5},
    ),
    (
        {
            "exponential_decay": dict(
                initial_learning_rate=0.5, decay_steps=10, decay_rate=0.25, staircase=True
            )
        },
        {0: 0.5, 9: 0.5, 10: 0.125, 19: 0.125, 20: 0.03125},
    ),
    (
        {"cosine_decay": dict(initial_learning_rate=0.5, decay_steps=10)},
        {0: 0.5, 5: 0.25, 9: 0.5 * cosine(0.9), 10: 0, 25: 0},
    ),
    (
        {"cosine_decay": dict(initial_learning_rate=0.5, decay_steps=10, alpha=0.2)},
        {0: 0.5, 5: 0.5 * (0.8 / 2 + 0.2), 10: 0.1, 25: 0.1},
    ),
    (
        {
            "cosine_decay": dict(
                initial_learning_rate=0.25,
                decay_steps=10,
                alpha=0.5,
                warmup_target=1.25,
                warmup_steps=4,
            )
        },
        # Up in a line over 4 steps, then down over 10 more.
        {0: 0.25, 1: 0.5, 3: 1.0, 4: 1.25, 9: 1.25 * 0.75, 14: 0.625, 15: 0.625},
    ),
    (
        {"cosine_decay_restarts": dict(initial_learning_rate=0.5, first_decay_steps=10)},
        # Falls of 10, 20 and 40 steps.
        {0: 0.5, 5: 0.25, 9: 0.5 * cosine(0.9), 10: 0.5, 20: 0.25, 30: 0.5, 50: 0.25, 70: 0.5},
    ),
    (
        {
            "cosine_decay_restarts": dict(
                initial_learning_rate=0.5, first_decay_steps=10, t_mul=1, m_mul=0.5, alpha=0.2
            )
        },
        # The part above alpha is what shrinks.
        {0: 0.5, 5: 0.3, 10: 0.5 * (0.8 / 2 + 0.2), 15: 0.5 * (0.8 / 4 + 0.2), 20: 0.2},
    ),
    (
        {"polynomial_decay": dict(initial_learning_rate=0.5, decay_steps=10)},
        {0: 0.5, 5: (0.5 - 1e-4) / 2 + 1e-4, 10: 1e-4, 25: 1e-4},
    ),
    (
        {
            "polynomial_decay": dict(
                initial_learning_rate=0.5, decay_steps=10, end_learning_rate=0.1, power=2
            )
        },
        {0: 0.5, 5: 0.4 / 4 + 0.1, 10: 0.1, 25: 0.1},
    ),
    (
        {
            "polynomial_decay": dict(
                initial_learning_rate=0.5, decay_steps=10, end_learning_rate=0, cycle=True
            )
        },
        # Past the end it goes on along the way of twice, then of three times the length.
        {0: 0.5, 5: 0.25, 10: 0, 15: 0.125, 20: 0, 24: 0.1},
    ),
    (
        {"piecewise_constant_decay": dict(boundaries=[2, 5], values=[0.5, 0.25, 0.125])},
        # A boundary is the last step of its value.
        {0: 0.5, 2: 0.5, 3: 0.25, 5: 0.25, 6: 0.125, 25: 0.125},
    ),
    (
        {"inverse_time_decay": dict(initial_learning_rate=0.5, decay_steps=10, decay_rate=2)},
        {0: 0.5, 5: 0.25, 10: 0.5 / 3, 25: 0.5 / 6},
    ),
    (
        {
            "inverse_time_decay": dict(
                initial_learning_rate=0.5, decay_steps=10, decay_rate=2, staircase=True
            )
        },
        {0: 0.5, 9: 0.5, 10: 0.5 / 3, 19: 0.5 / 3, 20: 0.1},
    ),
]

# With 4 steps per epoch; in epochs, and the same in steps.
EPOCHS = [
    ("exponential_decay", {"decay_epochs": 2.5}, {"decay_steps": 10}),
    ("exponential_decay", {"decay_epochs": 0.1}, {"decay_steps": 1}),
    ("exponential_decay", {"decay_epochs": 1.1}, {"decay_steps": 4}),
    ("exponential_decay", {"decay_epochs": 1.125}, {"decay_steps": 5}),
    ("exponential_decay", {"decay_epochs": 1.375}, {"decay_steps": 6}),
    ("polynomial_decay", {"decay_epochs": 3}, {"decay_steps": 12}),
    ("inverse_time_decay", {"decay_epochs": 3}, {"decay_steps": 12}),
    (
        "cosine_decay",
        {"decay_epochs": 3, "warmup_epochs": 0.5},
        {"decay_steps": 12, "warmup_steps": 2},
    ),
    ("cosine_decay", {"decay_steps": 7, "warmup_epochs": 1}, {"decay_steps": 7, "warmup_steps": 4}),
    ("cosine_decay_restarts", {"first_decay_epochs": 2}, {"first_decay_steps": 8}),
    ("piecewise_constant_decay", {"boundary_epochs": [1, 2.5]}, {"boundaries": [3, 9]}),
]


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras whose schedules are used."""
    return request.param


def never():
    """No schedule in steps asks how many an epoch has."""
    raise AssertionError("asked for the steps per epoch")


def make(module, settings, steps_per_epoch=never):
    """The learning rate that a dict describes."""
    return make_learning_rate(LearningRate(**settings), module, "learning_rate", steps_per_epoch)


def test_every_schedule_has_a_row_and_every_field_a_test():
    """A schedule that is in the contract can be made, with all of its arguments."""
    tested = {}
    epochs = [{kind: given} for kind, given, _ in EPOCHS]
    for settings in [settings for settings, _ in RATES] + epochs:
        for kind, given in settings.items():
            tested.setdefault(kind, set()).update(given)
    fields = {f.name: f.message_type for f in LearningRate.DESCRIPTOR.fields if f.message_type}
    assert set(fields) == set(_ROWS)
    assert {kind: {f.name for f in message.fields} for kind, message in fields.items()} == tested


@pytest.mark.parametrize(("settings", "rates"), RATES)
def test_the_rate_at_a_step_is_the_formulas(module, settings, rates):
    """As Keras' optimizers ask for it, with a step of 64 bits, and as a number."""
    schedule = make(module, settings)
    assert isinstance(schedule, module.optimizers.schedules.LearningRateSchedule)
    wanted = pytest.approx(list(rates.values()), rel=1e-5, abs=1e-7)
    assert [float(schedule(tf.constant(step, tf.int64))) for step in rates] == wanted
    assert [float(schedule(step)) for step in rates] == wanted


def test_a_constant_rate_is_a_number(module):
    """So that callbacks can set the optimizer's rate."""
    assert 0.125 == make(module, {"constant": 0.125})


@pytest.mark.parametrize(("kind", "epochs", "steps"), EPOCHS)
def test_epochs_become_whole_steps(module, kind, epochs, steps):
    """To the nearest, halves up, one at least; the same schedule as in steps."""
    given = {"initial_learning_rate": 0.5}
    given |= {"decay_rate": 0.5} if kind in ("exponential_decay", "inverse_time_decay") else {}
    given |= {"warmup_target": 1.0} if kind == "cosine_decay" else {}
    given = {"values": [0.5, 0.25, 0.125]} if kind == "piecewise_constant_decay" else given
    expected = make(module, {kind: {**given, **steps}}).get_config()
    assert make(module, {kind: {**given, **epochs}}, lambda: 4).get_config() == expected


def test_a_boundary_in_epochs_is_where_the_next_epoch_starts(module):
    """All of epoch 0 has the first value, and all of epoch 1 the second."""
    pieces = {"boundary_epochs": [1], "values": [0.5, 0.25]}
    rate = make(module, {"piecewise_constant_decay": pieces}, lambda: 3)
    assert [float(rate(step)) for step in range(6)] == [0.5, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_the_steps_per_epoch_are_asked_for_once(module):
    """Counting them may take a pass over the data."""
    asked = []
    decay = {"initial_learning_rate": 0.5, "decay_epochs": 3, "warmup_epochs": 1}
    make(module, {"cosine_decay": {**decay, "warmup_target": 1.0}}, lambda: asked.append(1) or 4)
    assert [1] == asked


def test_steps_per_epoch_that_are_not_known_are_an_error(module):
    """Whoever is asked may refuse; the error goes through."""

    def unknown():
        raise FitArgsError([Problem("num_steps", "is not set")], "train_args")

    decay = {"initial_learning_rate": 0.5, "decay_epochs": 1, "decay_rate": 0.5}
    with pytest.raises(FitArgsError, match="num_steps: is not set"):
        make(module, {"exponential_decay": decay}, unknown)


def test_boundaries_that_fall_on_one_step_are_refused(module):
    """The value between them would never be used."""
    pieces = {"boundary_epochs": [0.5, 0.6], "values": [0.5, 0.25, 0.125]}
    with pytest.raises(FitArgsError) as caught:
        make(module, {"piecewise_constant_decay": pieces}, lambda: 4)
    (problem,) = caught.value.problems
    assert problem.path == "learning_rate.piecewise_constant_decay.boundary_epochs"
    assert "in batches these are 1, 1, which must rise" in str(problem)
