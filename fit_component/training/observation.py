# SPDX-License-Identifier: Apache-2.0
"""What `Model.fit` really got and gave, whichever Keras a module uses."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
from collections.abc import Iterator
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


@contextlib.contextmanager
def observed_fits() -> Iterator[list[Fit]]:
    """Observes every call of `fit` on a model of any Keras loaded so far.

    Yields:
      The calls, in order; the list grows while they are made.
    """
    fits: list[Fit] = []
    with contextlib.ExitStack() as stack:
        for generation in generations.loaded():
            model_class = importlib.import_module(generation.package).Model
            stack.enter_context(_wrapped(model_class, fits))
        yield fits


@contextlib.contextmanager
def _wrapped(model_class: Any, fits: list[Fit]) -> Iterator[None]:
    original = model_class.fit
    signature = inspect.signature(original)
    inherited = "fit" not in vars(model_class)

    @functools.wraps(original)
    def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
        arguments = signature.bind(model, *args, **kwargs).arguments
        del arguments[next(iter(arguments))]
        observed = Fit(model, dict(arguments))
        fits.append(observed)
        observed.history = original(model, *args, **kwargs)
        return observed.history

    model_class.fit = fit
    try:
        yield
    finally:
        if inherited:
            del model_class.fit
        else:
            model_class.fit = original
