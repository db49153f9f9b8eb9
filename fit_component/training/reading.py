# SPDX-License-Identifier: Apache-2.0
"""How splits are read for training and for evaluation."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from fit_component.proto.fit_args_pb2 import FitArgs


@dataclass(frozen=True)
class Reading:
    """How a split is read. The names are those of tfx_bsl's dataset options.

    Attributes:
      batch_size: Examples per batch, over all replicas.
      num_epochs: Passes over the split; None: without end.
      shuffle: Whether the order changes from pass to pass.
      shuffle_seed: Seed of the order; None: another order in each run.
    """

    batch_size: int
    num_epochs: int | None
    shuffle: bool
    shuffle_seed: int | None


def read_for_training(fit_args: FitArgs, batch_size: int, steps: int | None) -> Reading:
    """Training shuffles, and never runs dry where steps say when an epoch ends.

    Args:
      fit_args: Resolved settings.
      batch_size: Examples per batch, over all replicas.
      steps: Batches per epoch; None for one pass over the split.
    """
    seed = fit_args.seed if fit_args.HasField("seed") else None
    return Reading(batch_size, _passes(steps), shuffle=True, shuffle_seed=seed)


def read_for_evaluation(batch_size: int, steps: int | None) -> Reading:
    """Evaluation sees the same examples in the same order each time.

    Args:
      batch_size: Examples per batch, over all replicas.
      steps: Batches per evaluation; None for one pass over the split.
    """
    return Reading(batch_size, _passes(steps), shuffle=False, shuffle_seed=None)


def split_off_weight(dataset: tf.data.Dataset, weight_key: str) -> tf.data.Dataset:
    """Turns (features, label) into (features, label, weight), as `fit` takes it.

    Args:
      dataset: Batches of a dict of features, and of labels.
      weight_key: The feature that is the weight: one number for each example.

    Returns:
      The same batches; the weights are float32 of shape (batch,).

    Raises:
      ValueError: If there is no such feature, or it is not one number each.
    """
    features, _ = dataset.element_spec
    if weight_key not in features:
        names = ", ".join(sorted(features))
        raise ValueError(f"weight_key={weight_key!r} names no feature; there are: {names}")
    if not _is_a_number(features[weight_key]):
        raise ValueError(
            f"weight_key={weight_key!r} must name a dense feature with one number for each "
            f"example, not {features[weight_key]}; a schema with a shape makes it dense"
        )

    def split(features: dict[str, tf.Tensor], label: tf.Tensor) -> tuple[tf.Tensor, ...]:
        rest = dict(features)
        weight = rest.pop(weight_key)
        return rest, label, tf.cast(tf.reshape(weight, [-1]), tf.float32)

    return dataset.map(split, num_parallel_calls=tf.data.AUTOTUNE)


def _is_a_number(spec: tf.TypeSpec) -> bool:
    is_dense = isinstance(spec, tf.TensorSpec) and (spec.dtype.is_floating or spec.dtype.is_integer)
    return is_dense and spec.shape[1:] in ([], [1])


def _passes(steps: int | None) -> int | None:
    return None if steps else 1
