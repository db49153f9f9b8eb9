# SPDX-License-Identifier: Apache-2.0
"""The table of all trainings."""

from __future__ import annotations

import json
import math

import ml_metadata as mlmd
import pandas as pd
import pytest
from stores import CACHED, FAILED, OURS, STOCK, VERTEX, Execution, Written, sqlite, sweep

from fit_component import lineage
from fit_component.lineage import trainings


@pytest.fixture
def path(tmp_path):
    """Where a store is written."""
    return tmp_path / "metadata.sqlite"


def table(path, *executions):
    """Writes executions and reads them."""
    written = Written(path)
    for number, execution in enumerate(executions):
        written.write(number, execution)
    return lineage.runs(path)


def test_a_row_tells_what_where_and_when(path):
    """One for each execution, by its id."""
    runs = table(path, *sweep(3))
    row = runs.loc[2]
    assert [1, 2, 3] == list(runs.index)
    assert ("sweep", "run-1", "sweep.Trainer") == (row.pipeline, row.run, row.node)
    assert (OURS, "complete", False) == (row.trainer, row.state, row.cached)
    assert str(row.started.tz) == "UTC"
    assert row.started <= row.ended
    (execution,) = mlmd.MetadataStore(sqlite(path)).get_executions_by_id([2])
    assert execution.create_time_since_epoch * 10**6 == row.started.value
    assert "/pipeline/Trainer/model/1" == row.model_uri
    assert "/pipeline/Trainer/model_run/1" == row.model_run_uri
    assert "/data/examples/1" == row.examples_uri


def test_settings_and_results_have_columns_of_their_own(path):
    """Under the names of the properties; whole numbers are such."""
    row = table(path, *sweep(3)).loc[3]
    assert 3 == row["settings.epochs"]
    assert 3e-06 == row["settings.optimizer.learning_rate"]
    assert "early_stopping" == row["settings.callbacks"]
    assert 1 == row["settings.validation.freq"]  # resolved
    assert (3, 0.625) == (row["results.epochs_run"], row["results.best.val_loss"])
    assert "results.epochs" not in row.index


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"eval_args": '{"num_steps": 7, "splits": ["eval"]}'}, 7),
        ({"eval_args": '{"num_steps": 7}', "train_args": '{"dry_run": true}'}, 3),
        (
            {
                "eval_args": "{}",
                "train_args__n": 9,
                "runtime_parameters": json.dumps(
                    {
                        "train_args__n": {
                            "argument": "eval_args",
                            "fields": ["num_steps"],
                            "parameter": "n",
                        }
                    }
                ),
            },
            9,
        ),
    ],
    ids=["given", "of a dry run", "brought"],
)
def test_batches_per_evaluation_are_a_setting(path, settings, expected):
    """Of a run that left no model, too."""
    failed = Execution({"train_args": "{}", **settings}, state=FAILED)
    assert expected == table(path, failed)["settings.eval_args.num_steps"].loc[1]


def test_whole_numbers_stay_such_where_some_are_missing(path):
    """A failed run has no results, and no float stands in for their absence."""
    runs = table(path, *sweep(1), Execution({"train_args": '{"epochs": 4}'}, state=FAILED))
    assert "Int64" == str(runs["results.epochs_run"].dtype)
    assert [1, pd.NA] == list(runs["results.epochs_run"])
    assert [1, 4] == list(runs["settings.epochs"])
    assert ["complete", "failed"] == list(runs.state)
    assert pd.isna(runs.loc[2].model_uri)


@pytest.mark.parametrize("trainer", [STOCK, VERTEX, "my_company.parts.ImageTrainer"])
def test_other_trainers_are_there_too(path, trainer):
    """TFX's own, Vertex AI's, and subclasses under other names."""
    stock = Execution({"train_args": '{\n  "num_steps": 7\n}'}, trainer=trainer)
    runs = table(path, stock, *sweep(1))
    assert [trainer, OURS] == list(runs.trainer)
    assert 7 == runs.loc[1]["settings.num_steps"]


def test_other_components_are_not(path):
    """Nor what is called a Trainer and has no train_args."""
    others = [
        Execution({"train_args": "{}"}, trainer="tfx.components.tuner.component.Tuner"),
        Execution({"eval_args": "{}"}, trainer="my_company.DogTrainer"),
    ]
    assert [] == list(table(path, *others).index)


