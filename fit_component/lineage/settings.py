# SPDX-License-Identifier: Apache-2.0
"""The settings that an execution of a Trainer was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format

from fit_component.errors import FitArgsError
from fit_component.lineage.trainings import EVAL_ARGS, TRAIN_ARGS
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.record import flat_settings
from fit_component.settings import PROPERTY, brought_values, cap_steps, fill, resolve


def read_settings(properties: Mapping[str, Any]) -> FitArgs:
    """Reads settings as they were requested, what runtime parameters brought included.

    They were checked when they were stored, and are not checked again.

    Args:
      properties: The properties of the execution.

    Raises:
      ValueError: If this version cannot read them; says why.
    """
    return _read(properties, TRAIN_ARGS)


def read_flat_settings(properties: Mapping[str, Any]) -> dict[str, int | float | str]:
    """Reads settings, fills in this version's defaults, and flattens them.

    Args:
      properties: The properties of the execution.

    Raises:
      ValueError: If this version cannot read them; says why.
    """
    resolved = resolve(read_settings(properties))
    # EvalArgs has the fields of TrainArgs.
    evaluation = _read(properties, EVAL_ARGS)
    return flat_settings(resolved, eval_steps=cap_steps(evaluation.num_steps or None, resolved))


def _read(properties: Mapping[str, Any], argument: str) -> FitArgs:
    stored = properties.get(argument) or "{}"
    try:
        if PROPERTY in properties:
            brought = brought_values(properties)[1].get(argument, {})
            return fill(stored, brought, FitArgs(), argument)
        return json_format.Parse(stored, FitArgs())
    except (json_format.ParseError, FitArgsError, TypeError, KeyError) as error:
        raise ValueError(f"{argument} cannot be read: {error}") from error
