# SPDX-License-Identifier: Apache-2.0
"""Processes that are forked for tests are like those that Python would start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from environment import ENVIRONMENT

CODES = {
    "the end": "print('one'); import sys; print('two', file=sys.stderr)",
    "a number": "import sys; sys.exit(3)",
    "a text": "import sys; sys.exit('no')",
    "nothing": "import sys; sys.exit()",
    "a kill": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "at exit": "import atexit; atexit.register(print, 'last')",
    "a thread": "import threading as t, time; t.Timer(0.2, print, ['late']).start()",
    "a log": "import logging; logging.getLogger('fit_component').warning('told')",
    "arguments": "import sys; print(sys.argv[1:], __name__)",
    "a place": "import os; print(os.getcwd(), os.environ['A'], sorted(os.environ) != ['A'])",
}


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_it_ends_as_a_new_process_does(code, warm_python, tmp_path):
    """With the same exit code and output."""
    options = {"env": ENVIRONMENT | {"A": "b"}, "cwd": tmp_path}
    expected = subprocess.run(
        [sys.executable, "-c", code, "1", "2"], capture_output=True, text=True, **options
    )
    done = warm_python.run("-c", code, 1, 2, **options)
    assert expected.returncode == done.returncode
    assert (expected.stdout, expected.stderr) == (done.stdout, done.stderr)


def test_an_exception_is_printed(warm_python):
    """And the exit code is 1."""
    done = warm_python.run("-c", "1 / 0")
    assert (1, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("Traceback")
    assert "ZeroDivisionError: " in done.stderr


def test_a_script_and_a_module_are_run(warm_python, tmp_path):
    """By their path and by their name."""
    (tmp_path / "named.py").write_text("import sys; print(__name__, sys.argv[1:])")
    by_path = warm_python.run(tmp_path / "named.py", "x")
    by_name = warm_python.run("-m", "named", "x", cwd=tmp_path)
    assert "__main__ ['x']\n" == by_path.stdout == by_name.stdout


def test_it_can_be_killed(warm_python, tmp_path):
    """Signals reach it, and its exit code says which."""
    with (tmp_path / "log").open("w") as file:
        process = warm_python.start("-c", "import time; time.sleep(60)", stdout=file, stderr=file)
        assert process.poll() is None
        process.kill()
    assert -signal.SIGKILL == process.returncode


def test_one_that_takes_too_long_is_ended(warm_python):
    """And the test is told."""
    with pytest.raises(subprocess.TimeoutExpired):
        warm_python.run("-c", "import time; time.sleep(60)", timeout=0.1)


def test_none_outlives_a_run_of_pytest(tmp_path):
    """Which is killed itself, so that nothing of it can end them."""
    (tmp_path / "test_it.py").write_text(
        "import sys, time\n"
        "def test_it(warm_python):\n"
        "    file = open('log', 'w')\n"
        "    code = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'\n"
        "    warm_python.start('-c', code, stdout=file, stderr=file)\n"
        "    time.sleep(60)\n"
    )
    tests = os.path.dirname(__file__)
    environment = ENVIRONMENT | {"PYTHONPATH": tests}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider"]
    outer = subprocess.Popen(command, cwd=tmp_path, env=environment)
    try:
        wait_until(lambda: (tmp_path / "log").exists() and (tmp_path / "log").read_text().strip())
    finally:
        outer.kill()
        outer.wait()
    pid = int((tmp_path / "log").read_text())
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"))


def wait_until(is_so):
    """Waits for something that happens soon."""
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")
