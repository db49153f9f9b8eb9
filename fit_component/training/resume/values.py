# SPDX-License-Identifier: Apache-2.0
"""Python values and arrays as JSON and plain arrays: nothing that could run code when read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf


def encode(value: Any, arrays: list[np.ndarray]) -> Any:
    """Turns a value into a tree for JSON.

    Args:
      value: None, a bool, a number, a text, an array, a tensor, or a list,
        tuple or dict of such; in a dict, keys are such but for arrays.
      arrays: Gets the arrays, to which the tree refers by their number.

    Raises:
      TypeError: If there is anything else in it.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.ndarray, np.generic)) or tf.is_tensor(value):
        return _encode_array(value, arrays)
    if type(value) in (list, tuple):
        return {type(value).__name__: [encode(inner, arrays) for inner in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(k, arrays), encode(v, arrays)] for k, v in value.items()]}
    raise TypeError(f"{type(value).__name__} cannot be saved")


def decode(tree: Any, arrays: Sequence[np.ndarray]) -> Any:
    """Turns what `encode` made back; tensors become arrays.

    Raises:
      KeyError, IndexError, TypeError, ValueError: If it is nothing that `encode`
        makes.
    """
    if not isinstance(tree, dict):
        return tree
    ((kind, inner),) = tree.items()
    return _DECODERS[kind](inner, arrays)


def _encode_array(value: Any, arrays: list[np.ndarray]) -> dict[str, Any]:
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise TypeError("an array of objects or texts cannot be saved")
    kind = "scalar" if isinstance(value, np.generic) else "array"
    # NumPy's own files know no bfloat16 and the like, so arrays go as bytes.
    arrays.append(np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8))
    described = [len(arrays) - 1, tf.dtypes.as_dtype(array.dtype).name, list(array.shape)]
    return {kind: described}


def _decode_array(described: Any, arrays: Sequence[np.ndarray]) -> np.ndarray:
    index, dtype, shape = described
    array = np.frombuffer(arrays[index].tobytes(), tf.dtypes.as_dtype(dtype).as_numpy_dtype)
    return array.reshape(shape)


_DECODERS: dict[str, Callable[[Any, Sequence[np.ndarray]], Any]] = {
    "array": _decode_array,
    "scalar": lambda described, arrays: _decode_array(described, arrays)[()],
    "list": lambda inner, arrays: [decode(v, arrays) for v in inner],
    "tuple": lambda inner, arrays: tuple(decode(v, arrays) for v in inner),
    "dict": lambda inner, arrays: {decode(k, arrays): decode(v, arrays) for k, v in inner},
}
