# SPDX-License-Identifier: Apache-2.0
"""make_fn_args: what the executor would give, without a pipeline."""

from __future__ import annotations

import pandas as pd
import pytest
import tensorflow as tf
from executions import DATA, inputs, outputs
from tfx.proto import trainer_pb2

from fit_component import FitArgs, FitArgsError, FitExecutor, testing

pytestmark = pytest.mark.tfx

ROWS = [{"x": float(n), "y": n % 2} for n in range(10)]
OTHERS = [{"x": -1.0, "y": 0}] * 3


def make(directory, fit_args=None, examples=ROWS, **options):
    """FitFnArgs over ten rows."""
    return testing.make_fn_args(fit_args, examples=examples, directory=directory, **options)


def values(dataset, name="x"):
    """All values of a feature."""
    return sorted(v for batch in dataset for v in batch[name].numpy().ravel().tolist())


def test_it_is_what_the_executor_gives(tmp_path):
    """Over artifacts of a pipeline, the same fields and the same data."""
    properties = {"train_args": '{"epochs": 3, "num_steps": 5}', "eval_args": '{"num_steps": 2}'}
    expected = FitExecutor()._GetFnArgs(inputs(), outputs(tmp_path), properties)
    made = make(
        tmp_path,
        {"epochs": 3, "num_steps": 5},
        DATA / "transform" / "transformed_examples",
        eval_args={"num_steps": 2},
        schema=DATA / "schema_gen",
        transform_graph=DATA / "transform" / "transform_graph",
    )
    places = {"train_files", "eval_files", "data_accessor", "eval_model_dir"}
    places |= {"schema_path", "schema_file", "serving_model_dir", "model_run_dir"}
    places |= {"_find_module", "_handed_out"}
    assert {name for name, value in vars(expected).items() if value != vars(made)[name]} <= places
    first, second = (
        next(iter(fn_args.eval_dataset()))["fare_xf"].numpy() for fn_args in (expected, made)
    )
    assert first.tolist() == second.tolist()


def test_rows_are_read_for_training_and_evaluation(tmp_path):
    """All of them, in both."""
    fn_args = make(tmp_path, {"batch_size": 4})
    everything = [row["x"] for row in ROWS]
    assert everything == values(fn_args.train_dataset())
    assert everything == values(fn_args.eval_dataset())
    features, label = next(iter(fn_args.train_dataset(label_key="y")))
    assert ((4, 1), (4, 1)) == (features["x"].shape, label.shape)


def test_splits_are_kept_apart(tmp_path):
    """A dict of sets of rows; a frame is a set as well."""
    fn_args = make(tmp_path, examples={"train": pd.DataFrame(ROWS), "eval": OTHERS})
    assert 10 == len(values(fn_args.train_dataset()))
    assert [-1.0] * 3 == values(fn_args.eval_dataset())


def test_splits_that_the_settings_name_are_read(tmp_path):
    """As with Trainer: train_args.splits and eval_args.splits."""
    sets = {"a": ROWS, "b": OTHERS, "c": OTHERS[:1]}
    fn_args = make(tmp_path, {"splits": ["a", "b"]}, sets, eval_args={"splits": ["c"]})
    assert 13 == len(values(fn_args.train_dataset()))
    assert 1 == len(values(fn_args.eval_dataset()))
    with pytest.raises(ValueError, match="no split 'eval', which is read; it has a, b, c"):
        make(tmp_path, {"splits": ["a"]}, sets)


@pytest.mark.parametrize("compression", ["", "GZIP"])
def test_a_directory_of_records_is_read(tmp_path, compression):
    """Compressed or not; its files stay where they are."""
    (tmp_path / "records").mkdir()
    path = tmp_path / "records" / f"part-0{'.gz' if compression else ''}"
    with tf.io.TFRecordWriter(str(path), compression) as writer:
        for value in (1, 2):
            feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
            example = tf.train.Example(features=tf.train.Features(feature={"x": feature}))
            writer.write(example.SerializeToString())
    (tmp_path / "records" / ".hidden").write_text("no record")
    for given in (tmp_path / "records", {"train": tmp_path / "records", "eval": [{"x": 3}]}):
        assert [1, 2] == values(make(tmp_path, examples=given).train_dataset())
    assert {path, path.with_name(".hidden")} == set((tmp_path / "records").iterdir())


