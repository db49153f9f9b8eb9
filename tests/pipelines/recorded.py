# SPDX-License-Identifier: Apache-2.0
"""What a pipeline's run left in ML Metadata and on disk."""

from __future__ import annotations

import csv
from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

TRAINER = "fit_component.component.Trainer"
COMPLETE = metadata_store_pb2.Execution.COMPLETE
CACHED = metadata_store_pb2.Execution.CACHED


class Recorded:
    """The newest run below a root.

    Attributes:
      states: The state of each of its executions, by the component's name.
      trainer: The Trainer's execution.
    """

    def __init__(self, root: Path):
        config = metadata_store_pb2.ConnectionConfig()
        config.sqlite.filename_uri = str(root / "metadata.sqlite")
        self.store = mlmd.MetadataStore(config)
        self.states = {}
        for execution in sorted(self.store.get_executions(), key=lambda e: e.id):
            name = self.store.get_execution_types_by_id([execution.type_id])[0].name
            self.states[name.split(".")[-1]] = execution.last_known_state
        self.trainer = max(self.store.get_executions_by_type(TRAINER), key=lambda e: e.id)

    def output(self, key: str):
        """The Trainer's output artifact of that key."""
        return self._artifact(metadata_store_pb2.Event.OUTPUT, key)

    def input(self, key: str):
        """The Trainer's input artifact of that key."""
        return self._artifact(metadata_store_pb2.Event.INPUT, key)

    def _artifact(self, kind: int, key: str):
        for event in self.store.get_events_by_execution_ids([self.trainer.id]):
            if event.type == kind and event.path.steps[0].key == key:
                return self.store.get_artifacts_by_id([event.artifact_id])[0]
        raise AssertionError(f"no artifact {key}")

    @property
    def train_args(self) -> str:
        """The Trainer's execution property, as stored."""
        return self.trainer.custom_properties["train_args"].string_value

    @property
    def model_run(self) -> Path:
        """Where the callbacks wrote."""
        return Path(self.output("model_run").uri)

    def history(self) -> list[dict[str, str]]:
        """The rows that the csv_logger wrote to history.csv."""
        with open(self.model_run / "history.csv", newline="") as file:
            return list(csv.DictReader(file))
