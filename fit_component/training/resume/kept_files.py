# SPDX-License-Identifier: Apache-2.0
"""What callbacks write beside a training, kept where a run that fails does not delete it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import tensorflow as tf

from fit_component.training.resume import files

# TensorBoard's files grow at their end alone.
_GROWS = "tfevents"

Clock = Callable[[], float]


class KeptFiles:
    """Copies of the files in a directory, each anew when it has changed."""

    def __init__(self, source: str, copies: str, leave_out: str, clock: Clock = time.time):
        """Takes the places.

        Args:
          source: The directory, for tf.io.gfile.
          copies: Where the copies are.
          leave_out: What is not copied: a directory in the source.
          clock: Tells the time, in seconds since 1970.
        """
        self._source = source
        self._copies = copies
        self._leave_out = leave_out
        self._started = clock() - 1  # file systems tell the time in ticks
        self._seen: dict[str, tuple[int, int]] = {}

    def keep(self) -> None:
        """Copies what has changed since the last time, and deletes copies of what is gone.

        Raises:
          OSError, tf.errors.OpError: If it cannot be copied.
        """
        found = {}
        for name in _names(self._source):
            if name.partition(os.sep)[0] == self._leave_out:
                continue
            stat = tf.io.gfile.stat(os.path.join(self._source, name))
            found[name] = (stat.length, stat.mtime_nsec)
            if self._seen.get(name) != found[name]:
                self._copy(name)
        for name in set(_names(self._copies)) - found.keys() if found != self._seen else ():
            files.remove(os.path.join(self._copies, name))
        self._seen = found

    def put_back(self) -> None:
        """Copies what was kept into the directory; what this run has written there stays."""
        for name in _names(self._copies):
            target = os.path.join(self._source, name)
            # Where a run is tried again in the same place, a file may be half written.
            if not tf.io.gfile.exists(target) or _time_of(target) < self._started:
                tf.io.gfile.makedirs(os.path.dirname(target))
                tf.io.gfile.copy(os.path.join(self._copies, name), target, overwrite=True)

    def _copy(self, name: str) -> None:
        source, target = os.path.join(self._source, name), os.path.join(self._copies, name)
        tf.io.gfile.makedirs(os.path.dirname(target))
        if _GROWS in os.path.basename(name) and files.is_local(source) and files.is_local(target):
            with open(source, "rb") as old, open(target, "ab") as new:
                old.seek(new.tell())
                new.write(old.read())
            return
        # Not among the copies, from where half of one would be put back.
        unfinished = f"{self._copies}.tmp"
        tf.io.gfile.copy(source, unfinished, overwrite=True)
        tf.io.gfile.rename(unfinished, target, overwrite=True)


def _names(directory: str) -> Iterator[str]:
    """Yields the paths of all files in a directory, below it."""
    for found, _, names in tf.io.gfile.walk(directory):
        for name in names:
            yield os.path.relpath(os.path.join(found, name), directory)


def _time_of(path: str) -> float:
    return float(tf.io.gfile.stat(path).mtime_nsec / 10**9)
