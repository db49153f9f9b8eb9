# SPDX-License-Identifier: Apache-2.0
"""Wrong settings as a terminal shows them, and as a script reads them."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import IO, Any

import click

from fit_component.credentials import masked_at
from fit_component.errors import FitArgsError, Problem, shortened
from fit_component.printable import printable

# What stands before the value or the message of a problem.
_PATH = re.compile(r"^  (\S+?)(?= = |: )", flags=re.MULTILINE)

_NO_VALUE = Problem("", "").value


class ProblemsError(click.ClickException):
    """Ends the command with exit code 1 and the words of a FitArgsError."""

    def __init__(self, error: FitArgsError):
        """Takes what is wrong with the settings."""
        super().__init__(str(error))

    def show(self, file: IO[Any] | None = None) -> None:
        """Writes the problems to the file, by default stderr."""
        complain(self.message, file)


def complain(text: str, file: IO[Any] | None = None) -> None:
    """Writes the words of a FitArgsError; in a terminal, what is wrong and where stands out.

    Args:
      text: The words, which stay as they are.
      file: Where to. Default: stderr.
    """
    headline, newline, problems = text.partition("\n")
    problems = _PATH.sub(lambda match: f"  {click.style(match[1], fg='cyan')}", problems)
    styled = click.style(headline, fg="red", bold=True) + newline + problems
    click.echo(styled, file=file or sys.stderr, color=_color())


def say(text: str) -> None:
    """Writes lines to stdout; what its encoding or a terminal does not have is escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    text = "\n".join(map(printable, text.split("\n")))
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), color=_color())


def problem_tree(problem: Problem) -> dict[str, Any]:
    """A problem for JSON.

    Returns:
      `path`, empty for the settings as a whole; `value`, absent where the
      setting is not set, and masked where it looks like a credential; `message`.
    """
    value = {} if problem.value is _NO_VALUE else {"value": _json_value(problem)}
    return {"path": problem.path, **value, "message": problem.message}


def _json_value(problem: Problem) -> Any:
    """A value as it is, or as text where JSON has none, such as for NaN, or it is nested deeply."""
    # With indents, as it is written later, Python gives up much earlier than without.
    if _is_deep(problem.value):
        return shortened(problem.shown)
    try:
        json.dumps(problem.value, allow_nan=False)
    except (TypeError, ValueError):
        return shortened(problem.shown)
    return masked_at(problem.path, problem.value)


def _is_deep(value: Any, levels: int = 50) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deep(part, levels - 1) for part in inner)


def _color() -> bool | None:
    """False where the user wants none (https://no-color.org); None leaves it to the terminal."""
    return False if os.environ.get("NO_COLOR") else None
