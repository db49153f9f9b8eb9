# SPDX-License-Identifier: Apache-2.0
"""What functions and classes take, known from their signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fit_component.errors import Problem
from fit_component.settings.descriptors import nearest_name

_POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY
_ANY_KEYWORD = inspect.Parameter.VAR_KEYWORD
_ANY_POSITION = inspect.Parameter.VAR_POSITIONAL


def signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    """What a function or a class is called with; None where Python does not know."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def has_argument(callback_class: type, name: str) -> bool:
    """Whether a class of Keras knows an argument of that name.

    One that takes any keyword knows those alone that it has an attribute for:
    tf_keras' LambdaCallback takes `on_train_batch_end` so.
    """
    signature = signature_of(callback_class)
    parameters = signature.parameters if signature else {}
    takes_any = any(parameter.kind is _ANY_KEYWORD for parameter in parameters.values())
    return name in parameters or (takes_any and hasattr(callback_class, name))


def wrong_arguments(
    function: Callable[..., Any], kwargs: Mapping[str, Any], path: str
) -> Iterator[Problem]:
    """Yields what keeps a function from being called with keyword arguments.

    Args:
      function: A function or a class.
      kwargs: The arguments by name.
      path: Where they are set, such as `callbacks[0].custom.kwargs`.
    """
    signature = signature_of(function)
    if signature is None:
        return
    parameters = signature.parameters.values()
    named = {
        parameter.name: parameter
        for parameter in parameters
        if parameter.kind not in (_POSITIONAL_ONLY, _ANY_POSITION, _ANY_KEYWORD)
    }
    takes_any = any(parameter.kind is _ANY_KEYWORD for parameter in parameters)
    takes = f"{_name(function)} takes {_written(signature)}"
    for name, value in kwargs.items():
        if name not in named and not takes_any:
            nearest = nearest_name(name, named)
            hint = f"did you mean {nearest}? " if nearest else ""
            yield Problem(f"{path}.{name}", f"there is no such argument; {hint}{takes}", value)
    for name, parameter in named.items():
        if parameter.default is parameter.empty and name not in kwargs:
            yield Problem(path, f"lacks {name}; {takes}")
    if any(p.kind is _POSITIONAL_ONLY and p.default is p.empty for p in parameters):
        yield Problem(path, f"are given by name, which does not reach all arguments; {takes}")


def wrong_call(function: Callable[..., Any], arguments: tuple[str, ...]) -> str | None:
    """Says why a function cannot be called with so many arguments by position, or None.

    Args:
      function: The function.
      arguments: What the arguments are, such as `epoch` and `logs`.
    """
    signature = signature_of(function)
    if signature is None:
        return None
    try:
        signature.bind(*arguments)
    except TypeError:
        return f"takes {_written(signature)}, but is called with ({', '.join(arguments)})"
    return None


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))


def _written(signature: inspect.Signature) -> str:
    """A signature without its annotations."""
    empty = inspect.Signature.empty
    parameters = [p.replace(annotation=empty) for p in signature.parameters.values()]
    text = str(inspect.Signature(parameters))
    return "no arguments" if text == "()" else text
