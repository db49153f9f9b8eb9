# SPDX-License-Identifier: Apache-2.0
"""Seeds and determinism for the time of one run.

LocalDagRunner runs every component in one process, so whatever is set here is
put back, also when the run fails.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

# Neither has a public counterpart: there is no way to read the global seed, nor
# to turn op determinism off again.
from tensorflow.python.eager import context as eager_context
from tensorflow.python.framework import config as framework_config
from tensorflow.python.ops import stateful_random_ops

from fit_component.objects import generations
from fit_component.proto.fit_args_pb2 import FitArgs


@contextlib.contextmanager
def reproducible(fit_args: FitArgs) -> Iterator[None]:
    """Seeds every random generator and makes ops deterministic, if asked to.

    Args:
      fit_args: Checked settings; `seed` and `deterministic` are used. Without
        a seed nothing is touched.
    """
    if not fit_args.HasField("seed"):
        yield
        return
    with _kept_random_state(), _kept_determinism():
        seed_generators(tf.keras, fit_args.seed)
        if fit_args.deterministic:
            tf.config.experimental.enable_op_determinism()
        yield


def seed_generators(keras: Any, seed: int) -> None:
    """Seeds Python, NumPy, TensorFlow and one Keras.

    Args:
      keras: `tf.keras`, `keras` or `tf_keras`.
      seed: 0 or more.
    """
    generation = generations.generation_of(keras)
    # Not every Keras 3 forgets what an earlier run left behind.
    generation.set_random_state(None)
    keras.utils.set_random_seed(seed)


def get_random_state() -> dict[str, Any]:
    """What random numbers without a seed of their own depend on, as plain values."""
    context = eager_context.context()
    generator = getattr(context, "_rng", None)
    of_ops = stateful_random_ops.global_generator
    return {
        "python": _packed(random.getstate()),
        "numpy": np.random.get_state(),
        "tensorflow_seed": context._seed,
        "tensorflow": None if generator is None else _packed(generator.getstate()),
        "tensorflow_generator": of_ops and (of_ops.state.numpy(), int(of_ops.algorithm)),
        "keras": {g.package: g.dump_random_state() for g in generations.loaded()},
    }


def _packed(state: Any) -> Any:
    """A state of Python's generator, with its hundreds of numbers in an array."""
    version, numbers, gauss = state
    return version, np.array(numbers, np.uint32), gauss


def _unpacked(state: Any) -> Any:
    version, numbers, gauss = state
    return version, tuple(map(int, numbers)), gauss


def set_random_state(state: Mapping[str, Any]) -> None:
    """Goes on with random numbers where `get_random_state` was called."""
    for generation in generations.loaded():
        if generation.package in state["keras"]:
            generation.load_random_state(state["keras"][generation.package])
    if state["tensorflow_generator"] is not None:
        _set_global_generator(*state["tensorflow_generator"])
    # The others last: Keras draws from Python's numbers when it makes a generator.
    random.setstate(_unpacked(state["python"]))
    np.random.set_state(state["numpy"])
    if state["tensorflow"] is not None:
        # Not by tf.random.set_seed, which begins anew: traced functions drop what they compiled.
        context = eager_context.context()
        context._seed = state["tensorflow_seed"]
        context._rng = random.Random()
        context._rng.setstate(_unpacked(state["tensorflow"]))


def _set_global_generator(position: Any, algorithm: int) -> None:
    # TensorFlow itself makes none where ops are deterministic.
    if stateful_random_ops.global_generator is None:
        tf.random.set_global_generator(tf.random.Generator.from_state(position, algorithm))
    else:
        stateful_random_ops.global_generator.state.assign(position)


@contextlib.contextmanager
def _kept_random_state() -> Iterator[None]:
    context = eager_context.context()
    python, numpy = random.getstate(), np.random.get_state()
    # The generator exists only once a seed was set.
    tensorflow_seed, tensorflow_generator = context._seed, getattr(context, "_rng", None)
    keras = {g.package: g.get_random_state() for g in generations.loaded()}
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        tf.random.set_seed(tensorflow_seed)
        if tensorflow_generator is not None:
            context._rng = tensorflow_generator
        for generation in generations.loaded():
            generation.set_random_state(keras.get(generation.package))


@contextlib.contextmanager
def _kept_determinism() -> Iterator[None]:
    before = framework_config.is_op_determinism_enabled()
    try:
        yield
    finally:
        if not before:
            framework_config.disable_op_determinism()
