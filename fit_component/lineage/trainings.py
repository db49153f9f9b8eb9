# SPDX-License-Identifier: Apache-2.0
"""The executions of Trainers, with all that ML Metadata knows of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

T = TypeVar("T")

TRAIN_ARGS, EVAL_ARGS = "train_args", "eval_args"

_CONTEXTS = ("pipeline", "pipeline_run", "node")
_OUTPUTS = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.DECLARED_OUTPUT)
_INPUTS = (metadata_store_pb2.Event.INPUT, metadata_store_pb2.Event.DECLARED_INPUT)

# A call may name so many things.
_AT_ONCE = 1000
_ONE = mlmd.ListOptions(limit=1)


@dataclass(frozen=True)
class Training:
    """One execution of a Trainer.

    Attributes:
      execution: The execution.
      type_name: The name of its type, which is the class of the component.
      properties: Its properties, as Python's own types.
      contexts: The names of its contexts, by the names of their types.
      inputs: Input artifacts, by key.
      outputs: Output artifacts, by key; of a cached execution those that it
        found in the cache.
    """

    execution: metadata_store_pb2.Execution
    type_name: str
    properties: Mapping[str, Any]
    contexts: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, list[metadata_store_pb2.Artifact]] = field(default_factory=dict)
    outputs: Mapping[str, list[metadata_store_pb2.Artifact]] = field(default_factory=dict)


def read_trainings(store: mlmd.MetadataStore) -> list[Training]:
    """Reads the executions of all Trainers, by their ids.

    These are the executions that have train_args and whose type's name ends in
    `Trainer`: ours, TFX's own, Vertex AI's, and subclasses of them.

    Args:
      store: An open store.
    """
    found = {
        execution.id: (execution, type_name, properties)
        for type_name in _type_names(store)
        for execution in store.get_executions_by_type(type_name)
        if TRAIN_ARGS in (properties := properties_of(execution))
    }
    ids = sorted(found)
    contexts = _contexts(store, ids)
    inputs, outputs = _artifacts(store, ids)
    return [Training(*found[id], contexts[id], inputs[id], outputs[id]) for id in ids]


def properties_of(node: Any) -> dict[str, Any]:
    """The properties of an execution or an artifact, custom ones included."""
    return {
        name: _plain(value)
        for properties in (node.properties, node.custom_properties)
        for name, value in properties.items()
    }


def _plain(value: metadata_store_pb2.Value) -> Any:
    kind = value.WhichOneof("value")
    return None if kind is None else getattr(value, kind)


def _type_names(store: mlmd.MetadataStore) -> list[str]:
    names = [execution_type.name for execution_type in store.get_execution_types()]
    return list(dict.fromkeys(name for name in names if name.endswith("Trainer")))


def _contexts(store: mlmd.MetadataStore, ids: Sequence[int]) -> Mapping[int, dict[str, str]]:
    """The names of contexts by the execution's id and the context's type.

    Newer versions of ML Metadata take no queries, and asking for those of each
    execution is slow: so what belongs to a context is asked for.
    """
    found: dict[int, dict[str, str]] = {id: {} for id in ids}
    pipelines = [context.name for context in store.get_contexts_by_type("pipeline")]
    for node in store.get_contexts_by_type("node"):
        if any(e.id in found for e in store.get_executions_by_context(node.id, _ONE)):
            # TFX names a node's context by the pipeline's and the node's id.
            names = {"node": node.name, **_pipeline_of(node.name, pipelines)}
            _add(found, store.get_executions_by_context(node.id), names)
    for run in store.get_contexts_by_type("pipeline_run"):
        _add(found, store.get_executions_by_context(run.id), {"pipeline_run": run.name})
    for id, names in found.items():
        if len(names) < len(_CONTEXTS):  # such as of a node that was no Trainer once
            theirs = store.get_contexts_by_execution(id)
            names.update({c.type: c.name for c in theirs if c.type in _CONTEXTS})
    return found


def _pipeline_of(node: str, pipelines: Sequence[str]) -> dict[str, str]:
    names = [pipeline for pipeline in pipelines if node.startswith(f"{pipeline}.")]
    return {"pipeline": max(names, key=len)} if names else {}


def _add(
    found: Mapping[int, dict[str, str]],
    executions: Sequence[metadata_store_pb2.Execution],
    names: Mapping[str, str],
) -> None:
    for execution in executions:
        if execution.id in found:
            found[execution.id].update(names)


ByKey = Mapping[int, dict[str, list[metadata_store_pb2.Artifact]]]


def _artifacts(store: mlmd.MetadataStore, ids: Sequence[int]) -> tuple[ByKey, ByKey]:
    """Input and output artifacts by the execution's id and their key."""
    events = list(_in_chunks(store.get_events_by_execution_ids, ids))
    wanted = sorted({event.artifact_id for event in events})
    artifacts = {
        artifact.id: artifact for artifact in _in_chunks(store.get_artifacts_by_id, wanted)
    }
    inputs, outputs = _by_key(), _by_key()
    for event in events:
        to = inputs if event.type in _INPUTS else outputs if event.type in _OUTPUTS else None
        if to is not None and event.path.steps and event.artifact_id in artifacts:
            key = event.path.steps[0].key
            to[event.execution_id][key].append(artifacts[event.artifact_id])
    return inputs, outputs


def _by_key() -> dict[int, Any]:
    return defaultdict(lambda: defaultdict(list))


def _in_chunks(read: Callable[[Sequence[int]], Sequence[T]], ids: Sequence[int]) -> Iterator[T]:
    for some in _chunks(ids, _AT_ONCE):
        yield from read(some)


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[at : at + size] for at in range(0, len(ids), size))
