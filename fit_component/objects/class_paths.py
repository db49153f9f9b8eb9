# SPDX-License-Identifier: Apache-2.0
"""Callback classes that settings name by their path.

Which classes a machine imports is its own affair: the environment variable
FIT_COMPONENT_CUSTOM_CALLBACKS on the machine that trains lists, with commas
between them, the dotted names that a class must be or lie below. Unset, any
class is imported; set and empty, none.
"""

from __future__ import annotations

import importlib
import os
import types
from typing import Any

from fit_component.objects import generations
from fit_component.settings.descriptors import did_you_mean

ALLOWED = "FIT_COMPONENT_CUSTOM_CALLBACKS"


class WrongClassError(ValueError):
    """A path that leads to no callback class; the text reads on after the path."""


def import_callback_class(class_path: str, keras: Any) -> type:
    """Imports a callback class.

    Args:
      class_path: Its module and its name, such as
        `my_company.callbacks.Heartbeat`.
      keras: The Keras whose callback it must be.

    Raises:
      WrongClassError: If it may not be imported, and then nothing was; if it
        cannot be; or if it is no callback of that Keras.
    """
    module_name, _, name = class_path.rpartition(".")
    if not module_name or not name:
        raise WrongClassError(
            "must be a module and a class in it, such as my_company.callbacks.Heartbeat"
        )
    _require_allowed(class_path)
    names = vars(_import(module_name))
    if name not in names:
        classes = [n for n, o in names.items() if isinstance(o, type) and not n.startswith("_")]
        hint = did_you_mean(name, classes) if classes else "it has no classes"
        raise WrongClassError(f"{module_name} has no such class; {hint}")
    return _require_callback(names[name], keras)


def foreign_generation(found: type) -> str | None:
    """Names the Keras that a class is a callback of, with its version; None if of none."""
    for generation in generations.loaded():
        keras = importlib.import_module(generation.package)
        if issubclass(found, keras.callbacks.Callback):
            return generations.version_of(keras)
    return None


def _require_allowed(class_path: str) -> None:
    value = os.environ.get(ALLOWED)
    names = [name.strip() for name in (value or "").split(",")]
    if value is not None and not any(f"{class_path}.".startswith(f"{n}.") for n in names):
        raise WrongClassError(
            f"is not allowed on this machine, where {ALLOWED} is {value!r}; add the class, or a "
            "package that it is in, to that environment variable"
        )


def _import(module_name: str) -> types.ModuleType:
    try:
        return importlib.import_module(module_name)
    except Exception as error:
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        if absent and f"{module_name}.".startswith(f"{absent}."):
            text = f"there is no module {absent}; is its package installed where training runs?"
        else:
            text = f"{module_name} cannot be imported: {type(error).__name__}: {error}"
        raise WrongClassError(text) from error


def _require_callback(found: Any, keras: Any) -> type:
    version = generations.version_of(keras)
    if not isinstance(found, type):
        raise WrongClassError(f"is no class, but of type {type(found).__name__}")
    if issubclass(found, keras.callbacks.Callback):
        return found
    other = foreign_generation(found)
    if other is not None:
        raise WrongClassError(f"is a callback of {other}, but {version} is in use")
    raise WrongClassError(f"is no subclass of keras.callbacks.Callback; {version} is in use")
