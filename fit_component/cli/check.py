# SPDX-License-Identifier: Apache-2.0
"""`fit-component check`: are these settings good?"""

from __future__ import annotations

import json

import click

from fit_component.cli.problems import complain, problem_tree, say
from fit_component.cli.settings_file import FILE, load, set_option
from fit_component.errors import FitArgsError


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@set_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a JSON list instead: of each file its name and its problems, which have a path, a "
    "message and, where there is one, the value.",
)
@click.pass_context
def command(
    ctx: click.Context, files: tuple[str, ...], overrides: tuple[str, ...], as_json: bool
) -> None:
    """Check settings before a pipeline has them.

    Each FILE, .textproto, .json or .yaml, is read and checked as a pipeline
    would: all its problems are told, each with what is allowed instead. The
    exit code is 1 if there is any.
    """
    errors = {file: _error(file, overrides) for file in files}
    if as_json:
        click.echo(json.dumps([_tree(*item) for item in errors.items()], indent=2))
    else:
        for file, error in errors.items():
            _tell(file, error)
    ctx.exit(1 if any(errors.values()) else 0)


def _error(file: str, overrides: tuple[str, ...]) -> FitArgsError | None:
    try:
        load(file, overrides)
    except FitArgsError as error:
        return error
    return None


def _tell(file: str, error: FitArgsError | None) -> None:
    if error is None:
        say(f"{file}: good")
    else:
        complain(str(error))


def _tree(file: str, error: FitArgsError | None) -> dict[str, object]:
    problems = error.problems if error else ()
    return {"file": file, "problems": [problem_tree(problem) for problem in problems]}
