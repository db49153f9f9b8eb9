# SPDX-License-Identifier: Apache-2.0
"""Learning rates that hold for an epoch each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from fit_component.objects.schedules import make_learning_rate
from fit_component.proto.fit_args_pb2 import LearningRate

# The fields of the schedules that are distances.
IN_STEPS = frozenset({"decay_steps", "warmup_steps", "first_decay_steps", "boundaries"})
IN_EPOCHS = frozenset({"decay_epochs", "warmup_epochs", "first_decay_epochs", "boundary_epochs"})

# The finest part of an epoch that a schedule is evaluated at.
_FINEST = 10_000


def rate_of_epoch(
    learning_rate: LearningRate, keras: Any, path: str, steps_per_epoch: Callable[[str], int]
) -> Callable[..., float]:
    """Makes the function that LearningRateScheduler asks for the rate of an epoch.

    The rate is the schedule's value at the epoch's first step. Where every
    distance is in epochs no steps are rounded to: the schedule is evaluated
    with as many steps per epoch as make all the distances whole.

    Args:
      learning_rate: Checked settings.
      keras: The Keras whose schedules are used.
      path: Where they are set.
      steps_per_epoch: Gives the batches per epoch, for a path; asked only where
        a distance is in batches.

    Returns:
      A function of the epoch, counted from 0, and of the rate so far, which it
      does not need.

    Raises:
      FitArgsError: If the batches per epoch are needed and not known, or
        boundaries fall on the same batch.
    """
    distances = dict(_distances(learning_rate))
    in_steps = [name for name in distances if name in IN_STEPS]
    steps = steps_per_epoch(path) if in_steps else _steps_that_fit(distances)
    rate = make_learning_rate(learning_rate, keras, path, lambda: steps)

    # Keras calls a function that raised TypeError again, with the epoch alone.
    def of_epoch(epoch: int, _: float = 0.0) -> float:
        return float(rate(epoch * steps) if callable(rate) else rate)

    return of_epoch


def _distances(learning_rate: LearningRate) -> Iterator[tuple[str, list[float]]]:
    kind = str(learning_rate.WhichOneof("learning_rate"))
    schedule = getattr(learning_rate, kind)
    for field, value in schedule.ListFields() if kind != "constant" else ():
        if field.name in IN_STEPS | IN_EPOCHS:
            yield field.name, [value] if isinstance(value, (int, float)) else list(value)


def _steps_that_fit(distances: dict[str, list[float]]) -> int:
    """The fewest steps per epoch that make distances in epochs whole numbers of steps."""
    all_epochs = [epochs for several in distances.values() for epochs in several]
    parts = (Fraction(epochs).limit_denominator(_FINEST).denominator for epochs in all_epochs)
    return math.lcm(*parts)
