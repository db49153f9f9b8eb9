# SPDX-License-Identifier: Apache-2.0
"""Python values and arrays as JSON and plain bytes: nothing that could run code when read."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


class Arrays:
    """The bytes of arrays, one after the other.

    Attributes:
      parts: The arrays.
    """

    def __init__(self) -> None:
        """Begins with none."""
        self.parts: list[np.ndarray] = []
        self._size = 0

    def add(self, array: np.ndarray) -> int:
        """Appends an array; returns where its bytes begin."""
        begin = self._size
        self.parts.append(np.ascontiguousarray(array))
        self._size += int(array.nbytes)
        return begin


def encode(value: Any, arrays: Arrays) -> Any:
    """Turns a value into a tree for JSON.

    Args:
      value: None, a bool, a number, a text, an array, a tensor, or a list,
        tuple or dict of such; in a dict, keys are such but for arrays.
      arrays: Gets the arrays, to which the tree refers.

    Raises:
      TypeError: If there is anything else in it.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array(value, arrays)
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(inner, arrays) for inner in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(k, arrays), encode(v, arrays)] for k, v in value.items()]}
    if tf.is_tensor(value):  # asked last: it takes long to say no
        return _encode_array(value, arrays)
    raise TypeError(f"{type(value).__name__} cannot be saved")


def decode(tree: Any, content: bytes) -> Any:
    """Turns what `encode` made back; tensors become arrays.

    Args:
      tree: What `encode` returned.
      content: The bytes of the arrays.

    Raises:
      KeyError, TypeError, ValueError: If it is nothing that `encode` makes.
    """
    if not isinstance(tree, dict):
        return tree
    ((kind, inner),) = tree.items()
    return _DECODERS[kind](inner, content)


def _encode_array(value: Any, arrays: Arrays) -> dict[str, Any]:
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise TypeError("an array of objects or texts cannot be saved")
    kind = "scalar" if isinstance(value, np.generic) else "array"
    dtype = tf.dtypes.as_dtype(array.dtype).name
    return {kind: [arrays.add(array), dtype, list(array.shape)]}


def _decode_array(described: Any, content: bytes) -> np.ndarray:
    begin, name, shape = described
    dtype = tf.dtypes.as_dtype(name).as_numpy_dtype
    count = math.prod(shape)
    # A copy, which can be written to; and no buffer, however empty, begins at its end.
    return (
        np.frombuffer(content, dtype, count, begin).reshape(shape).copy()
        if count
        else np.empty(shape, dtype)
    )


_DECODERS: dict[str, Callable[[Any, bytes], Any]] = {
    "array": _decode_array,
    "scalar": lambda described, content: _decode_array(described, content)[()],
    "list": lambda inner, content: [decode(v, content) for v in inner],
    "tuple": lambda inner, content: tuple(decode(v, content) for v in inner),
    "dict": lambda inner, content: {decode(k, content): decode(v, content) for k, v in inner},
}
