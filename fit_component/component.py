# SPDX-License-Identifier: Apache-2.0
"""The Trainer: TFX's own, with FitArgs as its train_args."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping
from typing import Any

from tfx.components.trainer import component as trainer_component
from tfx.dsl.components.base import executor_spec
from tfx.dsl.placeholder import placeholder
from tfx.orchestration import data_types

from fit_component import runtime_parameters
from fit_component.errors import FitArgsError, Problem
from fit_component.executor import FitExecutor
from fit_component.settings import beyond_train_args, parse_fit_args, to_json
from fit_component.settings.tree import UnresolvedProblem

_SOURCE = "train_args"
_TRAIN_ARGS_KEYS = ("splits", "num_steps", "numSteps")
_STOCK = inspect.signature(trainer_component.Trainer.__init__)


class Trainer(trainer_component.Trainer):
    """TFX's Trainer, whose `train_args` may be a FitArgs.

    A drop-in: inputs, outputs, node id and arguments are those of the
    installed TFX's Trainer. Besides a FitArgs, `train_args` takes what that
    takes: a TrainArgs, a dict, JSON, a RuntimeParameter that holds JSON, a
    Placeholder.

    Raises:
      FitArgsError: If the settings are known at construction and wrong, with
        all their problems; also if they go beyond TrainArgs and the executor
        is no FitExecutor, which would drop them.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(FitExecutor)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: D107  (it is set below)
        # Releases differ in their arguments, and in the order of them.
        arguments = _STOCK.bind(self, *args, **kwargs)
        train_args = arguments.arguments.get("train_args")
        spec = arguments.arguments.get("custom_executor_spec") or self.EXECUTOR_SPEC
        arguments.arguments["train_args"] = _stored_form(train_args, spec)
        super().__init__(*arguments.args[1:], **arguments.kwargs)

    # For help() and editors.
    __init__.__doc__ = trainer_component.Trainer.__init__.__doc__
    __init__.__signature__ = _STOCK  # type: ignore[attr-defined]  # functions may have it


def _stored_form(train_args: Any, spec: Any) -> Any:
    """What the stock Trainer is given: normalised JSON wherever values are known."""
    if isinstance(train_args, placeholder.Placeholder):
        return train_args
    if isinstance(train_args, data_types.RuntimeParameter):
        if train_args.default:
            default = parse_fit_args(train_args.default, source=_SOURCE)
            _refuse_dropping(beyond_train_args(default), spec)
        return train_args
    if isinstance(train_args, Mapping):
        unresolved = _unresolved(runtime_parameters.mark(train_args))
        if unresolved:
            _refuse_dropping([key for key in train_args if key not in _TRAIN_ARGS_KEYS], spec)
            _warn(unresolved)
            return runtime_parameters.with_lists(train_args)
    # TFX, too, takes anything empty as no train_args.
    fit_args = parse_fit_args(train_args or None, source=_SOURCE)
    _refuse_dropping(beyond_train_args(fit_args), spec)
    return to_json(fit_args)


def _unresolved(tree: Any) -> list[Problem]:
    """The RuntimeParameters in a tree whose other settings are right.

    Raises:
      FitArgsError: With the problems of the other settings.
    """
    try:
        parse_fit_args(tree, source=_SOURCE)
    except FitArgsError as error:
        wrong = [p for p in error.problems if not isinstance(p, UnresolvedProblem)]
        if wrong:
            raise FitArgsError(wrong, _SOURCE) from None
        return list(error.problems)
    return []


def _warn(unresolved: list[Problem]) -> None:
    fields = ", ".join(problem.path for problem in unresolved)
    warnings.warn(
        f"train_args has a RuntimeParameter inside a dict, for {fields}. TFX puts no value "
        "there, so the Trainer will fail when it runs. Give one RuntimeParameter of type str "
        "that holds all of train_args as JSON.",
        UserWarning,
        stacklevel=4,
    )


def _refuse_dropping(names: list[str], spec: Any) -> None:
    """Refuses settings that the executor would not even read."""
    executor_class: type | None = getattr(spec, "executor_class", None)
    if executor_class is None or issubclass(executor_class, FitExecutor):
        return
    message = f"would be dropped by {executor_class.__name__}, which is no FitExecutor"
    problems = [Problem(name, message) for name in names]
    if problems:
        raise FitArgsError(problems, _SOURCE)
