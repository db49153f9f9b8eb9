# SPDX-License-Identifier: Apache-2.0
"""The label and the weight of each example, split off from its features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf


def split_off(label_key: str | None, weight_key: str | None) -> Callable[[Any], Any]:
    """Makes the function that turns features into what `fit` takes.

    Args:
      label_key: The feature that is the label; None: features stay as they are.
      weight_key: The feature that is the weight: one number for each example.
        None: there is none.

    Returns:
      A function of a dict of features. It gives them, (features, label), or
      (features, label, weight) with a weight of float32 and shape (batch,). It
      raises ValueError if there is no such feature, or the weight is not one
      number each.
    """

    def split(features: dict[str, Any]) -> Any:
        if label_key is None:
            return features
        rest = dict(features)
        label = _pop(rest, "label_key", label_key)
        if weight_key is None:
            return rest, label
        weight = _pop(rest, "weight_key", weight_key)
        if not _is_a_number(weight):
            raise ValueError(
                f"weight_key={weight_key!r} must name a dense feature with one number for each "
                f"example, not {weight}; a schema with a shape makes it dense"
            )
        return rest, label, tf.cast(tf.reshape(weight, [-1]), tf.float32)

    return split


def _pop(features: dict[str, Any], argument: str, key: str) -> Any:
    if key not in features:
        names = ", ".join(sorted(features))
        raise ValueError(f"{argument}={key!r} names no feature; there are: {names}")
    return features.pop(key)


def _is_a_number(tensor: Any) -> bool:
    is_dense = isinstance(tensor, tf.Tensor) and (
        tensor.dtype.is_floating or tensor.dtype.is_integer
    )
    return is_dense and tensor.shape[1:] in ([], [1])
