# SPDX-License-Identifier: Apache-2.0
"""The steps of CI: each with its time, and a table of them all at the end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

STEPS = Path(__file__).parents[2] / ".ci" / "steps.sh"


def run(*lines: str) -> tuple[int, list[str]]:
    """Runs a script with steps; returns its exit code, and what it printed without times."""
    script = "\n".join(["set -euo pipefail", f"source {STEPS}", *lines])
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert "" == done.stderr
    return done.returncode, re.sub(r" *\b\d+ s\b", " N s", done.stdout).splitlines()


def test_the_table_comes_last():
    """With every step, in order, and the whole."""
    code, printed = run('step "one" echo 1', 'step "two" true')
    assert 0 == code
    assert ["=== one (at N s)", "1", "=== one: ok, N s"] == printed[1:4]
    assert [
        " N s  ok       one",
        " N s  ok       two",
        " N s  everything that was run passed",
    ] == printed[-3:]


def test_the_first_step_that_fails_ends_it():
    """With its exit code, and a table that names it."""
    code, printed = run('step "one" true', 'step "two" sh -c "exit 3"', 'step "three" echo 1')
    assert 3 == code
    assert [" N s  ok       one", " N s  FAILED   two"] == printed[-2:]


def test_a_step_that_could_not_run_is_no_success():
    """Its exit code is 77, and the others are run."""
    code, printed = run('step "one" sh -c "exit 77"', 'step "two" true')
    assert 0 == code
    assert [" N s  SKIPPED  one", " N s  ok       two"] == printed[-3:-1]


def test_what_ran_beside_is_printed_when_it_is_joined():
    """Whole, with its time; each that failed is, and the first code is not lost."""
    code, printed = run(
        'beside "one" sh -c "sleep 0.5; echo 1; exit 3"',
        'beside "two" sh -c "echo 2 >&2; exit 77"',
        'step "three" echo 3',
        "join",
        'step "four" echo 4',
    )
    assert 3 == code
    assert [
        "=== one (at N s, beside what follows)",
        "=== two (at N s, beside what follows)",
        "=== three (at N s)",
        "3",
        "=== three: ok, N s",
        "=== one",
        "1",
        "=== one: FAILED, N s",
        "=== two",
        "2",
        "=== two: SKIPPED, N s",
        " N s  ok       three",
        " N s  FAILED   one",
        " N s  SKIPPED  two",
    ] == [line for line in printed if line]


def test_what_is_joined_is_joined_once():
    """What follows runs alone, and what runs beside that is another."""
    code, printed = run('beside "one" echo 1', "join", 'beside "two" echo 2', "join")
    assert 0 == code
    assert [" N s  ok       one", " N s  ok       two"] == printed[-3:-1]


def test_what_runs_beside_ends_with_a_step_that_fails(tmp_path):
    """With all that it started."""
    started = tmp_path / "started"
    writes = f"echo \\$! >{started}.new; mv {started}.new {started}"
    code, _ = run(
        f'beside "one" sh -c "sleep 600 & {writes}; wait"',
        f'step "two" sh -c "until [ -e {started} ]; do sleep 0.1; done; exit 4"',
    )
    assert 4 == code
    assert is_gone(int(started.read_text()))


def is_gone(pid: int) -> bool:
    """Whether a process ends, which a signal may take a moment for."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_a_run_that_is_ended_says_not_that_all_passed():
    """By a limit on its time, which ends the step, too."""
    script = f'set -euo pipefail; source {STEPS}; step "one" true; step "two" sleep 600'
    run = subprocess.Popen(
        ["bash", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    printed = iter(run.stdout.readline, "")
    assert any(line.startswith("=== two (at ") for line in printed)
    os.killpg(run.pid, signal.SIGTERM)
    rest = "".join(printed)
    assert 143 == run.wait()
    assert "ok       one" in rest
    assert "passed" not in rest
