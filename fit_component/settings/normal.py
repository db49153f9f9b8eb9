# SPDX-License-Identifier: Apache-2.0
"""The one normalised JSON of settings: property, cache key, parameter."""

from __future__ import annotations

from google.protobuf import json_format

from fit_component.proto.fit_args_pb2 import FitArgs

_TRAIN_ARGS_FIELDS = ("splits", "num_steps")


def to_json(fit_args: FitArgs) -> str:
    """Writes settings as the string that the execution property holds.

    Settings that TrainArgs could hold give exactly what TFX writes for the
    equal TrainArgs, which drops `num_steps: 0`.

    Args:
      fit_args: Checked settings, unresolved.

    Returns:
      JSON with sorted keys and the contract's field names.
    """
    normal = FitArgs()
    normal.CopyFrom(fit_args)
    if not normal.num_steps:
        normal.ClearField("num_steps")
    # The arguments of TFX's proto_utils.proto_to_json.
    return json_format.MessageToJson(normal, sort_keys=True, preserving_proto_field_name=True)


def beyond_train_args(fit_args: FitArgs) -> list[str]:
    """The names of the fields set that TrainArgs does not have."""
    names = [field.name for field, _ in fit_args.ListFields()]
    return [name for name in names if name not in _TRAIN_ARGS_FIELDS]
