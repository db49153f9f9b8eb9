# SPDX-License-Identifier: Apache-2.0
"""Datasets of splits, over files that the tests write."""

from __future__ import annotations

import shutil

import pytest
import tensorflow as tf

from fit_component import FitArgsError
from fit_component.testing import make_fn_args

pytestmark = pytest.mark.tfx

ROWS = [{"x": float(n), "y": n % 2} for n in range(10)]


def make(directory, settings=None, rows=ROWS, **options):
    """FitFnArgs over ten rows, in batches of four."""
    return make_fn_args(
        {"batch_size": 4} | (settings or {}), examples=rows, directory=directory, **options
    )


def values(dataset, batches=None):
    """The values of `x`, batch by batch."""
    taken = dataset if batches is None else dataset.take(batches)
    return [batch["x"].numpy().ravel().tolist() for batch in taken]


def flat(dataset, batches=None):
    """The same without batches."""
    return [value for batch in values(dataset, batches) for value in batch]


EVERYTHING = [float(n) for n in range(10)]


@pytest.mark.parametrize("cache", ["NONE", "MEMORY", "DISK"])
@pytest.mark.parametrize("compression", ["", "GZIP"])
def test_each_pass_has_all_examples_in_an_order_of_its_own(tmp_path, cache, compression):
    """Whether they are kept or not; the seed says which."""
    path = tmp_path / "records" / ("data.gz" if compression else "data")
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path), compression or None) as writer:
        for row in ROWS:
            example = tf.train.Example()
            example.features.feature["x"].float_list.value.append(row["x"])
            writer.write(example.SerializeToString())
    settings = {"seed": 3, "input": {"cache": cache, "reader_threads": 2, "prefetch": 1}}
    first, again = (make(tmp_path, settings, path.parent).train_dataset() for _ in range(2))
    passes = [flat(first) for _ in range(3)]
    assert [EVERYTHING] * 3 == [sorted(one) for one in passes]
    assert 3 == len({tuple(one) for one in passes})
    assert passes == [flat(again) for _ in range(3)]


@pytest.mark.parametrize("cache", ["MEMORY", "DISK"])
def test_what_is_kept_is_read_once(tmp_path, cache):
    """Files may go, after the dataset was made."""
    fn_args = make(tmp_path, {"input": {"cache": cache}})
    training, evaluation = fn_args.train_dataset(), fn_args.eval_dataset()
    shutil.rmtree(tmp_path / "1")
    for _ in range(2):
        assert EVERYTHING == sorted(flat(training))
        assert EVERYTHING == flat(evaluation)


def test_evaluation_is_in_order_each_time(tmp_path):
    """Whatever training does; its last batch is not left out."""
    fn_args = make(tmp_path, {"seed": 3, "input": {"shuffle": True, "drop_remainder": True}})
    dataset = fn_args.eval_dataset()
    assert [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]] == values(dataset) == values(dataset)
    assert 3 == dataset.cardinality()


def test_training_in_order(tmp_path):
    """`shuffle: false`."""
    dataset = make(tmp_path, {"input": {"shuffle": False}}).train_dataset()
    assert EVERYTHING == flat(dataset) == flat(dataset)


def test_a_small_buffer_mixes_what_is_near(tmp_path):
    """With one of two the first example is among the first two."""
    settings = {"seed": 3, "input": {"shuffle_buffer_size": 2}}
    dataset = make(tmp_path, settings).train_dataset()
    assert all(flat(dataset)[0] in (0.0, 1.0) for _ in range(5))


@pytest.mark.parametrize(("drops", "expected"), [(False, [4, 4, 2]), (True, [4, 4])])
def test_the_last_batch_may_be_left_out(tmp_path, drops, expected):
    """`drop_remainder`; the steps per epoch follow."""
    fn_args = make(tmp_path, {"input": {"drop_remainder": drops}})
    dataset = fn_args.train_dataset()
    assert expected == [len(batch) for batch in values(dataset)]
    assert len(expected) == fn_args.steps_per_epoch == dataset.cardinality()


def test_a_batch_that_would_never_be_full_is_told(tmp_path):
    """Before a training that has no step."""
    fn_args = make(tmp_path, {"batch_size": 11, "input": {"drop_remainder": True}})
    for ask in (fn_args.train_dataset, lambda: fn_args.steps_per_epoch):
        with pytest.raises(FitArgsError, match="batch_size = 11: is more than the 10 examples"):
            ask()


def test_batches_without_end_are_all_full(tmp_path):
    """They run over the ends of passes, in which each example is once."""
    dataset = make(tmp_path, {"num_steps": 3, "seed": 3}).train_dataset()
    read = flat(dataset, batches=5)
    assert [EVERYTHING] * 2 == [sorted(read[:10]), sorted(read[10:])]
    assert [4] * 5 == [len(batch) for batch in values(dataset, batches=5)]


def test_examples_are_counted_once(tmp_path, monkeypatch):
    """For all datasets and the steps per epoch."""
    counted = []
    original = "fit_component.data.splits.count"
    from fit_component.training.chunks import count

    monkeypatch.setattr(original, lambda chunks: counted.append(1) or count(chunks))
    fn_args = make(tmp_path)
    assert fn_args.known_steps_per_epoch is None
    assert (3, 3) == (fn_args.steps_per_epoch, fn_args.known_steps_per_epoch)
    fn_args.train_dataset()
    fn_args.train_dataset(label_key="y")
    assert [1] == counted


def test_with_num_steps_nothing_is_counted(tmp_path):
    """They are the steps per epoch."""
    fn_args = make(tmp_path, {"num_steps": 7})
    assert (7, 7) == (fn_args.known_steps_per_epoch, fn_args.steps_per_epoch)
    fn_args.train_dataset()
    assert {} == fn_args._counts


@pytest.mark.parametrize("settings", [{}, {"num_steps": 2}], ids=["a pass", "without end"])
def test_splits_without_files_or_examples_are_told(tmp_path, settings):
    """And not waited for."""
    fn_args = make(tmp_path, settings)
    fn_args.train_files = [str(tmp_path / "none*")]
    with pytest.raises(FitArgsError, match=r"splits: have no files: .*none\*"):
        fn_args.train_dataset()
    (tmp_path / "none").touch()
    with pytest.raises(FitArgsError, match=r"splits: hold no examples: .*none\*"):
        fn_args.train_dataset()


def test_a_parse_function_of_the_module(tmp_path):
    """Takes a batch of records, and gives what fit takes."""

    def parse(records):
        parsed = tf.io.parse_example(records, {"x": tf.io.FixedLenFeature([1], tf.float32)})
        return parsed["x"], parsed["x"] * 2

    fn_args = make(tmp_path, {"input": {"shuffle": False}})
    for dataset in (fn_args.train_dataset(parse_fn=parse), fn_args.eval_dataset(parse_fn=parse)):
        x, twice = next(iter(dataset))
        assert ([0.0, 1.0, 2.0, 3.0], [0.0, 2.0, 4.0, 6.0]) == (
            x.numpy().ravel().tolist(),
            twice.numpy().ravel().tolist(),
        )


@pytest.mark.parametrize("other", [{"label_key": "y"}, {"label_key": "y", "weight_key": "x"}])
def test_a_parse_function_is_alone(tmp_path, other):
    """Labels are its affair."""
    with pytest.raises(ValueError, match=f"parse_fn was given, and {', '.join(other)}: "):
        make(tmp_path).train_dataset(parse_fn=lambda records: records, **other)
