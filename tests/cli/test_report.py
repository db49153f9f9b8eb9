# SPDX-License-Identifier: Apache-2.0
"""`fit-component report`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from command_line import run as run_command

sys.path.append(str(Path(__file__).parents[1] / "lineage"))
sys.path.append(str(Path(__file__).parents[1] / "record" / "pages"))

from made_runs import epochs, fit, run, write
from stores import FAILED, Execution, Written, sweep

from fit_component.record import DIRECTORY


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    """The current directory, which is empty."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def model_run(tmp_path):
    """The directory of a ModelRun artifact."""
    return write(tmp_path / "Trainer" / "model_run" / "5", run(fit(epochs(4))))


@pytest.fixture
def database(tmp_path):
    """A store with three trainings: one with a ModelRun here, one elsewhere, one that failed."""
    written = Written(tmp_path / "metadata.sqlite")
    for number, execution in enumerate([*sweep(2), Execution({"train_args": "{}"}, state=FAILED)]):
        written.write(number, execution)
    here, elsewhere = written.store.get_artifacts_by_type("ModelRun")
    here.uri = str(write(tmp_path / "model_run" / "0", run(fit(epochs(4)))))
    elsewhere.uri = "gs://bucket/Trainer/model_run/1"
    written.store.put_artifacts([here, elsewhere])
    return tmp_path / "metadata.sqlite"


def test_a_run(model_run, directory):
    """Goes to report.html here, and that is told."""
    assert (0, f"report.html: the run in {model_run}\n", "") == run_command("report", model_run)
    assert ["report.html"] == [path.name for path in directory.iterdir()]
    page = (directory / "report.html").read_text(encoding="utf-8")
    assert "Trainer/model_run/5" in page
    assert page.startswith("<!DOCTYPE html>")


def test_a_store(database, directory):
    """All its runs are on the page, and those with curves are counted."""
    told = f"a/b.html: runs in {database}: 3, with curves: 1\n"
    assert (0, told, "") == run_command("report", database, "-o", "a/b.html")
    page = (directory / "a" / "b.html").read_text(encoding="utf-8")
    assert ["3", "2", "1"] == re.findall(r'<tr data-run="(\d+)">', page)
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    assert ["1"] == list(json.loads(data)["runs"])


def test_an_empty_store(tmp_path, directory):
    """Nothing is wrong with it."""
    Written(tmp_path / "m.sqlite")
    assert 0 == run_command("report", tmp_path / "m.sqlite").exit_code
    assert "Nothing was trained yet." in (directory / "report.html").read_text()


def test_nothing_is_overwritten(model_run, directory):
    """Unless it is asked for."""
    (directory / "report.html").write_text("mine")
    refused = (
        "Error: report.html is there already; name another with -o, or overwrite it with --force\n"
    )
    assert (1, "", refused) == run_command("report", model_run)
    assert "mine" == (directory / "report.html").read_text()
    assert 0 == run_command("report", model_run, "--force").exit_code
    assert "mine" != (directory / "report.html").read_text()


def test_a_record_that_cannot_be_read_is_told_and_the_others_are_drawn(database, tmp_path):
    """By the id of its run."""
    (tmp_path / "model_run" / "0" / DIRECTORY / "summary.json").write_text("{")
    result = run_command("report", database)
    assert (0, True) == (result.exit_code, result.out.endswith("3, with curves: 0\n"))
    assert result.err.startswith(f"Run 1 has no curves: {tmp_path / 'model_run' / '0'}")
    assert 1 == result.err.count("\n")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("absent", "absent is not there; name the directory of a ModelRun artifact"),
        ("empty", "summary.json is not there: name the directory of a ModelRun artifact"),
        ("broken", "broken/fit holds no record of a run: "),
        ("a.txt", "a.txt is no ML Metadata store that can be read: "),
    ],
)
def test_what_is_neither_is_told(directory, name, told):
    """In a line, with exit code 1, and nothing is written."""
    (directory / "empty").mkdir()
    (directory / "broken" / DIRECTORY).mkdir(parents=True)
    (directory / "broken" / DIRECTORY / "summary.json").write_text("{}")
    (directory / "a.txt").write_text("text " * 200)
    result = run_command("report", name)
    assert (1, "") == (result.exit_code, result.out)
    assert result.err.startswith("Error: ")
    assert told in result.err
    assert 1 == result.err.count("\n")
    assert not (directory / "report.html").exists()


@pytest.mark.parametrize("library", ["jinja2", "plotly.graph_objects"])
def test_without_what_draws(model_run, database, monkeypatch, library):
    """One line names what to install."""
    monkeypatch.setitem(sys.modules, library, None)
    package = library.partition(".")[0]
    told = f'Error: drawing needs {package}: pip install "fit-component[report]"\n'
    for source in (model_run, database):
        assert (1, "", told) == run_command("report", source)


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["a", "-o", "."], ["a", "--nonsense"]])
def test_wrong_use(arguments):
    """Exit code 2."""
    assert 2 == run_command("report", *arguments).exit_code


def test_a_page_that_cannot_be_written(model_run, directory):
    """Is told without a traceback, and nothing is left."""
    (directory / "file").write_text("")
    result = run_command("report", model_run, "-o", "file/report.html")
    assert (1, "") == (result.exit_code, result.out)
    assert result.err.startswith("Error: file/report.html: ")
    assert ["file"] == [path.name for path in directory.iterdir()]
