# SPDX-License-Identifier: Apache-2.0
"""Saving the state of one call of `fit` as it is now; what goes wrong in it ends no training."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from typing import Any

from fit_component.objects import generations
from fit_component.objects.reproducibility import get_random_state
from fit_component.training.fit_calls import FitCall
from fit_component.training.resume import callback_state, files, model_state
from fit_component.training.resume.kept_files import KeptFiles
from fit_component.training.resume.snapshot import Snapshot
from fit_component.training.resume.snapshot_files import SnapshotFiles
from fit_component.training.stopping import StopTraining

_LOG = logging.getLogger(__name__)


class Saver:
    """Saves the state of one call of `fit`, and says once of each kind what cannot be saved."""

    def __init__(
        self,
        call: FitCall,
        number: int,
        callbacks: Sequence[Any],
        snapshots: SnapshotFiles,
        kept: KeptFiles | None,
    ):
        """Takes what is saved, and where.

        Args:
          call: The call.
          number: Its number in the run, counted from 1.
          callbacks: Those whose state is saved.
          snapshots: Its snapshots.
          kept: The files that callbacks write; None if there are none to keep.
        """
        self._call = call
        self._number = number
        self._callbacks = callbacks
        self._snapshots = snapshots
        self._kept = kept
        self._told: set[str] = set()

    def save(
        self,
        *,
        epochs: int,
        epoch: int,
        history: dict[str, Any],
        data: list[Any],
        executions: int | None = None,
        batches: int = 0,
        is_complete: bool = False,
    ) -> None:
        """Saves the state; weights that are no finite numbers are not put over good ones.

        Args:
          epochs: As all that follow, a field of Snapshot.
          epoch: The epoch to go on with.
          history: What the History holds.
          data: The positions in the data.
          executions: Executions of the epoch that are done; None before it.
          batches: Batches of it that are done.
          is_complete: Whether the call has returned.
        """
        model = self._call.fit.model
        try:
            variables = model_state.get_state(self._call, with_metrics=executions is not None)
            if not model_state.is_finite(variables):
                self.tell_once("of epoch %d is not saved: weights are no finite numbers", epoch)
                return
            if self._kept is not None:
                self._kept.keep()
            self._snapshots.save(
                Snapshot(
                    keras=generations.version_of(self._call.keras),
                    saved=_now(),
                    epochs=epochs,
                    epoch=epoch,
                    executions=executions,
                    batches=batches,
                    is_complete=is_complete,
                    is_stopped=bool(model.stop_training),
                    stopped_by=self._stopped_by(),
                    model=variables,
                    random=get_random_state(),
                    history=history,
                    callbacks=callback_state.get_states(self._callbacks),
                    data=data,
                )
            )
        except (TypeError, *files.ERRORS) as error:
            self.tell_once("cannot be saved: %s. Training goes on", error)

    def tell_once(self, text: str, *arguments: Any) -> None:
        """Warns of what is not saved, if it has not before."""
        if text not in self._told:
            self._told.add(text)
            _LOG.warning(f"resume: the state of fit %d {text}.", self._number, *arguments)

    def _stopped_by(self) -> str | None:
        stopper = StopTraining.who_stopped(self._call.fit.model)
        named = callback_state.named(self._callbacks)
        return next((name for name, callback in named if callback is stopper), None)


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
