# SPDX-License-Identifier: Apache-2.0
"""What a pipeline trained, read back from ML Metadata."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

from fit_component import parse_fit_args

_TRAINER = "fit_component.component.Trainer"
_WIDTH = 12


def describe_outcome(root: Path, history_file: str) -> str:
    """Describes the newest training: settings, last metrics, and where things lie.

    Args:
      root: The directory that `running.run` was given.
      history_file: The `filename` of the settings' csv_logger.

    Returns:
      Lines for a terminal.
    """
    metadata = root / "metadata.sqlite"
    store = _open(metadata)
    execution = max(store.get_executions_by_type(_TRAINER), key=lambda e: e.id)
    outputs = _outputs(store, execution)
    cached = execution.last_known_state == metadata_store_pb2.Execution.CACHED
    model_run = Path(outputs["model_run"].uri)
    rows = {
        "Trained": "nothing new: these settings on this data are in the cache" if cached else "now",
        "Settings": _settings(execution),
        "Last epoch": _last_epoch(model_run / history_file),
        "Model": outputs["model"].uri,
        "Logs": f"{model_run} (tensorboard --logdir {model_run})",
        "Metadata": str(metadata),
    }
    return "\n".join(_lines(rows))


def _lines(rows: dict[str, str]) -> Iterator[str]:
    for name, text in rows.items():
        yield f"{name:{_WIDTH}}" + textwrap.indent(text, " " * _WIDTH).lstrip()


def _open(metadata: Path) -> mlmd.MetadataStore:
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(metadata)
    config.sqlite.connection_mode = config.sqlite.READONLY
    return mlmd.MetadataStore(config)


def _outputs(store: mlmd.MetadataStore, execution: Any) -> dict[str, Any]:
    """The artifacts that an execution put out or found in the cache, by output key."""
    events = store.get_events_by_execution_ids([execution.id])
    keys = {
        event.artifact_id: event.path.steps[0].key
        for event in events
        if event.type == metadata_store_pb2.Event.OUTPUT
    }
    return {keys[artifact.id]: artifact for artifact in store.get_artifacts_by_id(list(keys))}


def _settings(execution: Any) -> str:
    train_args = execution.custom_properties["train_args"].string_value
    return str(parse_fit_args(train_args)).strip() or "none: all defaults"


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
