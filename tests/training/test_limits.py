# SPDX-License-Identifier: Apache-2.0
"""max_steps and max_time end a training where they say, in both generations."""

from __future__ import annotations

import copy
import logging

import keras
import pytest
import tensorflow as tf
import tf_keras
from own_logs import own_messages

from fit_component import FitArgs
from fit_component.training.limits import make_limits

BATCH = ([[1.0], [2.0]], [[1.0], [3.0]])


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def batches(count, *, is_known=True):
    """So many batches, of a length that is known or not; None: without end."""
    data = tf.data.Dataset.from_tensors(BATCH).repeat(count)
    return data if is_known else data.filter(lambda *_: True)


def make(module, **kwargs):
    """The smallest model."""
    model = module.Sequential([module.layers.Dense(1)])
    model.compile("sgd", "mse", **kwargs)
    return model


def run(model, data, limits, **kwargs):
    """Trains; returns the steps that the optimizer has made and the epochs in the history."""
    history = model.fit(data, callbacks=limits, verbose=0, **kwargs)
    return int(model.optimizer.iterations), history.epoch


class Clock:
    """Goes on by a second each time that it is looked at."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1
        return self.now


def seconds(count):
    return FitArgs(max_time={"seconds": count})


@pytest.mark.parametrize(
    ("max_steps", "expected"),
    [
        (1, (1, [0])),
        (3, (3, [0])),
        (4, (4, [0])),
        (6, (6, [0, 1])),
        (12, (12, [0, 1, 2])),
        (100, (12, [0, 1, 2])),
    ],
)
def test_training_stops_after_so_many_batches_over_all_epochs(module, max_steps, expected):
    """In mid-epoch too; that epoch is in the history."""
    limits = make_limits(FitArgs(max_steps=max_steps), module)
    assert expected == run(make(module), batches(None), limits, steps_per_epoch=4, epochs=3)


@pytest.mark.parametrize("is_known", [True, False])
def test_batches_are_counted_rightly_where_the_data_end_each_epoch(module, is_known):
    """Also where Keras asks for a batch that is not there, to find that out."""
    limits = make_limits(FitArgs(max_steps=8), module)
    model = make(module)
    batches_of_epochs = []

    class Count(module.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            batches_of_epochs.append(0)

        def on_train_batch_end(self, batch, logs=None):
            batches_of_epochs[-1] += 1

    run(model, batches(3, is_known=is_known), [*limits, Count()], epochs=5)
    assert [3, 3, 2] == batches_of_epochs


def test_executions_of_several_batches_are_counted_by_their_batches(module):
    """They cannot be interrupted."""
    limits = make_limits(FitArgs(max_steps=6), module)
    model = make(module, steps_per_execution=2)
    assert (6, [0, 1]) == run(model, batches(None), limits, steps_per_epoch=4, epochs=3)


def test_the_last_execution_of_an_epoch_may_be_shorter(module):
    """Of 5 batches and 2 per execution it is one: two epochs are 10, not 12."""
    limits = make_limits(FitArgs(max_steps=12), module)
    model = make(module, steps_per_execution=2)
    assert (12, [0, 1, 2]) == run(model, batches(5), limits, epochs=4)


def test_epochs_before_the_initial_one_do_not_count(module):
    """What counts is this fit."""
    limits = make_limits(FitArgs(max_steps=3), module)
    model = make(module)
    expected = (3, [5, 6])
    assert expected == run(
        model, batches(None), limits, steps_per_epoch=2, epochs=9, initial_epoch=5
    )


def test_training_stops_at_the_end_of_the_batch_in_which_the_time_is_over(module):
    """The clock is looked at when fit starts and after each batch, here a second each."""
    limits = make_limits(seconds(6), module, clock=Clock())
    assert (6, [0]) == run(make(module), batches(None), limits, steps_per_epoch=10, epochs=2)


def test_the_time_may_end_with_an_evaluation(module):
    """Then no other epoch begins: the clock is looked at after each epoch, too."""
    limits = make_limits(seconds(5), module, clock=Clock())
    data = batches(None)
    assert (4, [0]) == run(make(module), data, limits, steps_per_epoch=4, epochs=2)


def test_nothing_is_said_where_the_training_is_over_anyway(module, caplog):
    """The last epoch has ended before the time."""
    (limit,) = make_limits(seconds(5), module, clock=Clock())
    with caplog.at_level(logging.INFO, "fit_component"):
        run(make(module), batches(None), [limit], steps_per_epoch=4)
    assert (None, []) == (limit.stopped_after, own_messages(caplog))


@pytest.mark.parametrize(
    ("fit_args", "setting"),
    [
        (FitArgs(max_steps=6), "max_steps = 6"),
        (FitArgs(max_time={"seconds": 6, "nanos": 500_000_000}), "max_time = 6.5s"),
    ],
)
def test_a_limit_logs_that_it_acts_and_where(module, caplog, fit_args, setting):
    """In one line, that names the setting."""
    (limit,) = make_limits(fit_args, module, clock=Clock())
    with caplog.at_level(logging.INFO, "fit_component"):
        run(make(module), batches(None), [limit], steps_per_epoch=4, epochs=3)
    expected = f"{setting}: training stops after 6 batches, 2 of them in epoch 1, counted from 0."
    assert (6, [expected]) == (limit.stopped_after, own_messages(caplog))


def test_the_first_limit_that_is_reached_ends_training(module, caplog):
    """And logs it, not the other."""
    fit_args = FitArgs(max_steps=3, max_time={"seconds": 2})
    steps, time = make_limits(fit_args, module, clock=Clock())
    run(make(module), batches(None), [steps, time], steps_per_epoch=4)
    assert (None, 2) == (steps.stopped_after, time.stopped_after)


def test_without_limits_there_are_no_callbacks(module):
    """A hook per batch is not free."""
    assert [] == make_limits(FitArgs(num_steps=3), module)


def test_a_limit_starts_anew_with_each_fit(module):
    """Also a copy of it, as KerasTuner makes one for each trial."""
    limits = make_limits(FitArgs(max_steps=3), module)
    for again in (limits, limits, copy.deepcopy(limits)):
        assert (3, [0]) == run(make(module), batches(None), again, steps_per_epoch=4)


def test_the_epoch_that_is_cut_short_is_evaluated_and_has_its_place_in_the_history(module):
    """As one that ran to its end."""
    limits = make_limits(FitArgs(max_steps=6), module)
    data = batches(None)
    history = make(module).fit(
        data,
        validation_data=batches(2),
        steps_per_epoch=4,
        epochs=3,
        callbacks=limits,
        verbose=0,
    )
    assert {"loss": 2, "val_loss": 2} == {name: len(v) for name, v in history.history.items()}


def test_early_stopping_still_restores_the_best_weights(module):
    """At the end of training, whatever ended it."""
    model = make(module)
    best = module.callbacks.EarlyStopping("loss", patience=9, restore_best_weights=True, mode="max")
    limits = make_limits(FitArgs(max_steps=6), module)
    weights = []
    keep = module.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()[0].item())
    )
    run(model, batches(None), [*limits, keep, best], steps_per_epoch=2, epochs=9)
    assert 3 == len(set(weights))
    assert weights[0] == model.get_weights()[0].item()
