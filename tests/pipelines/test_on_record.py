# SPDX-License-Identifier: Apache-2.0
"""What ML Metadata knows of trainings, published by TFX's own runners."""

from __future__ import annotations

import math
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from executions import DATA
from kubeflow_jobs import compiled, run_trainer
from ml_metadata import metadata_store
from tfx import v1 as tfx
from tfx.orchestration.data_types import RuntimeParameter
from tfx.types import standard_artifacts

from fit_component import FitArgs, Trainer, lineage
from fit_component.record import read_run

pytestmark = [pytest.mark.tfx, pytest.mark.keras, pytest.mark.end_to_end, pytest.mark.slow]

EXAMPLES = str(DATA / "transform" / "transformed_examples")


def pipeline(root, run_fn, trainer_class=Trainer, **kwargs):
    """A Trainer over the examples that ship with TFX."""
    examples = tfx.dsl.Importer(
        source_uri=EXAMPLES,
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": '["train", "eval"]'},
    ).with_id("examples")
    trainer = trainer_class(
        run_fn=f"run_functions.{run_fn}",
        examples=examples.outputs["result"],
        eval_args=tfx.proto.EvalArgs(num_steps=1),
        **kwargs,
    )
    metadata = tfx.orchestration.metadata.sqlite_metadata_connection_config(str(root / "m.sqlite"))
    return tfx.dsl.Pipeline(
        "on-record",
        pipeline_root=str(root),
        components=[examples, trainer],
        metadata_connection_config=metadata,
        enable_cache=True,
    )


def run(root, run_fn, trainer_class=Trainer, **kwargs):
    """Runs it with TFX's local runner."""
    made = pipeline(root, run_fn, trainer_class, **kwargs)
    tfx.orchestration.LocalDagRunner().run(made)
    return made


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A diverging training, the same from the cache, one that failed, and a stock one."""
    root = tmp_path_factory.mktemp("recorded")
    settings = FitArgs(epochs=2, seed=5)
    made = run(root, "diverge", train_args=settings)
    run(root, "diverge", train_args=settings)
    with pytest.raises(RuntimeError, match="a mistake in the module"):
        run(root, "fail", train_args=FitArgs(epochs=7))
    run(root, "diverge", tfx.components.Trainer, train_args=tfx.proto.TrainArgs(num_steps=4))
    return SimpleNamespace(
        table=lineage.runs(root / "m.sqlite"),
        store=metadata_store.MetadataStore(made.metadata_connection_config),
        settings=settings,
        path=root / "m.sqlite",
    )


def test_a_nan_is_published(recorded):
    """As a text, where SQLite takes no such number."""
    (model, *_) = recorded.store.get_artifacts_by_type("Model")
    properties = model.custom_properties
    assert "nan" == properties["fit.last.loss"].string_value
    assert 2 == properties["fit.epochs_run"].int_value
    assert "all_epochs" == properties["fit.stop_reason"].string_value
    assert "fit.best.loss" not in properties


def test_the_table_has_them_all(recorded):
    """Of both Trainers, with how each ended."""
    table = recorded.table
    assert ["complete", "cached", "failed", "complete"] == list(table.state)
    assert [False, True, False, False] == list(table.cached)
    assert ["fit_component", "fit_component", "fit_component", "tfx"] == [
        name.partition(".")[0] for name in table.trainer
    ]
    assert {"on-record"} == set(table.pipeline)
    assert 4 == table.run.nunique()
    assert [2, 2, 7] == list(table["settings.epochs"][:3])
    assert 4 == table["settings.num_steps"].iloc[3]
    assert [1, 1, 1, 1] == list(table["settings.eval_args.num_steps"])


def test_results_are_those_of_the_model(recorded):
    """From the cache, too; a run that failed has none, nor has TFX's own Trainer."""
    table = recorded.table
    assert [True, True, False, False] == list(table["results.epochs_run"].notna())
    assert math.isnan(table["results.last.loss"].iloc[0])
    assert table.model_uri.iloc[0] == table.model_uri.iloc[1]
    assert table.model_uri.isna().iloc[2]
    assert table.model_uri.notna().iloc[3]


def test_the_settings_of_a_model_train_again(recorded):
    """They are what the pipeline gave."""
    assert recorded.settings == lineage.settings_of(recorded.path, recorded.table.model_uri.iloc[0])
    assert FitArgs(num_steps=4) == lineage.settings_of(
        recorded.path, int(recorded.table.model_id.iloc[3])
    )


def test_the_files_tell_the_same(recorded):
    """summary.json and history.csv in the ModelRun."""
    record = read_run(recorded.table.model_run_uri.iloc[0])
    assert "complete" == record.state
    assert [0, 1] == [epoch.epoch for epoch in record.fits[0].epochs]
    assert math.isnan(record.fits[0].epochs[0].metrics["loss"])
    assert 5 == record.settings["seed"]
    assert record.results["epochs_run"] == recorded.table["results.epochs_run"].iloc[0]


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_a_nan_is_published_on_kubeflow(version, tmp_path):
    """Through TFX's own entry point, whose JSON takes no such number."""
    settings = {"epochs": RuntimeParameter("n-epochs", int)}
    job = compiled(pipeline(tmp_path, "diverge", train_args=settings), version)
    metadata = run_trainer(job, {"n-epochs": 2}, EXAMPLES, tmp_path)
    assert "nan" == metadata["model"]["fit.last.loss"]
    assert 2 == metadata["model"]["fit.epochs_run"]


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from executions import execute
execute(Path({root!r}), "train_and_die", {{"epochs": 9}})
"""


def test_a_run_that_is_killed_leaves_what_it_did(warm_python, tmp_path):
    """Whatever reads a record reads that one, too."""
    code = KILLED.format(tests=str(Path(__file__).parents[1]), root=str(tmp_path))
    done = warm_python.run("-c", code)
    assert -signal.SIGKILL == done.returncode, done.stderr
    record = read_run(tmp_path / "model_run")
    assert ("running", "running") == (record.state, record.fits[0].stop_reason)
    # Of epochs this short, not each is worth a write.
    assert [epoch.epoch for epoch in record.fits[0].epochs] in ([0], [0, 1])
    assert 9 == record.settings["epochs"]
