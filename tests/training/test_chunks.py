# SPDX-License-Identifier: Apache-2.0
"""Reading, counting and keeping examples in chunks."""

from __future__ import annotations

import gc
import itertools
import logging
import shutil
import tempfile
from pathlib import Path

import pytest
import tensorflow as tf
from own_logs import own_messages

from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import Input
from fit_component.training.chunks import CHUNK_SIZE, count, find_files, keep, record_chunks
from fit_component.training.passes import PassNumber, Shuffling, endless_passes


@pytest.fixture
def write(tmp_path):
    """Writes records, a file for each list; returns the paths."""

    def written(*records, suffix=".gz", directory=tmp_path):
        directory.mkdir(exist_ok=True)
        paths = []
        for index, of_file in enumerate(records):
            path = str(directory / f"{index}{suffix}")
            with tf.io.TFRecordWriter(path, "GZIP" if suffix == ".gz" else "") as writer:
                for record in of_file:
                    writer.write(str(record).encode())
            paths.append(path)
        return paths

    return written


def read(chunks, seed=None):
    """The records in the order in which they are read."""
    return [int(record) for record in chunks(seed).unbatch().as_numpy_iterator()]


def test_files_come_in_the_order_of_patterns_and_names(write, tmp_path):
    """Whatever the file system's order is."""
    late = write([], [], directory=tmp_path / "a")
    early = write([], directory=tmp_path / "b")
    assert [*early, *late] == find_files([str(tmp_path / "b" / "*"), str(tmp_path / "a" / "*")])
    assert [] == find_files([str(tmp_path / "none" / "*")])


@pytest.mark.parametrize("in_order", [False, True])
def test_gzipped_and_plain_files_are_read(write, tmp_path, in_order):
    """By their names, and one beside the other."""
    files = [*write([1, 2]), *write([3], suffix="", directory=tmp_path / "plain")]
    assert [1, 2, 3] == sorted(read(record_chunks(files, in_order=in_order)))


FILES = [range(start, start + 3 * CHUNK_SIZE) for start in range(0, 1000, 200)]


@pytest.mark.parametrize("threads", [None, 1, 2, 99])
def test_files_take_turns_in_an_order_that_threads_do_not_change(write, threads):
    """Reading in parallel is as deterministic as one by one."""
    order = read(record_chunks(write(*FILES), threads=threads, in_order=False))
    turns = [file[start] for start in range(0, 3 * CHUNK_SIZE, CHUNK_SIZE) for file in FILES]
    assert turns == order[::CHUNK_SIZE]
    assert [*itertools.chain(*FILES)] == sorted(order)


def test_files_can_be_read_one_after_the_other(write):
    """As data is that must not be shuffled."""
    assert [*itertools.chain(*FILES)] == read(record_chunks(write(*FILES), in_order=True))


def test_the_order_of_files_follows_from_the_seed(write):
    """Shuffling in a buffer mixes only what is near."""
    chunks = record_chunks(write(*FILES), in_order=False)
    orders = [read(chunks, tf.constant(seed, tf.int64)) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


@pytest.mark.parametrize("records", [0, 1, CHUNK_SIZE, CHUNK_SIZE + 1])
def test_examples_are_counted(write, records, caplog):
    """Chunks that are not full too; the log says how many and how long."""
    caplog.set_level(logging.INFO, "fit_component")
    assert records == count(record_chunks(write(range(records)), in_order=False)(None))
    (message,) = own_messages(caplog)
    assert message.startswith(f"Counted {records} examples in ")


@pytest.mark.parametrize("sparse", [False, True])
def test_chunks_of_features_are_counted(sparse):
    """As other readers make them."""
    dense = tf.data.Dataset.from_tensor_slices({"x": [[1.0], [2.0], [3.0]]}).batch(2)
    to_sparse = dense.map(lambda features: {"x": tf.sparse.from_dense(features["x"])})
    assert 3 == count(to_sparse if sparse else dense)


KEPT = [pytest.param(Input.MEMORY, id="memory"), pytest.param(Input.DISK, id="disk")]


@pytest.mark.parametrize("cache", KEPT)
def test_what_is_kept_needs_no_files(write, tmp_path, cache):
    """They are read once, for all passes of all datasets."""
    files = write(range(10), range(10, 20), directory=tmp_path / "files")
    chunks, examples = keep(record_chunks(files, in_order=False), cache)
    assert 20 == examples
    shutil.rmtree(tmp_path / "files")
    passes = endless_passes(chunks, Shuffling(20, 1), PassNumber())
    for dataset in (passes, passes.skip(3)):
        records = [int(record) for record in dataset.take(60).as_numpy_iterator()]
        assert set(range(20)) == set(records)


def test_what_is_not_kept_is_not_read(tmp_path):
    """Nor counted."""
    chunks = record_chunks([str(tmp_path / "none")], in_order=False)
    assert (chunks, None) == keep(chunks, Input.NONE)


def test_what_is_on_the_disk_goes_with_the_last_that_reads_it(write, tmp_path, monkeypatch):
    """An iterator is enough to keep it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    passes = kept_passes(record_chunks(write(range(100)), in_order=False)).batch(60)
    gc.collect()
    iterator = iter(passes)
    del passes
    gc.collect()
    assert [60, 60, 60] == [len(next(iterator)) for _ in range(3)]
    assert [True] == [path.is_dir() for path in kept_in(tmp_path)]
    del iterator
    gc.collect()
    assert [] == kept_in(tmp_path)


def kept_passes(chunks):
    """Passes over what is kept on the disk."""
    kept, _ = keep(chunks, Input.DISK)
    return endless_passes(kept, Shuffling(9, 1), PassNumber())


def kept_in(directory: Path) -> list[Path]:
    """What lies there for us."""
    return list(directory.glob("fit-component-examples-*"))


def test_a_disk_that_cannot_be_used_is_told(write, tmp_path, monkeypatch):
    """By the setting, with what can be done."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    told = r'input.cache = "DISK": cannot keep the examples: .*No such file.*TMPDIR'
    with pytest.raises(FitArgsError, match=told):
        keep(record_chunks(write([1]), in_order=False), Input.DISK)


@pytest.mark.parametrize(
    "error", [tf.errors.ResourceExhaustedError, tf.errors.PermissionDeniedError]
)
def test_a_disk_that_fails_is_told(write, tmp_path, monkeypatch, error):
    """In the words of the error, without those of TensorFlow's functions; nothing is left there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail(*_):
        message = "{{function_node __wrapped__X}} /d/x; No space left on device [Op:X] name: "
        raise error(None, None, message)

    monkeypatch.setattr("fit_component.training.chunks.count", fail)
    with pytest.raises(FitArgsError, match=r"examples: /d/x; No space left on device\. Name a"):
        keep(record_chunks(write([1]), in_order=False), Input.DISK)
    assert [] == kept_in(tmp_path)


@pytest.mark.parametrize("cache", KEPT)
def test_data_that_cannot_be_read_is_no_fault_of_the_disk(tmp_path, monkeypatch, cache):
    """TensorFlow's error stays; nothing is left on the disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "text").write_text("no records" * 100)
    with pytest.raises(tf.errors.DataLossError):
        keep(record_chunks([str(tmp_path / "text")], in_order=False), cache)
    assert [] == kept_in(tmp_path)
