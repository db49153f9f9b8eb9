# SPDX-License-Identifier: Apache-2.0
"""Opening an ML Metadata store to read from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2

Store = Any  # a path, a ConnectionConfig or a MetadataStore


def open_store(store: Store) -> mlmd.MetadataStore:
    """Opens a store; nothing is written to it.

    Args:
      store: The path of a SQLite file, a `metadata_store_pb2.ConnectionConfig`
        such as one of MySQL or PostgreSQL, or a `MetadataStore`.

    Raises:
      FileNotFoundError: If there is no such file.
      ValueError: If it is no ML Metadata store.
      TypeError: If it is none of these kinds.
    """
    if isinstance(store, mlmd.MetadataStore):
        return store
    if isinstance(store, metadata_store_pb2.ConnectionConfig):
        return mlmd.MetadataStore(store)
    if not isinstance(store, (str, os.PathLike)):
        kinds = "a path, a ConnectionConfig or a MetadataStore"
        raise TypeError(f"the store must be {kinds}, not {type(store).__name__}")
    path = Path(store)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is no file; name the SQLite file of the pipeline's metadata"
        )
    config = metadata_store_pb2.ConnectionConfig()
    config.sqlite.filename_uri = str(path)
    config.sqlite.connection_mode = config.sqlite.READONLY
    try:
        opened = mlmd.MetadataStore(config)
        opened.get_execution_types()
    except (mlmd.errors.StatusError, RuntimeError) as error:
        # What follows is the query, over many lines.
        why = str(error).removeprefix("Error when executing query: ").partition(" query:")[0]
        raise ValueError(f"{path} is no ML Metadata store that can be read: {why}") from error
    return opened
