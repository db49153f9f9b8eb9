# SPDX-License-Identifier: Apache-2.0
"""The Trainer: TFX's own, with FitArgs as its train_args."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tfx.components.trainer import component as trainer_component
from tfx.dsl.components.base import executor_spec
from tfx.dsl.placeholder import placeholder
from tfx.orchestration import data_types
from tfx.proto import trainer_pb2
from tfx.utils import proto_utils

from fit_component import runtime_parameters, visualizations
from fit_component.errors import FitArgsError, Problem, raise_together
from fit_component.executor import FitExecutor
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import (
    Parameter,
    beyond_train_args,
    parse_args,
    parse_fit_args,
    read_template,
    to_json,
)

_TRAIN, _EVAL = "train_args", "eval_args"
_STOCK = inspect.signature(trainer_component.Trainer.__init__)


visualizations.register()  # for notebooks


class Trainer(trainer_component.Trainer):
    """TFX's Trainer, whose `train_args` may be a FitArgs.

    A drop-in: inputs, outputs, node id and arguments are those of the
    installed TFX's Trainer. Besides a FitArgs, `train_args` takes what that
    takes: a TrainArgs, a dict, JSON, a RuntimeParameter that holds JSON, a
    Placeholder. In a dict, of `train_args` or of `eval_args`, any single value
    may be a RuntimeParameter.

    Raises:
      FitArgsError: If the settings are known at construction and wrong, with
        all their problems; also if they go beyond TrainArgs and the executor
        is no FitExecutor, which would drop them.
    """

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(FitExecutor)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: D107  (it is set below)
        # Releases differ in their arguments, and in the order of them.
        arguments = _STOCK.bind(self, *args, **kwargs)
        given = arguments.arguments
        spec = given.get("custom_executor_spec") or self.EXECUTOR_SPEC
        train, evaluation = _read(given)
        given[_TRAIN], given[_EVAL] = train.value, evaluation.value
        _refuse_dropping(train, evaluation, spec)
        super().__init__(*arguments.args[1:], **arguments.kwargs)
        parameters = {_TRAIN: train.parameters, _EVAL: evaluation.parameters}
        self.spec.exec_properties.update(runtime_parameters.execution_properties(parameters))

    # For help() and editors.
    __init__.__doc__ = trainer_component.Trainer.__init__.__doc__
    __init__.__signature__ = _STOCK  # type: ignore[attr-defined]  # functions may have it


class _Stored(NamedTuple):
    """An argument as the stock Trainer is given it.

    Attributes:
      value: Normalised JSON wherever values are known.
      parameters: By path, what brings the value of a field.
      beyond: The names of settings that TrainArgs does not have.
    """

    value: Any
    parameters: Mapping[str, Parameter] = {}
    beyond: Sequence[str] = ()


def _read(given: Mapping[str, Any]) -> list[_Stored]:
    """Reads train_args and eval_args; raises the problems of both together."""
    stored, errors = [], []
    for name, read in ((_TRAIN, _train_args), (_EVAL, _eval_args)):
        try:
            stored.append(read(given.get(name)))
        except FitArgsError as error:
            errors.append(error)
    raise_together(errors, "Trainer")
    return stored


def _train_args(given: Any) -> _Stored:
    if isinstance(given, placeholder.Placeholder):
        return _Stored(given)
    if isinstance(given, data_types.RuntimeParameter):
        default = parse_fit_args(given.default or None, source=_TRAIN)
        return _Stored(given, beyond=beyond_train_args(default))
    tree = runtime_parameters.mark(given)
    if isinstance(tree, Mapping):
        template = read_template(tree, FitArgs(), _TRAIN)
        message, parameters = template.message, template.parameters
    else:
        # TFX, too, takes anything empty as no train_args.
        message, parameters = parse_fit_args(given or None, source=_TRAIN), {}
    return _Stored(to_json(message), parameters, beyond_train_args(message))


def _eval_args(given: Any) -> _Stored:
    if not given or isinstance(given, placeholder.Placeholder):
        return _Stored(given)
    if isinstance(given, data_types.RuntimeParameter):
        parse_args(given.default or {}, trainer_pb2.EvalArgs(), _EVAL)
        return _Stored(given)
    if isinstance(given, Mapping):
        template = read_template(runtime_parameters.mark(given), trainer_pb2.EvalArgs(), _EVAL)
        return _Stored(proto_utils.proto_to_json(template.message), template.parameters)
    return _Stored(proto_utils.proto_to_json(parse_args(given, trainer_pb2.EvalArgs(), _EVAL)))


def _refuse_dropping(train: _Stored, evaluation: _Stored, spec: Any) -> None:
    """Refuses settings that the executor would not even read."""
    executor_class: type | None = getattr(spec, "executor_class", None)
    if executor_class is None or issubclass(executor_class, FitExecutor):
        return
    message = f"would be dropped by {executor_class.__name__}, which is no FitExecutor"
    inside = [path for path in train.parameters if re.split(r"[.[]", path)[0] not in train.beyond]
    dropped = {_TRAIN: [*train.beyond, *inside], _EVAL: list(evaluation.parameters)}
    errors = [
        FitArgsError([Problem(path, message) for path in paths], argument)
        for argument, paths in dropped.items()
        if paths
    ]
    raise_together(errors, "Trainer")
