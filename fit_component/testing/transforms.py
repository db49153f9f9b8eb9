# SPDX-License-Identifier: Apache-2.0
"""What Transform does with examples, over a handful of them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tfx.components.transform import executor as transform_executor
from tfx.types import standard_artifacts

from fit_component.testing import artifacts
from fit_component.testing.modules import importable_neighbours, require_file
from fit_component.testing.splits import split_directories


@dataclass(frozen=True)
class Transformed:
    """Transformed examples, for `run_module` and `make_fn_args`.

    Attributes:
      examples: A directory with a `Split-<name>` for each split.
      transform_graph: The directory of the graph that transformed them.
    """

    examples: str
    transform_graph: str


def transform_examples(
    module_file: str | os.PathLike[str],
    *,
    examples: Any,
    directory: str | os.PathLike[str],
    schema: Any = None,
) -> Transformed:
    """Transforms as Transform does, through its executor, without statistics.

    The split `train` is analysed, all splits are transformed. It takes some
    seconds, so tests share what it gives.

    Args:
      module_file: The file with preprocessing_fn. It may import the modules
        beside it.
      examples: The raw ones, as in `make_fn_args`.
      directory: Where files go, as in `make_fn_args`.
      schema: As in `make_fn_args`.

    Raises:
      FileNotFoundError: If there is no such file; else as `make_fn_args`.
      Exception: What preprocessing_fn raises.
    """
    path = require_file(module_file)
    made = artifacts.new_directory(directory)
    sources = split_directories(examples, ("train", "eval"), made)
    transformed, graph = standard_artifacts.Examples(), standard_artifacts.TransformGraph()
    transformed.uri, graph.uri = str(made / "transformed_examples"), str(made / "transform_graph")
    context = transform_executor.Executor.Context(
        beam_pipeline_args=["--direct_running_mode=in_memory", "--direct_num_workers=1"],
        tmp_dir=str(made / "tmp"),
        unique_id="0",
    )
    # TFX takes the command's arguments for flags of its own, such as -v of pytest.
    with mock.patch.object(sys, "argv", sys.argv[:1]):
        executor = transform_executor.Executor(context)
    with importable_neighbours(path):
        executor.Do(
            artifacts.make_inputs(sources, schema, made),
            {"transformed_examples": [transformed], "transform_graph": [graph]},
            {"module_file": str(path), "disable_statistics": 1, "force_tf_compat_v1": 0},
        )
    return Transformed(transformed.uri, graph.uri)
