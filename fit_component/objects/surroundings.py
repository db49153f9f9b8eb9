# SPDX-License-Identifier: Apache-2.0
"""What callbacks are made from besides their settings, and how problems are gathered."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from fit_component.errors import FitArgsError, Problem
from fit_component.objects.signatures import wrong_call
from fit_component.settings.descriptors import did_you_mean

T = TypeVar("T")
Function = Callable[..., Any]
Maker = Callable[[], Any]


@dataclass(frozen=True)
class Surroundings:
    """What callbacks are made from besides their settings.

    Attributes:
      keras: The Keras whose classes are used.
      model_run_dir: Where relative paths lead.
      find_function: Finds a function of the module file. Takes its name and the
        path of the setting; raises FitArgsError where there is none.
      steps_per_epoch: Gives the batches per epoch. Takes the path of the
        setting that needs them; may raise FitArgsError.
    """

    keras: Any
    model_run_dir: str
    find_function: Callable[[str, str], Function]
    steps_per_epoch: Callable[[str], int]


def for_training(
    keras: Any,
    model_run_dir: str,
    module: types.ModuleType | None,
    steps_per_epoch: Callable[[], int] | None,
) -> Surroundings:
    """Those of a training.

    Args:
      keras: `tf.keras`, `keras` or `tf_keras`.
      model_run_dir: Where relative paths lead.
      module: The module file, loaded; None if it is not known.
      steps_per_epoch: Gives the batches per epoch; None if there is no way.
    """

    def find(name: str, path: str) -> Function:
        return _find_function(module, name, path)

    def steps(path: str) -> int:
        if steps_per_epoch is None:
            message = "counts batches, and how many an epoch has is not known; set num_steps"
            raise FitArgsError([Problem(path, message)], "train_args")
        return steps_per_epoch()

    return Surroundings(keras, model_run_dir, find, steps)


def for_checking(keras: Any, model_run_dir: str) -> Surroundings:
    """Those of a check before the module file is loaded: stand-ins for what it brings."""

    def stand_in(*_: Any, **__: Any) -> None: ...

    return Surroundings(keras, model_run_dir, lambda *_: stand_in, lambda _: 1)


def hook(around: Surroundings, name: str, path: str, arguments: tuple[str, ...]) -> Function:
    """Finds a function of the module file that Keras will call by position.

    Args:
      around: Where to look.
      name: Its name.
      path: The path of the setting.
      arguments: What Keras will call it with, such as `epoch` and `logs`.

    Raises:
      FitArgsError: If there is no such function, or it does not take these.
    """
    function = around.find_function(name, path)
    wrong = wrong_call(function, arguments)
    if wrong is not None:
        raise FitArgsError([Problem(path, wrong, name)], "train_args")
    return function


def gather(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Calls each, and returns what they return.

    Raises:
      FitArgsError: If any of them did, with the problems of all.
    """
    results: list[T] = []
    problems: list[Problem] = []
    for call in calls:
        try:
            results.append(call())
        except FitArgsError as error:
            problems += error.problems
    if problems:
        raise FitArgsError(problems, "train_args")
    return results


def _find_function(module: types.ModuleType | None, name: str, path: str) -> Function:
    if module is None:
        message = (
            "functions of the module file are only known where the Trainer's executor runs "
            "run_fn; fit_component.testing.run_module does that in a test"
        )
        raise FitArgsError([Problem(path, message, name)], "train_args")
    found = vars(module).get(name)
    if callable(found):
        function: Function = found
        return function
    if name in vars(module):
        message = f"is no function of the module file, but of type {type(found).__name__}"
    else:
        public = [n for n, o in vars(module).items() if callable(o) and not n.startswith("_")]
        message = f"the module file has no such function; {did_you_mean(name, public)}"
    raise FitArgsError([Problem(path, message, name)], "train_args")
