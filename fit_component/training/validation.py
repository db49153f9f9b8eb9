# SPDX-License-Identifier: Apache-2.0
"""Evaluation within an epoch, as `fit` does it at an epoch's end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.training.counting import BatchCount, of_keras
from fit_component.training.fit_validation import FitValidation

_LOG = logging.getLogger(__name__)

# The setting that `make_every_steps` makes a callback of.
EVERY_STEPS = "validation.every_steps"


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluation within an epoch.

    Attributes:
      epoch: The epoch, counted from 0.
      batch: The batches that were run in it.
      metrics: The metrics by name, as in the logs: `val_loss` and so on.
    """

    epoch: int
    batch: int
    metrics: dict[str, Any]


def make_every_steps(fit_args: FitArgs, keras: Any) -> list[Any]:
    """Makes the callback for `validation.every_steps`, if that is set.

    It must come before all callbacks that are to see its `val_` metrics, and
    after those that may end training, so that it does not evaluate where the
    epoch's end does.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
    """
    if not fit_args.validation.HasField("every_steps"):
        return []
    return [of_keras(EverySteps, keras)(fit_args.validation.every_steps)]


class EverySteps:
    """Evaluates within an epoch and puts the metrics into the logs of the batch.

    Training goes on as if nothing had happened.

    Attributes:
      every_steps: Batches from one evaluation to the next, in each epoch.
      evaluations: The results, in order, of the last fit.
      how: How the fit evaluates, set while it is supervised.
    """

    keras: Any
    model: Any
    params: dict[str, Any]
    how: FitValidation | None = None
    _count: BatchCount

    def __init__(self, every_steps: int):
        """Takes the number of batches."""
        super().__init__()
        self.every_steps = every_steps
        self.evaluations: list[Evaluation] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Starts to count.

        Raises:
          RuntimeError: If nobody told how the fit evaluates.
        """
        if self.how is None:
            raise RuntimeError(
                "validation.every_steps needs the validation_data of fit, which a callback cannot "
                "see: call fit within supervised_fits(fit_args), as the Trainer does"
            )
        self.evaluations = []
        self._count = BatchCount(self.model, self.params)

    def get_state(self) -> Any:
        """What goes on after an interruption."""
        evaluations = [[e.epoch, e.batch, e.metrics] for e in self.evaluations]
        return [self._count.get_state(), evaluations]

    def set_state(self, state: Any) -> None:
        """Goes on with what `get_state` gave."""
        counted, evaluations = state
        self._count.set_state(counted)
        self.evaluations = [Evaluation(*evaluation) for evaluation in evaluations]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Counts on."""
        self._count.begin_epoch(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Counts on."""
        self._count.end_epoch()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Evaluates, if it is time to."""
        before = self._count.in_epoch
        self._count.add(batch)
        if self._count.in_epoch // self.every_steps == before // self.every_steps:
            return
        if self.how is None or self._fit_does_it(self.how):
            return
        metrics = self.how.evaluate(self.model, self.keras)
        self.evaluations.append(Evaluation(self._count.epoch, self._count.in_epoch, metrics))
        if logs is not None:
            logs.update(metrics)
        _LOG.info(
            "Epoch %d, counted from 0, after %d batches: %s",
            *(self._count.epoch, self._count.in_epoch),
            ", ".join(f"{name} {value}" for name, value in metrics.items()),
        )

    def _fit_does_it(self, how: FitValidation) -> bool:
        is_over = self._count.epoch_is_over or self.model.stop_training
        return is_over and how.falls_due_after(self._count.epoch)
