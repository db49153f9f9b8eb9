# SPDX-License-Identifier: Apache-2.0
"""Callbacks from settings."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from google.protobuf.message import Message

from fit_component.errors import FitArgsError, Problem
from fit_component.objects import generations
from fit_component.proto.fit_args_pb2 import Callback, FitArgs
from fit_component.settings.defaults import MONITOR
from fit_component.settings.monitors import plain_mode

Kwargs = dict[str, Any]


@dataclass(frozen=True)
class _Row:
    """How a kind of callback is made.

    Attributes:
      class_name: The class in `keras.callbacks`.
      path: The argument that holds a path below model_run, if there is one.
      is_template: Whether Keras formats that path, so that braces count.
      needs_directory: Whether the class expects the path's directory to exist.
      adapt: Changes arguments whose Keras form a message cannot hold.
    """

    class_name: str
    path: str | None = None
    is_template: bool = False
    needs_directory: bool = False
    adapt: Callable[[Kwargs], Kwargs] = lambda kwargs: kwargs


def _profile_batch(kwargs: Kwargs) -> Kwargs:
    """Gives one batch as a number and two as a pair, as TensorBoard wants."""
    batches = kwargs.pop("profile_batch", [])
    if batches:
        kwargs["profile_batch"] = tuple(batches) if len(batches) > 1 else batches[0]
    return kwargs


_ROWS: Mapping[str, _Row] = {
    "early_stopping": _Row("EarlyStopping"),
    "tensorboard": _Row("TensorBoard", path="log_dir", adapt=_profile_batch),
    "reduce_lr_on_plateau": _Row("ReduceLROnPlateau"),
    "model_checkpoint": _Row("ModelCheckpoint", path="filepath", is_template=True),
    "csv_logger": _Row("CSVLogger", path="filename", needs_directory=True),
    "terminate_on_nan": _Row("TerminateOnNaN"),
}


def make_callbacks(fit_args: FitArgs, keras: Any, model_run_dir: str) -> list[Any]:
    """Makes the callbacks that the settings name, in their order.

    Args:
      fit_args: Checked settings.
      keras: The Keras whose classes are used: `tf.keras`, `keras` or
        `tf_keras`.
      model_run_dir: Where relative paths lead.

    Returns:
      New callback objects.

    Raises:
      FitArgsError: If this Keras does not take one of them, with all problems.
    """
    made: list[Any] = []
    problems: list[Problem] = []
    for index, callback in enumerate(fit_args.callbacks):
        kind = str(callback.WhichOneof("callback"))
        try:
            made.append(_make(callback, kind, keras, model_run_dir))
        except (TypeError, ValueError, AttributeError, ImportError) as error:
            refusal = f"{generations.version_of(keras)} does not take it: {error}"
            problems.append(Problem(f"callbacks[{index}].{kind}", refusal))
    if problems:
        raise FitArgsError(problems, "train_args")
    return made


def make_directories(fit_args: FitArgs, model_run_dir: str) -> None:
    """Makes the directories that Keras expects to find.

    Args:
      fit_args: Checked settings.
      model_run_dir: Where relative paths lead.

    Raises:
      FitArgsError: If one of them cannot be made.
    """
    for index, callback in enumerate(fit_args.callbacks):
        kind = str(callback.WhichOneof("callback"))
        row = _ROWS[kind]
        if row.path is None or not row.needs_directory:
            continue
        path = getattr(getattr(callback, kind), row.path)
        directory = posixpath.dirname(_below(model_run_dir, path))
        try:
            tf.io.gfile.makedirs(directory or ".")
        except tf.errors.OpError as error:
            message = f"its directory cannot be made: {error.message}"
            problem = Problem(f"callbacks[{index}].{kind}.{row.path}", message, path)
            raise FitArgsError([problem], "train_args") from error


def _make(callback: Callback, kind: str, keras: Any, model_run_dir: str) -> Any:
    row = _ROWS[kind]
    message = getattr(callback, kind)
    kwargs = dict(_python_fields(message))
    if row.path is not None:
        directory = _escape(model_run_dir) if row.is_template else model_run_dir
        kwargs[row.path] = _below(directory, kwargs.get(row.path, ""))
    if "mode" in message.DESCRIPTOR.fields_by_name and kwargs.get("mode", "auto") == "auto":
        kwargs["mode"] = plain_mode(kwargs.get("monitor", MONITOR)) or "auto"
    return getattr(keras.callbacks, row.class_name)(**row.adapt(kwargs))


def _below(directory: str, path: str) -> str:
    """A relative path below a directory; others, such as gs://…, as they are."""
    if "://" in path:
        return path
    return posixpath.join(directory, path) if path else directory


def _escape(path: str) -> str:
    return path.replace("{", "{{").replace("}", "}}")


def _python_fields(message: Message) -> Iterator[tuple[str, Any]]:
    """Yields the fields that are set, with their values as Python's own types."""
    for field, value in message.ListFields():
        if isinstance(value, (str, bool, int, float)):
            yield field.name, value
        else:
            yield field.name, dict(value) if hasattr(value, "items") else list(value)
