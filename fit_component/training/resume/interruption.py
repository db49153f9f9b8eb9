# SPDX-License-Identifier: Apache-2.0
"""SIGTERM, by which a machine that is taken away tells a training to end."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections.abc import Iterator
from typing import Any

_LOG = logging.getLogger(__name__)

# As a shell tells of a process that the signal has ended.
EXIT_CODE = 128 + signal.SIGTERM


class Interruption:
    """Whether the process was told to end, while somebody waits for that.

    Attributes:
      is_asked_for: Whether SIGTERM came.
    """

    def __init__(self) -> None:
        """Begins with nothing asked for."""
        self.is_asked_for = False

    @contextlib.contextmanager
    def awaited(self) -> Iterator[None]:
        """Notes SIGTERM instead of ending at once; a second one ends at once.

        Elsewhere than in the main thread, where signals cannot be awaited, it
        ends as it would without.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGTERM)

        def note(*_: Any) -> None:
            self.is_asked_for = True
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
            _LOG.warning(
                "resume: SIGTERM: training ends with this batch, or with the evaluation that runs."
            )

        signal.signal(signal.SIGTERM, note)
        try:
            yield
        finally:
            if signal.getsignal(signal.SIGTERM) is note:
                signal.signal(signal.SIGTERM, before or signal.SIG_DFL)
