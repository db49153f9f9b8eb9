# SPDX-License-Identifier: Apache-2.0
"""A Trainer's run that is interrupted: where it is kept, by what it is known again."""

from __future__ import annotations

import json
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest
from executions import execute, inputs, seen
from tfx.types import standard_artifacts

from fit_component import FitArgsError, FitExecutor
from fit_component.resumption import job_of
from fit_component.settings import parse_fit_args, resolve, to_json

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

SETTINGS = {
    "epochs": 4,
    "num_steps": 3,
    "seed": 3,
    "deterministic": True,
    "verbose": "SILENT",
    "resume": {"enabled": True},
    "callbacks": [
        {"model_checkpoint": {"filepath": "best.weights.h5", "save_weights_only": True}},
        {"csv_logger": {"filename": "history.csv"}},
    ],
}
MODEL_RUN = "/pipeline/Trainer/model_run/5"
MODULE = {"run_fn": "run_functions.train_and_fail"}


def job(settings=None, model_run=MODEL_RUN, artifacts=None, **properties):
    """The job of a run, with the tests' inputs."""
    resolved = resolve(parse_fit_args({**SETTINGS, **(settings or {})}))
    return job_of(resolved, artifacts or inputs(), model_run, {**MODULE, **properties})


def numbered(directory, number):
    """Artifacts where LocalDagRunner has them."""
    model, model_run = standard_artifacts.Model(), standard_artifacts.ModelRun()
    model.uri = str(directory / "Trainer" / "model" / str(number))
    model_run.uri = str(directory / "Trainer" / "model_run" / str(number))
    return {"model": [model], "model_run": [model_run]}


def run(directory, number, settings=None):
    """Runs the executor as LocalDagRunner does."""
    artifacts = numbered(directory, number)
    properties = {
        "train_args": to_json(parse_fit_args({**SETTINGS, **(settings or {})})),
        "eval_args": '{"num_steps": 2}',
        "run_fn": "run_functions.train_and_fail",
    }
    FitExecutor().Do(inputs(), artifacts, properties)
    return {key: each for key, (each,) in artifacts.items()}


def hyperparameters(directory, rate):
    """The artifact of a Tuner."""
    directory.mkdir()
    found = {"space": [], "values": {"learning_rate": rate}}
    (directory / "best_hyperparameters.txt").write_text(json.dumps(found))
    artifact = standard_artifacts.HyperParameters()
    artifact.uri = str(directory)
    return artifact


def test_the_place_is_beside_the_outputs():
    """Where no run deletes it; or where the settings say."""
    assert "/pipeline/Trainer/resume" == job().root
    assert (
        "gs://bucket/kept"
        == job({"resume": {"enabled": True, "directory": "gs://bucket/kept"}}).root
    )


@pytest.mark.parametrize(
    "model_run", ["gs://b/1234/run-20260131/Trainer_99/model_run", "/t/model_run", "/t/other/5"]
)
def test_a_place_that_cannot_be_derived_is_to_be_named(model_run):
    """And the key with it, since inputs are others in each run there."""
    with pytest.raises(FitArgsError) as refused:
        job(model_run=model_run)
    assert ["resume.directory", "resume.key"] == [p.path for p in refused.value.problems]
    assert model_run in refused.value.problems[0].message
    with pytest.raises(FitArgsError) as refused:
        job({"resume": {"enabled": True, "directory": "gs://b/kept"}}, model_run)
    assert ["resume.key"] == [p.path for p in refused.value.problems]
    named = {"enabled": True, "directory": "gs://b/kept", "key": "of january"}
    assert "gs://b/kept" == job({"resume": named}, model_run).root


SAME = {
    "more epochs": {"epochs": 9},
    "quieter": {"verbose": "LINE_PER_EPOCH"},
    "limited": {"max_steps": 5, "max_time": "1h"},
    "enforced": {"enforcement": "ERROR"},
    "saved more often": {"resume": {"enabled": True, "save_every_steps": 2, "keep_for": "1h"}},
    "without a log": {"callbacks": SETTINGS["callbacks"][:1]},
    "with TensorBoard": {"callbacks": [{"tensorboard": {}}, *SETTINGS["callbacks"]]},
}
OTHER = {
    "seed": {"seed": 4},
    "batch size": {"batch_size": 16},
    "steps": {"num_steps": 4},
    "callbacks": {"callbacks": [{"early_stopping": {"patience": 3}}]},
    "first epoch": {"initial_epoch": 1},
    "input": {"input": {"cache": "MEMORY"}},
}


@pytest.mark.parametrize("settings", SAME.values(), ids=SAME.keys())
def test_settings_that_change_no_weights_are_the_same_training(settings):
    """It goes on, whatever is told and kept of it."""
    assert job().directory == job(settings).directory


@pytest.mark.parametrize("settings", OTHER.values(), ids=OTHER.keys())
def test_settings_that_change_weights_are_another_training(settings):
    """It starts anew."""
    assert job().directory != job(settings).directory


