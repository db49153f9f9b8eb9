# SPDX-License-Identifier: Apache-2.0
"""What `Model.fit` really got and gave, whichever Keras a module uses."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fit_component.objects import generations


@dataclass
class Fit:
    """One call of `Model.fit`.

    Attributes:
      model: The model.
      arguments: What was given to `fit`, by name; without the defaults of
        those that were not.
      history: The `History` that it returned; None if it raised.
    """

    model: Any
    arguments: dict[str, Any]
    history: Any = None


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
                model_class = importlib.import_module(generation.package).Model
                _wrappers[generation.package] = _Wrapper(model_class)


class _Wrapper:
    """Stands in the place of the `fit` of one class until it is removed."""

    def __init__(self, model_class: Any):
        self._class = model_class
        self._original = original = model_class.fit
        self._is_inherited = "fit" not in vars(model_class)
        self._is_removed = False
        signature = inspect.signature(original)

        @functools.wraps(original)
        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                arguments = signature.bind(model, *args, **kwargs).arguments
            except TypeError:
                return original(model, *args, **kwargs)  # which has the words for it
            del arguments[next(iter(arguments))]
            seen = Fit(model, dict(arguments))
            with contextlib.ExitStack() as stack:
                for around in () if self._is_removed else tuple(_open):
                    stack.enter_context(around(seen))
                seen.history = original(model, *args, **kwargs)
            return seen.history

        self._fit = model_class.fit = fit

    def remove(self) -> None:
        """Puts back what was there."""
        self._is_removed = True
        if vars(self._class).get("fit") is not self._fit:
            return  # Others have wrapped it since, and go on calling it.
        if self._is_inherited:
            del self._class.fit
        else:
            self._class.fit = self._original


_LOCK = threading.Lock()
_open: list[Around] = []
_wrappers: dict[str, _Wrapper] = {}
