# SPDX-License-Identifier: Apache-2.0
"""Callbacks that end a training early, by the number of its batches or by the time."""

from __future__ import annotations

import abc
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.durations import duration_seconds, duration_text
from fit_component.training.counting import BatchCount, of_keras

_LOG = logging.getLogger(__name__)

Clock = Callable[[], float]


def make_limits(fit_args: FitArgs, keras: Any, *, clock: Clock = time.monotonic) -> list[Any]:
    """Makes the callbacks for `max_steps` and `max_time`, of those that are set.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
      clock: Tells the time in seconds.
    """
    return [make(fit_args, keras, clock) for name, make in _ROWS.items() if fit_args.HasField(name)]


class Limit(abc.ABC):
    """Ends training at the end of the batch in which a limit is reached.

    Attributes:
      setting: The setting and its value.
      stopped_after: The batches that were run when it ended the training; None
        if it did not.
    """

    # So that tf_keras need not fetch the metrics from the device after each batch.
    _supports_tf_logs = True

    model: Any
    params: dict[str, Any]
    stopped_after: int | None = None
    _count: BatchCount

    def __init__(self, setting: str):
        """Takes the setting and its value, for the log."""
        super().__init__()
        self.setting = setting

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts to count."""
        self.stopped_after = None
        self._count = BatchCount(self.model, self.params)

    def get_state(self) -> Any:
        """What counts on after an interruption."""
        return self._count.get_state()

    def set_state(self, state: Any) -> None:
        """Goes on with what `get_state` gave."""
        self._count.set_state(state)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Counts on."""
        self._count.begin_epoch(epoch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Ends training if the limit is reached."""
        self._count.add(batch)
        self._stop_if_reached()

    def _stop_if_reached(self) -> None:
        if self.stopped_after is not None or not self._is_reached():
            return
        self.model.stop_training = True
        count = self._count
        self.stopped_after = count.total
        _LOG.info(
            "%s: training stops after %d batches, %d of them in epoch %d, counted from 0.",
            *(self.setting, count.total, count.in_epoch, count.epoch),
        )

    @abc.abstractmethod
    def _is_reached(self) -> bool:
        """Whether training is to end now."""


class MaxSteps(Limit):
    """Ends training after so many batches, over all epochs.

    Attributes:
      max_steps: The number of batches.
    """

    def __init__(self, max_steps: int):
        """Takes the number of batches."""
        super().__init__(f"max_steps = {max_steps}")
        self.max_steps = max_steps

    def _is_reached(self) -> bool:
        return self._count.total >= self.max_steps


class MaxTime(Limit):
    """Ends training at the end of the batch, or of the evaluation, in which the time is over."""

    def __init__(self, setting: str, seconds: float, clock: Clock):
        """Takes the setting, the time and what tells it."""
        super().__init__(setting)
        self._seconds = seconds
        self._clock = clock

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts to count the time."""
        super().on_train_begin(logs)
        self._end = self._clock() + self._seconds

    def get_state(self) -> Any:
        """The batches, and the seconds that are left."""
        return [super().get_state(), self._end - self._clock()]

    def set_state(self, state: Any) -> None:
        """Goes on with what `get_state` gave."""
        counted, left = state
        super().set_state(counted)
        self._end = self._clock() + left

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Begins no other epoch if the time ended with the evaluation."""
        if epoch + 1 < self.params["epochs"]:
            self._stop_if_reached()

    def _is_reached(self) -> bool:
        return self._clock() >= self._end


def _max_steps(fit_args: FitArgs, keras: Any, _: Clock) -> Any:
    return of_keras(MaxSteps, keras)(fit_args.max_steps)


def _max_time(fit_args: FitArgs, keras: Any, clock: Clock) -> Any:
    duration = fit_args.max_time
    seconds = duration_seconds(duration)
    return of_keras(MaxTime, keras)(f"max_time = {duration_text(duration)}", seconds, clock)


_ROWS: Mapping[str, Callable[[FitArgs, Any, Clock], Any]] = {
    "max_steps": _max_steps,
    "max_time": _max_time,
}

# The settings that `make_limits` makes callbacks of, in that order.
LIMITS = tuple(_ROWS)
