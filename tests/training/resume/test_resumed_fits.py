# SPDX-License-Identifier: Apache-2.0
"""Fits that are interrupted and go on, in one process, compared with others that are not."""

from __future__ import annotations

import dataclasses
import importlib
import os
import signal

import numpy as np
import pytest
import tensorflow as tf
from own_logs import own_messages
from resumed_training import (
    PASS,
    Interrupted,
    Plan,
    assert_same,
    make_data,
    make_evaluation,
    make_model,
    new_model,
    train,
)

from fit_component.objects import generations
from fit_component.proto.fit_args_pb2 import Resume
from fit_component.training.counting import of_keras
from fit_component.training.limits import MaxSteps, MaxTime
from fit_component.training.observation import observed_fits
from fit_component.training.passes import PassNumber
from fit_component.training.resume.fits import resumed_fits
from fit_component.training.run_recorder import RunRecorder

pytestmark = [pytest.mark.keras]

IS_KERAS_3 = generations.generation_of(tf.keras).package == "keras"


class Interrupts(tf.keras.callbacks.Callback):
    """Ends the process, as it were, at one moment.

    Its state is nothing, so that nobody is warned that it is lost.
    """

    def __init__(self, *, batch=None, epoch=None, evaluation=None, end=None):
        super().__init__()
        self._left = {"batch": batch, "epoch": epoch, "evaluation": evaluation, "end": end}

    def get_state(self):
        return None

    def set_state(self, state):
        assert state is None

    def _count(self, kind):
        if self._left[kind] is not None:
            self._left[kind] -= 1
            if self._left[kind] < 0:
                raise Interrupted

    def on_train_batch_end(self, batch, logs=None):
        self._count("batch")

    def on_epoch_begin(self, epoch, logs=None):
        self._count("epoch")

    def on_test_batch_end(self, batch, logs=None):
        self._count("evaluation")

    def on_train_end(self, logs=None):
        self._count("end")


def interrupted(directory, plan, **moment):
    """Trains until a moment."""
    with pytest.raises(Interrupted):
        train(directory, plan, callbacks=[Interrupts(**moment)])


def exact(**fields):
    """A plan that the Keras in use can go on with bit by bit."""
    return Plan(**{"dropout": IS_KERAS_3, **fields})


PLANS = {
    "saved within epochs": exact(save_every_steps=2),
}
SLOW_PLANS = {
    "a pass for each epoch": exact(is_traced_once=False),
    "steps": exact(steps=9),
    "passes longer than epochs": exact(steps=3, epochs=9, save_every_steps=1),
    "epochs longer than passes": exact(steps=2 * PASS + 3, epochs=3, save_every_steps=2),
    "not shuffled": exact(steps=9, shuffle=False, save_every_steps=2),
    "several steps at once": exact(steps=9, at_once=3, save_every_steps=3),
    "built by fit": exact(is_built=False, is_traced_once=False, save_every_steps=2),
    "mirrored": exact(steps=5, replicas=1, save_every_steps=2),
    "mixed precision": exact(precision="mixed_bfloat16", save_every_steps=2),
    "Ftrl": exact(optimizer="Ftrl"),
}


