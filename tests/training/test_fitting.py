# SPDX-License-Identifier: Apache-2.0
"""Supervision of fit: what cannot end well is refused, what ended early is told."""

from __future__ import annotations

import itertools
import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from own_logs import own_messages

from fit_component import FitArgs, FitArgsError
from fit_component.objects import generations
from fit_component.training import fit_checks, fitting
from fit_component.training.fit_calls import FitCall, full_epochs
from fit_component.training.fitting import supervised_fits
from fit_component.training.limits import make_limits
from fit_component.training.observation import Fit
from fit_component.training.validation import make_every_steps

BATCH = np.ones((2, 1), "float32"), np.ones((2, 1), "float32")
EVERY = FitArgs(validation={"every_steps": 2})


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def other(module):
    return tf_keras if module is keras else keras


def batches(count, *, is_known=True):
    """So many batches, of a length that is known or not; None: without end."""
    data = tf.data.Dataset.from_tensors(BATCH).repeat(count)
    return data if is_known else data.filter(lambda *_: True)


def make(module, model_class=None, *, optimizer="sgd", **kwargs):
    """The smallest model."""
    model = (model_class or module.Sequential)([module.layers.Dense(1)])
    model.compile(optimizer, "mse", **kwargs)
    return model


def supervise(model, data, fit_args=None, **kwargs):
    """Trains under supervision; returns the steps that the optimizer has made."""
    with supervised_fits(FitArgs() if fit_args is None else fit_args):
        model.fit(data, verbose=0, **kwargs)
    return int(tf.convert_to_tensor(model.optimizer.iterations))


def refuse(model, data, fit_args=None, **kwargs):
    """Returns the text of the error before which nothing was trained."""
    with pytest.raises(FitArgsError) as caught:
        supervise(model, data, fit_args, **kwargs)
    assert 0 == int(model.optimizer.iterations)
    return str(caught.value)


def test_data_without_end_need_steps(module):
    """Or the first epoch does not end: the setting is named, with both repairs."""
    expected = (
        "train_args: 1 problem\n"
        "  num_steps: is not set, and fit got data without end and no steps_per_epoch, so its "
        "first epoch would not end; set it and pass steps_per_epoch=fn_args.train_steps or "
        "**fn_args.fit_kwargs to it, or take .repeat() or num_epochs=None out of its data"
    )
    assert expected == refuse(make(module), batches(None))


def test_steps_that_do_not_reach_fit_are_told(module):
    """The setting is there, and the module does not use it."""
    expected = (
        "train_args: 1 problem\n"
        "  num_steps = 5: does not reach fit: fit got data without end and no steps_per_epoch, so "
        "its first epoch would not end; pass steps_per_epoch=fn_args.train_steps or "
        "**fn_args.fit_kwargs to it, or take .repeat() or num_epochs=None out of its data"
    )
    assert expected == refuse(make(module), batches(None), FitArgs(num_steps=5))


def test_evaluation_without_end_needs_steps(module):
    """Those of eval_args."""
    expected = (
        "eval_args: 1 problem\n"
        "  num_steps: fit got validation_data without end and no validation_steps, so its "
        "evaluation would not end; set it and pass validation_steps=fn_args.eval_steps or "
        "**fn_args.fit_kwargs to fit, or take .repeat() or num_epochs=None out of its data"
    )
    assert expected == refuse(make(module), batches(3), validation_data=batches(None))


def test_a_limit_of_batches_ends_data_without_end_too():
    """In Keras 3; tf_keras itself wants steps."""
    limits = make_limits(FitArgs(max_steps=3), keras)
    assert 3 == supervise(make(keras), batches(None), callbacks=limits)


