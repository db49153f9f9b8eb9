# SPDX-License-Identifier: Apache-2.0
"""Supervision of `Model.fit`: nothing that it is asked for fails in silence."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Iterator

import tensorflow as tf

from fit_component.errors import FitArgsError, Problem, raise_together
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.training.differences import find_differences
from fit_component.training.enforcement import Said, enforce
from fit_component.training.fit_calls import FitCall, run_steps
from fit_component.training.fit_checks import CHECKS
from fit_component.training.fit_validation import FitValidation
from fit_component.training.observation import Fit, surrounded_fits
from fit_component.training.validation import EverySteps
from fit_component.training.wanted import Finding, Wanted

_LOG = logging.getLogger(__name__)


@contextlib.contextmanager
def supervised_fits(
    fit_args: FitArgs,
    find_wanted: Callable[[], Wanted | None] = lambda: None,
    *,
    refuses: bool = True,
) -> Iterator[None]:
    """Looks at each call of `fit` before it runs, and once more when it has.

    The model may be of any Keras loaded so far. Of data, tf.data.Datasets alone
    are looked at, and those not read. The callback of `validation.every_steps`
    learns how the fit evaluates. What goes wrong in supervision itself is
    logged and ends no training.

    Args:
      fit_args: Resolved settings.
      find_wanted: Returns what a call is held against and, where `enforcement`
        says so, made to obey; None for nothing. A search of KerasTuner is let
        alone.
      refuses: Whether calls are kept from running that could not do what they
        are asked for.

    Raises:
      FitArgsError: In `fit`, if that could not do what it is asked for, or if
        it was not asked for what the pipeline wants and `enforcement` is ERROR.
    """
    said: Said = set()

    @contextlib.contextmanager
    def supervised(fit: Fit) -> Iterator[None]:
        call, steps_before = None, None
        with _going_on():
            call = FitCall.of(fit)
        if call is None:
            yield
            return
        _enforce(call, find_wanted(), said)
        call = FitCall.of(fit)
        if refuses:
            _check(call, fit_args)
        with _going_on():
            steps_before = _steps_before(call, fit_args)
        with _told_how_to_evaluate(call), _wrong_counts_told():
            yield
        with _going_on():
            if steps_before is not None:
                _tell_if_short(call, steps_before)

    with surrounded_fits(supervised):
        yield


@contextlib.contextmanager
def _going_on() -> Iterator[None]:
    try:
        yield
    except Exception:
        _LOG.warning("A call of fit could not be supervised in full.", exc_info=True)


def _enforce(call: FitCall, wanted: Wanted | None, said: Said) -> None:
    if wanted is None or (call.fit.caller is not None and call.fit.caller.in_search):
        return
    findings: list[Finding] = []
    with _going_on():
        findings = find_differences(call, wanted)
    if findings:
        enforce(call, findings, wanted.resolved.enforcement, said)


def _check(call: FitCall, fit_args: FitArgs) -> None:
    errors = []
    for source, checks in CHECKS.items():
        problems: list[Problem] = []
        for check in checks:
            with _going_on():
                problems.extend(check(call, fit_args))
        if problems:
            errors.append(FitArgsError(problems, source))
    raise_together(errors, "Trainer")


@contextlib.contextmanager
def _told_how_to_evaluate(call: FitCall) -> Iterator[None]:
    told = [callback for callback in call.callbacks if isinstance(callback, EverySteps)]
    with _going_on():
        for callback in told:
            callback.how = FitValidation.of(call.fit.arguments, call.callbacks)
    try:
        yield
    finally:
        for callback in told:
            callback.how = None


@contextlib.contextmanager
def _wrong_counts_told() -> Iterator[None]:
    try:
        yield
    except (tf.errors.FailedPreconditionError, tf.errors.InvalidArgumentError) as error:
        found = re.search(r"Input dataset was (expected to contain [^.\]\n]*)", str(error))
        if found is None:
            raise
        what = found[1].replace("elements", "batches")
        message = (
            f"the data of fit were {what}. Are statistics that are connected to the Trainer those "
            "of its examples? Leave them out, and the examples are counted. Without statistics, "
            "the files were changed while they were read"
        )
        raise FitArgsError([Problem("statistics", message)], "Trainer") from error


def _steps_before(call: FitCall, fit_args: FitArgs) -> int | None:
    """What the optimizer has counted, where it shall tell the batches of data of unknown length."""
    is_unknown = call.batches("x") == tf.data.UNKNOWN_CARDINALITY
    asks = call.steps is not None and call.steps > 0
    return run_steps(call) if is_unknown and asks and not fit_args.dry_run else None


def _tell_if_short(call: FitCall, steps_before: int) -> None:
    """Warns if there were fewer batches than asked for, though nobody stopped the training."""
    epochs = call.fit.history.epoch
    steps_after = run_steps(call)
    if steps_after is None or call.steps is None or call.fit.model.stop_training:
        return
    # Of a training that is taken up, the optimizer's steps are, too.
    asked, run = call.epochs * call.steps, steps_after - steps_before
    if run < asked:
        _LOG.warning(
            "num_steps: fit was asked for %d epochs of %d batches, %d in all, but its data ended "
            "early: it ran %d epochs, with no more than %d batches. Lower num_steps, repeat the "
            "data without end, or leave num_steps out for one pass in each epoch.",
            *(call.epochs, call.steps, asked, len(epochs), run),
        )
