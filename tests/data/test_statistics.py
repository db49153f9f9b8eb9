# SPDX-License-Identifier: Apache-2.0
"""The number of examples as statistics tell it."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from executions import execute, inputs, outputs, seen
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.components.statistics_gen import executor as statistics_gen
from tfx.types import artifact_utils, standard_artifacts
from tfx.v1 import components

from fit_component import FitArgsError, FitExecutor
from fit_component.data import counts_by_statistics
from fit_component.fn_args import FitFnArgs
from fit_component.settings import parse_fit_args
from fit_component.training.fitting import supervised_fits

pytestmark = pytest.mark.tfx

# In the training split of executions.inputs.
TRAIN = 9909

takes_statistics = pytest.mark.skipif(
    "statistics" not in inspect.signature(components.Trainer.__init__).parameters,
    reason="TFX's Trainer takes statistics from 1.17 on",
)


def statistics(directory, numbers, **rates):
    """Statistics as StatisticsGen leaves them, of so many examples in each split."""
    made = standard_artifacts.ExampleStatistics()
    made.uri = str(directory)
    made.split_names = artifact_utils.encode_split_names(list(numbers))
    for split, number in numbers.items():
        listed = statistics_pb2.DatasetFeatureStatisticsList()
        listed.datasets.add(num_examples=number)
        path = Path(artifact_utils.get_split_uri([made], split)) / "FeatureStats.pb"
        path.parent.mkdir(parents=True)
        path.write_bytes(listed.SerializeToString())
    stored = {split: 1.0 for split in numbers} | rates
    name = statistics_gen.SAMPLE_RATE_BY_SPLIT_PROPERTY_NAME
    made.set_json_value_custom_property(name, json.dumps(stored))
    # What it was made with tells TFX the name of the file.
    made.set_string_custom_property("tfx_version", "1.16.0")
    return made


def counted(numbers, artifacts):
    """Counts by the split that is in the pattern."""
    return {
        pattern.split("Split-")[1]: number
        for pattern, number in counts_by_statistics(artifacts, numbers).items()
    }


@pytest.mark.parametrize(
    ("numbers", "rates", "expected"),
    [
        ({"train": 7, "eval": 3}, {}, {"train/*": 7, "eval/*": 3}),
        ({"train": 7, "eval": 3}, {"train": 0.5}, {"eval/*": 3}),
        ({"train": 7, "test": 3}, {}, {"train/*": 7}),
    ],
    ids=["all", "a sample of one", "another split"],
)
def test_statistics_of_all_examples_are_taken(tmp_path, numbers, rates, expected):
    """Not those of a sample, which are smaller."""
    artifacts = inputs() | {"statistics": [statistics(tmp_path, numbers, **rates)]}
    assert expected == counted(numbers, artifacts)


def test_statistics_that_do_not_tell_their_sample_are_not_taken(tmp_path):
    """As an importer may bring them."""
    bare = standard_artifacts.ExampleStatistics()
    assert {} == counted({"train": 7}, inputs() | {"statistics": [bare]})
    assert {} == counted({}, inputs())


def test_statistics_beside_several_artifacts_of_examples_are_not_taken(tmp_path):
    """They would be those of one of them."""
    artifacts = inputs() | {"statistics": [statistics(tmp_path, {"train": 7})]}
    artifacts["examples"] *= 2
    assert {} == counted({"train": 7}, artifacts)


def told(directory, settings, number):
    """FitFnArgs that were told the number of training examples."""
    properties = {"train_args": json.dumps(settings), "eval_args": "{}"}
    stock = FitExecutor()._GetFnArgs(inputs(), outputs(directory), properties)
    (pattern,) = stock.train_files
    return FitFnArgs.from_fn_args(stock, parse_fit_args(settings), counts={pattern: number})


def test_what_is_told_need_not_be_counted(tmp_path):
    """The steps per epoch are known at once, and hold for the dataset."""
    fn_args = told(tmp_path, {"batch_size": 1000}, TRAIN)
    assert 10 == fn_args.known_steps_per_epoch == fn_args.steps_per_epoch
    assert {} == fn_args._counts
    assert 10 == fn_args.train_dataset().cardinality() == sum(1 for _ in fn_args.train_dataset())


def test_what_is_told_of_other_splits_is_not_taken(tmp_path):
    """Statistics may lack a split that is trained on."""
    stock = told(tmp_path, {}, 0)
    counts = {stock.eval_files[0]: 5}
    fn_args = FitFnArgs.from_fn_args(stock, parse_fit_args({}), counts=counts)
    assert fn_args.known_steps_per_epoch is None


@pytest.mark.parametrize("unshuffled", [{"shuffle": False}, {"shuffle_buffer_size": 1}], ids=str)
def test_without_shuffling_the_examples_are_counted(tmp_path, unshuffled):
    """Nothing reads ahead there, and what is wrong would cut epochs short in silence."""
    fn_args = told(tmp_path, {"batch_size": 1000, "input": unshuffled}, 5000)
    assert fn_args.known_steps_per_epoch is None
    assert 10 == fn_args.steps_per_epoch == fn_args.known_steps_per_epoch


def test_a_cache_counts_for_itself(tmp_path):
    """All examples are read for it anyhow."""
    fn_args = told(tmp_path, {"batch_size": 1000, "input": {"cache": "MEMORY"}}, 5000)
    assert 10 == sum(1 for _ in fn_args.train_dataset())


@pytest.mark.keras
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (9000, "statistics: the data of fit were expected to contain 9000 examples but contained "),
        (10009, "to contain 11 batches but contained only 10 batches. Are statistics"),
    ],
)
def test_what_is_told_wrong_is_found(tmp_path, number, expected):
    """In the first epoch: neither too many batches nor too few go unseen."""
    import run_functions

    fn_args = told(tmp_path, {"batch_size": 1000, "verbose": "SILENT"}, number)
    with supervised_fits(fn_args.fit_args), pytest.raises(FitArgsError) as caught:
        run_functions.train(fn_args)
    assert expected in str(caught.value)


@takes_statistics
def test_the_executor_takes_them(tmp_path):
    """And writes down the steps, though nobody counted."""
    artifacts = inputs() | {"statistics": [statistics(tmp_path / "s", {"train": TRAIN, "eval": 1})]}
    made = execute(tmp_path, "capture", {"batch_size": 1000}, artifacts=artifacts)
    assert 10 == made["model"].get_int_custom_property("fit.steps_per_epoch")
    assert {} == seen[-1]._counts


def test_without_them_nothing_is_counted_for_the_record(tmp_path):
    """A module with data of its own does not wait for it."""
    made = execute(tmp_path, "capture", {"batch_size": 1000})
    assert not made["model"].has_custom_property("fit.steps_per_epoch")
