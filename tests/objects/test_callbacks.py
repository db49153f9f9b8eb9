# SPDX-License-Identifier: Apache-2.0
"""Callbacks from settings: what goes in can be read back from the object."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest
import tensorflow as tf
import tf_keras

from fit_component import Callback, FitArgs, FitArgsError
from fit_component.objects.callbacks import _ROWS, make_callbacks, make_directories
from fit_component.objects.compatibility import check_against

pytestmark = pytest.mark.keras

# Each kind with every argument, and what the object then holds.
ARGUMENTS = {
    "early_stopping": (
        {
            "monitor": "val_auc",
            "min_delta": 0.5,
            "patience": 3,
            "verbose": 1,
            "mode": "max",
            "baseline": 0.25,
            "restore_best_weights": True,
            "start_from_epoch": 2,
        },
        {},
    ),
    "tensorboard": (
        {
            "log_dir": "logs",
            "histogram_freq": 2,
            "write_graph": False,
            "write_images": True,
            "write_steps_per_second": True,
            "update_freq": 5,
            "embeddings_freq": 3,
            "embeddings_metadata": {"words": "words.tsv"},
        },
        {"log_dir": "{run}/logs"},
    ),
    "reduce_lr_on_plateau": (
        {
            "monitor": "loss",
            "factor": 0.5,
            "patience": 4,
            "verbose": 1,
            "mode": "min",
            "min_delta": 0.25,
            "cooldown": 2,
            "min_lr": 0.125,
        },
        {},
    ),
    "model_checkpoint": (
        {
            "filepath": "{epoch}.weights.h5",
            "monitor": "val_auc",
            "verbose": 1,
            "save_best_only": True,
            "save_weights_only": True,
            "mode": "max",
            "initial_value_threshold": 0.5,
        },
        {
            "filepath": "{run}/{epoch}.weights.h5",
            "mode": None,  # kept as the comparison that it stands for
            "initial_value_threshold": None,
            "best": 0.5,
        },
    ),
    "csv_logger": (
        {"filename": "a/history.csv", "separator": ";", "append": True},
        {"filename": "{run}/a/history.csv", "separator": None, "sep": ";"},
    ),
    "terminate_on_nan": ({}, {}),
}


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras whose classes are used."""
    return request.param


def make(module, *callbacks, directory="run"):
    """The callbacks that dicts of settings describe."""
    return make_callbacks(FitArgs(callbacks=list(callbacks)), module, str(directory))


def test_every_kind_of_callback_has_a_row_and_a_test():
    """A callback that is in the contract can be made."""
    kinds = {field.name for field in Callback.DESCRIPTOR.fields}
    assert kinds == set(_ROWS)
    assert kinds == set(ARGUMENTS)


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_every_field_is_tested(kind):
    """No argument of the contract is left out below."""
    message = Callback.DESCRIPTOR.fields_by_name[kind].message_type
    elsewhere = {"profile_batch", "save_freq"}
    assert {field.name for field in message.fields} - elsewhere == set(ARGUMENTS[kind][0])


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_arguments_reach_the_object(module, kind, tmp_path):
    """What the settings say is what the Keras object holds."""
    given, differently = ARGUMENTS[kind]
    (callback,) = make(module, {kind: given}, directory=tmp_path)
    assert isinstance(callback, getattr(module.callbacks, _ROWS[kind].class_name))
    held = {**given, **differently}
    for name, expected in held.items():
        if expected is None:
            continue
        if isinstance(expected, str):
            expected = expected.replace("{run}", str(tmp_path))
        assert expected == _held(callback, name), name


def _held(callback, name):
    if name == "mode" and not hasattr(callback, "mode"):
        return "max" if "greater" in callback.monitor_op.__name__ else "min"
    value = getattr(callback, name, None)
    return getattr(callback, f"_{name}") if value is None else value


@pytest.mark.parametrize("kind", sorted(set(ARGUMENTS) - {"csv_logger", "model_checkpoint"}))
def test_what_is_unset_is_left_to_keras(module, kind):
    """The defaults are those of Keras, whichever it is."""
    (callback,) = make(module, {kind: {}})
    plain = getattr(module.callbacks, _ROWS[kind].class_name)()
    for name in ARGUMENTS[kind][0]:
        if name not in ("log_dir", "mode"):
            assert getattr(plain, name, None) == getattr(callback, name, None), name


