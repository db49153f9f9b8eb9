# SPDX-License-Identifier: Apache-2.0
"""Settings in TensorBoard's HPARAMS tab, in both generations."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import hparams_plugin
from werkzeug.test import Client

from fit_component.training.hparams import SUFFIX
from fit_component.training.run_recorder import RunRecorder

X, Y = np.ones((8, 1), "float32"), np.zeros((8, 1), "float32")


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def train(module, settings, *log_dirs, fits=1):
    """Trains while it is recorded, with a TensorBoard callback for each directory."""
    with RunRecorder(settings, lambda files: None).recorded():
        for _ in range(fits):
            model = module.Sequential([module.layers.Dense(1)])
            model.compile("sgd", "mse")
            callbacks = [module.callbacks.TensorBoard(str(log_dir)) for log_dir in log_dirs]
            kwargs = {"validation_data": (X, Y), "callbacks": callbacks, "verbose": 0}
            model.fit(X, Y, epochs=2, **kwargs)


def tab(root):
    """What the HPARAMS tab asks TensorBoard for: its sessions."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(root))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(root))
    context = base_plugin.TBContext(
        data_provider=provider, logdir=str(root), multiplexer=multiplexer
    )
    apps = hparams_plugin.HParamsPlugin(context).get_plugin_apps()
    ask = {"experimentName": "", "startIndex": 0, "sliceSize": 100}
    experiment = _ask(apps["/experiment"], {"experimentName": ""})
    statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
    columns = [
        {"hparam": info["name"], "includeInResult": True} for info in experiment["hparamInfos"]
    ] + [{"metric": info["name"]} for info in experiment["metricInfos"]]
    answer = _ask(
        apps["/session_groups"], {**ask, "allowedStatuses": statuses, "colParams": columns}
    )
    return answer["sessionGroups"]


def _ask(app, question):
    response = Client(app).post("/", data=json.dumps(question))
    return json.loads(response.get_data(as_text=True))


def test_runs_are_compared_by_settings_and_scalars(module, tmp_path):
    """A row for each execution, also for two of the same settings."""
    for execution, epochs in enumerate((2, 3, 3), start=5):
        settings = {"epochs": epochs, "optimizer": "adam", "optimizer.learning_rate": 0.5}
        train(module, settings, tmp_path / str(execution))
    groups = tab(tmp_path)
    assert sorted([2, 3, 3]) == sorted(group["hparams"]["epochs"] for group in groups)
    assert {("adam", 0.5)} == {
        (group["hparams"]["optimizer"], group["hparams"]["optimizer.learning_rate"])
        for group in groups
    }
    for group in groups:
        metrics = {
            (value["name"]["group"], value["name"]["tag"]) for value in group["metricValues"]
        }
        assert {("train", "epoch_loss"), ("validation", "epoch_loss")} <= metrics
        assert ["STATUS_SUCCESS"] == [session["status"] for session in group["sessions"]]


@pytest.mark.keras
def test_a_failed_run_is_one(tmp_path):
    """With what it had."""

    def fail():
        with RunRecorder({"epochs": 1}, lambda files: None).recorded():
            model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
            model.compile("sgd", "mse")
            model.fit(X, Y, verbose=0, callbacks=[tf.keras.callbacks.TensorBoard(str(tmp_path))])
            raise RuntimeError("no space left")

    with pytest.raises(RuntimeError, match="no space left"):
        fail()
    (group,) = tab(tmp_path)
    assert "STATUS_FAILURE" == group["sessions"][0]["status"]


def test_several_fits_are_one_session(module, tmp_path):
    """As they write to one directory."""
    train(module, {"epochs": 2}, tmp_path, fits=2)
    assert 1 == len(list(tmp_path.glob(f"*{SUFFIX}")))
    assert 1 == len(tab(tmp_path))


def test_without_scalars_nothing_is_written(module, tmp_path, monkeypatch):
    """There would be nothing to compare."""
    monkeypatch.chdir(tmp_path)
    train(module, {"epochs": 2})
    assert [] == list(tmp_path.rglob("*"))


def test_each_directory_has_its_own(module, tmp_path):
    """Two TensorBoard callbacks, such as one that profiles."""
    train(module, {"epochs": 2}, tmp_path / "a", tmp_path / "b")
    assert 2 == len(list(tmp_path.glob(f"*/*{SUFFIX}")))
