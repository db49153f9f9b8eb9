# SPDX-License-Identifier: Apache-2.0
"""`fit-component diff`: what differs between two trainings?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from fit_component.cli.database import DATABASE, plain, read_runs, text
from fit_component.cli.problems import say

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.argument("database", type=DATABASE, metavar="DB")
@click.argument("a", type=int)
@click.argument("b", type=int)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a JSON object instead: names to the two values.",
)
def command(database: str, a: int, b: int, as_json: bool) -> None:
    """Tell what differs between two trainings.

    A and B are the ids of executions in DB, the SQLite file of a pipeline's
    metadata, as `fit-component runs DB` lists them.
    """
    runs = read_runs(database)
    _refuse_unknown(runs, database, (a, b))
    from fit_component.cli.tables import print_table
    from fit_component.lineage import diff

    differing = list(diff(runs.loc[a], runs.loc[b]).itertuples(name=None))
    if as_json:
        tree = {name: [plain(value) for value in pair] for name, *pair in differing}
        click.echo(json.dumps(tree, indent=2))
    elif differing:
        rows = [[name, *map(text, pair)] for name, *pair in differing]
        print_table(["", str(a), str(b)], rows)
    else:
        say(f"{a} and {b} have the same settings and results")


def _refuse_unknown(runs: pd.DataFrame, database: str, ids: tuple[int, ...]) -> None:
    unknown = [str(id) for id in dict.fromkeys(ids) if id not in runs.index]
    if unknown:
        there = ", ".join(map(str, runs.index[-20:])) or "none"
        raise click.ClickException(
            f"{database} has no training {' and '.join(unknown)}; there are: {there}"
        )
