# SPDX-License-Identifier: Apache-2.0
"""TFX's own example module files, what each trains on, and one run of it under a Trainer."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import executions
import tensorflow as tf
from tfx.proto import trainer_pb2
from tfx.types import artifact_utils, channel_utils, standard_artifacts

from fit_component import FitArgs, testing
from fit_component.objects.reproducibility import reproducible
from fit_component.testing import artifacts
from fit_component.training.observation import Fit, observed_fits

TFX = Path(str(files("tfx")))
EXAMPLES = TFX / "examples"
TEMPLATES = "tfx.experimental.templates"
PENGUIN = executions.DATA / "penguin"
EVAL_STEPS = 1

# How often each file of examples is read in one pass. Keras 3 opens a second iterator while the
# first still reads ahead, and both take the seeds of their passes from one place: if a pass could
# end, the order of the next would depend on which thread was faster.
COPIES = 20

Inputs = dict[str, list[Any]]


@dataclass(frozen=True)
class Example:
    """A module file of TFX's.

    Attributes:
      module: The argument of Trainer that names it.
      inputs: Makes the artifacts that it trains on, in a directory.
      steps: `num_steps` of its TrainArgs.
      fits: How often it calls `Model.fit`.
      again: Whether it is run again with tf_keras as tf.keras. Those that are not
        would take long for what another row shows.
      failures: How it fails under the stock Trainer too: a pattern of type and
        message, by the Keras that is tf.keras.
    """

    module: dict[str, str]
    inputs: Callable[[Path], Inputs]
    steps: int = 2
    fits: int = 1
    again: bool = True
    failures: Mapping[str, str] = field(default_factory=dict)


def in_file(path: str) -> dict[str, str]:
    """The argument for a file below TFX's examples."""
    return {"module_file": str(EXAMPLES / path)}


def in_template(path: str) -> dict[str, str]:
    """The argument for a template, named as the templates' own pipelines name it."""
    return {"run_fn": f"{TEMPLATES}.{path}.run_fn"}


def taxi(directory: Path) -> Inputs:
    """Trips that ship transformed by taxi_utils.py; they have the features of all taxi modules."""
    return executions.inputs()


def penguins(directory: Path) -> Inputs:
    """Penguins and their schema, as they are."""
    schema = standard_artifacts.Schema()
    schema.uri = str(PENGUIN / "schema")
    return {"examples": [many(PENGUIN / "data", directory)], "schema": [schema]}


def transformed_penguins(directory: Path) -> Inputs:
    """The same, transformed by the module."""
    module = EXAMPLES / "penguin" / "penguin_utils_keras.py"
    schema = PENGUIN / "schema" / "schema.pbtxt"
    return transformed(module, PENGUIN / "data", directory, schema=schema)


def digits(directory: Path) -> Inputs:
    """Images of noise in MNIST's shape and range, transformed by the module."""
    numbers = random.Random(5)
    rows = [
        {"image_floats": [numbers.random() - 0.5 for _ in range(28 * 28)], "image_class": n % 10}
        for n in range(40)
    ]
    return transformed(EXAMPLES / "mnist" / "mnist_utils_native_keras.py", rows, directory)


def reviews(directory: Path) -> Inputs:
    """The hundred reviews that ship with the module, transformed by it."""
    with open(EXAMPLES / "imdb" / "data" / "imdb_small_with_labels.txt", newline="") as file:
        rows = [{**row, "label": int(row["label"])} for row in csv.DictReader(file)]
    return transformed(EXAMPLES / "imdb" / "imdb_utils_native_keras.py", rows, directory)


def transformed(module_file: Path, examples: Any, directory: Path, schema: Any = None) -> Inputs:
    """Transforms with a module's preprocessing_fn."""
    made = testing.transform_examples(
        module_file, examples=examples, schema=schema, directory=directory
    )
    return {
        "examples": [many(Path(made.examples), directory)],
        "transform_graph": [artifacts.find_transform_graph(made.transform_graph)],
    }


def many(source: Path, directory: Path) -> Any:
    """Examples with several links to each file of a directory of splits."""
    made = standard_artifacts.Examples()
    made.uri = str(directory / "many")
    made.split_names = artifact_utils.encode_split_names(["train", "eval"])
    for file in source.glob("Split-*/*"):
        split = directory / "many" / file.parent.name
        split.mkdir(parents=True, exist_ok=True)
        for number in range(COPIES):
            (split / f"{number}-{file.name}").symlink_to(file)
    return made


# Other modules call tf.saved_model.save; this one gives Model.save an argument of tf_keras alone.
SAVE_FORMAT = r"ValueError: The `save_format` argument is deprecated in Keras 3\..*"

ROWS = {
    "taxi": Example(in_file("chicago_taxi_pipeline/taxi_utils.py"), taxi),
    "taxi, native": Example(
        in_file("chicago_taxi_pipeline/taxi_utils_native_keras.py"), taxi, again=False
    ),
    "taxi, template": Example(in_template("taxi.models.keras_model.model"), taxi),
    "penguin": Example(in_file("penguin/penguin_utils_keras.py"), transformed_penguins),
    "penguin, template": Example(
        in_template("penguin.models.model"), penguins, failures={"keras": SAVE_FORMAT}
    ),
    # Without Keras. It makes 12 steps one pass over its data, and fewer none, which is refused.
    "penguin, scikit-learn": Example(
        in_file("penguin/experimental/penguin_utils_sklearn.py"),
        penguins,
        steps=12,
        fits=0,
        again=False,
    ),
    "mnist": Example(in_file("mnist/mnist_utils_native_keras.py"), digits),
    "imdb": Example(in_file("imdb/imdb_utils_native_keras.py"), reviews, again=False),
}


