# SPDX-License-Identifier: Apache-2.0
"""The schema that is inferred where a test gives none."""

from __future__ import annotations

import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from fit_component.testing.rows import to_examples
from fit_component.testing.schemas import infer_schema, read_schema

pytestmark = pytest.mark.tfx

ROWS = [
    {"int": 1, "float": 0.5, "text": "a", "pair": [1, 2], "ragged": [1.0], "gap": 1},
    {"int": 2, "float": 1.5, "text": "b", "pair": [3, 4], "ragged": [1.0, 2.0], "gap": None},
]


def examples(rows):
    """The rows as examples."""
    return to_examples({"rows": rows})["rows"]


def feature_spec(schema):
    """How a reader parses by a schema."""
    return schema_utils.schema_as_feature_spec(schema).feature_spec


def test_full_features_are_dense_and_others_sparse():
    """A shape where every example has as many values."""
    expected = {
        "int": tf.io.FixedLenFeature([1], tf.int64),
        "float": tf.io.FixedLenFeature([1], tf.float32),
        "text": tf.io.FixedLenFeature([1], tf.string),
        "pair": tf.io.FixedLenFeature([2], tf.int64),
        "ragged": tf.io.VarLenFeature(tf.float32),
        "gap": tf.io.VarLenFeature(tf.int64),
    }
    assert expected == feature_spec(infer_schema(examples(ROWS)))


@pytest.mark.slow
def test_schema_gen_infers_the_same(tmp_path):
    """A module that trains in a test reads the same in the pipeline."""
    path = str(tmp_path / "rows")
    with tf.io.TFRecordWriter(path) as writer:
        for example in examples(ROWS):
            writer.write(example.SerializeToString())
    statistics = tfdv.generate_statistics_from_tfrecord(path)
    theirs = tfdv.infer_schema(statistics, infer_feature_shape=True)
    assert feature_spec(theirs) == feature_spec(infer_schema(examples(ROWS)))


def test_a_feature_of_two_types_is_told():
    """Such records cannot be parsed by any schema."""
    mixed = examples([{"x": 1}]) + examples([{"x": "a"}])
    with pytest.raises(ValueError, match="'x' is bytes_list and int64_list"):
        infer_schema(mixed)


def test_a_feature_without_any_value_is_told():
    """Its type cannot be known."""
    with pytest.raises(ValueError, match="'x' is without a value in any example: pass a schema"):
        infer_schema(examples([{"x": None, "y": 1}]))


def test_a_schema_is_read_from_any_form(tmp_path):
    """A message, a file, or the directory of an artifact."""
    schema = schema_pb2.Schema(feature=[schema_pb2.Feature(name="x", type=schema_pb2.INT)])
    (tmp_path / "schema.pbtxt").write_text('feature { name: "x" type: INT }')
    assert schema == read_schema(schema)
    assert schema == read_schema(tmp_path)
    assert schema == read_schema(str(tmp_path / "schema.pbtxt"))


def test_a_schema_that_is_not_there_is_told(tmp_path):
    """By its path."""
    with pytest.raises(FileNotFoundError, match=r"schema: .*nowhere is no file"):
        read_schema(tmp_path / "nowhere")
