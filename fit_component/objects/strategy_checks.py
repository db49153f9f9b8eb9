# SPDX-License-Identifier: Apache-2.0
"""Strategies held against the Keras, the cluster and the replicas that there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf

from fit_component.errors import FitArgsError, Problem
from fit_component.objects import generations
from fit_component.objects.cluster import Cluster, read_cluster, spanned_cluster
from fit_component.objects.optimizers import check_on_replicas
from fit_component.objects.strategies import short_name
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings.durations import duration_text

_REMEDY = "tf_keras (TF_USE_LEGACY_KERAS=1) can"


def check_strategy(
    fit_args: FitArgs, keras: Any, environment: Mapping[str, str] = os.environ
) -> Iterator[Problem]:
    """Yields what is wrong with the strategy, as far as TensorFlow's runtime need not start.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
      environment: The environment variables.
    """
    try:
        cluster = spanned_cluster(fit_args, environment)
    except FitArgsError as error:
        cluster = None
        yield from error.problems
    yield from _workers(fit_args, keras, cluster)
    yield from _alone_in_a_cluster(fit_args, environment)
    yield from _nccl(fit_args)
    yield from check_replicas(fit_args, keras, len(fit_args.strategy.mirrored.devices))


def check_replicas(fit_args: FitArgs, keras: Any, replicas: int) -> Iterator[Problem]:
    """Yields what a Keras cannot do of all settings where several replicas train.

    Args:
      fit_args: Checked settings.
      keras: `tf.keras`, `keras` or `tf_keras`.
      replicas: The strategy's `num_replicas_in_sync`, over all workers.
    """
    if replicas < 2:
        return
    yield from check_on_replicas(fit_args, keras, replicas)
    generation = generations.generation_of(keras)
    at_once = fit_args.execution.steps_per_execution
    if at_once > 1 and not generation.joins_steps_of_replicas:
        message = (
            f"must be 1 with {replicas} replicas: {generations.version_of(keras)} cannot run "
            f"several steps at once there; {_REMEDY}"
        )
        yield Problem("execution.steps_per_execution", message, at_once, ("strategy",))
    wrong = generation.wrong_with_replicas()
    if wrong:
        for path in _decided_by_metrics(fit_args):
            yield Problem(path, f"would act on wrong numbers with {replicas} replicas: {wrong}")


def _workers(fit_args: FitArgs, keras: Any, cluster: Cluster | None) -> Iterator[Problem]:
    kind = fit_args.strategy.WhichOneof("strategy")
    if kind != "multi_worker_mirrored" and cluster is None:
        return
    if not generations.generation_of(keras).trains_over_workers:
        version = generations.version_of(keras)
        message = f"{version} cannot train over the workers of a cluster; {_REMEDY}"
        yield Problem(f"strategy.{kind}", message)
    if fit_args.HasField("max_time") and cluster is not None and cluster.size > 1:
        message = (
            f"cannot be kept by {cluster.size} workers: the clock of each would stop it at another "
            "batch, and the others would wait for it; use max_steps"
        )
        yield Problem("max_time", message, duration_text(fit_args.max_time), ("strategy",))


def _alone_in_a_cluster(fit_args: FitArgs, environment: Mapping[str, str]) -> Iterator[Problem]:
    """A strategy of one machine, on each machine of a cluster."""
    kind = fit_args.strategy.WhichOneof("strategy")
    if kind not in ("one_device", "mirrored"):
        return
    try:
        cluster = read_cluster(f"strategy.{kind}", environment)
    except FitArgsError:
        return  # It is not for this strategy.
    if cluster is not None and cluster.size > 1:
        yield Problem(
            f"strategy.{kind}",
            f"would train the same model on each of the {cluster.size} workers that TF_CONFIG "
            "names, all writing to one place; use auto or multi_worker_mirrored, or unset "
            "TF_CONFIG",
        )


# The setting of a strategy that can name NCCL, and its value that does.
_NCCL: Mapping[str, tuple[str, str]] = {
    "mirrored": ("cross_device_ops", "NCCL_ALL_REDUCE"),
    "multi_worker_mirrored": ("communication", "NCCL"),
}


def _nccl(fit_args: FitArgs) -> Iterator[Problem]:
    kind = fit_args.strategy.WhichOneof("strategy") or ""
    if kind not in _NCCL:
        return
    settings, (name, nccl) = getattr(fit_args.strategy, kind), _NCCL[kind]
    numbers = settings.DESCRIPTOR.fields_by_name[name].enum_type.values_by_name
    if not settings.HasField(name) or getattr(settings, name) != numbers[nccl].number:
        return
    named = getattr(settings, "devices", ())
    cpus = [device for device in named if short_name(device).startswith("CPU")]
    if cpus or not tf.config.list_physical_devices("GPU"):
        why = f"devices names {cpus[0]}" if cpus else "there are none here"
        message = f"works between GPUs of NVIDIA alone, and {why}; leave it out"
        yield Problem(f"strategy.{kind}.{name}", f"{message}, and TensorFlow chooses", nccl)


def _always(_: Any) -> bool:
    return True


def _only_of_the_best(settings: Any) -> bool:
    return bool(settings.save_best_only)


# When what a callback does, and not only what it writes, depends on a loss or a metric.
_DECIDES: Mapping[str, Callable[[Any], bool]] = {
    "early_stopping": _always,
    "reduce_lr_on_plateau": _always,
    "terminate_on_nan": _always,
    "model_checkpoint": _only_of_the_best,
    "orbax_checkpoint": _only_of_the_best,
}


def _decided_by_metrics(fit_args: FitArgs) -> Iterator[str]:
    for index, callback in enumerate(fit_args.callbacks):
        kind = callback.WhichOneof("callback") or ""
        if kind in _DECIDES and _DECIDES[kind](getattr(callback, kind)):
            yield f"callbacks[{index}].{kind}"
