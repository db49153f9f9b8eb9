# SPDX-License-Identifier: Apache-2.0
"""Arguments of Keras' callbacks whose form in the settings is another one."""

from __future__ import annotations

import functools
import os
from typing import Any

from fit_component.objects.epoch_rates import rate_of_epoch
from fit_component.objects.surroundings import Surroundings, gather, hook

Kwargs = dict[str, Any]

# What Keras calls the functions of a LambdaCallback with.
_HOOKS = {
    "on_epoch_begin": ("epoch", "logs"),
    "on_epoch_end": ("epoch", "logs"),
    "on_train_begin": ("logs",),
    "on_train_end": ("logs",),
    "on_train_batch_begin": ("batch", "logs"),
    "on_train_batch_end": ("batch", "logs"),
}


def profiled_batches(kwargs: Kwargs, path: str, around: Surroundings) -> Kwargs:
    """TensorBoard: one batch as a number, two as a pair."""
    batches = kwargs.pop("profile_batch", [])
    if batches:
        kwargs["profile_batch"] = tuple(batches) if len(batches) > 1 else batches[0]
    return kwargs


def hooks(kwargs: Kwargs, path: str, around: Surroundings) -> Kwargs:
    """LambdaCallback: functions of the module file instead of their names."""
    found = gather(
        functools.partial(hook, around, function, f"{path}.{name}", _HOOKS[name])
        for name, function in kwargs.items()
    )
    return dict(zip(kwargs, found, strict=True))


def schedule(kwargs: Kwargs, path: str, around: Surroundings) -> Kwargs:
    """LearningRateScheduler: a function of the epoch, the module file's or a schedule's."""
    if "function" in kwargs:
        arguments = ("epoch", "learning_rate")
        name = kwargs.pop("function")
        kwargs["schedule"] = hook(around, name, f"{path}.function", arguments)
    elif "schedule" in kwargs:
        at = f"{path}.schedule"
        settings = kwargs["schedule"]
        kwargs["schedule"] = rate_of_epoch(settings, around.keras, at, around.steps_per_epoch)
    return kwargs


def absolute_directory(kwargs: Kwargs, path: str, around: Surroundings) -> Kwargs:
    """OrbaxCheckpoint: Orbax fails at the first save where the path is relative."""
    if "://" not in kwargs["directory"]:
        kwargs["directory"] = os.path.abspath(kwargs["directory"])
    return kwargs
