# SPDX-License-Identifier: Apache-2.0
"""What a call of `Model.fit` asks for, and whether its data can give it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from fit_component.objects import generations
from fit_component.objects.generations import Generation
from fit_component.training.batch_sizes import batch_size_of
from fit_component.training.observation import Fit

# The arguments by which `fit` batches arrays.
SIZES_OF_ARRAYS = {"x": "batch_size", "validation_data": "validation_batch_size"}


@dataclass(frozen=True)
class FitCall:
    """A call of `fit`.

    Attributes:
      fit: The call.
      keras: The Keras of its model.
      generation: The generation of that.
      callbacks: Its callbacks, one by one.
    """

    fit: Fit
    keras: Any
    generation: Generation
    callbacks: list[Any]

    @classmethod
    def of(cls, fit: Fit) -> FitCall:
        """Finds out what can be known of a call."""
        modules = [(importlib.import_module(g.package), g) for g in generations.loaded()]
        keras, generation = next((k, g) for k, g in modules if isinstance(fit.model, k.Model))
        callbacks = fit.arguments.get("callbacks")
        callbacks = getattr(callbacks, "callbacks", callbacks)  # of a CallbackList
        return cls(fit, keras, generation, tf.nest.flatten(callbacks) if callbacks else [])

    @property
    def steps(self) -> int | None:
        """Batches per epoch, if given; negative ones mean none in particular."""
        steps = self.fit.arguments.get("steps_per_epoch")
        return None if steps is None else int(steps)

    @property
    def initial_epoch(self) -> int:
        """The epoch at which it starts."""
        return int(self.fit.arguments.get("initial_epoch", 0))

    @property
    def epochs(self) -> int:
        """The number of epochs that it is to run."""
        return int(self.fit.arguments.get("epochs", 1)) - self.initial_epoch

    @property
    def validation_steps(self) -> int | None:
        """Batches per evaluation, if given."""
        steps = self.fit.arguments.get("validation_steps")
        return None if steps is None else int(steps)

    @property
    def steps_per_execution(self) -> int:
        """Batches that are run at once."""
        at_once = getattr(self.fit.model, "steps_per_execution", None)
        return 1 if at_once is None else _number(at_once)

    def batch_size(self, argument: str) -> int | None:
        """Examples per batch of data that are not read, over all replicas.

        Args:
          argument: The name of the argument that holds them.

        Returns:
          A number; None if it is not known, as of a generator.
        """
        arguments = self.fit.arguments
        data = arguments.get(argument)
        if isinstance(data, tf.data.Dataset):
            return batch_size_of(data)
        if not any(hasattr(array, "shape") for array in tf.nest.flatten(data)[:1]):
            return None
        size = arguments.get(SIZES_OF_ARRAYS[argument]) or arguments.get("batch_size")
        return int(size or 32)  # Keras' default

    def batches(self, argument: str) -> int | None:
        """The number of batches in a dataset, negative if it is endless or not known.

        Args:
          argument: The name of the argument that holds it.

        Returns:
          A number, or tf.data's INFINITE_CARDINALITY or UNKNOWN_CARDINALITY;
          None for other data, and where each worker reads a share.
        """
        data = self.fit.arguments.get(argument)
        is_shared = self.fit.model.distribute_strategy.cluster_resolver is not None
        if not isinstance(data, tf.data.Dataset):
            return None
        batches = int(data.cardinality())
        return None if is_shared and batches >= 0 else batches


def full_epochs(
    batches: int, steps: int, *, at_once: int = 1, starts_anew: bool, whole_executions: bool
) -> int | None:
    """How many epochs of so many steps get all of them, until the first that does not.

    Args:
      batches: Batches in the data.
      steps: Batches per epoch.
      at_once: Batches per execution.
      starts_anew: As Generation.starts_data_anew.
      whole_executions: As Generation.runs_whole_executions.

    Returns:
      The number; None if all do, however many.
    """
    taken = -(-steps // at_once) * at_once if whole_executions else steps
    full = max(0, (batches - steps) // taken + 1)
    uses_up = full * taken >= batches
    is_one_pass = batches == steps
    return None if full and uses_up and (starts_anew or is_one_pass) else full


def run_steps(call: FitCall) -> int | None:
    """The steps that the optimizer of a model has counted; None if that may not be batches.

    It can be one more than there were batches, each time that data run out: the
    optimizer counts while the batch is being waited for.
    """
    model = call.fit.model
    optimizer: Any = getattr(model, "optimizer", None)
    counts_batches = (
        optimizer is not None
        and type(model).train_step is call.keras.Model.train_step
        and not getattr(optimizer, "gradient_accumulation_steps", None)
        and not hasattr(optimizer, "inner_optimizer")  # leaves out those that overflow
    )
    return _number(optimizer.iterations) if counts_batches else None


def _number(value: Any) -> int:
    """A number as Python's own, also of a variable that replicas share."""
    return int(tf.convert_to_tensor(value))
