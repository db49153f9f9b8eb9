# SPDX-License-Identifier: Apache-2.0
"""What callbacks from settings do to a training, in both generations of Keras."""

from __future__ import annotations

import csv
import http.server
import importlib.util
import json
import math
import sys
import threading
import types
from pathlib import Path
from urllib.parse import parse_qs

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from fit_component import FitArgs
from fit_component.objects.callbacks import make_callbacks, make_directories
from fit_component.objects.signatures import has_argument

STEPS = 4


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that trains."""
    return request.param


class Users:
    """A module file whose functions keep what they see."""

    def __init__(self, val_losses=()):
        self.val_losses = val_losses
        self.weights = []
        self.model = None

    @property
    def loaded(self):
        """It, loaded, with the functions that settings name."""
        module = types.ModuleType("users_module")
        module.script, module.halve = self.script, self.halve
        return module

    def script(self, epoch, logs):
        """Keeps the weights; says that the epoch ended with another loss than it did."""
        self.weights.append(self.model.get_weights())
        if self.val_losses:
            logs["val_loss"] = self.val_losses[epoch]

    def halve(self, epoch, learning_rate):
        """A learning rate."""
        return learning_rate / 2 if epoch else 0.5


SCRIPT = {"lambda_callback": {"on_epoch_end": "script"}}


def data():
    """Batches of a line's points; STEPS of them."""
    features = np.linspace(0, 1, 4 * STEPS, dtype=np.float32)[:, None]
    return tf.data.Dataset.from_tensor_slices((features, 2 * features)).batch(4)


def new_model(module, optimizer=None, loss="mse"):
    """A model with two weights."""
    module.utils.set_random_seed(3)
    model = module.Sequential([module.Input((1,)), module.layers.Dense(1)])
    model.compile(optimizer or module.optimizers.SGD(0.5), loss)
    return model


def train(
    module, directory, *callbacks, model=None, users=None, epochs=3, initial_epoch=0, validate=False
):
    """Trains with callbacks that dicts of settings describe; returns model and history."""
    users = users or Users()
    users.model = model = model or new_model(module)
    settings = FitArgs(callbacks=list(callbacks))
    make_directories(settings, str(directory))
    made = make_callbacks(
        settings, module, str(directory), module=users.loaded, steps_per_epoch=lambda: STEPS
    )
    history = model.fit(
        data(),
        validation_data=data() if validate else None,
        epochs=epochs,
        initial_epoch=initial_epoch,
        callbacks=made,
        verbose=0,
    )
    return model, history


def equal(weights, others):
    """Whether weights are the same, bit for bit."""
    return [w.tolist() for w in weights] == [w.tolist() for w in others]


@pytest.mark.parametrize(("restore", "left"), [(True, 1), (False, 3)])
def test_early_stopping_stops_and_restores_the_best_weights(module, tmp_path, restore, left):
    """After `patience` epochs that are no better; with the weights of the best or the last."""
    users = Users(val_losses=[3.0, 1.0, 2.0, 1.5, 0.5])
    stopping = {"early_stopping": {"patience": 2, "restore_best_weights": restore}}
    model, history = train(module, tmp_path, SCRIPT, stopping, users=users, epochs=5)
    assert [0, 1, 2, 3] == history.epoch
    assert [n == left for n in range(4)] == [equal(model.get_weights(), w) for w in users.weights]


def test_the_plateau_lowers_the_learning_rate(module, tmp_path):
    """Without improvement by min_delta the rate is multiplied by factor."""
    plateau = {"patience": 1, "factor": 0.5, "min_lr": 0.2}
    users = Users(val_losses=[1.0] * 5)
    model = new_model(module, module.optimizers.SGD(0.8))
    train(
        module,
        tmp_path,
        SCRIPT,
        {"reduce_lr_on_plateau": plateau},
        users=users,
        model=model,
        epochs=5,
    )
    # 0.8 in epochs 1 and 2, then halved in each, but never below min_lr.
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0.2)


def _cosine(part):
    return (1 + math.cos(math.pi * min(part, 1))) / 2


