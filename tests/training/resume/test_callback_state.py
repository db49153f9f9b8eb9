# SPDX-License-Identifier: Apache-2.0
"""What callbacks remember, asked for and given back one by one."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest
import tf_keras

from fit_component.objects.callbacks import remembered_attributes
from fit_component.training.resume import callback_state

MADE = {
    "EarlyStopping": {},
    "ReduceLROnPlateau": {},
    "ModelCheckpoint": {"filepath": "best.weights.h5", "save_weights_only": True},
    "TensorBoard": {},
    "SwapEMAWeights": {},
}
# What a generation does not have.
ABSENT = {"tf_keras": {"SwapEMAWeights", "_global_test_batch"}, "keras": set()}


def make(module, name):
    """A callback of Keras' own."""
    return getattr(module.callbacks, name)(**MADE[name])


def cases():
    """Each Keras, with each of its classes."""
    for module in (keras, tf_keras):
        for name in sorted(MADE.keys() - ABSENT[module.__name__]):  # every process in one order
            yield pytest.param(module, name, id=f"{module.__name__}-{name}")


ORBAX = [pytest.param(keras, "OrbaxCheckpoint", id="keras-OrbaxCheckpoint")]


@pytest.mark.parametrize(
    ("module", "name"), [*cases(), *(ORBAX if hasattr(keras.callbacks, "OrbaxCheckpoint") else [])]
)
def test_what_it_remembers_is_what_this_keras_keeps_it_in(module, name):
    """An attribute that Keras renames would be lost without a word."""
    kind = getattr(module.callbacks, name)
    attributes = remembered_attributes(kind.__new__(kind))  # Orbax itself need not be installed
    code = inspect.getsource(kind)
    assert attributes
    missing = {attribute for attribute in attributes if f"self.{attribute} " not in code}
    assert missing <= ABSENT[module.__name__]


@pytest.mark.parametrize(("module", "name"), cases())
def test_each_attribute_goes_on(module, name):
    """Also of a class that is derived from it; what it was made with stays its own."""

    class Derived(getattr(module.callbacks, name)):
        pass

    for maker in (make, lambda _, name: Derived(**MADE[name])):
        old, new = maker(module, name), maker(module, name)
        for number, attribute in enumerate(remembered_attributes(old)):
            setattr(old, attribute, 1000 + number)
        new.monitor = "its own"
        callback_state.set_states([new], callback_state.get_states([old]))
        values = [getattr(new, attribute) for attribute in remembered_attributes(new)]
        assert [1000 + number for number in range(len(values))] == values
        assert "its own" == new.monitor


def test_two_of_a_class_are_told_apart():
    """By their order."""
    old, new = ([make(keras, "EarlyStopping") for _ in range(2)] for _ in range(2))
    old[0].best_weights, old[1].best_weights = [np.zeros(2)], [np.ones(2)]
    callback_state.set_states(new, callback_state.get_states(old))
    assert [0.0, 1.0] == [callback.best_weights[0][0] for callback in new]
