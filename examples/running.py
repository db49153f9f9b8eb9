# SPDX-License-Identifier: Apache-2.0
"""Running a pipeline in a terminal: progress here, all else in a log file."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

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


def local_pipeline(name: str, components: Sequence[Any], root: Path):
    """Makes a pipeline that keeps all below one directory and runs Beam in this process.

    What has not changed since an earlier run is taken from there.

    Args:
      name: The pipeline's name.
      components: All of them.
      root: The directory of `run`.

    Returns:
      A tfx.v1.dsl.Pipeline.
    """
    from tfx import v1 as tfx

    return tfx.dsl.Pipeline(
        pipeline_name=name,
        pipeline_root=str(root / "artifacts"),
        metadata_connection_config=tfx.orchestration.metadata.sqlite_metadata_connection_config(
            str(root / "metadata.sqlite")
        ),
        components=components,
        enable_cache=True,
        beam_pipeline_args=["--direct_running_mode=in_memory", "--direct_num_workers=1"],
    )


def split_cpu(number: int) -> None:
    """Makes TensorFlow see the CPU as several devices: `CPU:0`, `CPU:1`, ...

    Args:
      number: How many.

    Raises:
      RuntimeError: If TensorFlow has computed something already.
    """
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration()] * number
    tf.config.set_logical_device_configuration(cpu, devices)


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
    """Prints a line for each component that LocalDagRunner runs, and fit_component's warnings."""
    from absl import logging as absl_logging

    verbosity = absl_logging.get_verbosity()
    absl_logging.set_verbosity(absl_logging.INFO)
    handler = _Progress()
    loggers = (absl_logging.get_absl_logger(), logging.getLogger("fit_component"))
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
        absl_logging.set_verbosity(verbosity)


class _Progress(logging.Handler):
    """Picks out of the log TFX's messages about components, and our warnings."""

    _start = 0.0
    _cached = False

    def emit(self, record: logging.LogRecord) -> None:
        """Prints a line when a component starts or ends, or something is to be known."""
        if record.name.startswith("fit_component"):
            if record.levelno >= logging.WARNING:
                click.secho(f"  {record.getMessage()}", fg="yellow")
            return
        if record.msg == "Component %s is running.":
            self._start, self._cached = time.monotonic(), False
            click.echo(f"▶ {record.args[0]}")
        elif record.msg == "A cached execution %d is used.":
            self._cached = True
        elif record.msg == "Component %s is finished.":
            took = "in the cache" if self._cached else f"{time.monotonic() - self._start:.1f} s"
            click.secho(f"  {took}", dim=True)