@pytest.mark.parametrize("is_lambda", [False, True])
def test_code_of_the_module_may_end_data_without_end(caplog, is_lambda):
    """Nobody knows, so it is told and not refused."""
    model = make(keras)

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            model.stop_training = True

    stop = Stop()
    if is_lambda:
        stop = keras.callbacks.LambdaCallback(on_train_batch_end=stop.on_train_batch_end)
    assert 1 == supervise(model, batches(None), callbacks=[stop])
    expected = (
        "num_steps: fit got data without end and no steps_per_epoch, so its first epoch would not "
        "end, unless a callback stops it."
    )
    assert [expected] == own_messages(caplog)


@pytest.mark.parametrize("name", ["TerminateOnNaN", "History"])
def test_callbacks_of_keras_do_not_end_an_epoch(module, name):
    """Such data are refused beside them."""
    callbacks = [getattr(module.callbacks, name)()]
    assert "num_steps" in refuse(make(module), batches(None), callbacks=callbacks)


def run_batches(module, count, steps, epochs, at_once):
    """What each epoch really got, without supervision."""
    examples = tf.Variable(0)
    seen = [0]

    class Counting(module.Sequential):
        def train_step(self, data):
            # By the data itself: what does not depend on it runs while it is being waited for.
            examples.assign_add(tf.cast(tf.reduce_sum(data[0]), tf.int32))
            return super().train_step(data)

    end = module.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(int(examples))
    )
    model = make(module, Counting, steps_per_execution=at_once)
    model.fit(batches(count), steps_per_epoch=steps, epochs=epochs, callbacks=[end], verbose=0)
    return [(after - before) // len(BATCH[0]) for before, after in itertools.pairwise(seen)]


LENGTHS = [(6, 3, 1), (6, 2, 1), (7, 3, 1), (5, 5, 1), (4, 5, 1), (8, 4, 2), (5, 5, 2), (5, 4, 2)]


@pytest.mark.parametrize(("count", "steps", "at_once"), LENGTHS)
def test_it_is_known_beforehand_which_epochs_get_all_their_steps(module, count, steps, at_once):
    """The rules of each generation, held against what it does."""
    generation = generations.generation_of(module)
    full = full_epochs(
        count,
        steps,
        at_once=at_once,
        starts_anew=generation.starts_data_anew,
        whole_executions=generation.runs_whole_executions,
    )
    got = run_batches(module, count, steps, 4, at_once)
    short = [epoch for epoch in range(4) if epoch >= len(got) or got[epoch] < steps]
    assert full == (short[0] if short else None)


def test_more_steps_than_the_data_have_are_refused(module):
    """With both numbers, and the epoch that lacks them."""
    expected = (
        "train_args: 1 problem\n"
        "  num_steps = 3: fit was asked for 4 epochs of 3 batches, 12 in all, and its data end "
        "after 7: epoch 3, counted from 0, would be cut short; lower it, repeat its data without "
        "end, by .repeat() or num_epochs=None, or leave it out for one pass over the data in each "
        "epoch"
    )
    kwargs = {"steps_per_epoch": 3, "epochs": 5, "initial_epoch": 1}
    assert expected == refuse(make(module), batches(7), FitArgs(num_steps=3), **kwargs)


@pytest.mark.parametrize(
    ("count", "kwargs"),
    [
        (7, {"epochs": 3}),
        (7, {"epochs": 2, "steps_per_epoch": 3}),
        (7, {"epochs": 9, "initial_epoch": 7, "steps_per_epoch": 3}),
        (3, {"epochs": 3, "steps_per_epoch": 3}),
        (None, {"epochs": 3, "steps_per_epoch": 3}),
    ],
)
def test_steps_that_the_data_have_pass(module, caplog, count, kwargs):
    """One pass in each epoch too."""
    steps = kwargs.get("steps_per_epoch", count)
    epochs = kwargs["epochs"] - kwargs.get("initial_epoch", 0)
    assert epochs * steps == supervise(make(module), batches(count), **kwargs)
    assert [] == own_messages(caplog)


def test_steps_that_a_limit_leaves_out_need_no_data(module):
    """7 batches are enough for max_steps = 7."""
    kwargs = {"steps_per_epoch": 3, "epochs": 9}
    limits = make_limits(FitArgs(max_steps=6), module)
    assert 6 == supervise(make(module), batches(7), callbacks=limits, **kwargs)
    limits = make_limits(FitArgs(max_steps=8), module)
    assert "num_steps" in refuse(make(module), batches(7), callbacks=limits, **kwargs)


def test_more_validation_steps_than_there_are_batches_are_refused(module):
    """The setting is that of eval_args."""
    expected = (
        "eval_args: 1 problem\n"
        "  num_steps = 5: fit was asked to evaluate 5 batches, and its validation_data end after "
        "2; lower it, repeat its data without end, by .repeat() or num_epochs=None, or leave it "
        "out for one pass over the data"
    )
    kwargs = {"validation_data": batches(2), "validation_steps": 5}
    assert expected == refuse(make(module), batches(3), **kwargs)


def test_a_dry_run_takes_the_batches_that_there_are(module):
    """Its caps are at most so many, and nobody has set them."""
    kwargs = {"validation_data": batches(1), "validation_steps": 3, "steps_per_epoch": 3}
    fit_args = FitArgs(dry_run=True, num_steps=3)
    assert supervise(make(module), batches(2), fit_args, **kwargs) in (2, 3)


def test_all_problems_of_a_call_are_told_together(module):
    """Those of either argument of the Trainer."""
    kwargs = {"validation_data": batches(None), "callbacks": make_every_steps(EVERY, other(module))}
    text = refuse(make(module), batches(None), EVERY, **kwargs)
    paths = [line.split(":")[0].split(" = ")[0].strip() for line in text.splitlines()]
    assert [
        "Trainer",
        "train_args.callbacks",
        "train_args.num_steps",
        "eval_args.num_steps",
    ] == paths


def test_callbacks_of_the_other_generation_are_refused(module):
    """By the names of both, and what the module should have said."""
    stranger = other(module)
    callbacks = [stranger.callbacks.EarlyStopping("loss"), stranger.callbacks.TerminateOnNaN()]
    own, not_own = generations.version_of(module), generations.version_of(stranger)
    expected = (
        f"train_args: 1 problem\n  callbacks: EarlyStopping, TerminateOnNaN of {not_own} cannot be "
        f"used by a model of {own}; a module that trains with that says so before it takes them: "
        f"fn_args.use_keras({module.__name__})"
    )
    assert expected == refuse(make(module), batches(2), callbacks=callbacks)


def test_one_callback_without_a_list_is_one(module):
    """As is a CallbackList."""
    callback = module.callbacks.TerminateOnNaN()
    assert 2 == supervise(make(module), batches(2), callbacks=callback)
    model = make(module)
    together = module.callbacks.CallbackList(
        [callback], add_history=True, model=model, epochs=1, verbose=0, steps=2
    )
    assert 2 == supervise(model, batches(2), callbacks=together)


def test_every_steps_without_validation_data_is_refused(module):
    """It would have no effect."""
    expected = (
        "train_args: 1 problem\n"
        "  validation.every_steps = 2: has no effect: fit got no validation_data; give it, or "
        "leave every_steps out"
    )
    callbacks = make_every_steps(EVERY, module)
    assert expected == refuse(make(module), batches(3), EVERY, callbacks=callbacks)


def test_every_steps_learns_of_its_own_fit_alone(module):
    """What it was told is forgotten afterwards, also where fit fails."""
    (every,) = make_every_steps(EVERY, module)
    supervise(make(module), batches(3), callbacks=[every], validation_data=batches(2))
    assert (None, 1) == (every.how, len(every.evaluations))

    def fail(logs):
        raise RuntimeError("a mistake in a callback")

    failing = module.callbacks.LambdaCallback(on_train_begin=fail)
    kwargs = {"callbacks": [every, failing], "validation_data": batches(2)}
    with pytest.raises(RuntimeError, match="a mistake in a callback"):
        supervise(make(module), batches(3), **kwargs)
    assert every.how is None


@pytest.mark.parametrize(
    ("count", "steps", "epochs", "expected"),
    [
        (6, 5, 2, "2 epochs of 5 batches, 10 in all, but its data ended early: it ran 2 epochs"),
        (2, 5, 1, "1 epochs of 5 batches, 5 in all, but its data ended early: it ran 1 epochs"),
        (6, 3, 2, None),
        (9, 4, 2, None),
        (9, None, 2, None),
    ],
)
def test_data_of_unknown_length_that_end_early_are_told(
    module, caplog, count, steps, epochs, expected
):
    """Once, after the fit, with what was asked and what was run."""
    data = batches(count, is_known=False)
    run = supervise(make(module), data, steps_per_epoch=steps, epochs=epochs)
    if expected is None:
        assert [] == own_messages(caplog)
        return
    message = (
        f"num_steps: fit was asked for {expected}, with no more than {run} batches. Lower "
        "num_steps, repeat the data without end, or leave num_steps out for one pass in each epoch."
    )
    assert [message] == own_messages(caplog)
    assert run in (count, count + 1)


def test_replicas_share_what_the_optimizer_counts(module, caplog):
    """It can be read there too."""
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = make(module)
    supervise(model, batches(2, is_known=False), steps_per_epoch=5)
    (warning,) = own_messages(caplog)
    assert warning.startswith("num_steps: fit was asked for 1 epochs of 5 batches, 5 in all")


def stopping(module):
    return {
        "callbacks": [module.callbacks.EarlyStopping("loss", min_delta=9, patience=1)],
        "epochs": 5,
    }


@pytest.mark.parametrize(
    ("optimizer", "kwargs", "fit_args"),
    [
        (None, stopping, FitArgs()),
        (None, lambda _: {"epochs": 5}, FitArgs(dry_run=True)),
        ("scaling", lambda _: {"epochs": 2}, FitArgs()),
    ],
    ids=["stopped", "dry run", "scaling"],
)
def test_only_what_is_certain_is_told(module, caplog, optimizer, kwargs, fit_args):
    """Not where a callback stopped it, nor where the optimizer counts something else."""
    if optimizer == "scaling":
        inner = module.optimizers.SGD()
        optimizer = module.mixed_precision.LossScaleOptimizer(inner)
    model = make(module, optimizer=optimizer or "sgd")
    supervise(model, batches(4, is_known=False), fit_args, steps_per_epoch=2, **kwargs(module))
    assert [] == own_messages(caplog)


def test_nothing_is_told_where_gradients_are_accumulated(caplog):
    """Their optimizer counts something else, too; Keras 3 alone has such."""
    model = make(keras, optimizer=keras.optimizers.SGD(gradient_accumulation_steps=2))
    supervise(model, batches(4, is_known=False), steps_per_epoch=2, epochs=2)
    assert [] == own_messages(caplog)


def test_a_training_that_is_taken_up_is_not_short(module, caplog, tmp_path):
    """The epochs before the interruption were run by another."""

    def train(**hooks):
        backup = module.callbacks.BackupAndRestore(str(tmp_path))
        callbacks = [backup, module.callbacks.LambdaCallback(**hooks)]
        model = module.Sequential([module.layers.Input((1,)), module.layers.Dense(1)])
        model.compile("sgd", "mse")
        data = batches(20, is_known=False)
        supervise(model, data, steps_per_epoch=3, epochs=4, callbacks=callbacks)
        return model.history.epoch

    with pytest.raises(ZeroDivisionError):
        train(on_epoch_begin=lambda epoch, _: 1 // (2 - epoch))
    assert [2, 3] == train()
    assert [] == own_messages(caplog)


def test_a_training_step_of_the_module_may_count_as_it_likes(module, caplog):
    """Nothing is told of it."""

    class Lazy(module.Sequential):
        def train_step(self, data):
            return {"loss": tf.constant(0.0)}

    supervise(make(module, Lazy), batches(9, is_known=False), steps_per_epoch=3, epochs=2)
    assert [] == own_messages(caplog)


@pytest.mark.parametrize(
    "make_data",
    [
        lambda: BATCH,
        lambda: ((pair for pair in [BATCH] * 9), None),
        lambda: (tf.ones((2, 1)), tf.ones((2, 1))),
    ],
    ids=["arrays", "generator", "tensors"],
)
def test_other_data_are_left_alone(module, caplog, make_data):
    """Whatever they may hold."""
    x, y = make_data()
    assert 1 == supervise(make(module), x, y=y, steps_per_epoch=1)
    assert [] == own_messages(caplog)


def test_datasets_that_a_strategy_has_distributed_are_left_alone(module, caplog):
    """Each worker has a share of them."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = make(module)
    data = strategy.experimental_distribute_dataset(batches(7))
    assert 7 <= supervise(model, data, steps_per_epoch=3, epochs=4) <= 12
    assert [] == own_messages(caplog)


def test_workers_that_share_data_may_have_fewer_batches_each(module):
    """So a known number says nothing; data without end have none for any of them."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    strategy.extended._cluster_resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": ["localhost:1"]})
    )
    with strategy.scope():
        model = make(module)
    call = FitCall.of(Fit(model, {"x": batches(7), "validation_data": batches(None)}))
    assert call.batches("x") is None
    assert tf.data.INFINITE_CARDINALITY == call.batches("validation_data")


