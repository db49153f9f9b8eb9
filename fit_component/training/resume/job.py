# SPDX-License-Identifier: Apache-2.0
"""A training as it is known again in another run, and the directory that is its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from fit_component.errors import FitArgsError, Problem
from fit_component.training.resume import files
from fit_component.training.resume.lock import HeldError, is_free, locked

_LOG = logging.getLogger(__name__)

_DESCRIPTION = "job.json"
_NAME = re.compile(r"[0-9a-f]{16}")
_SHOWN = 10

# The part of a job that follows from what ran before it.
INPUTS = "inputs"
# The parts by which jobs are attempts at the same thing.
_SAME = ("node", "key")

Clock = Callable[[], float]


@dataclass(frozen=True)
class Job:
    """A training.

    Attributes:
      parts: What makes it this training and no other: names, each with a text
        or with texts and numbers by name.
      root: The directory that holds those of this and other jobs.
    """

    parts: Mapping[str, Any]
    root: str

    @property
    def directory(self) -> str:
        """Its own directory."""
        text = json.dumps(self.parts, sort_keys=True)
        return os.path.join(self.root, hashlib.sha256(text.encode()).hexdigest()[:16])

    @contextlib.contextmanager
    def opened(self, keep_for: float, clock: Clock = time.time) -> Iterator[None]:
        """Holds the job's directory, which is deleted if nothing is raised inside.

        Tells what has changed where other attempts were made and not this one,
        and deletes what was abandoned long ago.

        Args:
          keep_for: Seconds after which the directory of another job is deleted.
          clock: Tells the time, in seconds since 1970.

        Raises:
          FitArgsError: If another run trains the same, or the directory cannot
            be written to.
        """
        with self._locked():
            others = _others(self.root, self.directory)
            if not tf.io.gfile.exists(os.path.join(self.directory, _DESCRIPTION)):
                self._tell_changes(others)
            _clean(others, clock() - keep_for)
            with self._wrong_places_told():
                description = json.dumps(self.parts, indent=2, sort_keys=True)
                files.write_text(os.path.join(self.directory, _DESCRIPTION), description)
            yield
            files.remove(self.directory)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            with self._wrong_places_told():
                tf.io.gfile.makedirs(self.directory)
                stack.enter_context(locked(self.directory))
            yield

    @contextlib.contextmanager
    def _wrong_places_told(self) -> Iterator[None]:
        try:
            yield
        except HeldError as error:
            message = (
                f"another run trains this already: {error}. Wait for it, or end it; what it saved "
                "is then gone on with"
            )
            raise FitArgsError([Problem("resume", message)], "train_args") from error
        except files.ERRORS as error:
            message = f"cannot be written to: {error}; name another one, or leave out resume"
            problem = Problem("resume.directory", message, self.root)
            raise FitArgsError([problem], "train_args") from error

    def _tell_changes(self, others: list[_Other]) -> None:
        same = [o for o in others if all(o.parts.get(n) == self.parts.get(n) for n in _SAME)]
        if not same:
            return
        last = max(same, key=lambda other: other.used)
        changed = [part for part in self.parts if last.parts.get(part) != self.parts[part]]
        lines = [line for part in changed for line in _differences(part, last.parts, self.parts)]
        if len(lines) > _SHOWN:
            lines[_SHOWN:] = [f"and {len(lines) - _SHOWN} more"]
        hint = ""
        if changed == [INPUTS]:
            hint = (
                "\nOnly its inputs are others. If upstream components ran again for nothing, set "
                "Pipeline(enable_cache=True): then they give the same ones."
            )
        _LOG.warning(
            "resume: a training was interrupted here, but not this one, which starts anew. "
            "What has changed:\n  %s%s",
            *("\n  ".join(lines), hint),
        )


@dataclass(frozen=True)
class _Other:
    """Another job's directory: what it is of, and when it was last written to."""

    path: str
    parts: Mapping[str, Any]
    used: float


def _others(root: str, own: str) -> list[_Other]:
    paths = [os.path.join(root, n) for n in files.names_in(root) if _NAME.fullmatch(n)]
    found = []
    for path in paths:
        if path == own:
            continue
        with contextlib.suppress(ValueError, *files.ERRORS):
            parts = json.loads(files.read(os.path.join(path, _DESCRIPTION)))
            found.append(_Other(path, parts, _last_use(path)))
    return found


def _last_use(path: str) -> float:
    written = [
        tf.io.gfile.stat(os.path.join(directory, name)).mtime_nsec / 10**9
        for directory, _, names in tf.io.gfile.walk(path)
        for name in names
    ]
    return max(written, default=0.0)


def _clean(others: list[_Other], before: float) -> None:
    for other in others:
        when = time.strftime("%Y-%m-%d", time.gmtime(other.used))
        if other.used >= before:
            _LOG.info("resume: %s holds a training that was left on %s.", other.path, when)
        elif is_free(other.path):
            _LOG.warning(
                "resume: %s, a training that was left on %s, is deleted (resume.keep_for).",
                *(other.path, when),
            )
            files.remove(other.path)


def _differences(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    was, now = old.get(part), new[part]
    if not isinstance(was, dict) or not isinstance(now, dict):
        yield f"{part}: {_shown(was)}, now {_shown(now)}"
        return
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield f"{part}: {name}: {_shown(was.get(name))}, now {_shown(now.get(name))}"


def _shown(value: Any) -> str:
    text = "not set" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
