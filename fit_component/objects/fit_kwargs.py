# SPDX-License-Identifier: Apache-2.0
"""The arguments of `Model.fit` from settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fit_component.proto.fit_args_pb2 import FitArgs

_VERBOSE = {
    FitArgs.SILENT: 0,
    FitArgs.PROGRESS_BAR: 1,
    FitArgs.LINE_PER_EPOCH: 2,
    FitArgs.AUTO: "auto",
}


def make_fit_kwargs(
    fit_args: FitArgs,
    *,
    callbacks: Sequence[Any],
    train_steps: int | None,
    eval_steps: int | None,
) -> dict[str, Any]:
    """Makes the keyword arguments of `Model.fit`, all but the data.

    Both generations of Keras take all of them.

    Args:
      fit_args: Resolved settings.
      callbacks: The callbacks, in order.
      train_steps: Batches per epoch; None for one pass over the data.
      eval_steps: Batches per evaluation; None for one pass over the data.

    Returns:
      A new dict without None values.
    """
    kwargs = {
        "epochs": fit_args.epochs,
        "initial_epoch": fit_args.initial_epoch,
        "steps_per_epoch": train_steps,
        "validation_steps": eval_steps,
        "validation_freq": fit_args.validation.freq,
        "class_weight": dict(fit_args.class_weight) or None,
        "verbose": _VERBOSE[fit_args.verbose],
        "callbacks": list(callbacks),
    }
    return {name: value for name, value in kwargs.items() if value is not None}


def verbose_name(value: int | str) -> str:
    """The setting's name of a value of the argument `verbose`, such as `SILENT` of 0."""
    return next(FitArgs.Verbose.Name(name) for name, keras in _VERBOSE.items() if keras == value)
