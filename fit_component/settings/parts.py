# SPDX-License-Identifier: Apache-2.0
"""Parts of settings that several checks look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.defaults import EPOCHS, INITIAL_EPOCH, MONITOR


def initial_epoch(fit_args: FitArgs) -> int:
    """The epoch at which training starts."""
    return fit_args.initial_epoch if fit_args.HasField("initial_epoch") else INITIAL_EPOCH


def end_epoch(fit_args: FitArgs) -> int:
    """The epoch at which training ends."""
    return fit_args.epochs if fit_args.HasField("epochs") else EPOCHS


def schedule_kind(fit_args: FitArgs) -> str | None:
    """The schedule of the optimizer's learning rate; None for a constant one, or none."""
    kind = fit_args.optimizer.learning_rate.WhichOneof("learning_rate")
    return None if kind in (None, "constant") else str(kind)


def monitor_of(callback: Any) -> str:
    """The metric that a callback watches."""
    return str(callback.monitor) if callback.HasField("monitor") else MONITOR


def all_callbacks(fit_args: FitArgs) -> Iterator[tuple[str, Any]]:
    """Yields each callback's own message, such as an EarlyStopping, with its path."""
    for index, callback in enumerate(fit_args.callbacks):
        kind = callback.WhichOneof("callback")
        if kind:
            yield f"callbacks[{index}].{kind}", getattr(callback, kind)


def callbacks_of(fit_args: FitArgs, kind: str) -> Iterator[tuple[str, Any]]:
    """Yields the callbacks of a kind, with their paths."""
    for index, callback in enumerate(fit_args.callbacks):
        if callback.HasField(kind):
            yield f"callbacks[{index}].{kind}", getattr(callback, kind)


def monitors(fit_args: FitArgs) -> Iterator[tuple[str, Any]]:
    """Yields the callbacks that watch a metric, as far as they do."""
    for path, callback in all_callbacks(fit_args):
        fields = callback.DESCRIPTOR.fields_by_name
        watches = callback.save_best_only if "save_best_only" in fields else "monitor" in fields
        if watches:
            yield path, callback
