# SPDX-License-Identifier: Apache-2.0
"""One module file, three files of settings, and what each of them does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from click.testing import CliRunner
from recorded import COMPLETE, Recorded

from examples.from_the_article import pipeline
from examples.penguin import data
from fit_component import load_fit_args
from fit_component.testing import run_module, transform_examples

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

HERE = Path(pipeline.__file__).parent
MODULE = HERE / "model" / "classifier.py"

# `python -m examples.from_the_article.pipeline`, and then what its fit left in memory.
COMMAND = """
import json, runpy
import tensorflow as tf
from fit_component.training.observation import observed_fits
assert tf.keras.Model
with observed_fits() as fits:
    try:
        runpy.run_module("examples.from_the_article.pipeline", run_name="__main__")
    except SystemExit as end:
        assert end.code == 0, end
(fit,) = fits
variables = [v if hasattr(v, "values") else v._value for v in fit.model.trainable_variables]
features, labels = next(iter(fit.arguments["x"]))
print(json.dumps({
    "strategy": type(fit.model.distribute_strategy).__name__,
    "replicas": fit.model.distribute_strategy.num_replicas_in_sync,
    "batch_size": len(labels),
    "copies": [[copy.numpy().tolist() for copy in v.values] for v in variables],
}))
"""


@pytest.fixture(scope="module")
def transformed(tmp_path_factory):
    """Transformed penguins; those in the split `mislabelled` have another species' label."""
    penguins = data.load_penguins()
    splits = {
        "train": penguins[::2],
        "eval": penguins[1::2],
        "mislabelled": penguins[1::2].assign(species=lambda rows: (rows["species"] + 1) % 3),
    }
    return transform_examples(MODULE, examples=splits, directory=tmp_path_factory.mktemp("data"))


def run(fit, transformed, directory, **eval_args):
    """Trains with one of the files of settings."""
    return run_module(
        MODULE,
        load_fit_args(HERE / fit, overrides="verbose=SILENT"),
        examples=transformed.examples,
        transform_graph=transformed.transform_graph,
        eval_args=eval_args,
        directory=directory,
    )


@pytest.fixture(scope="module")
def basic(transformed, tmp_path_factory):
    """A run with the basic settings, two batches in each evaluation."""
    return run("basic.yaml", transformed, tmp_path_factory.mktemp("basic"), num_steps=2)


@pytest.fixture(scope="module")
def callbacks(transformed, tmp_path_factory):
    """A run whose evaluations get worse while it learns."""
    directory = tmp_path_factory.mktemp("callbacks")
    return run("callbacks.yaml", transformed, directory, splits=["mislabelled"])


@pytest.fixture(scope="module")
def mirrored(warm_python, tmp_path_factory):
    """The command of examples/README.md, in a process that sees the CPU as two."""
    root = tmp_path_factory.mktemp("mirrored")
    readme = (HERE.parent / "README.md").read_text()
    shown = re.search(r"-m examples.from_the_article.pipeline (.*mirrored.*)", readme)
    command = [COMMAND, *shlex.split(shown[1]), "--root", root]
    done = warm_python.run("-c", *command, cwd=HERE.parents[1])
    assert 0 == done.returncode, done.stderr[-2000:]
    return {**json.loads(done.stdout.splitlines()[-1]), "said": done.stdout}, Recorded(root)


def test_the_basic_settings_say_how_long_training_is(basic):
    """Epochs, and steps of each; the evaluation's steps as in stock TFX."""
    assert list(range(10)) == basic.history.epoch
    assert 10 * 20 == int(basic.fit.model.optimizer.iterations.numpy())
    assert 2 == basic.fit.arguments["validation_steps"]


def test_the_basic_settings_say_how_many_examples_a_step_has(basic):
    """In training and in evaluation."""
    for name in ("x", "validation_data"):
        _, labels = next(iter(basic.fit.arguments[name]))
        assert 64 == len(labels)


def test_the_model_learns(basic):
    """The loss goes down from epoch to epoch."""
    losses = basic.history.history["loss"]
    assert sorted(losses, reverse=True) == losses


def test_training_stops_early_with_the_best_weights(callbacks):
    """After three epochs without a better one; the last was much worse."""
    losses = callbacks.history.history["val_loss"]
    evaluated = callbacks.fit.model.evaluate(
        callbacks.fit.arguments["validation_data"], verbose=0, return_dict=True
    )
    assert 10 > len(losses)
    assert losses.index(min(losses)) + 1 + 3 == len(losses)
    assert min(losses) == pytest.approx(evaluated["loss"], rel=1e-5)
    assert losses[-1] != pytest.approx(evaluated["loss"], rel=1e-2)


def test_event_files_are_written_to_model_run(callbacks):
    """With histograms of the weights, as histogram_freq says."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(Path(callbacks.model_run_dir) / "train")).Reload()
    kinds = {
        events.SummaryMetadata(tag).plugin_data.plugin_name for tag in events.Tags()["tensors"]
    }
    assert {"scalars", "histograms"} <= kinds


@pytest.mark.end_to_end
@pytest.mark.slow
def test_two_replicas_stay_in_step(mirrored):
    """Both have the same weights in the end; a batch is one of both together."""
    fit, _ = mirrored
    assert ("MirroredStrategy", 2, 64) == (fit["strategy"], fit["replicas"], fit["batch_size"])
    assert 4 == len(fit["copies"])
    for one, other in fit["copies"]:
        assert one == other


@pytest.mark.end_to_end
@pytest.mark.slow
def test_a_keras_that_gets_metrics_wrong_is_told_in_the_terminal(mirrored):
    """Keras before 3.10 does, with several replicas."""
    fit, _ = mirrored
    version = tuple(map(int, keras.__version__.split(".")[:2]))
    is_wrong = tf.keras.Model is keras.Model and version < (3, 10)
    assert is_wrong is ("  strategy, with 2 replicas: keras 3." in fit["said"])


@pytest.mark.end_to_end
@pytest.mark.slow
def test_the_pipeline_ran_from_the_command_line(mirrored):
    """To the end, with the settings on record."""
    _, recorded = mirrored
    assert {COMPLETE} == set(recorded.states.values())
    properties = recorded.output("model").custom_properties
    assert "mirrored" == properties["fit.strategy"].string_value
    assert 64 == properties["fit.batch_size"].int_value
    served = Path(recorded.output("model").uri) / "Format-Serving" / "saved_model.pb"
    assert served.exists()


def test_the_module_names_no_setting():
    """The settings are the pipeline's alone."""
    source = MODULE.read_text()
    assert "**fn_args.fit_kwargs" in source
    for name in ("epochs", "batch_size", "steps", "callbacks", "Mirrored"):
        assert name not in source


def test_no_cpu_is_refused():
    """Before anything is loaded."""
    result = CliRunner().invoke(pipeline.main, ["--logical-cpus", "0"])
    assert 2 == result.exit_code
    assert "--logical-cpus" in result.output
