# SPDX-License-Identifier: Apache-2.0
"""Settings held against the Keras that will train.

The machine that builds a pipeline may have another Keras than the one that
trains, so this is no business of settings/.
"""

from __future__ import annotations

from typing import Any

from fit_component.errors import FitArgsError
from fit_component.objects import generations
from fit_component.objects.callbacks import check_callbacks
from fit_component.objects.execution import check_execution
from fit_component.objects.optimizers import check_optimizer
from fit_component.objects.strategy_checks import check_strategy
from fit_component.proto.fit_args_pb2 import FitArgs


def check_against(
    keras: Any, fit_args: FitArgs, model_run_dir: str, *, eval_steps: int | None = None
) -> None:
    """Holds settings against the Keras that will train.

    Args:
      keras: `tf.keras`, `keras` or `tf_keras`.
      fit_args: Checked settings.
      model_run_dir: Where relative paths lead.
      eval_steps: Batches per evaluation; None for one pass over the data.

    Raises:
      FitArgsError: If this Keras cannot do what the settings say, with all
        problems.
    """
    problems = list(generations.generation_of(keras).problems(fit_args))
    problems += check_callbacks(fit_args, keras, model_run_dir)
    problems += check_optimizer(fit_args, keras)
    problems += check_strategy(fit_args, keras)
    problems += check_execution(fit_args, keras, eval_steps=eval_steps)
    if problems:
        raise FitArgsError(problems, "train_args")
