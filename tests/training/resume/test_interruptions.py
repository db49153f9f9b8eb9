# SPDX-License-Identifier: Apache-2.0
"""Trainings in processes that are really ended, on disks that are really full."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import time
from pathlib import Path

import pytest
from resumed_training import Left, assert_same

from fit_component.training.resume.interruption import EXIT_CODE

pytestmark = [pytest.mark.slow, pytest.mark.keras, pytest.mark.end_to_end]

HERE = Path(__file__).parent
SEED = 3
LONGEST = 600  # seconds that a process may take
IS_LEGACY = os.environ["TF_USE_LEGACY_KERAS"] == "1"
# With each release, Keras and Python; more of them where there is time.
KILLS = 50 if os.environ.get("ALL") else 10
EXACT = {"dropout": not IS_LEGACY}


def arguments(script, *rest, **fields):
    """What starts a script of this directory with a plan."""
    return [HERE / script, *rest, json.dumps({**EXACT, **fields})]


def run_plan(python, directory, result, **fields):
    """Runs `resumed_training.py` to its end; returns what it left, and its log."""
    done = python.run(*arguments("resumed_training.py", directory, result, **fields))
    assert done.returncode == 0, done.stderr[-3000:]
    return Left(**pickle.loads(result.read_bytes())), done.stderr


def can_mount():
    """Whether this user can mount a file system that nobody else sees."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def test_killed_at_random_moments_it_ends_bit_identical(warm_python, tmp_path):
    """In a batch, while saving, while going on, between epochs, in an evaluation."""
    plan = {"patience": 999, "save_every_steps": 2}
    done = warm_python.run(*arguments("killed_training.py", tmp_path, SEED, KILLS, **plan))
    assert done.returncode == 0, done.stderr[-3000:]
    made = json.loads(done.stdout)
    epochs = made["epochs"]
    assert epochs == made["trained"]
    assert f"fit 1 goes on with epoch {epochs - 3} of {epochs}" in done.stderr
    assert "is damaged" not in done.stderr


def test_sigterm_saves_and_leaves_with_a_message(warm_python, tmp_path):
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
    whole, _ = run_plan(warm_python, tmp_path / "whole", tmp_path / "result", **plan)
    cut, log = run_plan(warm_python, tmp_path / "cut", tmp_path / "result", **plan)
    assert f"fit 1 goes on with epoch {epochs - 2} of {epochs}" in log
    assert_same(cut, whole)


# A process that mounts, which it alone sees, and then trains.
MOUNTED = """
import ctypes, os, runpy, subprocess, sys
options, directory, script, *sys.argv[1:] = sys.argv[1:]
if ctypes.CDLL(None, use_errno=True).unshare(0x20000):  # CLONE_NEWNS
    raise OSError(ctypes.get_errno(), "unshare")
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory], check=True)
sys.path.insert(0, os.path.dirname(script))
runpy.run_path(script, run_name="__main__")
print(*(name for _, _, names in os.walk(directory) for name in names))
"""


@pytest.fixture(scope="module")
def undisturbed(warm_python, tmp_path_factory):
    """A plan, and what it leaves on a disk that takes all."""
    plan = {"epochs": 6, "patience": 999}
    directory = tmp_path_factory.mktemp("undisturbed")
    left, _ = run_plan(warm_python, directory, directory / "result", **plan)
    return plan, left


@pytest.mark.skipif(not can_mount(), reason="needs the right to mount")
@pytest.mark.parametrize("options", ["size=44k", "ro"], ids=["full", "read-only"])
def test_a_disk_that_takes_no_more_keeps_training(options, warm_python, undisturbed, tmp_path):
    """A warning tells it, once; what had been saved is still good."""
    plan, whole = undisturbed
    job, result = tmp_path / "cut" / "job", tmp_path / "result"
    job.mkdir(parents=True)
    command = arguments("resumed_training.py", tmp_path / "cut", result, **plan)
    done = warm_python.run("-c", MOUNTED, options, job, *command)
    assert done.returncode == 0, done.stderr[-3000:]
    assert_same(Left(**pickle.loads(result.read_bytes())), whole)
    told = [line for line in done.stderr.splitlines() if "cannot be saved" in line]
    assert 1 == len(told), done.stderr
    assert "Training goes on" in told[0]
    assert not list(job.iterdir())  # nothing was written to the disk below
    names = done.stdout.split()
    assert any(name.endswith(".zip") for name in names) == (options != "ro")
    assert not [name for name in names if name.endswith(".tmp")]
