# SPDX-License-Identifier: Apache-2.0
"""The executor: from the execution property to run_fn."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

import tensorflow as tf
from tfx import types
from tfx.components.trainer import executor as trainer_executor
from tfx.components.trainer import fn_args_utils
from tfx.dsl.io import fileio
from tfx.proto import trainer_pb2
from tfx.types import artifact_utils, standard_component_specs
from tfx.utils import io_utils, proto_utils

from fit_component import record, runtime_parameters
from fit_component.data import counts_by_statistics, with_payload_format
from fit_component.fn_args import FitFnArgs
from fit_component.objects.cluster import spanned_cluster
from fit_component.objects.compatibility import check_against
from fit_component.objects.precision import precise
from fit_component.objects.reproducibility import reproducible
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.resumption import resumption
from fit_component.settings import beyond_train_args, cap_steps, parse_fit_args, resolve
from fit_component.training.fitting import supervised_fits
from fit_component.training.run_recorder import RunRecorder
from fit_component.user_module import loaded_module
from fit_component.workers import outputs_of_this_worker

Artifacts = dict[str, list[types.Artifact]]


class FitExecutor(trainer_executor.GenericExecutor):
    """TFX's GenericExecutor, giving run_fn a FitFnArgs.

    Settings are parsed strictly and held against the installed Keras before
    run_fn is called.
    """

    _fn_args: FitFnArgs

    def Do(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Trains a model by calling the module's run_fn.

        Args:
          input_dict: As GenericExecutor.
          output_dict: As GenericExecutor.
          exec_properties: As GenericExecutor; `train_args` is the JSON of a
            FitArgs, without the values that runtime parameters bring in
            properties of their own.

        Raises:
          FitArgsError: If the settings cannot be used, before run_fn is called.
        """
        complete, brought = runtime_parameters.put_back(exec_properties)
        requested = _requested(complete)
        resolved = resolve(requested)
        model_run = _only(output_dict, standard_component_specs.MODEL_RUN_KEY)
        evaluation = proto_utils.json_to_proto(
            complete.get(standard_component_specs.EVAL_ARGS_KEY) or "{}", trainer_pb2.EvalArgs()
        )
        eval_steps = evaluation.num_steps or None
        check_against(tf.keras, requested, model_run.uri, eval_steps=eval_steps)
        recorded_eval_steps = cap_steps(eval_steps, resolved)
        cluster = spanned_cluster(requested)
        is_chief = cluster is None or cluster.is_chief
        with (
            resumption(resolved, input_dict, output_dict, complete, is_chief=is_chief) as resuming,
            outputs_of_this_worker(output_dict, cluster) as own,
        ):
            own_run = _only(own, standard_component_specs.MODEL_RUN_KEY)
            write = functools.partial(_write_files, os.path.join(own_run.uri, record.DIRECTORY))
            write(record.settings_files(requested, resolved, brought))
            settings = record.flat_settings(resolved, eval_steps=recorded_eval_steps)
            recorder = RunRecorder(settings, write, hide=record.hiding(requested))
            with (
                reproducible(requested),
                precise(requested),
                recorder.recorded(),
                supervised_fits(
                    resolved,
                    lambda: self._fn_args.wanted(requested),
                    refuses=bool(brought or beyond_train_args(requested)),
                ),
                resuming(lambda: self._fn_args.pass_numbers),
            ):
                super().Do(input_dict, own, complete)
            properties = record.settings_properties(
                resolved,
                brought,
                steps_per_epoch=self._fn_args.known_steps_per_epoch,
                eval_steps=recorded_eval_steps,
            )
            properties.update(record.results_properties(recorder.record()))
            _set_properties(_only(own, standard_component_specs.MODEL_KEY), properties)

    def _GetFnArgs(
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> fn_args_utils.FnArgs:
        stock = super()._GetFnArgs(input_dict, output_dict, exec_properties)
        examples = input_dict[standard_component_specs.EXAMPLES_KEY]
        stock.data_accessor = with_payload_format(stock.data_accessor, examples)
        fn_args = FitFnArgs.from_fn_args(
            stock,
            _requested(exec_properties),
            functools.partial(loaded_module, exec_properties),
            counts_by_statistics(input_dict, getattr(stock, "num_examples", {})),
        )
        if spanned_cluster(fn_args.fit_args) is not None:
            _ = fn_args.strategy  # Made before the module is loaded, which may make tensors.
        self._fn_args = fn_args
        return fn_args


def _only(artifacts: Artifacts, key: str) -> types.Artifact:
    return artifact_utils.get_single_instance(artifacts[key])


def _requested(exec_properties: dict[str, Any]) -> FitArgs:
    stored = exec_properties[standard_component_specs.TRAIN_ARGS_KEY]
    return parse_fit_args(stored, source="train_args")


def _write_files(directory: str, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = os.path.join(directory, name)
        io_utils.write_string_file(f"{path}.tmp", content)
        fileio.rename(f"{path}.tmp", path, overwrite=True)


def _set_properties(model: types.Artifact, properties: Mapping[str, int | float | str]) -> None:
    setters = {
        int: model.set_int_custom_property,
        float: model.set_float_custom_property,
        str: model.set_string_custom_property,
    }
    for name, value in properties.items():
        setters[type(value)](name, value)