@pytest.mark.parametrize(
    "plan",
    [
        *(pytest.param(plan, id=name) for name, plan in PLANS.items()),
        *(pytest.param(plan, id=n, marks=pytest.mark.slow) for n, plan in SLOW_PLANS.items()),
    ],
)
def test_what_is_left_is_the_same_bit_by_bit(plan, tmp_path):
    """Interrupted twice, within epochs that are not the first."""
    whole = train(tmp_path / "whole", plan)
    cut = tmp_path / "cut"
    interrupted(cut, plan, batch=plan.batches // plan.at_once + 3 // plan.at_once)
    interrupted(cut, plan, batch=1)
    assert_same(train(cut, plan), whole)


@pytest.mark.slow
def test_interrupted_before_an_epoch_nothing_is_trained_again(tmp_path):
    """What was saved at the end of the one before is where it goes on."""
    plan = exact(epochs=3)
    whole = train(tmp_path / "whole", plan)
    interrupted(tmp_path / "cut", plan, epoch=2)
    counts = Interrupts(batch=PASS)
    assert_same(train(tmp_path / "cut", plan, callbacks=[counts]), whole)
    assert 0 == counts._left["batch"]


def test_saving_changes_nothing(tmp_path):
    """A training that is saved leaves what one leaves that is not."""
    plan = exact(save_every_steps=3)
    saved = train(tmp_path / "saved", plan)
    assert_same(saved, train(tmp_path / "not", plan, resumes=False))


@pytest.mark.slow
def test_a_training_that_was_about_to_stop_stops(tmp_path):
    """EarlyStopping had said so when it was interrupted; the best weights are put back."""
    plan = exact(epochs=40, patience=0, fits=2, steps=9)
    whole = train(tmp_path / "whole", plan)
    (epochs, _), *_ = whole.histories
    assert len(epochs) < plan.epochs
    interrupted(tmp_path / "cut", plan, end=0)
    assert_same(train(tmp_path / "cut", plan), whole)


def test_a_model_that_cannot_be_built_before_its_first_batch_starts_anew(tmp_path, caplog):
    """What to do about it is told."""

    class Pairs(tf.keras.utils.Sequence):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return np.ones((4, 4), "float32"), np.ones((4, 1))

    for _ in range(2):
        model = make_model(Plan(is_built=False, dropout=False))
        with resumed_fits(str(tmp_path), Resume(enabled=True)):
            assert [0, 1] == model.fit(Pairs(), epochs=2, verbose=0).epoch
    assert "give it an Input, or call it on a batch. It starts anew." in caplog.text


def test_sigterm_while_the_end_is_saved_is_not_lost(tmp_path):
    """The call has returned by then; the run leaves all the same."""

    class Told(Interrupts):
        def on_train_end(self, logs=None):
            os.kill(os.getpid(), signal.SIGTERM)

    plan = exact(epochs=2)
    with pytest.raises(SystemExit):
        train(tmp_path, plan, callbacks=[Told()])
    counts = Interrupts(batch=0)
    assert 1 == len(train(tmp_path, plan, callbacks=[counts]).histories)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [0, 9], ids=["passes", "steps"])
def test_a_fit_that_had_returned_is_not_trained_again(steps, tmp_path):
    """Its callbacks do nothing; what it left is there, and the second fit goes on."""
    plan = exact(fits=2, epochs=3, steps=steps, save_every_steps=4)
    whole = train(tmp_path / "whole", plan)
    interrupted(tmp_path / "cut", plan, epoch=3)
    interrupted(tmp_path / "cut", plan, epoch=1)
    assert_same(train(tmp_path / "cut", plan), whole)


@pytest.mark.slow
def test_a_run_that_failed_after_its_fits_trains_nothing(tmp_path, caplog):
    """As when the export failed: nothing is read, and all is as it was left."""
    plan = exact(fits=2, epochs=2)
    whole = train(tmp_path / "job", plan)
    caplog.clear()
    assert_same(train(tmp_path / "job", plan, callbacks=[Interrupts(epoch=0, batch=0)]), whole)
    assert [
        "resume: fit 1 had returned and is not trained again.",
        "resume: fit 2 had returned and is not trained again.",
    ] == own_messages(caplog)


@pytest.mark.slow
def test_more_epochs_go_on_from_where_fewer_ended(tmp_path):
    """With the state of the last epoch, not with that which the end of a fit leaves."""
    whole = train(tmp_path / "whole", exact(epochs=6))
    train(tmp_path / "raised", exact(epochs=3))
    assert_same(train(tmp_path / "raised", exact(epochs=6)), whole)


@pytest.mark.slow
def test_fewer_epochs_than_were_trained_start_anew(tmp_path, caplog):
    """There is no way back."""
    whole = train(tmp_path / "whole", exact(epochs=2))
    train(tmp_path / "lowered", exact(epochs=4))
    caplog.clear()
    assert_same(train(tmp_path / "lowered", exact(epochs=2)), whole)
    (message,) = own_messages(caplog)
    assert message == "resume: fit 1 was at epoch 4 and now ends at 2: it starts anew."


