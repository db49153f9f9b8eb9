# SPDX-License-Identifier: Apache-2.0
"""What one call of `fit` did, epoch by epoch."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fit_component.credentials import masked
from fit_component.objects import generations
from fit_component.record import Best, Epoch, FitRecord, runs
from fit_component.settings.monitors import plain_mode
from fit_component.training.counting import of_keras
from fit_component.training.fit_calls import FitCall, run_steps
from fit_component.training.limits import MaxSteps, MaxTime
from fit_component.training.observation import Fit
from fit_component.training.stopping import StopTraining

_LOG = logging.getLogger(__name__)

Clock = Callable[[], float]


class FitRecorder:
    """Records a call of `fit` while it runs."""

    def __init__(
        self,
        fit: Fit,
        number: int,
        *,
        on_begin: Callable[[Sequence[Any]], None],
        on_epoch: Callable[[], None],
        clock: Clock = time.monotonic,
    ):
        """Takes the call, before it is made, and adds a watcher to it.

        Args:
          fit: The call.
          number: Its number in the run, counted from 1.
          on_begin: Called with the callbacks when training begins.
          on_epoch: Called at the end of each epoch.
          clock: Tells the time in seconds.
        """
        self._fit = fit
        self._number = number
        self._clock = clock
        self._call = FitCall.of(fit)
        self._started = clock()
        self._ended: float | None = None
        self._stop_reason = runs.RUNNING
        self._watcher = of_keras(EpochWatcher, self._call.keras)(
            self._call, clock=clock, on_begin=on_begin, on_epoch=on_epoch
        )
        fit.watchers.append(self._watcher)

    def end(self, error: BaseException | None) -> None:
        """To be called when `fit` has returned or raised.

        Args:
          error: What it raised, or None.
        """
        self._ended = self._clock()
        self._stop_reason = self._why(error)

    def record(self) -> FitRecord:
        """What is known so far."""
        # Anew, since who surrounds the call changes its arguments.
        call = FitCall.of(self._fit)
        epochs = self._watcher.epochs
        strategy = call.fit.model.distribute_strategy
        best = list(_best_values(call, epochs))
        return FitRecord(
            number=self._number,
            keras=generations.version_of(call.keras),
            called_from=str(self._fit.caller or ""),
            arguments=masked({name: _described(v) for name, v in self._fit.arguments.items()}),
            strategy=_strategy_name(strategy),
            replicas=strategy.num_replicas_in_sync,
            batch_size=self._watcher.batch_size,
            stop_reason=self._stop_reason,
            seconds=(self._clock() if self._ended is None else self._ended) - self._started,
            monitor=_monitor(call, best),
            best=best,
            differences=list(self._fit.differences),
            in_search=self._fit.caller is not None and self._fit.caller.in_search,
            resumed_from=self._fit.resumed_from,
            epochs=tuple(epochs),
        )

    def _why(self, error: BaseException | None) -> str:
        stopper = StopTraining.taken_from(self._fit.model)
        if error is not None:
            return f"exception:{type(error).__name__}"
        epochs, last_epoch = self._watcher.epochs, int(self._fit.arguments.get("epochs", 1)) - 1
        # A fit that a callback took up behind its end has none.
        is_done = not epochs or epochs[-1].epoch >= last_epoch
        is_stopped = getattr(self._fit.model, "stop_training", False)
        if is_done and not self._watcher.was_cut_short and (epochs or not is_stopped):
            return runs.ALL_EPOCHS
        if isinstance(stopper, MaxSteps):
            return runs.MAX_STEPS
        if isinstance(stopper, MaxTime):
            return runs.MAX_TIME
        if stopper is not None:
            return f"callback:{type(stopper).__name__}"
        return runs.STOP_TRAINING if is_stopped else runs.DATA_ENDED


class EpochWatcher:
    """Notes the time, the batches and the metrics of each epoch.

    It has no hook for batches, so that training is as fast as without it.

    Attributes:
      epochs: The epochs that ended.
      was_cut_short: Whether the last of them had fewer batches than asked for.
      batch_size: Examples per batch, over all replicas; None if not known.
    """

    # So that tf_keras need not convert the logs for it alone.
    _supports_tf_logs = True

    model: Any
    params: dict[str, Any]

    def __init__(
        self,
        call: FitCall,
        *,
        clock: Clock,
        on_begin: Callable[[Sequence[Any]], None],
        on_epoch: Callable[[], None],
    ):
        """Takes the call, what tells the time, and what is called when."""
        super().__init__()
        self.epochs: list[Epoch] = []
        self.was_cut_short = False
        self.batch_size: int | None = None
        self._call = call
        self._clock = clock
        self._on_begin = on_begin
        self._on_epoch = on_epoch
        self._started = clock()
        self._batches: int | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Finds out what stays the same."""
        try:
            self.batch_size = self._call.batch_size("x")
            self._on_begin(FitCall.of(self._call.fit).callbacks)
        except Exception:
            _LOG.warning("The begin of a fit could not be recorded in full.", exc_info=True)

    def get_state(self) -> Any:
        """The epochs, and the batches before the one under way."""
        return [[dataclasses.astuple(epoch) for epoch in self.epochs], self._batches]

    def set_state(self, state: Any) -> None:
        """Goes on with what `get_state` gave."""
        epochs, self._batches = state
        self.epochs[:] = [Epoch(*values) for values in epochs]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Starts the clock."""
        try:
            self._started, self._batches = self._clock(), self._count()
        except Exception:
            _LOG.warning("The begin of epoch %d could not be recorded.", epoch, exc_info=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Notes the epoch."""
        try:
            seconds, steps = self._clock() - self._started, self._steps()
            is_known = steps is not None and self.batch_size is not None and seconds > 0
            speed = (steps or 0) * (self.batch_size or 0) / seconds if is_known else None
            self.epochs.append(Epoch(epoch, seconds, steps, speed, _numbers(logs or {})))
            self._on_epoch()
        except Exception:
            _LOG.warning("Epoch %d could not be recorded in full.", epoch, exc_info=True)

    def _count(self) -> int | None:
        counted = self._call.generation.count_batches(self.model)
        return run_steps(self._call) if counted is None else counted

    def _steps(self) -> int | None:
        """The batches of this epoch, if they are known."""
        counted, length = self._count(), self.params.get("steps")
        if counted is None or self._batches is None:
            return None if getattr(self.model, "stop_training", False) else length
        run = counted - self._batches
        if length is None:
            # Where data ran out, the optimizer may have counted one more than there were.
            return None if self._call.generation.count_batches(self.model) is None else run
        self.was_cut_short = run < length
        return min(run, int(length))


