# SPDX-License-Identifier: Apache-2.0
"""What is recorded of the fits in a run, in both generations."""

from __future__ import annotations

import itertools
import logging
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from own_logs import own_messages

from fit_component import FitArgs
from fit_component.objects import generations
from fit_component.training import fit_recorder
from fit_component.training.batch_sizes import batch_size_of
from fit_component.training.limits import make_limits
from fit_component.training.run_recorder import RunRecorder

X, Y = np.ones((40, 1), "float32"), np.zeros((40, 1), "float32")


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


class Clock:
    """Goes on by what it is told, or by a second each time that it is looked at."""

    def __init__(self, step=1.0):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def make(module, **kwargs):
    """The smallest model."""
    model = module.Sequential([module.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"], **kwargs)
    return model


def batches(size=4):
    """The examples in batches."""
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(size)


def recorded(*fits, write=lambda files: None, clock=None):
    """Records calls; returns the record."""
    recorder = RunRecorder({"epochs": 3}, write, clock=clock or Clock())
    with recorder.recorded():
        for fit in fits:
            fit()
    return recorder.record()


def one(module, data=None, **kwargs):
    """Records one fit of the smallest model."""
    model = make(module)
    record = recorded(lambda: model.fit(batches() if data is None else data, verbose=0, **kwargs))
    (fit,) = record.fits
    return fit


def test_a_fit_that_knows_nothing_of_it_is_recorded(module):
    """What it got, how it ran, and what came out."""
    fit = one(module, epochs=2, validation_data=batches(8))
    assert {"epochs": 2, "verbose": 0} == {
        name: fit.arguments[name] for name in ("epochs", "verbose")
    }
    assert generations.version_of(module) == fit.keras
    assert ("default", 1) == (fit.strategy, fit.replicas)
    assert "all_epochs" == fit.stop_reason
    assert [(0, 10), (1, 10)] == [(epoch.epoch, epoch.steps) for epoch in fit.epochs]
    assert {"loss", "mae", "val_loss", "val_mae"} == set(fit.epochs[0].metrics)
    assert "val_loss" == fit.monitor
    assert fit.last == fit.epochs[-1].metrics


def test_the_metrics_are_those_of_the_history(module):
    """To the last digit."""
    model = make(module)
    histories = []
    record = recorded(lambda: histories.append(model.fit(batches(), epochs=3, verbose=0).history))
    for name, values in histories[0].items():
        assert values == [epoch.metrics[name] for epoch in record.fits[0].epochs]


def test_time_and_speed_of_an_epoch(module):
    """Seconds by the clock; examples are batches times their size."""
    fit = one(module, epochs=2)
    for epoch in fit.epochs:
        assert epoch.seconds > 0
        assert 40 / epoch.seconds == epoch.examples_per_second
    assert 80 / sum(e.seconds for e in fit.epochs) == pytest.approx(fit.examples_per_second)


def test_what_it_was_called_from_is_named(module):
    """The innermost line that is no library's."""
    fit = one(module)
    assert fit.called_from.startswith("test_run_recorder.py, line ")


class Stops:
    """Ends a training in its second batch."""

    def on_train_batch_end(self, batch, logs=None):
        """Stops."""
        if batch >= 1:
            self.model.stop_training = True


def early_stopping(module):
    return module.callbacks.EarlyStopping("loss", patience=0, min_delta=100.0)


def a_function(module):
    def stop(epoch, logs):
        model.stop_training = True

    model = make(module)
    return model, module.callbacks.LambdaCallback(on_epoch_end=stop)


def test_the_callback_that_stopped_it_is_named(module):
    """One of Keras', one of the module's own, and a function in a LambdaCallback."""
    own = type("Stops", (Stops, module.callbacks.Callback), {})()
    model, by_function = a_function(module)
    record = recorded(
        lambda: make(module).fit(batches(), epochs=9, callbacks=early_stopping(module), verbose=0),
        lambda: make(module).fit(batches(), epochs=9, callbacks=[own], verbose=0),
        lambda: model.fit(batches(), epochs=9, callbacks=[by_function], verbose=0),
    )
    expected = ["callback:EarlyStopping", "callback:Stops", "callback:LambdaCallback"]
    assert expected == [fit.stop_reason for fit in record.fits]
    assert [20, 2, 10] == [fit.steps for fit in record.fits]


def test_limits_are_reasons_of_their_own(module):
    """max_steps in the middle of an epoch, max_time."""
    (steps,) = make_limits(FitArgs(max_steps=13), module)
    (time,) = make_limits(FitArgs(max_time={"seconds": 5}), module, clock=Clock())
    record = recorded(
        lambda: make(module).fit(batches(), epochs=9, callbacks=[steps], verbose=0),
        lambda: make(module).fit(batches(), epochs=9, callbacks=[time], verbose=0),
    )
    assert ["max_steps", "max_time"] == [fit.stop_reason for fit in record.fits]
    assert [10, 3] == [epoch.steps for epoch in record.fits[0].epochs]


def test_a_callback_that_asks_to_stop_at_the_end_stops_nothing(module):
    """All epochs were run."""
    fit = one(module, epochs=2, callbacks=[early_stopping(module)])
    assert "all_epochs" == fit.stop_reason


def test_data_that_end_early(module):
    """Fewer batches than were asked for, and nobody stopped it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras' own
        fit = one(module, batches(), epochs=2, steps_per_epoch=7)
    assert "data_ended" == fit.stop_reason
    assert 10 == fit.steps


def test_an_exception(module):
    """Is on record, and goes on its way."""
    bad = batches().map(lambda x, y: (x, tf.debugging.check_numerics(y / 0.0, "bad")))
    recorder = RunRecorder({}, lambda files: None)
    with pytest.raises(tf.errors.InvalidArgumentError), recorder.recorded():
        make(module).fit(bad, verbose=0)
    record = recorder.record()
    assert "exception:InvalidArgumentError" == record.fits[0].stop_reason
    assert "failed" == record.state
    assert "bad" in record.error


def test_several_fits_are_numbered(module):
    """In the order of their calls."""
    model = make(module)
    record = recorded(
        lambda: model.fit(batches(), verbose=0),
        lambda: model.fit(batches(5), epochs=2, verbose=0),
    )
    assert [(1, 1), (2, 2)] == [(fit.number, len(fit.epochs)) for fit in record.fits]
    assert (2, 3, 26) == tuple(record.results[n] for n in ("calls", "epochs_run", "steps_run"))


def test_no_fit_at_all_is_told(caplog):
    """A module that trains in another way is recorded as such."""
    record = recorded(lambda: None)
    assert "run_fn called no fit of a Keras model" in caplog.text
    assert {"calls": 0} == record.results


def test_the_best_value_goes_by_the_monitor_of_a_callback(module):
    """Which knows the direction of a metric whose name does not tell."""
    monitor = module.callbacks.EarlyStopping("mae", mode="max", patience=9)
    fit = one(module, epochs=3, callbacks=[monitor])
    values = [epoch.metrics["mae"] for epoch in fit.epochs]
    best = {best.metric: best for best in fit.best}
    assert "mae" == fit.monitor
    assert ("max", max(values), values.index(max(values))) == (
        best["mae"].mode,
        best["mae"].value,
        best["mae"].epoch,
    )
    assert fit.best_epoch == best["mae"].epoch


def test_without_a_monitor_there_is_no_best_of_what_has_no_direction(module):
    """Nothing is guessed."""
    assert {"loss"} == {best.metric for best in one(module).best}


def test_a_nan_is_never_the_best(module):
    """But it is in the history, and in what came out, as a text."""
    model = make(module)
    record = recorded(lambda: model.fit(batches().map(lambda x, y: (x, y / 0.0)), verbose=0))
    assert np.isnan(record.fits[0].epochs[0].metrics["loss"])
    assert () == tuple(record.fits[0].best)
    assert "nan" == record.results["last.loss"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (lambda base: base.batch(7), 7),
        (lambda base: base.batch(7, drop_remainder=True).repeat(), 7),
        (lambda base: base.batch(7).map(lambda x: x).cache().prefetch(1).take(2), 7),
        (lambda base: base.batch(7).shuffle(3), 7),
        (lambda base: base, None),
        (lambda base: base.batch(7).unbatch(), None),
        (lambda base: base.flat_map(lambda _: base.batch(7)), None),
        (lambda base: [1, 2], None),
    ],
    ids=["batch", "static", "chain", "shuffle", "none", "unbatch", "flat_map", "list"],
)
def test_the_batch_size_without_a_look_at_the_data(data, expected):
    """From the chain of a dataset, or not at all."""
    assert expected == batch_size_of(data(tf.data.Dataset.range(100)))


def test_the_data_are_not_read(module):
    """Of a shuffled dataset the order stays: one look would change that of the next pass."""
    seen = []

    def note(x, y):
        seen.append(1)
        return x, y

    def noted(x, y):
        arrays = tf.numpy_function(note, [x, y], [tf.float32, tf.float32])
        return [tf.ensure_shape(array, [None, 1]) for array in arrays]

    data = batches().map(lambda x, y: tuple(noted(x, y)))
    model = make(module)
    model.fit(data, verbose=0)
    alone = len(seen)
    recorded(lambda: model.fit(data, verbose=0))
    assert 2 * alone == len(seen)


def test_training_is_the_same_with_and_without(module):
    """Weights and metrics, bit by bit: no random number is drawn."""

    def train():
        module.utils.set_random_seed(5)
        model = module.Sequential([module.layers.Dropout(0.5), module.layers.Dense(3)])
        model.compile("adam", "mse")
        data = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(40).batch(4)
        history = model.fit(data, epochs=2, verbose=0).history
        return [*model.get_weights(), np.array(history["loss"])]

    alone, found = train(), []
    recorded(lambda: found.extend(train()))
    assert all(map(np.array_equal, alone, found))


def test_it_has_no_hook_for_batches(module):
    """So that tf_keras does not fetch metrics, nor Keras 3 wait, after each batch."""
    hooks = {name for name in vars(fit_recorder.EpochWatcher) if name.startswith("on_")}
    assert {"on_train_begin", "on_epoch_begin", "on_epoch_end"} == hooks


def test_credentials_in_what_run_fn_raises_are_masked():
    """It is raised as it was."""
    recorder = RunRecorder({}, lambda files: None, hide=lambda text: text.replace("abc", "***"))
    with pytest.raises(RuntimeError, match="abc"), recorder.recorded():
        raise RuntimeError("401 for abc")
    assert "RuntimeError: 401 for ***" == recorder.record().error


def test_its_own_errors_end_no_training(module, caplog):
    """Each is logged, and the training goes on."""

    def write(files):
        raise OSError("disk full")

    model = make(module)
    record = recorded(lambda: model.fit(batches(), epochs=2, verbose=0), write=write)
    assert 2 == len(record.fits[0].epochs)
    assert "could not be written" in caplog.text
    assert "disk full" in caplog.text


def test_a_record_that_fails_ends_no_training(module, monkeypatch, caplog):
    """Whatever goes wrong in it."""
    monkeypatch.setattr(fit_recorder, "_numbers", lambda logs: 1 / 0)
    fit = one(module, epochs=2)
    assert () == tuple(fit.epochs)
    assert "could not be recorded" in caplog.text


def test_it_is_written_after_each_epoch(module):
    """A run that is killed leaves what it did so far."""
    written = []
    model = make(module)
    recorded(
        lambda: model.fit(batches(), epochs=3, verbose=0), write=written.append, clock=Clock(0.0)
    )
    rows = [files["history.csv"].count("\n") - 1 for files in written]
    assert [1, 2, 3] == sorted({*rows} - {0})
    assert '"state": "running"' in written[0]["summary.json"]
    assert '"state": "complete"' in written[-1]["summary.json"]


def test_where_writing_is_slow_it_is_done_less_often(module):
    """A two-hundredth of the time at most, but at the end in any case."""
    clock, written = Clock(0.0), []

    def write(files):
        clock.now += 1.0
        written.append(clock.now)

    def an_epoch(epoch, logs):
        clock.now += 50.0

    passes = module.callbacks.LambdaCallback(on_epoch_end=an_epoch)
    model = make(module)
    recorded(
        lambda: model.fit(batches(20), epochs=12, callbacks=[passes], verbose=0),
        write=write,
        clock=clock,
    )
    within = [later - earlier for earlier, later in itertools.pairwise(written[:-2])]
    assert within
    assert min(within) >= 200.0


@pytest.mark.parametrize("is_list", [True, False])
def test_a_list_of_callbacks_of_the_users_is_left_as_it_was(module, is_list):
    """Also a CallbackList, which takes part in it as it is."""
    model = make(module)
    own = [module.callbacks.LambdaCallback()]
    given = own if is_list else module.callbacks.CallbackList(own, add_history=True, model=model)
    before = list(given if is_list else given.callbacks)
    record = recorded(lambda: model.fit(batches(), callbacks=given, verbose=0))
    assert before == list(given if is_list else given.callbacks)
    assert 1 == len(record.fits[0].epochs)


def test_stop_training_is_as_before_afterwards(module):
    """The attribute is Keras' own again, with its value."""
    model = make(module)
    recorded(lambda: model.fit(batches(), epochs=9, callbacks=[early_stopping(module)], verbose=0))
    assert model.stop_training is True
    assert "stop_training" not in vars(module.Model)
    model.fit(batches(), verbose=0)
    assert model.stop_training is False


def test_the_level_of_what_is_logged(module, caplog):
    """A run that goes well says nothing."""
    with caplog.at_level(logging.INFO, logger="fit_component"):
        one(module)
    assert [] == own_messages(caplog)
