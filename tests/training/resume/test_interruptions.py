# SPDX-License-Identifier: Apache-2.0
"""Trainings in processes that are really ended, on disks that are really full."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from environment import ENVIRONMENT
from resumed_training import Left, assert_same

from fit_component.training.resume.interruption import EXIT_CODE

pytestmark = [pytest.mark.slow, pytest.mark.keras]

HERE = Path(__file__).parent
SEED = 3
LONGEST = 600  # seconds that a process may take
IS_LEGACY = os.environ["TF_USE_LEGACY_KERAS"] == "1"
# With each release, Keras and Python; more of them where there is time.
KILLS = 50 if os.environ.get("ALL") else 20
EXACT = {"dropout": not IS_LEGACY}


def arguments(script, *rest, **fields):
    """What starts a script of this directory with a plan."""
    return [HERE / script, *rest, json.dumps({**EXACT, **fields})]


@pytest.fixture
def run(warm_python):
    """Runs `resumed_training.py` to its end; returns what it left, and its log."""

    def run(directory, result, **fields):
        done = warm_python.run(*arguments("resumed_training.py", directory, result, **fields))
        assert done.returncode == 0, done.stderr[-3000:]
        return Left(**pickle.loads(result.read_bytes())), done.stderr

    return run


def can_mount():
    """Whether this user can mount a file system that nobody else sees."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def test_killed_at_random_moments_it_ends_bit_identical(warm_python, tmp_path):
    """In a batch, while saving, while going on, between epochs, in an evaluation."""
    plan = {"epochs": 120, "patience": 999, "save_every_steps": 2}
    done = warm_python.run(*arguments("killed_training.py", tmp_path, SEED, KILLS, **plan))
    assert done.returncode == 0, done.stderr[-3000:]
    assert {"kills": KILLS} == json.loads(done.stdout)
    assert "is damaged" not in done.stderr


def test_sigterm_saves_and_leaves_with_a_message(warm_python, run, tmp_path):
    """At the next batch; the next run goes on there."""
    plan = {"epochs": 400, "patience": 999, "steps": 10}
    command = arguments("resumed_training.py", tmp_path / "cut", tmp_path / "none", **plan)
    with (tmp_path / "log").open("w+") as file:
        process = warm_python.start(*command, stdout=file, stderr=file)
        try:
            while not list((tmp_path / "cut").rglob("*.zip")):
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert EXIT_CODE == process.wait(LONGEST)
        finally:
            process.kill()
        file.seek(0)
        log = file.read()
    assert "training leaves after SIGTERM, with what was saved in " in log
    assert "Traceback" not in log
    names = [path.name for path in (tmp_path / "cut").rglob("*.zip")]
    epochs = max(int(name.split("-")[0]) for name in names) + 2
    plan["epochs"] = epochs
    whole, _ = run(tmp_path / "whole", tmp_path / "result", **plan)
    cut, log = run(tmp_path / "cut", tmp_path / "result", **plan)
    assert f"fit 1 goes on with epoch {epochs - 2} of {epochs}" in log
    assert_same(cut, whole)


@pytest.mark.skipif(not can_mount(), reason="needs the right to mount")
@pytest.mark.parametrize("options", ["size=44k", "ro"], ids=["full", "read-only"])
def test_a_disk_that_takes_no_more_keeps_training(options, run, tmp_path):
    """A warning tells it, once; what had been saved is still good."""
    job = tmp_path / "cut" / "job"
    job.mkdir(parents=True)
    plan = {"epochs": 6, "patience": 999}
    whole, _ = run(tmp_path / "whole", tmp_path / "result", **plan)
    # A process of its own: what is mounted is seen by it alone.
    command = [sys.executable]
    command += arguments("resumed_training.py", tmp_path / "cut", tmp_path / "result", **plan)
    script = (
        f'mount -t tmpfs -o {options} tmpfs {job} && "$@"; status=$?; '
        f"ls {job}/*/fit-1 2>/dev/null; exit $status"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *command],
        **{"env": ENVIRONMENT, "capture_output": True, "text": True, "timeout": LONGEST},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert_same(Left(**pickle.loads((tmp_path / "result").read_bytes())), whole)
    told = [line for line in done.stderr.splitlines() if "cannot be saved" in line]
    assert 1 == len(told), done.stderr
    assert "Training goes on" in told[0]
    saved = [name for name in done.stdout.split() if name.endswith(".zip")]
    assert bool(saved) == (options != "ro")
    assert not [name for name in done.stdout.split() if name.endswith(".tmp")]