def test_tensorboard_logs_to_model_run_by_default(module):
    """Where TFX users look for logs."""
    (callback,) = make(module, {"tensorboard": {}})
    assert "run" == callback.log_dir


def test_absolute_paths_stay(module):
    """A path of the user's own is taken as it is."""
    (callback,) = make(module, {"model_checkpoint": {"filepath": "/mine/{epoch}.keras"}})
    assert "/mine/{epoch}.keras" == callback.filepath


def test_paths_of_other_file_systems_stay(module):
    """gs://bucket/path is absolute."""
    (callback,) = make(module, {"tensorboard": {"log_dir": "gs://bucket/logs"}})
    assert "gs://bucket/logs" == callback.log_dir


def test_braces_in_model_run_are_no_template(module):
    """Only those of the setting are."""
    settings = {"model_checkpoint": {"filepath": "{epoch}.keras"}}
    (callback,) = make(module, settings, directory="runs/{a}")
    assert "runs/{a}/3.keras" == callback.filepath.format(epoch=3)


@pytest.mark.parametrize(
    ("monitor", "expected"),
    [
        ("loss", "min"),
        ("val_head_loss", "min"),
        ("val_accident_loss", "min"),
        ("val_accuracy_1", "max"),
        ("val_head_accuracy", "max"),
    ],
)
@pytest.mark.parametrize("kind", ["early_stopping", "reduce_lr_on_plateau", "model_checkpoint"])
def test_a_plain_direction_is_not_left_to_guessing(module, kind, monitor, expected):
    """Keras' guesses differ between its classes, and some are wrong."""
    more = {"model_checkpoint": {"filepath": "a.keras", "save_best_only": True}}.get(kind, {})
    for mode in ({}, {"mode": "auto"}):
        (callback,) = make(module, {kind: {"monitor": monitor, **mode, **more}})
        assert expected == _held(callback, "mode")


def test_save_freq_counts_batches(module):
    """Unset is once an epoch."""
    frequent, once = make(
        module,
        {"model_checkpoint": {"filepath": "a.keras", "save_freq": 7}},
        {"model_checkpoint": {"filepath": "b.keras"}},
    )
    assert (7, "epoch") == (frequent.save_freq, once.save_freq)


@pytest.mark.parametrize(("batches", "expected"), [([3], (3, 3)), ([3, 5], (3, 5))])
def test_profile_batch_is_one_batch_or_a_range(module, batches, expected):
    """One number, or the first and the last."""
    (callback,) = make(module, {"tensorboard": {"profile_batch": batches}})
    assert expected == (callback._start_batch, callback._stop_batch)


def test_the_order_is_that_of_the_settings(module):
    """Keras calls callbacks in the order of the list."""
    callbacks = make(module, {"terminate_on_nan": {}}, {"early_stopping": {}})
    assert ["TerminateOnNaN", "EarlyStopping"] == [type(c).__name__ for c in callbacks]


def test_a_refusal_of_keras_names_the_callback_and_the_keras(tmp_path):
    """All at once, before training."""
    settings = FitArgs(
        callbacks=[
            {"model_checkpoint": {"filepath": "model.ckpt"}},
            {"terminate_on_nan": {}},
            {"model_checkpoint": {"filepath": "weights.keras", "save_weights_only": True}},
        ]
    )
    with pytest.raises(FitArgsError) as caught:
        check_against(keras, settings, str(tmp_path))
    expected = ["callbacks[0].model_checkpoint", "callbacks[2].model_checkpoint"]
    assert expected == [problem.path for problem in caught.value.problems]
    assert f"keras {keras.__version__} does not take it" in str(caught.value)


def _data():
    features = tf.random.stateless_uniform([32, 2], seed=(1, 2))
    labels = tf.cast(tf.reduce_sum(features, axis=1, keepdims=True) > 1, tf.float32)
    return tf.data.Dataset.from_tensor_slices((features, labels)).batch(8)


def train(module, directory: Path, *callbacks, epochs=3, **compile_kwargs):
    """Trains a small model with callbacks from settings; returns model and history."""
    module.utils.set_random_seed(3)
    words = module.layers.Embedding(4, 2, name="words")
    inputs = module.Input((2,))
    embedded = module.layers.Flatten()(words(module.layers.Rescaling(1.0)(inputs)))
    model = module.Model(inputs, module.layers.Dense(1, activation="sigmoid")(embedded))
    compile_kwargs = {"optimizer": "sgd", "loss": "mse", **compile_kwargs}
    model.compile(**compile_kwargs)
    made = make(module, *callbacks, directory=directory)
    data = _data()
    history = model.fit(data, validation_data=data, epochs=epochs, callbacks=made, verbose=0)
    return model, history


