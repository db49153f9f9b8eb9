# SPDX-License-Identifier: Apache-2.0
"""FitExecutor over real artifacts."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import run_functions
import tensorflow as tf
from executions import execute, inputs, outputs, seen
from google.protobuf import text_format
from tfx.components.trainer import executor as stock

from fit_component import FitArgs, FitArgsError, FitExecutor, FitFnArgs

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

LEGACY = tf.keras.Model.__module__.startswith("tf_keras")


def test_run_fn_gets_fit_fn_args_with_all_that_tfx_sets(tmp_path):
    """run_fn is given TFX's own fields and the settings of fit."""
    execute(tmp_path, "capture", {"epochs": 3, "num_steps": 5})
    fn_args = seen[-1]
    assert isinstance(fn_args, FitFnArgs)
    properties = {"train_args": '{"num_steps": 5}', "eval_args": '{"num_steps": 2}'}
    expected = stock.GenericExecutor()._GetFnArgs(inputs(), outputs(tmp_path), properties)
    differing = {
        name
        for name, value in vars(expected).items()
        if value != getattr(fn_args, name) and name != "data_accessor"
    }
    assert set() == differing
    assert callable(fn_args.data_accessor.tf_dataset_factory)
    assert 3 == fn_args.epochs


def test_attributes_that_tfx_does_not_declare_are_taken_over():
    """Later TFX releases set attributes that the class FnArgs does not declare."""
    from tfx.components.trainer.fn_args_utils import FnArgs

    plain = FnArgs(train_steps=4)
    plain.num_examples = {"train": 100}
    fn_args = FitFnArgs.from_fn_args(plain, FitArgs(epochs=2))
    assert {"train": 100} == fn_args.num_examples
    assert (4, 2) == (fn_args.train_steps, fn_args.epochs)


@pytest.mark.parametrize("stored", ["{}", '{"num_steps": 3}', '{"splits": ["train"]}'])
def test_plain_train_args_are_on_record_too(tmp_path, stored):
    """Who changes the import alone can see what was trained."""
    model = execute(tmp_path, "train", stored)["model"]
    assert 1 == model.get_int_custom_property("fit.epochs_run")
    assert (tmp_path / "model_run" / "fit" / "history.csv").exists()


def test_plain_train_args_train_as_stock_tfx_does(tmp_path):
    """The same module with the same seed ends with the same weights, and files beside ours."""
    execute(tmp_path / "stock", "train_as_ever", '{"num_steps": 4}', executor=stock.GenericExecutor)
    execute(tmp_path / "ours", "train_as_ever", '{"num_steps": 4}')
    theirs, ours = seen[-2:]
    assert all(map(np.array_equal, theirs.get_weights(), ours.get_weights()))
    shutil.rmtree(tmp_path / "ours" / "model_run" / "fit")
    next((tmp_path / "ours" / "model_run").glob("*.hparams")).unlink()
    assert _files(tmp_path / "stock") == _files(tmp_path / "ours")


def _files(directory: Path) -> list[str]:
    """The relative paths of a directory's files, without time and process in names."""
    paths = (str(path.relative_to(directory)) for path in directory.rglob("*"))
    return sorted(re.sub(r"events\.out\S*\.v2|\d{9,}", "…", path) for path in paths)


def test_settings_are_written_beside_the_logs(tmp_path):
    """model_run/fit holds the settings as requested and as resolved."""
    execute(tmp_path, "capture", {"epochs": 3})
    directory = tmp_path / "model_run" / "fit"
    requested = text_format.Parse((directory / "requested.textproto").read_text(), FitArgs())
    resolved = text_format.Parse((directory / "resolved.textproto").read_text(), FitArgs())
    assert FitArgs(epochs=3) == requested
    assert (3, 32, 1) == (resolved.epochs, resolved.batch_size, resolved.validation.freq)


def test_settings_become_properties_of_the_model(tmp_path):
    """Any ML Metadata client can query the settings of a model."""
    model = execute(tmp_path, "capture", {"epochs": 3, "seed": 1})["model"]
    assert 3 == model.get_int_custom_property("fit.epochs")
    assert "default" == model.get_string_custom_property("fit.strategy")


