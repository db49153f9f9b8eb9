# SPDX-License-Identifier: Apache-2.0
"""Several workers that train one model through the executor, as processes on this machine."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from environment import ENVIRONMENT
from executions import execute, seen

from fit_component import FitArgsError

pytestmark = [pytest.mark.tfx, pytest.mark.keras, pytest.mark.end_to_end]

WORKER = Path(__file__).with_name("worker_process.py")
LONGEST = 300  # seconds that a process may take

SETTINGS = {
    "epochs": 2,
    "num_steps": 5,
    "seed": 7,
    "deterministic": True,
    "verbose": "SILENT",
    "optimizer": {"sgd": {}, "learning_rate": 0.1},
    "callbacks": [
        {"early_stopping": {"patience": 1}},
        {"csv_logger": {"filename": "history.csv"}},
        {"tensorboard": {}},
        {
            "model_checkpoint": {
                "filepath": "best.weights.h5",
                "save_best_only": True,
                "save_weights_only": True,
            }
        },
    ],
}
WRITTEN = ["best.weights.h5", "fit", "history.csv", "train", "validation"]


class Worker:
    """A process that runs the executor.

    Attributes:
      temporary: Where it makes temporary directories.
    """

    def __init__(self, python, directory: Path, name: str, outputs: Path, *arguments, config=None):
        self.temporary = directory / name
        self.temporary.mkdir(parents=True)
        self._output = (directory / f"{name}.json").open("w+")
        self._log = (directory / f"{name}.txt").open("w+")
        environment = {"TMPDIR": str(self.temporary)}
        if config:
            environment["TF_CONFIG"] = json.dumps(config)
        streams = {"stdout": self._output, "stderr": self._log}
        self._process = python.start(
            WORKER, outputs, *arguments, env=ENVIRONMENT | environment, **streams
        )

    def result(self) -> dict:
        """Waits for its end; what run_fn saw."""
        assert 0 == self._process.wait(LONGEST), self.log()[-3000:]
        self._output.seek(0)
        return json.loads(self._output.read().strip().splitlines()[-1])

    def log(self) -> str:
        """What it told so far."""
        self._log.seek(0)
        return self._log.read()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def end(self) -> None:
        """Ends the process if it still runs."""
        self._process.kill()
        self._output.close()
        self._log.close()


@contextlib.contextmanager
def workers(python, directory: Path, cluster: dict, settings: dict):
    """Starts a process for each worker of a cluster of names; yields them, ends them.

    The chief, which is the first, ends only when there is a file `go_on`.
    """
    tasks = [(kind, index) for kind, count in cluster.items() for index in range(count)]
    addresses = dict(zip(tasks, free_addresses(len(tasks)), strict=True))
    listed = {kind: [addresses[t] for t in tasks if t[0] == kind] for kind in cluster}
    with contextlib.ExitStack() as ends:
        started = []
        for kind, index in tasks:
            worker = Worker(
                python,
                directory,
                f"{kind}{index}",
                directory / "outputs",
                json.dumps(settings),
                *([] if started else [str(directory / "go_on")]),
                config={"cluster": listed, "task": {"type": kind, "index": index}},
            )
            ends.callback(worker.end)
            started.append(worker)
        yield started


def free_addresses(count: int) -> list[str]:
    """Addresses of this machine that nobody listens at."""
    with contextlib.ExitStack() as closes:
        sockets = [closes.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]


@pytest.mark.slow
@pytest.mark.tf_keras  # Keras 3 refuses, which tests/objects/test_strategy_checks.py shows
def test_a_chief_and_a_worker_train_as_one_process_does(warm_python, tmp_path):
    """With the same examples in each batch, the same model comes out; one alone is published."""
    spread = {
        **SETTINGS,
        "per_replica_batch_size": 6,
        "strategy": {"multi_worker_mirrored": {"communication": "RING"}},
    }
    with workers(warm_python, tmp_path, {"chief": 1, "worker": 1}, spread) as (chief, worker):
        settings = json.dumps({**SETTINGS, "batch_size": 12})
        alone = Worker(warm_python, tmp_path, "alone", tmp_path / "single", settings)
        try:
            of_worker = worker.result()
            (tmp_path / "go_on").touch()
            of_chief = chief.result()
            of_one = alone.result()
        finally:
            alone.end()
    assert (2, 12) == (of_chief["replicas"], of_chief["batch_size"])
    assert (2, 12) == (of_worker["replicas"], of_worker["batch_size"])
    assert (1, 12) == (of_one["replicas"], of_one["batch_size"])
    assert of_chief["weights"] == of_worker["weights"]
    assert of_chief["history"] == of_worker["history"]
    for ours, theirs in zip(of_chief["weights"], of_one["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    for name, values in of_one["history"].items():
        np.testing.assert_allclose(of_chief["history"][name], values, rtol=1e-5)
    assert_the_chiefs_is_published(tmp_path, of_chief, [of_worker], [worker])


@pytest.mark.slow
@pytest.mark.tf_keras  # Keras 3 refuses, which tests/objects/test_strategy_checks.py shows
def test_workers_that_were_killed_go_on_with_what_the_chief_saved(warm_python, tmp_path):
    """All of them, and end with the same weights as if nothing had been."""
    settings = {
        **SETTINGS,
        "callbacks": [{"csv_logger": {"filename": "history.csv"}}],
        "per_replica_batch_size": 6,
        "strategy": {"multi_worker_mirrored": {"communication": "RING"}},
    }
    cluster = {"chief": 1, "worker": 1}
    kept = {"enabled": True, "directory": str(tmp_path / "kept"), "key": "a"}
    with workers(
        warm_python, tmp_path / "1", cluster, {**settings, "epochs": 900, "resume": kept}
    ) as killed:
        while len(saved := list((tmp_path / "kept").rglob("0*.zip"))) < 2:
            assert all(worker.is_running for worker in killed)
            time.sleep(0.05)
    reached = max(int(path.name.split("-")[0]) for path in (tmp_path / "kept").rglob("0*.zip"))
    assert saved
    settings["epochs"] = reached + 2
    ended = {}
    for name, resume in {"2": {"resume": kept}, "whole": {}}.items():
        with workers(warm_python, tmp_path / name, cluster, {**settings, **resume}) as (
            chief,
            worker,
        ):
            of_worker = worker.result()
            (tmp_path / name / "go_on").touch()
            ended[name] = [chief.result(), of_worker]
            logs = [each.log() for each in (chief, worker)]
        went_on = [f"goes on with epoch {reached} of {reached + 2}" in log for log in logs]
        assert [bool(resume)] * 2 == went_on
    for cut, whole in zip(ended["2"], ended["whole"], strict=True):
        assert (whole["weights"], whole["history"]) == (cut["weights"], cut["history"])
    assert not list((tmp_path / "kept").iterdir())


@pytest.mark.slow
@pytest.mark.tf_keras  # Keras 3 refuses, which tests/objects/test_strategy_checks.py shows
def test_auto_trains_over_three_workers(warm_python, tmp_path):
    """Worker 0 is the chief where none is called so; it may be the last to end.

    Each epoch is one pass over the data.
    """
    settings = {**SETTINGS, "num_steps": 0, "batch_size": 1200, "strategy": {"auto": {}}}
    with workers(warm_python, tmp_path, {"worker": 3}, settings) as (chief, *others):
        of_others = [other.result() for other in others]
        (tmp_path / "go_on").touch()
        of_chief = chief.result()
    assert "CollectiveAllReduceStrategy" == of_chief["strategy"]
    assert (3, 1200) == (of_chief["replicas"], of_chief["batch_size"])
    assert 2 * (9909 // 1200) == of_chief["iterations"]
    for result in of_others:
        assert of_chief["weights"] == result["weights"]
    assert_the_chiefs_is_published(tmp_path, of_chief, of_others, others)


def assert_the_chiefs_is_published(directory, of_chief, of_others, others):
    """The chief wrote to the outputs, and the others to places of their own that are gone."""
    outputs = directory / "outputs"
    assert str(outputs / "model" / "Format-Serving") == of_chief["serving_model_dir"]
    assert str(outputs / "model_run") == of_chief["model_run_dir"]
    assert "fit.epochs" in of_chief["published"]
    for result, worker in zip(of_others, others, strict=True):
        for key in ("serving_model_dir", "model_run_dir"):
            assert worker.temporary in Path(result[key]).parents
        assert str(outputs / "model") == result["uri"]
        assert [] == result["published"]
        assert not list(worker.temporary.glob("fit-component-*"))
    assert ["model", "model_run"] == sorted(path.name for path in outputs.iterdir())
    hparams, *written = sorted(
        (path.name for path in (outputs / "model_run").iterdir()),
        key=lambda name: (".hparams" not in name, name),
    )
    assert hparams.endswith(".hparams")
    assert WRITTEN == written
    files = ["Format-Serving", "model.weights.h5"]
    assert files == sorted(path.name for path in (outputs / "model").iterdir())
    tf.saved_model.load(str(outputs / "model" / "Format-Serving"))


def test_a_wrong_cluster_is_told_before_run_fn(tmp_path, monkeypatch):
    """No worker waits for another that will never come."""
    monkeypatch.setenv("TF_CONFIG", '{"cluster": {"worker": ["a:1", "b"]}}')
    seen.clear()
    with pytest.raises(FitArgsError, match=r"train_args.*") as caught:
        execute(tmp_path, "capture", {"strategy": {"auto": {}}})
    told = str(caught.value)
    assert 'has "b" as cluster.worker[1]; write host and port' in told
    assert "has the task null" in told
    assert ([], []) == (seen, list(tmp_path.iterdir()))
