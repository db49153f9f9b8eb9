# SPDX-License-Identifier: Apache-2.0
"""Tables in a terminal and in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fit_component.printable import printable

# Into a pipe, lines are as long as they are.
_UNLIMITED = 100_000


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table to stdout; in a terminal within its width, else a line for each row.

    Args:
      header: The names of the columns.
      rows: As many texts each.
    """
    _console().print(_table(header, rows))


def print_records(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table to stdout, or a block for each row where a terminal is too narrow for it.

    Args:
      header: The names of the columns.
      rows: As many texts each; in a block, what is empty is left out.
    """
    console, table = _console(), _table(header, rows)
    if Console(width=_UNLIMITED).measure(table).maximum <= console.width:
        console.print(table)
        return
    for number, row in enumerate(rows):
        if number:
            console.print()
        (first, *rest) = [pair for pair in zip(header, row, strict=True) if pair[1]]
        console.print(_table(first, rest))


def _console() -> Console:
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else _UNLIMITED)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(_text(name), overflow="fold")
    for row in rows:
        table.add_row(*map(_text, row))
    return table


def _text(text: str) -> Text:
    """A text as it is: brackets in it are no markup, and nothing in it moves the cursor."""
    return Text(printable(text))
