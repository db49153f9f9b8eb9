# SPDX-License-Identifier: Apache-2.0
"""Settings and results as flat properties of the Model artifact."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fit_component.credentials import masked, masked_at
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.record.runs import METRICS, RESULTS, RunRecord
from fit_component.releases import is_repeated
from fit_component.settings import Brought, descriptors
from fit_component.settings.durations import duration_seconds
from fit_component.settings.short_forms import arguments_of

PREFIX = "fit."
_STEPS = "steps_per_epoch"
EVAL_STEPS = "eval_args.num_steps"
_PARAMETER = ".runtime_parameter"
_OF_RESULTS = {*RESULTS, _STEPS}


def settings_properties(
    resolved: FitArgs,
    brought: Mapping[str, Mapping[str, Brought]],
    *,
    steps_per_epoch: int | None = None,
    eval_steps: int | None = None,
) -> dict[str, int | float | str]:
    """Flattens resolved settings for ML Metadata.

    Args:
      resolved: Settings with their defaults.
      brought: The values of runtime parameters by the Trainer's argument and
        the path of the field.
      steps_per_epoch: Batches per epoch, if that is known.
      eval_steps: Batches per evaluation; None for one pass.

    Returns:
      Names such as `fit.epochs` or `fit.validation.freq` to numbers and
      strings. Lists are joined by commas. Of callbacks the kinds are there, and
      what each is given: `fit.callbacks[0].early_stopping.patience`; keyword
      arguments as JSON. What looks like a credential is masked. A choice is
      there by its kind, `fit.strategy`, and with what is set inside,
      `fit.strategy.mirrored.devices`; a number by itself, as in
      `fit.optimizer.learning_rate`. `fit.deterministic` is 0 or 1, and
      `fit.max_time` is in seconds. Beside `fit.epochs`, if a runtime parameter
      brought that, is `fit.epochs.runtime_parameter` with the parameter's name.
    """
    properties: dict[str, int | float | str] = {}
    for argument, fields in brought.items():
        prefix = PREFIX if argument == "train_args" else f"{PREFIX}{argument}."
        for path, value in fields.items():
            properties[prefix + path] = masked_at(path, value.value)
            properties[f"{prefix}{path}{_PARAMETER}"] = value.name
    properties.update(_flatten(resolved, PREFIX))
    if steps_per_epoch is not None:
        properties[f"{PREFIX}{_STEPS}"] = steps_per_epoch
    if eval_steps is not None:
        properties[PREFIX + EVAL_STEPS] = eval_steps
    properties.setdefault(f"{PREFIX}callbacks", "")
    return properties


def results_properties(run: RunRecord) -> dict[str, int | float | str]:
    """What came out of a run, for ML Metadata.

    Args:
      run: The run.

    Returns:
      Names such as `fit.epochs_run`, `fit.stop_reason` or `fit.best.val_loss`
      to numbers and strings; none of the numbers is a NaN or an infinity.
    """
    return {f"{PREFIX}{name}": value for name, value in run.results.items()}


def split_properties(
    properties: Mapping[str, int | float | str],
) -> tuple[dict[str, int | float | str], dict[str, int | float | str]]:
    """Finds the record of a run among the properties of its Model artifact.

    Args:
      properties: All properties of the artifact.

    Returns:
      The resolved settings, as of `flat_settings`, and the results, as of
      RunRecord.results, with `steps_per_epoch`; both empty for a model of
      another trainer. A metric that is not a number is a float again.
    """
    settings: dict[str, int | float | str] = {}
    results: dict[str, int | float | str] = {}
    for name, value in properties.items():
        if not name.startswith(PREFIX):
            continue
        inner = name.removeprefix(PREFIX)
        if inner.startswith(METRICS):
            results[inner] = float(value)
        elif inner in _OF_RESULTS:
            results[inner] = value
        elif not inner.endswith(_PARAMETER):
            settings[inner] = value
    return settings, results


def flat_settings(
    resolved: FitArgs, *, eval_steps: int | None = None
) -> dict[str, int | float | str]:
    """Flattens resolved settings: names such as `epochs` or `validation.freq` to their values.

    Args:
      resolved: Settings with their defaults.
      eval_steps: Batches per evaluation; None for one pass.
    """
    properties = settings_properties(resolved, {}, eval_steps=eval_steps)
    return {name.removeprefix(PREFIX): value for name, value in properties.items()}


def _flatten(message: Message, prefix: str) -> Iterator[tuple[str, int | float | str]]:
    for field, value in message.ListFields():
        name = prefix + field.name
        if descriptors.is_map(field):
            shown = masked({key: value[key] for key in sorted(value)})
            yield name, ",".join(f"{key}:{inner!r}" for key, inner in shown.items())
        elif is_repeated(field) and not descriptors.is_message(field):
            yield name, ",".join(map(str, value))
        elif descriptors.well_known(field) == descriptors.DURATION:
            yield name, duration_seconds(value)
        elif descriptors.well_known(field) == descriptors.STRUCT:
            yield name, json.dumps(masked(arguments_of(value)), ensure_ascii=False)
        elif descriptors.is_message(field) and is_repeated(field):
            # A list of messages is one of choices: callbacks.
            (oneof,) = field.message_type.oneofs
            yield name, ",".join(str(element.WhichOneof(oneof.name)) for element in value)
            for index, element in enumerate(value):
                yield from _flatten(element, f"{name}[{index}].")
        elif descriptors.is_message(field):
            yield from _flatten_message(value, field, name)
        elif field.type == FieldDescriptor.TYPE_ENUM:
            yield name, field.enum_type.values_by_number[value].name
        else:
            yield name, int(value) if isinstance(value, bool) else value


def _flatten_message(
    message: Message, field: FieldDescriptor, name: str
) -> Iterator[tuple[str, int | float | str]]:
    oneof, short = descriptors.choice(field.message_type), descriptors.shorthand(field)
    if short is not None and message.HasField(short.name):
        yield name, getattr(message, short.name)
        return
    if oneof is not None:
        yield name, str(message.WhichOneof(oneof.name))
    yield from _flatten(message, f"{name}.")
