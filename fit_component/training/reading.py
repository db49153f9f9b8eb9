# SPDX-License-Identifier: Apache-2.0
"""How splits are read for training and for evaluation."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from fit_component.proto.fit_args_pb2 import FitArgs, Input
from fit_component.settings.defaults import SHUFFLE_BUFFER_SIZE
from fit_component.training.chunks import Chunks
from fit_component.training.passes import (
    PassNumber,
    Shuffling,
    endless_passes,
    one_pass,
)


@dataclass(frozen=True)
class Reading:
    """How a split is read.

    Attributes:
      batch_size: Examples per batch, over all replicas.
      steps: Batches per epoch or evaluation, of data without end; None: one
        pass over the split.
      shuffling: How the order changes from pass to pass; None: not at all.
      in_order: Whether one file comes after the other.
      cache: Where examples are kept, a value of Input.Cache.
      prefetch: Batches that are made ready ahead; None: TensorFlow chooses.
      drop_remainder: Whether a last batch that is not full is left out.
      reader_threads: Files that are read at the same time; None: TensorFlow
        chooses.
    """

    batch_size: int
    steps: int | None
    shuffling: Shuffling | None = None
    in_order: bool = False
    cache: int = Input.NONE
    prefetch: int | None = None
    drop_remainder: bool = False
    reader_threads: int | None = None

    def steps_of(self, count: int) -> int:
        """The number of batches in one pass.

        Args:
          count: The number of examples.
        """
        return count // self.batch_size if self.drop_remainder else -(-count // self.batch_size)


def read_for_training(
    fit_args: FitArgs,
    batch_size: int,
    steps: int | None,
    *,
    replicas: int = 1,
    shared_order: bool = False,
) -> Reading:
    """Training shuffles, and never runs dry where steps say when an epoch ends.

    Args:
      fit_args: Settings.
      batch_size: Examples per batch, over all replicas.
      steps: Batches per epoch; None for one pass over the split.
      replicas: Over how many replicas a batch is spread. A batch that is not
        full could leave some without examples, so it is left out by default.
      shared_order: Whether other processes must see the same order though no
        seed is set.
    """
    settings = fit_args.input
    shuffles = settings.shuffle or not settings.HasField("shuffle")
    drops = settings.drop_remainder if settings.HasField("drop_remainder") else replicas > 1
    return Reading(
        batch_size,
        steps,
        shuffling=_shuffling(fit_args, shared_order) if shuffles else None,
        in_order=not shuffles,
        drop_remainder=drops,
        **_common(settings),
    )


def read_for_evaluation(fit_args: FitArgs, batch_size: int, steps: int | None) -> Reading:
    """Evaluation sees the same examples in the same order each time, all of them.

    Args:
      fit_args: Settings.
      batch_size: Examples per batch, over all replicas.
      steps: Batches per evaluation; None for one pass over the split.
    """
    return Reading(batch_size, steps, **_common(fit_args.input))


def _common(settings: Input) -> dict[str, Any]:
    return {
        "cache": settings.cache,
        "prefetch": settings.prefetch if settings.HasField("prefetch") else None,
        "reader_threads": settings.reader_threads if settings.HasField("reader_threads") else None,
    }


def _shuffling(fit_args: FitArgs, shared_order: bool) -> Shuffling:
    if fit_args.HasField("seed"):
        seed = fit_args.seed
    else:
        # Python's own generator may be one that others have seeded.
        seed = 0 if shared_order else secrets.randbelow(2**31)
    return Shuffling(fit_args.input.shuffle_buffer_size or SHUFFLE_BUFFER_SIZE, seed)


def batches_of(
    chunks: Chunks,
    how: Reading,
    finish: Callable[[Any], Any],
    number: PassNumber,
    steps: int | None,
) -> tf.data.Dataset:
    """Makes the dataset that `fit` takes.

    Args:
      chunks: Makes the chunks of examples.
      how: How they are read.
      finish: Turns a batch of examples into what `fit` takes.
      number: Which pass is the next; of data without end, which iteration.
      steps: Batches in one pass; None for data without end.
    """
    if steps is None:
        number.batch_size = how.batch_size
        # Batches run on over the ends of passes, so none is short.
        passes = endless_passes(chunks, how.shuffling, number)
        batches = passes.batch(how.batch_size, drop_remainder=True)
    else:
        passes = one_pass(chunks, how.shuffling, number)
        batches = passes.batch(how.batch_size, drop_remainder=how.drop_remainder)
    made = batches.map(finish, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    made = made.prefetch(tf.data.AUTOTUNE if how.prefetch is None else how.prefetch)
    # So that Keras knows where an epoch ends: over data of unknown length Keras 3.9 counts a step
    # too many in each.
    length = tf.data.INFINITE_CARDINALITY if steps is None else steps
    return made.apply(tf.data.experimental.assert_cardinality(length)).with_options(_options())


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.deterministic = True
    # Files may be fewer than workers.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return options
