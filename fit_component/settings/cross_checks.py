# SPDX-License-Identifier: Apache-2.0
"""Checks across fields: settings that contradict or disarm each other."""

from __future__ import annotations

import posixpath
import string
from collections.abc import Callable, Iterator
from typing import Any

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.defaults import EPOCHS, INITIAL_EPOCH, MONITOR
from fit_component.settings.monitors import plain_mode


def check_across(fit_args: FitArgs) -> Iterator[Problem]:
    """Yields the problems that lie between fields.

    Args:
      fit_args: The settings, unresolved.
    """
    for check in _CHECKS:
        yield from check(fit_args)


def _epochs(fit_args: FitArgs) -> Iterator[Problem]:
    first, end = _initial_epoch(fit_args), _end(fit_args)
    if first >= end >= 1:
        message = f"must be below epochs, which is {end}, or nothing is trained; raise epochs"
        yield Problem("initial_epoch", message, first, related=("epochs",))


def _batch_size(fit_args: FitArgs) -> Iterator[Problem]:
    if fit_args.HasField("batch_size") and fit_args.HasField("per_replica_batch_size"):
        message = "contradicts batch_size, which is for all replicas together; give one of them"
        size = fit_args.per_replica_batch_size
        yield Problem("per_replica_batch_size", message, size, related=("batch_size",))


def _determinism(fit_args: FitArgs) -> Iterator[Problem]:
    if fit_args.deterministic and not fit_args.HasField("seed"):
        message = "needs a seed, or the first random op fails; set seed"
        yield Problem("deterministic", message, True, related=("seed",))


def _validation(fit_args: FitArgs) -> Iterator[Problem]:
    freq, end = fit_args.validation.freq, _end(fit_args)
    first = _initial_epoch(fit_args)
    # Keras evaluates after epoch e, counted from 0, if freq divides e + 1.
    if freq > 1 and first < end and end // freq == first // freq:
        message = f"never falls due between the epochs {first} and {end}; lower it"
        yield Problem("validation.freq", message, freq, related=("epochs", "initial_epoch"))


def _direction(fit_args: FitArgs) -> Iterator[Problem]:
    for path, callback in _monitors(fit_args):
        mode = callback.mode if callback.HasField("mode") else "auto"
        monitor = _monitor(callback)
        if mode == "auto" and monitor and plain_mode(monitor) is None:
            message = (
                f"must say whether {monitor} should fall or rise: min or max. "
                "Keras would guess, and for some metrics guess wrong without a word"
            )
            yield Problem(f"{path}.mode", message, mode, related=(f"{path}.monitor",))


def _monitored_each_epoch(fit_args: FitArgs) -> Iterator[Problem]:
    freq = fit_args.validation.freq
    for path, callback in _monitors(fit_args):
        monitor = _monitor(callback)
        if freq > 1 and monitor.startswith("val_"):
            message = (
                f"is only known every {freq} epochs, since validation.freq is {freq}; "
                "set that to 1, or watch a training metric"
            )
            yield Problem(f"{path}.monitor", message, monitor, related=("validation.freq",))


def _checkpoint(fit_args: FitArgs) -> Iterator[Problem]:
    for path, checkpoint in _callbacks(fit_args, "model_checkpoint"):
        if not checkpoint.save_best_only:
            for name in ("monitor", "mode", "initial_value_threshold"):
                if checkpoint.HasField(name):
                    message = "has an effect only with save_best_only: true"
                    value = getattr(checkpoint, name)
                    best = f"{path}.save_best_only"
                    yield Problem(f"{path}.{name}", message, value, related=(best,))
        elif checkpoint.HasField("save_freq") and _monitor(checkpoint).startswith("val_"):
            message = (
                f"saves between epochs, where {_monitor(checkpoint)} is unknown; "
                "leave save_freq out, or watch a training metric"
            )
            related = (f"{path}.monitor",)
            yield Problem(f"{path}.save_freq", message, checkpoint.save_freq, related)


