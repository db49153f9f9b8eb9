# SPDX-License-Identifier: Apache-2.0
"""Which snapshot a call of `fit` goes on with, told to whoever reads the log."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fit_component.objects import generations
from fit_component.training.fit_calls import FitCall
from fit_component.training.resume import model_state
from fit_component.training.resume.snapshot import Snapshot
from fit_component.training.resume.snapshot_files import SnapshotFiles

_LOG = logging.getLogger(__name__)


def find_snapshot(
    call: FitCall, number: int, epochs: int, snapshots: SnapshotFiles, others: Sequence[str] = ()
) -> Snapshot | None:
    """Finds the newest state that a call can go on with.

    Args:
      call: The call, before it is made. A model that has no variables yet is
        built if there is a state for it.
      number: Its number in the run, counted from 1.
      epochs: The epoch at which it is to end.
      snapshots: Its snapshots.
      others: The generations of Keras that there are snapshots of, too.

    Returns:
      A complete one if the call had returned, and was to end at the same
      epoch; None if it starts anew.
    """
    complete = snapshots.complete()
    if complete is not None and complete.epochs == epochs and _is_of(complete, call, number):
        _LOG.warning("resume: fit %d had returned and is not trained again.", number)
        return complete
    newest = snapshots.newest()
    if newest is None:
        if others:
            _LOG.warning(
                "resume: what was saved of fit %d is of %s, and this is %s: it starts anew.",
                *(number, ", ".join(others), generations.version_of(call.keras)),
            )
        return None
    if not _is_of(newest, call, number):
        return None
    if newest.epoch > epochs:
        _LOG.warning(
            "resume: fit %d was at epoch %d and now ends at %d: it starts anew.",
            *(number, newest.epoch, epochs),
        )
        return None
    within = f", behind {newest.batches} batches of it" if newest.batches else ""
    _LOG.warning(
        "resume: fit %d goes on with epoch %d of %d, counted from 0%s, as saved at %s%s.",
        *(number, newest.epoch, epochs, within, newest.saved, _inexactness(newest, call)),
    )
    return newest


def _is_of(snapshot: Snapshot, call: FitCall, number: int) -> bool:
    try:
        model_state.check(call, snapshot.model)
    except model_state.OtherModelError as error:
        _LOG.warning(
            "resume: what was saved of fit %d is of another model: %s. It starts anew.",
            *(number, error),
        )
        return False
    return True


def _inexactness(snapshot: Snapshot, call: FitCall) -> str:
    """Why the weights may not be bit for bit those of a training without an interruption."""
    version = generations.version_of(call.keras)
    if snapshot.keras != version:
        return f", by {snapshot.keras}; {version} need not get the same weights bit for bit"
    layers = ", ".join(call.generation.unkept_random_layers(call.fit.model))
    if not layers:
        return ""
    return f". {version} keeps the random numbers of {layers} out of reach, so not bit for bit"
