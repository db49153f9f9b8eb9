# SPDX-License-Identifier: Apache-2.0
"""Every difference between Keras 3 and tf_keras.

`tf.keras` is one or the other: Keras 3, unless the environment variable
TF_USE_LEGACY_KERAS is 1. A process can also hold both. So nothing here asks
the environment; a Keras is known by the module that its classes come from.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fit_component.errors import Problem
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.releases import KERAS_3_RANDOM_STATE, doubles_metrics

_KERAS_3_STATE = "keras.src.backend.common.global_state"
_TF_KERAS_POLICY = "tf_keras.src.mixed_precision.policy"


@dataclass(frozen=True)
class Generation:
    """What one generation of Keras does in its own way.

    Attributes:
      package: The name of the package that its classes come from.
      problems: Yields what it cannot do of the settings.
      wrong_with_replicas: Says what goes wrong with several replicas, or None.
      get_random_state: Returns what its random ops without a seed depend on.
      set_random_state: Puts such a state in place; None for that of a process
        in which nothing was seeded.
      get_policy: Returns the dtype policy that was set, None if none was.
      set_policy: Puts such a policy in place.
      runs_whole_executions: Whether an epoch of a given number of steps goes on
        to the end of its last execution, with steps too many.
      sums_gradients_last: Whether gradients are summed over the replicas after
        they were clipped and checked, just before the weights change.
      trains_over_workers: Whether `fit` works with MultiWorkerMirroredStrategy.
      joins_steps_of_replicas: Whether several steps per execution work with
        several replicas.
      starts_data_anew: Whether epochs of a given number of steps go through
        data of a known length again where the last epoch has used them up.
      count_batches: Returns how many batches a model's fit has run so far; None
        if the generation does not count them.
      dump_random_state: Returns what `get_random_state` does as plain values.
      load_random_state: Puts those in place.
      unkept_random_layers: Returns the names of a model's layers that draw
        random numbers from what is in none of its variables.
      build_optimizer: Makes the variables of a model's optimizer, if they are
        not there.
      optimizer_variables: Returns them, the learning rate among them.
      metrics_variables: Returns those of a model's metrics.
      counters: Returns the variables in which a model counts batches.
    """

    package: str
    problems: Callable[[FitArgs], Iterator[Problem]]
    wrong_with_replicas: Callable[[], str | None]
    get_random_state: Callable[[], Any]
    set_random_state: Callable[[Any], None]
    get_policy: Callable[[], Any]
    set_policy: Callable[[Any], None]
    runs_whole_executions: bool
    sums_gradients_last: bool
    trains_over_workers: bool
    joins_steps_of_replicas: bool
    starts_data_anew: bool
    count_batches: Callable[[Any], int | None]
    dump_random_state: Callable[[], Any]
    load_random_state: Callable[[Any], None]
    unkept_random_layers: Callable[[Any], list[str]]
    build_optimizer: Callable[[Any], None]
    optimizer_variables: Callable[[Any], list[Any]]
    metrics_variables: Callable[[Any], list[Any]]
    counters: Callable[[Any], list[Any]]


def generation_of(keras: Any) -> Generation:
    """The generation that a Keras module belongs to.

    Args:
      keras: `tf.keras`, `keras` or `tf_keras`.

    Raises:
      TypeError: If it is none of these.
    """
    package = _package_of(keras)
    if package is None or package not in GENERATIONS:
        raise TypeError(f"use_keras takes tf.keras, keras or tf_keras; got {keras!r}")
    return GENERATIONS[package]


def version_of(keras: Any) -> str:
    """Names a Keras with its version, such as `keras 3.9.2`."""
    package = generation_of(keras).package
    return f"{package} {importlib.import_module(package).__version__}"


def loaded() -> Iterator[Generation]:
    """Yields the generations that the process has imported so far."""
    return (generation for name, generation in GENERATIONS.items() if name in sys.modules)


def _package_of(keras: Any) -> str | None:
    callback = getattr(getattr(keras, "callbacks", None), "Callback", None)
    return callback.__module__.partition(".")[0] if callback is not None else None


def _no_problems(_: FitArgs) -> Iterator[Problem]:
    return iter(())


def _gaps_in_class_weight(fit_args: FitArgs) -> Iterator[Problem]:
    # tf_keras gathers the weights by class from one tensor, so none may lack.
    classes = sorted(fit_args.class_weight)
    absent = next((n for n, c in enumerate(classes) if n != c), None)
    if absent is not None:
        message = f"lacks class {absent}; tf_keras wants every class from 0 up: add {absent}: 1.0"
        yield Problem("class_weight", message, dict(sorted(fit_args.class_weight.items())))


def _nothing_wrong() -> str | None:
    return None


def _replicas_double_metrics() -> str | None:
    version = importlib.import_module("keras").__version__
    if not doubles_metrics(version):
        return None
    return (
        f"keras {version} gets losses and metrics wrong where several replicas train: early "
        "batches count too much, and many batches end in NaN. Weights are right, but callbacks "
        "that monitor a metric act on the wrong numbers. Keras 3.10 and tf_keras "
        "(TF_USE_LEGACY_KERAS=1) get them right"
    )


def _get_keras_3_state() -> Any:
    state = importlib.import_module(_KERAS_3_STATE)
    return [state.get_global_attribute(name) for name in KERAS_3_RANDOM_STATE]


def _set_keras_3_state(values: Any) -> None:
    state = importlib.import_module(_KERAS_3_STATE)
    for name, value in zip(KERAS_3_RANDOM_STATE, values or (None, None), strict=True):
        state.set_global_attribute(name, value)


def _get_tf_keras_state() -> Any:
    holder = importlib.import_module("tf_keras.src.backend")._SEED_GENERATOR
    return getattr(holder, "generator", None)


def _set_tf_keras_state(generator: Any) -> None:
    importlib.import_module("tf_keras.src.backend")._SEED_GENERATOR.generator = generator


# Neither generation has a public way to tell whether a policy was set, nor to unset it: reading
# the policy in Keras 3 sets it.
def _get_keras_3_policy() -> Any:
    return importlib.import_module(_KERAS_3_STATE).get_global_attribute("dtype_policy")


def _set_keras_3_policy(policy: Any) -> None:
    importlib.import_module(_KERAS_3_STATE).set_global_attribute("dtype_policy", policy)


def _get_tf_keras_policy() -> Any:
    return importlib.import_module(_TF_KERAS_POLICY)._global_policy


def _set_tf_keras_policy(policy: Any) -> None:
    module: Any = importlib.import_module(_TF_KERAS_POLICY)
    module._global_policy = policy


def _batches_of_keras_3(_: Any) -> int | None:
    return None


def _batches_of_tf_keras(model: Any) -> int | None:
    return int(model._train_counter.numpy())


def _dump_keras_3_state() -> Any:
    generator, *others = _get_keras_3_state()
    return [None if generator is None else generator.state.numpy(), *others]


def _load_keras_3_state(values: Any) -> None:
    position, *others = values
    if position is None:
        _set_keras_3_state([None, *others])
        return
    # Made where it is not there, as by the first op without a seed.
    generator = importlib.import_module("keras.src.random.seed_generator").global_seed_generator()
    generator.state.assign(position)
    _set_keras_3_state([generator, *others])


def _dump_tf_keras_state() -> Any:
    generator = _get_tf_keras_state()
    return None if generator is None else generator.getstate()


def _load_tf_keras_state(state: Any) -> None:
    generator = None
    if state is not None:
        generator = random.Random()
        generator.setstate(state)
    _set_tf_keras_state(generator)


def _no_layers(_: Any) -> list[str]:
    return []


def _random_layers_of_tf_keras(model: Any) -> list[str]:
    base = importlib.import_module("tf_keras.src.engine.base_layer").BaseRandomLayer
    return [layer.name for layer in model._flatten_layers() if isinstance(layer, base)]


def _build_keras_3_optimizer(model: Any) -> None:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def _build_tf_keras_optimizer(model: Any) -> None:
    optimizer = model.optimizer
    # Those of before TF-Keras 2.11, which are still there as `legacy`, have another way.
    build = getattr(optimizer, "_create_all_weights", None) or optimizer.build
    build(model.trainable_variables)


def _variables_of_keras_3_optimizer(model: Any) -> list[Any]:
    return list(model.optimizer.variables)


def _variables_of_tf_keras_optimizer(model: Any) -> list[Any]:
    optimizer = model.optimizer
    variables = [*optimizer.variables(), getattr(optimizer, "learning_rate", None)]
    loss_scale = getattr(optimizer, "_loss_scale", None)
    variables += getattr(loss_scale, "_weights", {}).values()
    by_id = {id(v): v for v in variables if hasattr(v, "assign")}
    return list(by_id.values())


def _metrics_of_keras_3(model: Any) -> list[Any]:
    return list(model.metrics_variables)


def _metrics_of_tf_keras(model: Any) -> list[Any]:
    return [variable for metric in model.metrics for variable in metric.variables]


def _counters_of_keras_3(_: Any) -> list[Any]:
    return []


def _counters_of_tf_keras(model: Any) -> list[Any]:
    return [model._train_counter, model._test_counter]


GENERATIONS: Mapping[str, Generation] = {
    "keras": Generation(
        "keras",
        _no_problems,
        _replicas_double_metrics,
        _get_keras_3_state,
        _set_keras_3_state,
        _get_keras_3_policy,
        _set_keras_3_policy,
        runs_whole_executions=True,
        sums_gradients_last=True,
        trains_over_workers=False,
        joins_steps_of_replicas=False,
        starts_data_anew=True,
        count_batches=_batches_of_keras_3,
        dump_random_state=_dump_keras_3_state,
        load_random_state=_load_keras_3_state,
        unkept_random_layers=_no_layers,
        build_optimizer=_build_keras_3_optimizer,
        optimizer_variables=_variables_of_keras_3_optimizer,
        metrics_variables=_metrics_of_keras_3,
        counters=_counters_of_keras_3,
    ),
    "tf_keras": Generation(
        "tf_keras",
        _gaps_in_class_weight,
        _nothing_wrong,
        _get_tf_keras_state,
        _set_tf_keras_state,
        _get_tf_keras_policy,
        _set_tf_keras_policy,
        runs_whole_executions=False,
        sums_gradients_last=False,
        trains_over_workers=True,
        joins_steps_of_replicas=True,
        starts_data_anew=False,
        count_batches=_batches_of_tf_keras,
        dump_random_state=_dump_tf_keras_state,
        load_random_state=_load_tf_keras_state,
        unkept_random_layers=_random_layers_of_tf_keras,
        build_optimizer=_build_tf_keras_optimizer,
        optimizer_variables=_variables_of_tf_keras_optimizer,
        metrics_variables=_metrics_of_tf_keras,
        counters=_counters_of_tf_keras,
    ),
}
