# SPDX-License-Identifier: Apache-2.0
"""Tables in a terminal and in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

# Into a pipe, lines are as long as they are.
_UNLIMITED = 100_000


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table to stdout; in a terminal within its width, else a line for each row.

    Args:
      header: The names of the columns.
      rows: As many texts each.
    """
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _UNLIMITED)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        # As they are: brackets in a text are no markup.
        table.add_row(*map(Text, row))
    console.print(table)