def test_all_else_that_weights_follow_from_is_part_of_it(tmp_path):
    """The node, inputs, hyperparameters, what evaluates, and what the module is given."""
    others = [
        job(model_run="/pipeline/Trainer.other/model_run/5"),
        job(eval_args='{"num_steps": 9}'),
        job(custom_config='{"units": 3}'),
        job(artifacts={**inputs(), "examples": [standard_artifacts.Examples()]}),
        job(artifacts={**inputs(), "hyperparameters": [hyperparameters(tmp_path / "1", 0.1)]}),
        job(artifacts={**inputs(), "hyperparameters": [hyperparameters(tmp_path / "2", 0.2)]}),
    ]
    assert 7 == len({other.directory for other in [job(), *others]})
    again = job(artifacts={**inputs(), "hyperparameters": [hyperparameters(tmp_path / "3", 0.2)]})
    assert others[-1].directory == again.directory
    assert job().directory == job(model_run="/pipeline/Trainer/model_run/17").directory


def test_with_a_key_the_inputs_have_no_part():
    """They are others in each run where it is needed."""
    keyed = {"resume": {"enabled": True, "key": "a"}}
    other = {**inputs(), "examples": [standard_artifacts.Examples()]}
    assert job(keyed).directory == job(keyed, artifacts=other).directory
    assert job(keyed).directory != job({"resume": {"enabled": True, "key": "b"}}).directory


def test_the_module_is_known_by_its_code(tmp_path):
    """In a wheel of any name, as a file, and as a module that is installed."""
    wheels = []
    for name, code in {"a": "x = 1", "b": "x = 1", "c": "x = 2"}.items():
        with zipfile.ZipFile(tmp_path / f"{name}.whl", "w") as wheel:
            wheel.writestr("taxi.py", code)
            wheel.writestr(f"{name}.dist-info/RECORD", name)
        wheels.append(job(run_fn=None, module_path=f"taxi@{tmp_path}/{name}.whl").directory)
    assert wheels[0] == wheels[1] != wheels[2]
    file = tmp_path / "module.py"
    file.write_text("x = 1")
    before = job(run_fn=None, module_file=str(file))
    file.write_text("x = 2")
    assert before.directory != job(run_fn=None, module_file=str(file)).directory
    assert "run_functions " in job().parts["module"]


def test_credentials_are_not_written_down():
    """The description of a job is read by people."""
    parts = job(custom_config='{"api_key": "s3cret", "units": 3}').parts
    assert {"api_key": "***", "units": 3} == parts["custom_config"]


def test_a_run_that_failed_goes_on_and_leaves_nothing(tmp_path, caplog):
    """Checkpoint and log are whole, whatever TFX did with those of the runs before."""
    seen.clear()
    for number in (0, 1):
        with pytest.raises(RuntimeError, match=f"the end of run {number}"):
            run(tmp_path, number)
        shutil.rmtree(tmp_path / "Trainer" / "model_run" / str(number))
        (kept,) = (tmp_path / "Trainer" / "resume").iterdir()
        assert {"job.json", "lock", "model_run"} < {path.name for path in kept.iterdir()}
    cut = run(tmp_path, 2)
    assert [] == list((tmp_path / "Trainer" / "resume").iterdir())
    assert "fit 1 goes on with epoch 2 of 4" in caplog.text
    assert "fit 1 had returned and is not trained again" in caplog.text
    whole = run(tmp_path / "whole", 3)
    assert [seen[3]] * 2 == seen[1:3]
    logs = [Path(each["model_run"].uri, "history.csv").read_text() for each in (cut, whole)]
    assert logs[0] == logs[1]
    assert Path(cut["model_run"].uri, "best.weights.h5").exists()
    assert 4 == cut["model"].get_int_custom_property("fit.resumed_from")
    assert not whole["model"].has_custom_property("fit.resumed_from")


def test_others_are_deleted_when_they_are_old_enough(tmp_path):
    """As `keep_for` says."""
    seen.clear()
    with pytest.raises(RuntimeError, match="the end of run 0"):
        run(tmp_path, 0)
    seen[:] = [None] * 2
    other = {"seed": 4, "resume": {"enabled": True}}
    run(tmp_path, 1, other)
    (left,) = (tmp_path / "Trainer" / "resume").iterdir()
    old = time.time() - 60
    for path in left.rglob("*"):
        os.utime(path, (old, old))
    run(tmp_path, 2, {"seed": 5, "resume": {"enabled": True, "keep_for": "2m"}})
    assert left.exists()
    run(tmp_path, 3, {"seed": 6, "resume": {"enabled": True, "keep_for": "30s"}})
    assert not left.exists()


def test_without_resume_nothing_is_kept(tmp_path):
    """As before."""
    seen.clear()
    with pytest.raises(RuntimeError, match="the end of run 0"):
        run(tmp_path, 1, {"resume": {"enabled": False}})
    assert not (tmp_path / "Trainer" / "resume").exists()


def test_a_dry_run_keeps_nothing(tmp_path):
    """It writes no checkpoints."""
    seen.clear()
    run(tmp_path, 1, {"dry_run": True})
    assert not (tmp_path / "Trainer" / "resume").exists()


def test_where_it_cannot_be_known_run_fn_is_not_called(tmp_path):
    """The error names both settings."""
    seen.clear()
    with pytest.raises(FitArgsError, match=r"resume\.directory: is to be set"):
        execute(tmp_path, "train_and_fail", SETTINGS)
    assert [] == seen