def test_data_are_not_read(module):
    """An order of examples that follows from a seed stays what it is."""
    passes = tf.Variable(0, dtype=tf.int64)
    data = tf.data.Dataset.range(3).map(lambda _: (passes.assign_add(1), BATCH)[1])
    refuse(make(module), data.repeat())
    assert 0 == int(passes)


def test_positional_arguments_are_known(module):
    """As in fit(x, y, batch_size, epochs)."""
    model = make(module)
    with supervised_fits(FitArgs()), pytest.raises(FitArgsError, match="num_steps"):
        model.fit(batches(None), None, None, 3)


def test_a_fit_is_looked_at_once(module, monkeypatch):
    """Also where a class has a fit of its own, and for each of those within another."""
    seen = []

    def check(call, _):
        seen.append(call.fit.model)
        return iter(())

    monkeypatch.setattr(fitting, "CHECKS", {"train_args": (check,)})

    class Patient(module.Sequential):
        def fit(self, *args, **kwargs):
            return super().fit(*args, **kwargs)

    inner, outer = make(module), make(module, Patient)
    begin = module.callbacks.LambdaCallback(on_train_begin=lambda _: inner.fit(*BATCH, verbose=0))
    supervise(outer, batches(2), callbacks=[begin])
    assert [outer, inner] == seen


def test_a_mistake_of_supervision_ends_no_training(module, monkeypatch, caplog):
    """It is logged, and what else can be checked is."""

    def mistaken(call, _):
        raise KeyError("mistaken")

    checks = {"train_args": (mistaken, *fit_checks.CHECKS["train_args"])}
    monkeypatch.setattr(fitting, "CHECKS", checks)
    assert 2 == supervise(make(module), batches(2))
    assert ["A call of fit could not be supervised in full."] == own_messages(caplog)
    assert "num_steps" in refuse(make(module), batches(None))


def test_an_error_of_fit_is_that_of_fit(module, caplog):
    """Supervision adds nothing to it."""
    caplog.set_level(logging.INFO, "fit_component")
    with supervised_fits(FitArgs()), pytest.raises(TypeError, match="epohcs"):
        make(module).fit(batches(2), epohcs=3)
    fail = module.callbacks.LambdaCallback(on_train_begin=lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        supervise(make(module), batches(2, is_known=False), steps_per_epoch=2, callbacks=[fail])
    assert [] == own_messages(caplog)
