# SPDX-License-Identifier: Apache-2.0
"""Settings held against the Keras that will train.

The machine that builds a pipeline may have another Keras than the one that
trains, so this is no business of settings/.
"""

from __future__ import annotations

from typing import Any

from fit_component.errors import FitArgsError
from fit_component.objects import generations
from fit_component.objects.callbacks import make_callbacks
from fit_component.proto.fit_args_pb2 import FitArgs


def check_against(keras: Any, fit_args: FitArgs, model_run_dir: str) -> None:
    """Holds settings against the Keras that will train.

    Args:
      keras: `tf.keras`, `keras` or `tf_keras`.
      fit_args: Checked settings.
      model_run_dir: Where relative paths lead.

    Raises:
      FitArgsError: If this Keras cannot do what the settings say, with all
        problems.
    """
    problems = list(generations.generation_of(keras).problems(fit_args))
    try:
        make_callbacks(fit_args, keras, model_run_dir)
    except FitArgsError as error:
        problems += error.problems
    if problems:
        raise FitArgsError(problems, "train_args")
