# SPDX-License-Identifier: Apache-2.0
"""TFX's own example module files, untouched, under the stock Trainer and under ours."""

from __future__ import annotations

import re
from types import SimpleNamespace

import executions
import pytest
import tensorflow as tf
from tfx.components.trainer import component as stock
from tfx_examples import EVAL_STEPS, EXAMPLES, ROWS, run

from fit_component import Trainer, testing
from fit_component.objects import generations

pytestmark = [pytest.mark.tfx, pytest.mark.slow]

PARAMS = [
    pytest.param(example, id=name, marks=[pytest.mark.keras] * example.again)
    for name, example in ROWS.items()
]


@pytest.fixture(scope="module", params=PARAMS)
def example(request):
    """A row of the table."""
    return request.param


@pytest.fixture(scope="module")
def outcomes(example, tmp_path_factory):
    """Both runs of a module, over the same examples and from the same seed."""
    directory = tmp_path_factory.mktemp("example")
    inputs = example.inputs(directory)
    return SimpleNamespace(
        stock=run(stock.Trainer, example, inputs, directory / "stock"),
        ours=run(Trainer, example, inputs, directory / "ours"),
    )


def test_it_ends_as_under_the_stock_trainer(example, outcomes):
    """A module that one Keras refuses fails with the same error; the others train and export."""
    expected = example.failures.get(generations.generation_of(tf.keras).package, "")
    assert re.fullmatch(expected, outcomes.stock.failure, flags=re.DOTALL), outcomes.stock.failure
    assert outcomes.stock.failure == outcomes.ours.failure


def test_the_same_properties_are_stored(example, outcomes):
    """What the execution is given, letter by letter."""
    assert f'{{\n  "num_steps": {example.steps}\n}}' == outcomes.ours.properties["train_args"]
    assert outcomes.stock.properties == outcomes.ours.properties


def test_fit_gets_the_same(example, outcomes):
    """Arguments, optimizer and strategy; the steps are those of TrainArgs and EvalArgs."""
    expected = [(example.steps, EVAL_STEPS)] * example.fits
    given = [(fit["steps_per_epoch"], fit["validation_steps"]) for fit in outcomes.ours.fits]
    assert expected == given
    assert outcomes.stock.fits == outcomes.ours.fits


def test_as_many_steps_are_made(example, outcomes):
    """By the optimizer's own count."""
    assert [example.steps] * example.fits == outcomes.stock.steps == outcomes.ours.steps


def test_the_weights_are_the_same(outcomes):
    """Bit by bit, in memory and in the exported files; and so is each metric."""
    assert outcomes.stock.weights or outcomes.stock.exported()
    assert outcomes.stock.weights == outcomes.ours.weights
    assert outcomes.stock.exported() == outcomes.ours.exported()
    assert outcomes.stock.histories == outcomes.ours.histories


def test_the_same_files_are_left(outcomes):
    """In the model and in the model_run, beside our record of the run."""
    assert outcomes.stock.files
    ours = {path for path in outcomes.ours.files if "/fit/" in path or path.endswith(".hparams")}
    others = outcomes.ours.files.keys() - ours
    assert outcomes.stock.files.keys() == others


def test_the_artifacts_have_the_same_properties(outcomes):
    """Beside those of our record."""
    assert outcomes.stock.recorded == outcomes.ours.recorded


def test_every_fit_is_on_record(example, outcomes):
    """Of modules that know nothing of it; a run that fails publishes nothing."""
    if outcomes.ours.failure:
        assert not outcomes.ours.calls
    else:
        assert example.fits == outcomes.ours.calls


TAXI = EXAMPLES / "chicago_taxi_pipeline" / "taxi_utils.py"
STOPPING = {"monitor": "val_loss", "patience": 2, "min_delta": 100.0}


@pytest.mark.keras
@pytest.mark.parametrize(
    ("epochs", "stopping", "reason"),
    [(3, {"patience": 3}, "all_epochs"), (9, STOPPING, "callback:EarlyStopping")],
)
def test_tfx_own_module_obeys_the_pipeline(epochs, stopping, reason, tmp_path):
    """Unmodified: it knows of no epochs, and of no EarlyStopping."""
    settings = {
        "epochs": epochs,
        "num_steps": 100,
        "callbacks": [{"early_stopping": stopping}],
        "enforcement": "OVERRIDE",
    }
    made = testing.run_module(
        TAXI,
        settings,
        examples=executions.DATA / "transform" / "transformed_examples",
        transform_graph=executions.DATA / "transform" / "transform_graph",
        eval_args={"num_steps": 5},
        directory=tmp_path,
    )
    model = made.model
    assert 3 == model.get_int_custom_property("fit.epochs_run")
    assert 300 == model.get_int_custom_property("fit.steps_run")
    assert reason == model.get_string_custom_property("fit.stop_reason")
    assert ["TensorBoard", "EarlyStopping"] == [
        type(callback).__name__ for callback in made.fit.arguments["callbacks"]
    ]
