# SPDX-License-Identifier: Apache-2.0
"""All calls of `fit` of a run, saved while they run and taken up where they were."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence

from fit_component.objects.generations import GENERATIONS
from fit_component.proto.fit_args_pb2 import Resume
from fit_component.training.fit_calls import FitCall
from fit_component.training.observation import Fit, surrounded_fits
from fit_component.training.passes import PassNumber
from fit_component.training.resume import files
from fit_component.training.resume.cadence import Cadence
from fit_component.training.resume.interruption import Interruption
from fit_component.training.resume.kept_files import KeptFiles
from fit_component.training.resume.resumed_fit import ResumedFit
from fit_component.training.resume.snapshot_files import SnapshotFiles


@contextlib.contextmanager
def resumed_fits(
    directory: str,
    resume: Resume,
    find_numbers: Callable[[], Sequence[PassNumber]] = tuple,
    *,
    kept: KeptFiles | None = None,
    writes: bool = True,
) -> Iterator[None]:
    """Saves each call of `fit` in a directory, and lets it go on from what is there.

    Calls are known by their number. Those of a KerasTuner search are let alone.
    Enter it after all who change the arguments of calls.

    Args:
      directory: Where the snapshots are; they stay there.
      resume: The settings.
      find_numbers: Returns the numbers of the passes of the datasets that
        `fit` may read.
      kept: The files that callbacks write; None if there are none to keep.
      writes: Whether this process saves; another worker only goes on.
    """
    number = 0

    @contextlib.contextmanager
    def resumed(fit: Fit) -> Iterator[None]:
        nonlocal number
        if fit.caller is not None and fit.caller.in_search:
            yield
            return
        number += 1
        call = FitCall.of(fit)
        interruption = Interruption()
        # Each generation's by itself: one cannot read what the other saved.
        places = {g: os.path.join(directory, g, f"fit-{number}") for g in GENERATIONS}
        own = places.pop(call.generation.package)
        one = ResumedFit(
            call,
            number,
            SnapshotFiles(own),
            [generation for generation, other in places.items() if files.names_in(other)],
            cadence=Cadence(resume),
            interruption=interruption,
            find_numbers=find_numbers,
            kept=kept if writes else None,
            writes=writes,
        )
        one.begin()
        with interruption.awaited():
            try:
                yield
            finally:
                one.leave()
            one.end()

    with surrounded_fits(resumed):
        yield
