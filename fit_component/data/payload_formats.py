# SPDX-License-Identifier: Apache-2.0
"""What is in the records of Examples, and how batches of it are parsed.

TFX's own datasets parse after batching too, but on one thread, and give no way
to read the records once for many passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx import types
from tfx.components.trainer import fn_args_utils
from tfx.components.util import tfxio_utils
from tfx.proto import example_gen_pb2
from tfx_bsl.tfxio import tensor_representation_util, tf_example_record

# Turns a batch of serialized examples into a dict of features.
Parse = Callable[[tf.Tensor], dict[str, Any]]


class DataAccessor(fn_args_utils.DataAccessor):
    """TFX's DataAccessor, with the format of the examples that it reads.

    Attributes:
      payload_format: A value of example_gen_pb2.PayloadFormat; None if unknown.
    """

    payload_format: int | None = None


def with_payload_format(
    accessor: fn_args_utils.DataAccessor, examples: list[types.Artifact]
) -> DataAccessor:
    """Adds to a DataAccessor what the examples' artifacts say of their format.

    Args:
      accessor: What TFX made of these artifacts.
      examples: The artifacts.
    """
    made = DataAccessor(*accessor)
    made.payload_format, _ = tfxio_utils.resolve_payload_format_and_data_view_uri(examples)
    return made


def holds_known_records(accessor: fn_args_utils.DataAccessor) -> bool:
    """Whether the files hold TFRecords that `make_parse` has a function for."""
    return getattr(accessor, "payload_format", None) in _PARSERS


def make_parse(accessor: fn_args_utils.DataAccessor, schema: schema_pb2.Schema) -> Parse:
    """Makes the function that parses batches of records as TFX's own datasets do.

    Args:
      accessor: A DataAccessor of known records.
      schema: What the examples look like.

    Raises:
      ValueError: If they cannot be parsed by such a schema.
    """
    return _PARSERS[accessor.payload_format](schema, accessor)


def _examples(schema: schema_pb2.Schema, _: fn_args_utils.DataAccessor) -> Parse:
    reader = tf_example_record.TFExampleRecord([""], schema=schema, telemetry_descriptors=[])
    # Private, and the one place that knows how features of several columns are named.
    features, tensor_names = reader._GetTfExampleParserConfig()

    def parse(records: tf.Tensor) -> dict[str, Any]:
        parsed = tf.io.parse_example(records, features)
        return {tensor_names[name]: tensor for name, tensor in parsed.items()}

    return parse


def _sequence_examples(schema: schema_pb2.Schema, _: fn_args_utils.DataAccessor) -> Parse:
    context, sequences = tensor_representation_util.CreateTfSequenceExampleParserConfig(schema)

    def parse(records: tf.Tensor) -> dict[str, Any]:
        of_context, of_sequences, _ = tf.io.parse_sequence_example(records, context, sequences)
        return {**of_context, **of_sequences}

    return parse


def _protos(_: schema_pb2.Schema, accessor: fn_args_utils.DataAccessor) -> Parse:
    decode: Parse | None = accessor.data_view_decode_fn
    if decode is None:
        raise ValueError(
            "The examples are protos and have no data view, so nothing tells what is in them; "
            "attach one, or pass parse_fn=..."
        )
    return decode


_PARSERS: Mapping[int | None, Callable[[schema_pb2.Schema, fn_args_utils.DataAccessor], Parse]] = {
    example_gen_pb2.FORMAT_TF_EXAMPLE: _examples,
    example_gen_pb2.FORMAT_TF_SEQUENCE_EXAMPLE: _sequence_examples,
    example_gen_pb2.FORMAT_PROTO: _protos,
}
