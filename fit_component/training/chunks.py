# SPDX-License-Identifier: Apache-2.0
"""Examples in chunks, the unit in which they are read, counted and kept.

A single record is too little for a step of tf.data: reading files in parallel
record by record takes longer than reading them one after the other.
"""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import tensorflow as tf

from fit_component.errors import FitArgsError, Problem
from fit_component.proto.fit_args_pb2 import Input

_LOG = logging.getLogger(__name__)

CHUNK_SIZE = 64

# Files that take turns. Fixed, so that the order is the same on all machines.
_OPEN_FILES = 16

# Makes the chunks, in an order of files by the seed; None: as they are.
Chunks = Callable[[tf.Tensor | None], tf.data.Dataset]


def find_files(patterns: Iterable[str]) -> list[str]:
    """Finds the files of patterns: in the order of these, and of their names in each."""
    return [path for pattern in patterns for path in sorted(tf.io.gfile.glob(pattern))]


def record_chunks(files: list[str], *, threads: int | None = None, in_order: bool) -> Chunks:
    """Makes chunks of the records of TFRecord files, gzipped where the name ends in `.gz`.

    Args:
      files: Their paths; at least one.
      threads: Files that are read at the same time; None: TensorFlow chooses.
      in_order: Whether one file comes after the other, instead of taking turns
        in chunks.
    """

    def chunks(seed: tf.Tensor | None) -> tf.data.Dataset:
        paths = tf.data.Dataset.from_tensor_slices(files)
        if seed is not None and len(files) > 1:
            paths = paths.shuffle(len(files), seed=seed, reshuffle_each_iteration=False)
        if in_order or len(files) == 1:
            return paths.flat_map(_chunks_of_file).prefetch(tf.data.AUTOTUNE)
        turns = min(len(files), max(_OPEN_FILES, threads or 0))
        return paths.interleave(
            _chunks_of_file,
            cycle_length=turns,
            num_parallel_calls=min(threads, turns) if threads else tf.data.AUTOTUNE,
            deterministic=True,
        ).prefetch(tf.data.AUTOTUNE)

    return chunks


def _chunks_of_file(path: tf.Tensor) -> tf.data.Dataset:
    is_gzipped = tf.strings.regex_full_match(path, r".*\.gz")
    compression = tf.where(is_gzipped, "GZIP", "")
    return tf.data.TFRecordDataset(path, compression).batch(CHUNK_SIZE)


def count(chunks: tf.data.Dataset, done: str = "Counted") -> int:
    """Counts the examples in chunks by reading all of them, and logs how long it took.

    Args:
      chunks: Batches, of any structure.
      done: What is done by it, for the log.
    """
    start = time.monotonic()
    total = chunks.reduce(tf.constant(0, tf.int64), lambda sum_, *chunk: sum_ + _size(chunk))
    examples = int(total)
    _LOG.info("%s %d examples in %.1f s.", done, examples, time.monotonic() - start)
    return examples


def _size(chunk: object) -> tf.Tensor:
    return tf.shape(tf.nest.flatten(chunk)[0], out_type=tf.int64)[0]


def at_most(chunks: Chunks, examples: int) -> Chunks:
    """Makes chunks that fail, when they are read, if they hold more examples than that.

    In the words of tf.data, which fails by itself where there are fewer.

    Args:
      chunks: Makes them.
      examples: The number that is expected.
    """
    message = f"Input dataset was expected to contain {examples} examples but contained more"

    def add(total: tf.Tensor, chunk: Any) -> tuple[tf.Tensor, Any]:
        total += _size(chunk)
        tf.debugging.assert_less_equal(total, tf.constant(examples, tf.int64), message)
        return total, chunk

    return lambda seed: chunks(seed).scan(tf.constant(0, tf.int64), add)


def keep(chunks: Chunks, cache: int) -> tuple[Chunks, int | None]:
    """Reads all chunks into memory or onto the disk, if they are to be kept.

    At once and not with the first pass: of what is not read to its end, as when
    Keras looks at the first batch, nothing would be kept.

    Args:
      chunks: Makes them.
      cache: A value of Input.Cache.

    Returns:
      What makes the chunks from then on, and the number of examples in them;
      None if they are not kept, and so not counted. What is on the disk is
      deleted when no dataset made of it is left, or when the process ends.

    Raises:
      FitArgsError: If they cannot be kept on the disk.
    """
    return _KEEPERS[cache](chunks)


def _keep_nothing(chunks: Chunks) -> tuple[Chunks, int | None]:
    return chunks, None


def _keep_in_memory(chunks: Chunks) -> tuple[Chunks, int | None]:
    kept = chunks(None).cache()
    return lambda _: kept, count(kept, "Read into memory")


def _keep_on_disk(chunks: Chunks) -> tuple[Chunks, int | None]:
    with _disk_errors():
        directory = tempfile.mkdtemp(prefix="fit-component-examples-")
    try:
        kept = chunks(None).cache(f"{directory}/examples")
        with _disk_errors():
            examples = count(kept, f"Kept in {directory}")
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    # Datasets hold on to those that they are made of, and iterators to theirs.
    weakref.finalize(kept, shutil.rmtree, directory, ignore_errors=True)
    return lambda _: kept, examples


_KEEPERS: dict[int, Callable[[Chunks], tuple[Chunks, int | None]]] = {
    Input.NONE: _keep_nothing,
    Input.MEMORY: _keep_in_memory,
    Input.DISK: _keep_on_disk,
}

# What TensorFlow raises where a disk is full or may not be written to, and not for bad data.
_DISK_ERRORS = (
    OSError,
    tf.errors.ResourceExhaustedError,
    tf.errors.PermissionDeniedError,
)


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except _DISK_ERRORS as error:
        # TensorFlow's are framed by names of its functions.
        reason = re.sub(r"^\{\{.*?\}\} | \[Op:.*$", "", getattr(error, "message", str(error)))
        message = (
            f"cannot keep the examples: {reason}. Name a directory with more room in the "
            "environment variable TMPDIR, or use NONE or MEMORY"
        )
        raise FitArgsError([Problem("input.cache", message, "DISK")], "train_args") from error
