# SPDX-License-Identifier: Apache-2.0
"""What a pipeline trained, read back from ML Metadata."""

from __future__ import annotations

import csv
import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

from fit_component import parse_fit_args

_TRAINER = "fit_component.component.Trainer"
_WIDTH = 12


def describe_outcome(root: Path, history_file: str | None) -> str:
    """Describes the newest training: settings, last metrics, and where things lie.

    Args:
      root: The directory that `running.run` was given.
      history_file: The `filename` of the settings' csv_logger; None without one.

    Returns:
      Lines for a terminal.
    """
    metadata = root / "metadata.sqlite"
    store = _open(metadata)
    execution = max(store.get_executions_by_type(_TRAINER), key=lambda e: e.id)
    base_model = _artifacts(store, execution, "INPUT").get("base_model")
    outputs = _artifacts(store, execution, "OUTPUT")
    cached = execution.last_known_state == metadata_store_pb2.Execution.CACHED
    model_run = Path(outputs["model_run"].uri)
    rows = {
        "Trained": "nothing new: these settings on this data are in the cache" if cached else "now",
        "Started": f"from the weights of {base_model.uri}" if base_model else "with new weights",
        "Settings": _settings(execution),
        "Last epoch": _last_epoch(model_run / history_file) if history_file else None,
        "Model": outputs["model"].uri,
        "Logs": _logs(model_run),
        "Metadata": str(metadata),
    }
    return "\n".join(_lines(rows))


def _lines(rows: dict[str, str | None]) -> Iterator[str]:
    """The rows that hold something, as a table as wide as the terminal."""
    wrap = textwrap.TextWrapper(
        shutil.get_terminal_size().columns,
        subsequent_indent=" " * _WIDTH,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for name, text in rows.items():
        wrap.initial_indent = f"{name:{_WIDTH}}"
        for line in (text or "").splitlines():
            yield wrap.fill(line)
            wrap.initial_indent = " " * _WIDTH


def _open(metadata: Path) -> mlmd.MetadataStore:
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(metadata)
    config.sqlite.connection_mode = config.sqlite.READONLY
    return mlmd.MetadataStore(config)


def _artifacts(store: mlmd.MetadataStore, execution: Any, kind: str) -> dict[str, Any]:
    """The artifacts that an execution took (INPUT) or gave (OUTPUT), by their key.

    What it found in the cache it gave, too.
    """
    events = store.get_events_by_execution_ids([execution.id])
    keys = {
        event.artifact_id: event.path.steps[0].key
        for event in events
        if event.type == metadata_store_pb2.Event.Type.Value(kind)
    }
    return {keys[artifact.id]: artifact for artifact in store.get_artifacts_by_id(list(keys))}


def _settings(execution: Any) -> str:
    train_args = execution.custom_properties["train_args"].string_value
    text = str(parse_fit_args(train_args)).strip()
    one_line_each = re.sub(r"\n(?=[ }])\s*", " ", text)
    return one_line_each or "none: all defaults"


def _logs(model_run: Path) -> str:
    """Where the logs are; how to look at them, if TensorBoard's are among them."""
    has_events = any(model_run.rglob("events.out.tfevents.*"))
    return f"tensorboard --logdir {model_run}" if has_events else str(model_run)


def _last_epoch(history: Path) -> str:
    if not history.exists():
        return f"not known: no csv_logger wrote {history}"
    with open(history, newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "epoch" not in rows[-1]:
        return f"not known: {history} has no rows with commas between the columns"
    last = rows[-1]
    epoch = int(last.pop("epoch")) + 1
    return f"{epoch}: " + ", ".join(f"{name} {_number(value)}" for name, value in last.items())


def _number(text: str) -> str:
    """Four digits of a number; `NA` where an epoch was not evaluated."""
    try:
        return f"{float(text):.4f}"
    except ValueError:
        return text
