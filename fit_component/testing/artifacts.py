# SPDX-License-Identifier: Apache-2.0
"""The artifacts that a Trainer would get and fill, made of what a test gives."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx import types
from tfx.components.util import examples_utils
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import path_utils

from fit_component.testing.schemas import infer_schema, read_schema
from fit_component.testing.splits import PREFIX, files_in, read_examples


def new_directory(directory: Any) -> Path:
    """Makes the next of the directories `1`, `2`, … below one.

    So that neither an earlier run nor anything of the user's is overwritten.
    """
    for number in itertools.count(1):
        made = Path(directory).absolute() / str(number)
        try:
            made.mkdir(parents=True)
        except FileExistsError:
            continue
        return made
    raise AssertionError("itertools.count ends")


def make_inputs(
    sources: Mapping[str, Path], schema: Any, directory: Path
) -> dict[str, list[types.Artifact]]:
    """Makes the Examples and the Schema that Transform and Trainer both get.

    Args:
      sources: The directory of TFRecord files of each split.
      schema: In any form that `read_schema` takes; None: inferred from all of
        the examples.
      directory: Where the artifacts go.
    """
    if schema is None:
        schema = infer_schema(read_examples(sources.values()))
    return {
        "examples": [make_examples(sources, directory / "examples")],
        "schema": [make_schema(read_schema(schema), directory / "schema")],
    }


def make_examples(directories: Mapping[str, Path], directory: Path) -> types.Artifact:
    """Makes an Examples artifact whose splits hold links to the files of these directories.

    Not links to the directories: what tf.test.TestCase deletes with, tf.io.gfile, would follow
    those and delete what is the user's.
    """
    for name, source in directories.items():
        split = directory / f"{PREFIX}{name}"
        split.mkdir(parents=True)
        for file in files_in(source):
            (split / file.name).symlink_to(file)
    examples = standard_artifacts.Examples()
    examples.uri = str(directory)
    examples.split_names = artifact_utils.encode_split_names(sorted(directories))
    examples_utils.set_payload_format(examples, example_gen_pb2.FORMAT_TF_EXAMPLE)
    return examples


def make_schema(schema: schema_pb2.Schema, directory: Path) -> types.Artifact:
    """Writes a Schema artifact."""
    return _in_a_file(
        standard_artifacts.Schema(), directory / "schema.pbtxt", text_format.MessageToString(schema)
    )


def make_hyperparameters(values: Mapping[str, Any], directory: Path) -> types.Artifact:
    """Writes a HyperParameters artifact, such as Tuner makes."""
    return _in_a_file(
        standard_artifacts.HyperParameters(),
        directory / "best_hyperparameters.txt",
        json.dumps(values),
    )


def _in_a_file(artifact: types.Artifact, path: Path, content: str) -> types.Artifact:
    path.parent.mkdir()
    path.write_text(content)
    artifact.uri = str(path.parent)
    return artifact


def find_transform_graph(path: Any) -> types.Artifact:
    """The TransformGraph artifact in a directory.

    Raises:
      FileNotFoundError: If there is none.
    """
    if not (Path(path) / "transform_fn").is_dir():
        raise FileNotFoundError(f"transform_graph: {path} holds no transform_fn")
    transform_graph = standard_artifacts.TransformGraph()
    transform_graph.uri = str(Path(path).absolute())
    return transform_graph


def find_model(path: Any) -> types.Artifact:
    """The Model artifact of a serving model's directory.

    Args:
      path: Such as `fn_args.serving_model_dir` of an earlier run.

    Raises:
      FileNotFoundError: If it is none.
    """
    serving = Path(path).absolute()
    model = standard_artifacts.Model()
    model.uri = str(serving.parent)
    if not serving.is_dir() or path_utils.serving_model_path(model.uri) != str(serving):
        raise FileNotFoundError(f"base_model: {path} is no serving_model_dir of an earlier run")
    return model


def make_outputs(directory: Path) -> dict[str, list[types.Artifact]]:
    """The Model and the ModelRun artifact that a run fills."""
    model, model_run = standard_artifacts.Model(), standard_artifacts.ModelRun()
    model.uri, model_run.uri = str(directory / "model"), str(directory / "model_run")
    return {"model": [model], "model_run": [model_run]}
