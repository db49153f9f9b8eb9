# SPDX-License-Identifier: Apache-2.0
"""The dtype policy holds for one run and leaves no trace."""

from __future__ import annotations

import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from fit_component.objects import generations
from fit_component.objects.precision import precise, set_precision
from fit_component.proto.fit_args_pb2 import FitArgs

pytestmark = pytest.mark.keras

# What layers compute in and keep their weights in.
POLICIES = {
    "float32": ("float32", "float32"),
    "float64": ("float64", "float64"),
    "float16": ("float16", "float16"),
    "bfloat16": ("bfloat16", "bfloat16"),
    "mixed_float16": ("float16", "float32"),
    "mixed_bfloat16": ("bfloat16", "float32"),
}


@pytest.fixture(autouse=True)
def _no_policy():
    """Starts without a policy, as a process does, and puts back what was there."""
    both = list(generations.GENERATIONS.values())
    kept = [generation.get_policy() for generation in both]
    for generation in both:
        generation.set_policy(None)
    yield
    for generation, policy in zip(both, kept, strict=True):
        generation.set_policy(policy)


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that trains."""
    return request.param


def policies():
    """What each generation has set."""
    return [generation.get_policy() for generation in generations.GENERATIONS.values()]


def with_precision(name):
    """Settings with a policy."""
    return FitArgs(execution={"precision": name})


def train(module):
    """A model with one weight of 1 after one step that adds 0.5 to it."""
    layer = module.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = module.Sequential([module.layers.Input((1,)), layer])
    model.compile(module.optimizers.SGD(0.5), loss=lambda label, prediction: -prediction)
    one = np.ones((1, 1), "float32")
    model.fit(tf.data.Dataset.from_tensors((one, one)), verbose=0)
    return model


@pytest.mark.parametrize("name", POLICIES)
def test_layers_made_in_the_run_have_the_policy(module, name):
    """And a training step works."""
    with precise(with_precision(name)):
        set_precision(module, name)
        model = train(module)
    layer = model.layers[-1]
    kept_in = tf.as_dtype(layer.kernel.dtype).name
    assert POLICIES[name] == (layer.compute_dtype, kept_in)
    assert [1.5] == [weight.item() for weight in model.get_weights()]


def test_mixed_float16_scales_the_loss(module):
    """Keras wraps the optimizer itself."""
    with precise(with_precision("mixed_float16")):
        set_precision(module, "mixed_float16")
        assert isinstance(train(module).optimizer, module.mixed_precision.LossScaleOptimizer)


def test_the_policy_is_that_of_tf_keras():
    """The other generation has none."""
    with precise(with_precision("mixed_bfloat16")):
        ours = generations.generation_of(tf.keras)
        assert "mixed_bfloat16" == ours.get_policy().name
        assert 1 == policies().count(None)


def test_without_precision_nothing_is_touched(module):
    """A policy that the module sets stays, as under stock TFX."""
    with precise(FitArgs()):
        set_precision(module, "float64")
    assert "float64" == generations.generation_of(module).get_policy().name


def test_a_policy_that_was_there_before_comes_back(module):
    """In both generations, also when the run fails and has set another one."""

    def run():
        set_precision(keras, "bfloat16")
        set_precision(tf_keras, "float16")
        raise ZeroDivisionError

    set_precision(module, "float64")
    before = policies()
    with pytest.raises(ZeroDivisionError), precise(with_precision("mixed_float16")):
        run()
    assert before == policies()


def test_no_policy_comes_back_as_none(module):
    """Not as float32, which would hold against a later `set_floatx`."""
    with precise(with_precision("float64")):
        set_precision(module, "float64")
        module.layers.Dense(1)
    assert [None, None] == policies()


def test_a_policy_that_does_not_exist_leaves_none_behind():
    """Keras refuses it before the run starts."""
    with pytest.raises((ValueError, TypeError)), precise(with_precision("float31")):
        pytest.fail("the run started")
    assert [None, None] == policies()


def test_a_keras_that_the_run_imported_is_left_without_a_policy(monkeypatch):
    """As if it had been imported after the run."""
    other = next(
        g for g in generations.GENERATIONS if g != generations.generation_of(tf.keras).package
    )
    generation, imported = generations.GENERATIONS[other], sys.modules[other]
    monkeypatch.delitem(sys.modules, other)
    with precise(with_precision("float64")):
        monkeypatch.setitem(sys.modules, other, imported)
        set_precision(imported, "float64")
        assert generation.get_policy() is not None
    assert generation.get_policy() is None
