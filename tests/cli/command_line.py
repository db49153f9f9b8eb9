# SPDX-License-Identifier: Apache-2.0
"""The command in this process, as a user who sees its output and exit code."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

from fit_component.cli import main


class Result(NamedTuple):
    """What a command left.

    Attributes:
      exit_code: Its exit code.
      out: What it wrote to stdout.
      err: What it wrote to stderr.
    """

    exit_code: int
    out: str
    err: str


class _Stream(io.TextIOWrapper):
    """A stream in memory that may be a terminal."""

    def __init__(self, is_terminal: bool, encoding: str):
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def text(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)


def run(*arguments: object, is_terminal: bool = False, encoding: str = "utf-8") -> Result:
    """Runs `fit-component` with the arguments."""
    out, err = _Stream(is_terminal, encoding), _Stream(is_terminal, encoding)
    exit_code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main.main([str(argument) for argument in arguments], prog_name="fit-component")
        except SystemExit as end:
            exit_code = end.code or 0
    return Result(exit_code, out.text(), err.text())
