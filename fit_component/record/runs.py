# SPDX-License-Identifier: Apache-2.0
"""What a run of the Trainer is remembered as: shared by who writes it and who reads it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Reasons for which a fit ends. Beside them: `callback:EarlyStopping`, the class of what ended it,
# and `exception:ValueError`.
ALL_EPOCHS = "all_epochs"
MAX_STEPS = "max_steps"
MAX_TIME = "max_time"
DATA_ENDED = "data_ended"
STOP_TRAINING = "stop_training"  # set by other code than a callback
RUNNING = "running"  # it has not ended

# The names of results, and the beginnings of those of metrics.
RESULTS = (
    "calls",
    "epochs_run",
    "steps_run",
    "seconds",
    "examples_per_second",
    "stop_reason",
    "keras",
    "replicas",
    "monitor",
    "best_epoch",
    "resumed_from",
    "not_used",
    "overridden",
)
METRICS = ("last.", "best.")

_TIME = re.compile(r"[\d-]+T[\d:.]+")

# States of a run.
COMPLETE = "complete"
FAILED = "failed"


@dataclass(frozen=True)
class Epoch:
    """One epoch of a fit.

    Attributes:
      epoch: Its number, counted from 0.
      seconds: Wall time, evaluation included.
      steps: Batches that were run; None if that is not known.
      examples_per_second: Over its wall time; None if it is not known.
      metrics: The logs at its end, such as `loss` and `val_loss`.
    """

    epoch: int
    seconds: float
    steps: int | None = None
    examples_per_second: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Best:
    """The best value of a metric.

    Attributes:
      metric: Its name in the logs.
      mode: `min` or `max`.
      epoch: The first epoch that had it, counted from 0.
      value: The value.
    """

    metric: str
    mode: str
    epoch: int
    value: float


@dataclass(frozen=True)
class Difference:
    """A setting that was requested and that `fit` was not called with.

    Attributes:
      path: The setting.
      requested: Its value.
      got: What `fit` was called with instead; None if nothing.
      remedy: What to write in the module.
      overridden: Whether the requested value was put into the call.
    """

    path: str
    requested: Any
    got: Any
    remedy: str
    overridden: bool = False


@dataclass(frozen=True)
class FitRecord:
    """One call of `Model.fit`.

    Attributes:
      number: Its number in the run, counted from 1.
      keras: The Keras of the model, such as `keras 3.9.2`.
      called_from: Where it was called, such as `taxi.py, line 123`.
      arguments: What `fit` got: numbers and texts as they were, of all else a
        short description; what looks like a credential is masked.
      strategy: The class of the model's distribution strategy.
      replicas: Its replicas.
      batch_size: Examples per batch over all replicas; None if not known.
      stop_reason: Why it ended; one of the constants here, or one of the forms
        that they name. `running` if it has not ended.
      seconds: Wall time of the call so far.
      monitor: The metric that `best_epoch` goes by; None if there is none
        whose direction is known.
      best: Best values, of the metrics whose direction is known.
      differences: Requested settings that it was not called with.
      in_search: Whether KerasTuner called it, to try hyperparameters.
      resumed_from: The epoch with which it went on after an interruption,
        counted from 0; None if it started anew. Its epochs are all, those
        before among them; `seconds` are those since then.
      epochs: Its epochs, in order.
    """

    number: int
    keras: str
    called_from: str
    arguments: Mapping[str, Any]
    strategy: str
    replicas: int
    batch_size: int | None
    stop_reason: str
    seconds: float
    monitor: str | None = None
    best: Sequence[Best] = ()
    differences: Sequence[Difference] = ()
    in_search: bool = False
    resumed_from: int | None = None
    epochs: Sequence[Epoch] = ()

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the best value of `monitor`, counted from 0."""
        return next((best.epoch for best in self.best if best.metric == self.monitor), None)

    @property
    def last(self) -> Mapping[str, float]:
        """The newest value of each metric; some are not in the logs of every epoch."""
        return {name: value for epoch in self.epochs for name, value in epoch.metrics.items()}

    @property
    def steps(self) -> int | None:
        """Batches that were run; None if that is not known of every epoch."""
        steps = [epoch.steps for epoch in self.epochs]
        return None if None in steps else sum(number or 0 for number in steps)

    @property
    def examples_per_second(self) -> float | None:
        """Over all epochs; None if it is not known."""
        known = [e for e in self.epochs if e.examples_per_second is not None]
        seconds = sum(epoch.seconds for epoch in known)
        if len(known) < len(self.epochs) or not seconds:
            return None
        return sum((e.examples_per_second or 0) * e.seconds for e in known) / seconds


@dataclass(frozen=True)
class RunRecord:
    """One run of the Trainer.

    Attributes:
      state: `running`, `complete` or `failed`.
      started: When run_fn was called, in UTC: `2026-01-31T12:00:00Z`.
      seconds: Wall time of run_fn so far.
      settings: The resolved settings, flat: names such as `epochs` or
        `optimizer.learning_rate` to numbers and texts.
      environment: Versions by the name of the package, and `devices`.
      fits: The calls of `Model.fit`, in order.
      error: What run_fn raised, if it failed, without the settings' credentials.
    """

    state: str
    started: str
    seconds: float
    settings: Mapping[str, int | float | str]
    environment: Mapping[str, Any]
    fits: Sequence[FitRecord] = ()
    error: str | None = None

    @property
    def results(self) -> Mapping[str, int | float | str]:
        """What came out, flat: names such as `epochs_run` or `best.val_loss`.

        Epochs, steps and times are those of all fits together; the rest is of
        the last one. Fits of a search count only where there are no others. A
        value that is not finite is a text: `nan`, `inf` or `-inf`.
        """
        fits = [fit for fit in self.fits if not fit.in_search] or list(self.fits)
        if not fits:
            return {"calls": 0}
        last = fits[-1]
        results: dict[str, int | float | str | None] = {
            "calls": len(self.fits),
            "epochs_run": sum(len(fit.epochs) for fit in fits),
            "steps_run": _sum([fit.steps for fit in fits]),
            "seconds": sum(fit.seconds for fit in fits),
            "examples_per_second": last.examples_per_second,
            "stop_reason": last.stop_reason,
            "keras": last.keras,
            "replicas": last.replicas,
            "monitor": last.monitor,
            "best_epoch": last.best_epoch,
            "resumed_from": last.resumed_from,
            **{f"last.{name}": value for name, value in last.last.items()},
            **{f"best.{best.metric}": best.value for best in last.best},
            "not_used": _paths(fits, overridden=False),
            "overridden": _paths(fits, overridden=True),
        }
        return {name: _storable(value) for name, value in results.items() if value is not None}


def is_time(run_name: Any) -> bool:
    """Whether a run of a pipeline is called by the time, as TFX calls one that has no name."""
    return _TIME.fullmatch(str(run_name)) is not None


def is_finite(value: Any) -> bool:
    """Whether a value is anything but a NaN or an infinity."""
    return not isinstance(value, float) or math.isfinite(value)


def _storable(value: Any) -> Any:
    """Neither JSON nor ML Metadata takes a NaN or an infinity for a number."""
    return value if is_finite(value) else str(value)


def _sum(numbers: Sequence[int | None]) -> int | None:
    return None if None in numbers else sum(number or 0 for number in numbers)


def _paths(fits: Sequence[FitRecord], *, overridden: bool) -> str | None:
    differences = [d for fit in fits for d in fit.differences if d.overridden == overridden]
    return ",".join(dict.fromkeys(d.path for d in differences)) or None
