# SPDX-License-Identifier: Apache-2.0
"""The defaults of the library, and settings with them filled in."""

from __future__ import annotations

from fit_component.proto.fit_args_pb2 import FitArgs, Input
from fit_component.settings.descriptors import identity

SPLIT = "train"
EPOCHS = 1
INITIAL_EPOCH = 0
BATCH_SIZE = 32
VALIDATION_FREQ = 1
MONITOR = "val_loss"
SHUFFLE_BUFFER_SIZE = 10_000
KEEP_FOR_HOURS = 720
DRY_RUN_STEPS = 3
_LARGEST = 2**31 - 1  # what an int32 holds

# The callbacks that save the model.
_SAVING = ("model_checkpoint", "backup_and_restore", "orbax_checkpoint")


def resolve(fit_args: FitArgs) -> FitArgs:
    """Fills in the defaults.

    Callbacks, the optimizer and what else Keras decides stay as they are: an
    argument that is unset there is left to Keras. Of the batch sizes, those
    stay unset that follow from per_replica_batch_size and the number of
    replicas. A dry run's caps are applied.

    Args:
      fit_args: Checked settings; not changed.

    Returns:
      The settings as they take effect.
    """
    resolved = FitArgs()
    resolved.CopyFrom(fit_args)
    if not resolved.splits:
        resolved.splits.append(SPLIT)
    if not resolved.num_steps:
        resolved.ClearField("num_steps")
    if not resolved.HasField("epochs"):
        resolved.epochs = EPOCHS
    if not resolved.HasField("initial_epoch"):
        resolved.initial_epoch = INITIAL_EPOCH
    if not resolved.HasField("verbose"):
        resolved.verbose = FitArgs.AUTO
    if not resolved.HasField("deterministic"):
        resolved.deterministic = False
    if not resolved.HasField("strategy"):
        resolved.strategy.default.SetInParent()
    if not resolved.validation.HasField("freq"):
        resolved.validation.freq = VALIDATION_FREQ
    if not resolved.HasField("per_replica_batch_size"):
        _resolve_batch_sizes(resolved)
    _resolve_input(resolved)
    if resolved.resume.enabled and not resolved.resume.HasField("keep_for"):
        resolved.resume.keep_for.seconds = KEEP_FOR_HOURS * 3600
    if resolved.dry_run:
        _cap(resolved)
    return resolved


def cap_steps(steps: int | None, resolved: FitArgs) -> int | None:
    """Caps the batches of an evaluation, if the run is a dry one.

    Args:
      steps: Batches; None for one pass over the data.
      resolved: Resolved settings, whose num_steps is capped already.
    """
    if not resolved.dry_run:
        return steps
    return min(steps or resolved.num_steps, resolved.num_steps)


def _resolve_input(resolved: FitArgs) -> None:
    if not resolved.input.HasField("shuffle"):
        resolved.input.shuffle = True
    if resolved.input.shuffle and not resolved.input.HasField("shuffle_buffer_size"):
        resolved.input.shuffle_buffer_size = SHUFFLE_BUFFER_SIZE
    if not resolved.input.HasField("cache"):
        resolved.input.cache = Input.NONE


def _cap(resolved: FitArgs) -> None:
    """Makes a run short, and takes out what would then never act or would save the model."""
    resolved.ClearField("resume")
    at_once = resolved.execution.steps_per_execution or 1
    # Two executions at least, so that something can come between them.
    steps = DRY_RUN_STEPS if at_once == 1 else min(2 * at_once, _LARGEST)
    resolved.num_steps = min(resolved.num_steps or steps, steps)
    resolved.epochs = resolved.initial_epoch + 1
    resolved.validation.freq = 1
    if resolved.validation.HasField("every_steps"):
        resolved.validation.every_steps = min(resolved.validation.every_steps, at_once)
        if resolved.validation.every_steps >= resolved.num_steps:
            resolved.validation.ClearField("every_steps")
    callbacks, kept = list(resolved.callbacks), set()
    del resolved.callbacks[:]
    for callback in callbacks:
        if callback.HasField("early_stopping"):
            callback.early_stopping.ClearField("start_from_epoch")
        # Those that differed by that alone are equal now.
        if callback.WhichOneof("callback") not in _SAVING and identity(callback) not in kept:
            kept.add(identity(callback))
            resolved.callbacks.append(callback)


def _resolve_batch_sizes(resolved: FitArgs) -> None:
    if not resolved.HasField("batch_size"):
        resolved.batch_size = BATCH_SIZE
    if not resolved.validation.HasField("batch_size"):
        resolved.validation.batch_size = resolved.batch_size
