# SPDX-License-Identifier: Apache-2.0
"""validation.every_steps evaluates within an epoch and leaves no trace in the training."""

from __future__ import annotations

import csv
import json
import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from own_logs import own_messages

from fit_component import FitArgs
from fit_component.training.fitting import supervised_fits
from fit_component.training.limits import make_limits
from fit_component.training.validation import Evaluation, make_every_steps

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(24, 3)).astype("float32"), RANDOM.integers(0, 2, (24, 1))
VALIDATION = RANDOM.normal(size=(10, 3)).astype("float32"), RANDOM.integers(0, 2, (10, 1))


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def dataset(arrays=(X, Y), *, is_known=True):
    """Batches of 4; of the training data, 6 of them."""
    data = tf.data.Dataset.from_tensor_slices(arrays).batch(4)
    return data if is_known else data.filter(lambda *_: True)


def make(module, *layers, metrics=("mae",), **kwargs):
    """A model with a metric."""
    module.utils.set_random_seed(3)
    model = module.Sequential([*layers, module.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=list(metrics), **kwargs)
    return model


def make_rich(module):
    """A model whose training draws random numbers and keeps moving averages."""
    module.utils.set_random_seed(3)
    layers = [
        module.layers.Dense(4, "relu"),
        module.layers.BatchNormalization(),
        module.layers.Dropout(0.5),
    ]
    return make(module, *layers, metrics=["accuracy", module.metrics.AUC(name="auc")])


def fit(model, module, every_steps, data=None, callbacks=(), settings=None, **kwargs):
    """Trains; returns the callback of every_steps and the History."""
    fit_args = FitArgs(validation={"every_steps": every_steps}, **(settings or {}))
    (every,) = make_every_steps(fit_args, module)
    kwargs = {"validation_data": dataset(VALIDATION), "verbose": 0, **kwargs}
    before = make_limits(fit_args, module)
    with supervised_fits(fit_args):
        history = model.fit(
            dataset() if data is None else data, callbacks=[*before, every, *callbacks], **kwargs
        )
    return every, history


def places(every):
    return [(evaluation.epoch, evaluation.batch) for evaluation in every.evaluations]


@pytest.mark.parametrize(
    ("every_steps", "kwargs", "expected"),
    [
        (2, {}, [(0, 2), (0, 4), (1, 2), (1, 4)]),
        (4, {}, [(0, 4), (1, 4)]),
        (2, {"validation_freq": 2}, [(0, 2), (0, 4), (0, 6), (1, 2), (1, 4)]),
        (3, {"validation_freq": [1]}, [(0, 3), (1, 3), (1, 6)]),
        (2, {"initial_epoch": 1}, [(1, 2), (1, 4)]),
    ],
)
def test_a_model_is_evaluated_every_so_many_batches_of_an_epoch(
    module, every_steps, kwargs, expected
):
    """But not after its last batch, if fit itself evaluates after the epoch."""
    every, _ = fit(make(module), module, every_steps, epochs=2, **kwargs)
    assert expected == places(every)


def test_the_length_of_an_epoch_is_learnt_where_it_is_not_known(module):
    """So the end of the first one alone is evaluated twice."""
    every, _ = fit(make(module), module, 3, dataset(is_known=False), epochs=3)
    assert [(0, 3), (0, 6), (1, 3), (2, 3)] == places(every)


def test_executions_of_several_batches_are_counted_by_their_batches(module):
    """Evaluations come between them."""
    every, _ = fit(make(module, steps_per_execution=2), module, 2, epochs=1)
    assert [(0, 2), (0, 4)] == places(every)


def test_a_model_is_not_evaluated_twice_where_training_is_stopped(module):
    """fit evaluates an epoch that is cut short."""
    every, history = fit(make(module), module, 2, settings={"max_steps": 4}, epochs=3)
    assert [(0, 2)] == places(every)
    assert 1 == len(history.history["val_loss"])


def test_an_evaluation_gives_what_fit_would(module):
    """After the last batch of an epoch it is the same."""
    every, history = fit(make(module), module, 3, dataset(is_known=False))
    at_the_end = {name: values[0] for name, values in history.history.items() if "val_" in name}
    assert Evaluation(0, 6, at_the_end) == every.evaluations[-1]
    assert ["val_loss", "val_mae"] == sorted(at_the_end)


WEIGHTS = np.linspace(0, 2, 10).astype("float32")


@pytest.mark.parametrize(
    "make_kwargs",
    [
        lambda: {"validation_data": (*VALIDATION, WEIGHTS), "validation_batch_size": 3},
        lambda: {"validation_data": VALIDATION},
        lambda: {"validation_data": dataset((*VALIDATION, WEIGHTS))},
        lambda: {"validation_data": dataset(VALIDATION).repeat(), "validation_steps": 2},
    ],
    ids=["arrays with weights", "arrays", "dataset with weights", "endless with steps"],
)
def test_an_evaluation_is_done_as_fit_does_it(module, make_kwargs):
    """With its validation_steps, its batch size and the weights of examples."""
    kwargs = make_kwargs()
    every, history = fit(make(module), module, 3, dataset(is_known=False), **kwargs)
    expected = {name: values[0] for name, values in history.history.items() if "val_" in name}
    assert expected == every.evaluations[-1].metrics


def test_training_goes_on_as_if_nothing_had_happened(module):
    """The same losses, metrics and weights, bit for bit, with dropout and moving averages."""
    kwargs = {"validation_data": dataset(VALIDATION), "epochs": 2, "verbose": 0}
    plain = make_rich(module)
    expected = plain.fit(dataset(), **kwargs)
    model = make_rich(module)
    every, history = fit(model, module, 1, **kwargs)
    assert 10 == len(every.evaluations)
    assert expected.history == history.history
    for weights, others in zip(plain.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, others)


ON_REPLICAS = """
import json
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fit_component import FitArgs
from fit_component.training.fitting import supervised_fits
from fit_component.training.validation import make_every_steps

data = tf.data.Dataset.range(14).map(lambda n: ([tf.cast(n, tf.float32) / 10], [0.5])).batch(4)

def train(fit_args):
    tf.keras.utils.set_random_seed(3)
    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        model.compile("sgd", "mse", metrics=["mae"])
    callbacks = make_every_steps(fit_args, tf.keras)
    with supervised_fits(fit_args):
        history = model.fit(data, validation_data=data, callbacks=callbacks, verbose=0)
    weights = [each.tolist() for each in model.get_weights()]
    return [history.history, weights], [len(every.evaluations) for every in callbacks]

print(json.dumps([train(FitArgs()), train(FitArgs(validation={"every_steps": 1}))]))
"""


@pytest.mark.keras
@pytest.mark.slow
def test_training_on_replicas_goes_on_as_if_nothing_had_happened(warm_python):
    """Each of them holds a part of the metrics. Here under tf.keras."""
    done = warm_python.run("-c", ON_REPLICAS)
    assert 0 == done.returncode, done.stderr[-3000:]
    (without, _), (with_evaluations, counts) = json.loads(done.stdout.splitlines()[-1])
    assert [3] == counts
    assert without == with_evaluations


def test_later_callbacks_see_the_metrics_in_the_logs_of_the_batch(module):
    """Those after which it was evaluated, and no other; nor do they stay in the epoch's."""
    seen = []

    class Logs(module.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append({name: value for name, value in logs.items() if name.startswith("val_")})

    every, history = fit(make(module), module, 2, callbacks=[Logs()], validation_freq=2, epochs=1)
    first, second, third = (evaluation.metrics for evaluation in every.evaluations)
    assert [{}, first, {}, second, {}, third] == seen
    assert not [name for name in history.history if name.startswith("val_")]


def test_a_checkpoint_within_an_epoch_finds_the_metric_that_it_monitors(module, tmp_path):
    """With save_freq where it is evaluated."""
    path = tmp_path / "{epoch}-{batch}.weights.h5"
    checkpoint = module.callbacks.ModelCheckpoint(
        str(path), save_best_only=True, save_weights_only=True, save_freq=4
    )
    every, _ = fit(make(module), module, 4, callbacks=[checkpoint])
    assert [(0, 4)] == places(every)
    assert every.evaluations[0].metrics["val_loss"] == checkpoint.best
    assert 1 == len(list(tmp_path.iterdir()))


def test_tensorboard_writes_the_metrics(module, tmp_path):
    """As batch_val_loss and so on, with update_freq where it is evaluated."""
    board = module.callbacks.TensorBoard(str(tmp_path), update_freq=2, write_graph=False)
    fit(make(module), module, 2, callbacks=[board])
    files = sorted((tmp_path / "train").glob("events*"))
    tags = [
        value.tag
        for file in files
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
    ]
    assert 2 == tags.count("batch_val_loss")


def test_callbacks_take_part_in_an_evaluation_as_in_one_of_fit(module):
    """They keep their model and their params."""
    seen = []

    class Testing(module.callbacks.Callback):
        def on_test_begin(self, logs=None):
            seen.append("begin")

        def on_test_batch_end(self, batch, logs=None):
            seen.append(batch)

        def on_test_end(self, logs=None):
            seen.append(sorted(logs))

    testing = Testing()
    model = make(module)
    fit(model, module, 4, callbacks=[testing], epochs=1)
    once = ["begin", 0, 1, 2, ["loss", "mae"]]
    assert [*once, *once] == seen
    assert (model, 6, 1) == (testing.model, testing.params["steps"], testing.params["epochs"])


def test_an_evaluation_prints_nothing_and_logs_a_line(module, capsys, caplog):
    """That says where, and the metrics."""
    with caplog.at_level(logging.INFO, "fit_component"):
        every, _ = fit(make(module), module, 4)
    loss = every.evaluations[0].metrics["val_loss"]
    (message,) = own_messages(caplog)
    assert message.startswith("Epoch 0, counted from 0, after 4 batches: ")
    assert f"val_loss {loss}" in message
    assert ("", "") == capsys.readouterr()


def test_the_progress_bar_goes_on(module, capsys):
    """It ends once, with the epoch."""
    fit(make(module), module, 2, verbose=1)
    assert 1 == capsys.readouterr().out.count("6/6")


def test_the_results_can_be_written_down(module):
    """They are Python's own numbers."""
    every, _ = fit(make(module), module, 4)
    assert every.evaluations[0].metrics == json.loads(json.dumps(every.evaluations[0].metrics))


def test_the_file_of_epochs_has_what_it_had(module, tmp_path):
    """Metrics of batches are no metrics of epochs."""
    logger = module.callbacks.CSVLogger(str(tmp_path / "epochs.csv"))
    fit(make(module), module, 2, callbacks=[logger], epochs=2)
    with open(tmp_path / "epochs.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert ["0", "1"] == [row["epoch"] for row in rows]
    assert {"epoch", "loss", "mae", "val_loss", "val_mae"} == set(rows[0])


def test_unsupervised_it_says_what_it_lacks(module):
    """A callback cannot see validation_data."""
    every = make_every_steps(FitArgs(validation={"every_steps": 2}), module)
    with pytest.raises(RuntimeError, match=r"every_steps needs .* supervised_fits\(fit_args\)"):
        make(module).fit(dataset(), validation_data=dataset(VALIDATION), callbacks=every, verbose=0)


def test_without_the_setting_there_is_no_callback(module):
    """A hook per batch is not free."""
    assert [] == make_every_steps(FitArgs(validation={"freq": 2}), module)
