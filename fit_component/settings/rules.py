# SPDX-License-Identifier: Apache-2.0
"""What a single field may hold, by the field's name.

Fields carry the names of Keras' arguments, so a name means the same in every
message, and a new callback with known arguments needs no new rule.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Rule(Protocol):
    """Tells what is wrong with a value."""

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""


@dataclass(frozen=True)
class Range:
    """A number within bounds; of each side one bound at most is given."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""
        bounds = (
            (self.at_least, operator.ge, "{:g} or more"),
            (self.above, operator.gt, "above {:g}"),
            (self.at_most, operator.le, "{:g} or less"),
            (self.below, operator.lt, "below {:g}"),
        )
        given = [(b, bool(holds(value, b)), text) for b, holds, text in bounds if b is not None]
        if all(holds for _, holds, _ in given):
            return None
        return f"must be {' and '.join(text.format(bound) for bound, _, text in given)}"


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


@dataclass(frozen=True)
class Name:
    """The name of a function of the module file or, if `dotted`, of a class in a module."""

    dotted: bool = False

    def complaint(self, value: Any) -> str | None:
        """Returns what is allowed, or None if the value is."""
        parts = value.split(".")
        if all(part.isidentifier() for part in parts) and self.dotted == (len(parts) > 1):
            return None
        if self.dotted:
            return "must be a class with its module, such as my_company.callbacks.Heartbeat"
        return "must be the name of a function of the module file"


POSITIVE = Range(at_least=1)
NOT_NEGATIVE = Range(at_least=0)
ABOVE_0 = Range(above=0)
SHARE = Range(at_least=0, at_most=1)
DECAY = Range(at_least=0, below=1)
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
    "factor": Range(above=0, below=1),
    "cooldown": NOT_NEGATIVE,
    "min_lr": NOT_NEGATIVE,
    "filepath": Text(),
    "save_freq": POSITIVE,
    "filename": Text(),
    "separator": Text(length=1),
    "device": Text(),
    "devices": Text(),
    "max_steps": POSITIVE,
    "every_steps": POSITIVE,
    "backup_dir": Text(),
    "on_epoch_begin": Name(),
    "on_epoch_end": Name(),
    "on_train_begin": Name(),
    "on_train_end": Name(),
    "on_train_batch_begin": Name(),
    "on_train_batch_end": Name(),
    "function": Name(),
    "class_path": Name(dotted=True),
    "directory": Text(),
    "max_to_keep": POSITIVE,
    "root": Text(),
    "path": Text(),
    "field": Text(),
    "headers": Text(),
    "weight_decay": NOT_NEGATIVE,
    "clipnorm": ABOVE_0,
    "clipvalue": ABOVE_0,
    "global_clipnorm": ABOVE_0,
    "ema_momentum": SHARE,
    "ema_overwrite_frequency": POSITIVE,
    "gradient_accumulation_steps": Range(at_least=2),
    "loss_scale_factor": ABOVE_0,
    "beta_1": DECAY,
    "beta_2": DECAY,
    "rho": DECAY,
    "epsilon": NOT_NEGATIVE,
    "momentum": SHARE,
    "initial_accumulator_value": NOT_NEGATIVE,
    "learning_rate_power": Range(at_most=0),
    "l1_regularization_strength": NOT_NEGATIVE,
    "l2_regularization_strength": NOT_NEGATIVE,
    "l2_shrinkage_regularization_strength": NOT_NEGATIVE,
    "beta": NOT_NEGATIVE,
    "beta_2_decay": Range(below=0),
    "epsilon_1": NOT_NEGATIVE,
    "epsilon_2": NOT_NEGATIVE,
    "clip_threshold": ABOVE_0,
    "constant": ABOVE_0,
    "initial_learning_rate": NOT_NEGATIVE,
    "decay_steps": POSITIVE,
    "decay_epochs": ABOVE_0,
    "decay_rate": ABOVE_0,
    "alpha": SHARE,
    "warmup_target": ABOVE_0,
    "warmup_steps": POSITIVE,
    "warmup_epochs": ABOVE_0,
    "first_decay_steps": POSITIVE,
    "first_decay_epochs": ABOVE_0,
    "t_mul": Range(at_least=1),
    "m_mul": ABOVE_0,
    "end_learning_rate": NOT_NEGATIVE,
    "power": ABOVE_0,
    "boundaries": NOT_NEGATIVE,
    "boundary_epochs": ABOVE_0,
    "values": ABOVE_0,
    "steps_per_execution": POSITIVE,
    "precision": OneOf(
        ("float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16")
    ),
    "shuffle_buffer_size": POSITIVE,
    "prefetch": POSITIVE,
    "reader_threads": POSITIVE,
    "key": Text(),
    "save_every_steps": POSITIVE,
}

# Fields that have no default, by message; of a tuple exactly one is to be set.
REQUIRED: Mapping[str, tuple[str | tuple[str, ...], ...]] = {
    "ModelCheckpoint": ("filepath",),
    "CSVLogger": ("filename",),
    "BackupAndRestore": ("backup_dir",),
    "LearningRateScheduler": (("schedule", "function"),),
    "OrbaxCheckpoint": ("directory",),
    "CustomCallback": ("class_path",),
    "CallbackFromModule": ("function",),
    "OneDeviceStrategy": ("device",),
    "ExponentialDecay": ("initial_learning_rate", ("decay_steps", "decay_epochs"), "decay_rate"),
    "CosineDecay": ("initial_learning_rate", ("decay_steps", "decay_epochs")),
    "CosineDecayRestarts": (
        "initial_learning_rate",
        ("first_decay_steps", "first_decay_epochs"),
    ),
    "PolynomialDecay": ("initial_learning_rate", ("decay_steps", "decay_epochs")),
    "PiecewiseConstantDecay": (("boundaries", "boundary_epochs"), "values"),
    "InverseTimeDecay": ("initial_learning_rate", ("decay_steps", "decay_epochs"), "decay_rate"),
}

# Fields of which one at most is to be set, by message, each with the reason.
EXCLUSIVE: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "FitArgs": ((("batch_size", "per_replica_batch_size"), "is for all replicas together"),),
    "Optimizer": ((("clipnorm", "clipvalue", "global_clipnorm"), "clips the gradients already"),),
    "CosineDecay": ((("warmup_steps", "warmup_epochs"), "says how long the warm-up is"),),
}

# Fields that have an effect only if another one has a value that counts as true, by message.
NEEDED: Mapping[str, Mapping[str, str]] = {
    "ModelCheckpoint": {
        "monitor": "save_best_only",
        "mode": "save_best_only",
        "initial_value_threshold": "save_best_only",
    },
    "OrbaxCheckpoint": {
        "monitor": "save_best_only",
        "mode": "save_best_only",
        "initial_value_threshold": "save_best_only",
    },
    "TensorBoard": {"write_images": "histogram_freq", "embeddings_metadata": "embeddings_freq"},
    "Optimizer": {"ema_momentum": "use_ema", "ema_overwrite_frequency": "use_ema"},
    "SGD": {"nesterov": "momentum"},
    "CosineDecay": {"warmup_steps": "warmup_target", "warmup_epochs": "warmup_target"},
}
