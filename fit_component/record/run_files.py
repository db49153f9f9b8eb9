# SPDX-License-Identifier: Apache-2.0
"""The files in model_run/fit/ that hold what a run did: summary.json and history.csv."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fit_component.printable import printable
from fit_component.record.runs import Best, Difference, Epoch, FitRecord, RunRecord, is_finite
from fit_component.record.settings_files import DIRECTORY

SUMMARY = "summary.json"
HISTORY = "history.csv"

# The columns of history.csv before those of the metrics.
_COLUMNS = ("fit", "epoch", "seconds", "steps", "examples_per_second")


def run_files(run: RunRecord) -> dict[str, str]:
    """The files of a run, finished or not.

    Args:
      run: The run.

    Returns:
      File names in DIRECTORY to their contents: JSON without NaN, which is
      written as a text, and CSV with a row for each epoch of each fit.
    """
    files = {SUMMARY: _summary(run), HISTORY: _history(run)}
    # An error's text or a metric may have half a surrogate pair, which no file takes.
    return {
        name: content.encode(errors="backslashreplace").decode() for name, content in files.items()
    }


def read_run(model_run: str | os.PathLike[str]) -> RunRecord:
    """Reads what a run left in its ModelRun artifact.

    Args:
      model_run: The artifact's directory, on this machine.

    Returns:
      The run, as far as it was written.

    Raises:
      FileNotFoundError: If there is no summary.json; says what to look for.
      ValueError: If a file is not as this package writes it.
    """
    directory = Path(model_run) / DIRECTORY
    if not (directory / SUMMARY).is_file():
        raise FileNotFoundError(
            f"{directory / SUMMARY} is not there: name the directory of a ModelRun artifact, such "
            "as .../Trainer/model_run/5, that fit_component's Trainer wrote"
        )
    try:
        tree = json.loads((directory / SUMMARY).read_text(encoding="utf-8"))
        epochs = _read_history(directory / HISTORY)
        return _run(tree, epochs)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{directory} holds no record of a run: {error}") from error


def _summary(run: RunRecord) -> str:
    tree = dataclasses.asdict(run)
    for fit in tree["fits"]:
        del fit["epochs"]  # which are in history.csv
    tree["results"] = run.results
    return json.dumps(_strict(tree), indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def _strict(value: Any) -> Any:
    """A tree without NaN and infinities, which JSON does not know."""
    if isinstance(value, Mapping):
        return {str(key): _strict(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(inner) for inner in value]
    return value if is_finite(value) else str(value)


def _history(run: RunRecord) -> str:
    rows = [(fit.number, epoch) for fit in run.fits for epoch in fit.epochs]
    metrics = list(dict.fromkeys(name for _, epoch in rows for name in epoch.metrics))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*_COLUMNS, *map(_column, metrics)])
    for number, epoch in rows:
        own = [number, epoch.epoch, epoch.seconds, epoch.steps, epoch.examples_per_second]
        writer.writerow([*own, *(epoch.metrics.get(name) for name in metrics)])
    return file.getvalue()


def _column(metric: str) -> str:
    """The name of a metric's column, without what some Pythons' csv cannot write and read back."""
    return printable(metric) if {"\r", "\0"} & {*metric} else metric


def _read_history(path: Path) -> list[tuple[int, Epoch]]:
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(_epochs(csv.reader(file)))


def _epochs(reader: Iterator[list[str]]) -> Iterator[tuple[int, Epoch]]:
    header = next(reader, list(_COLUMNS))
    if tuple(header[: len(_COLUMNS)]) != _COLUMNS:
        raise ValueError(f"{HISTORY} begins with {header}")
    metrics = header[len(_COLUMNS) :]
    for row in reader:
        number, epoch, seconds, steps, speed, *values = row
        yield (
            int(number),
            Epoch(
                int(epoch),
                float(seconds),
                int(steps) if steps else None,
                float(speed) if speed else None,
                {name: float(v) for name, v in zip(metrics, values, strict=True) if v},
            ),
        )


def _run(tree: dict[str, Any], epochs: list[tuple[int, Epoch]]) -> RunRecord:
    names = [field.name for field in dataclasses.fields(RunRecord)]
    fits = [
        _fit(fit, [e for number, e in epochs if number == fit["number"]]) for fit in tree["fits"]
    ]
    return RunRecord(**{**{name: tree[name] for name in names}, "fits": fits})


def _fit(tree: dict[str, Any], epochs: list[Epoch]) -> FitRecord:
    best = [Best(**{**inner, "value": float(inner["value"])}) for inner in tree["best"]]
    differences = [Difference(**inner) for inner in tree["differences"]]
    return FitRecord(**{**tree, "best": best, "differences": differences, "epochs": epochs})