@dataclass(frozen=True)
class Outcome:
    """What a run of a module left behind.

    Attributes:
      properties: The execution properties that the Trainer stored.
      failure: Type and message of the error that ended it; else nothing.
      fits: What each call of `fit` was given.
      steps: The optimizer's steps, for each `fit`.
      histories: The metrics of each epoch, for each `fit`.
      weights: Name, shape and a digest of each weight, for each `fit`.
      files: A digest of each file by its path in the outputs.
      recorded: The output artifacts for ML Metadata, but for our record of the run.
      calls: The calls of `fit` in that record; None if there is none.
    """

    properties: dict[str, Any]
    failure: str
    fits: list[dict[str, Any]]
    steps: list[int]
    histories: list[dict[str, list[float]]]
    weights: list[list[tuple[Any, ...]]]
    files: dict[str, str]
    recorded: dict[str, str]
    calls: int | None

    def exported(self) -> dict[str, str]:
        """The files of the model that are the same whenever it is."""
        return {name: it for name, it in self.files.items() if EXPORTED.match(name)}


# All of a SavedModel but the graph, whose functions are numbered by process, and its fingerprint.
EXPORTED = re.compile(r"model/(?!.*(saved_model|fingerprint)\.pb)")


def run(trainer_class: type, example: Example, inputs: Inputs, directory: Path) -> Outcome:
    """Runs a module as the runner would run a Trainer's execution.

    Args:
      trainer_class: The stock Trainer or ours, whose properties and executor
        are used.
      example: The module.
      inputs: What its `inputs` made.
      directory: Where the outputs go.
    """
    trainer = make_trainer(trainer_class, example, inputs)
    # As in ML Metadata, which has no None.
    properties = {name: it for name, it in trainer.exec_properties.items() if it is not None}
    outputs = executions.outputs(directory)
    tf.keras.backend.clear_session()  # names of layers and metrics are numbered by process
    with reproducible(FitArgs(seed=3, deterministic=True)), observed_fits() as fits:
        failure = failure_of(trainer.executor_spec.executor_class(), inputs, outputs, properties)
    return Outcome(
        properties=properties,
        failure=failure.replace(str(directory), ""),
        fits=[described(fit, directory) for fit in fits],
        steps=[int(fit.model.optimizer.iterations.numpy()) for fit in fits],
        histories=[fit.history.history for fit in fits],
        weights=[weights_of(fit.model) for fit in fits],
        files=digests(directory),
        recorded={
            key: str(without_record(made.mlmd_artifact)).replace(str(directory), "")
            for key, (made,) in outputs.items()
        },
        calls=outputs["model"][0].get_int_custom_property("fit.calls"),
    )


def without_record(artifact: Any) -> Any:
    """A copy of an artifact without the properties that begin with `fit.`."""
    copy = type(artifact)()
    copy.CopyFrom(artifact)
    for name in [name for name in copy.custom_properties if name.startswith("fit.")]:
        del copy.custom_properties[name]
    return copy


def make_trainer(trainer_class: type, example: Example, inputs: Inputs) -> Any:
    """The component, as in a pipeline."""
    return trainer_class(
        **example.module,
        **{key: channel_utils.as_channel(given) for key, given in inputs.items()},
        train_args=trainer_pb2.TrainArgs(num_steps=example.steps),
        eval_args=trainer_pb2.EvalArgs(num_steps=EVAL_STEPS),
    )


def failure_of(executor: Any, *arguments: Any) -> str:
    """Type and message of the error that an execution ends with; nothing if it does not."""
    try:
        executor.Do(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def weights_of(model: Any) -> list[tuple[Any, ...]]:
    """Name, shape and digest of each weight."""
    return [
        (variable.name, value.shape, digest(value.tobytes()))
        for variable, value in zip(model.weights, model.get_weights(), strict=True)
    ]


def described(fit: Fit, directory: Path) -> dict[str, Any]:
    """The arguments of `fit`, the optimizer and the strategy, without objects of one run."""
    model = fit.model
    given = {name: plain(value, directory) for name, value in fit.arguments.items()}
    strategy = model.distribute_strategy
    return {
        **given,
        "optimizer": model.optimizer.get_config(),
        "strategy": (type(strategy).__name__, strategy.num_replicas_in_sync),
    }


def plain(value: Any, directory: Path) -> Any:
    """A value that is equal in another run: of data its shapes, of callbacks their arguments."""
    if isinstance(value, tf.data.Dataset):
        return value.element_spec
    if isinstance(value, list):
        return [plain_callback(callback, directory) for callback in value]
    return value


def plain_callback(callback: Any, directory: Path) -> tuple[type, dict[str, Any]]:
    """The class of a callback and its public settings; paths lead from the outputs."""
    settings = {
        name: value
        for name, value in vars(callback).items()
        if isinstance(value, (str, int, float)) and not name.startswith("_")
    }
    return type(callback), {**settings, "log_dir": os.path.relpath(callback.log_dir, directory)}


def digests(directory: Path) -> dict[str, str]:
    """The files below a directory; without time, host and process in the names of event files."""
    return {
        re.sub(r"(events\.out)\S*(\.v2)", r"\1\2", str(path.relative_to(directory))): digest(
            path.read_bytes()
        )
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def digest(content: bytes) -> str:
    """Stands for the content in a comparison."""
    return hashlib.sha256(content).hexdigest()
