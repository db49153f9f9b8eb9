# SPDX-License-Identifier: Apache-2.0
"""`fit-component convert`: settings into a file of another format."""

from __future__ import annotations

from pathlib import Path

import click

from fit_component.cli.problems import say
from fit_component.cli.settings_file import FILE, load, set_option
from fit_component.cli.writing_files import refuse_existing, write_all
from fit_component.settings.formats import format_of
from fit_component.settings.writing import write_text


@click.command()
@click.argument("source", type=FILE)
@click.argument("target", type=FILE)
@set_option
@click.option("--force", is_flag=True, help="Overwrite TARGET if it exists.")
def command(source: str, target: str, overrides: tuple[str, ...], force: bool) -> None:
    """Write settings to a file of another format.

    The suffixes of SOURCE and TARGET tell the formats: .textproto, .json or
    .yaml. Settings are checked before they are written. Comments of SOURCE are
    lost.
    """
    format_name = format_of(target)
    if not force:
        refuse_existing([Path(target)], "give --force to overwrite it")
    text = write_text(load(source, overrides), format_name)
    write_all({Path(target): text.encode()})
    say(f"{target}: written")
