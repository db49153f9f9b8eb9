# SPDX-License-Identifier: Apache-2.0
"""How long a unit test of a module file takes, imports not counted.

Runs in turn: run_module over rows in memory, and the same model trained on the
same rows and saved by hand. The ratio is what a test through Trainer's executor
costs; the machine's speed cancels out. The aim is 2 s, of which Keras and the
SavedModel alone take most.

python -m benchmarks.unit_test [RUNS]
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from examples.penguin.model import penguin
from fit_component.testing import make_fn_args, run_module

AIM = 2.0
SETTINGS = {"epochs": 2, "batch_size": 10, "verbose": "SILENT"}
MODULE_FILE = Path(penguin.__file__)


def make_rows() -> list[dict[str, float]]:
    """Sixty penguins that never were."""
    numbers = random.Random(1)
    return [
        {name: numbers.uniform(10, 50) for name in penguin.MEASURES} | {penguin.LABEL: n % 3}
        for n in range(60)
    ]


def train_by_hand(rows: list[dict[str, float]], directory: str) -> None:
    """What the module does, without TFX."""
    features = {name: [[row[name]] for row in rows] for name in penguin.MEASURES}
    data = tf.data.Dataset.from_tensor_slices((features, [[row[penguin.LABEL]] for row in rows]))
    model = penguin.build_model()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    batches = data.shuffle(len(rows)).batch(SETTINGS["batch_size"])
    model.fit(batches, validation_data=batches, epochs=SETTINGS["epochs"], verbose=0)
    penguin.save(model, f"{directory}/by_hand")


def seconds(act: Callable[..., object], *arguments: object, **options: object) -> float:
    """The wall time of a call that is given a new directory."""
    with tempfile.TemporaryDirectory() as directory:
        start = time.perf_counter()
        act(*arguments, directory=directory, **options)
        return time.perf_counter() - start


def main(runs: int) -> None:
    """Measures and prints."""
    tf.get_logger().setLevel("ERROR")  # it warns of what TFX still uses
    rows = make_rows()

    def once() -> tuple[float, float]:
        ours = seconds(run_module, MODULE_FILE, SETTINGS, examples=rows)
        return ours, seconds(train_by_hand, rows)

    once()  # what TensorFlow and Keras do for the first time
    pairs = [once() for _ in range(runs)]
    ours, by_hand = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    made = statistics.median(seconds(make_fn_args, SETTINGS, examples=rows) for _ in range(runs))
    print(f"run_module over 60 rows: {ours:.2f} s (aim {AIM} s)")
    print(f"the same by hand:        {by_hand:.2f} s")
    print(f"ratio, median of pairs:  {ratio:.2f} ({runs} pairs)")
    print(f"make_fn_args:            {made:.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
