# SPDX-License-Identifier: Apache-2.0
"""Trains while it is killed again and again, and compares what comes out.

`python killed_training.py DIRECTORY SEED KILLS [JSON]`: trains a plan, of which the last argument
is the fields, in processes that are killed at random moments, and then as a whole. TensorFlow is
imported once and started in each process. Prints the number of epochs; fails if the two differ.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import sys
import time
from pathlib import Path

import tensorflow as tf
from resumed_training import Plan, assert_same, leave_keras_alone, train

# Seconds within which the processes are killed, after what they tell: the begin of `fit`, while
# they find out where it was; their first batch; the end of their first epoch, before it is saved.
# Tracing functions takes most of the time before, so most are killed after the last.
LONGEST = (1.2, 0.3, 0.3)
TURNS = (0, 2, 1, 2, 2)
ENDLESS = 10_000  # epochs


class Tells(tf.keras.callbacks.Callback):
    """Tells when `fit` begins, its first batch is trained, and its first epoch ends."""

    def __init__(self, pipe):
        super().__init__()
        self._pipe = pipe
        self._next = 0

    def get_state(self):
        """Nothing."""

    def set_state(self, state):
        """Nothing."""

    def on_train_begin(self, logs=None):
        """Tells."""
        self._tell(0)

    def on_train_batch_end(self, batch, logs=None):
        """Tells."""
        self._tell(1)

    def on_epoch_end(self, epoch, logs=None):
        """Tells."""
        self._tell(2)

    def _tell(self, what):
        if what == self._next:
            os.write(self._pipe, b".")
            self._next += 1


def start(directory, plan):
    """Starts a process that trains; returns its id and a pipe that tells when it does."""
    begun, tells = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tells)
        return pid, begun
    status = 1
    try:
        left = train(directory, plan, callbacks=[Tells(tells)])
        directory.with_suffix(".pickle").write_bytes(pickle.dumps(left))
        status = 0
    finally:
        os._exit(status)


def main(directory, seed, kills, **fields):
    """Trains in processes."""
    leave_keras_alone()
    moments = random.Random(seed)
    for killed in range(kills):
        pid, begun = start(directory / "cut", Plan(**fields, epochs=ENDLESS))
        after = TURNS[killed % len(TURNS)]
        for _ in range(1 + after):
            assert os.read(begun, 1), "it ended before that"
        time.sleep(moments.uniform(0, LONGEST[after]))
        os.kill(pid, signal.SIGKILL)
        assert os.waitpid(pid, 0) == (pid, signal.SIGKILL)
        os.close(begun)
    # As many epochs as the processes came to, and some.
    snapshots = (directory / "cut").rglob("*.zip")
    plan = Plan(**fields, epochs=max(int(path.name.split("-")[0]) for path in snapshots) + 3)
    for name in ("cut", "whole"):
        pid, _ = start(directory / name, plan)
        assert os.waitpid(pid, 0) == (pid, 0)
    whole, cut = (pickle.loads((directory / f"{n}.pickle").read_bytes()) for n in ("whole", "cut"))
    assert_same(cut, whole)
    print(json.dumps({"epochs": plan.epochs, "trained": len(whole.histories[0][0])}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:4]), **json.loads((sys.argv[4:] or ["{}"])[0]))
