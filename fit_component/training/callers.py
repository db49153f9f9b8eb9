# SPDX-License-Identifier: Apache-2.0
"""Where in the user's code a function was called from."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

_SEARCH = ("keras_tuner", "kerastuner")
_LIBRARIES = (
    *_SEARCH,
    "absl",
    "contextlib",
    "fit_component",
    "keras",
    "tensorflow",
    "tf_keras",
    "tfx",
    "tfx_bsl",
)


@dataclass(frozen=True)
class Caller:
    """A line of the user's code.

    Attributes:
      file: The file's name, without its directory: TFX runs a copy of it.
      line: The line, counted from 1.
      text: What stands there; empty if the file cannot be read.
      in_search: Whether KerasTuner tries hyperparameters in this call.
    """

    file: str
    line: int
    text: str
    in_search: bool

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


def find_caller() -> Caller:
    """Finds the innermost line that is no library's."""
    frames = list(_frames())
    names = [frame.f_globals.get("__name__", "").partition(".")[0] for frame in frames]
    own = next((n for n, name in enumerate(names) if name not in _LIBRARIES), len(frames) - 1)
    frame = frames[own]
    path, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(path, line, frame.f_globals).strip()
    return Caller(os.path.basename(path), line, text, any(name in _SEARCH for name in names))


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back
