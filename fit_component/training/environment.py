# SPDX-License-Identifier: Apache-2.0
"""What a training ran with and on."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

import tensorflow as tf

_PACKAGES = ("fit-component", "tfx", "tensorflow", "keras", "tf_keras", "protobuf", "numpy")


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that training depends on, those installed."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def devices() -> list[str]:
    """TensorFlow's devices, such as `CPU:0`, a GPU with its model.

    To be asked when a model has been made: asking fixes what the devices are.
    """
    return [_described(device) for device in tf.config.list_logical_devices()]


def _described(device: Any) -> str:
    name: str = device.name.rpartition("device:")[2]
    if device.device_type != "GPU":
        return name
    physical = tf.config.list_physical_devices("GPU")
    index = int(name.rpartition(":")[2])
    if len(physical) != len(tf.config.list_logical_devices("GPU")):
        return name
    details = tf.config.experimental.get_device_details(physical[index])
    return f"{name} ({details['device_name']})" if "device_name" in details else name
