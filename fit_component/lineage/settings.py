# SPDX-License-Identifier: Apache-2.0
"""The settings that an execution of a Trainer was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format

from fit_component.errors import FitArgsError
from fit_component.lineage.trainings import TRAIN_ARGS
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import PROPERTY, brought_values, fill


def read_settings(properties: Mapping[str, Any]) -> FitArgs:
    """Reads settings as they were requested, what runtime parameters brought included.

    They were checked when they were stored, and are not checked again.

    Args:
      properties: The properties of the execution.

    Raises:
      ValueError: If this version cannot read them; says why.
    """
    stored = properties[TRAIN_ARGS] or "{}"
    try:
        if PROPERTY in properties:
            brought = brought_values(properties)[1].get(TRAIN_ARGS, {})
            return fill(stored, brought, FitArgs(), TRAIN_ARGS)
        return json_format.Parse(stored, FitArgs())
    except (json_format.ParseError, FitArgsError, TypeError, KeyError) as error:
        raise ValueError(f"train_args cannot be read: {error}") from error
