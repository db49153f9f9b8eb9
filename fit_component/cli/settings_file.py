# SPDX-License-Identifier: Apache-2.0
"""What the commands that read a file of settings share."""

from __future__ import annotations

import click

from fit_component.errors import FitArgsError, Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import load_fit_args

# A path that loading tells what is wrong with, in the same words for each command.
FILE = click.Path(readable=False)

set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change a setting first, such as callbacks[0].early_stopping.patience=5. Repeatable.",
)


def load(file: str, overrides: tuple[str, ...]) -> FitArgs:
    """Loads settings as `load_fit_args` does.

    Args:
      file: Its path.
      overrides: What --set gave.

    Raises:
      FitArgsError: With all problems, also where the file cannot be read.
    """
    try:
        return load_fit_args(file, overrides=overrides)
    except OSError as error:
        told = f"cannot be read: {error.strerror or error}"
        raise FitArgsError([Problem("", told)], file) from error
