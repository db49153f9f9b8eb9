# SPDX-License-Identifier: Apache-2.0
"""The state of a training at one moment, and its form as bytes."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from fit_component.training.resume.files import Hashed
from fit_component.training.resume.values import Arrays, decode, encode

_FORMAT = 1
_META = "state.json"
_ARRAYS = "arrays"

# What reading something else than a snapshot can fail with.
_ERRORS = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
)


class DamagedError(Exception):
    """What was read is no whole snapshot; the text says why."""


@dataclass(frozen=True)
class Snapshot:
    """The state of one call of `fit`.

    Attributes:
      keras: The Keras that trained, with its version.
      saved: When it was saved, in UTC: `2026-01-31T12:00:00Z`.
      epochs: The epoch at which the call was to end.
      epoch: The epoch with which training goes on, counted from 0.
      executions: Executions of it that are done; None where it has not begun,
        0 and None differ by what callbacks did at its beginning.
      batches: Batches that are done in the epoch.
      is_complete: Whether the call has returned.
      is_stopped: Whether it was about to end early, or had.
      stopped_by: The name of the callback that ended it early, as in
        `callbacks`; None if none did.
      model: As `model_state.get_state`.
      random: As `reproducibility.get_random_state`, by itself and by generation.
      history: `epoch` and `history` of the call's History.
      callbacks: The states of its callbacks, by their names.
      data: The positions in the datasets that were handed out.
    """

    keras: str
    saved: str
    epochs: int
    epoch: int
    executions: int | None
    batches: int
    is_complete: bool
    is_stopped: bool
    stopped_by: str | None
    model: dict[str, Any]
    random: dict[str, Any]
    history: dict[str, Any]
    callbacks: dict[str, Any]
    data: list[Any]

    def write(self, file: Hashed) -> None:
        """Writes it as a zip archive: JSON, and the bytes of all arrays.

        Args:
          file: What to write it to.

        Raises:
          TypeError: If the state holds what cannot be saved.
        """
        arrays = Arrays()
        fields = {f.name: encode(getattr(self, f.name), arrays) for f in dataclasses.fields(self)}
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(_META, json.dumps({"format": _FORMAT, **fields}))
            with archive.open(_ARRAYS, "w", force_zip64=True) as entry:
                for array in arrays.parts:
                    entry.write(array.reshape(-1).view(np.uint8).data)

    @classmethod
    def read(cls, file: BinaryIO) -> Snapshot:
        """Reads what `write` wrote.

        Raises:
          DamagedError: If it is none of those, or not whole.
        """
        try:
            with zipfile.ZipFile(file) as archive:
                meta, content = json.loads(archive.read(_META)), archive.read(_ARRAYS)
            if meta.pop("format") != _FORMAT:
                raise DamagedError("is of another format")
            return cls(**{name: decode(tree, content) for name, tree in meta.items()})
        except _ERRORS as error:
            raise DamagedError(f"cannot be read: {error}") from error
