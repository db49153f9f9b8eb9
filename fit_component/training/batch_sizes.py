# SPDX-License-Identifier: Apache-2.0
"""How many examples are in a batch of data that may not be read."""

from __future__ import annotations

import weakref
from collections.abc import MutableMapping
from typing import Any

import tensorflow as tf
from tensorflow.python.data.experimental.ops import distribute

# Transformations that leave batches what they are, by the names of their classes.
_LEAVE_BATCHES = (
    "AssertCardinality",
    "Cache",
    "Map",
    "Options",
    "ParallelMap",
    "Prefetch",
    "Repeat",
    "Skip",
    "Take",
)

_known: MutableMapping[tf.data.Dataset, int] = weakref.WeakKeyDictionary()


def remember(dataset: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
    """Lets the batch size of a dataset be known that TensorFlow cannot tell.

    Args:
      dataset: The dataset.
      batch_size: Examples per batch.

    Returns:
      The dataset.
    """
    _known[dataset] = batch_size
    return dataset


def batch_size_of(dataset: Any) -> int | None:
    """Tells the batch size of a dataset, without a look at its data.

    Args:
      dataset: Any data.

    Returns:
      Examples per full batch, from the dataset's element_spec or from what it
      was made by; None if neither tells, and for other data than a
      tf.data.Dataset.
    """
    if not isinstance(dataset, tf.data.Dataset):
        return None
    at: Any = dataset
    while at is not None:
        size = _known.get(at) or _by_tensorflow(at)
        if size is not None:
            return size
        name = type(at).__name__.strip("_").removesuffix("Dataset")
        at = getattr(at, "_input_dataset", None) if name in _LEAVE_BATCHES else None
    return None


def _by_tensorflow(dataset: tf.data.Dataset) -> int | None:
    shapes = [getattr(spec, "shape", None) for spec in tf.nest.flatten(dataset.element_spec)]
    if not shapes or any(shape is None or not shape.rank for shape in shapes):
        return None  # not batched, or nothing that has a shape
    # With this, a distribution strategy divides batches among its replicas.
    size = int(distribute.compute_batch_size(dataset))
    return size if size > 0 else None
