# SPDX-License-Identifier: Apache-2.0
"""From settings to text in any of the formats that they are read from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from google.protobuf import text_format

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.short_forms import tree_of
from fit_component.settings.yaml_text import to_yaml


def write_text(fit_args: FitArgs, format: str) -> str:
    """Writes settings so that a person can read them.

    Not for comparing: `to_json` is the one normalised form.

    Args:
      fit_args: Checked settings.
      format: `textproto`, `json` or `yaml`.

    Returns:
      A text that `parse_fit_args` reads as the same settings.
    """
    return _WRITERS[format](fit_args)


def _textproto(fit_args: FitArgs) -> str:
    return text_format.MessageToString(fit_args, as_utf8=True)


def _json(fit_args: FitArgs) -> str:
    tree = tree_of(fit_args)
    return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _yaml(fit_args: FitArgs) -> str:
    return to_yaml(tree_of(fit_args))


_WRITERS: Mapping[str, Callable[[FitArgs], str]] = {
    "textproto": _textproto,
    "json": _json,
    "yaml": _yaml,
}
FORMATS = tuple(_WRITERS)
