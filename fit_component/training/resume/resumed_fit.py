# SPDX-License-Identifier: Apache-2.0
"""One call of `fit` that is saved while it runs and goes on where it was."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fit_component.objects.reproducibility import set_random_state
from fit_component.training.counting import of_keras
from fit_component.training.fit_calls import FitCall
from fit_component.training.limits import Limit
from fit_component.training.passes import PassNumber
from fit_component.training.resume import callback_state, model_state
from fit_component.training.resume.cadence import Cadence
from fit_component.training.resume.executions import Silence, WrappedFunction
from fit_component.training.resume.finding import find_snapshot
from fit_component.training.resume.interruption import EXIT_CODE, Interruption
from fit_component.training.resume.kept_files import KeptFiles
from fit_component.training.resume.reading_state import ReadingState
from fit_component.training.resume.saver import Saver
from fit_component.training.resume.snapshot import Snapshot
from fit_component.training.resume.snapshot_files import SnapshotFiles
from fit_component.training.stopping import StopTraining

_LOG = logging.getLogger(__name__)


class ResumedFit:
    """One call of `fit`.

    Before it, `begin` finds what was saved of it and changes its arguments;
    while it runs, its state is put back and saved; after it, `end` saves the
    state that it left. A call that had returned trains nothing: it leaves what
    it left then.
    """

    def __init__(
        self,
        call: FitCall,
        number: int,
        snapshots: SnapshotFiles,
        others: Sequence[str] = (),
        *,
        cadence: Cadence,
        interruption: Interruption,
        find_numbers: Callable[[], Sequence[PassNumber]],
        kept: KeptFiles | None,
        writes: bool,
    ):
        """Takes the call, before it is made.

        Args:
          call: The call.
          number: Its number in the run, counted from 1.
          snapshots: Its snapshots.
          others: The generations of Keras that there are other snapshots of.
          cadence: When to save within an epoch.
          interruption: Whether to save and leave.
          find_numbers: Returns the numbers of the passes of the datasets that
            were handed out so far.
          kept: The files that callbacks write; None if there are none to keep.
          writes: Whether this process saves; others go on from what it saved.
        """
        self._call = call
        self._number = number
        self._snapshots = snapshots
        self._others = others
        self._cadence = cadence
        self._interruption = interruption
        self._find_numbers = find_numbers
        self._kept = kept
        self._callbacks = [*call.callbacks, *call.fit.watchers]
        self._saver = Saver(call, number, self._callbacks, snapshots, kept) if writes else None
        self._snapshot: Snapshot | None = None
        self._function: WrappedFunction | None = None
        self._silence: Silence | None = None
        self._reading: ReadingState | None = None
        self._epoch = call.initial_epoch
        self._executions, self._batches = 0, 0
        self._at_once: int | None = None
        self._history: Any = None

    def begin(self) -> None:
        """Finds out where it goes on, and lets the call start there."""
        fit = self._call.fit
        self._snapshot = snapshot = find_snapshot(
            self._call, self._number, self._epochs, self._snapshots, self._others
        )
        watcher = of_keras(_Watcher, self._call.keras)(self)
        if snapshot is not None:
            fit.resumed_from = snapshot.epoch
            if self._kept is not None:
                self._kept.put_back()
            ends = snapshot.is_complete or snapshot.is_stopped
            fit.arguments["initial_epoch"] = self._epochs if ends else snapshot.epoch
            if snapshot.is_complete:
                fit.arguments["callbacks"] = []
            else:
                callback_state.prepare(self._callbacks, snapshot.callbacks)
        fit.watchers.append(watcher)

    def end(self) -> None:
        """Saves the state after the call has returned, if it was not complete before."""
        snapshot = self._snapshot
        if snapshot is not None and self._reading is None:
            self._end_without_an_epoch(snapshot)
        if (snapshot is None or not snapshot.is_complete) and not self._is_limited():
            self._save(self._epochs, _plain(self._call.fit.history), is_complete=True)
        self._leave_if_asked()

    def _end_without_an_epoch(self, snapshot: Snapshot) -> None:
        """Leaves all as it was when the last epoch had ended, or the call had returned."""
        history = self._call.fit.history
        history.epoch, history.history = snapshot.history["epoch"], snapshot.history["history"]
        if snapshot.is_complete:
            self._put_back(snapshot)
        if snapshot.is_stopped:
            by_name: dict[str | None, Any] = dict(callback_state.named(self._callbacks))
            StopTraining.put_back(self._call.fit.model, by_name.get(snapshot.stopped_by))
        ReadingState(self._find_numbers()).set_over(snapshot.data)

    def leave(self) -> None:
        """To be called when the call is over, in whatever way."""
        if self._function is not None:
            self._function.remove()
        if self._silence is not None:
            self._silence.end()

    def train_begins(self) -> None:
        """Puts back what the first epoch begins with."""
        snapshot = self._snapshot
        if snapshot is not None and not snapshot.is_complete:
            self._put_back(snapshot, with_callbacks=snapshot.executions is None)
        model = self._call.fit.model
        # Asked for anew only where it may change, since tf_keras has it in a variable.
        if not getattr(model, "autotune_steps_per_execution", False):
            self._at_once = 1 if self._call.steps_per_execution == 1 else None
        self._history = model.history  # tf_keras puts another in its place when others evaluate
        self._function = WrappedFunction(model, self._run)

    def epoch_begins(self, epoch: int) -> None:
        """Counts anew; in the first epoch, puts back what Keras or others have set until now."""
        self._epoch, self._executions, self._batches = epoch, 0, 0
        if self._reading is not None:
            self._reading.epoch_begins()
            return
        self._reading = ReadingState(self._find_numbers())
        snapshot = self._snapshot
        if snapshot is None:
            return
        history = self._history
        history.epoch, history.history = snapshot.history["epoch"], snapshot.history["history"]
        is_within = snapshot.executions is not None
        back = self._call.steps_per_execution if is_within else 0
        self._reading.set(snapshot.data, is_within=is_within, back=back)
        if is_within:
            self._silence = Silence(self._callbacks)
        else:
            self._snapshot = None  # as large as the model

    def epoch_ends(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Saves the state."""
        history = _plain(self._history)
        values = history["history"]
        history = {
            "epoch": [*history["epoch"], epoch],
            "history": {**values, **{k: [*values.get(k, ()), v] for k, v in logs.items()}},
        }
        loss = logs.get("loss", 0.0)
        if not np.all(np.isfinite(loss)) and self._saver is not None:
            self._saver.tell_once("of epoch %d, whose loss is %s, is not saved", epoch, loss)
        elif not self._is_limited():
            self._save(epoch + 1, history)
        self._leave_if_asked()

    def _run(self, function: Callable[[Any], Any], iterator: Any) -> Any:
        """Runs an execution, or reads over it if it was run before the interruption."""
        snapshot = self._snapshot
        if self._silence is not None and snapshot is not None:
            if self._executions < (snapshot.executions or 0):
                return self._read_over(function, iterator)
            self._put_back(snapshot, with_metrics=True)
            self._cadence.saved()
            self._silence.end()
            self._snapshot = self._silence = None
        elif self._executions and (self._interruption.is_asked_for or self._cadence.is_due):
            history = _plain(self._history)
            done = {"executions": self._executions, "batches": self._batches}
            self._save(self._epoch, history, **done)
            self._leave_if_asked()
        self._count()
        return self._execute(function, iterator)

    def _execute(self, function: Callable[[Any], Any], iterator: Any) -> Any:
        logs = function(iterator)
        if self._reading is not None:
            self._reading.executed()
        return logs

    def _read_over(self, function: Callable[[Any], Any], iterator: Any) -> dict[str, Any]:
        if self._executions == 0:
            # It makes what Keras makes with the first batch, such as metrics.
            self._execute(function, iterator)
        elif self._reading is not None and not self._reading.is_in_place:
            for _ in range(self._call.steps_per_execution):
                next(iterator)
        self._count(is_read=self._executions == 0)
        return {}

    def _count(self, *, is_read: bool = True) -> None:
        at_once = self._at_once or self._call.steps_per_execution
        self._executions += 1
        self._batches += at_once
        self._cadence.run(at_once)
        if is_read and self._reading is not None:
            self._reading.run(at_once)

    @property
    def _epochs(self) -> int:
        return int(self._call.fit.arguments.get("epochs", 1))

    def _put_back(
        self, snapshot: Snapshot, *, with_metrics: bool = False, with_callbacks: bool = True
    ) -> None:
        model_state.set_state(self._call, snapshot.model, with_metrics=with_metrics)
        set_random_state(snapshot.random)
        if with_callbacks:
            callback_state.set_states(self._callbacks, snapshot.callbacks)

    def _save(self, epoch: int, history: dict[str, Any], **fields: Any) -> None:
        self._cadence.saved()
        if self._saver is not None:
            data = self._reading.get() if self._reading is not None else []
            self._saver.save(epochs=self._epochs, epoch=epoch, history=history, data=data, **fields)

    def _is_limited(self) -> bool:
        """Whether a limit has ended it early, which another run may have higher."""
        return any(
            isinstance(callback, Limit) and callback.stopped_after is not None
            for callback in self._callbacks
        )

    def _leave_if_asked(self) -> None:
        if not self._interruption.is_asked_for:
            return
        _LOG.warning(
            "resume: training leaves after SIGTERM, with what was saved in %s. Run it again, and "
            "it goes on there.",
            self._snapshots.directory,
        )
        raise SystemExit(EXIT_CODE)


class _Watcher:
    """Tells a ResumedFit of its epochs. It comes after all callbacks but Keras' History."""

    # So that tf_keras need not convert the logs for it alone.
    _supports_tf_logs = True

    def __init__(self, fit: ResumedFit):
        super().__init__()
        self._fit = fit

    def on_train_begin(self, logs: Any = None) -> None:
        self._fit.train_begins()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._fit.epoch_begins(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._fit.epoch_ends(epoch, logs or {})


def _plain(history: Any) -> dict[str, Any]:
    """What a History holds, in lists of its own."""
    values = {name: list(inner) for name, inner in history.history.items()}
    return {"epoch": list(history.epoch), "history": values}
