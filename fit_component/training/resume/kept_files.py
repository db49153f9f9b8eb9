# SPDX-License-Identifier: Apache-2.0
"""What callbacks write beside a training, kept where a run that fails does not delete it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import tensorflow as tf

from fit_component.training.resume import files

# TensorBoard's files grow at their end alone.
_GROWS = "tfevents"


class KeptFiles:
    """Copies of the files in a directory, each anew when it has changed."""

    def __init__(self, source: str, copies: str, leave_out: str):
        """Takes the places.

        Args:
          source: The directory, for tf.io.gfile.
          copies: Where the copies are.
          leave_out: What is not copied: a directory in the source.
        """
        self._source = source
        self._copies = copies
        self._leave_out = leave_out
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
                _copy(os.path.join(self._source, name), os.path.join(self._copies, name))
        for name in set(_names(self._copies)) - found.keys() if found != self._seen else ():
            files.remove(os.path.join(self._copies, name))
        self._seen = found

    def put_back(self) -> None:
        """Copies what was kept into the directory; what is there already stays."""
        for name in _names(self._copies):
            target = os.path.join(self._source, name)
            if not tf.io.gfile.exists(target):
                tf.io.gfile.makedirs(os.path.dirname(target))
                tf.io.gfile.copy(os.path.join(self._copies, name), target)


def _names(directory: str) -> Iterator[str]:
    """Yields the paths of all files in a directory, below it."""
    for found, _, names in tf.io.gfile.walk(directory):
        for name in names:
            yield os.path.relpath(os.path.join(found, name), directory)


def _copy(source: str, target: str) -> None:
    tf.io.gfile.makedirs(os.path.dirname(target))
    if _GROWS in os.path.basename(source) and files.is_local(source) and files.is_local(target):
        with open(source, "rb") as old, open(target, "ab") as new:
            old.seek(new.tell())
            new.write(old.read())
        return
    temporary = f"{target}.tmp"
    tf.io.gfile.copy(source, temporary, overwrite=True)
    tf.io.gfile.rename(temporary, target, overwrite=True)
