# SPDX-License-Identifier: Apache-2.0
"""Callbacks from settings."""

from __future__ import annotations

import functools
import posixpath
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf
from google.protobuf.message import Message

from fit_component.errors import FitArgsError, Problem
from fit_component.objects import keras_arguments
from fit_component.objects.custom import UsersCallback, prepare_custom, prepare_from_module
from fit_component.objects.keras_callbacks import KerasCallback, below
from fit_component.objects.surroundings import for_checking, for_training, gather
from fit_component.proto.fit_args_pb2 import FitArgs

# In what the callbacks count that save every so many batches.
_BATCHES = ("_batches_seen_since_last_saving", "_last_batch_seen")

_ROWS: Mapping[str, KerasCallback | UsersCallback] = {
    "early_stopping": KerasCallback(
        "EarlyStopping",
        same_by="monitor",
        remembers=("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    ),
    "tensorboard": KerasCallback(
        "TensorBoard",
        path="log_dir",
        same_by="log_dir",
        remembers=("_global_train_batch", "_global_test_batch"),
        adapt=keras_arguments.profiled_batches,
    ),
    "reduce_lr_on_plateau": KerasCallback(
        "ReduceLROnPlateau", same_by="monitor", remembers=("wait", "best", "cooldown_counter")
    ),
    "model_checkpoint": KerasCallback(
        "ModelCheckpoint",
        path="filepath",
        is_template=True,
        same_by="filepath",
        remembers=("best", "_current_epoch", *_BATCHES),
    ),
    "csv_logger": KerasCallback(
        "CSVLogger", path="filename", needs_directory=True, same_by="filename"
    ),
    "terminate_on_nan": KerasCallback("TerminateOnNaN", same_by=""),
    "backup_and_restore": KerasCallback("BackupAndRestore", same_by=""),
    "lambda_callback": KerasCallback("LambdaCallback", adapt=keras_arguments.hooks),
    "learning_rate_scheduler": KerasCallback(
        "LearningRateScheduler",
        renamed={"function": "schedule"},
        same_by="",
        adapt=keras_arguments.schedule,
    ),
    "orbax_checkpoint": KerasCallback(
        "OrbaxCheckpoint",
        path="directory",
        package=("orbax.checkpoint", "orbax-checkpoint"),
        is_tried_out=False,  # it makes its directory
        remembers=("best", "_total_batches_seen", *_BATCHES),
        adapt=keras_arguments.absolute_directory,
    ),
    "remote_monitor": KerasCallback("RemoteMonitor", package=("requests", "requests")),
    "swap_ema_weights": KerasCallback(
        "SwapEMAWeights", same_by="", remembers=("_ema_weights_in_model",)
    ),
    "custom": UsersCallback(prepare_custom),
    "from_module": UsersCallback(prepare_from_module),
}


def make_callbacks(
    fit_args: FitArgs,
    keras: Any,
    model_run_dir: str,
    *,
    module: types.ModuleType | None = None,
    steps_per_epoch: Callable[[], int] | None = None,
) -> list[Any]:
    """Makes the callbacks that the settings name, in their order.

    No code of the user's runs before everything is known to be there.

    Args:
      fit_args: Checked settings.
      keras: The Keras whose classes are used: `tf.keras`, `keras` or
        `tf_keras`.
      model_run_dir: Where relative paths lead.
      module: The module file, loaded, whose functions the settings may name;
        None if it is not known.
      steps_per_epoch: Gives the batches per epoch; asked only by a schedule in
        batches. May raise FitArgsError. None if there is no way to know.

    Returns:
      New callback objects.

    Raises:
      FitArgsError: If one of them cannot be made, with all problems.
      Exception: What a function of the module file, or the constructor of a
        class of the user's own, raises.
    """
    around = for_training(keras, model_run_dir, module, steps_per_epoch)
    makers = gather(
        functools.partial(_ROWS[kind].prepare, message, path, around)
        for path, kind, message in _callbacks(fit_args)
    )
    return gather(makers)


def check_callbacks(fit_args: FitArgs, keras: Any, model_run_dir: str) -> list[Problem]:
    """Finds what can be found before the module file is loaded.

    Custom classes are imported, but nothing of the user's is called. Functions
    of the module file are taken to be there.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
      model_run_dir: Where relative paths lead.

    Returns:
      All problems, in the order of the settings.
    """
    around = for_checking(keras, model_run_dir)
    problems: list[Problem] = []
    for path, kind, message in _callbacks(fit_args):
        row = _ROWS[kind]
        try:
            make = row.prepare(message, path, around)
            if row.is_tried_out:
                make()
        except FitArgsError as error:
            problems += error.problems
    return problems


def make_directories(fit_args: FitArgs, model_run_dir: str) -> None:
    """Makes the directories that Keras expects to find.

    Args:
      fit_args: Checked settings.
      model_run_dir: Where relative paths lead.

    Raises:
      FitArgsError: If one of them cannot be made.
    """
    for path, kind, message in _callbacks(fit_args):
        row = _ROWS[kind]
        if not isinstance(row, KerasCallback) or row.path is None or not row.needs_directory:
            continue
        file = getattr(message, row.path)
        directory = posixpath.dirname(below(model_run_dir, file))
        try:
            tf.io.gfile.makedirs(directory or ".")
        except tf.errors.OpError as error:
            text = f"its directory cannot be made: {error.message}"
            problem = Problem(f"{path}.{row.path}", text, file)
            raise FitArgsError([problem], "train_args") from error


def callback_paths(fit_args: FitArgs) -> dict[str, str | None]:
    """The settings of callbacks, such as `callbacks[0].early_stopping`.

    Args:
      fit_args: Checked settings.

    Returns:
      Paths, in order, to the names of the classes in `keras.callbacks`; None
      where it is none of Keras'.
    """
    kinds = {path: _ROWS[kind] for path, kind, _ in _callbacks(fit_args)}
    return {path: getattr(row, "class_name", None) for path, row in kinds.items()}


def is_same(fit_args: FitArgs, path: str, ours: Any, other: Any) -> bool:
    """Whether another callback does at the same place what one of the settings does.

    Two that stop by the same metric are such, or two that write to one file;
    two of the user's own classes are not.

    Args:
      fit_args: Checked settings.
      path: One of `callback_paths`.
      ours: What was made of it.
      other: A callback of the module's own.
    """
    rows = {of: _ROWS[kind] for of, kind, _ in _callbacks(fit_args)}
    row = rows.get(path)
    return isinstance(row, KerasCallback) and row.is_same(ours, other)


def remembered_attributes(callback: Any) -> tuple[str, ...]:
    """The attributes in which a callback keeps what it saw before, if it is of a class of Keras'.

    Args:
      callback: Any callback, also of a class that is derived from one of Keras'.
    """
    names = {base.__name__ for base in type(callback).__mro__}
    rows = [row for row in _ROWS.values() if isinstance(row, KerasCallback)]
    return tuple(a for row in rows if row.class_name in names for a in row.remembers)


def _callbacks(fit_args: FitArgs) -> Iterator[tuple[str, str, Message]]:
    """Yields each callback's path, its kind and its arguments."""
    for index, callback in enumerate(fit_args.callbacks):
        kind = str(callback.WhichOneof("callback"))
        yield f"callbacks[{index}].{kind}", kind, getattr(callback, kind)
