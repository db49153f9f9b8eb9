# SPDX-License-Identifier: Apache-2.0
"""What `Model.fit` really got and gave, whichever Keras a module uses."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

from fit_component.objects import generations
from fit_component.record import Difference
from fit_component.training.callers import Caller, find_caller
from fit_component.training.stopping import StopTraining


@dataclass
class Fit:
    """One call of `Model.fit`.

    Attributes:
      model: The model.
      arguments: What `fit` gets, by name; without the defaults of those that
        are not given. Who surrounds the call may change them before it.
      history: The `History` that it returned; None if it raised.
      caller: The line of the user's that made the call.
      watchers: Callbacks of those who surround the call, which follow those of
        the arguments.
      differences: Requested settings that the caller did not give.
      resumed_from: The epoch with which it goes on after an interruption,
        counted from 0; None if it starts anew.
    """

    model: Any
    arguments: dict[str, Any]
    history: Any = None
    caller: Caller | None = None
    watchers: list[Any] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    resumed_from: int | None = None


# What is done around a call: before it, with the arguments, and after it, with the History.
Around = Callable[[Fit], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def observed_fits() -> Iterator[list[Fit]]:
    """Observes every call of `fit` on a model of any Keras loaded so far.

    Yields:
      The calls, in order; the list grows while they are made.
    """
    fits: list[Fit] = []

    @contextlib.contextmanager
    def observed(fit: Fit) -> Iterator[None]:
        fits.append(fit)
        yield

    with surrounded_fits(observed):
        yield fits


@contextlib.contextmanager
def surrounded_fits(around: Around) -> Iterator[None]:
    """Surrounds every call of `fit` on a model of any Keras loaded so far, in all threads.

    A class that has a `fit` of its own is met by what it hands on to Keras.
    Contexts may be open at the same time and close in any order.

    Args:
      around: Called with each call; what it raises before the call keeps `fit`
        from being called.
    """
    with _LOCK:
        _open.append(around)
    try:
        follow_loaded()
        yield
    finally:
        with _LOCK:
            # By what it is: two that are equal are still two.
            del _open[next(i for i, other in enumerate(_open) if other is around)]
            if not _open:
                while _wrappers:
                    _wrappers.popitem()[1].remove()


def follow_loaded() -> None:
    """Lets the contexts that are open meet a Keras, too, that was imported after they opened."""
    with _LOCK:
        if not _open:
            return
        for generation in generations.loaded():
            if generation.package not in _wrappers:
                keras = importlib.import_module(generation.package)
                _wrappers[generation.package] = _Wrapper(keras)


class _Wrapper:
    """Stands in the place of the `fit` of one class until it is removed."""

    def __init__(self, keras: Any):
        self._class = model_class = keras.Model
        self._original = original = model_class.fit
        self._is_inherited = "fit" not in vars(model_class)
        self._is_removed = False
        self._stop_training = StopTraining(keras)
        signature = inspect.signature(original)
        positional = [
            p.name for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        names = positional[1:]  # none, if others have wrapped it without its names

        @functools.wraps(original)
        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                signature.bind(model, *args, **kwargs)
            except TypeError:
                return original(model, *args, **kwargs)  # which has the words for it
            nameless = args[len(names) :]
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            seen = Fit(model, given, caller=find_caller())
            with contextlib.ExitStack() as stack:
                for around in () if self._is_removed else tuple(_open):
                    stack.enter_context(around(seen))
                with _watched(seen, keras) as callbacks:
                    seen.history = original(model, *nameless, **{**seen.arguments, **callbacks})
            return seen.history

        self._fit = model_class.fit = fit

    def remove(self) -> None:
        """Puts back what was there."""
        self._is_removed = True
        self._stop_training.remove()
        if vars(self._class).get("fit") is not self._fit:
            return  # Others have wrapped it since, and go on calling it.
        if self._is_inherited:
            del self._class.fit
        else:
            self._class.fit = self._original


@contextlib.contextmanager
def _watched(fit: Fit, keras: Any) -> Iterator[dict[str, Any]]:
    """Gives the argument `callbacks` with the watchers in it; none if there are none."""
    given = fit.arguments.get("callbacks")
    if not fit.watchers:
        yield {}
    elif isinstance(given, keras.callbacks.CallbackList):
        # It is the user's, and has given its callbacks their model and params.
        for watcher in fit.watchers:
            watcher.set_model(fit.model)
            watcher.set_params(getattr(given, "params", None) or {})
        given.callbacks.extend(fit.watchers)
        try:
            yield {}
        finally:
            del given.callbacks[-len(fit.watchers) :]
    else:
        yield {"callbacks": [*(tf.nest.flatten(given) if given else []), *fit.watchers]}


_LOCK = threading.Lock()
_open: list[Around] = []
_wrappers: dict[str, _Wrapper] = {}