def test_wrong_settings_fail_before_run_fn(tmp_path):
    """A stored property that is wrong, such as one edited by hand, is told."""
    before = len(seen)
    with pytest.raises(FitArgsError, match="did you mean epochs"):
        execute(tmp_path, "capture", '{"epcohs": 5}')
    assert before == len(seen)


def test_a_keras_that_cannot_do_it_is_told_before_run_fn(tmp_path):
    """Settings are held against the Keras that is installed, all at once."""
    settings = {"callbacks": [{"model_checkpoint": {"filepath": "model.ckpt"}}]}
    if LEGACY:
        settings = {"class_weight": {1: 2.0}}
    before = len(seen)
    with pytest.raises(FitArgsError) as caught:
        execute(tmp_path, "capture", settings)
    expected = "class_weight" if LEGACY else "callbacks[0].model_checkpoint"
    assert [expected] == [problem.path for problem in caught.value.problems]
    assert before == len(seen)


def test_a_seed_makes_runs_equal(tmp_path):
    """Every generator that a model may draw from is seeded."""
    for name in ("one", "two"):
        execute(tmp_path / name, "draw", {"seed": 3, "deterministic": True})
    one, two = seen[-2:]
    assert one == two
    assert one["deterministic"]


@pytest.mark.parametrize("run_fn", ["draw", "fail"])
def test_the_generators_are_put_back(tmp_path, run_fn):
    """LocalDagRunner runs all components in one process: nothing may leak into the next."""
    random.seed(1)
    np.random.seed(2)
    tf.random.set_seed(3)
    expected = [random.random(), np.random.rand(), float(tf.random.uniform([]))]
    random.seed(1)
    np.random.seed(2)
    tf.random.set_seed(3)
    try:
        execute(tmp_path, run_fn, {"seed": 5, "deterministic": True})
    except RuntimeError:
        assert "fail" == run_fn
    assert expected == [random.random(), np.random.rand(), float(tf.random.uniform([]))]
    assert not run_functions._is_deterministic()


def test_training_follows_the_settings(tmp_path):
    """Epochs, steps, cadence and callbacks reach fit, and what they write lands in model_run."""
    settings = {
        "epochs": 4,
        "num_steps": 3,
        "batch_size": 16,
        "validation": {"freq": 2},
        "class_weight": {0: 1.0, 1: 4.0},
        "verbose": "SILENT",
        "seed": 1,
        "callbacks": [
            {"csv_logger": {"filename": "logs/history.csv", "separator": ";"}},
            {"tensorboard": {}},
            {"model_checkpoint": {"filepath": "best-{epoch}.keras"}},
            {"terminate_on_nan": {}},
        ],
    }
    execute(tmp_path, "train", settings)
    _, history = seen[-1]
    model_run = tmp_path / "model_run"
    assert [0, 1, 2, 3] == history.epoch
    assert 2 == len(history.history["val_loss"])
    assert 4 * 3 == history.batches
    assert 5 == len((model_run / "logs" / "history.csv").read_text().splitlines())
    assert [f"best-{n}.keras" for n in (1, 2, 3, 4)] == sorted(
        path.name for path in model_run.glob("*.keras")
    )
    assert list((model_run / "train").glob("events.out.tfevents.*"))


def test_early_stopping_stops_and_the_best_weights_are_restored(tmp_path):
    """Nothing gets better by 100, so the first epoch was the best."""
    stopping = {"monitor": "loss", "patience": 1, "min_delta": 100.0, "restore_best_weights": True}
    settings = {"seed": 4, "deterministic": True, "num_steps": 2, "verbose": "SILENT"}
    callbacks = [{"early_stopping": stopping}]
    execute(tmp_path / "stopped", "train", {**settings, "epochs": 9, "callbacks": callbacks})
    execute(tmp_path / "first", "train", settings)
    (stopped, history), (first, _) = seen[-2:]
    assert [0, 1] == history.epoch
    assert all(map(np.array_equal, first.get_weights(), stopped.get_weights()))


