# SPDX-License-Identifier: Apache-2.0
"""When the state is saved within an epoch."""

from __future__ import annotations

import time
from collections.abc import Callable

from fit_component.proto.fit_args_pb2 import Resume
from fit_component.settings.durations import duration_seconds

Clock = Callable[[], float]


class Cadence:
    """Tells when so many batches have gone by, or so much time, since the last save."""

    def __init__(self, resume: Resume, clock: Clock = time.monotonic):
        """Takes the settings and what tells the time in seconds."""
        self._steps = resume.save_every_steps or None
        self._seconds = duration_seconds(resume.save_every) or None
        self._clock = clock
        self.saved()

    def saved(self) -> None:
        """To be called when the state was saved, or could not be."""
        self._batches = 0
        self._since = self._clock()

    def run(self, batches: int) -> None:
        """To be called when batches were run."""
        self._batches += batches

    @property
    def is_due(self) -> bool:
        """Whether it is time."""
        if self._steps is not None and self._batches >= self._steps:
            return True
        return self._seconds is not None and self._clock() - self._since >= self._seconds
