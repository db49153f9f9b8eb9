# SPDX-License-Identifier: Apache-2.0
"""Passes over examples, each in an order of its own.

The order follows from a seed and from the pass's number alone: not from what
was read before, nor from how often. So training can go on in the middle
without reading again what is past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from fit_component.training.chunks import Chunks
from fit_component.training.counting import of_keras

# Of one iteration over data without end.
_MOST_PASSES = 2**31

# That read at the same time.
_MOST_ITERATIONS = 8


@dataclass(frozen=True)
class Shuffling:
    """How passes are shuffled.

    Attributes:
      buffer_size: Examples from which the next one is drawn; 1 or more.
      seed: From 0 to 2**31 - 1.
    """

    buffer_size: int
    seed: int


class PassNumber:
    """The number of the next pass, counted from 0, and where in the data it begins.

    Each iteration over a dataset takes one when its first example is asked
    for, so that an iterator that is made and not used takes none.

    Attributes:
      begins_anywhere: Whether an iteration over data without end can begin in
        the middle, which takes a little time in reading.
      batch_size: Examples per batch of data without end; None where an
        iteration is one pass.
    """

    def __init__(self, *, begins_anywhere: bool = False) -> None:
        """Starts with pass 0, at its beginning."""
        self.begins_anywhere = begins_anywhere
        self.batch_size: int | None = None
        # A dataset's functions run on the CPU.
        with tf.init_scope(), tf.device("CPU:0"):
            self._next = _variable(0)
            self._taken = _variable(0)
            self._first_pass, self._skipped = _variable(0), _variable(0)
            self._pass_size = _variable(0)
            # Of each iteration its own: one that was given up may still read ahead.
            self._read = _variable([0] * _MOST_ITERATIONS)

    def set(self, number: int) -> None:
        """Makes the pass of this number the next one."""
        self._next.assign(number)

    @property
    def next(self) -> int:
        """The number of the next pass; of data without end, of the next iteration."""
        return int(self._next)

    @property
    def taken_so_far(self) -> int:
        """How many iterations have begun."""
        return int(self._taken)

    @property
    def pass_size(self) -> int:
        """Examples in a pass of data without end; 0 until the first has been read."""
        return int(self._pass_size)

    def begin_at(self, batches: int, pass_size: int) -> None:
        """Lets the next iteration over data without end begin behind so many batches.

        Args:
          batches: What is left out.
          pass_size: Examples in a pass; 0 if the batches are all of the first.
        """
        examples = batches * (self.batch_size or 1)
        first, skipped = divmod(examples, pass_size) if pass_size else (0, examples)
        self._pass_size.assign(pass_size)
        self._first_pass.assign(first)
        self._skipped.assign(skipped)

    def taken(self) -> tf.data.Dataset:
        """A dataset of one number, in each iteration over it the next."""
        return self.iterations().map(lambda number, *_: number)

    def iterations(self) -> tf.data.Dataset:
        """A dataset of one number, the first pass, and the examples to skip in that."""

        def take(_: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            self._taken.assign_add(1)
            number = self._next.assign_add(1) - 1
            begin = self._first_pass.read_value(), self._skipped.read_value()
            with tf.control_dependencies(begin):
                self._first_pass.assign(0)
                self._skipped.assign(0)
            # Added to, so that what others add meanwhile is kept.
            self._read.assign_add(-self._read.read_value() * _slot(number))
            return (number, *begin)

        return tf.data.Dataset.range(1).map(take)

    def behind(self, number: tf.Tensor, first: tf.Tensor) -> tf.data.Dataset:
        """The numbers of the passes after the first of an iteration, whose size is known then."""

        def noted(index: tf.Tensor) -> tf.Tensor:
            size = self._pass_size.read_value()
            read = tf.reduce_sum(self._read.read_value() * _slot(number))
            self._pass_size.assign(tf.where(tf.equal(size, 0), read, size))
            return index

        return tf.data.Dataset.range(first + 1, _MOST_PASSES).map(noted)

    def counted(self, chunks: Chunks, number: tf.Tensor) -> Chunks:
        """Chunks that are counted when an iteration reads them, by their examples."""

        def count(*chunk: Any) -> Any:
            examples = tf.shape(tf.nest.flatten(chunk)[0], out_type=tf.int64)[0]
            self._read.assign_add(examples * _slot(number))
            return chunk if len(chunk) > 1 else chunk[0]

        return lambda seed: chunks(seed).map(count)


def _slot(number: tf.Tensor) -> tf.Tensor:
    """1 at the place of an iteration, 0 at those of others."""
    return tf.one_hot(number % _MOST_ITERATIONS, _MOST_ITERATIONS, dtype=tf.int64)


def _variable(value: Any) -> tf.Variable:
    return tf.Variable(value, dtype=tf.int64, trainable=False)


def make_pass_per_epoch(numbers: Sequence[PassNumber], keras: Any) -> list[Any]:
    """Makes the callback that gives each epoch the pass of its number, if there are passes.

    A dataset cannot know which epoch begins: to build a model, Keras 3 iterates
    over it too.

    Args:
      numbers: Those of the datasets of which an epoch is one pass.
      keras: `tf.keras`, `keras` or `tf_keras`.
    """
    return [of_keras(PassPerEpoch, keras)(numbers)] if numbers else []


class PassPerEpoch:
    """Makes the pass that an epoch reads that of its number."""

    def __init__(self, numbers: Sequence[PassNumber]):
        """Takes the numbers to set."""
        super().__init__()
        self._numbers = numbers

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Sets them."""
        for number in self._numbers:
            number.set(epoch)


