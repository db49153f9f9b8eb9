# SPDX-License-Identifier: Apache-2.0
"""Checks of learning rates and their schedules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import descriptors

# What raises the rate of a schedule that starts at 0, and the default of that. Where nothing does,
# all values of the schedule are multiples of the first one.
_FROM_0: Mapping[str, tuple[str | None, float]] = {
    "ExponentialDecay": (None, 0),
    "CosineDecay": ("warmup_target", 0),
    "CosineDecayRestarts": (None, 0),
    "PolynomialDecay": ("end_learning_rate", 1e-4),
    "InverseTimeDecay": (None, 0),
}


def _pieces(fit_args: FitArgs) -> Iterator[Problem]:
    for path, pieces in _messages(fit_args, "PiecewiseConstantDecay"):
        name = "boundary_epochs" if pieces.boundary_epochs else "boundaries"
        boundaries, values = list(getattr(pieces, name)), list(pieces.values)
        at = f"{path}.{name}"
        if boundaries != sorted(set(boundaries)):
            yield Problem(at, "must rise from each to the next", boundaries)
        if boundaries and values and len(values) != len(boundaries) + 1:
            message = f"must be one value more than {name}, so {len(boundaries) + 1} values"
            yield Problem(f"{path}.values", message, values, related=(at,))


def _warm_up(fit_args: FitArgs) -> Iterator[Problem]:
    for path, cosine in _messages(fit_args, "CosineDecay"):
        lengths = ("warmup_steps", "warmup_epochs")
        if cosine.HasField("warmup_target") and not any(map(cosine.HasField, lengths)):
            message = "needs the length of the warm-up; give warmup_steps or warmup_epochs"
            related = tuple(f"{path}.{name}" for name in lengths)
            yield Problem(f"{path}.warmup_target", message, cosine.warmup_target, related)


def _nothing(fit_args: FitArgs) -> Iterator[Problem]:
    for name, (raising, default) in _FROM_0.items():
        for path, schedule in _messages(fit_args, name):
            first = schedule.initial_learning_rate
            later = default
            if raising is not None and schedule.HasField(raising):
                later = getattr(schedule, raising)
            if schedule.HasField("initial_learning_rate") and first == 0 and later == 0:
                instead = f", or give {raising}" if raising else ""
                message = f"keeps the rate at 0, so nothing is learnt; give a larger one{instead}"
                related = (f"{path}.{raising}",) if raising else ()
                yield Problem(f"{path}.initial_learning_rate", message, first, related)


CHECKS: tuple[Callable[[FitArgs], Iterator[Problem]], ...] = (_pieces, _warm_up, _nothing)


def _messages(fit_args: FitArgs, name: str) -> Iterator[tuple[str, Any]]:
    """Yields the messages of a type, wherever they are set, with their paths."""
    for path, message in descriptors.messages_in(fit_args):
        if message.DESCRIPTOR.name == name:
            yield path, message
