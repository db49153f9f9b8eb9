# SPDX-License-Identifier: Apache-2.0
"""The files in model_run/fit/ that hold a run's settings."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf import text_format

from fit_component.credentials import masked_at
from fit_component.printable import printable
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.record.masking import masked_settings
from fit_component.settings import Brought

DIRECTORY = "fit"
REQUESTED = "requested.textproto"
RESOLVED = "resolved.textproto"


def settings_files(
    requested: FitArgs, resolved: FitArgs, brought: Mapping[str, Mapping[str, Brought]]
) -> dict[str, str]:
    """The settings files of a run.

    Args:
      requested: The settings as the pipeline gave them, values of runtime
        parameters included.
      resolved: The same with the defaults filled in.
      brought: The values of runtime parameters by the Trainer's argument and
        the path of the field; named in comments at the top.

    Returns:
      File names in DIRECTORY to their contents, which load as settings. What
      looks like a credential is masked: the execution property has it.
    """
    comments = "".join(
        f"# {argument}.{_described(path, value)}\n"
        for argument, fields in brought.items()
        for path, value in fields.items()
    )
    return {
        REQUESTED: comments + text_format.MessageToString(masked_settings(requested)),
        RESOLVED: comments + text_format.MessageToString(masked_settings(resolved)),
    }


def _described(path: str, brought: Brought) -> str:
    """What a runtime parameter brought, in a line that is a comment to its end."""
    value = masked_at(path, brought.value)
    return f"{printable(path)} = {value!r}, from RuntimeParameter {brought.name!r}"
