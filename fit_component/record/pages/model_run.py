# SPDX-License-Identifier: Apache-2.0
"""The page of a ModelRun artifact."""

from __future__ import annotations

import os
from pathlib import Path

from google.protobuf import text_format

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.record.pages.run_page import Requested, run_page
from fit_component.record.run_files import read_run
from fit_component.record.settings_files import DIRECTORY, REQUESTED

# Of the path, what tells one run from another: .../Trainer/model_run/5.
_PARTS = 3


def model_run_page(model_run: str | os.PathLike[str]) -> str:
    """Reads a run and draws it.

    Args:
      model_run: The directory of a ModelRun artifact, on this machine.

    Returns:
      An HTML page that loads nothing.

    Raises:
      FileNotFoundError: If there is no record of a run.
      ValueError: If a file of it is not as this package writes it.
      ExtraMissingError: If jinja2 or plotly is not installed.
    """
    run = read_run(model_run)
    name = "/".join(Path(os.path.abspath(model_run)).parts[-_PARTS:])
    return run_page(run, name=name, requested=_requested(Path(model_run)))


def _requested(model_run: Path) -> Requested | None:
    path = model_run / DIRECTORY / REQUESTED
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        return Requested(text_format.Parse(text, FitArgs()), text)
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
