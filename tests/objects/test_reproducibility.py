# SPDX-License-Identifier: Apache-2.0
"""Seeds and determinism hold for one run and leave no trace."""

from __future__ import annotations

import random
import sys
from types import SimpleNamespace

import keras
import pytest
import tensorflow as tf
import tf_keras
from tensorflow.python.framework import config
from tensorflow.python.ops import stateful_random_ops

from fit_component import FitArgs
from fit_component.objects import generations
from fit_component.objects.reproducibility import (
    get_random_state,
    reproducible,
    seed_generators,
    set_random_state,
)

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


def test_every_seed_seeds():
    """0 is a seed as any other."""
    drawn = []
    for _ in range(2):
        with reproducible(FitArgs(seed=0)):
            drawn.append(draw(tf.keras))
    assert drawn[0] == drawn[1]


def test_a_seed_alone_leaves_ops_as_fast_as_they_are():
    """Determinism costs time: it is asked for by name."""
    with reproducible(FitArgs(seed=1)):
        assert not config.is_op_determinism_enabled()


def test_what_was_seeded_before_goes_on_where_it_was():
    """Also in the middle of a sequence."""

    def sequence(between):
        with reproducible(FitArgs(seed=4)):
            seed_generators(keras, 4)
            seed_generators(tf_keras, 4)
            for module in (keras, tf_keras):
                draw(module)
            keras.random.uniform((1,))
            between()
            return [*draw(keras), *draw(tf_keras), float(keras.random.uniform(()))]

    def run():
        with reproducible(FitArgs(seed=1)):
            seed_generators(keras, 1)
            seed_generators(tf_keras, 1)
            keras.random.uniform((1,))
            draw(tf_keras)

    assert sequence(lambda: None) == sequence(run)


def test_a_keras_that_the_run_imported_is_left_unseeded(monkeypatch):
    """It was not there before."""
    all_generations = list(generations.GENERATIONS.values())
    imported = iter([[], all_generations])
    monkeypatch.setattr(generations, "loaded", lambda: next(imported))
    with reproducible(FitArgs(seed=1)):
        seed_generators(tf_keras, 1)
    assert generations.GENERATIONS["tf_keras"].get_random_state() is None


def test_a_keras_that_is_not_imported_is_left_alone(monkeypatch):
    """It may not be installed."""
    monkeypatch.delitem(sys.modules, "tf_keras")
    assert ["keras"] == [generation.package for generation in generations.loaded()]


def test_no_generation_is_a_type_error():
    """Also for a package that has callbacks of its own."""
    callbacks = SimpleNamespace(Callback=SimpleNamespace(__module__="torch.callbacks"))
    with pytest.raises(TypeError, match="keras or tf_keras; got"):
        generations.generation_of(SimpleNamespace(callbacks=callbacks))


@pytest.mark.parametrize("is_there", [True, False], ids=["there", "not yet"])
def test_random_numbers_go_on_from_a_state(is_there, monkeypatch):
    """Those of TensorFlow's generator too, whether or not the process has made that."""
    monkeypatch.setattr(stateful_random_ops, "global_generator", None)
    tf.random.set_global_generator(tf.random.Generator.from_seed(3))
    with reproducible(FitArgs(seed=7, deterministic=True)):
        state = get_random_state()
        first = tf.random.get_global_generator().uniform([3]).numpy().tolist(), random.random()
        if not is_there:
            monkeypatch.setattr(stateful_random_ops, "global_generator", None)
        set_random_state(state)
        again = tf.random.get_global_generator().uniform([3]).numpy().tolist(), random.random()
    assert first == again
