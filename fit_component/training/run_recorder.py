# SPDX-License-Identifier: Apache-2.0
"""What run_fn did, written down while it runs."""

from __future__ import annotations

import contextlib
import datetime
import logging
import time
from collections.abc import Callable, Iterator, Mapping

from fit_component.record import RunRecord, run_files, runs
from fit_component.training import environment
from fit_component.training.fit_recorder import FitRecorder
from fit_component.training.hparams import HparamsSession
from fit_component.training.observation import Fit, surrounded_fits

_LOG = logging.getLogger(__name__)

# Of the time of training, what writing may take: a slow file system is written to less often.
_SHARE = 1 / 200

Clock = Callable[[], float]
Write = Callable[[Mapping[str, str]], None]


class RunRecorder:
    """Records every call of `fit`, and writes what is known after each epoch.

    Nothing that fails in it fails the training.
    """

    def __init__(
        self,
        settings: Mapping[str, int | float | str],
        write: Write,
        *,
        hide: Callable[[str], str] = str,
        clock: Clock = time.monotonic,
    ):
        """Takes what it cannot see.

        Args:
          settings: The resolved settings, flat.
          write: Writes files, by name, each as a whole.
          hide: Masks credentials in what run_fn raises.
          clock: Tells the time in seconds.
        """
        self._settings = settings
        self._write = write
        self._hide = hide
        self._clock = clock
        self._started, self._wrote, self._writing_took = clock(), clock(), 0.0
        self._when = datetime.datetime.now(datetime.timezone.utc)
        self._environment: dict[str, object] = dict(environment.versions())
        self._fits: list[FitRecorder] = []
        self._hparams = HparamsSession(settings)
        self._state = runs.RUNNING
        self._error: str | None = None

    @contextlib.contextmanager
    def recorded(self) -> Iterator[None]:
        """Records what is called inside; at its end, says so where `fit` was never called."""
        try:
            with surrounded_fits(self._surround):
                yield
        except BaseException as error:
            self._end_run(runs.FAILED, self._hide(f"{type(error).__name__}: {error}"))
            raise
        self._end_run(runs.COMPLETE)
        if not self._fits:
            _LOG.warning(
                "run_fn called no fit of a Keras model. Settings had no effect but where it read "
                "them from fn_args, and nothing is recorded of its training."
            )

    def record(self) -> RunRecord:
        """What is known so far."""
        return RunRecord(
            state=self._state,
            started=self._when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            seconds=self._clock() - self._started,
            settings=self._settings,
            environment=self._environment,
            fits=[fit.record() for fit in self._fits],
            error=self._error,
        )

    def _end_run(self, state: str, error: str | None = None) -> None:
        self._state, self._error = state, error
        self._write_now()
        with _logged("The end of the run could not be written for TensorBoard."):
            self._hparams.end(is_good=state == runs.COMPLETE)

    @contextlib.contextmanager
    def _surround(self, fit: Fit) -> Iterator[None]:
        recorder = None
        with _logged("A call of fit could not be recorded."):
            self._environment.setdefault("devices", environment.devices())
            recorder = FitRecorder(
                fit,
                len(self._fits) + 1,
                on_begin=self._hparams.begin,
                on_epoch=self._write_if_due,
                clock=self._clock,
            )
            self._fits.append(recorder)
        try:
            yield
        except BaseException as error:
            self._end(recorder, error)
            raise
        self._end(recorder, None)

    def _end(self, recorder: FitRecorder | None, error: BaseException | None) -> None:
        with _logged("The end of a fit could not be recorded."):
            if recorder is not None:
                recorder.end(error)
        self._write_now()

    def _write_if_due(self) -> None:
        if (self._clock() - self._wrote) * _SHARE >= self._writing_took:
            self._write_now()

    def _write_now(self) -> None:
        begin = self._clock()
        with _logged("What the run did could not be written."):
            self._write(run_files(self.record()))
        self._wrote = self._clock()
        self._writing_took = self._wrote - begin


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        _LOG.warning(what, exc_info=True)
