# SPDX-License-Identifier: Apache-2.0
"""The settings that made a model."""

from __future__ import annotations

from collections.abc import Iterator

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

from fit_component.lineage.settings import read_settings
from fit_component.lineage.stores import Store, open_store
from fit_component.lineage.trainings import TRAIN_ARGS, properties_of
from fit_component.proto.fit_args_pb2 import FitArgs

_OUTPUT = metadata_store_pb2.Event.OUTPUT


def settings_of(store: Store, model: str | int) -> FitArgs:
    """Finds the settings that made a model, ready to train again with.

    `Trainer(train_args=settings_of("metadata.sqlite", 12), ...)`

    Args:
      store: As in `runs`.
      model: The URI of the model, or of a directory inside it such as
        `.../Format-Serving`; or the id of the artifact.

    Returns:
      The settings as they were requested, with what runtime parameters brought.
      Credentials among them are there, too, since they are read from the
      execution and not from its reports, in which these are masked.

    Raises:
      LookupError: If there is no such artifact, or no Trainer made it.
      FileNotFoundError: If the store is a file that is not there.
      ValueError: If it is no ML Metadata store, or this version cannot read the
        settings.
    """
    opened = open_store(store)
    artifacts = _find(opened, model)
    events = opened.get_events_by_artifact_ids([artifact.id for artifact in artifacts])
    ids = sorted({event.execution_id for event in events if event.type == _OUTPUT})
    executions = opened.get_executions_by_id(ids) if ids else []
    trainings = [p for p in map(properties_of, executions) if TRAIN_ARGS in p]
    if not trainings:
        kinds = ", ".join(sorted({artifact.type for artifact in artifacts}))
        raise LookupError(f"{model!r}, a {kinds}, was made by no Trainer; name a Model")
    return read_settings(trainings[0])


def _find(store: mlmd.MetadataStore, model: str | int) -> list[metadata_store_pb2.Artifact]:
    if isinstance(model, int):
        found = store.get_artifacts_by_id([model])
    else:
        candidates = (store.get_artifacts_by_uri(uri) for uri in _uris(model))
        found = next((artifacts for artifacts in candidates if artifacts), [])
    if not found:
        what = "id" if isinstance(model, int) else "URI, nor one above it,"
        raise LookupError(f"the store has no artifact with the {what} {model!r}")
    return list(found)


def _uris(model: str) -> Iterator[str]:
    """The URI and those above it: what is served lies inside the artifact."""
    uri = model.rstrip("/")
    while uri.rpartition("/")[0].rstrip("/:"):
        yield uri
        yield f"{uri}/"
        uri = uri.rpartition("/")[0]
