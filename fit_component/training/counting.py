# SPDX-License-Identifier: Apache-2.0
"""What callbacks share that count the batches of a fit."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def of_keras(plain_class: type, keras: Any) -> Any:
    """A class with the callback class of one Keras as a base.

    Args:
      plain_class: Has the hooks.
      keras: `tf.keras`, `keras` or `tf_keras`; kept as the class's `keras`.
    """
    attributes = {"__module__": plain_class.__module__, "keras": keras}
    return type(plain_class.__name__, (plain_class, keras.callbacks.Callback), attributes)


class BatchCount:
    """The batches of one fit, from what a callback is told at the end of an execution.

    Attributes:
      epoch: The epoch, counted from 0.
      in_epoch: Batches run in this epoch.
    """

    def __init__(self, model: Any, params: dict[str, Any]):
        """Starts a fit.

        Args:
          model: The callback's model, compiled.
          params: The callback's params.
        """
        self.epoch = 0
        self.in_epoch = 0
        self._before = 0
        self._length: int | None = params.get("steps")
        self._limit = self._length
        # A number in Keras 3. It tells a callback the execution's first batch up to 3.9, its last
        # one in 3.15, as if the last execution of an epoch were never shorter. tf_keras, whose
        # number is a variable, tells the last one, and rightly.
        at_once = getattr(model, "steps_per_execution", None)
        self._at_once = at_once if isinstance(at_once, int) else None

    @property
    def total(self) -> int:
        """Batches run in the whole fit."""
        return self._before + self.in_epoch

    @property
    def epoch_is_over(self) -> bool:
        """Whether the last batch of the epoch is run, as far as its length is known."""
        return self._length is not None and self.in_epoch >= self._length

    def get_state(self) -> Any:
        """What counts on after an interruption."""
        return [self.epoch, self.in_epoch, self._before, self._length]

    def set_state(self, state: Any) -> None:
        """Goes on with what `get_state` gave."""
        self.epoch, self.in_epoch, self._before, self._length = state

    def begin_epoch(self, epoch: int) -> None:
        """To be called at the beginning of each epoch."""
        self.epoch = epoch
        self._before += self.in_epoch
        self.in_epoch = 0

    def add(self, batch: int) -> None:
        """To be called at the end of each execution, with the batch that Keras tells."""
        if self._at_once is None:
            self.in_epoch = batch + 1
            return
        self.in_epoch += self._at_once
        if self._limit:
            self.in_epoch = min(self.in_epoch, self._limit)

    def end_epoch(self) -> None:
        """To be called at the end of each epoch; the next one is likely to be as long."""
        if self._length is None:
            self._length = self.in_epoch
