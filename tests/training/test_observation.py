# SPDX-License-Identifier: Apache-2.0
"""What fit got and gave, seen from outside."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tf_keras

from fit_component.training.observation import observed_fits

X, Y = np.ones((4, 1), "float32"), np.ones((4, 1), "float32")


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def make(module, model_class=None):
    """The smallest model."""
    model = (model_class or module.Sequential)([module.layers.Dense(1)])
    model.compile(loss="mse")
    return model


def test_a_fit_is_seen(module):
    """Its model, its arguments by name, its History."""
    model = make(module)
    with observed_fits() as fits:
        history = model.fit(X, Y, 2, epochs=3, verbose=0)
    (fit,) = fits
    assert (model, history) == (fit.model, fit.history)
    assert ["x", "y", "batch_size", "epochs", "verbose"] == list(fit.arguments)
    assert (2, 3) == (fit.arguments["batch_size"], fit.arguments["epochs"])


def test_what_comes_before_and_after_is_not(module):
    """And fit is what it was, also where a class inherits it."""
    before = module.Model.fit, "fit" in vars(module.Model)
    model = make(module)
    model.fit(X, Y, verbose=0)
    with observed_fits() as fits:
        pass
    model.fit(X, Y, verbose=0)
    assert [] == fits
    assert before == (module.Model.fit, "fit" in vars(module.Model))


def test_a_fit_that_fails_is_seen(module):
    """Without a History; the error is the module's, and fit is put back."""
    before = module.Model.fit
    with pytest.raises(ValueError), observed_fits() as fits:  # noqa: PT011  (Keras' own words)
        make(module).fit(X, Y[:3], verbose=0)
    assert [None] == [fit.history for fit in fits]
    assert before is module.Model.fit


def test_a_wrong_argument_fails_as_without_observation(module):
    """With the error that Python has for it."""
    with observed_fits() as fits, pytest.raises(TypeError, match="epohcs"):
        make(module).fit(X, Y, epohcs=3)
    assert [] == fits


def test_a_class_with_a_fit_of_its_own_is_seen_once(module):
    """By what it hands on to Keras."""

    class Patient(module.Sequential):
        def fit(self, *args, **kwargs):
            return super().fit(*args, **kwargs, epochs=2)

    with observed_fits() as fits:
        make(module, Patient).fit(X, Y, verbose=0)
    assert [2] == [fit.arguments["epochs"] for fit in fits]
