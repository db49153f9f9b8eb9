# SPDX-License-Identifier: Apache-2.0
"""How splits are read, for training and for evaluation."""

from __future__ import annotations

import pytest
import tensorflow as tf

from fit_component import FitArgs
from fit_component.proto.fit_args_pb2 import Input
from fit_component.training.passes import PassNumber, Shuffling
from fit_component.training.reading import (
    Reading,
    batches_of,
    read_for_evaluation,
    read_for_training,
)


def chunks(_):
    """The numbers from 0 to 9, as they might be read from files."""
    return tf.data.Dataset.range(10).batch(3)


def batches(how, steps, count=None):
    """The batches of a reading, or so many of them."""
    made = batches_of(chunks, how, lambda batch: batch, PassNumber(), steps)
    return [batch.numpy().tolist() for batch in (made if count is None else made.take(count))]


def test_settings_become_the_reading():
    """Each of `input` by its name."""
    settings = Input(
        cache=Input.DISK, prefetch=3, reader_threads=2, drop_remainder=True, shuffle_buffer_size=7
    )
    made = read_for_training(FitArgs(seed=5, input=settings), 8, 4)
    expected = Reading(
        batch_size=8,
        steps=4,
        shuffling=Shuffling(7, 5),
        cache=Input.DISK,
        prefetch=3,
        drop_remainder=True,
        reader_threads=2,
    )
    assert expected == made


def test_evaluation_reads_all_in_order_whatever_training_does():
    """So that evaluations of different epochs can be compared."""
    settings = Input(shuffle=True, drop_remainder=True, cache=Input.MEMORY, prefetch=3)
    made = read_for_evaluation(FitArgs(seed=5, input=settings), 8, None)
    assert Reading(8, None, cache=Input.MEMORY, prefetch=3) == made
    assert (None, False) == (made.shuffling, made.drop_remainder)


def test_without_a_seed_each_run_has_another_order():
    """Workers alone, which read the same files, share one."""
    seeds = {read_for_training(FitArgs(), 8, None).shuffling.seed for _ in range(20)}
    assert 20 == len(seeds)
    shared = read_for_training(FitArgs(), 8, None, shared_order=True)
    assert Shuffling(10_000, 0) == shared.shuffling
    assert 0 == read_for_training(FitArgs(seed=0), 8, None).shuffling.seed


def test_shuffling_can_be_turned_off():
    """Files then come one after the other."""
    made = read_for_training(FitArgs(input=Input(shuffle=False)), 8, None)
    assert (None, True) == (made.shuffling, made.in_order)
    assert not read_for_training(FitArgs(), 8, None).in_order


@pytest.mark.parametrize(
    ("replicas", "settings", "expected"),
    [(1, {}, False), (2, {}, True), (2, {"drop_remainder": False}, False)],
)
def test_a_batch_that_is_not_full_is_left_out_on_replicas(replicas, settings, expected):
    """Some of them might get no example; unless the settings say otherwise."""
    made = read_for_training(FitArgs(input=Input(**settings)), 8, None, replicas=replicas)
    assert expected == made.drop_remainder


@pytest.mark.parametrize(
    ("drops", "examples", "expected"), [(False, 9, 3), (False, 8, 2), (True, 9, 2), (True, 3, 0)]
)
def test_the_batches_of_a_pass(drops, examples, expected):
    """The last one may not be full."""
    assert expected == Reading(4, None, drop_remainder=drops).steps_of(examples)


def test_one_pass_ends_with_the_data():
    """Keras is told how long it is."""
    assert [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]] == batches(Reading(4, None), 3)
    assert [[0, 1, 2, 3], [4, 5, 6, 7]] == batches(Reading(4, None, drop_remainder=True), 2)
    made = batches_of(chunks, Reading(4, None), lambda batch: batch, PassNumber(), 3)
    assert 3 == made.cardinality()


def test_data_without_end_runs_over_the_ends_of_passes():
    """So that no batch is short; each pass has all examples."""
    how = Reading(4, 1, shuffling=Shuffling(10, 1))
    read = [value for batch in batches(how, None, count=5) for value in batch]
    assert [list(range(10))] * 2 == [sorted(read[:10]), sorted(read[10:])]
    assert read[:10] != read[10:]
    made = batches_of(chunks, how, lambda batch: batch, PassNumber(), None)
    assert tf.data.INFINITE_CARDINALITY == made.cardinality()


def test_order_does_not_depend_on_the_size_of_batches():
    """Examples are shuffled, not batches."""
    orders = []
    for size, steps in ((2, 5), (5, 2)):
        how = Reading(size, None, shuffling=Shuffling(10, 1))
        orders.append([value for batch in batches(how, steps) for value in batch])
    assert orders[0] == orders[1] != list(range(10))


@pytest.mark.parametrize("prefetch", [None, 1, 4])
def test_batches_are_made_ahead(prefetch):
    """As many as the settings say; by default TensorFlow chooses."""
    made = batches_of(chunks, Reading(4, None, prefetch=prefetch), lambda b: b, PassNumber(), 3)
    assert (prefetch or tf.data.AUTOTUNE) == _prefetched(made)


def _prefetched(dataset):
    """The buffer of the outermost prefetch."""
    while not hasattr(dataset, "_buffer_size"):
        dataset = dataset._input_dataset
    return int(dataset._buffer_size)
