# SPDX-License-Identifier: Apache-2.0
"""The trainings in the ML Metadata that a command is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

# Completed by the shell; whether it is one is told by who opens it.
DATABASE = click.Path(dir_okay=False)


def read_runs(database: str) -> pd.DataFrame:
    """Reads all trainings.

    Args:
      database: The path of a SQLite file.

    Raises:
      click.ClickException: If it cannot be read.
    """
    from fit_component import lineage  # takes a second

    try:
        return lineage.runs(database)
    except (FileNotFoundError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def plain(value: Any) -> Any:
    """A value of a table as JSON can hold it: None where there is none, times as texts."""
    import pandas as pd

    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def text(value: Any) -> str:
    """A value of a table as a person reads it; empty where there is none."""
    value = plain(value)
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