# Schedules, and their formula over epochs; an epoch has STEPS steps.
SCHEDULES = {
    "constant": ({"constant": 0.25}, lambda _: 0.25),
    "exponential in epochs": (
        {
            "exponential_decay": {
                "initial_learning_rate": 0.5,
                "decay_epochs": 1.5,
                "decay_rate": 0.25,
            }
        },
        lambda epoch: 0.5 * 0.25 ** (epoch / 1.5),
    ),
    "exponential in steps": (
        {"exponential_decay": {"initial_learning_rate": 0.5, "decay_steps": 6, "decay_rate": 0.25}},
        lambda epoch: 0.5 * 0.25 ** (epoch * STEPS / 6),
    ),
    "cosine with a warm-up": (
        {
            "cosine_decay": {
                "initial_learning_rate": 0.1,
                "warmup_target": 0.4,
                "warmup_epochs": 1.25,
                "decay_epochs": 2.5,
                "alpha": 0.1,
            }
        },
        lambda epoch: (
            0.1 + 0.3 * epoch / 1.25
            if epoch <= 1.25
            else 0.4 * (0.9 * _cosine((epoch - 1.25) / 2.5) + 0.1)
        ),
    ),
    "cosine with a warm-up in steps": (
        {
            "cosine_decay": {
                "initial_learning_rate": 0.1,
                "warmup_target": 0.4,
                "warmup_steps": 6,
                "decay_epochs": 2.5,
            }
        },
        lambda epoch: (
            0.1 + 0.3 * epoch / 1.5 if epoch <= 1.5 else 0.4 * _cosine((epoch - 1.5) / 2.5)
        ),
    ),
    "cosine with restarts": (
        {
            "cosine_decay_restarts": {
                "initial_learning_rate": 0.4,
                "first_decay_epochs": 1.5,
                "t_mul": 1.0,
                "m_mul": 0.5,
            }
        },
        lambda epoch: 0.4 * 0.5 ** (epoch // 1.5) * _cosine(epoch % 1.5 / 1.5),
    ),
    "polynomial": (
        {
            "polynomial_decay": {
                "initial_learning_rate": 0.5,
                "decay_epochs": 2.5,
                "end_learning_rate": 0.1,
                "power": 2.0,
            }
        },
        lambda epoch: 0.4 * (1 - min(epoch, 2.5) / 2.5) ** 2 + 0.1,
    ),
    "pieces in epochs": (
        {
            "piecewise_constant_decay": {
                "boundary_epochs": [1, 2.5],
                "values": [0.5, 0.25, 0.125],
            }
        },
        lambda epoch: 0.5 if epoch < 1 else 0.25 if epoch < 2.5 else 0.125,
    ),
    "pieces in steps": (
        {"piecewise_constant_decay": {"boundaries": [3, 8], "values": [0.5, 0.25, 0.125]}},
        lambda epoch: 0.5 if epoch * STEPS <= 3 else 0.25 if epoch * STEPS <= 8 else 0.125,
    ),
    "inverse time": (
        {
            "inverse_time_decay": {
                "initial_learning_rate": 0.5,
                "decay_epochs": 0.3,
                "decay_rate": 0.7,
            }
        },
        lambda epoch: 0.5 / (1 + 0.7 * epoch / 0.3),
    ),
}


def rates(history):
    """The learning rate of each epoch, as Keras logs it."""
    logged = history.history
    return logged["learning_rate"] if "learning_rate" in logged else logged["lr"]


@pytest.mark.parametrize("name", SCHEDULES)
def test_each_epoch_has_the_rate_of_its_first_step(module, tmp_path, name):
    """Whatever the distances are given in; fractions of epochs are not rounded."""
    schedule, formula = SCHEDULES[name]
    scheduler = {"learning_rate_scheduler": {"schedule": schedule}}
    _, history = train(module, tmp_path, scheduler, epochs=4)
    assert rates(history) == pytest.approx([formula(epoch) for epoch in range(4)], rel=1e-5)


def test_a_training_that_starts_later_has_the_later_rates(module, tmp_path):
    """Epochs are counted from 0."""
    schedule, formula = SCHEDULES["exponential in steps"]
    scheduler = {"learning_rate_scheduler": {"schedule": schedule}}
    _, history = train(module, tmp_path, scheduler, epochs=4, initial_epoch=2)
    assert rates(history) == pytest.approx([formula(2), formula(3)], rel=1e-5)


def test_only_a_schedule_in_steps_asks_for_the_steps_of_an_epoch(module):
    """They may not be known."""
    asked = []
    for name, (schedule, _) in SCHEDULES.items():
        settings = FitArgs(callbacks=[{"learning_rate_scheduler": {"schedule": schedule}}])
        make_callbacks(
            settings, module, "run", steps_per_epoch=lambda name=name: asked.append(name) or STEPS
        )
    assert [name for name in SCHEDULES if "steps" in name] == asked


def test_a_function_of_the_module_file_sets_the_rate(module, tmp_path):
    """It is called with the epoch and the rate so far."""
    scheduler = {"learning_rate_scheduler": {"function": "halve"}}
    _, history = train(module, tmp_path, scheduler)
    assert [0.5, 0.25, 0.125] == rates(history)


def _nothing(y, p):
    return tf.reduce_mean(y - p, axis=-1) * float("nan")


def test_terminate_on_nan_ends_the_training(module, tmp_path):
    """A loss that is no number stops fit."""
    model = new_model(module, loss=_nothing)
    _, history = train(module, tmp_path, {"terminate_on_nan": {}}, model=model)
    assert [0] == history.epoch


@pytest.mark.skipif(
    not has_argument(keras.callbacks.TerminateOnNaN, "raise_error"), reason="needs Keras 3.13"
)
def test_terminate_on_nan_fails_if_asked_to(tmp_path):
    """Instead of ending in peace."""
    model = new_model(keras, loss=_nothing)
    with pytest.raises(RuntimeError, match="NaN or Inf"):
        train(keras, tmp_path, {"terminate_on_nan": {"raise_error": True}}, model=model)


@pytest.mark.parametrize("only_best", [True, False])
def test_checkpoints_are_written_below_model_run(module, tmp_path, only_best):
    """One file for each epoch that is better than those before, or for each."""
    users = Users(val_losses=[2.0, 3.0, 1.0, 1.5])
    checkpoint = {
        "filepath": "kept/{epoch:02d}.weights.h5",
        "save_weights_only": True,
        "save_best_only": only_best,
    }
    settings = {"model_checkpoint": checkpoint}
    model, _ = train(module, tmp_path, SCRIPT, settings, users=users, epochs=4)
    saved = [1, 3] if only_best else [1, 2, 3, 4]
    paths = sorted((tmp_path / "kept").iterdir())
    assert [f"{epoch:02d}.weights.h5" for epoch in saved] == [path.name for path in paths]
    model.load_weights(paths[-1])
    assert equal(users.weights[saved[-1] - 1], model.get_weights())


def test_the_csv_file_has_a_row_for_each_epoch(module, tmp_path):
    """Its directory is made; `append` goes on."""
    logger = {"filename": "logs/history.csv", "separator": ";", "append": True}
    _, first = train(module, tmp_path, {"csv_logger": logger}, epochs=2)
    _, second = train(module, tmp_path, {"csv_logger": logger}, epochs=1)
    with (tmp_path / "logs" / "history.csv").open() as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    losses = first.history["loss"] + second.history["loss"]
    assert [0, 1, 0] == [int(row["epoch"]) for row in rows]
    assert losses == pytest.approx([float(row["loss"]) for row in rows])


def test_tensorboard_writes_what_it_is_asked_to(module, tmp_path):
    """Scalars, histograms, and embeddings with their labels."""
    board = {
        "histogram_freq": 1,
        "embeddings_freq": 1,
        "embeddings_metadata": {"words": "words.tsv"},
    }
    words = module.layers.Embedding(4, 2, name="words")
    layers = [module.Input((1,)), words, module.layers.Flatten(), module.layers.Dense(1)]
    model = module.Sequential(layers)
    model.compile("sgd", "mse")
    train(module, tmp_path, {"tensorboard": board}, model=model, epochs=1)
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


class Interruption(Exception):
    """The end of a machine."""


def test_backup_and_restore_goes_on_at_the_epoch(module, tmp_path):
    """With the weights that the interrupted training had."""
    backup = {"backup_and_restore": {"backup_dir": str(tmp_path / "backup")}}
    interrupted, resumed = Users(), Users()

    def interrupt(epoch, logs):
        if epoch == 2:
            raise Interruption
        interrupted.weights.append(interrupted.model.get_weights())

    interrupted.script = interrupt
    with pytest.raises(Interruption):
        train(module, tmp_path, SCRIPT, backup, users=interrupted, epochs=4)
    started = []
    resumed.halve = lambda epoch, rate: started.append(resumed.model.get_weights()) or rate
    scheduler = {"learning_rate_scheduler": {"function": "halve"}}
    _, history = train(module, tmp_path, backup, scheduler, users=resumed, epochs=4)
    assert [2, 3] == history.epoch
    assert equal(interrupted.weights[1], started[0])
    assert not (tmp_path / "backup").exists() or not list((tmp_path / "backup").iterdir())


@pytest.mark.skipif(not hasattr(keras.callbacks, "SwapEMAWeights"), reason="needs Keras 3.1")
@pytest.mark.parametrize("swap_on_epoch", [True, False])
def test_the_averages_are_swapped_in(tmp_path, swap_on_epoch):
    """For evaluation, and with swap_on_epoch for the callbacks at the end of an epoch."""
    users = Users()
    optimizer = keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.5)
    model = new_model(keras, optimizer)
    evaluated, after_batches = [], []

    class Observer(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            after_batches.append(self.model.get_weights()[0].item())

        def on_test_begin(self, logs=None):
            evaluated.append(self.model.get_weights()[0].item())

    users.halve = Observer
    train(
        keras,
        tmp_path,
        {"swap_ema_weights": {"swap_on_epoch": swap_on_epoch}},
        {"from_module": {"function": "halve"}},
        SCRIPT,
        users=users,
        model=model,
        epochs=1,
        validate=True,
    )
    average = after_batches[0]
    for weight in after_batches[1:]:
        average = 0.5 * average + 0.5 * weight
    assert evaluated == pytest.approx([average], rel=1e-5)
    expected = average if swap_on_epoch else after_batches[-1]
    assert users.weights[0][0].item() == pytest.approx(expected, rel=1e-5)


@pytest.fixture
def server():
    """An HTTP server of this machine, with what was sent to it."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            requests.append((self.path, self.headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}", requests
        served.shutdown()
        thread.join()


@pytest.mark.parametrize("as_json", [True, False])
def test_the_remote_monitor_sends_each_epoch(module, tmp_path, server, monkeypatch, as_json):
    """As a form's field or as JSON, with its headers."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    root, requests = server
    monitor = {
        "root": root,
        "path": "/epochs",
        "field": "metrics",
        "headers": {"X-Run": "7"},
        "send_as_json": as_json,
    }
    _, history = train(module, tmp_path, {"remote_monitor": monitor}, epochs=2)
    bodies = [body if as_json else parse_qs(body)["metrics"][0] for _, _, body in requests]
    sent = [json.loads(body) for body in bodies]
    assert [("/epochs", "7")] * 2 == [(path, headers["X-Run"]) for path, headers, _ in requests]
    assert [0, 1] == [epoch["epoch"] for epoch in sent]
    assert history.history["loss"] == pytest.approx([epoch["loss"] for epoch in sent])


def test_callbacks_of_the_users_own_run(module, tmp_path, monkeypatch):
    """A class that is imported, and one that the module file makes."""
    seen = []

    class Counting(module.callbacks.Callback):
        def __init__(self, name, every):
            super().__init__()
            self.name, self.every = name, every

        def on_train_batch_end(self, batch, logs=None):
            if batch % self.every == 0:
                seen.append((self.name, batch))

    package = types.ModuleType("users_package")
    package.Counting = Counting
    monkeypatch.setitem(sys.modules, "users_package", package)
    users = Users()
    users.halve = lambda every: Counting("made", every)
    kwargs = json_format.ParseDict({"every": 2}, Struct())
    named = json_format.ParseDict({"every": 2, "name": "named"}, Struct())
    train(
        module,
        tmp_path,
        {"custom": {"class_path": "users_package.Counting", "kwargs": named}},
        {"from_module": {"function": "halve", "kwargs": kwargs}},
        users=users,
        epochs=1,
    )
    assert [("named", 0), ("made", 0), ("named", 2), ("made", 2)] == seen


def test_functions_are_called_at_their_times(module, tmp_path):
    """Each of those that a LambdaCallback can have."""
    users, calls = Users(), []
    users.script = lambda number, logs: calls.append(number)
    users.halve = lambda logs: calls.append("training")
    hooks = {
        "on_train_begin": "halve",
        "on_epoch_begin": "script",
        "on_train_batch_begin": "script",
        "on_train_batch_end": "script",
        "on_epoch_end": "script",
        "on_train_end": "halve",
    }
    train(module, tmp_path, {"lambda_callback": hooks}, users=users, epochs=1)
    batches = [number for batch in range(STEPS) for number in (batch, batch)]
    assert ["training", 0, *batches, 0, "training"] == calls


@pytest.mark.skipif(
    not (hasattr(keras.callbacks, "OrbaxCheckpoint") and importlib.util.find_spec("orbax")),
    reason="needs Keras 3.14 and orbax-checkpoint",
)
def test_orbax_keeps_the_last_checkpoints(tmp_path):
    """As many as it is asked to, below model_run."""
    orbax = {"directory": "kept", "max_to_keep": 2, "save_on_background": False}
    train(keras, tmp_path, {"orbax_checkpoint": orbax}, epochs=3)
    assert {"1", "2"} == {path.name for path in Path(tmp_path, "kept").iterdir()}
