# SPDX-License-Identifier: Apache-2.0
"""Settings for TensorBoard's HPARAMS tab, beside the scalars that it compares."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import Any

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import api, api_pb2
from tensorboard.plugins.hparams.summary import session_end_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

# At the end of the file's name: Keras' own files have none.
SUFFIX = ".hparams"


class HparamsSession:
    """One run in the HPARAMS tab, in each directory that a TensorBoard callback writes to.

    The files are TensorBoard's own, written without an op of TensorFlow.
    """

    def __init__(self, settings: Mapping[str, int | float | str]):
        """Takes the settings, flat: names such as `optimizer.learning_rate` to their values."""
        self._settings = dict(settings)
        self._writers: dict[str, EventFileWriter] = {}

    def begin(self, callbacks: Iterable[Any]) -> None:
        """Writes the settings where TensorBoard callbacks are about to write.

        A directory has one session, however many fits write to it.

        Args:
          callbacks: The callbacks of a fit.
        """
        for log_dir in _log_dirs(callbacks):
            if log_dir not in self._writers:
                writer = self._writers[log_dir] = EventFileWriter(log_dir, filename_suffix=SUFFIX)
                # Two runs with the same settings are two rows all the same.
                _add(writer, api.hparams_pb(self._settings, trial_id=log_dir))

    def end(self, *, is_good: bool) -> None:
        """Writes how the run ended.

        Args:
          is_good: Whether it did not fail.
        """
        status = api_pb2.STATUS_SUCCESS if is_good else api_pb2.STATUS_FAILURE
        for writer in self._writers.values():
            _add(writer, session_end_pb(status))
            writer.close()


def _add(writer: EventFileWriter, summary: Any) -> None:
    # Of the two that are written, one is TensorBoard's own class and one TensorFlow's.
    own = summary_pb2.Summary.FromString(summary.SerializeToString())
    writer.add_event(event_pb2.Event(wall_time=time.time(), step=0, summary=own))
    writer.flush()


def _log_dirs(callbacks: Iterable[Any]) -> list[str]:
    """Where those of the callbacks write that are a TensorBoard of either Keras."""
    boards = (c for c in callbacks if any(k.__name__ == "TensorBoard" for k in type(c).__mro__))
    dirs = (getattr(callback, "log_dir", None) for callback in boards)
    return list(dict.fromkeys(os.fspath(log_dir) for log_dir in dirs if log_dir))