def test_the_plateau_lowers_the_learning_rate(module, tmp_path):
    """Without improvement by min_delta the rate is multiplied by factor."""
    plateau = {"patience": 1, "factor": 0.5, "min_delta": 100.0, "min_lr": 0.2}
    optimizer = module.optimizers.SGD(0.8)
    model, _ = train(
        module, tmp_path, {"reduce_lr_on_plateau": plateau}, epochs=5, optimizer=optimizer
    )
    # 0.8 in epochs 1 and 2, then halved in each, but never below min_lr.
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0.2)


def test_terminate_on_nan_ends_the_training(module, tmp_path):
    """A loss that is no number stops fit."""

    def nothing(y, p):
        return tf.reduce_mean(y - p, axis=-1) * float("nan")

    _, history = train(module, tmp_path, {"terminate_on_nan": {}}, loss=nothing)
    assert [0] == history.epoch


def test_checkpoints_are_written_below_model_run(module, tmp_path):
    """One file for each epoch that the template names."""
    checkpoint = {"filepath": "kept/{epoch:02d}.weights.h5", "save_weights_only": True}
    train(module, tmp_path, {"model_checkpoint": checkpoint})
    names = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert ["01.weights.h5", "02.weights.h5", "03.weights.h5"] == names


def test_tensorboard_writes_what_it_is_asked_to(module, tmp_path):
    """Scalars, histograms, and embeddings with their labels."""
    board = {
        "histogram_freq": 1,
        "embeddings_freq": 1,
        "embeddings_metadata": {"words": "words.tsv"},
    }
    train(module, tmp_path, {"tensorboard": board})
    (events,) = (tmp_path / "train").glob("events.out.tfevents.*")
    tags = {
        value.tag
        for record in tf.compat.v1.train.summary_iterator(str(events))
        for value in record.summary.value
    }
    assert any("loss" in tag for tag in tags)
    assert any("words" in tag or "embeddings" in tag for tag in tags)
    projector = (tmp_path / "projector_config.pbtxt").read_text()
    assert "words.tsv" in projector


@pytest.mark.parametrize("error", [TypeError, ValueError, AttributeError, ImportError])
def test_whatever_a_keras_raises_is_a_problem_of_the_callback(monkeypatch, module, error):
    """An argument or a class that it lacks, a package that is not installed."""

    def refuse():
        raise error("no such thing")

    monkeypatch.setattr(module.callbacks, "TerminateOnNaN", refuse)
    with pytest.raises(FitArgsError, match="does not take it: no such thing"):
        make(module, {"terminate_on_nan": {}})


def test_all_that_a_keras_refuses_is_told_at_once():
    """What the generation cannot do, and what its callbacks do not take."""
    board = {"tensorboard": {"profile_batch": [5, 3]}}
    with pytest.raises(FitArgsError) as caught:
        check_against(tf_keras, FitArgs(class_weight={1: 2.0}, callbacks=[board]), "run")
    expected = ["class_weight", "callbacks[0].tensorboard"]
    assert expected == [problem.path for problem in caught.value.problems]


def test_only_directories_that_keras_does_not_make_are_made(module, tmp_path):
    """Making callbacks leaves as little as it can."""
    settings = [
        {"model_checkpoint": {"filepath": "kept/{epoch}.keras"}},
        {"tensorboard": {"log_dir": "a/logs"}},
        {"csv_logger": {"filename": "b/history.csv"}},
    ]
    make(module, *settings, directory=tmp_path)
    assert [] == list(tmp_path.iterdir())
    make_directories(FitArgs(callbacks=settings), str(tmp_path))
    assert ["b"] == [path.name for path in tmp_path.iterdir()]


def test_tf_keras_wants_a_weight_for_every_class():
    """In any order; the first that is absent is named."""
    check_against(tf_keras, FitArgs(class_weight={n: 1.0 for n in reversed(range(20))}), "run")
    with pytest.raises(FitArgsError, match="lacks class 1;"):
        check_against(tf_keras, FitArgs(class_weight={0: 1.0, 2: 1.0}), "run")
