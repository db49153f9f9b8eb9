# SPDX-License-Identifier: Apache-2.0
"""The group of commands, each of which is imported when it is used."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from fit_component.cli.problems import ProblemsError
from fit_component.errors import FitArgsError

# Each is `command` in the module of its name, here with the line that --help shows of it.
_COMMANDS: Mapping[str, str] = {
    "check": "Check settings before a pipeline has them.",
    "show": "Show settings in one of their formats.",
    "convert": "Write settings to a file of another format.",
    "schema": "Print the JSON Schema of settings, for editors.",
    "init": "Write a first config and module file.",
    "runs": "List the trainings in ML Metadata.",
    "diff": "Tell what differs between two trainings.",
    "report": "Draw one training or all of them on a page.",
}


class _Commands(click.Group):
    """Commands by the table above; what one needs is no other's loss of time."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a command."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"fit_component.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options that begin like this, without importing any."""
        commands = [
            CompletionItem(name, help=line)
            for name, line in _COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return commands + click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what the user's files can cause is told without a traceback."""
        try:
            return super().invoke(ctx)
        except FitArgsError as error:
            raise ProblemsError(error) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # click's, which ends in silence
                raise
            name = error.filename2 or error.filename
            if name is None:
                _give_up_stdout()
            told = error.strerror or str(error)
            raise click.ClickException(f"{name}: {told}" if name else told) from error


def _give_up_stdout() -> None:
    """Lets what could not be written go, or Python tries again at its end, and tells of it."""
    with contextlib.suppress(OSError, ValueError):  # no file: a stream in memory
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fit-component")
def main() -> None:
    """Settings of Keras' Model.fit in TFX pipelines, and what was trained with them.

    Exit codes: 0 good, 1 problems in the input, 2 wrong use.

    This, in ~/.bashrc, completes commands, options and files; zsh_source in
    ~/.zshrc:

    eval "$(_FIT_COMPONENT_COMPLETE=bash_source fit-component)"
    """
