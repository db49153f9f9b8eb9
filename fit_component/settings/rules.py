# SPDX-License-Identifier: Apache-2.0
"""What a single field may hold, by the field's name.

Fields carry the names of Keras' arguments, so a name means the same in every
message, and a new callback with known arguments needs no new rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Rule(Protocol):
    """Tells what is wrong with a value."""

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""


@dataclass(frozen=True)
class AtLeast:
    """A number of at least `minimum`."""

    minimum: int

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""
        return None if value >= self.minimum else f"must be {self.minimum} or more"


@dataclass(frozen=True)
class Between:
    """A number above `low` and below `high`."""

    low: float
    high: float

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""
        if self.low < value < self.high:
            return None
        return f"must be above {self.low:g} and below {self.high:g}"


@dataclass(frozen=True)
class OneOf:
    """One of several values."""

    values: tuple[Any, ...]

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""
        allowed = ", ".join(str(v) for v in self.values)
        return None if value in self.values else f"must be one of {allowed}"


@dataclass(frozen=True)
class Text:
    """A string that is not empty, of `length` characters if that is given."""

    length: int | None = None

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""
        if self.length is not None and len(value) != self.length:
            return f"must be {self.length} character{'s' if self.length > 1 else ''} long"
        return None if value else "must not be empty"


POSITIVE = AtLeast(1)
NOT_NEGATIVE = AtLeast(0)
SWITCH = OneOf((0, 1))

# A list's rule holds for each of its elements, a map's for each value.
RULES: Mapping[str, Rule] = {
    "splits": Text(),
    "num_steps": NOT_NEGATIVE,
    "epochs": POSITIVE,
    "initial_epoch": NOT_NEGATIVE,
    "batch_size": POSITIVE,
    "per_replica_batch_size": POSITIVE,
    "freq": POSITIVE,
    "class_weight": NOT_NEGATIVE,
    "seed": NOT_NEGATIVE,
    "monitor": Text(),
    "min_delta": NOT_NEGATIVE,
    "patience": NOT_NEGATIVE,
    "verbose": SWITCH,
    "mode": OneOf(("auto", "min", "max")),
    "start_from_epoch": NOT_NEGATIVE,
    "log_dir": Text(),
    "histogram_freq": NOT_NEGATIVE,
    "update_freq": POSITIVE,
    "profile_batch": POSITIVE,
    "embeddings_freq": NOT_NEGATIVE,
    "embeddings_metadata": Text(),
    "factor": Between(0, 1),
    "cooldown": NOT_NEGATIVE,
    "min_lr": NOT_NEGATIVE,
    "filepath": Text(),
    "save_freq": POSITIVE,
    "filename": Text(),
    "separator": Text(length=1),
    "device": Text(),
    "devices": Text(),
}

# Fields that have no default, by message.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "ModelCheckpoint": ("filepath",),
    "CSVLogger": ("filename",),
    "OneDeviceStrategy": ("device",),
}
