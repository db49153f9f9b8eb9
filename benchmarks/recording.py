# SPDX-License-Identifier: Apache-2.0
"""What it costs to record a training.

Trains a model of the size of the Chicago Taxi example's, with and without the
record in turn, its files written after each epoch. The bound to hold is 1 %.
The model is compiled before the clock starts. The fastest training with a
record is held against the fastest without: what else the machine does makes
others slower by more than the bound.

python -m benchmarks.recording [PAIRS]
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

EPOCHS = 3
STEPS = 400
BATCH_SIZE = 40
BOUND = 0.01


def write(directory: str, files: Mapping[str, str]) -> None:
    """Writes files as the executor does: each whole."""
    for name, content in files.items():
        path = Path(directory) / name
        path.with_suffix(".tmp").write_text(content)
        path.with_suffix(".tmp").replace(path)


def main(pairs: int) -> None:
    """Measures and prints."""
    import numpy as np
    import tensorflow as tf

    from fit_component import FitArgs
    from fit_component.settings import resolve
    from fit_component.training.fitting import supervised_fits
    from fit_component.training.run_recorder import RunRecorder

    numbers = np.random.default_rng(3)
    x = numbers.normal(size=(STEPS * BATCH_SIZE, 17)).astype("float32")
    y = (x.sum(axis=1, keepdims=True) > 0).astype("float32")
    data = tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH_SIZE).cache().prefetch(2)
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(units, activation="relu") for units in (100, 70, 48, 34)]
        + [tf.keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])

    def seconds(is_recorded: bool, directory: str) -> float:
        with contextlib.ExitStack() as stack:
            if is_recorded:
                recorder = RunRecorder({"epochs": EPOCHS}, functools.partial(write, directory))
                stack.enter_context(recorder.recorded())
                stack.enter_context(supervised_fits(resolve(FitArgs(epochs=EPOCHS))))
            start = time.perf_counter()
            model.fit(data, epochs=EPOCHS, validation_data=data.take(20), verbose=0)
            return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as directory:
        seconds(True, directory), seconds(False, directory)
        # In turns, and each first as often as the other.
        measured = []
        for pair in range(pairs):
            first = bool(pair % 2)
            times = {first: seconds(first, directory), not first: seconds(not first, directory)}
            measured.append((times[True], times[False]))
    ours, bare = (min(times) for times in zip(*measured, strict=True))
    print(f"training of {EPOCHS} epochs of {STEPS} batches: {bare:.2f} s")
    cost = ours / bare - 1
    print(f"cost of its record, fastest of each: {cost:.2%} (bound {BOUND:.0%}, {pairs} pairs)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
