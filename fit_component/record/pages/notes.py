# SPDX-License-Identifier: Apache-2.0
"""What a reader of a run's page should see first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fit_component.record import runs
from fit_component.record.pages import words
from fit_component.record.pages.curves import not_finite
from fit_component.record.runs import FitRecord, RunRecord


class Note(NamedTuple):
    """A sentence at the top of a page.

    Attributes:
      kind: `bad`, `warn` or `info`.
      text: The sentence.
      anchor: The id of the part of the page that tells more; may be empty.
    """

    kind: str
    text: str
    anchor: str = ""


def notes_of(run: RunRecord) -> list[Note]:
    """What to tell first of a run: what went wrong, and what is not there."""
    return [*_of_state(run), *_of_fits(run.fits), *_of_differences(run.fits)]


def _of_state(run: RunRecord) -> Iterator[Note]:
    if run.state == runs.FAILED:
        yield Note("bad", f"The run failed: {run.error or 'why is not known'}")
    if run.state == runs.RUNNING:
        yield Note(
            "info",
            "The run had not ended when this was written down: it is still training, or its "
            "process was killed. What is here is as far as it came.",
        )
    if not run.fits:
        yield Note("warn", "No fit of a Keras model was called, so there is nothing to draw.")


def _of_fits(fits: Sequence[FitRecord]) -> Iterator[Note]:
    for fit in fits:
        if fit.resumed_from is not None:
            text = (
                f"Fit {fit.number} was interrupted before, and went on with epoch "
                f"{fit.resumed_from}. Epochs are all of it, its time is that since then."
            )
            yield Note("info", text)
        if not fit.epochs:
            yield Note("info", f"Fit {fit.number} came to the end of no epoch.")
        for metric, epochs in not_finite(fit).items():
            where = f"at epoch {epochs[0]}" if len(epochs) == 1 else _many(epochs)
            text = f"In fit {fit.number}, {metric} was not a finite number {where}."
            yield Note("bad", text, "epochs")


def _many(epochs: Sequence[int]) -> str:
    return f"at epochs {words.ranges_text(epochs)}"


def _of_differences(fits: Sequence[FitRecord]) -> Iterator[Note]:
    differences = [difference for fit in fits for difference in fit.differences]
    missed = len({d.path for d in differences if not d.overridden})
    if missed:
        did = (
            "setting that was requested did" if missed == 1 else "settings that were requested did"
        )
        yield Note("warn", f"{missed} {did} not reach fit.", "differences")
    overridden = len({d.path for d in differences if d.overridden})
    if overridden:
        was = "setting was" if overridden == 1 else "settings were"
        text = f"{overridden} {was} put into the call of fit, which had other values."
        yield Note("info", text, "differences")
