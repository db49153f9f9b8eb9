# SPDX-License-Identifier: Apache-2.0
"""Executions of the executor over the artifacts that ship with TFX for its own tests."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from tfx.types import artifact_utils, standard_artifacts

from fit_component.executor import FitExecutor
from fit_component.settings import parse_fit_args, to_json

# What the functions in run_functions were given or made. Here, since TFX loads
# their module anew for each execution.
seen: list = []

DATA = files("tfx") / "components" / "testdata"


def inputs() -> dict:
    """Real transformed examples, their transform graph and a schema."""
    examples = standard_artifacts.Examples()
    examples.uri = str(DATA / "transform" / "transformed_examples")
    examples.split_names = artifact_utils.encode_split_names(["train", "eval"])
    transform_graph = standard_artifacts.TransformGraph()
    transform_graph.uri = str(DATA / "transform" / "transform_graph")
    schema = standard_artifacts.Schema()
    schema.uri = str(DATA / "schema_gen")
    return {"examples": [examples], "transform_graph": [transform_graph], "schema": [schema]}


def outputs(directory: Path) -> dict:
    """Model and ModelRun artifacts below a directory."""
    model, model_run = standard_artifacts.Model(), standard_artifacts.ModelRun()
    model.uri, model_run.uri = str(directory / "model"), str(directory / "model_run")
    return {"model": [model], "model_run": [model_run]}


def execute(
    directory: Path,
    run_fn: str,
    train_args,
    *,
    executor=FitExecutor,
    artifacts: dict | None = None,
    **properties,
):
    """Runs an executor as a runner does.

    Args:
      directory: Where the outputs go.
      run_fn: The name of a function in run_functions.
      train_args: Settings in any form, or the stored string.
      executor: The executor's class.
      artifacts: The input artifacts, by key. Default: those of `inputs`.
      **properties: Further execution properties.

    Returns:
      The output artifacts, by key.
    """
    stored = train_args if isinstance(train_args, str) else to_json(parse_fit_args(train_args))
    output_dict = outputs(directory)
    executor().Do(
        artifacts or inputs(),
        output_dict,
        {
            "train_args": stored,
            "eval_args": '{"num_steps": 2}',
            "run_fn": f"run_functions.{run_fn}",
            **properties,
        },
    )
    return {key: artifacts[0] for key, artifacts in output_dict.items()}
