# SPDX-License-Identifier: Apache-2.0
"""Stores of ML Metadata as TFX's LocalDagRunner leaves them, written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2 as pb

OURS = "fit_component.component.Trainer"
STOCK = "tfx.components.trainer.component.Trainer"
VERTEX = "tfx.extensions.google_cloud_ai_platform.trainer.component.Trainer"
COMPLETE, FAILED, CACHED = pb.Execution.COMPLETE, pb.Execution.FAILED, pb.Execution.CACHED


@dataclass
class Execution:
    """One execution to write.

    Attributes:
      properties: Its properties.
      results: Custom properties of its model.
      trainer: Its type.
      state: Its state; what failed has no outputs.
      model: The id of a model that it found in the cache.
      run: The name of the pipeline's run.
      pipeline: The name of the pipeline.
    """

    properties: Mapping[str, Any]
    results: Mapping[str, Any] = field(default_factory=dict)
    trainer: str = OURS
    state: int = COMPLETE
    model: int | None = None
    run: str | None = None
    pipeline: str = "sweep"


def sqlite(path: Path) -> pb.ConnectionConfig:
    """What connects to a SQLite file."""
    config = pb.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    return config


class Written:
    """A store that executions are written to."""

    def __init__(self, store: Path | pb.ConnectionConfig):
        """Makes the store, in a SQLite file or by a connection."""
        self.store = mlmd.MetadataStore(sqlite(store) if isinstance(store, Path) else store)
        self._contexts = {
            name: self.store.put_context_type(pb.ContextType(name=name))
            for name in ("pipeline", "pipeline_run", "node", "execution_cache")
        }
        self._artifacts = {
            name: self.store.put_artifact_type(pb.ArtifactType(name=name))
            for name in ("Examples", "Model", "ModelRun")
        }
        examples = pb.Artifact(type_id=self._artifacts["Examples"], uri="/data/examples/1")
        (examples.id,) = self.store.put_artifacts([examples])
        self._examples = examples

    def write(self, number: int, written: Execution) -> int:
        """Writes an execution; returns its id."""
        type_id = self.store.put_execution_type(pb.ExecutionType(name=written.trainer))
        execution = pb.Execution(type_id=type_id, last_known_state=written.state, name=str(number))
        set_properties(execution, written.properties)
        pairs = [(self._examples, event("examples", pb.Event.INPUT))]
        if written.state != FAILED:
            pairs += self._outputs(number, written)
        contexts = [
            pb.Context(type_id=self._contexts["pipeline"], name=written.pipeline),
            pb.Context(type_id=self._contexts["pipeline_run"], name=written.run or f"run-{number}"),
            pb.Context(type_id=self._contexts["node"], name=f"{written.pipeline}.Trainer"),
            pb.Context(type_id=self._contexts["execution_cache"], name=f"cache-{number}"),
        ]
        id, _, _ = self.store.put_execution(
            execution, pairs, contexts, reuse_context_if_already_exist=True
        )
        return id

    def _outputs(self, number: int, written: Execution) -> Iterator[tuple[Any, Any]]:
        if written.model is not None:
            (model,) = self.store.get_artifacts_by_id([written.model])
        else:
            uri = f"/pipeline/Trainer/model/{number}"
            model = pb.Artifact(type_id=self._artifacts["Model"], uri=uri)
            set_properties(model, written.results)
        uri = f"/pipeline/Trainer/model_run/{number}"
        model_run = pb.Artifact(type_id=self._artifacts["ModelRun"], uri=uri)
        yield model, event("model", pb.Event.OUTPUT)
        yield model_run, event("model_run", pb.Event.OUTPUT)


def set_properties(node: Any, properties: Mapping[str, Any]) -> None:
    """Sets custom properties, as TFX does."""
    for name, value in properties.items():
        kinds = {int: "int_value", float: "double_value", str: "string_value"}
        setattr(node.custom_properties[name], kinds[type(value)], value)


def event(key: str, kind: int) -> Any:
    """The event of an artifact under a key."""
    steps = [pb.Event.Path.Step(key=key), pb.Event.Path.Step(index=0)]
    return pb.Event(type=kind, path=pb.Event.Path(steps=steps))


def sweep(count: int) -> Iterator[Execution]:
    """As many trainings of a sweep, each with other settings.

    Args:
      count: How many.
    """
    for number in range(count):
        train_args = (
            f'{{"batch_size": {16 + number % 7}, "callbacks": [{{"early_stopping": {{"patience": 3'
            f'}}}}], "epochs": {1 + number % 20}, "optimizer": {{"adam": {{}}, "learning_rate": '
            f'{{"constant": {(number + 1) / 10**6!r}}}}}}}'
        )
        results = {
            "fit.splits": "train",
            "fit.epochs": 1 + number % 20,
            "fit.initial_epoch": 0,
            "fit.batch_size": 16 + number % 7,
            "fit.validation.batch_size": 16 + number % 7,
            "fit.validation.freq": 1,
            "fit.verbose": "AUTO",
            "fit.deterministic": 0,
            "fit.strategy": "default",
            "fit.optimizer": "adam",
            "fit.optimizer.learning_rate": (number + 1) / 10**6,
            "fit.callbacks[0].early_stopping.patience": 3,
            "fit.callbacks": "early_stopping",
            "fit.eval_args.num_steps": 50,
            "fit.input.shuffle": 1,
            "fit.input.shuffle_buffer_size": 10_000,
            "fit.input.cache": "NONE",
            "fit.epochs_run": 1 + number % 20,
            "fit.seconds": 2.5,
            "fit.stop_reason": "all_epochs",
            "fit.monitor": "val_loss",
            "fit.best_epoch": number % 20,
            "fit.last.loss": 0.5,
            "fit.last.val_loss": 0.625,
            "fit.best.loss": 0.5,
            "fit.best.val_loss": 0.625,
        }
        properties = {"train_args": train_args, "eval_args": '{"num_steps": 50}'}
        yield Execution(properties, results)
