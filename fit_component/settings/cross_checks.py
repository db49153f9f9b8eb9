# SPDX-License-Identifier: Apache-2.0
"""Checks across fields: settings that contradict or disarm each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import callback_checks, learning_rate_checks, optimizer_checks
from fit_component.settings.durations import duration_text
from fit_component.settings.parts import callbacks_of, end_epoch, initial_epoch


def check_across(fit_args: FitArgs) -> Iterator[Problem]:
    """Yields the problems that lie between fields.

    Args:
      fit_args: The settings, unresolved.
    """
    callbacks, rates = callback_checks.CHECKS, learning_rate_checks.CHECKS
    for check in (*_CHECKS, *callbacks, *rates, *optimizer_checks.CHECKS):
        yield from check(fit_args)


def _epochs(fit_args: FitArgs) -> Iterator[Problem]:
    first, end = initial_epoch(fit_args), end_epoch(fit_args)
    if first >= end >= 1:
        message = f"must be below epochs, which is {end}, or nothing is trained; raise epochs"
        yield Problem("initial_epoch", message, first, related=("epochs",))


def _determinism(fit_args: FitArgs) -> Iterator[Problem]:
    if fit_args.deterministic and not fit_args.HasField("seed"):
        message = "needs a seed, or the first random op fails; set seed"
        yield Problem("deterministic", message, True, related=("seed",))


def _validation(fit_args: FitArgs) -> Iterator[Problem]:
    freq, end = fit_args.validation.freq, end_epoch(fit_args)
    first = initial_epoch(fit_args)
    # Keras evaluates after epoch e, counted from 0, if freq divides e + 1.
    if freq > 1 and first < end and end // freq == first // freq:
        message = f"never falls due between the epochs {first} and {end}; lower it"
        yield Problem("validation.freq", message, freq, related=("epochs", "initial_epoch"))


def _within_an_epoch(fit_args: FitArgs) -> Iterator[Problem]:
    steps = fit_args.num_steps
    within = {
        "validation.every_steps": fit_args.validation.every_steps,
        "resume.save_every_steps": fit_args.resume.save_every_steps,
    }
    for path, every in within.items():
        if every >= steps >= 1 and every >= 1:
            message = (
                f"never falls due within an epoch, which has num_steps {steps}; "
                "give a smaller one, or leave it out"
            )
            yield Problem(path, message, every, related=("num_steps",))


def _multiples(fit_args: FitArgs) -> Iterator[Problem]:
    at_once = fit_args.execution.steps_per_execution
    counts = {
        "max_steps": fit_args.max_steps,
        "validation.every_steps": fit_args.validation.every_steps,
        "resume.save_every_steps": fit_args.resume.save_every_steps,
    }
    for path, steps in counts.items():
        if at_once > 1 and steps % at_once:
            nearest = steps // at_once * at_once or at_once
            message = (
                f"must be a multiple of execution.steps_per_execution, which is {at_once}, such "
                f"as {nearest}: nothing can act between the batches of one execution"
            )
            related = ("execution.steps_per_execution",)
            yield Problem(path, message, steps, related=related)


def _compilation(fit_args: FitArgs) -> Iterator[Problem]:
    if fit_args.execution.run_eagerly and fit_args.execution.jit_compile:
        message = (
            "contradicts execution.jit_compile: what runs eagerly is not compiled; "
            "take one of them out"
        )
        related = ("execution.jit_compile",)
        yield Problem("execution.run_eagerly", message, True, related=related)


def _shuffling(fit_args: FitArgs) -> Iterator[Problem]:
    settings = fit_args.input
    is_off = settings.HasField("shuffle") and not settings.shuffle
    if settings.HasField("shuffle_buffer_size") and is_off:
        message = "has an effect only with shuffle: true"
        size = settings.shuffle_buffer_size
        yield Problem("input.shuffle_buffer_size", message, size, related=("input.shuffle",))


def _workers(fit_args: FitArgs) -> Iterator[Problem]:
    if fit_args.HasField("max_time") and fit_args.strategy.HasField("multi_worker_mirrored"):
        message = (
            "cannot be kept by several workers: the clock of each would stop it at another "
            "batch, and the others would wait for it; use max_steps"
        )
        time = duration_text(fit_args.max_time)
        yield Problem("max_time", message, time)


def _resume(fit_args: FitArgs) -> Iterator[Problem]:
    resume = fit_args.resume
    if not resume.HasField("enabled"):
        for field, _ in resume.ListFields():
            # An explicit false is how a whole block is switched off.
            message = "has an effect only with resume.enabled: true"
            yield Problem(f"resume.{field.name}", message, related=("resume.enabled",))
    for path, _ in callbacks_of(fit_args, "backup_and_restore") if resume.enabled else ():
        message = (
            "restores an older state over that of resume, which is whole; leave the callback "
            "out, or resume.enabled"
        )
        yield Problem(path, message, related=("resume.enabled",))


def _devices(fit_args: FitArgs) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, device in enumerate(fit_args.strategy.mirrored.devices):
        if first.setdefault(device, index) < index:
            yield Problem(f"strategy.mirrored.devices[{index}]", "is named twice; keep one", device)


_CHECKS: tuple[Callable[[FitArgs], Iterator[Problem]], ...] = (
    _epochs,
    _determinism,
    _validation,
    _within_an_epoch,
    _multiples,
    _compilation,
    _shuffling,
    _workers,
    _resume,
    _devices,
)
