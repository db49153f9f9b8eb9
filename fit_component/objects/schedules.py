# SPDX-License-Identifier: Apache-2.0
"""Learning rates from settings: numbers and schedules.

Distances that the settings give in epochs are turned into batches here, since
Keras' schedules count batches.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fit_component.errors import FitArgsError, Problem
from fit_component.proto.fit_args_pb2 import LearningRate


def _length(epochs: float, steps_per_epoch: int) -> int:
    """Batches in so many epochs: to the nearest whole one, halves up, at least one."""
    return max(1, math.floor(epochs * steps_per_epoch + 0.5))


def _last_steps(epochs: Sequence[float], steps_per_epoch: int) -> list[int]:
    """The last batch, counted from 0, of each of so many epochs.

    Keras keeps a value up to its boundary, the boundary included; so that one
    epoch ends with the epoch's last batch, one is taken off.
    """
    return [_length(number, steps_per_epoch) - 1 for number in epochs]


@dataclass(frozen=True)
class _Row:
    """How a kind of schedule is made.

    Attributes:
      class_name: The class in `keras.optimizers.schedules`.
      in_epochs: Fields in epochs, with the argument in batches that they become.
      in_steps: Turns the value of such a field into batches.
    """

    class_name: str
    in_epochs: Mapping[str, str]
    in_steps: Callable[[Any, int], Any] = _length


_DECAY = {"decay_epochs": "decay_steps"}

_ROWS: Mapping[str, _Row] = {
    "exponential_decay": _Row("ExponentialDecay", _DECAY),
    "cosine_decay": _Row("CosineDecay", {**_DECAY, "warmup_epochs": "warmup_steps"}),
    "cosine_decay_restarts": _Row(
        "CosineDecayRestarts", {"first_decay_epochs": "first_decay_steps"}
    ),
    "polynomial_decay": _Row("PolynomialDecay", _DECAY),
    "piecewise_constant_decay": _Row(
        "PiecewiseConstantDecay", {"boundary_epochs": "boundaries"}, _last_steps
    ),
    "inverse_time_decay": _Row("InverseTimeDecay", _DECAY),
}


def make_learning_rate(
    learning_rate: LearningRate, keras: Any, path: str, steps_per_epoch: Callable[[], int]
) -> Any:
    """Makes the learning rate that the settings name.

    What is given in epochs becomes batches: the product with the steps per
    epoch, rounded to the nearest whole batch (halves up), at least 1. A
    boundary of n epochs is the last batch of epoch n, so that the rate changes
    where the next epoch starts.

    Args:
      learning_rate: Checked settings.
      keras: The Keras whose schedules are used: `tf.keras`, `keras` or
        `tf_keras`.
      path: Where these settings are, such as `optimizer.learning_rate`.
      steps_per_epoch: Gives the batches per epoch; asked only where something
        is given in epochs. May raise FitArgsError.

    Returns:
      A float if the rate is constant, else a new LearningRateSchedule.

    Raises:
      FitArgsError: If boundaries in epochs fall on the same batch.
    """
    kind = str(learning_rate.WhichOneof("learning_rate"))
    if kind == "constant":
        return learning_rate.constant
    row = _ROWS[kind]
    steps = functools.cache(steps_per_epoch)
    kwargs: dict[str, Any] = {}
    for field, value in getattr(learning_rate, kind).ListFields():
        plain = value if isinstance(value, (bool, int, float)) else list(value)
        if field.name in row.in_epochs:
            kwargs[row.in_epochs[field.name]] = row.in_steps(plain, steps())
        else:
            kwargs[field.name] = plain
    _check_rising(kwargs.get("boundaries", []), f"{path}.{kind}")
    return getattr(keras.optimizers.schedules, row.class_name)(**kwargs)


def _check_rising(boundaries: Sequence[int], path: str) -> None:
    """Raises FitArgsError where a value would never be used."""
    if any(low >= high for low, high in itertools.pairwise(boundaries)):
        message = (
            f"in batches these are {', '.join(map(str, boundaries))}, which must rise; "
            "set them further apart, or give boundaries in batches"
        )
        raise FitArgsError([Problem(f"{path}.boundary_epochs", message)], "train_args")
