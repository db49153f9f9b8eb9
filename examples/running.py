# SPDX-License-Identifier: Apache-2.0
"""Running a pipeline in a terminal: progress here, all else in a log file."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click


def run(make_pipeline: Callable[[], object], root: Path) -> None:
    """Makes a pipeline and runs it with LocalDagRunner.

    Args:
      make_pipeline: Returns a tfx.v1.dsl.Pipeline.
      root: An existing directory; what TFX logs is appended to tfx.log there.
    """
    log = root / "tfx.log"
    with _libraries_write_to(log):
        click.secho(f"Loading TFX (its log: {log})", dim=True)
        from tfx.orchestration.local.local_dag_runner import LocalDagRunner

        with _progress():
            LocalDagRunner().run(make_pipeline())


@contextlib.contextmanager
def _libraries_write_to(log: Path) -> Iterator[None]:
    """Sends what libraries and child processes write to a file.

    What Python code prints still goes to the terminal; so does Keras' progress.

    Args:
      log: The file; appended to.
    """
    terminal, errors = os.dup(1), os.dup(2)
    with open(log, "ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    standard_output = sys.stdout
    sys.stdout = os.fdopen(os.dup(terminal), "w", buffering=1)
    try:
        yield
    finally:
        sys.stdout.close()
        sys.stdout = standard_output
        sys.stderr.flush()
        os.dup2(terminal, 1)
        os.dup2(errors, 2)
        os.close(terminal)
        os.close(errors)


@contextlib.contextmanager
def _progress() -> Iterator[None]:
    """Prints a line for each component that LocalDagRunner runs."""
    from absl import logging as absl_logging

    verbosity = absl_logging.get_verbosity()
    absl_logging.set_verbosity(absl_logging.INFO)
    handler = _Progress()
    logger = absl_logging.get_absl_logger()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        absl_logging.set_verbosity(verbosity)


class _Progress(logging.Handler):
    """Picks TFX's own messages about components out of its log."""

    _start = 0.0
    _cached = False

    def emit(self, record: logging.LogRecord) -> None:
        """Prints a line when a component starts or ends."""
        if record.msg == "Component %s is running.":
            self._start, self._cached = time.monotonic(), False
            click.echo(f"▶ {record.args[0]}")
        elif record.msg == "A cached execution %d is used.":
            self._cached = True
        elif record.msg == "Component %s is finished.":
            took = "in the cache" if self._cached else f"{time.monotonic() - self._start:.1f} s"
            click.secho(f"  {took}", dim=True)
