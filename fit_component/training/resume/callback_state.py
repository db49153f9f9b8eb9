# SPDX-License-Identifier: Apache-2.0
"""What callbacks remember from one epoch to the next."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import tensorflow as tf

from fit_component.objects.callbacks import remembered_attributes
from fit_component.training.resume.values import Arrays, encode

_LOG = logging.getLogger(__name__)

_LIBRARIES = ("fit_component", "keras", "tf_keras")
_CSV_LOGGER = "CSVLogger"


def get_states(callbacks: Iterable[Any]) -> dict[str, Any]:
    """Asks callbacks for what they remember.

    Those of Keras' own are known by their class. Others offer `get_state`, whose
    value is made of None, numbers, texts, arrays, lists, tuples and dicts, and
    `set_state`, which takes such a value.

    Args:
      callbacks: The callbacks of a fit, in order.

    Returns:
      States by name: the class, and which of that class it is.

    Raises:
      TypeError: If one of them is made of other things, or cannot be had.
    """
    states: dict[str, Any] = {}
    for name, callback in named(callbacks):
        if _has_own_state(callback):
            try:
                states[name] = callback.get_state()
                encode(states[name], Arrays())
            except Exception as error:  # the user's code may raise anything
                raise TypeError(f"get_state of {name}: {error}") from error
        else:
            attributes = remembered_attributes(callback)
            state = {a: getattr(callback, a) for a in attributes if hasattr(callback, a)}
            if _is_csv_logger(callback):
                state["text"] = _text(callback.filename)
            if state:
                states[name] = state
    return states


def prepare(callbacks: Iterable[Any], states: dict[str, Any]) -> None:
    """Does what comes before a fit begins: puts files back that callbacks go on writing.

    Args:
      callbacks: As in `get_states`.
      states: What that returned.
    """
    for name, callback in named(callbacks):
        if not _is_csv_logger(callback) or _has_own_state(callback):
            continue
        text = states.get(name, {}).get("text")
        if text is not None:
            with tf.io.gfile.GFile(callback.filename, "w") as file:
                file.write(text)
            callback.append = True


def set_states(callbacks: Iterable[Any], states: dict[str, Any]) -> None:
    """Gives callbacks back what they remembered; warns of those that can remember nothing.

    Args:
      callbacks: As in `get_states`, after the fit has begun.
      states: What that returned.
    """
    forgetful = []
    for name, callback in named(callbacks):
        if _has_own_state(callback):
            if name in states:
                callback.set_state(states[name])
        elif name in states:
            for attribute in remembered_attributes(callback):
                if attribute in states[name]:
                    setattr(callback, attribute, states[name][attribute])
        elif type(callback).__module__.partition(".")[0] not in _LIBRARIES:
            forgetful.append(name)
    if forgetful:
        _LOG.warning(
            "resume: %s start anew, since they offer no get_state and set_state.",
            ", ".join(forgetful),
        )


def named(callbacks: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yields callbacks with their names: the class, and which of that class it is."""
    seen: Counter[str] = Counter()
    for callback in callbacks:
        kind = type(callback).__name__
        yield f"{kind} {seen[kind]}" if seen[kind] else kind, callback
        seen[kind] += 1


def _has_own_state(callback: Any) -> bool:
    return callable(getattr(callback, "get_state", None)) and callable(
        getattr(callback, "set_state", None)
    )


def _is_csv_logger(callback: Any) -> bool:
    return any(base.__name__ == _CSV_LOGGER for base in type(callback).__mro__)


def _text(path: str) -> str | None:
    if not tf.io.gfile.exists(path):
        return None
    with tf.io.gfile.GFile(path, "r") as file:
        text: str = file.read()
    return text
