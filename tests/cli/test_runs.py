# SPDX-License-Identifier: Apache-2.0
"""`fit-component runs` and `fit-component diff`."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import run

sys.path.append(str(Path(__file__).parents[1] / "lineage"))

from stores import FAILED, Execution, Written, sweep


@pytest.fixture
def database(tmp_path):
    """A store with three trainings, one of which failed."""
    written = Written(tmp_path / "metadata.sqlite")
    executions = [*sweep(2), Execution({"train_args": '{"epochs": 9}'}, state=FAILED)]
    for number, execution in enumerate(executions):
        written.write(number, execution)
    return tmp_path / "metadata.sqlite"


def test_what_differs_and_how_it_ended_is_listed(database):
    """What all have in common is left out."""
    result = run("runs", database)
    header, *rows = [line.split() for line in result.out.splitlines()]
    assert (0, "") == (result.exit_code, result.err)
    assert ["execution", "started", "run", "state", "epochs", "batch_size"] == header[:6]
    assert "validation.freq" not in header
    assert ["1", "2", "3"] == [row[0] for row in rows]
    assert [["run-0", "complete", "1", "16"], ["run-2", "failed", "9", "32"]] == [
        row[3:7] for row in (rows[0], rows[2])
    ]
    assert ["val_loss", "0.625"] == rows[0][-2:]


def test_a_pipe_gets_a_line_for_each(database):
    """Nothing is wrapped or cut."""
    result = run("runs", database)
    assert 4 == len(result.out.splitlines())
    assert "…" not in result.out


def test_a_wide_terminal_gets_lines(database, monkeypatch):
    """As a pipe does."""
    monkeypatch.setenv("COLUMNS", "400")
    result = run("runs", database, is_terminal=True)
    assert 4 == len(result.out.splitlines())


def test_a_narrow_terminal_gets_blocks(database, monkeypatch):
    """One for each training, without what is empty."""
    monkeypatch.setenv("COLUMNS", "60")
    result = run("runs", database, is_terminal=True)
    first, _, last = result.out.split("\n\n")
    assert ["execution", "1"] == re.sub(r"\x1b\[\d*m", "", first.splitlines()[0]).split()
    assert ["epochs", "1"] in [line.split() for line in first.splitlines()]
    assert ["state", "failed"] in [line.split() for line in last.splitlines()]
    assert "stop_reason" in first
    assert "stop_reason" not in last


def test_runs_that_are_called_by_the_time_are_not_named(tmp_path):
    """As TFX calls them: when they started is there already."""
    written = Written(tmp_path / "m.sqlite")
    for number, execution in enumerate(sweep(2)):
        written.write(number, replace(execution, run=f"2026-11-25T21:01:5{number}.758927"))
    header, *_ = run("runs", tmp_path / "m.sqlite").out.splitlines()
    assert ["execution", "started", "state"] == header.split()[:3]


def test_the_newest(database):
    """As many as asked for."""
    rows = run("runs", database, "--last", "1").out.splitlines()[1:]
    assert ["3"] == [row.split()[0] for row in rows]


def test_json_has_everything(database):
    """With null for what is missing."""
    result = run("runs", database, "--json")
    first, _, last = json.loads(result.out)
    assert (1, 1, 0.625) == (
        first["execution"],
        first["settings.epochs"],
        first["results.best.val_loss"],
    )
    assert first["started"].endswith("+00:00")
    assert (9, None) == (last["settings.epochs"], last["results.epochs_run"])


def test_an_empty_store(tmp_path):
    """Nothing is wrong with it."""
    Written(tmp_path / "m.sqlite")
    assert (0, f"{tmp_path / 'm.sqlite'}: nothing was trained yet\n", "") == run(
        "runs", tmp_path / "m.sqlite"
    )
    assert [] == json.loads(run("runs", tmp_path / "m.sqlite", "--json").out)


@pytest.mark.parametrize("command", [["runs"], ["diff"]])
def test_what_is_no_store_is_told(tmp_path, command):
    """In a line, with exit code 1."""
    (tmp_path / "a.txt").write_text("text " * 200)
    ids = [1, 2] if command == ["diff"] else []
    for name, expected in (("none.db", "is no file"), ("a.txt", "is no ML Metadata store")):
        result = run(*command, tmp_path / name, *ids)
        assert (1, "", 1) == (result.exit_code, result.out, len(result.err.splitlines()))
        assert expected in result.err


def test_the_differences_of_two(database):
    """Names and both values; what one does not have is empty."""
    result = run("diff", database, 1, 3)
    lines = result.out.splitlines()
    assert ["1", "3"] == lines[0].split()
    assert ["settings.epochs", "1", "9"] in [line.split() for line in lines]
    assert ["results.epochs_run", "1"] in [line.split() for line in lines]


def test_the_differences_as_json(database):
    """Names to pairs."""
    tree = json.loads(run("diff", database, 1, 3, "--json").out)
    assert [1, 9] == tree["settings.epochs"]
    assert [1, None] == tree["results.epochs_run"]
    assert {} == json.loads(run("diff", database, 1, 1, "--json").out)


def test_no_differences(database):
    """Are said to be none."""
    result = run("diff", database, 2, 2)
    assert (0, "2 and 2 have the same settings and results\n") == (result.exit_code, result.out)


def test_an_id_that_is_not_there(database):
    """With those that are."""
    result = run("diff", database, 1, 77)
    assert 1 == result.exit_code
    assert f"Error: {database} has no training 77; there are: 1, 2, 3\n" == result.err


def test_wrong_use(database):
    """Is told as such."""
    assert 2 == run("diff", database, 1).exit_code
    assert 2 == run("runs").exit_code
    assert 2 == run("runs", database, "--last", "0").exit_code


HOSTILE = "[red]\x1b[31m\x9b\r\u202e"


def test_nothing_in_a_table_moves_the_cursor(tmp_path):
    """Neither names of runs nor settings; and brackets are no markup."""
    written = Written(tmp_path / "m.sqlite")
    for number, split in enumerate(["a", HOSTILE]):
        train_args = json.dumps({"splits": [split]})
        written.write(number, Execution({"train_args": train_args}, run=f"{HOSTILE}{number}"))
    for arguments in (["runs"], ["diff", "1", "2"]):
        command, *ids = arguments
        out = run(command, tmp_path / "m.sqlite", *ids).out
        assert r"[red]\x1b[31m\x9b\r\u202e" in out
        assert all(line.isprintable() for line in out.split("\n"))
