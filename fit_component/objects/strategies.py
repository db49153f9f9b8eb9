# SPDX-License-Identifier: Apache-2.0
"""Distribution strategies from settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import tensorflow as tf

from fit_component.errors import FitArgsError, Problem
from fit_component.objects.cluster import spanned_cluster
from fit_component.proto.fit_args_pb2 import (
    FitArgs,
    MirroredStrategy,
    MultiWorkerMirroredStrategy,
)


def make_strategy(fit_args: FitArgs) -> tf.distribute.Strategy:
    """Makes the strategy that the settings name.

    This starts TensorFlow's runtime: logical devices must be configured before.
    Over a cluster it waits until all its workers are there.

    Args:
      fit_args: Checked settings.

    Returns:
      The strategy; the default strategy where none is named.

    Raises:
      FitArgsError: If a device that the settings name is not there, if TF_CONFIG
        is wrong, or if the runtime has been started already, which a strategy
        over a cluster must do.
    """
    kind = fit_args.strategy.WhichOneof("strategy") or "default"
    if kind == "auto" and spanned_cluster(fit_args) is not None:
        return _over_cluster("auto", MultiWorkerMirroredStrategy())
    return _MAKERS[kind](getattr(fit_args.strategy, kind))


def is_as_asked(strategy: tf.distribute.Strategy, asked: tf.distribute.Strategy) -> bool:
    """Whether a strategy does what another does: of the same kind, over the same devices."""
    if strategy is asked or type(strategy) is not type(asked):
        return strategy is asked
    devices, others = (tuple(each.extended.worker_devices) for each in (strategy, asked))
    return devices == others


def _default(_: Any) -> tf.distribute.Strategy:
    return tf.distribute.get_strategy()


def _auto(_: Any) -> tf.distribute.Strategy:
    # Mirroring over one device halves the speed and changes no result.
    gpus = tf.config.list_logical_devices("GPU")
    return tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()


def _one_device(settings: Any) -> tf.distribute.Strategy:
    _require({"strategy.one_device.device": settings.device}.items())
    return tf.distribute.OneDeviceStrategy(settings.device)


def _mirrored(settings: Any) -> tf.distribute.Strategy:
    devices = list(settings.devices)
    _require((f"strategy.mirrored.devices[{i}]", device) for i, device in enumerate(devices))
    named = settings.HasField("cross_device_ops")
    ops = CROSS_DEVICE_OPS[settings.cross_device_ops]() if named else None
    return tf.distribute.MirroredStrategy(devices=devices or None, cross_device_ops=ops)


def _multi_worker_mirrored(settings: Any) -> tf.distribute.Strategy:
    return _over_cluster("multi_worker_mirrored", settings)


_MAKERS: Mapping[str, Callable[[Any], tf.distribute.Strategy]] = {
    "default": _default,
    "auto": _auto,
    "one_device": _one_device,
    "mirrored": _mirrored,
    "multi_worker_mirrored": _multi_worker_mirrored,
}

CROSS_DEVICE_OPS: Mapping[int, Callable[[], tf.distribute.CrossDeviceOps]] = {
    MirroredStrategy.NCCL_ALL_REDUCE: tf.distribute.NcclAllReduce,
    MirroredStrategy.HIERARCHICAL_COPY_ALL_REDUCE: tf.distribute.HierarchicalCopyAllReduce,
    MirroredStrategy.REDUCTION_TO_ONE_DEVICE: tf.distribute.ReductionToOneDevice,
}

_IMPLEMENTATIONS = tf.distribute.experimental.CommunicationImplementation
COMMUNICATIONS: Mapping[int, Any] = {
    MultiWorkerMirroredStrategy.AUTO: _IMPLEMENTATIONS.AUTO,
    MultiWorkerMirroredStrategy.RING: _IMPLEMENTATIONS.RING,
    MultiWorkerMirroredStrategy.NCCL: _IMPLEMENTATIONS.NCCL,
}


def _over_cluster(kind: str, settings: Any) -> tf.distribute.Strategy:
    # Unset reads as AUTO.
    options = tf.distribute.experimental.CommunicationOptions(
        implementation=COMMUNICATIONS[settings.communication]
    )
    try:
        return tf.distribute.MultiWorkerMirroredStrategy(communication_options=options)
    except RuntimeError as error:
        message = (
            f"cannot join the cluster of TF_CONFIG: {error}. It must be the first to use "
            "TensorFlow in its process; run the Trainer in one of its own, where nothing that was "
            "imported has made a tensor"
        )
        raise FitArgsError([Problem(f"strategy.{kind}", message)], "train_args") from error


def _require(devices: Iterable[tuple[str, str]]) -> None:
    """Raises FitArgsError where a device is not on this machine, or named twice."""
    there = {short_name(device.name) for device in tf.config.list_logical_devices()}
    problems, seen = [], set()
    for path, device in devices:
        if short_name(device) not in there:
            message = f"is not here; this machine has {', '.join(sorted(there))}"
            problems.append(Problem(path, message, device))
        elif short_name(device) in seen:
            problems.append(Problem(path, "is named twice, in another spelling; keep one", device))
        seen.add(short_name(device))
    if problems:
        raise FitArgsError(problems, "train_args")


def short_name(device: str) -> str:
    """The `GPU:0` of `/device:GPU:0`, `/gpu:0` or `/job:localhost/…/device:GPU:0`."""
    kind, _, index = device.rpartition("/")[2].removeprefix("device:").partition(":")
    return f"{kind.upper()}:{index or 0}"
