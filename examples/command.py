# SPDX-License-Identifier: Apache-2.0
"""The command line that example pipelines share: settings in, outcome out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from examples import running
from examples.outcome import describe_outcome
from fit_component import FitArgs, FitArgsError, load_fit_args


def pipeline_command(*, fit: Path, root: Path) -> Callable[[Callable[..., None]], click.Command]:
    """Makes a command with the options --fit, --set and --root.

    Args:
      fit: The default of --fit.
      root: The default of --root.

    Returns:
      A decorator for a function of `fit`, `overrides`, `root`, and what
      further click options give.
    """
    decorators = [
        click.command(context_settings={"help_option_names": ["-h", "--help"]}),
        click.option(
            "--fit",
            default=fit,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The settings of Model.fit: .textproto, .json or .yaml.",
        ),
        click.option(
            "--set",
            "overrides",
            multiple=True,
            metavar="PATH=VALUE",
            help="Overrides a setting, such as callbacks[0].early_stopping.patience=5. Repeatable.",
        ),
        click.option(
            "--root",
            default=root,
            type=click.Path(file_okay=False, path_type=Path),
            help="Where data, artifacts, metadata and logs go.",
            show_default=True,
        ),
    ]

    def decorate(function: Any) -> Any:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def run(
    make_pipeline: Callable[[FitArgs, Path], object],
    *,
    fit: Path,
    overrides: tuple[str, ...],
    root: Path,
) -> None:
    """Runs a pipeline with the settings of a file, and tells the outcome.

    Args:
      make_pipeline: Makes it from the settings and the root. Called after the
        settings have been checked.
      fit: The file.
      overrides: Changes to its settings.
      root: Where all that the pipeline leaves goes; made.

    Raises:
      click.ClickException: If the settings are wrong.
    """
    try:
        fit_args = load_fit_args(fit, overrides=overrides)
        root.mkdir(parents=True, exist_ok=True)
        running.run(lambda: make_pipeline(fit_args, root), root)
    except FitArgsError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"\n{describe_outcome(root)}")
