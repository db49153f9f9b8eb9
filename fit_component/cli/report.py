# SPDX-License-Identifier: Apache-2.0
"""`fit-component report`: one training or all of them on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fit_component.cli.problems import say
from fit_component.cli.writing_files import refuse_existing, write_all

if TYPE_CHECKING:
    from fit_component.record import RunRecord

_DEFAULT = Path("report.html")

# The files of so many runs are read, so that the page of a large store is made in seconds.
_MOST_CURVES = 500


@click.command()
@click.argument("source", type=click.Path(), metavar="MODEL_RUN|DB")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=_DEFAULT,
    help="The page to write. Default: report.html.",
)
@click.option("--force", is_flag=True, help="Write it even if it is there already.")
def command(source: str, output: Path, force: bool) -> None:
    """Draw one training or all of them on a page.

    MODEL_RUN is the directory of a ModelRun artifact; the page shows that run:
    curves, settings, and what fit did not get. DB is the SQLite file of a
    pipeline's metadata; the page compares all runs in it. A page is one HTML
    file that needs no network.
    """
    if not force:
        refuse_existing([output], "name another with -o, or overwrite it with --force")
    from fit_component.record.pages import ExtraMissingError

    path = Path(source)
    if not path.exists():
        raise click.ClickException(
            f"{source} is not there; name the directory of a ModelRun artifact, such as "
            ".../Trainer/model_run/5, or the SQLite file of the pipeline's metadata"
        )
    try:
        page, told = _page_of_run(path) if path.is_dir() else _page_of_store(source)
    except ExtraMissingError as error:
        raise click.ClickException(str(error)) from error
    write_all({output: page.encode()})
    say(f"{output}: {told}")


def _page_of_run(model_run: Path) -> tuple[str, str]:
    from fit_component.record.pages import model_run_page

    try:
        return model_run_page(model_run), f"the run in {model_run}"
    except (FileNotFoundError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _page_of_store(database: str) -> tuple[str, str]:
    from fit_component.cli.database import plain, read_runs
    from fit_component.record.pages import runs_page

    rows = [
        {str(name): plain(value) for name, value in row.items()}
        for row in read_runs(database).reset_index().to_dict("records")
    ]
    records = dict(_records(rows[-_MOST_CURVES:]))
    page = runs_page(rows, records, name=Path(database).name)
    return page, f"runs in {database}: {len(rows)}, with curves: {len(records)}"


def _records(rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Any, RunRecord]]:
    """What the runs left on this machine, by execution."""
    from fit_component.record import read_run

    for row in rows:
        try:
            yield row["execution"], read_run(row["model_run_uri"] or "")
        except FileNotFoundError:
            continue  # such as of a stock Trainer's run
        except ValueError as error:
            click.echo(f"Run {row['execution']} has no curves: {error}", err=True)
