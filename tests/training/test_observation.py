# SPDX-License-Identifier: Apache-2.0
"""What fit got and gave, seen from outside."""

from __future__ import annotations

import contextlib
import inspect
import sys
import threading

import keras
import numpy as np
import pytest
import tf_keras

from fit_component.training.observation import follow_loaded, observed_fits, surrounded_fits

# Before any test has changed it, whose traces would be taken for what was there.
HAS_OWN_FIT = {module: "fit" in vars(module.Model) for module in (keras, tf_keras)}
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
    before = module.Model.fit
    model = make(module)
    model.fit(X, Y, verbose=0)
    with observed_fits() as fits:
        pass
    model.fit(X, Y, verbose=0)
    assert [] == fits
    assert before == module.Model.fit
    assert HAS_OWN_FIT[module] is ("fit" in vars(module.Model))


def test_a_fit_that_fails_is_seen(module):
    """Without a History; the error is the module's, and fit is put back."""
    before = module.Model.fit
    with pytest.raises(ValueError, match="cardinality"), observed_fits() as fits:
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


def test_fit_looks_as_it_did(module):
    """Its signature, its name and its documentation."""
    before = module.Model.fit
    expected = inspect.signature(before), before.__name__, before.__doc__
    with observed_fits():
        during = module.Model.fit
        assert before is not during
        assert expected == (inspect.signature(during), during.__name__, during.__doc__)


@pytest.mark.parametrize("closed_first", [0, 1])
def test_contexts_may_close_in_any_order(module, closed_first):
    """Each sees what is called while it is open, and fit is put back with the last."""
    before = module.Model.fit
    model = make(module)
    contexts = [observed_fits(), observed_fits()]
    fits = [context.__enter__() for context in contexts]
    model.fit(X, Y, verbose=0)
    contexts[closed_first].__exit__(None, None, None)
    model.fit(X, Y, verbose=0)
    contexts[1 - closed_first].__exit__(None, None, None)
    model.fit(X, Y, verbose=0)
    assert (1, 2) == (len(fits[closed_first]), len(fits[1 - closed_first]))
    assert before is module.Model.fit


def test_a_wrapper_of_others_stays_where_it_is(module):
    """And sees nothing of ours once the context is closed, nor twice in the next."""
    before, is_inherited = module.Model.fit, "fit" not in vars(module.Model)
    calls = []
    with observed_fits() as first:
        ours = module.Model.fit

        def theirs(*args, **kwargs):
            calls.append(args[0])
            return ours(*args, **kwargs)

        module.Model.fit = theirs
    try:
        model = make(module)
        model.fit(X, Y, verbose=0)
        with observed_fits() as second:
            model.fit(X, Y, verbose=0)
        assert theirs is module.Model.fit
    finally:
        if is_inherited:
            del module.Model.fit
        else:
            module.Model.fit = before
    assert ([], [model, model], 1) == (first, calls, len(second))


def test_a_fit_within_a_fit_is_seen_by_itself(module):
    """Each with its own model and arguments."""
    inner, outer = make(module), make(module)
    begin = module.callbacks.LambdaCallback(
        on_train_begin=lambda logs: inner.fit(X, Y, epochs=2, verbose=0)
    )
    with observed_fits() as fits:
        outer.fit(X, Y, callbacks=[begin], verbose=0)
    assert [(outer, 1), (inner, 2)] == [(fit.model, fit.arguments.get("epochs", 1)) for fit in fits]


def test_a_fit_of_another_thread_is_seen(module):
    """The class is the same there."""
    model = make(module)
    with observed_fits() as fits:
        thread = threading.Thread(target=model.fit, args=(X, Y), kwargs={"verbose": 0})
        thread.start()
        thread.join()
    assert [model] == [fit.model for fit in fits]


def test_what_surrounds_a_fit_can_keep_it_from_running(module):
    """By what it raises; else it is told what fit gave."""
    seen = []

    @contextlib.contextmanager
    def around(fit):
        if fit.arguments["epochs"] > 1:
            raise KeyError("too long")
        yield
        seen.append(fit.history.epoch)

    model = make(module)
    with surrounded_fits(around):
        model.fit(X, Y, epochs=1, verbose=0)
        with pytest.raises(KeyError):
            model.fit(X, Y, epochs=2, verbose=0)
    assert [[0]] == seen


def test_a_keras_that_is_imported_later_can_be_followed(module, monkeypatch):
    """By those contexts that are open."""
    name = module.__name__
    loaded = sys.modules[name]
    model = make(module)
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, name)
        context = observed_fits()
        fits = context.__enter__()
    assert loaded is sys.modules[name]
    model.fit(X, Y, verbose=0)
    follow_loaded()
    model.fit(X, Y, verbose=0)
    context.__exit__(None, None, None)
    assert 1 == len(fits)


def test_nothing_is_followed_where_no_context_is_open(module):
    """fit stays what it is."""
    before = module.Model.fit
    follow_loaded()
    assert before is module.Model.fit
