# SPDX-License-Identifier: Apache-2.0
"""A Trainer's run as a training that other runs know again."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tfx import types
from tfx.dsl.io import fileio
from tfx.types import artifact_utils
from tfx.types import standard_component_specs as specs
from tfx.utils import io_utils

from fit_component import record
from fit_component.credentials import masked
from fit_component.errors import FitArgsError, Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.durations import duration_seconds
from fit_component.settings.weights import settings_of_weights
from fit_component.training.passes import PassNumber
from fit_component.training.resume.fits import resumed_fits
from fit_component.training.resume.job import INPUTS, Job
from fit_component.training.resume.kept_files import KeptFiles

Artifacts = dict[str, list[types.Artifact]]

# Lets the calls of fit go on; takes what finds the positions in the datasets handed out.
Resuming = Callable[[Callable[[], Sequence[PassNumber]]], contextlib.AbstractContextManager[None]]

_DIRECTORY = "resume"


@contextlib.contextmanager
def resumption(
    resolved: FitArgs,
    inputs: Artifacts,
    outputs: Artifacts,
    properties: Mapping[str, Any],
    *,
    is_chief: bool,
) -> Iterator[Resuming]:
    """Finds what was saved of a Trainer's run, and deletes it when the run has succeeded.

    Args:
      resolved: Resolved settings; if `resume` is not enabled, nothing is done.
      inputs: The Trainer's inputs.
      outputs: The artifacts that are published.
      properties: Its execution properties.
      is_chief: Whether this process saves. Other workers go on from what the
        chief has saved.

    Raises:
      FitArgsError: If nobody can know where to look or by what name, if another
        run trains the same, or if the place cannot be written to.
    """
    if not resolved.resume.enabled:
        yield lambda _: contextlib.nullcontext()
        return
    model_run = artifact_utils.get_single_uri(outputs[specs.MODEL_RUN_KEY])
    job = job_of(resolved, inputs, model_run, properties)
    kept = KeptFiles(model_run, os.path.join(job.directory, specs.MODEL_RUN_KEY), record.DIRECTORY)

    def resuming(
        find_numbers: Callable[[], Sequence[PassNumber]],
    ) -> contextlib.AbstractContextManager[None]:
        return resumed_fits(
            job.directory, resolved.resume, find_numbers, kept=kept, writes=is_chief
        )

    keep_for = duration_seconds(resolved.resume.keep_for)
    with job.opened(keep_for) if is_chief else contextlib.nullcontext():
        yield resuming


def job_of(
    resolved: FitArgs, inputs: Artifacts, model_run: str, properties: Mapping[str, Any]
) -> Job:
    """What makes a Trainer's run the same training as another run.

    Args:
      resolved: Resolved settings.
      inputs: The Trainer's inputs.
      model_run: The URI of its model_run.
      properties: Its execution properties.

    Raises:
      FitArgsError: If `resume` must name what cannot be known.
    """
    resume, node = resolved.resume, _node_directory(model_run)
    needed = [name for name in ("directory", "key") if not resume.HasField(name)]
    if node is None and needed:
        message = (
            "is to be set, since TFX keeps outputs in another place in each run, from which "
            f"nothing can be derived: {model_run}"
        )
        raise FitArgsError([Problem(f"resume.{name}", message) for name in needed], "train_args")
    has_key = resume.HasField("key")
    parts = {
        "key": resume.key if has_key else None,
        "node": None if has_key or node is None else os.path.basename(node),
        "module": _module(properties),
        "hyperparameters": _hyperparameters(inputs),
        INPUTS: {} if has_key else _uris(inputs),
        "settings": record.flat_settings(settings_of_weights(resolved)),
        "eval_args": properties.get(specs.EVAL_ARGS_KEY) or "{}",
        "custom_config": _custom_config(properties),
    }
    return Job(parts, resume.directory or os.path.join(str(node), _DIRECTORY))


def _node_directory(model_run: str) -> str | None:
    """The directory of the Trainer's outputs, where it is the same in each run."""
    above, number = os.path.split(model_run.rstrip("/"))
    node, key = os.path.split(above)
    return node if key == specs.MODEL_RUN_KEY and number.isdigit() else None


def _module(properties: Mapping[str, Any]) -> str:
    """The module's name, and a checksum of its code."""
    path, _, wheel = (properties.get(specs.MODULE_PATH_KEY) or "").partition("@")
    file = properties.get(specs.MODULE_FILE_KEY)
    if wheel:
        with zipfile.ZipFile(io.BytesIO(_read(wheel))) as archive:
            code = {n: archive.read(n) for n in archive.namelist() if n.endswith(".py")}
        return f"{path} {_digest(*(part for n in sorted(code) for part in (n.encode(), code[n])))}"
    if file:
        return f"{os.path.basename(file)} {_digest(_read(file))}"
    name = path or (properties.get(specs.RUN_FN_KEY) or "").rpartition(".")[0]
    origin = None
    with contextlib.suppress(ImportError, ValueError):  # as of a module that is run as a program
        found = importlib.util.find_spec(name) if name else None
        origin = found.origin if found is not None else None
    return f"{name} {_digest(_read(origin))}" if origin and fileio.exists(origin) else name


def _read(path: str) -> bytes:
    with fileio.open(path, "rb") as file:
        content: bytes = file.read()
    return content


def _digest(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(content)
    return digest.hexdigest()[:16]


def _hyperparameters(inputs: Artifacts) -> dict[str, Any]:
    if not inputs.get(specs.HYPERPARAMETERS_KEY):
        return {}
    directory = artifact_utils.get_single_uri(inputs[specs.HYPERPARAMETERS_KEY])
    config = json.loads(_read(io_utils.get_only_uri_in_dir(directory)))
    return masked(config.get("values", config))


def _uris(inputs: Artifacts) -> dict[str, str]:
    return {
        name: ", ".join(artifact.uri for artifact in artifacts)
        for name, artifacts in inputs.items()
        if name != specs.HYPERPARAMETERS_KEY and artifacts
    }


def _custom_config(properties: Mapping[str, Any]) -> dict[str, Any]:
    config = json.loads(properties.get(specs.CUSTOM_CONFIG_KEY) or "null")
    return masked(config) if isinstance(config, dict) else {}
