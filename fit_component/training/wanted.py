# SPDX-License-Identifier: Apache-2.0
"""What the pipeline asked `fit` for, and what it got instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from fit_component.objects.callbacks import callback_paths
from fit_component.objects.fit_kwargs import make_fit_kwargs
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.training.handed_out import HandedOut
from fit_component.training.limits import LIMITS
from fit_component.training.validation import EVERY_STEPS


def callback_settings(resolved: FitArgs) -> dict[str, str | None]:
    """The settings that are callbacks of `fit`, in their order.

    Args:
      resolved: Resolved settings.

    Returns:
      Paths to the names of the classes in `keras.callbacks`; None where it is
      none of Keras'.
    """
    limits = [name for name in LIMITS if resolved.HasField(name)]
    every = [EVERY_STEPS] if resolved.validation.HasField("every_steps") else []
    return {**dict.fromkeys([*limits, *every]), **callback_paths(resolved)}


@dataclass(frozen=True)
class Wanted:
    """What was asked for.

    Attributes:
      requested: The settings as they were given.
      resolved: The same with defaults, and the caps of a dry run.
      train_steps: Batches per epoch; None for one pass.
      eval_steps: Batches per evaluation; None for one pass.
      handed_out: What the module was given.
      make_callbacks: Makes new callbacks of a Keras, by the settings that they
        are made of.
      strategy: Returns the strategy of the settings.
    """

    requested: FitArgs
    resolved: FitArgs
    train_steps: int | None
    eval_steps: int | None
    handed_out: HandedOut
    make_callbacks: Callable[[Any], Mapping[str, Any]]
    strategy: Callable[[], tf.distribute.Strategy]

    @property
    def fit_kwargs(self) -> dict[str, Any]:
        """The arguments of `fit`, but for data and callbacks."""
        return make_fit_kwargs(
            self.resolved, callbacks=(), train_steps=self.train_steps, eval_steps=self.eval_steps
        )

    def asks_for(self, path: str) -> bool:
        """Whether a setting was given, such as `validation.freq`."""
        if self.resolved.dry_run and path in ("epochs", "num_steps", "validation.freq"):
            return True
        message: Any = self.requested
        *outer, last = path.split(".")
        for name in outer:
            message = getattr(message, name)
        field = message.DESCRIPTOR.fields_by_name[last]
        return any(field.name == given.name for given, _ in message.ListFields())


@dataclass(frozen=True)
class Finding:
    """A setting that was asked for and that `fit` does not have.

    Attributes:
      path: The setting.
      wanted: Its value, as JSON can hold it.
      got: What `fit` has instead.
      remedy: What to write in the module.
      put: Puts the value into the call; None if that cannot be done.
    """

    path: str
    wanted: Any
    got: Any
    remedy: str
    put: Callable[[], None] | None = None
