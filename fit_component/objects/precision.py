# SPDX-License-Identifier: Apache-2.0
"""The types that models compute with, for the time of one run.

Keras keeps its dtype policy for the whole process, in which LocalDagRunner
runs every component: it is put back, also when the run fails.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from fit_component.objects import generations
from fit_component.proto.fit_args_pb2 import FitArgs


@contextlib.contextmanager
def precise(fit_args: FitArgs) -> Iterator[None]:
    """Sets the dtype policy of `tf.keras`, if the settings name one.

    At the end every Keras has the policy that it had before.

    Args:
      fit_args: Checked settings; `execution.precision` is used. Without it
        nothing is touched.
    """
    if not fit_args.execution.HasField("precision"):
        yield
        return
    kept = {g.package: g.get_policy() for g in generations.loaded()}
    try:
        set_precision(tf.keras, fit_args.execution.precision)
        yield
    finally:
        for generation in generations.loaded():
            generation.set_policy(kept.get(generation.package))


def set_precision(keras: Any, precision: str) -> None:
    """Sets the dtype policy of one Keras.

    Args:
      keras: `tf.keras`, `keras` or `tf_keras`.
      precision: The name of a policy, such as `mixed_float16`.
    """
    keras.mixed_precision.set_global_policy(precision)