def _strategy_name(strategy: Any) -> str:
    name = type(strategy).__name__
    return "default" if name.startswith("_Default") else name


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """The metrics that are single numbers."""
    arrays = {name: np.asarray(value) for name, value in logs.items()}
    return {name: float(array) for name, array in arrays.items() if array.size == 1}


def _best_values(call: FitCall, epochs: Sequence[Epoch]) -> Iterable[Best]:
    for metric in dict.fromkeys(name for epoch in epochs for name in epoch.metrics):
        mode = _mode(metric, call.callbacks)
        values = [(e.metrics[metric], e.epoch) for e in epochs if metric in e.metrics]
        numbers = [pair for pair in values if not np.isnan(pair[0])]
        if mode is not None and numbers:
            sign = 1 if mode == "min" else -1
            value, epoch = min(numbers, key=lambda pair: sign * pair[0])
            yield Best(metric, mode, epoch, value)


def _mode(metric: str, callbacks: Sequence[Any]) -> str | None:
    """Which way a metric gets better: as a callback monitors it, else by its name."""
    for callback in callbacks:
        if getattr(callback, "monitor", None) == metric:
            operator = getattr(callback, "monitor_op", None)
            if operator is not None and callable(operator):
                return "min" if operator(0.0, 1.0) else "max"
    return plain_mode(metric)


def _monitor(call: FitCall, best: Sequence[Best]) -> str | None:
    """What the first callback with a monitor watches; else the loss of evaluation or training."""
    watched = [getattr(callback, "monitor", None) for callback in call.callbacks]
    known = {value.metric for value in best}
    return next((m for m in [*watched, "val_loss", "loss"] if m in known), None)


def _described(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, np.generic):
        return _described(value.item())
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping) and all(isinstance(v, (int, float)) for v in value.values()):
        return {str(key): inner for key, inner in value.items()}
    if isinstance(value, (list, tuple)) and all(
        isinstance(inner, (bool, int, float, str)) for inner in value
    ):
        return list(value)
    if isinstance(value, (list, tuple)):
        return [type(inner).__name__ for inner in value]
    return type(value).__name__
