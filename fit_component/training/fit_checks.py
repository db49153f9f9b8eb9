# SPDX-License-Identifier: Apache-2.0
"""What a call of `Model.fit` is asked for, held against what it has."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf

from fit_component.errors import Problem
from fit_component.objects import generations
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.training.fit_calls import FitCall, full_epochs
from fit_component.training.limits import Limit, MaxSteps
from fit_component.training.validation import EverySteps

_LOG = logging.getLogger(__name__)

_TAKE_OUT = "take .repeat() or num_epochs=None out of its data"
_REPEAT = "repeat its data without end, by .repeat() or num_epochs=None"


def _other_generation(call: FitCall, _: FitArgs) -> Iterator[Problem]:
    own = generations.version_of(call.keras)
    for other in generations.loaded():
        keras = importlib.import_module(other.package)
        strangers = [
            type(callback).__name__
            for callback in call.callbacks
            if isinstance(callback, keras.callbacks.Callback)
            and not isinstance(callback, call.keras.callbacks.Callback)
        ]
        if strangers:
            message = (
                f"{', '.join(strangers)} of {generations.version_of(keras)} cannot be used by a "
                f"model of {own}; a module that trains with that says so before it takes "
                f"them: fn_args.use_keras({call.generation.package})"
            )
            yield Problem("callbacks", message)


def _endless_epoch(call: FitCall, fit_args: FitArgs) -> Iterator[Problem]:
    is_endless = call.batches("x") == tf.data.INFINITE_CARDINALITY
    if not is_endless or call.steps or any(isinstance(c, Limit) for c in call.callbacks):
        return
    what = "fit got data without end and no steps_per_epoch, so its first epoch would not end"
    if any(_may_stop(callback) for callback in call.callbacks):
        _LOG.warning("num_steps: %s, unless a callback stops it.", what)
        return
    give = "pass steps_per_epoch=fn_args.train_steps or **fn_args.fit_kwargs to it"
    if fit_args.num_steps:
        message = f"does not reach fit: {what}; {give}, or {_TAKE_OUT}"
        yield Problem("num_steps", message, fit_args.num_steps)
    else:
        yield Problem("num_steps", f"is not set, and {what}; set it and {give}, or {_TAKE_OUT}")


def _may_stop(callback: Any) -> bool:
    """Whether a callback that is no Limit could end training within an epoch."""
    package = type(callback).__module__.partition(".")[0]
    is_keras_own = package in generations.GENERATIONS and type(callback).__name__ != _LAMBDA
    is_ours = package == __name__.partition(".")[0]  # Those that may are Limits.
    return not is_keras_own and not is_ours


_LAMBDA = "LambdaCallback"


def _short_data(call: FitCall, fit_args: FitArgs) -> Iterator[Problem]:
    batches, steps, epochs = call.batches("x"), call.steps, call.epochs
    if batches is None or batches < 0 or steps is None or steps <= 0 or fit_args.dry_run:
        return
    full = full_epochs(
        batches,
        steps,
        at_once=call.steps_per_execution,
        starts_anew=call.generation.starts_data_anew,
        whole_executions=call.generation.runs_whole_executions,
    )
    limits = [c.max_steps for c in call.callbacks if isinstance(c, MaxSteps)]
    needed = min([epochs, *(-(-limit // steps) for limit in limits)])
    if full is None or full >= needed:
        return
    message = (
        f"fit was asked for {epochs} epochs of {steps} batches, {epochs * steps} in all, and its "
        f"data end after {batches}: epoch {call.initial_epoch + full}, counted from 0, would be "
        f"cut short; lower it, {_REPEAT}, or leave it out for one pass over the data in each epoch"
    )
    yield _of_num_steps(message, fit_args.num_steps)


def _endless_evaluation(call: FitCall, _: FitArgs) -> Iterator[Problem]:
    is_endless = call.batches("validation_data") == tf.data.INFINITE_CARDINALITY
    if is_endless and not call.validation_steps:
        message = (
            "fit got validation_data without end and no validation_steps, so its evaluation "
            "would not end; set it and pass validation_steps=fn_args.eval_steps or "
            f"**fn_args.fit_kwargs to fit, or {_TAKE_OUT}"
        )
        yield Problem("num_steps", message)


def _short_evaluation(call: FitCall, fit_args: FitArgs) -> Iterator[Problem]:
    batches, steps = call.batches("validation_data"), call.validation_steps
    if batches is None or steps is None or fit_args.dry_run or not 0 <= batches < steps:
        return
    message = (
        f"fit was asked to evaluate {steps} batches, and its validation_data end after {batches}; "
        f"lower it, {_REPEAT}, or leave it out for one pass over the data"
    )
    yield Problem("num_steps", message, steps)


def _no_validation(call: FitCall, _: FitArgs) -> Iterator[Problem]:
    for callback in call.callbacks:
        is_without = call.fit.arguments.get("validation_data") is None
        if isinstance(callback, EverySteps) and is_without:
            message = "has no effect: fit got no validation_data; give it, or leave every_steps out"
            yield Problem("validation.every_steps", message, callback.every_steps)


def _of_num_steps(message: str, num_steps: int) -> Problem:
    return Problem("num_steps", message, num_steps) if num_steps else Problem("num_steps", message)


Check = Callable[[FitCall, FitArgs], Iterator[Problem]]

# By the argument of the Trainer that holds what they name.
CHECKS: Mapping[str, tuple[Check, ...]] = {
    "train_args": (_other_generation, _endless_epoch, _short_data, _no_validation),
    "eval_args": (_endless_evaluation, _short_evaluation),
}
