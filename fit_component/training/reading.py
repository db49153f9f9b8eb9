# SPDX-License-Identifier: Apache-2.0
"""How splits are read for training and for evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from fit_component.proto.fit_args_pb2 import FitArgs


@dataclass(frozen=True)
class Reading:
    """How a split is read. The names are those of tfx_bsl's dataset options.

    Attributes:
      batch_size: Examples per batch, over all replicas.
      num_epochs: Passes over the split; None: without end.
      shuffle: Whether the order changes from pass to pass.
      shuffle_seed: Seed of the order; None: another order in each run.
    """

    batch_size: int
    num_epochs: int | None
    shuffle: bool
    shuffle_seed: int | None


def read_for_training(fit_args: FitArgs, batch_size: int, steps: int | None) -> Reading:
    """Training shuffles, and never runs dry where steps say when an epoch ends.

    Args:
      fit_args: Resolved settings.
      batch_size: Examples per batch, over all replicas.
      steps: Batches per epoch; None for one pass over the split.
    """
    seed = fit_args.seed if fit_args.HasField("seed") else None
    return Reading(batch_size, _passes(steps), shuffle=True, shuffle_seed=seed)


def read_for_evaluation(batch_size: int, steps: int | None) -> Reading:
    """Evaluation sees the same examples in the same order each time.

    Args:
      batch_size: Examples per batch, over all replicas.
      steps: Batches per evaluation; None for one pass over the split.
    """
    return Reading(batch_size, _passes(steps), shuffle=False, shuffle_seed=None)


def _passes(steps: int | None) -> int | None:
    return None if steps else 1
