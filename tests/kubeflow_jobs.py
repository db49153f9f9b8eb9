# SPDX-License-Identifier: Apache-2.0
"""Pipelines compiled for Kubeflow, and a container's entry point run as Kubeflow runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner as kubeflow
from tfx.orchestration.kubeflow.v2.container import kubeflow_v2_run_executor as entry_point

# How a value of each type is written in the versions of the specification.
_IN_2_0 = {int: "intValue", float: "doubleValue", str: "stringValue"}


def compiled(pipeline, version: str) -> dict[str, Any]:
    """Compiles a pipeline to the specification 2.0 or 2.1; returns the job's."""
    config = kubeflow.KubeflowV2DagRunnerConfig(
        default_image="image", use_pipeline_spec_2_1=version == "2.1"
    )
    output = Path(pipeline.pipeline_info.pipeline_root) / "job.json"
    runner = kubeflow.KubeflowV2DagRunner(config, output_filename=str(output))
    return runner.run(pipeline, write_out=True)["pipelineSpec"]


def run_trainer(job: dict[str, Any], values: dict[str, Any], examples: str, root: Path) -> dict:
    """Runs the entry point of the Trainer's container.

    Args:
      job: A compiled pipeline.
      values: What the pipeline's parameters are given, by name: all of them.
      examples: The URI of Examples with the splits train and eval.
      root: Where the outputs go.

    Returns:
      The metadata of each output artifact, as the entry point reported it.
    """
    assert set(values) == set(job["root"]["inputDefinitions"]["parameters"])
    component = job["components"]["Trainer"]
    outputs = component["outputDefinitions"]["artifacts"]
    answer = root / "output.json"
    invocation = {
        "inputs": {
            "artifacts": {
                "examples": _artifact(
                    component["inputDefinitions"]["artifacts"]["examples"],
                    examples,
                    split_names='["train", "eval"]',
                )
            },
            **_parameters(job["root"]["dag"]["tasks"]["Trainer"], values),
        },
        "outputs": {
            "artifacts": {
                name: _artifact(definition, str(root / name))
                for name, definition in outputs.items()
            },
            "outputFile": str(answer),
        },
    }
    command = job["deploymentSpec"]["executors"]["Trainer_executor"]["container"]["args"]
    arguments = [json.dumps(invocation) if word == "{{$}}" else word for word in command]
    entry_point.main(entry_point._parse_flags(arguments))
    return {
        name: entry["artifacts"][0].get("metadata", {})
        for name, entry in json.loads(answer.read_text())["artifacts"].items()
    }


def _parameters(task: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a task as Kubeflow fills them in."""
    filled, filled_in_2_0 = {}, {}
    for name, parameter in task["inputs"]["parameters"].items():
        if "componentInputParameter" in parameter:
            value = values[parameter["componentInputParameter"]]
        else:
            constant = parameter["runtimeValue"]
            value = constant.get("constant", constant.get("constantValue", {}).get("stringValue"))
        filled[name] = value
        filled_in_2_0[name] = {_IN_2_0[type(value)]: value}
    return {"parameterValues": filled, "parameters": filled_in_2_0}


def _artifact(definition: dict[str, Any], uri: str, **metadata: str) -> dict[str, Any]:
    artifact = {
        "name": f"artifacts/{uri}",
        "uri": uri,
        "type": definition["artifactType"],
        "metadata": metadata,
    }
    return {"artifacts": [artifact]}