def test_one_pass_over_the_split_without_num_steps(tmp_path):
    """An epoch without num_steps ends with the data, also the second one."""
    execute(tmp_path, "train", {"epochs": 2, "batch_size": 1000, "verbose": "SILENT"})
    _, history = seen[-1]
    examples = sum(1 for _ in _train_records())
    assert [0, 1] == history.epoch
    assert 2 * -(-examples // 1000) == history.batches


def _train_records():
    pattern = inputs()["examples"][0].uri + "/Split-train/*"
    return tf.data.TFRecordDataset(tf.io.gfile.glob(pattern), compression_type="GZIP")


def test_weights_of_classes_change_the_loss(tmp_path):
    """class_weight reaches fit: with the rare class weighted by 0, its loss is not counted."""
    losses = []
    for weight in (1.0, 0.0):
        settings = {"seed": 2, "num_steps": 3, "class_weight": {0: 1.0, 1: weight}}
        execute(tmp_path / str(weight), "train", settings)
        losses.append(seen[-1][1].history["loss"][0])
    assert losses[0] > losses[1]


def test_the_stored_json_is_what_tfx_reads_too():
    """Stock code reads splits and num_steps from our property."""
    from tfx.proto import trainer_pb2
    from tfx.utils import proto_utils

    from fit_component.settings import to_json

    stored = to_json(FitArgs(splits=["a"], num_steps=7, epochs=3))
    expected = trainer_pb2.TrainArgs(splits=["a"], num_steps=7)
    assert expected == proto_utils.json_to_proto(stored, trainer_pb2.TrainArgs())
    assert {"splits", "num_steps", "epochs"} == set(json.loads(stored))


def test_fit_executor_is_a_generic_executor():
    """Whatever takes the stock executor takes ours."""
    assert issubclass(FitExecutor, stock.GenericExecutor)


def test_a_run_that_fails_leaves_its_settings(tmp_path):
    """They are written before training."""
    with pytest.raises(RuntimeError, match="a mistake"):
        execute(tmp_path, "fail", {"epochs": 3})
    assert (tmp_path / "model_run" / "fit" / "resolved.textproto").exists()


def test_settings_that_this_keras_refuses_are_not_written(tmp_path, monkeypatch):
    """model_run/fit holds settings that took effect."""
    monkeypatch.delattr(tf.keras.callbacks, "TensorBoard")
    with pytest.raises(FitArgsError, match="does not have it"):
        execute(tmp_path, "capture", {"callbacks": [{"tensorboard": {}}]})
    assert not (tmp_path / "model_run" / "fit").exists()


def test_nothing_is_left_in_the_working_directory(tmp_path, monkeypatch):
    """Directories of callbacks are made below model_run."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    execute(tmp_path, "capture", {"callbacks": [{"csv_logger": {"filename": "a/history.csv"}}]})
    seen[-1].use_keras(tf.keras)
    assert 1 == len(seen[-1].callbacks)
    assert (tmp_path / "model_run" / "a").is_dir()
    assert [] == list((tmp_path / "here").iterdir())


def test_settings_files_are_whole_or_as_before(tmp_path, monkeypatch):
    """A second attempt replaces them; one that is interrupted leaves them as they are."""
    path = tmp_path / "model_run" / "fit" / "requested.textproto"
    for epochs in (3, 4):
        execute(tmp_path, "capture", {"epochs": epochs})
        assert FitArgs(epochs=epochs) == text_format.Parse(path.read_text(), FitArgs())

    def interrupted(name, content):
        Path(name).write_text(content[:3])
        raise OSError("disk full")

    monkeypatch.setattr("tfx.utils.io_utils.write_string_file", interrupted)
    with pytest.raises(OSError, match="disk full"):
        execute(tmp_path, "capture", {"epochs": 5})
    assert FitArgs(epochs=4) == text_format.Parse(path.read_text(), FitArgs())


@pytest.mark.parametrize("stored", ['{"epochs', '{"epochs": 1, "epochs": 2}'])
def test_the_stored_text_is_read_strictly(tmp_path, stored):
    """Broken JSON and a name given twice are told as everywhere."""
    with pytest.raises(FitArgsError):
        execute(tmp_path, "capture", stored)
