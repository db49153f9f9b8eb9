# SPDX-License-Identifier: Apache-2.0
"""What is read from records of each format is what TFX itself reads."""

from __future__ import annotations

import pytest
import tensorflow as tf
from executions import DATA, inputs
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx.components.trainer import fn_args_utils
from tfx.components.util import tfxio_utils
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils, standard_artifacts
from tfx_bsl.tfxio import dataset_options

from fit_component import FitFnArgs
from fit_component.data import DataAccessor, with_payload_format

pytestmark = pytest.mark.tfx


def examples_of(directory, payload_format):
    """Examples of one training split, as a component that knows its format leaves them."""
    made = standard_artifacts.Examples()
    made.uri = str(directory)
    made.split_names = artifact_utils.encode_split_names(["train"])
    name = example_gen_pb2.PayloadFormat.Name(payload_format)
    made.set_string_custom_property("payload_format", name)
    return [made]


def accessor_of(examples):
    """What the executor makes of examples."""
    plain = fn_args_utils.DataAccessor(
        tfxio_utils.get_tf_dataset_factory_from_artifact(examples, ["Trainer"]), None, None
    )
    return with_payload_format(plain, examples)


def fn_args_of(accessor, *files, **settings):
    """FitFnArgs that read these files in order, four examples to a batch."""
    shuffling = {"input": {"shuffle": False}}
    return FitFnArgs(
        fit_args={"batch_size": 4, **shuffling, **settings},
        train_files=list(files),
        data_accessor=accessor,
    )


def rows(dataset, batches):
    """The values of batches, feature by feature; of those that are not dense what tells them."""
    read = []
    for batch in dataset.take(batches):
        flat = {}
        for name, tensor in batch.items():
            parts = tf.nest.flatten(tensor, expand_composites=True)
            flat[name] = [part.numpy().tolist() for part in parts]
        read.append(flat)
    return read


def by_tfx(accessor, files, schema):
    """What TFX's own dataset of these files gives, in order."""
    options = dataset_options.TensorFlowDatasetOptions(4, num_epochs=1, shuffle=False)
    return accessor.tf_dataset_factory(list(files), options, schema)


def read_schema(*parts):
    """A schema among TFX's own test data."""
    path = DATA.joinpath(*parts)
    return text_format.Parse(path.read_text(), schema_pb2.Schema())


RAGGED = """
feature { name: "fare" type: FLOAT }
feature { name: "company" type: BYTES }
tensor_representation_group {
  key: ""
  value {
    tensor_representation {
      key: "fare" value { ragged_tensor { feature_path { step: "fare" } } }
    }
    tensor_representation {
      key: "renamed" value { varlen_sparse_tensor { column_name: "company" } }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("directory", "payload_format", "get_schema"),
    [
        (
            "csv_example_gen",
            example_gen_pb2.FORMAT_TF_EXAMPLE,
            lambda: read_schema("schema_gen", "schema.pbtxt"),
        ),
        (
            "csv_example_gen",
            example_gen_pb2.FORMAT_TF_EXAMPLE,
            lambda: text_format.Parse(RAGGED, schema_pb2.Schema()),
        ),
        (
            "tfrecord_sequence",
            example_gen_pb2.FORMAT_TF_SEQUENCE_EXAMPLE,
            lambda: read_schema("schema_gen_sequence", "schema.pbtxt"),
        ),
    ],
    ids=["examples", "ragged and renamed", "sequence examples"],
)
def test_records_are_parsed_as_tfx_does(directory, payload_format, get_schema):
    """The same features with the same values, types and shapes."""
    accessor = accessor_of(examples_of(DATA / directory, payload_format))
    (path, *_) = sorted(map(str, (DATA / directory / "Split-train").glob("*.gz")))
    schema = get_schema()
    ours = fn_args_of(accessor, path).train_dataset(schema)
    theirs = by_tfx(accessor, [path], schema)
    assert {n: s.dtype for n, s in theirs.element_spec.items()} == {
        n: s.dtype for n, s in ours.element_spec.items()
    }
    assert {n: type(s) for n, s in theirs.element_spec.items()} == {
        n: type(s) for n, s in ours.element_spec.items()
    }
    expected = rows(theirs, 3)
    assert 2 <= len(expected)
    assert expected == rows(ours, 3)


def write(path, records):
    """Writes a TFRecord file."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return str(path)


def test_protos_are_decoded_by_their_data_view(tmp_path):
    """Which TFX brings as data_view_decode_fn."""
    path = write(tmp_path / "train", [b"1", b"22", b"333"])
    accessor = DataAccessor(None, None, lambda records: {"length": tf.strings.length(records)})
    accessor.payload_format = example_gen_pb2.FORMAT_PROTO
    dataset = fn_args_of(accessor, path).train_dataset(schema_pb2.Schema())
    assert [{"length": [[1, 2, 3]]}] == rows(dataset, 1)


def test_protos_without_a_data_view_are_told(tmp_path):
    """Nothing tells what is in them."""
    path = write(tmp_path / "train", [b"1"])
    accessor = DataAccessor(None, None, None)
    accessor.payload_format = example_gen_pb2.FORMAT_PROTO
    with pytest.raises(ValueError, match=r"have no data view.* pass parse_fn"):
        fn_args_of(accessor, path).train_dataset(schema_pb2.Schema())


@pytest.mark.parametrize("kind", ["another format", "a plain DataAccessor"])
def test_what_we_do_not_know_tfx_reads(kind):
    """Through the data accessor; counted, batched and shuffled as ever."""
    accessor = accessor_of(inputs()["examples"])
    if kind == "another format":
        accessor.payload_format = example_gen_pb2.FORMAT_PARQUET
    else:
        accessor = fn_args_utils.DataAccessor(*accessor)
    path = str(DATA / "transform" / "transformed_examples" / "Split-eval" / "*")
    schema = schema_pb2.Schema()
    schema.feature.add(name="tips_xf", type=schema_pb2.INT)
    schema.feature.add(name="fare_xf", type=schema_pb2.FLOAT)

    def fares(accessor, **settings):
        dataset = fn_args_of(accessor, path, **settings).train_dataset(schema)
        return [fare for batch in dataset for fare in batch["fare_xf"].values.numpy().tolist()]

    in_order, shuffled = fares(accessor), fares(accessor, input={"shuffle": True}, seed=1)
    assert fares(accessor_of(inputs()["examples"])) == in_order
    assert sorted(shuffled) == sorted(in_order)
    assert shuffled != in_order


def test_examples_without_a_format_are_tf_examples():
    """As those of older releases are."""
    accessor = with_payload_format(DataAccessor(None, None, None), inputs()["examples"])
    assert example_gen_pb2.FORMAT_TF_EXAMPLE == accessor.payload_format
