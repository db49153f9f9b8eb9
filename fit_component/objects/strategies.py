# SPDX-License-Identifier: Apache-2.0
"""Distribution strategies from settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import tensorflow as tf

from fit_component.errors import FitArgsError, Problem
from fit_component.proto.fit_args_pb2 import FitArgs


def make_strategy(fit_args: FitArgs) -> tf.distribute.Strategy:
    """Makes the strategy that the settings name.

    This starts TensorFlow's runtime: logical devices must be configured before.

    Args:
      fit_args: Checked settings.

    Returns:
      The strategy; the default strategy where none is named.

    Raises:
      FitArgsError: If a device that the settings name is not there.
    """
    kind = fit_args.strategy.WhichOneof("strategy") or "default"
    return _MAKERS[kind](getattr(fit_args.strategy, kind))


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
    return tf.distribute.MirroredStrategy(devices=devices or None)


_MAKERS: Mapping[str, Callable[[Any], tf.distribute.Strategy]] = {
    "default": _default,
    "auto": _auto,
    "one_device": _one_device,
    "mirrored": _mirrored,
}


def _require(devices: Iterable[tuple[str, str]]) -> None:
    """Raises FitArgsError where a device is not on this machine, or named twice."""
    there = {_short(device.name) for device in tf.config.list_logical_devices()}
    problems, seen = [], set()
    for path, device in devices:
        if _short(device) not in there:
            message = f"is not here; this machine has {', '.join(sorted(there))}"
            problems.append(Problem(path, message, device))
        elif _short(device) in seen:
            problems.append(Problem(path, "is named twice, in another spelling; keep one", device))
        seen.add(_short(device))
    if problems:
        raise FitArgsError(problems, "train_args")


def _short(device: str) -> str:
    """The `GPU:0` of `/device:GPU:0`, `/gpu:0` or `/job:localhost/…/device:GPU:0`."""
    kind, _, index = device.rpartition("/")[2].removeprefix("device:").partition(":")
    return f"{kind.upper()}:{index or 0}"
