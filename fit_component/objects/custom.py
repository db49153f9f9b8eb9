# SPDX-License-Identifier: Apache-2.0
"""Callbacks of the user's own: classes by their path, and functions of the module file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fit_component.errors import FitArgsError, Problem
from fit_component.objects import generations
from fit_component.objects.class_paths import (
    WrongClassError,
    foreign_generation,
    import_callback_class,
)
from fit_component.objects.signatures import wrong_arguments
from fit_component.objects.struct_values import python_values
from fit_component.objects.surroundings import Maker, Surroundings
from fit_component.proto.fit_args_pb2 import CallbackFromModule, CustomCallback


@dataclass(frozen=True)
class UsersCallback:
    """How a callback of the user's own is made.

    Attributes:
      prepare: Finds out all that can be known before, as KerasCallback.prepare.
      is_tried_out: Whether a check makes one. Never: that runs the user's code.
    """

    prepare: Callable[[Any, str, Surroundings], Maker]
    is_tried_out: bool = False


def prepare_custom(message: CustomCallback, path: str, around: Surroundings) -> Maker:
    """Imports a callback class and holds its arguments against what it takes.

    Args:
      message: The class and its arguments.
      path: Where they are set, such as `callbacks[0].custom`.
      around: What it is made from besides.

    Returns:
      What makes the callback; what its constructor raises is passed on.

    Raises:
      FitArgsError: If it may not be imported or cannot be, is no callback of
        this Keras, or does not take the arguments.
    """
    try:
        callback_class = import_callback_class(message.class_path, around.keras)
    except WrongClassError as error:
        problem = Problem(f"{path}.class_path", str(error), message.class_path)
        raise FitArgsError([problem], "train_args") from error
    return _bound(callback_class, message, path)


def prepare_from_module(message: CallbackFromModule, path: str, around: Surroundings) -> Maker:
    """Finds a function of the module file and holds its arguments against what it takes.

    Args:
      message: The function and its arguments.
      path: Where they are set, such as `callbacks[0].from_module`.
      around: What it is made from besides.

    Returns:
      What makes the callback; what the function raises is passed on. It raises
      FitArgsError where the function returns no callback of this Keras.

    Raises:
      FitArgsError: If there is no such function, or it does not take the
        arguments.
    """
    at = f"{path}.function"
    make = _bound(around.find_function(message.function, at), message, path)

    def make_checked() -> Any:
        made = make()
        if not isinstance(made, around.keras.callbacks.Callback):
            version = generations.version_of(around.keras)
            wrong = f"must return a callback of {version}, but returned {_described(made)}"
            raise FitArgsError([Problem(at, wrong, message.function)], "train_args")
        return made

    return make_checked


def _bound(
    function: Callable[..., Any], message: CustomCallback | CallbackFromModule, path: str
) -> Maker:
    kwargs = python_values(message.kwargs)
    problems = list(wrong_arguments(function, kwargs, f"{path}.kwargs"))
    if problems:
        raise FitArgsError(problems, "train_args")

    def make() -> Any:
        with _noting(path):
            return function(**kwargs)

    return make


@contextlib.contextmanager
def _noting(path: str) -> Iterator[None]:
    """Notes in an exception of the user's code which setting it was called for."""
    try:
        yield
    except Exception as error:
        if hasattr(error, "add_note"):  # Python 3.11
            error.add_note(f"It was called for train_args, {path}.")
        raise


def _described(made: Any) -> str:
    if made is None:
        return "None"
    kind = f"an object of type {type(made).__name__}"
    other = foreign_generation(type(made))
    return f"{kind}, which is of {other}" if other else kind
