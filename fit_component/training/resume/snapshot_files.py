# SPDX-License-Identifier: Apache-2.0
"""The snapshots of one call of `fit`: two generations, and the one of its end."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import re
from collections.abc import Iterator

from fit_component.training.resume import files
from fit_component.training.resume.snapshot import DamagedError, Snapshot

_LOG = logging.getLogger(__name__)

# So many of a training that is under way.
_GENERATIONS = 2

_COMPLETE = "complete"
_DIGITS = 32  # of the SHA-256 that a name holds
_NAME = re.compile(rf"(?:{_COMPLETE}|\d{{8}}-\d{{10}})-(?P<digest>[0-9a-f]{{{_DIGITS}}})\.zip")


class SnapshotFiles:
    """The files of the snapshots in a directory.

    Their names are ordered as training goes on, and hold a checksum of the
    content.

    Attributes:
      directory: Their directory, for tf.io.gfile.
    """

    def __init__(self, directory: str):
        """Takes the directory, which need not be there."""
        self.directory = directory
        self._good: list[str] = []

    def save(self, snapshot: Snapshot) -> None:
        """Writes a snapshot, and then deletes those that are older than the one before it.

        Raises:
          OSError, tf.errors.OpError: If it cannot be written. What was there
            stays.
          TypeError: If it holds what cannot be saved.
        """
        place = f"{snapshot.epoch:08d}-{snapshot.executions or 0:010d}"
        prefix = _COMPLETE if snapshot.is_complete else place
        path = files.write(
            self.directory, snapshot.write, lambda digest: f"{prefix}-{digest[:_DIGITS]}.zip"
        )
        if snapshot.is_complete:
            return
        name = os.path.basename(path)
        self._good = [*(good for good in self._good if good != name), name][-_GENERATIONS:]
        for other in self._names():
            if other not in self._good:
                files.remove(os.path.join(self.directory, other))

    def complete(self) -> Snapshot | None:
        """The snapshot of the call's end, if there is one that can be read."""
        names = [name for name in self._names() if name.startswith(_COMPLETE)]
        return next((snapshot for _, snapshot in self._readable(names)), None)

    def newest(self) -> Snapshot | None:
        """The newest snapshot of the call under way that can be read; warns of the others."""
        names = [name for name in self._names() if not name.startswith(_COMPLETE)]
        for name, snapshot in self._readable(names):
            self._good = [name]
            return snapshot
        return None

    def _readable(self, names: list[str]) -> Iterator[tuple[str, Snapshot]]:
        """Yields those that can be read, the newest first."""
        for name in reversed(names):
            path = os.path.join(self.directory, name)
            try:
                yield name, _read(path)
            except (DamagedError, *files.ERRORS) as error:
                _LOG.warning("resume: %s %s. The one before it is taken, if any.", path, error)

    def _names(self) -> list[str]:
        return [name for name in files.names_in(self.directory) if _NAME.fullmatch(name)]


def _read(path: str) -> Snapshot:
    content = files.read(path)
    match = _NAME.fullmatch(os.path.basename(path))
    digest = hashlib.sha256(content).hexdigest()[:_DIGITS]
    if match is None or match["digest"] != digest:
        raise DamagedError(f"is damaged: its {len(content)} bytes are not those that were saved")
    return Snapshot.read(io.BytesIO(content))
