# SPDX-License-Identifier: Apache-2.0
"""`fit-component show`: settings in another format, or with the defaults filled in."""

from __future__ import annotations

import click

from fit_component.cli.settings_file import FILE, load, set_option
from fit_component.settings import resolve
from fit_component.settings.formats import format_of
from fit_component.settings.writing import FORMATS, write_text


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="The format to show them in. Default: that of FILE.",
)
@click.option("--resolved", is_flag=True, help="Fill in the defaults of fit-component.")
@set_option
def command(file: str, format_name: str | None, resolved: bool, overrides: tuple[str, ...]) -> None:
    """Show settings in one of their formats.

    What is shown can be saved and loaded: credentials are in it as they are
    in FILE. Comments of FILE are left out, and
    so is what --resolved leaves to Keras: the arguments of callbacks and
    optimizers that are not set.
    """
    fit_args = load(file, overrides)
    text = write_text(resolve(fit_args) if resolved else fit_args, format_name or format_of(file))
    # Files of settings are UTF-8, whatever the terminal is.
    click.echo(text.encode(), nl=False)
