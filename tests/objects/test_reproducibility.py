# SPDX-License-Identifier: Apache-2.0
"""Seeds and determinism hold for one run and leave no trace."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf
import tf_keras
from tensorflow.python.framework import config

from fit_component import FitArgs
from fit_component.objects import generations
from fit_component.objects.reproducibility import reproducible, seed_generators

pytestmark = pytest.mark.keras


def draw(module):
    """What a layer without a seed of its own would get."""
    initial = module.initializers.RandomUniform()((2,))
    noise = tf.random.normal([2])
    return [float(x) for x in [*initial, *noise]]


@pytest.mark.parametrize("module", [keras, tf_keras], ids=["keras", "tf_keras"])
def test_the_same_seed_gives_the_same_draws(module):
    """In either Keras."""
    drawn = []
    for seed in (1, 1, 2):
        with reproducible(FitArgs(seed=seed)):
            seed_generators(module, seed)
            drawn.append(draw(module))
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_without_a_seed_nothing_is_touched():
    """A run that asked for nothing runs as under stock TFX."""
    tf.random.set_seed(4)
    expected = float(tf.random.uniform([]))
    tf.random.set_seed(4)
    with reproducible(FitArgs()):
        assert expected == float(tf.random.uniform([]))


def test_keras_own_generators_are_put_back():
    """Also those that the run itself made."""
    for generation in generations.GENERATIONS.values():
        generation.set_random_state(None)
    before = [g.get_random_state() for g in generations.GENERATIONS.values()]
    with reproducible(FitArgs(seed=1)):
        seed_generators(keras, 1)
        seed_generators(tf_keras, 1)
        keras.random.uniform((1,))
        assert before != [g.get_random_state() for g in generations.GENERATIONS.values()]
    assert before == [g.get_random_state() for g in generations.GENERATIONS.values()]


def test_determinism_ends_with_the_run_also_when_that_fails():
    """TensorFlow has no public switch to turn it off."""

    def fail():
        with reproducible(FitArgs(seed=1, deterministic=True)):
            assert config.is_op_determinism_enabled()
            raise RuntimeError("mistake")

    with pytest.raises(RuntimeError, match="mistake"):
        fail()
    assert not config.is_op_determinism_enabled()


def test_determinism_that_was_there_before_stays():
    """Somebody else's choice is not undone."""
    tf.config.experimental.enable_op_determinism()
    try:
        with reproducible(FitArgs(seed=1, deterministic=True)):
            pass
        assert config.is_op_determinism_enabled()
    finally:
        config.disable_op_determinism()
