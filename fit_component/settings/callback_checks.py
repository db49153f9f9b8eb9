# SPDX-License-Identifier: Apache-2.0
"""Checks of callbacks, by themselves and against other settings."""

from __future__ import annotations

import posixpath
import string
from collections.abc import Callable, Iterator
from typing import Any

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.descriptors import identity
from fit_component.settings.monitors import plain_mode
from fit_component.settings.parts import (
    all_callbacks,
    callbacks_of,
    end_epoch,
    monitor_of,
    monitors,
    schedule_kind,
)


def _direction(fit_args: FitArgs) -> Iterator[Problem]:
    for path, callback in monitors(fit_args):
        mode = callback.mode if callback.HasField("mode") else "auto"
        monitor = monitor_of(callback)
        if mode == "auto" and monitor and plain_mode(monitor) is None:
            message = (
                f"must say whether {monitor} should fall or rise: min or max. "
                "Keras would guess, and for some metrics guess wrong without a word"
            )
            yield Problem(f"{path}.mode", message, mode, related=(f"{path}.monitor",))


def _monitored_each_epoch(fit_args: FitArgs) -> Iterator[Problem]:
    freq = fit_args.validation.freq
    for path, callback in monitors(fit_args):
        monitor = monitor_of(callback)
        if freq > 1 and monitor.startswith("val_"):
            message = (
                f"is only known every {freq} epochs, since validation.freq is {freq}; "
                "set that to 1, or watch a training metric"
            )
            yield Problem(f"{path}.monitor", message, monitor, related=("validation.freq",))


def _checkpoint(fit_args: FitArgs) -> Iterator[Problem]:
    for path, checkpoint in _savers(fit_args):
        if checkpoint.save_best_only and checkpoint.HasField("save_freq"):
            if not monitor_of(checkpoint).startswith("val_"):
                continue
            message = (
                f"saves between epochs, where {monitor_of(checkpoint)} is unknown; "
                "leave save_freq out, or watch a training metric"
            )
            related = (f"{path}.monitor",)
            yield Problem(f"{path}.save_freq", message, checkpoint.save_freq, related)


def _checkpoint_template(fit_args: FitArgs) -> Iterator[Problem]:
    for path, checkpoint in callbacks_of(fit_args, "model_checkpoint"):
        at, template = f"{path}.filepath", checkpoint.filepath
        try:
            names = [
                name for _, name, _, _ in string.Formatter().parse(template) if name is not None
            ]
        except ValueError as error:
            yield Problem(at, f"is no template that Python can format: {error}", template)
            continue
        if any(not name or name.isdecimal() or name != name.strip() for name in names):
            yield Problem(at, "has braces without a plain name; write {epoch}", template)
        skipped = fit_args.validation.freq > 1 or checkpoint.HasField("save_freq")
        absent = [name for name in names if name.startswith("val_") and skipped]
        if absent:
            message = f"names {absent[0]}, which is unknown at some saves; take it out"
            related = ("validation.freq", f"{path}.save_freq")
            yield Problem(at, message, template, related)


def _tensorboard(fit_args: FitArgs) -> Iterator[Problem]:
    for path, board in callbacks_of(fit_args, "tensorboard"):
        batches = list(board.profile_batch)
        if len(batches) > 2 or batches != sorted(batches):
            message = "must be one batch, or the first and the last of several"
            yield Problem(f"{path}.profile_batch", message, batches)


def _early_stopping(fit_args: FitArgs) -> Iterator[Problem]:
    for path, stopping in callbacks_of(fit_args, "early_stopping"):
        if stopping.start_from_epoch >= end_epoch(fit_args) >= 1:
            message = f"is not below epochs, which is {end_epoch(fit_args)}, so it never watches"
            start = stopping.start_from_epoch
            yield Problem(f"{path}.start_from_epoch", message, start, related=("epochs",))


def _equal_callbacks(fit_args: FitArgs) -> Iterator[Problem]:
    first: dict[Any, int] = {}
    for index, callback in enumerate(fit_args.callbacks):
        at = first.setdefault(identity(callback), index)
        if callback.WhichOneof("callback") and at < index:
            equal = f"callbacks[{at}]"
            yield Problem(f"callbacks[{index}]", f"equals {equal}; keep one", related=(equal,))


