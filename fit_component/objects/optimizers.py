# SPDX-License-Identifier: Apache-2.0
"""Optimizers from settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fit_component.errors import FitArgsError, Problem
from fit_component.objects import generations
from fit_component.objects.schedules import make_learning_rate
from fit_component.objects.signatures import has_argument
from fit_component.proto.fit_args_pb2 import FitArgs, Optimizer

# The class in `keras.optimizers` of each kind.
_ROWS: Mapping[str, str] = {
    "adam": "Adam",
    "adamw": "AdamW",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "adamax": "Adamax",
    "nadam": "Nadam",
    "ftrl": "Ftrl",
    "lion": "Lion",
    "adafactor": "Adafactor",
}

_KERAS_3 = "Keras 3, which tf.keras is without TF_USE_LEGACY_KERAS=1"

# Who has the arguments that not every Keras has.
_WHO_HAS: Mapping[str, str] = {
    "gradient_accumulation_steps": _KERAS_3,
    "loss_scale_factor": _KERAS_3,
}

# What goes wrong over several replicas in a Keras that sums their gradients last.
_CLIPS_EACH = (
    "would clip the gradients of each replica before they are summed, which may be larger by the "
    "number of replicas"
)
_GOES_WRONG: Mapping[str, str] = {
    "clipnorm": _CLIPS_EACH,
    "clipvalue": _CLIPS_EACH,
    "global_clipnorm": _CLIPS_EACH,
    "ema_overwrite_frequency": "fails in the first step",
    "gradient_accumulation_steps": "fails in the first step",
}
_MISSES_OVERFLOW = (
    "looks for overflow in the gradients of one replica alone, and those of the others make the "
    "weights infinite"
)


def make_optimizer(fit_args: FitArgs, keras: Any, *, steps_per_epoch: Callable[[], int]) -> Any:
    """Makes the optimizer that the settings name.

    To be called in the strategy's scope: Keras 3 makes variables at once.

    Args:
      fit_args: Checked settings.
      keras: The Keras whose classes are used: `tf.keras`, `keras` or
        `tf_keras`.
      steps_per_epoch: Gives the batches per epoch; asked only where the
        learning rate's schedule is given in epochs. May raise FitArgsError.

    Returns:
      A new optimizer; None where the settings name none.

    Raises:
      FitArgsError: If this Keras does not take it, with all problems.
    """
    settings = fit_args.optimizer
    kind = _kind_of(settings)
    if kind is None:
        return None
    if problems := list(check_optimizer(fit_args, keras)):
        raise FitArgsError(problems, "train_args")
    kwargs = _arguments(settings, kind)
    if settings.HasField("learning_rate"):
        kwargs["learning_rate"] = make_learning_rate(
            settings.learning_rate, keras, "optimizer.learning_rate", steps_per_epoch
        )
    try:
        return getattr(keras.optimizers, _ROWS[kind])(**kwargs)
    except (TypeError, ValueError) as error:
        refusal = f"{generations.version_of(keras)} does not take it: {error}"
        raise FitArgsError([Problem(f"optimizer.{kind}", refusal)], "train_args") from error


def check_optimizer(fit_args: FitArgs, keras: Any) -> Iterator[Problem]:
    """Yields what this Keras lacks of the optimizer that the settings name.

    No object is made, so TensorFlow's runtime is not started.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
    """
    kind = _kind_of(fit_args.optimizer)
    if kind is None:
        return
    version = generations.version_of(keras)
    optimizer_class = getattr(keras.optimizers, _ROWS[kind], None)
    if optimizer_class is None:
        yield Problem(f"optimizer.{kind}", f"{version} has no optimizer {_ROWS[kind]}")
        return
    own = getattr(fit_args.optimizer, kind).DESCRIPTOR.fields_by_name
    for name, value in _arguments(fit_args.optimizer, kind).items():
        if not has_argument(optimizer_class, name):
            path = f"optimizer.{kind}.{name}" if name in own else f"optimizer.{name}"
            who = f"; {_WHO_HAS[name]} has" if name in _WHO_HAS else ""
            yield Problem(path, f"{version} has no such argument{who}", value)


def check_on_replicas(fit_args: FitArgs, keras: Any, replicas: int) -> Iterator[Problem]:
    """Yields what this Keras gets wrong of the settings where several replicas train.

    Keras 3 sums gradients over the replicas just before the weights change:
    after clipping, after looking for overflow, and in a branch of the graph
    that replicas cannot leave together. tf_keras sums them first.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
      replicas: The strategy's `num_replicas_in_sync`.
    """
    if replicas < 2 or not generations.generation_of(keras).sums_gradients_last:
        return
    version = generations.version_of(keras)
    repair = "train on one replica, or with tf_keras (TF_USE_LEGACY_KERAS=1)"
    for name, wrong in _GOES_WRONG.items():
        if fit_args.optimizer.HasField(name):
            message = f"{version} {wrong}, with {replicas} replicas; leave it out"
            value = getattr(fit_args.optimizer, name)
            yield Problem(f"optimizer.{name}", f"{message}, {repair}", value, ("strategy",))
    precision = fit_args.execution.precision
    if precision == "mixed_float16":
        message = f"{version} {_MISSES_OVERFLOW}, with {replicas} replicas; use mixed_bfloat16"
        yield Problem("execution.precision", f"{message}, {repair}", precision, ("strategy",))


def _kind_of(settings: Optimizer) -> str | None:
    kind = settings.WhichOneof("optimizer")
    return None if kind is None else str(kind)


def _arguments(settings: Optimizer, kind: str) -> dict[str, Any]:
    """The arguments that are set, but for the learning rate: its own and the common ones."""
    own = {field.name: value for field, value in getattr(settings, kind).ListFields()}
    common = {
        field.name: value for field, value in settings.ListFields() if field.message_type is None
    }
    return own | common
