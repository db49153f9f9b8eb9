# SPDX-License-Identifier: Apache-2.0
"""How a fit evaluates, done at another time without a trace in the training."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

# Arguments of `fit` that both it and `evaluate` have in tf_keras.
_SHARED = ("max_queue_size", "workers", "use_multiprocessing")


@dataclass(frozen=True)
class FitValidation:
    """How a fit evaluates.

    Attributes:
      data: Its validation_data.
      arguments: Those of `evaluate`, other than the data.
      freq: Its validation_freq: a number of epochs, or those that it names,
        counted from 1.
      callbacks: Its callbacks, which take part in an evaluation.
    """

    data: Any
    arguments: dict[str, Any]
    freq: int | Container[int]
    callbacks: Sequence[Any]

    @classmethod
    def of(cls, arguments: dict[str, Any], callbacks: Sequence[Any]) -> FitValidation:
        """Takes it from the arguments of `fit`.

        Args:
          arguments: By name, with validation_data.
          callbacks: Its callbacks, one by one.
        """
        of_evaluate = {
            "batch_size": arguments.get("validation_batch_size") or arguments.get("batch_size"),
            "steps": arguments.get("validation_steps"),
            **{name: arguments[name] for name in _SHARED if name in arguments},
        }
        freq = arguments.get("validation_freq", 1)
        return cls(arguments["validation_data"], of_evaluate, freq, callbacks)

    def falls_due_after(self, epoch: int) -> bool:
        """Whether fit evaluates at the end of an epoch, counted from 0."""
        if isinstance(self.freq, int):
            return (epoch + 1) % self.freq == 0
        return epoch + 1 in self.freq

    def evaluate(self, model: Any, keras: Any) -> dict[str, Any]:
        """Evaluates a model as fit does, and leaves the state of its metrics as it is.

        Args:
          model: The model.
          keras: Its Keras.

        Returns:
          The metrics by name, as in the logs of an epoch: `val_loss` and so on.
        """
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(self.data)
        # Without a model and without params, which would be given to callbacks that have theirs.
        callbacks = keras.callbacks.CallbackList(list(self.callbacks))
        with _kept_metrics(model):
            result = model.evaluate(
                x,
                y,
                sample_weight=sample_weight,
                verbose=0,
                callbacks=callbacks,
                return_dict=True,
                **self.arguments,
            )
        return {f"val_{name}": _plain(value) for name, value in result.items()}


@contextlib.contextmanager
def _kept_metrics(model: Any) -> Iterator[None]:
    """Puts the state of a model's metrics back, which an evaluation starts anew."""
    local = model.distribute_strategy.experimental_local_results
    variables = [v for metric in model.metrics for v in metric.variables]
    # Replica by replica: what is assigned to all together is divided among them.
    parts = [part for v in variables for part in local(_of_tensorflow(v))]
    values = [part.read_value() for part in parts]
    try:
        yield
    finally:
        for part, value in zip(parts, values, strict=True):
            part.assign(value)


def _plain(value: Any) -> Any:
    """A number as Python's own; what is none, such as a metric of several, as it is."""
    return float(value) if tf.rank(value) == 0 else value


def _of_tensorflow(variable: Any) -> Any:
    """The variable itself, which those of Keras 3 hold."""
    return variable if isinstance(variable, tf.Variable) else variable.value