def _outputs(fit_args: FitArgs) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    seen = set()
    for path, callback in all_callbacks(fit_args):
        fields = callback.DESCRIPTOR.fields_by_name
        for name in ("filepath", "filename", "log_dir", "directory", "backup_dir"):
            # Unset, log_dir is model_run itself; the others are required.
            if name not in fields or (name != "log_dir" and not callback.HasField(name)):
                continue
            at, value = f"{path}.{name}", getattr(callback, name)
            if callback.HasField(name) and not value:
                continue
            place = posixpath.normpath(value)
            if place.startswith("~"):
                yield Problem(at, "starts with ~, which is not expanded; write it out", value)
            leads_out = place == ".." or place.startswith("../")
            if leads_out and name != "backup_dir":
                message = "leads out of model_run; give an absolute path if that is meant"
                yield Problem(at, message, value)
            if place in owners and identity(callback) not in seen:
                message = f"is where {owners[place]} writes too; choose another"
                yield Problem(at, message, value, related=(owners[place],))
            owners.setdefault(place, at)
        seen.add(identity(callback))


def _backup(fit_args: FitArgs) -> Iterator[Problem]:
    for path, backup in callbacks_of(fit_args, "backup_and_restore"):
        place = backup.backup_dir
        if place and "://" not in place and not place.startswith(("/", "~")):
            message = (
                "would be below model_run, which TFX deletes when a run fails; "
                "give an absolute path or a URL"
            )
            yield Problem(f"{path}.backup_dir", message, place)


def _functions(fit_args: FitArgs) -> Iterator[Problem]:
    for path, callback in callbacks_of(fit_args, "lambda_callback"):
        if not callback.ListFields():
            names = ", ".join(field.name for field in callback.DESCRIPTOR.fields)
            related = tuple(f"{path}.{field.name}" for field in callback.DESCRIPTOR.fields)
            message = f"calls nothing; name a function for one of {names}"
            yield Problem(path, message, related=related)


def _learning_rate(fit_args: FitArgs) -> Iterator[Problem]:
    schedulers = [path for path, _ in callbacks_of(fit_args, "learning_rate_scheduler")]
    plateaus = [path for path, _ in callbacks_of(fit_args, "reduce_lr_on_plateau")]
    kind = schedule_kind(fit_args)
    if kind is not None:
        for path in schedulers + plateaus:
            place = f"optimizer.learning_rate.{kind}"
            message = f"cannot set the rate, since {place} does; take one of them out"
            yield Problem(path, message, related=("optimizer.learning_rate",))
    setters = [
        path
        for path, scheduler in callbacks_of(fit_args, "learning_rate_scheduler")
        if scheduler.HasField("schedule")
    ]
    for other in setters[:1]:
        for path in plateaus:
            message = f"lowers a rate that {other} sets anew in each epoch; take one out"
            yield Problem(path, message, related=(other,))


def _averages(fit_args: FitArgs) -> Iterator[Problem]:
    for path, _ in callbacks_of(fit_args, "swap_ema_weights"):
        if fit_args.HasField("optimizer") and not fit_args.optimizer.use_ema:
            message = "has no averages to swap in; set optimizer.use_ema: true"
            yield Problem(path, message, related=("optimizer.use_ema",))


CHECKS: tuple[Callable[[FitArgs], Iterator[Problem]], ...] = (
    _direction,
    _monitored_each_epoch,
    _checkpoint,
    _checkpoint_template,
    _tensorboard,
    _early_stopping,
    _equal_callbacks,
    _outputs,
    _backup,
    _functions,
    _learning_rate,
    _averages,
)


def _savers(fit_args: FitArgs) -> Iterator[tuple[str, Any]]:
    """Yields the callbacks that can save the best model so far, with their paths."""
    for path, callback in all_callbacks(fit_args):
        if "save_best_only" in callback.DESCRIPTOR.fields_by_name:
            yield path, callback
