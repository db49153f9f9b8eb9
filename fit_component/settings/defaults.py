# SPDX-License-Identifier: Apache-2.0
"""The defaults of the library, and settings with them filled in."""

from __future__ import annotations

from fit_component.proto.fit_args_pb2 import FitArgs

SPLIT = "train"
EPOCHS = 1
INITIAL_EPOCH = 0
BATCH_SIZE = 32
VALIDATION_FREQ = 1
MONITOR = "val_loss"


def resolve(fit_args: FitArgs) -> FitArgs:
    """Fills in the defaults.

    Callbacks stay as they are: an argument that is unset there is left to
    Keras. Of the batch sizes, those stay unset that follow from
    per_replica_batch_size and the number of replicas.

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
    return resolved


def _resolve_batch_sizes(resolved: FitArgs) -> None:
    if not resolved.HasField("batch_size"):
        resolved.batch_size = BATCH_SIZE
    if not resolved.validation.HasField("batch_size"):
        resolved.validation.batch_size = resolved.batch_size