def test_a_cached_training_has_the_results_of_the_model_it_took(path):
    """And says that it was cached."""
    written = Written(path)
    (first,) = sweep(1)
    written.write(0, first)
    model = written.store.get_artifacts_by_type("Model")[0].id
    written.write(1, Execution(first.properties, state=CACHED, model=model))
    runs = lineage.runs(path)
    assert [False, True] == list(runs.cached)
    assert [1, 1] == list(runs["results.epochs_run"])
    assert 1 == runs.model_id.nunique()


def test_what_runtime_parameters_brought_is_put_back(path):
    """As the executor does."""
    described = {
        "train_args__n": {"argument": "train_args", "fields": ["epochs"], "parameter": "n"}
    }
    properties = {
        "train_args": '{"batch_size": 8}',
        "train_args__n": 6,
        "runtime_parameters": json.dumps(described),
    }
    row = table(path, Execution(properties)).loc[1]
    assert (6, 8) == (row["settings.epochs"], row["settings.batch_size"])


def test_settings_that_cannot_be_read_are_a_problem_of_their_row(path):
    """Such as those of a later version."""
    runs = table(path, Execution({"train_args": '{"of_the_future": 1}'}), *sweep(1))
    assert "of_the_future" in runs.loc[1].problem
    assert pd.isna(runs.loc[1]["settings.epochs"])
    assert runs.loc[2].problem is None


def test_a_metric_that_is_no_number_is_a_float_again(path):
    """It is stored as a text, since ML Metadata has no NaN."""
    runs = table(path, Execution({"train_args": "{}"}, {"fit.last.loss": "inf"}), *sweep(1))
    assert math.inf == runs.loc[1]["results.last.loss"]


def test_an_empty_store_has_the_columns_that_all_have(path):
    """So that a script need not ask."""
    runs = table(path)
    assert 0 == len(runs)
    assert {"started", "pipeline", "run", "state", "cached", "model_uri"} <= set(runs.columns)


def test_a_store_may_be_given_in_any_form(path):
    """A path, a text, a configuration, or a store that is open."""
    expected = table(path, *sweep(2))
    config = sqlite(path)
    for store in (str(path), config, mlmd.MetadataStore(config)):
        pd.testing.assert_frame_equal(expected, lineage.runs(store))


def test_what_is_no_store_is_told(tmp_path):
    """A file that is not there, one of another kind, another thing."""
    with pytest.raises(FileNotFoundError, match=r"none.db is no file; name the SQLite file"):
        lineage.runs(tmp_path / "none.db")
    (tmp_path / "a.txt").write_text("text " * 200)
    with pytest.raises(ValueError, match=r"a.txt is no .*: file is not a database$"):
        lineage.runs(tmp_path / "a.txt")
    with pytest.raises(TypeError, match="must be a path, a ConnectionConfig or a MetadataStore"):
        lineage.runs(3)


@pytest.mark.parametrize("content", [b"", b"text"])
def test_nothing_is_written(tmp_path, content):
    """Nor to a file that is no store."""
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(ValueError, match="no ML Metadata store"):
        lineage.runs(tmp_path / "a.db")
    assert content == (tmp_path / "a.db").read_bytes()
    assert ["a.db"] == [file.name for file in tmp_path.iterdir()]


def test_pipelines_and_nodes_are_told_apart(path):
    """One pipeline's name begins with another's; a node was no Trainer before and afterwards."""
    properties = {"train_args": "{}"}
    other = Execution(properties, pipeline="c", trainer="my_company.parts.Evaluator")
    runs = table(
        path,
        Execution(properties, pipeline="a"),
        Execution(properties, pipeline="a.b"),
        other,
        Execution(properties, pipeline="c"),
        other,
    )
    assert {1: "a", 2: "a.b", 4: "c"} == dict(runs.pipeline)
    assert {1: "a.Trainer", 2: "a.b.Trainer", 4: "c.Trainer"} == dict(runs.node)
    assert {1: "run-0", 2: "run-1", 4: "run-3"} == dict(runs.run)


def test_more_than_is_asked_for_at_once(path, monkeypatch):
    """By several calls."""
    monkeypatch.setattr(trainings, "_AT_ONCE", 100)
    runs = table(path, *sweep(205))
    assert [f"run-{number}" for number in range(205)] == list(runs.run)
    assert 205 == runs.model_uri.nunique()
