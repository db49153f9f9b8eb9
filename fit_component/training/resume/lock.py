# SPDX-License-Identifier: Apache-2.0
"""A lock on a directory: one run at a time trains a job."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator

import tensorflow as tf

from fit_component.training.resume import files

_LOG = logging.getLogger(__name__)

_NAME = "lock"

# Elsewhere than on this machine a lock is a file that its holder writes anew every so many seconds;
# who finds one waits to see whether that happens.
_RENEWED_AFTER = 15.0
_DEAD_AFTER = 45.0


class HeldError(Exception):
    """Another run holds the lock; the text says which."""


@contextlib.contextmanager
def locked(
    directory: str,
    *,
    wait: Callable[[float], object] = time.sleep,
    renewed_after: float = _RENEWED_AFTER,
) -> Iterator[None]:
    """Holds the lock on a directory that exists.

    On this machine it ends with the process, however that ends. Elsewhere, who
    comes after a process that was killed waits for less than a minute.

    Args:
      directory: A path for tf.io.gfile.
      wait: Waits for so many seconds.
      renewed_after: Seconds from one renewal to the next, elsewhere.

    Raises:
      HeldError: If another process holds it.
      OSError, tf.errors.OpError: If there can be no lock.
    """
    path = os.path.join(directory, _NAME)
    lock = _locked_here(path) if files.is_local(path) else _leased(path, wait, renewed_after)
    with lock:
        yield


def is_free(directory: str) -> bool:
    """Whether no process holds the lock on a directory, as far as can be told at once."""
    path = os.path.join(directory, _NAME)
    if not files.is_local(path):
        return not tf.io.gfile.exists(path)
    try:
        with _locked_here(path):
            return True
    except (HeldError, OSError):
        return False


@contextlib.contextmanager
def _locked_here(path: str) -> Iterator[None]:
    # Neither truncated nor deleted: who waits at the door must meet the same file.
    with open(path, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise HeldError(file.read().strip() or "a process that has just begun") from error
        file.truncate(0)
        file.write(_holder())
        file.flush()
        yield


@contextlib.contextmanager
def _leased(path: str, wait: Callable[[float], object], renewed_after: float) -> Iterator[None]:
    _await_end_of(path, wait, renewed_after)
    files.write_text(path, _holder())
    is_over = threading.Event()

    def renew() -> None:
        while not is_over.wait(renewed_after):
            with contextlib.suppress(*files.ERRORS):
                files.write_text(path, _holder())

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        files.remove(path)


def _await_end_of(path: str, wait: Callable[[float], object], renewed_after: float) -> None:
    before = _read(path)
    if before is None:
        return
    _LOG.warning("resume: %s was left by %s, or is in use: waiting to see which.", path, before)
    for _ in range(round(_DEAD_AFTER / _RENEWED_AFTER)):
        wait(renewed_after)
        now = _read(path)
        if now is None:
            return
        if now != before:
            raise HeldError(now)


def _read(path: str) -> str | None:
    try:
        return files.read(path).decode(errors="replace")
    except tf.errors.NotFoundError:
        return None


def _holder() -> str:
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"process {os.getpid()} on {socket.gethostname()}, at work at {now}"
