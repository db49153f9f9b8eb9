# SPDX-License-Identifier: Apache-2.0
"""The steps of CI: each with its time, and a table of them all at the end."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

STEPS = Path(__file__).parents[2] / ".ci" / "steps.sh"


def run(*lines: str) -> tuple[int, list[str]]:
    """Runs a script with steps; returns its exit code, and what it printed without times."""
    script = "\n".join(["set -euo pipefail", f"source {STEPS}", "trap print_steps EXIT", *lines])
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
