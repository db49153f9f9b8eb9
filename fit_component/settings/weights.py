# SPDX-License-Identifier: Apache-2.0
"""The settings by which two trainings of one module differ in their weights."""

from __future__ import annotations

from fit_component.proto.fit_args_pb2 import FitArgs

# How much is trained, what is told and kept of it. More epochs go on from where fewer ended.
_NO_EFFECT = ("epochs", "max_steps", "max_time", "verbose", "enforcement", "resume", "dry_run")
_CALLBACKS_WITHOUT_EFFECT = ("tensorboard", "csv_logger")


def settings_of_weights(resolved: FitArgs) -> FitArgs:
    """Leaves out the settings that change no weight of the epochs that are trained.

    Args:
      resolved: Resolved settings; not changed.
    """
    left = FitArgs()
    left.CopyFrom(resolved)
    for name in _NO_EFFECT:
        left.ClearField(name)
    del left.callbacks[:]
    left.callbacks.extend(
        callback
        for callback in resolved.callbacks
        if callback.WhichOneof("callback") not in _CALLBACKS_WITHOUT_EFFECT
    )
    return left
