# SPDX-License-Identifier: Apache-2.0
"""What it costs to let a training go on after an interruption, and what an interruption costs.

Trains the Chicago Taxi example, module and settings, through Trainer's executor. What is saved at
the end of each epoch is timed there and held against the epoch; the bound to hold is 2 %. Then the
training is interrupted in its fifth epoch in several ways, and gone on with.

python -m benchmarks.resume [RUNS]
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_USE_LEGACY_KERAS", "0")  # importing Transform would set it to 1

import pandas as pd
import tensorflow as tf

from examples.chicago_taxi.model import taxi
from fit_component import load_fit_args
from fit_component.testing import run_module, transform_examples
from fit_component.training.resume.resumed_fit import ResumedFit

BOUND = 0.02
EXAMPLE = Path("examples/chicago_taxi")
DATA = files("tfx") / "examples" / "chicago_taxi_pipeline" / "data" / "simple" / "data.csv"
END_AT = 350  # batches; an epoch has 79


class Killed(BaseException):
    """Stands for the end of the process."""


class Counts(tf.keras.callbacks.Callback):
    """Counts batches over all runs, and ends one of them."""

    total = 0
    end: Callable[[], None] | None = None

    def get_state(self) -> None:
        """Remembers nothing."""

    def set_state(self, state: None) -> None:
        """Remembers nothing."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Counts."""
        Counts.total += 1
        if Counts.end is not None and Counts.total == END_AT:
            Counts.end()


def killed() -> None:
    """Ends without a word, as SIGKILL does."""
    raise Killed


def told() -> None:
    """Ends as a machine does that is taken away."""
    os.kill(os.getpid(), signal.SIGTERM)


@contextlib.contextmanager
def timed(name: str, times: list[float]) -> Iterator[None]:
    """Times each call of a method of ResumedFit."""
    original = getattr(ResumedFit, name)

    def call(*arguments: Any, **options: Any) -> Any:
        start = time.perf_counter()
        try:
            return original(*arguments, **options)
        finally:
            times.append(time.perf_counter() - start)

    with mock.patch.object(ResumedFit, name, call):
        yield


def main(runs: int) -> None:
    """Measures and prints."""
    from benchmarks.resume import Counts as Counted  # as the settings import it

    tf.get_logger().setLevel("ERROR")  # it warns of what TFX still uses
    with tempfile.TemporaryDirectory() as directory:
        trips = pd.read_csv(str(DATA))
        splits = {"train": trips[:10_000], "eval": trips[10_000:]}
        transformed = transform_examples(taxi.__file__, examples=splits, directory=directory)

        def train(name: str, *overrides: str) -> Any:
            settings = load_fit_args(
                EXAMPLE / "fit.textproto",
                overrides=[
                    "verbose=SILENT",
                    "resume.enabled=true",
                    f"resume.directory={directory}/kept",
                    f"resume.key={name!r}",
                    *overrides,
                ],
            )
            return run_module(
                taxi.__file__,
                settings,
                examples=transformed.examples,
                transform_graph=transformed.transform_graph,
                directory=directory,
            )

        saves: list[float] = []
        epochs = []
        for run in range(runs):
            with timed("epoch_ends", saves):
                made = train(f"run {run}")
            history = pd.read_csv(Path(made.model_run_dir, "fit", "history.csv"))
            epochs += list(history["seconds"][1:])  # in the first, functions are traced
        save, epoch = statistics.median(saves), statistics.median(epochs)
        cost = f"{save * 1000:.1f} ms, {save / epoch:.1%} (bound {BOUND:.0%}, {len(saves)} epochs)"
        print(f"an epoch of the taxi example: {epoch * 1000:.0f} ms; saving it: {cost}")
        for name, end, every in (
            ("SIGKILL", killed, ()),
            ("SIGKILL, save_every_steps: 10", killed, ("resume.save_every_steps=10",)),
            ("SIGTERM", told, ()),
        ):
            Counted.total, Counted.end = 0, end
            own = f"callbacks[3]={{custom: {{class_path: {Counted.__module__}.Counts}}}}"
            puts: list[float] = []
            with contextlib.suppress(Killed, SystemExit):
                train(name, own, *every)
            size = max(path.stat().st_size for path in Path(directory, "kept").rglob("*.zip"))
            Counted.end = None
            with timed("begin", puts), timed("train_begins", puts):
                made = train(name, own, *every)
            needed = sum(pd.read_csv(Path(made.model_run_dir, "fit", "history.csv"))["steps"])
            lost = Counted.total - int(needed)
            print(
                f"{name + ':':30} {lost:4} batches trained twice; state found and put back in "
                f"{sum(puts) * 1000:.0f} ms; snapshot of {size / 1024:.0f} KB"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
