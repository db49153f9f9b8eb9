# SPDX-License-Identifier: Apache-2.0
"""Passes over examples, each in an order of its own.

The order follows from a seed and from the pass's number alone: not from what
was read before, nor from how often. So training can go on in the middle
without reading again what is past.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from fit_component.training.counting import of_keras

# Makes the examples, unbatched. It is given the seed of the pass, by which it
# may order what it reads before it is shuffled; None where nothing is.
Examples = Callable[[tf.Tensor | None], tf.data.Dataset]

# Of one iteration over data without end.
_MOST_PASSES = 2**31


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
    """The number of the next pass, counted from 0.

    Each iteration over a dataset takes one when its first example is asked
    for, so that an iterator that is made and not used takes none.
    """

    def __init__(self) -> None:
        """Starts with pass 0."""
        # A dataset's functions run on the CPU.
        with tf.init_scope(), tf.device("CPU:0"):
            self._next = tf.Variable(0, dtype=tf.int64, trainable=False)

    def set(self, number: int) -> None:
        """Makes the pass of this number the next one."""
        self._next.assign(number)

    def taken(self) -> tf.data.Dataset:
        """A dataset of one number, in each iteration over it the next."""
        return tf.data.Dataset.range(1).map(lambda _: self._next.assign_add(1) - 1)


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


def one_pass(
    examples: Examples, shuffling: Shuffling | None, number: PassNumber
) -> tf.data.Dataset:
    """One pass over the examples, in each iteration the next.

    Args:
      examples: Makes them.
      shuffling: How they are shuffled; None: not at all.
      number: Which pass is the next.
    """
    if shuffling is None:
        return examples(None)
    return number.taken().flat_map(_shuffled(examples, shuffling))


def endless_passes(
    examples: Examples, shuffling: Shuffling | None, number: PassNumber, first_pass: int = 0
) -> tf.data.Dataset:
    """One pass over the examples after the other, without end.

    Args:
      examples: Makes them; there must be at least one.
      shuffling: How they are shuffled; None: not at all.
      number: Which iteration is the next. Each has passes of its own, so that a
        second `fit` does not begin with what the first one began with.
      first_pass: The pass to start with, counted from 0. What follows is what
        would follow if all had been read from the start.
    """
    if shuffling is None:
        return examples(None).repeat()
    shuffled = _shuffled(examples, shuffling)

    def of_iteration(iteration: tf.Tensor) -> tf.data.Dataset:
        passes = tf.data.Dataset.range(first_pass, _MOST_PASSES)
        return passes.flat_map(lambda index: shuffled(iteration * _MOST_PASSES + index))

    return number.taken().flat_map(of_iteration)


def _shuffled(examples: Examples, shuffling: Shuffling) -> Callable[[tf.Tensor], tf.data.Dataset]:
    def of_pass(number: tf.Tensor) -> tf.data.Dataset:
        # TensorFlow takes seeds modulo 2**31 - 1, so that sums and products of the two would meet.
        pair = tf.stack([tf.constant(shuffling.seed, tf.int64), number])
        seed = tf.random.stateless_uniform([], pair, 0, 2**31 - 1, tf.int64)
        return examples(seed).shuffle(
            shuffling.buffer_size, seed=seed, reshuffle_each_iteration=False
        )

    return of_pass
