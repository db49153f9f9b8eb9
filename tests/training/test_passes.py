# SPDX-License-Identifier: Apache-2.0
"""Passes over examples, each in an order of its own."""

from __future__ import annotations

import gc
import itertools

import pytest
import tensorflow as tf

from fit_component.training.passes import PassNumber, Shuffling, endless_passes, one_pass

COUNT = 10
SHUFFLING = Shuffling(buffer_size=COUNT, seed=5)


def chunks(_):
    """The numbers from 0 to 9."""
    return tf.data.Dataset.range(COUNT).batch(4)


def values(dataset, count=None):
    """The first elements of a dataset, or all."""
    return [int(value) for value in (dataset if count is None else dataset.take(count))]


def passes(shuffling=SHUFFLING, first=0, count=4):
    """The elements of passes without end, pass by pass."""
    number = PassNumber(begins_anywhere=True)
    number.begin_at(first * COUNT, COUNT)
    elements = values(endless_passes(chunks, shuffling, number), count * COUNT)
    return [elements[start : start + COUNT] for start in range(0, len(elements), COUNT)]


def test_each_pass_has_all_examples_in_an_order_of_its_own():
    """None is left out or comes twice."""
    made = passes()
    assert [list(range(COUNT))] * 4 == [sorted(one) for one in made]
    assert 4 == len({tuple(one) for one in made})


def test_each_iteration_without_end_has_passes_of_its_own():
    """A second fit, of few steps, sees other examples first."""
    dataset = endless_passes(chunks, SHUFFLING, PassNumber())
    first, second = (values(dataset, 3 * COUNT) for _ in range(2))
    made = [tuple(read[n : n + COUNT]) for read in (first, second) for n in range(0, 30, COUNT)]
    assert 6 == len(set(made))
    assert [list(range(COUNT))] * 6 == [sorted(one) for one in made]
    assert passes(count=3) == [first[:10], first[10:20], first[20:]]


def test_the_seed_decides_the_order():
    """Seed 0 too; each has passes of its own, whatever was drawn before."""
    first = [passes(Shuffling(COUNT, seed)) for seed in (0, 1, 5)]
    tf.random.uniform([])
    second = [passes(Shuffling(COUNT, seed)) for seed in (0, 1, 5)]
    assert first == second
    assert 12 == len({tuple(one) for made in first for one in made})


def test_the_largest_seed_is_one():
    """An int32 of the settings, beside the pass in an int64."""
    largest = passes(Shuffling(COUNT, 2**31 - 1))
    assert [list(range(COUNT))] * 4 == [sorted(one) for one in largest]


def test_what_starts_later_is_the_tail():
    """The past is not read for it."""
    assert passes(count=5)[2:] == passes(first=2, count=3)


def test_batches_run_on_over_the_ends_of_passes():
    """None is short."""
    dataset = endless_passes(chunks, SHUFFLING, PassNumber()).batch(4).take(10)
    batches = [batch.numpy().tolist() for batch in dataset]
    assert [4] * 10 == [len(batch) for batch in batches]
    assert [*itertools.chain(*passes())] == [*itertools.chain(*batches)]


def test_without_shuffling_passes_are_alike():
    """In the order that examples come in."""
    assert [list(range(COUNT))] * 4 == passes(None)
    assert list(range(COUNT)) == values(one_pass(chunks, None, PassNumber()))


def test_each_iteration_is_the_next_pass():
    """The passes are those of data without end."""
    dataset = one_pass(chunks, SHUFFLING, PassNumber())
    assert passes() == [values(dataset) for _ in range(4)]


def test_an_iterator_that_is_not_used_takes_no_pass():
    """Keras makes some."""
    dataset = one_pass(chunks, SHUFFLING, PassNumber())
    iterators = [iter(dataset) for _ in range(3)]
    assert passes()[0] == values(dataset)
    assert passes()[1][0] == int(next(iterators[0]))


def test_the_next_pass_can_be_set():
    """Whatever was looked at before; the one that is under way goes on."""
    number = PassNumber()
    dataset = one_pass(chunks, SHUFFLING, number)
    under_way = iter(dataset)
    begun = [int(next(under_way))]
    number.set(2)
    assert passes()[2] == values(dataset)
    assert passes()[3] == values(dataset)
    assert passes()[0] == begun + [int(value) for value in under_way]


def test_examples_are_told_the_seed_of_the_pass():
    """So that files can be shuffled by it; without shuffling there is none."""
    seen = []

    def told(seed):
        seen.append(seed)
        return tf.data.Dataset.from_tensors([-1 if seed is None else seed])

    seeds = values(endless_passes(told, SHUFFLING, PassNumber()), 3)
    assert 3 == len(set(seeds))
    number = PassNumber(begins_anywhere=True)
    number.begin_at(1, 1)
    assert seeds[1:] == values(endless_passes(told, SHUFFLING, number), 2)
    assert all(0 <= seed < 2**31 - 1 for seed in seeds)
    assert [-1] == values(one_pass(told, None, PassNumber()))


def test_the_number_lives_as_long_as_its_dataset():
    """Who reads need not hold on to it."""
    dataset = one_pass(chunks, SHUFFLING, PassNumber()).batch(COUNT)
    gc.collect()
    iterator = iter(dataset)
    del dataset
    gc.collect()
    assert passes()[0] == next(iterator).numpy().tolist()


@pytest.mark.parametrize("scope", [False, True], ids=["outside", "inside"])
def test_a_strategys_scope_makes_no_difference(scope):
    """A module may call train_dataset() in it."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    if scope:
        with strategy.scope():
            dataset = one_pass(chunks, SHUFFLING, PassNumber()).batch(COUNT)
    else:
        dataset = one_pass(chunks, SHUFFLING, PassNumber()).batch(COUNT)
    distributed = strategy.experimental_distribute_dataset(dataset)
    assert passes()[:2] == [next(iter(distributed)).numpy().tolist() for _ in range(2)]


@pytest.mark.parametrize("size", [0, COUNT], ids=["in the first pass", "in a later one"])
@pytest.mark.parametrize("shuffling", [None, SHUFFLING], ids=["in order", "shuffled"])
def test_an_iteration_can_begin_anywhere(shuffling, size):
    """And one after it begins at its own beginning."""
    number, other = PassNumber(), PassNumber(begins_anywhere=True)
    whole = endless_passes(chunks, shuffling, number)
    batches = 2 if not size else 17
    other.begin_at(batches, size)
    tail = endless_passes(chunks, shuffling, other)
    for _ in range(2):
        read = values(whole, 60)
        assert read[batches : batches + 30] == values(tail, 30)
        batches = 0


def test_the_size_of_a_pass_is_found_out_when_it_has_been_read():
    """Not before; an iteration that was given up, and reads ahead, adds nothing to it."""
    number = PassNumber(begins_anywhere=True)
    dataset = endless_passes(chunks, SHUFFLING, number).prefetch(3)
    given_up = iter(dataset)
    next(given_up)
    assert 0 == number.pass_size
    read = iter(endless_passes(chunks, SHUFFLING, number))
    for _ in range(COUNT + 1):
        next(read)
    assert COUNT == number.pass_size
