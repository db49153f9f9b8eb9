# SPDX-License-Identifier: Apache-2.0
"""Every difference between releases of TFX, Keras and protobuf, each with its reason.

Those between the two generations of Keras are in objects/generations.py. Two
differences between releases of TFX need no branch, since the code that meets
them asks the installed release: from 1.17 on, `statistics` comes first among
the Trainer's arguments, and the executor sets `num_examples` on an FnArgs,
which does not declare it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Version = tuple[int, ...]


class Release(NamedTuple):
    """What a release of TFX is supported with.

    Attributes:
      pythons: The versions of Python.
      protobuf: The first release of protobuf, and the first that is none.
      keras: The first release of Keras 3 that is none.
    """

    pythons: tuple[Version, ...]
    protobuf: tuple[Version, Version]
    keras: Version


# What CI runs, no less and no more. With Keras 3.10 and newer, TFX 1.16 fails to export the models
# of its own tests: "inputs not connected to outputs". There are no releases between 1.17 and 1.21.
RELEASES: Mapping[Version, Release] = {
    (1, 21): Release(((3, 10), (3, 11), (3, 12), (3, 13)), ((6,), (7,)), keras=(4,)),
    (1, 17): Release(((3, 10),), ((3, 20), (5,)), keras=(3, 10)),
    (1, 16): Release(((3, 10), (3, 11)), ((3, 20), (5,)), keras=(3, 10)),
}
# Of the settings alone, without TFX.
_PYTHONS = ((3, 10), (3, 14))
_PROTOBUF = ((3, 20, 3), (7,))


def check_supported(
    installed: Callable[[str], str | None] | None = None,
    python: Version = sys.version_info[:2],
    environment: Mapping[str, str] = os.environ,
) -> None:
    """Refuses what is installed if it is not supported together.

    Args:
      installed: Gives the version of a distribution, None if there is none;
        by default, what this Python finds.
      python: The version of Python.
      environment: The environment variables.

    Raises:
      ImportError: In one line, with what to install instead.
    """
    version = installed or _installed
    protobuf, tfx, keras = (version(name) for name in ("protobuf", "tfx", "keras"))
    if not _PYTHONS[0] <= python < _PYTHONS[1]:
        raise _refusal(f"Python {_dotted(python)}", "use Python 3.10 to 3.13")
    if protobuf and not _PROTOBUF[0] <= _parsed(protobuf) < _PROTOBUF[1]:
        raise _refusal(f"protobuf {protobuf}", "pip install 'protobuf>=3.20.3,<7'")
    if tfx:
        _check_together(tfx, python, protobuf, None if _uses_tf_keras(environment) else keras)


def _check_together(tfx: str, python: Version, protobuf: str | None, keras: str | None) -> None:
    """Refuses what is not supported with this TFX; None is not there or not used."""
    release = RELEASES.get(_parsed(tfx)[:2])
    if release is None:
        choices = " or ".join(f"'tfx=={_dotted(known)}.*'" for known in RELEASES)
        raise _refusal(f"TFX {tfx}", f"pip install {choices}")
    if python not in release.pythons:
        choices = ", ".join(map(_dotted, release.pythons))
        raise _refusal(f"TFX {tfx} on Python {_dotted(python)}", f"use Python {choices}")
    if protobuf and not release.protobuf[0] <= _parsed(protobuf) < release.protobuf[1]:
        first, end = map(_dotted, release.protobuf)
        remedy = f"pip install 'protobuf>={first},<{end}'"
        raise _refusal(f"TFX {tfx} with protobuf {protobuf}", remedy)
    if keras and _parsed(keras) >= release.keras:
        remedy = f"pip install 'keras<{_dotted(release.keras)}', or set TF_USE_LEGACY_KERAS=1"
        raise _refusal(f"TFX {tfx} with Keras {keras}", remedy)


@functools.cache
def is_repeated(field: Any) -> bool:
    """Whether a field holds a list or a map.

    protobuf has `is_repeated` from 6.31 on, and warns of `label` from then on.

    Args:
      field: A FieldDescriptor.
    """
    try:
        return bool(field.is_repeated)
    except AttributeError:
        return bool(field.label == field.LABEL_REPEATED)


def doubles_metrics(keras: str) -> bool:
    """Whether Keras 3 adds the state of metrics to itself where several replicas train.

    It does before 3.10: github.com/keras-team/keras/issues/21054.

    Args:
      keras: The version of Keras 3.
    """
    return _parsed(keras) < (3, 10)


# The names in Keras 3's global state of the seed generator of ops that are given no seed and, in
# later releases, of the seed that set_random_seed was given.
KERAS_3_RANDOM_STATE = ("global_seed_generator", "global_random_seed")


def _refusal(what: str, remedy: str) -> ImportError:
    return ImportError(f"fit_component does not support {what}: {remedy}")


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _uses_tf_keras(environment: Mapping[str, str]) -> bool:
    # What TensorFlow takes as yes.
    return environment.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True")


def _parsed(version: str) -> Version:
    """The leading numbers of a version."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))
