# SPDX-License-Identifier: Apache-2.0
"""Files that are whole or not there, on this machine and wherever tf.io.gfile leads."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

# What reading and writing can fail with.
ERRORS = (OSError, tf.errors.OpError)

_TEMPORARY = ".tmp"


class Hashed(io.RawIOBase):
    """A file to write to, without a way back, with the hash of what was written."""

    def __init__(self, file: Any):
        """Takes the file, which others close."""
        super().__init__()
        self._file = file
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written."""
        return self._hash.hexdigest()

    def write(self, data: Any, /) -> int:
        """Writes bytes, or what has the same memory."""
        content = bytes(data)  # the files of tf.io.gfile take nothing else
        self._hash.update(content)
        self._file.write(content)
        return len(content)


def is_local(path: str) -> bool:
    """Whether a path leads to a file system of this machine."""
    return "://" not in path


def write(
    directory: str,
    make: Callable[[Hashed], object],
    name: Callable[[str], str],
    temporary: str = "new",
) -> str:
    """Writes a file under a temporary name, and gives it its own when it is on the disk.

    Args:
      directory: Where; made if it is not there.
      make: Writes the content.
      name: Returns the file's name, given the SHA-256 of the content.
      temporary: The begin of its name until then. Who writes at the same time
        in the same directory needs another one.

    Returns:
      Its path.

    Raises:
      OSError, tf.errors.OpError: If it cannot be written. What was written of
        it is deleted.
    """
    tf.io.gfile.makedirs(directory)
    # Always the same, so what a process left that was killed is overwritten.
    unfinished = os.path.join(directory, temporary + _TEMPORARY)
    try:
        with _opened(unfinished) as file:
            hashed = Hashed(file)
            make(hashed)
        path = os.path.join(directory, name(hashed.digest))
        tf.io.gfile.rename(unfinished, path, overwrite=True)
    except BaseException:
        remove(unfinished)
        raise
    if is_local(directory):
        _sync_directory(directory)
    return path


def write_text(path: str, text: str) -> None:
    """Writes a text file as a whole."""
    directory, name = os.path.split(path)
    write(directory, lambda file: file.write(text.encode()), lambda _: name, name)


def read(path: str) -> bytes:
    """Reads a file."""
    with tf.io.gfile.GFile(path, "rb") as file:
        content: bytes = file.read()
    return content


def names_in(directory: str) -> list[str]:
    """The names of the whole files and of the directories in a directory; none if it is absent."""
    try:
        found = tf.io.gfile.listdir(directory)
    except tf.errors.NotFoundError:
        return []
    return sorted(name.rstrip("/") for name in found if not name.endswith(_TEMPORARY))


def remove(path: str) -> None:
    """Deletes a file, or a directory with all that is in it, if it is there and can be."""
    with contextlib.suppress(*ERRORS):
        if tf.io.gfile.isdir(path):
            tf.io.gfile.rmtree(path)
        else:
            tf.io.gfile.remove(path)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Any]:
    if not is_local(path):
        with tf.io.gfile.GFile(path, "wb") as remote:
            yield remote
        return
    with open(path, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
