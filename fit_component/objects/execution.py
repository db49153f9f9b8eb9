# SPDX-License-Identifier: Apache-2.0
"""How a training step is computed: the arguments of `Model.compile` from settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fit_component.errors import Problem
from fit_component.objects import generations
from fit_component.proto.fit_args_pb2 import FitArgs

_ARGUMENTS = ("steps_per_execution", "jit_compile", "run_eagerly")


def make_compile_kwargs(fit_args: FitArgs) -> dict[str, Any]:
    """Makes the keyword arguments of `Model.compile` that the settings name.

    Both generations of Keras take all of them.

    Args:
      fit_args: Checked settings.

    Returns:
      A new dict; what is not set is not in it, never optimizer, loss or metrics.
    """
    execution = fit_args.execution
    return {name: getattr(execution, name) for name in _ARGUMENTS if execution.HasField(name)}


def check_execution(
    fit_args: FitArgs, keras: Any, *, eval_steps: int | None = None
) -> Iterator[Problem]:
    """Yields what this Keras cannot do of `execution`.

    Keras 3 runs whole executions only: of 10 steps with 3 per execution it
    makes 12. tf_keras shortens the last one.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
      eval_steps: Batches per evaluation; None for one pass over the data,
        which ends where the data end.
    """
    at_once = fit_args.execution.steps_per_execution
    if at_once <= 1 or not generations.generation_of(keras).runs_whole_executions:
        return
    counts = {"num_steps": fit_args.num_steps, "eval_args.num_steps": eval_steps or 0}
    for name, steps in counts.items():
        if steps % at_once:
            whole = -(-steps // at_once) * at_once
            message = (
                f"does not divide {name}, which is {steps}; {generations.version_of(keras)} would "
                f"run {whole} steps without a word. Let it divide that; tf_keras "
                "(TF_USE_LEGACY_KERAS=1) needs no such thing"
            )
            related = ("num_steps",) if name == "num_steps" else ()
            yield Problem("execution.steps_per_execution", message, at_once, related)
