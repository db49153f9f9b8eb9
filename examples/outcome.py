# SPDX-License-Identifier: Apache-2.0
"""What a pipeline trained, read back from ML Metadata."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from fit_component import FitArgs, lineage
from fit_component.record import FitRecord, read_run

_WIDTH = 12


def describe_outcome(root: Path) -> str:
    """Describes the newest training: settings, last metrics, and where things lie.

    Args:
      root: The directory that `running.run` was given.

    Returns:
      Lines for a terminal.
    """
    metadata = root / "metadata.sqlite"
    run = lineage.runs(metadata).iloc[-1]
    base_model = run.get("base_model_uri")
    # A pipeline that was never given a base model has a missing value here.
    starts_warm = isinstance(base_model, str)
    rows = {
        "Trained": "nothing new: these settings on this data are in the cache"
        if run.cached
        else "now",
        "Started": f"from the weights of {base_model}" if starts_warm else "with new weights",
        "Settings": _settings(lineage.settings_of(metadata, int(run.model_id))),
        **_fit_rows(read_run(run.model_run_uri).fits),
        "Model": run.model_uri,
        "Logs": _logs(Path(run.model_run_uri)),
        "Page": f"{_command()} report {run.model_run_uri}",
        "All runs": f"{_command()} runs {metadata}",
    }
    return "\n".join(_lines(rows))


def _lines(rows: dict[str, str]) -> Iterator[str]:
    """The rows as a table as wide as the terminal."""
    wrap = textwrap.TextWrapper(
        shutil.get_terminal_size().columns,
        subsequent_indent=" " * _WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for name, text in rows.items():
        wrap.initial_indent = f"{name:{_WIDTH}}"
        for line in text.splitlines():
            yield wrap.fill(line)
            wrap.initial_indent = " " * _WIDTH


def _settings(settings: FitArgs) -> str:
    one_line_each = re.sub(r"\n(?=[ }])\s*", " ", str(settings).strip())
    return one_line_each or "none: all defaults"


def _logs(model_run: Path) -> str:
    """Where the logs are; how to look at them, if TensorBoard's are among them."""
    has_events = any(model_run.rglob("events.out.tfevents.*"))
    return f"tensorboard --logdir {model_run}" if has_events else str(model_run)


def _command() -> str:
    """The command of this environment, as short as it can be typed."""
    path = Path(sys.executable).with_name("fit-component")
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _fit_rows(fits: Sequence[FitRecord]) -> dict[str, str]:
    """What the table tells of the last call of `Model.fit`."""
    if not fits:
        return {"Last epoch": "not known: the module called no `Model.fit`"}
    return {"Last epoch": _last_epoch(fits[-1]), "Ended by": fits[-1].stop_reason}


def _last_epoch(fit: FitRecord) -> str:
    if not fit.epochs:
        return "none"
    last = fit.epochs[-1]
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in last.metrics.items())
    return f"{last.epoch + 1}: {metrics}"