def _checkpoint_template(fit_args: FitArgs) -> Iterator[Problem]:
    for path, checkpoint in _callbacks(fit_args, "model_checkpoint"):
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
    for path, board in _callbacks(fit_args, "tensorboard"):
        if board.write_images and not board.histogram_freq:
            message = "has an effect only with histogram_freq of 1 or more"
            yield Problem(f"{path}.write_images", message, True, (f"{path}.histogram_freq",))
        if board.embeddings_metadata and not board.embeddings_freq:
            message = "has an effect only with embeddings_freq of 1 or more"
            yield Problem(
                f"{path}.embeddings_metadata", message, related=(f"{path}.embeddings_freq",)
            )
        batches = list(board.profile_batch)
        if len(batches) > 2 or batches != sorted(batches):
            message = "must be one batch, or the first and the last of several"
            yield Problem(f"{path}.profile_batch", message, batches)


def _early_stopping(fit_args: FitArgs) -> Iterator[Problem]:
    for path, stopping in _callbacks(fit_args, "early_stopping"):
        if stopping.start_from_epoch >= _end(fit_args) >= 1:
            message = f"is not below epochs, which is {_end(fit_args)}, so it never watches"
            start = stopping.start_from_epoch
            yield Problem(f"{path}.start_from_epoch", message, start, related=("epochs",))


def _equal_callbacks(fit_args: FitArgs) -> Iterator[Problem]:
    for index, callback in enumerate(fit_args.callbacks):
        earlier = list(fit_args.callbacks[:index])
        if callback.WhichOneof("callback") and callback in earlier:
            equal = f"callbacks[{earlier.index(callback)}]"
            yield Problem(f"callbacks[{index}]", f"equals {equal}; keep one", related=(equal,))


def _outputs(fit_args: FitArgs) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    seen = []
    for path, callback in _all_callbacks(fit_args):
        fields = callback.DESCRIPTOR.fields_by_name
        for name in ("filepath", "filename", "log_dir"):
            # Unset, log_dir is model_run itself; the others are required.
            is_unset = name != "log_dir" and name in fields and not callback.HasField(name)
            if name not in fields or is_unset:
                continue
            at, value = f"{path}.{name}", getattr(callback, name)
            place = posixpath.normpath(value)
            if place.startswith("~"):
                yield Problem(at, "starts with ~, which is not expanded; write it out", value)
            if place == ".." or place.startswith("../"):
                message = "leads out of model_run; give an absolute path if that is meant"
                yield Problem(at, message, value)
            if place in owners and callback not in seen:
                message = f"is where {owners[place]} writes too; choose another"
                yield Problem(at, message, value, related=(owners[place],))
            owners.setdefault(place, at)
        seen.append(callback)


def _devices(fit_args: FitArgs) -> Iterator[Problem]:
    devices = list(fit_args.strategy.mirrored.devices)
    for index, device in enumerate(devices):
        if device in devices[:index]:
            yield Problem(f"strategy.mirrored.devices[{index}]", "is named twice; keep one", device)


_CHECKS: tuple[Callable[[FitArgs], Iterator[Problem]], ...] = (
    _epochs,
    _batch_size,
    _determinism,
    _validation,
    _direction,
    _monitored_each_epoch,
    _checkpoint,
    _checkpoint_template,
    _tensorboard,
    _early_stopping,
    _equal_callbacks,
    _outputs,
    _devices,
)


def _initial_epoch(fit_args: FitArgs) -> int:
    return fit_args.initial_epoch if fit_args.HasField("initial_epoch") else INITIAL_EPOCH


def _end(fit_args: FitArgs) -> int:
    return fit_args.epochs if fit_args.HasField("epochs") else EPOCHS


def _monitor(callback: Any) -> str:
    return str(callback.monitor) if callback.HasField("monitor") else MONITOR


def _all_callbacks(fit_args: FitArgs) -> Iterator[tuple[str, Any]]:
    """Yields each callback's own message, such as an EarlyStopping, with its path."""
    for index, callback in enumerate(fit_args.callbacks):
        kind = callback.WhichOneof("callback")
        if kind:
            yield f"callbacks[{index}].{kind}", getattr(callback, kind)


def _callbacks(fit_args: FitArgs, kind: str) -> Iterator[tuple[str, Any]]:
    for index, callback in enumerate(fit_args.callbacks):
        if callback.HasField(kind):
            yield f"callbacks[{index}].{kind}", getattr(callback, kind)


def _monitors(fit_args: FitArgs) -> Iterator[tuple[str, Any]]:
    """Yields the callbacks that watch a metric, as far as they do."""
    for path, callback in _all_callbacks(fit_args):
        fields = callback.DESCRIPTOR.fields_by_name
        watches = callback.save_best_only if "save_best_only" in fields else "monitor" in fields
        if watches:
            yield path, callback
