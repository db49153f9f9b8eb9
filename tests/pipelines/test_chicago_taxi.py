# SPDX-License-Identifier: Apache-2.0
"""The Chicago Taxi pipeline end to end, as ML Metadata remembers it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from google.protobuf import text_format
from recorded import CACHED, COMPLETE, Recorded

from examples.chicago_taxi import pipeline
from examples.outcome import describe_outcome
from fit_component import FitArgs, load_fit_args, parse_fit_args
from fit_component.settings import to_json

pytestmark = [pytest.mark.tfx, pytest.mark.keras, pytest.mark.slow]

FIT = Path(pipeline.__file__).with_name("fit.textproto")

# The settings of fit.textproto in another form.
FIT_YAML = """\
seed: 7
batch_size: 128
epochs: 8
verbose: 2
optimizer: {adam: {}, learning_rate: 0.001}
input: {cache: MEMORY}
callbacks:
- early_stopping: {monitor: val_auc, mode: max, patience: 2, restore_best_weights: true}
- tensorboard: {}
- csv_logger: {filename: history.csv}
"""


class Run(Recorded):
    """One run of the pipeline, and what it said in the end."""

    def __init__(self, root: Path, *arguments: str):
        pipeline.main(["--root", str(root), *arguments], standalone_mode=False)
        super().__init__(root)
        self.outcome = describe_outcome(root)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Where all runs of this module go."""
    return tmp_path_factory.mktemp("chicago_taxi")


@pytest.fixture(scope="module")
def first(root):
    """The pipeline's first run, with its own settings."""
    return Run(root)


@pytest.fixture(scope="module")
def again(root, first, tmp_path_factory):
    """A run with the same settings in another form."""
    fit = tmp_path_factory.mktemp("fit") / "fit.yaml"
    fit.write_text(FIT_YAML)
    return Run(root, "--fit", str(fit))


@pytest.fixture(scope="module")
def shorter(root, again):
    """A run with fewer epochs, by the README's command."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    command = re.search(r"-m examples.chicago_taxi.pipeline (.*)", readme)
    return Run(root, *shlex.split(command[1]))


@pytest.fixture(scope="module")
def continued(root, shorter):
    """One more epoch, from the weights of the latest blessed model."""
    return Run(root, "--warm-start", "--set", "epochs=1")


@pytest.mark.end_to_end
def test_every_component_ran(first, root):
    """From the CSV to the pushed model."""
    assert 8 == len(first.states)
    assert {COMPLETE} == set(first.states.values())
    assert list((root / "pushed").glob("*/saved_model.pb"))


@pytest.mark.end_to_end
def test_the_settings_are_stored_as_normalised_json(first):
    """The execution property is what Trainer made of the file."""
    assert to_json(load_fit_args(FIT)) == first.train_args


@pytest.mark.end_to_end
def test_the_model_carries_the_settings(first):
    """Flat properties that any ML Metadata client can query."""
    properties = first.output("model").custom_properties
    assert 8 == properties["fit.epochs"].int_value
    assert 128 == properties["fit.batch_size"].int_value
    assert 7 == properties["fit.seed"].int_value
    assert "LINE_PER_EPOCH" == properties["fit.verbose"].string_value
    assert "adam" == properties["fit.optimizer"].string_value
    assert 0.001 == properties["fit.optimizer.learning_rate"].double_value
    assert 79 == properties["fit.steps_per_epoch"].int_value  # of 128 examples each
    expected = "early_stopping,tensorboard,csv_logger"
    assert expected == properties["fit.callbacks"].string_value


@pytest.mark.end_to_end
def test_the_callbacks_wrote_to_model_run(first):
    """History, event files and settings lie in model_run."""
    model_run = first.model_run
    assert list((model_run / "train").glob("events.out.tfevents.*"))
    assert 2 < len(first.history()) <= 8
    requested = text_format.Parse(
        (model_run / "fit" / "requested.textproto").read_text(), FitArgs()
    )
    assert load_fit_args(FIT) == requested


@pytest.mark.end_to_end
def test_the_model_learnt(first):
    """The training was real: better than always guessing the common class."""
    assert 0.8 < float(first.history()[-1]["val_auc"])


def test_equal_settings_in_another_form_are_a_cache_hit(first, again):
    """Nothing is trained twice."""
    assert CACHED == again.trainer.last_known_state
    assert first.train_args == again.train_args
    assert first.output("model").id == again.output("model").id


def test_other_epochs_train_again(first, shorter):
    """A changed setting is no cache hit, and has its effect."""
    assert COMPLETE == shorter.trainer.last_known_state
    assert first.output("model").id != shorter.output("model").id
    assert 3 == parse_fit_args(shorter.train_args).epochs
    assert 3 >= len(shorter.history())


def test_what_came_before_the_trainer_stayed_in_the_cache(shorter):
    """The setting of one component costs no other's cache."""
    transforms = shorter.store.get_executions_by_type(
        "tfx.components.transform.component.Transform"
    )
    assert [COMPLETE, CACHED, CACHED] == [e.last_known_state for e in transforms]


def test_a_second_model_starts_from_the_first(first, shorter, continued):
    """Its first epoch is better than that of a model with new weights."""
    assert shorter.output("model").id == continued.input("base_model").id
    fresh, warm = (float(run.history()[0]["auc"]) for run in (first, continued))
    assert fresh + 0.05 < warm
    assert f"from the weights of {shorter.output('model').uri}" in " ".join(
        continued.outcome.split()
    )
    assert "with new weights" in first.outcome


@pytest.mark.end_to_end
def test_weights_are_kept_but_not_pushed(first, root):
    """Beside the saved model."""
    assert (Path(first.output("model").uri) / "model.weights.h5").exists()
    assert list((root / "pushed").rglob("saved_model.pb"))
    assert [] == list((root / "pushed").rglob("*.h5"))


def test_the_outcome_is_told(first, again, root):
    """Settings, last metrics, and where things lie; and whether it came from the cache."""
    last = len(first.history())
    assert "epochs: 8" in first.outcome
    assert f"Last epoch  {last}: " in first.outcome
    assert "val_auc 0." in first.outcome
    assert str(root / "metadata.sqlite") in first.outcome
    assert first.output("model").uri in first.outcome
    assert "Trained     now" in first.outcome
    assert "in the cache" in again.outcome
    reason = first.output("model").custom_properties["fit.stop_reason"].string_value
    assert f"Ended by    {reason}" in first.outcome
    assert f"fit-component report {first.model_run}" in " ".join(first.outcome.split())


@pytest.mark.end_to_end
def test_the_results_are_on_record(first):
    """As properties that say what the history says."""
    properties = first.output("model").custom_properties
    last = first.history()[-1]
    assert len(first.history()) == properties["fit.epochs_run"].int_value
    assert 79 * len(first.history()) == properties["fit.steps_run"].int_value
    assert float(last["val_auc"]) == pytest.approx(properties["fit.last.val_auc"].double_value)
    assert "val_auc" == properties["fit.monitor"].string_value
    assert 0 < properties["fit.examples_per_second"].double_value
    assert "fit.not_used" not in properties


def test_wrong_settings_are_told_before_tfx_is_loaded(root):
    """The command ends with the problems, all together, and no traceback."""
    arguments = ["--set", "epochs=0", "--set", "batchsize=3", "--root", str(root / "unused")]
    result = CliRunner().invoke(pipeline.main, arguments)
    assert 1 == result.exit_code
    assert "epochs = 0: must be 1 or more" in result.output
    assert "did you mean batch_size?" in result.output
    assert not (root / "unused").exists()
