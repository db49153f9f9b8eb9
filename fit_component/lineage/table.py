# SPDX-License-Identifier: Apache-2.0
"""All trainings as a table."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
from ml_metadata.proto import metadata_store_pb2

from fit_component.lineage.settings import read_flat_settings
from fit_component.lineage.stores import Store, open_store
from fit_component.lineage.trainings import (
    EVAL_ARGS,
    TRAIN_ARGS,
    Training,
    properties_of,
    read_trainings,
)
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.record import split_properties
from fit_component.record.runs import RESULTS as RESULT_NAMES
from fit_component.settings import PROPERTY

SETTINGS, RESULTS = "settings.", "results."
FIELDS = [field.name for field in FitArgs.DESCRIPTOR.fields]

_STATE = metadata_store_pb2.Execution.State
_ENDED = (_STATE.Value("COMPLETE"), _STATE.Value("FAILED"), _STATE.Value("CACHED"))
_FIXED = (
    "started",
    "ended",
    "pipeline",
    "run",
    "node",
    "trainer",
    "state",
    "cached",
    "problem",
)
_TIMES = ("started", "ended")
_LAST = ("model_uri", "model_id", "model_run_uri")


def runs(store: Store) -> pd.DataFrame:
    """Lists the executions of Trainers: ours, TFX's own, and Vertex AI's.

    Args:
      store: The path of a SQLite file, a `metadata_store_pb2.ConnectionConfig`
        such as one of MySQL or PostgreSQL, or an `ml_metadata.MetadataStore`.

    Returns:
      A row for each execution, by its id. Columns: `started` and `ended` in
      UTC; the names of `pipeline`, `run` and `node`; `trainer`, the component's
      class; `state`, such as `complete`, `failed` or `cached`; `cached`, whether
      the outputs are those of an earlier execution; `problem`, why settings
      could not be read, or None; `settings.` and `results.` with the names in
      `fit.` properties, such as `settings.epochs` and `results.best.val_loss`;
      the URIs of inputs and outputs, such as `examples_uri`; and `model_id`.
      Settings are resolved: those on record with the model, else those that were
      requested, with this version's defaults. What an execution does not have
      is missing.

    Raises:
      FileNotFoundError: If there is no such file.
      ValueError: If it is no ML Metadata store.
    """
    trainings = read_trainings(open_store(store))
    flat = functools.cache(_read_plain)
    rows = [_row(training, flat) for training in trainings]
    index = pd.Index([training.execution.id for training in trainings], name="execution")
    return _frame(rows, index)


def _frame(rows: list[dict[str, Any]], index: pd.Index) -> pd.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    settings = sorted((name for name in names if name.startswith(SETTINGS)), key=_field)
    results = sorted((name for name in names if name.startswith(RESULTS)), key=_place)
    uris = [name for name in names if name.endswith("_uri") and name not in _LAST]
    columns: dict[str, Any] = {
        name: _column([row.get(name) for row in rows], index)
        for name in (*_FIXED, *settings, *results, *uris, *_LAST)
    }
    for name in _TIMES:
        times = pd.to_datetime(columns[name].astype("float64"), unit="ms", utc=True)
        columns[name] = times.dt.round("ms")  # which a float of nanoseconds misses
    return pd.DataFrame(columns, index=index)


def _field(setting: str) -> tuple[int, str]:
    """Settings in the order of the contract, those inside a message by their names."""
    name = setting.removeprefix(SETTINGS)
    outer = name.partition(".")[0].partition("[")[0]
    return (FIELDS.index(outer) if outer in FIELDS else len(FIELDS), name)


def _place(result: str) -> tuple[int, str]:
    """Results in the order in which they are described, then metrics by their names."""
    name = result.removeprefix(RESULTS)
    return (RESULT_NAMES.index(name) if name in RESULT_NAMES else len(RESULT_NAMES), name)


def _column(values: list[Any], index: pd.Index) -> pd.Series:
    """A column with whole numbers as such, though some are missing."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {int}:
        return pd.Series(values, index, dtype="Int64")
    if kinds and kinds <= {int, float}:
        return pd.Series(values, index, dtype="float64")
    return pd.Series(values, index, dtype=bool if kinds == {bool} else object)


def _row(training: Training, flat: Callable[..., Any]) -> dict[str, Any]:
    execution, contexts = training.execution, training.contexts
    models = training.outputs.get("model", [])
    settings: Mapping[str, Any]
    settings, results = split_properties(properties_of(models[0])) if models else ({}, {})
    problem = None
    if not settings:  # it failed, or the stock Trainer made it
        settings, problem = _settings(training.properties, flat)
    cached = execution.last_known_state == _STATE.Value("CACHED")
    has_ended = execution.last_known_state in _ENDED
    return {
        "started": execution.create_time_since_epoch or None,
        "ended": (execution.last_update_time_since_epoch or None) if has_ended else None,
        "pipeline": contexts.get("pipeline"),
        "run": contexts.get("pipeline_run"),
        "node": contexts.get("node"),
        "trainer": training.type_name,
        "state": _STATE.Name(execution.last_known_state).lower(),
        "cached": cached,
        "problem": problem,
        **{f"{SETTINGS}{name}": value for name, value in settings.items()},
        **{f"{RESULTS}{name}": value for name, value in results.items()},
        "model_id": models[0].id if models else None,
        **_uris(training.inputs),
        **_uris(training.outputs),
    }


def _settings(
    properties: Mapping[str, Any], flat: Callable[..., Any]
) -> tuple[Mapping[str, Any], str | None]:
    try:
        if PROPERTY in properties:
            return read_flat_settings(properties), None
        return flat(properties[TRAIN_ARGS], properties.get(EVAL_ARGS)), None
    except ValueError as error:
        return {}, str(error)


def _read_plain(train_args: str, eval_args: str | None) -> Mapping[str, Any]:
    return read_flat_settings({TRAIN_ARGS: train_args, EVAL_ARGS: eval_args})


def _uris(artifacts: Mapping[str, Iterable[metadata_store_pb2.Artifact]]) -> dict[str, str]:
    return {f"{key}_uri": ",".join(a.uri for a in some) for key, some in artifacts.items()}