def test_a_loss_that_is_no_number_is_not_saved_over_a_good_state(tmp_path, caplog):
    """The next run goes on with the last good one."""

    class Spoils(Interrupts):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch, logs)
            if epoch == 2:
                kernel = self.model.layers[-1].kernel
                kernel.assign(kernel * np.nan)

    plan = exact(epochs=4, patience=9)
    whole = train(tmp_path / "whole", plan)
    with pytest.raises(Interrupted):
        train(tmp_path / "cut", plan, callbacks=[Spoils(epoch=3)])
    assert "the state of fit 1 of epoch 2, whose loss is nan, is not saved" in caplog.text
    caplog.clear()
    assert_same(train(tmp_path / "cut", plan), whole)
    assert "goes on with epoch 2 of 4" in caplog.text


def test_callbacks_of_the_users_own_go_on_with_what_they_gave(tmp_path, caplog):
    """Those that offer get_state and set_state; of the others a warning tells."""

    class Counts(tf.keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

    class Remembers(Counts):
        def get_state(self):
            return {"batches": self.batches, "array": np.arange(2), "nested": [None, ("a", 0.5)]}

        def set_state(self, state):
            assert (2, [None, ("a", 0.5)]) == (len(state["array"]), state["nested"])
            self.batches = state["batches"]

    plan = exact(epochs=3, save_every_steps=4)
    counts, remembers = Counts(), Remembers()
    with pytest.raises(Interrupted):
        train(tmp_path, plan, callbacks=[Counts(), Remembers(), Interrupts(batch=PASS + 6)])
    train(tmp_path, plan, callbacks=[counts, remembers, Interrupts()])
    assert 3 * PASS == remembers.batches
    assert 2 * PASS - 4 == counts.batches
    assert "resume: Counts start anew, since they offer no get_state and set_state." in caplog.text


@pytest.mark.parametrize(
    ("state", "told"),
    [(lambda: {1, 2}, "set cannot be saved"), (lambda: {}["absent"], "'absent'")],
    ids=["a set", "an error"],
)
def test_a_state_that_cannot_be_saved_is_told_and_training_goes_on(state, told, tmp_path, caplog):
    """Once, with the callback's name."""

    class Wrong(tf.keras.callbacks.Callback):
        def get_state(self):
            return state()

        def set_state(self, state): ...

    train(tmp_path, exact(epochs=3), callbacks=[Wrong()])
    assert [
        f"resume: the state of fit 1 cannot be saved: get_state of Wrong: {told}. Training goes on."
    ] == own_messages(caplog)


@pytest.mark.parametrize("kind", ["steps", "time"])
def test_limits_count_what_came_before(kind, tmp_path):
    """Batches of the whole training, and seconds of it."""
    now = [0.0]

    def limit():
        if kind == "steps":
            return of_keras(MaxSteps, tf.keras)(2 * PASS + 5)
        return of_keras(MaxTime, tf.keras)("max_time = 31s", 2 * PASS + 4.5, lambda: now[0])

    class Ticks(Interrupts):
        def on_train_batch_begin(self, batch, logs=None):
            now[0] += 1

    plan = exact(epochs=5, save_every_steps=1)
    with pytest.raises(Interrupted):
        train(tmp_path, plan, callbacks=[Ticks(batch=PASS + 3), limit()])
    now[0] += 1000
    with observed_fits() as fits:
        train(tmp_path, plan, callbacks=[Ticks(), limit()])
    assert 2 * PASS + 5 == int(fits[0].model.optimizer.iterations.numpy())


@pytest.mark.slow
def test_a_limit_that_is_raised_goes_on(tmp_path):
    """What was done of an epoch that a limit cut short is not taken for the whole of it."""
    plan = exact(epochs=4)
    whole = train(tmp_path / "whole", plan)
    stops = of_keras(MaxSteps, tf.keras)(2 * PASS + 5)
    with pytest.raises(Interrupted):
        train(tmp_path / "cut", plan, callbacks=[stops, Interrupts(end=0)])
    assert_same(train(tmp_path / "cut", plan), whole)
    train(tmp_path / "limited", plan, callbacks=[of_keras(MaxSteps, tf.keras)(2 * PASS + 5)])
    assert_same(train(tmp_path / "limited", plan), whole)


def test_sigterm_saves_with_the_next_batch(tmp_path, caplog):
    """It leaves with the exit code of a process that the signal ended, and goes on there."""

    class Told(Interrupts):
        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1
            if self.batches == 2 * PASS + 3:
                os.kill(os.getpid(), signal.SIGTERM)

        batches = 0

    plan = exact(epochs=4)
    whole = train(tmp_path / "whole", plan)
    before = signal.getsignal(signal.SIGTERM)
    told = Told()
    with pytest.raises(SystemExit) as left:
        train(tmp_path / "cut", plan, callbacks=[told])
    assert (143, 2 * PASS + 3) == (left.value.code, told.batches)
    assert before is signal.getsignal(signal.SIGTERM)
    counts = Interrupts(batch=2 * PASS)
    assert_same(train(tmp_path / "cut", plan, callbacks=[counts]), whole)
    assert 3 == counts._left["batch"]
    assert "goes on with epoch 2 of 4, counted from 0, behind 3 batches of it" in caplog.text


def test_what_another_keras_saved_is_told_and_left_alone(tmp_path, caplog):
    """The variables of one generation are not those of the other."""
    x = np.ones((8, 2), "float32")

    def fit(keras):
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        with resumed_fits(str(tmp_path), Resume(enabled=True)):
            return model.fit(x, x[:, :1], epochs=2, verbose=0)

    fit(importlib.import_module("keras"))
    saved = sorted(path.name for path in (tmp_path / "keras" / "fit-1").iterdir())
    assert [0, 1] == fit(importlib.import_module("tf_keras")).epoch
    assert saved == sorted(path.name for path in (tmp_path / "keras" / "fit-1").iterdir())
    (told,) = own_messages(caplog)
    assert told.startswith("resume: what was saved of fit 1 is of keras, and this is tf_keras 2.")


def test_another_model_starts_anew(tmp_path, caplog):
    """What differs is told, and nothing is put into it."""
    plan = exact(epochs=2)
    train(tmp_path / "job", dataclasses.replace(plan, precision="float64"))
    caplog.clear()
    whole = train(tmp_path / "whole", plan)
    assert_same(train(tmp_path / "job", plan), whole)
    assert "what was saved of fit 1 is of another model: " in own_messages(caplog)[0]
    assert "is (4, 8) of float64 there and (4, 8) of float32 here" in own_messages(caplog)[0]


def test_a_fit_that_knows_nothing_of_it_is_given_its_first_epoch(tmp_path):
    """Over data of the module's own, with no callback; epochs are not trained twice."""
    x = np.random.RandomState(3).randn(24, 4).astype("float32")

    class Interrupting(tf.keras.utils.Sequence):
        def __init__(self, left):
            super().__init__()
            self.left = left

        def __len__(self):
            return 3

        def __getitem__(self, index):
            self.left -= 1
            if self.left < 0:
                raise ValueError("the end")
            return x[8 * index : 8 * index + 8], np.ones(8)

    def fit(left):
        model = make_model(Plan(dropout=False))
        with resumed_fits(str(tmp_path), Resume(enabled=True)), observed_fits() as fits:
            history = model.fit(Interrupting(left), epochs=4, verbose=0, shuffle=False)
        return fits[0], history, int(model.optimizer.iterations.numpy())

    with pytest.raises(Exception, match="the end"):
        fit(9)
    call, history, steps = fit(100)
    assert (2, 2) == (call.arguments["initial_epoch"], call.resumed_from)
    assert ([0, 1, 2, 3], 4, 12) == (history.epoch, len(history.history["loss"]), steps)


@pytest.mark.slow
def test_own_data_of_one_pass_an_epoch_go_on_bit_by_bit(tmp_path):
    """If each pass has the same order; within an epoch too, and whatever was made and not read."""
    plan = exact(epochs=4, save_every_steps=5)

    def fit(directory, callbacks=()):
        model = new_model(dataclasses.replace(plan, dropout=False))
        data = make_data(dataclasses.replace(plan, shuffle=False), PassNumber())
        unread = PassNumber(begins_anywhere=True)
        make_data(dataclasses.replace(plan, steps=3), unread)
        resume = Resume(enabled=True, save_every_steps=5)
        with resumed_fits(str(directory), resume, lambda: [unread]):
            model.fit(
                data,
                epochs=4,
                validation_data=make_evaluation(),
                verbose=0,
                callbacks=list(callbacks),
            )
        return [np.asarray(v).tobytes() for v in model.variables]

    whole = fit(tmp_path / "whole")
    with pytest.raises(Interrupted):
        fit(tmp_path / "cut", [Interrupts(batch=PASS + 7)])
    assert whole == fit(tmp_path / "cut")


@pytest.mark.slow
@pytest.mark.parametrize("steps", [0, 9], ids=["passes", "steps"])
def test_others_that_read_training_data_go_on_where_they_were(steps, tmp_path):
    """As a callback that evaluates on them, on those of the fit and on others."""
    plan = exact(steps=steps, epochs=4, save_every_steps=2, dropout=False)

    class Evaluates(Interrupts):
        def on_epoch_end(self, epoch, logs=None):
            for name, data in self.data.items():
                logs[name] = self.model.evaluate(data, steps=3, verbose=0)[0]

    def fit(directory, **moment):
        model = new_model(plan)
        numbers = [PassNumber(begins_anywhere=True) for _ in range(2)]
        ours, others = (make_data(plan, number) for number in numbers)
        callback = Evaluates(**moment)
        callback.data = {"ours": ours, "others": others}
        resume = Resume(enabled=True, save_every_steps=2)
        with resumed_fits(str(directory), resume, lambda: numbers):
            history = model.fit(
                ours,
                epochs=plan.epochs,
                steps_per_epoch=steps or None,
                verbose=0,
                callbacks=[callback],
            )
        return history.history, [number.next for number in numbers]

    whole = fit(tmp_path / "whole")
    for moment in ({"epoch": 2}, {"batch": 5}):
        with pytest.raises(Interrupted):
            fit(tmp_path / "cut", **moment)
    assert whole == fit(tmp_path / "cut")


def test_the_record_is_that_of_the_whole_training(tmp_path):
    """All epochs, why it ended, and where it was taken up."""
    plan = exact(epochs=4, save_every_steps=4)

    def recorded(callbacks):
        recorder = RunRecorder({}, lambda _: None)
        with recorder.recorded():
            train(tmp_path, plan, callbacks=callbacks)
        return recorder.record()

    with pytest.raises(Interrupted):
        recorded([Interrupts(batch=2 * PASS + 5)])
    run = recorded([Interrupts()])
    (fit,) = run.fits
    assert [0, 1, 2, 3] == [epoch.epoch for epoch in fit.epochs]
    assert [PASS] * 4 == [epoch.steps for epoch in fit.epochs]
    assert (2, "all_epochs") == (fit.resumed_from, fit.stop_reason)
    assert 2 == run.results["resumed_from"]


@pytest.mark.slow
def test_who_stopped_it_is_on_record_of_a_fit_that_is_skipped(tmp_path):
    """Though nobody stops it this time."""
    plan = exact(epochs=40, patience=0)
    for _ in range(2):
        recorder = RunRecorder({}, lambda _: None)
        with recorder.recorded():
            train(tmp_path, plan)
        assert "callback:EarlyStopping" == recorder.record().fits[0].stop_reason


@pytest.mark.tf_keras  # Keras 3 keeps their state in variables
def test_layers_that_tf_keras_cannot_go_on_with_are_named(tmp_path, caplog):
    """A training with them goes on, and not bit by bit."""
    plan = Plan(epochs=3)
    interrupted(tmp_path, plan, epoch=2)
    train(tmp_path, plan)
    assert "keeps the random numbers of dropout" in caplog.text
    assert "out of reach, so not bit for bit" in caplog.text


def test_another_worker_goes_on_and_saves_nothing(tmp_path):
    """The chief's state is its own as well."""
    plan = exact(epochs=3)
    interrupted(tmp_path, plan, epoch=2)
    before = sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*.zip"))
    model = new_model(plan)
    with resumed_fits(str(tmp_path / "job"), Resume(enabled=True), writes=False):
        history = model.fit(make_data(plan, PassNumber()), epochs=3, verbose=0)
    assert [0, 1, 2] == history.epoch
    assert before == sorted((p, p.stat().st_mtime_ns) for p in tmp_path.rglob("*.zip"))
