# SPDX-License-Identifier: Apache-2.0
"""A model's weights in a file of Keras' own format, `.weights.h5`.

A SavedModel cannot be opened again as a Keras model, so the weights that a
later training starts from are kept beside it. Only weights: Keras would put
the optimizer's state into the same file, which makes up two thirds of it with
Adam, and read it back or not depending on whether the optimizer has variables.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import h5py
import tensorflow as tf

_FILE_NAME = "model.weights.h5"

# What Keras 3 and tf_keras keep in the file besides the weights.
_NO_WEIGHTS = ("optimizer", "metrics")
_SHOWN = 10


def path_beside(serving_model_dir: str) -> str:
    """The path of the file with the weights of a saved model.

    Beside it and not in it, so that it is neither served nor pushed.
    """
    return os.path.join(os.path.dirname(serving_model_dir.rstrip("/")), _FILE_NAME)


def save_weights(model: Any, path: str) -> None:
    """Writes the weights of a model; the file is whole or as it was before.

    Args:
      model: A Keras model that has weights.
      path: A path for tf.io.gfile that ends in `.weights.h5`.

    Raises:
      ValueError: If the model has no weights yet, or holds a layer that cannot
        write its own.
    """
    _require_weights(model)
    with _written_by_keras(model) as everything, _local_file() as local:
        with h5py.File(everything) as source, h5py.File(local, "w") as target:
            for name in source:
                if name not in _NO_WEIGHTS:
                    source.copy(name, target)
        tf.io.gfile.makedirs(os.path.dirname(path))
        tf.io.gfile.copy(local, f"{path}.tmp", overwrite=True)
        tf.io.gfile.rename(f"{path}.tmp", path, overwrite=True)


def load_weights(model: Any, path: str) -> None:
    """Gives a model the weights of a file; its optimizer stays as it is.

    Args:
      model: A Keras model that has weights, of the same architecture.
      path: A path for tf.io.gfile: what `save_weights` wrote.

    Raises:
      FileNotFoundError: If there is no such file.
      ValueError: If the weights in the file are not those of the model, with
        all differences.
    """
    if not tf.io.gfile.exists(path):
        raise FileNotFoundError(
            f"{path} does not exist: no weights were kept of this base_model. The module that "
            "trains it calls fn_args.save_weights(model)."
        )
    _require_weights(model)
    with _written_by_keras(model) as own, _local_file() as local:
        tf.io.gfile.copy(path, local, overwrite=True)
        # Keras itself would load the part of a file that fits a smaller model
        # without a word. And loading a file of its own with other weights put
        # in leaves optimizer and metrics as they are, in both generations.
        with h5py.File(local) as stored, h5py.File(own, "r+") as target:
            shapes = _shapes(target)
            _require_equal(_shapes(stored), shapes, path)
            for name in shapes:
                target[name][...] = stored[name][...]
        model.load_weights(own)


@contextlib.contextmanager
def _local_file() -> Iterator[str]:
    """Gives a path for HDF5, which knows local files alone."""
    with tempfile.TemporaryDirectory() as directory:
        yield os.path.join(directory, _FILE_NAME)


@contextlib.contextmanager
def _written_by_keras(model: Any) -> Iterator[str]:
    with _local_file() as path:
        try:
            model.save_weights(path)
        except NotImplementedError as error:
            # tf_keras raises it, with the name of a method, for layers that SavedModels made.
            raise ValueError(
                f"The model {model.name!r} holds a layer that has no weights to write, such as a "
                "transform layer; call this before that is attached for the export."
            ) from error
        yield path


def _shapes(file: h5py.File) -> dict[str, tuple[int, ...]]:
    """The shapes of the weights in a file, by their paths in it."""
    shapes: dict[str, tuple[int, ...]] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and name.split("/")[0] not in _NO_WEIGHTS:
            shapes[name] = item.shape

    file.visititems(visit)
    return shapes


def _require_weights(model: Any) -> None:
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} has no weights yet. Give it an Input, or call it on a batch."
        )


def _require_equal(
    stored: dict[str, tuple[int, ...]], own: dict[str, tuple[int, ...]], path: str
) -> None:
    differences = [
        f"{name}: {_shape(stored, name)} in the file, {_shape(own, name)} in the model"
        for name in sorted({*stored, *own})
        if stored.get(name) != own.get(name)
    ]
    if len(differences) > _SHOWN:
        differences[_SHOWN:] = [f"and {len(differences) - _SHOWN} more"]
    if differences:
        raise ValueError(
            "\n  ".join([f"The weights in {path} are those of another architecture:", *differences])
        )


def _shape(shapes: dict[str, tuple[int, ...]], name: str) -> str:
    return str(shapes[name]) if name in shapes else "absent"