def test_all_that_trainer_passes_on_can_be_given(tmp_path):
    """Under the names of Trainer's arguments."""
    earlier = make(tmp_path)
    tf.io.gfile.makedirs(earlier.serving_model_dir)
    fn_args = make(
        tmp_path,
        FitArgs(epochs=3),
        eval_args=trainer_pb2.EvalArgs(num_steps=4),
        base_model=earlier.serving_model_dir,
        hyperparameters={"values": {"units": 8}},
        custom_config={"key": [1]},
    )
    assert (3, 4) == (fn_args.epochs, fn_args.eval_steps)
    assert earlier.serving_model_dir == fn_args.base_model
    assert {"values": {"units": 8}} == fn_args.hyperparameters
    assert {"key": [1]} == fn_args.custom_config


def test_a_given_schema_decides_how_rows_are_read(tmp_path):
    """Here: as a sparse tensor."""
    (tmp_path / "schema.pbtxt").write_text('feature { name: "x" type: FLOAT }')
    fn_args = make(tmp_path, schema=tmp_path / "schema.pbtxt")
    assert isinstance(fn_args.train_dataset().element_spec["x"], tf.SparseTensorSpec)


def test_every_call_has_a_directory_of_its_own(tmp_path):
    """Nothing of an earlier one, or of the user's, is overwritten."""
    (tmp_path / "2").write_text("mine")
    directories = [make(tmp_path).model_run_dir for _ in range(2)]
    assert [str(tmp_path / "1" / "model_run"), str(tmp_path / "3" / "model_run")] == directories
    assert "mine" == (tmp_path / "2").read_text()


def test_a_relative_directory_is_one_below_the_working_directory(tmp_path, monkeypatch):
    """And stays it, whatever the working directory is later."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    with tf.io.TFRecordWriter("data/records"):
        pass
    fn_args = make("out", examples=ROWS)
    make("out", examples="data", schema=fn_args.schema_path)
    monkeypatch.chdir("/")
    assert 10 == len(values(fn_args.train_dataset()))


def test_deleting_the_directory_leaves_given_files(tmp_path):
    """tf.io.gfile follows links to directories, and tf.test.TestCase deletes with it."""
    (tmp_path / "records").mkdir()
    with tf.io.TFRecordWriter(str(tmp_path / "records" / "part")) as writer:
        writer.write(tf.train.Example().SerializeToString())
    make(tmp_path / "out", examples=tmp_path / "records")
    tf.io.gfile.rmtree(str(tmp_path / "out"))
    assert [tmp_path / "records", tmp_path / "records" / "part"] == sorted(tmp_path.rglob("*"))


def test_wrong_settings_are_told(tmp_path):
    """As by Trainer, all together."""
    with pytest.raises(FitArgsError, match="did you mean epochs"):
        make(tmp_path, {"epcohs": 3})


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"examples": "nowhere"}, FileNotFoundError, "nowhere is no directory of TFRecord"),
        ({"transform_graph": "nowhere"}, FileNotFoundError, "nowhere holds no transform_fn"),
        ({"base_model": "nowhere"}, FileNotFoundError, "nowhere is no serving_model_dir"),
        ({"eval_args": {"num_step": 1}}, FitArgsError, "did you mean num_steps"),
        ({"eval_args": '{"num_step": 1}'}, FitArgsError, "did you mean num_steps"),
        ({"examples": []}, ValueError, "^examples has no rows"),
        ({"examples": {"train": ROWS}}, ValueError, "no split 'eval', which is read; it has train"),
    ],
    ids=str,
)
def test_what_is_not_there_is_told(tmp_path, monkeypatch, options, error, told):
    """By its name, with what was looked for."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=told):
        make(tmp_path, **options)
