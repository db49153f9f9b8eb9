# SPDX-License-Identifier: Apache-2.0
"""The files in model_run/fit/ that hold a run's settings."""

from __future__ import annotations

from google.protobuf import text_format

from fit_component.proto.fit_args_pb2 import FitArgs

DIRECTORY = "fit"
REQUESTED = "requested.textproto"
RESOLVED = "resolved.textproto"


def settings_files(requested: FitArgs, resolved: FitArgs) -> dict[str, str]:
    """The settings files of a run.

    Args:
      requested: The settings as the pipeline gave them.
      resolved: The same with the defaults filled in.

    Returns:
      File names in DIRECTORY to their contents.
    """
    return {
        REQUESTED: text_format.MessageToString(requested),
        RESOLVED: text_format.MessageToString(resolved),
    }
