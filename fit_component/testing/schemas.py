# SPDX-License-Identifier: Apache-2.0
"""The schema that SchemaGen would infer, as far as reading needs it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.utils import io_utils

_TYPES = {
    "int64_list": schema_pb2.INT,
    "float_list": schema_pb2.FLOAT,
    "bytes_list": schema_pb2.BYTES,
}


def infer_schema(examples: Iterable[tf.train.Example]) -> schema_pb2.Schema:
    """Infers types and shapes.

    A feature of which every example has the same number of values, n, gets the
    shape (n,) and is read as a dense tensor; any other is read as a sparse one.

    Args:
      examples: At least one; all are looked at.

    Returns:
      A schema with the features in the order of their names.

    Raises:
      ValueError: If a feature has another type in another example, or no value
        in any.
    """
    kinds: dict[str, set[str]] = {}
    lengths: dict[str, list[int]] = {}
    count = 0
    for example in examples:
        count += 1
        for name, feature in example.features.feature.items():
            kind = feature.WhichOneof("kind")
            kinds.setdefault(name, set())
            if kind is not None:  # unset is a missing value, too
                kinds[name].add(kind)
                lengths.setdefault(name, []).append(len(getattr(feature, kind).value))
    schema = schema_pb2.Schema()
    for name in sorted(kinds):
        if len(kinds[name]) != 1:
            found = " and ".join(sorted(kinds[name])) or "without a value in any example"
            raise ValueError(f"feature {name!r} is {found}: pass a schema that says its type")
        feature = schema.feature.add(name=name, type=_TYPES[kinds[name].pop()])
        in_each = set(lengths[name])
        if len(lengths[name]) == count and len(in_each) == 1 and 0 not in in_each:
            feature.presence.min_fraction = 1.0
            feature.presence.min_count = 1
            feature.shape.dim.add(size=in_each.pop())
    return schema


def read_schema(schema: Any) -> schema_pb2.Schema:
    """Reads a schema from any form that tests give it in.

    Args:
      schema: A Schema, a file of its text format, or the directory that
        SchemaGen made, with that file alone in it.

    Raises:
      FileNotFoundError: If there is no such file.
    """
    if isinstance(schema, schema_pb2.Schema):
        return schema
    path = os.fspath(schema)
    if os.path.isdir(path):
        path = io_utils.get_only_uri_in_dir(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"schema: {path} is no file")
    return io_utils.parse_pbtxt_file(path, schema_pb2.Schema())
