# SPDX-License-Identifier: Apache-2.0
"""Checks of the optimizer against other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.parts import callbacks_of


def _loss_scale(fit_args: FitArgs) -> Iterator[Problem]:
    optimizer, precision = fit_args.optimizer, fit_args.execution.precision
    # Keras wraps the optimizer in one that scales by itself: one release divides the gradients
    # twice then, others drop the factor.
    if optimizer.HasField("loss_scale_factor") and precision == "mixed_float16":
        message = "has no place beside execution.precision mixed_float16, which scales by itself"
        value, related = optimizer.loss_scale_factor, ("execution.precision",)
        yield Problem("optimizer.loss_scale_factor", f"{message}; leave it out", value, related)


def _lion(fit_args: FitArgs) -> Iterator[Problem]:
    lion = fit_args.optimizer.lion
    if lion.HasField("beta_1") and lion.beta_1 == 0:
        yield Problem("optimizer.lion.beta_1", "must be above 0 and below 1", lion.beta_1)


def _averages_lost(fit_args: FitArgs) -> Iterator[Problem]:
    optimizer = fit_args.optimizer
    swapped = any(callbacks_of(fit_args, "swap_ema_weights"))
    if not optimizer.use_ema or optimizer.HasField("ema_overwrite_frequency") or swapped:
        return
    for path, stopping in callbacks_of(fit_args, "early_stopping"):
        if stopping.restore_best_weights:
            at = f"{path}.restore_best_weights"
            message = (
                f"is undone by {at}, which puts weights in place of the averages at the end; "
                "take one out, or add the callback swap_ema_weights"
            )
            yield Problem("optimizer.use_ema", message, True, related=(at,))


CHECKS: tuple[Callable[[FitArgs], Iterator[Problem]], ...] = (_loss_scale, _lion, _averages_lost)