def one_pass(chunks: Chunks, shuffling: Shuffling | None, number: PassNumber) -> tf.data.Dataset:
    """One pass over the examples, in each iteration the next.

    Args:
      chunks: Makes them, in batches of any size.
      shuffling: How they are shuffled; None: not at all.
      number: Which pass is the next.
    """
    if shuffling is None:
        return chunks(None).unbatch()
    return number.taken().flat_map(lambda index: _shuffled(chunks, shuffling, index))


def endless_passes(
    chunks: Chunks, shuffling: Shuffling | None, number: PassNumber
) -> tf.data.Dataset:
    """One pass over the examples after the other, without end.

    Args:
      chunks: Makes them, in batches of any size; there must be at least one
        example.
      shuffling: How they are shuffled; None: not at all.
      number: Which iteration is the next, and where it begins, if it can begin
        anywhere: what follows is what would follow if all had been read from
        the start. Each iteration has passes of its own, so that a second `fit`
        does not begin with what the first one began with.
    """
    if number.begins_anywhere:
        return number.iterations().flat_map(lambda *begin: _from(chunks, shuffling, number, *begin))
    if shuffling is None:
        return chunks(None).unbatch().repeat()
    return number.taken().flat_map(
        lambda iteration: _passes(chunks, shuffling, iteration, tf.data.Dataset.range(_MOST_PASSES))
    )


def _from(
    chunks: Chunks,
    shuffling: Shuffling | None,
    number: PassNumber,
    iteration: tf.Tensor,
    first: tf.Tensor,
    skipped: tf.Tensor,
) -> tf.data.Dataset:
    """The passes of an iteration, from an example in the middle of one on."""
    counted = number.counted(chunks, iteration)
    # Counted once, since counting takes as long as reading what is in memory.
    begun = _passes(counted, shuffling, iteration, tf.data.Dataset.range(first, first + 1))
    others = _passes(chunks, shuffling, iteration, number.behind(iteration, first))
    return begun.concatenate(others).skip(skipped)


def _passes(
    chunks: Chunks, shuffling: Shuffling | None, iteration: tf.Tensor, indices: tf.data.Dataset
) -> tf.data.Dataset:
    if shuffling is None:
        return indices.flat_map(lambda _: chunks(None)).unbatch()
    begin = iteration * _MOST_PASSES
    return indices.flat_map(lambda index: _shuffled(chunks, shuffling, begin + index))


def _shuffled(chunks: Chunks, shuffling: Shuffling, number: tf.Tensor) -> tf.data.Dataset:
    # TensorFlow takes seeds modulo 2**31 - 1, so that sums and products of the two would meet.
    pair = tf.stack([tf.constant(shuffling.seed, tf.int64), number])
    seed = tf.random.stateless_uniform([], pair, 0, 2**31 - 1, tf.int64)
    return (
        chunks(seed)
        .unbatch()
        .shuffle(shuffling.buffer_size, seed=seed, reshuffle_each_iteration=False)
    )
