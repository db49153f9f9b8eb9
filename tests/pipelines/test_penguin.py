# SPDX-License-Identifier: Apache-2.0
"""The penguin pipeline end to end: without Transform, with settings of other kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from click.testing import CliRunner
from recorded import CACHED, COMPLETE, Recorded

from examples.outcome import describe_outcome
from examples.penguin import data, pipeline
from fit_component import load_fit_args

pytestmark = [pytest.mark.tfx, pytest.mark.keras, pytest.mark.end_to_end, pytest.mark.slow]

HERE = Path(pipeline.__file__).parent
EVERY = {"CsvExampleGen", "StatisticsGen", "SchemaGen", "Trainer", "Evaluator", "Pusher"}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Where both runs go."""
    return tmp_path_factory.mktemp("penguin")


@pytest.fixture(scope="module")
def first(root):
    """The first run, with fit.textproto."""
    pipeline.main(["--root", str(root)], standalone_mode=False)
    return Recorded(root)


@pytest.fixture(scope="module")
def again(root, first):
    """A second run, with fit.yaml."""
    pipeline.main(["--root", str(root), "--fit", str(HERE / "fit.yaml")], standalone_mode=False)
    return Recorded(root)


def test_every_component_ran(first, root):
    """From the CSV file that it wrote to the pushed model."""
    assert dict.fromkeys(EVERY, COMPLETE) == first.states
    assert list((root / "pushed").glob("*/saved_model.pb"))


def test_the_model_learnt(first):
    """Nine penguins in ten are told from their measures."""
    assert 0.9 < float(first.history()[-1]["val_accuracy"])


def test_the_learning_rate_was_lowered(first):
    """reduce_lr_on_plateau acted, but not below its min_lr."""
    name = "learning_rate" if "learning_rate" in first.history()[0] else "lr"
    rates = [float(row[name]) for row in first.history()]
    assert sorted(rates, reverse=True) == rates
    assert 0.02 == pytest.approx(rates[0])
    assert 0.001 <= rates[-1] < 0.011


def test_the_best_model_was_kept(first):
    """model_checkpoint left a model that Keras opens, and it knows the penguins."""
    model = tf.keras.models.load_model(first.model_run / "best.keras")
    penguins = data.load_penguins()
    measures = {name: tf.constant(penguins[[name]].to_numpy()) for name in data.MEASURES}
    guessed = model.predict(measures, verbose=0).argmax(axis=1)
    assert 0.9 < (guessed == penguins["species"]).mean()


def test_both_files_say_the_same():
    """The settings as textproto and as YAML."""
    assert load_fit_args(HERE / "fit.textproto") == load_fit_args(HERE / "fit.yaml")


def test_the_same_settings_in_the_other_file_are_in_the_cache(again, root):
    """Nothing runs twice, not even ExampleGen: the CSV file has not been touched."""
    assert dict.fromkeys(EVERY, CACHED) == again.states
    assert "in the cache" in describe_outcome(root)


def test_wrong_settings_are_told_before_anything_is_written(tmp_path):
    """The command ends with the problem, and no traceback."""
    unused = tmp_path / "unused"
    arguments = ["--set", "callbacks[0].reduce_lr_on_plateau.factor=2", "--root", str(unused)]
    result = CliRunner().invoke(pipeline.main, arguments)
    assert 1 == result.exit_code
    assert "callbacks[0].reduce_lr_on_plateau.factor = 2" in result.output
    assert not unused.exists()
