# SPDX-License-Identifier: Apache-2.0
"""`fit-component runs`: what was trained, and with which settings?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from fit_component.cli.database import DATABASE, plain, read_runs, text
from fit_component.cli.problems import say

if TYPE_CHECKING:
    import pandas as pd

_SETTINGS, _RESULTS = "settings.", "results."
_SHOWN = ("epochs_run", "stop_reason", "seconds")


@click.command()
@click.argument("database", type=DATABASE, metavar="DB")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the newest N.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a JSON list instead, with all settings, results and URIs of each.",
)
def command(database: str, last: int | None, as_json: bool) -> None:
    """List the trainings in ML Metadata.

    DB is the SQLite file of a pipeline's metadata. Shown are the settings in
    which the trainings differ, and how each ended: in lines, or one below the
    other where the terminal is too narrow. The stock Trainer's are there, too.
    """
    runs = read_runs(database)
    runs = runs if last is None else runs.tail(last)
    if as_json:
        click.echo(json.dumps(_records(runs), indent=2))
    elif runs.empty:
        say(f"{database}: nothing was trained yet")
    else:
        _print(runs)


def _records(runs: pd.DataFrame) -> list[dict[str, Any]]:
    rows = runs.reset_index().to_dict("records")
    return [{str(name): plain(value) for name, value in row.items()} for row in rows]


def _print(runs: pd.DataFrame) -> None:
    from fit_component.cli.tables import print_records

    places = [name for name in ("pipeline", "node", "run") if _is_told(runs[name])]
    settings = [name for name in runs if name.startswith(_SETTINGS) and differs(runs[name])]
    results = [f"{_RESULTS}{name}" for name in _SHOWN if f"{_RESULTS}{name}" in runs]
    columns = [*places, "state", *settings, *results]
    header = ["execution", "started", *(_short(name) for name in columns), "best"]
    rows = [
        [str(row.Index), f"{row.started:%Y-%m-%d %H:%M}", *values, _best(runs.loc[row.Index])]
        for row, values in zip(
            runs[["started"]].itertuples(),
            ([text(runs.at[index, name]) for name in columns] for index in runs.index),
            strict=True,
        )
    ]
    print_records(header, rows)


def _is_told(names: pd.Series) -> bool:
    """Whether names tell trainings apart, beside the times at which they started."""
    from fit_component.record.runs import is_time

    return differs(names) and not all(map(is_time, names))


def differs(column: pd.Series) -> bool:
    """Whether there are several values in a column, none at all being one, too."""
    return bool(column.nunique(dropna=False) > 1)


def _short(name: str) -> str:
    return name.removeprefix(_SETTINGS).removeprefix(_RESULTS)


def _best(row: pd.Series) -> str:
    """The best value of what was monitored, such as `val_loss 0.31`."""
    monitor = plain(row.get(f"{_RESULTS}monitor"))
    value = row.get(f"{_RESULTS}best.{monitor}") if monitor else None
    return f"{monitor} {text(value)}" if value is not None else ""
