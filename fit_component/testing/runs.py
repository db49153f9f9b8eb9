# SPDX-License-Identifier: Apache-2.0
"""What Trainer does with a module file, over examples that a test gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfx import types
from tfx.proto import trainer_pb2
from tfx.utils import json_utils, path_utils, proto_utils

from fit_component.executor import FitExecutor
from fit_component.fn_args import FitFnArgs
from fit_component.settings import parse_args, parse_fit_args, to_json
from fit_component.testing import artifacts
from fit_component.testing.modules import importable_neighbours, require_file
from fit_component.testing.splits import split_directories
from fit_component.training.observation import Fit, observed_fits


@dataclass(frozen=True)
class ModuleRun:
    """What a run_fn did.

    Attributes:
      fits: Its calls of `Model.fit`, in order.
      serving_model_dir: Where it saved the model.
      model_run_dir: Where callbacks wrote, and the settings are in `fit/`.
      model: The Model artifact, with the properties that go to ML Metadata.
    """

    fits: tuple[Fit, ...]
    serving_model_dir: str
    model_run_dir: str
    model: types.Artifact

    @property
    def fit(self) -> Fit:
        """The only call of `fit`.

        Raises:
          ValueError: If there was none, or several.
        """
        if len(self.fits) != 1:
            raise ValueError(f"run_fn called fit {len(self.fits)} times; see `fits`")
        return self.fits[0]

    @property
    def history(self) -> Any:
        """The History that the only `fit` returned; its `.history` holds the metrics."""
        return self.fit.history


@dataclass(frozen=True)
class _Execution:
    """What an executor is given."""

    inputs: dict[str, list[types.Artifact]]
    outputs: dict[str, list[types.Artifact]]
    properties: dict[str, Any]


def make_fn_args(
    fit_args: Any = None,
    *,
    examples: Any,
    directory: str | os.PathLike[str],
    eval_args: Any = None,
    schema: Any = None,
    transform_graph: str | os.PathLike[str] | None = None,
    base_model: str | os.PathLike[str] | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    custom_config: Mapping[str, Any] | None = None,
) -> FitFnArgs:
    """Makes the FitFnArgs that a run_fn would get from Trainer.

    A seed in the settings makes the order of `train_dataset` repeatable; the
    random generators are only seeded by `run_module`, as by Trainer.

    Args:
      fit_args: The settings, in any form that Trainer's `train_args` takes
        with the values known.
      examples: Rows (dicts of a feature's name to a number, text, bytes, or a
        list of them), a pandas DataFrame, or a directory of TFRecord files;
        training and evaluation read all of it. A dict by names of splits,
        such as {"train": rows, "eval": others}, or a directory with
        `Split-train` and `Split-eval` in it, keeps them apart.
      directory: Where examples, model and logs go: into `1`, the next time
        into `2`. Such as pytest's tmp_path, or TestCase.get_temp_dir().
      eval_args: As Trainer's: an EvalArgs, JSON, or a dict such as {"num_steps": 2}.
      schema: A Schema, or the path of one. Default: the types and shapes that
        the examples have; a feature with as many values in each is dense.
      transform_graph: The directory of Transform's `transform_graph`, if the
        examples are transformed ones; see `transform_examples`.
      base_model: The `serving_model_dir` of an earlier run.
      hyperparameters: What a Tuner found: a KerasTuner config.
      custom_config: As Trainer's.

    Raises:
      FitArgsError: If the settings are wrong.
      FileNotFoundError: If a path leads nowhere.
      ValueError, TypeError: If the examples cannot be read; see the message.
    """
    execution = _execution(
        fit_args,
        examples,
        artifacts.new_directory(directory),
        eval_args=eval_args,
        schema=schema,
        transform_graph=transform_graph,
        base_model=base_model,
        hyperparameters=hyperparameters,
        custom_config=custom_config,
    )
    made: FitFnArgs = FitExecutor()._GetFnArgs(
        execution.inputs, execution.outputs, execution.properties
    )
    return made


def run_module(
    module_file: str | os.PathLike[str],
    fit_args: Any = None,
    *,
    examples: Any,
    directory: str | os.PathLike[str],
    eval_args: Any = None,
    schema: Any = None,
    transform_graph: str | os.PathLike[str] | None = None,
    base_model: str | os.PathLike[str] | None = None,
    hyperparameters: Mapping[str, Any] | None = None,
    custom_config: Mapping[str, Any] | None = None,
) -> ModuleRun:
    """Trains as Trainer does, through its executor.

    Args:
      module_file: The file with run_fn. It may import the modules beside it.
      fit_args: As in `make_fn_args`, like all that follow.
      examples: Rows, a DataFrame, or a directory of TFRecord files.
      directory: Where examples, model and logs go.
      eval_args: An EvalArgs, JSON or a dict.
      schema: A Schema, or the path of one. Default: inferred.
      transform_graph: The directory of Transform's `transform_graph`.
      base_model: The `serving_model_dir` of an earlier run.
      hyperparameters: A KerasTuner config.
      custom_config: As Trainer's.

    Returns:
      What `fit` got and gave, and where model and logs are.

    Raises:
      FileNotFoundError: If there is no such file; else as `make_fn_args`.
      FitArgsError: If the settings are wrong, or this Keras can't do them.
      Exception: What run_fn raises; RuntimeError if it saved no model.
    """
    path = require_file(module_file)
    execution = _execution(
        fit_args,
        examples,
        artifacts.new_directory(directory),
        eval_args=eval_args,
        schema=schema,
        transform_graph=transform_graph,
        base_model=base_model,
        hyperparameters=hyperparameters,
        custom_config=custom_config,
    )
    properties = {**execution.properties, "module_file": str(path)}
    with observed_fits() as fits, importable_neighbours(path):
        FitExecutor().Do(execution.inputs, execution.outputs, properties)
    (model,), (model_run,) = execution.outputs["model"], execution.outputs["model_run"]
    return ModuleRun(tuple(fits), path_utils.serving_model_dir(model.uri), model_run.uri, model)


def _execution(
    fit_args: Any,
    examples: Any,
    directory: Path,
    *,
    eval_args: Any,
    schema: Any,
    transform_graph: Any,
    base_model: Any,
    hyperparameters: Mapping[str, Any] | None,
    custom_config: Mapping[str, Any] | None,
) -> _Execution:
    train = parse_fit_args(fit_args or None, source="fit_args")
    evaluation = parse_args(eval_args or {}, trainer_pb2.EvalArgs(), "eval_args")
    splits = {*(train.splits or ["train"]), *(evaluation.splits or ["eval"])}
    sources = split_directories(examples, splits, directory)
    inputs = artifacts.make_inputs(sources, schema, directory)
    if transform_graph is not None:
        inputs["transform_graph"] = [artifacts.find_transform_graph(transform_graph)]
    if base_model is not None:
        inputs["base_model"] = [artifacts.find_model(base_model)]
    if hyperparameters is not None:
        made = artifacts.make_hyperparameters(hyperparameters, directory / "hyperparameters")
        inputs["hyperparameters"] = [made]
    properties = {
        "train_args": to_json(train),
        "eval_args": proto_utils.proto_to_json(evaluation),
        "custom_config": json_utils.dumps(custom_config),
    }
    return _Execution(inputs, artifacts.make_outputs(directory), properties)
