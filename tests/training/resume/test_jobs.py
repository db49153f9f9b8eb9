# SPDX-License-Identifier: Apache-2.0
"""The directory of a training: who holds it, what has changed, what is cleaned."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

import pytest
import tensorflow as tf
from own_logs import own_messages

from fit_component import FitArgsError
from fit_component.training.resume import files
from fit_component.training.resume.job import Job
from fit_component.training.resume.kept_files import KeptFiles
from fit_component.training.resume.lock import HeldError, locked

DAY = 24 * 3600.0
PARTS = {
    "key": None,
    "node": "Trainer",
    "module": "taxi 1234",
    "inputs": {"examples": "/e/1"},
    "settings": {"batch_size": 32, "optimizer": "adam"},
}


class Failed(Exception):
    """Stands for an interruption."""


def leave(root, **parts):
    """Leaves a job behind, as an interruption does."""
    job = Job({**PARTS, **parts}, str(root))
    with contextlib.suppress(Failed), job.opened(DAY):
        (Path(job.directory) / "snapshot").write_text("state")
        raise Failed
    return Path(job.directory)


def test_what_an_interruption_leaves_is_there_for_the_same_job(tmp_path, caplog):
    """And gone when that has succeeded; nothing is said."""
    left = leave(tmp_path)
    job = Job(dict(reversed(PARTS.items())), str(tmp_path))
    with job.opened(DAY):
        assert "state" == (Path(job.directory) / "snapshot").read_text()
    assert not left.exists()
    assert [] == own_messages(caplog)


def test_what_has_changed_is_told(tmp_path, caplog):
    """Part by part, what was and what is; the old one stays."""
    left = leave(tmp_path)
    changed = {
        "module": "taxi 9999",
        "settings": {"batch_size": 64, "optimizer": "adam", "seed": 3},
        "inputs": {"examples": "/e/2"},
    }
    with Job({**PARTS, **changed}, str(tmp_path)).opened(DAY):
        pass
    expected = [
        "resume: a training was interrupted here, but not this one, which starts anew. What has "
        "changed:",
        '  module: "taxi 1234", now "taxi 9999"',
        '  inputs: examples: "/e/1", now "/e/2"',
        "  settings: batch_size: 32, now 64",
        "  settings: seed: not set, now 3",
    ]
    assert ["\n".join(expected)] == own_messages(caplog)
    assert left.exists()


def test_where_only_inputs_changed_the_cache_is_named(tmp_path, caplog):
    """Upstream components that ran again for nothing are the likely reason."""
    leave(tmp_path)
    with Job({**PARTS, "inputs": {"examples": "/e/2"}}, str(tmp_path)).opened(DAY):
        pass
    (message,) = own_messages(caplog)
    assert "set Pipeline(enable_cache=True): then they give the same ones." in message


@pytest.mark.parametrize("other", [{"node": "Trainer.second"}, {"key": "a"}])
def test_another_training_is_not_compared(other, tmp_path, caplog):
    """One directory may hold those of several nodes."""
    leave(tmp_path, **other)
    with Job(PARTS, str(tmp_path)).opened(DAY):
        pass
    assert [] == own_messages(caplog)


def test_abandoned_ones_are_cleaned_by_their_age(tmp_path, caplog):
    """Nothing else in the directory is touched, nor one that another process holds."""
    caplog.set_level("INFO")
    old, young, held = (leave(tmp_path, module=name) for name in ("old", "young", "held"))
    (tmp_path / "notes.txt").write_text("the user's")
    (tmp_path / ("0" * 16)).mkdir()
    for path in (*old.rglob("*"), *held.rglob("*")):
        os.utime(path, (time.time() - 3 * DAY, time.time() - 3 * DAY))
    with locked(str(held)), Job(PARTS, str(tmp_path)).opened(2 * DAY):
        for path in held.rglob("*"):
            assert path.exists()
    assert [False, True, True] == [path.exists() for path in (old, young, held)]
    assert "the user's" == (tmp_path / "notes.txt").read_text()
    assert (tmp_path / ("0" * 16)).is_dir()
    assert re.search(rf"{old}, a training that was left on [\d-]+, is deleted", caplog.text)
    assert f"{young} holds a training that was left on " in caplog.text


HOLDER = """
import sys, time
from fit_component.training.resume.lock import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_run_is_told_who_trains(warm_python, tmp_path):
    """And can go on as soon as that one is dead, however it died."""
    job = Job(PARTS, str(tmp_path))
    Path(job.directory).mkdir()
    reads, writes = os.pipe()
    with open(reads) as output, open(writes, "w") as file:
        holder = warm_python.start("-c", HOLDER, job.directory, stdout=file, stderr=file)
        try:
            assert "held\n" == output.readline()
            with pytest.raises(FitArgsError) as refused, job.opened(DAY):
                pass
        finally:
            holder.kill()
    (problem,) = refused.value.problems
    assert "resume" == problem.path
    assert f"another run trains this already: process {holder.pid} on " in problem.message
    with job.opened(DAY):
        pass


def test_a_place_that_cannot_be_written_to_is_an_error(tmp_path):
    """Before anything is trained."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FitArgsError) as refused, Job(PARTS, str(tmp_path / "file")).opened(DAY):
        pass
    (problem,) = refused.value.problems
    assert ("resume.directory", str(tmp_path / "file")) == (problem.path, problem.value)
    assert "cannot be written to: " in problem.message


def test_a_job_elsewhere_is_held_cleaned_and_deleted(tmp_path, caplog):
    """In any file system of TensorFlow's."""
    root = f"ram://{tmp_path.name}/jobs"
    old = Job({**PARTS, "module": "old"}, root)
    with contextlib.suppress(Failed), old.opened(DAY):
        files.write_text(f"{old.directory}/snapshot", "state")
        raise Failed
    job = Job(PARTS, root)
    with contextlib.suppress(Failed), job.opened(DAY, clock=lambda: time.time() + 2 * DAY):
        assert b"process" in files.read(f"{job.directory}/lock")
        raise Failed
    assert [Path(job.directory).name] == files.names_in(root)
    assert ["job.json"] == files.names_in(job.directory)
    assert 2 == len(own_messages(caplog))
    with job.opened(DAY):
        pass
    assert [] == files.names_in(root)


def test_a_disk_that_is_full_from_the_beginning_is_an_error(tmp_path, monkeypatch):
    """Nothing could be saved there; an earlier state stays."""
    left = leave(tmp_path)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FitArgsError, match=r"resume\.directory .* No space left on device"):
        Job(PARTS, str(tmp_path)).opened(DAY).__enter__()
    assert "state" == (left / "snapshot").read_text()


@pytest.fixture
def remote(tmp_path):
    """A directory in another file system of TensorFlow's."""
    directory = f"ram://{tmp_path.name}/locks"
    tf.io.gfile.makedirs(directory)
    return directory


def test_a_lock_elsewhere_is_renewed_and_respected(remote):
    """Who sees it change leaves it alone."""
    with locked(remote, renewed_after=0.01):
        second = locked(remote, renewed_after=0.05)
        with pytest.raises(HeldError, match="process"):
            second.__enter__()
    assert [] == files.names_in(remote)


def test_a_lock_elsewhere_that_nobody_renews_is_taken_over(remote, caplog):
    """After a while; who left it is told at once."""
    files.write_text(f"{remote}/lock", "process 1 on another, at work at noon")
    waited = []
    with locked(remote, wait=waited.append):
        assert b"on another" not in files.read(f"{remote}/lock")
    assert 30 <= sum(waited) <= 60
    assert "was left by process 1 on another" in caplog.text


def test_what_callbacks_write_is_kept_and_put_back(tmp_path):
    """What changed, what grew, what was deleted; but not what is left out."""
    source, copies = tmp_path / "model_run", str(tmp_path / "copies")
    (source / "train").mkdir(parents=True)
    (source / "fit").mkdir()
    kept = KeptFiles(str(source), copies, "fit")
    (source / "fit" / "summary.json").write_text("{}")
    (source / "train" / "events.out.tfevents.1").write_bytes(b"ab")
    (source / "best.keras").write_text("first")
    (source / "gone").write_text("soon")
    kept.keep()
    (source / "train" / "events.out.tfevents.1").write_bytes(b"abcd")
    (source / "best.keras").write_text("second")
    (source / "gone").unlink()
    kept.keep()
    other = tmp_path / "other"
    other.mkdir()
    (other / "best.keras").write_text("its own")
    KeptFiles(str(other), copies, "fit").put_back()
    found = {str(p.relative_to(other)): p.read_text() for p in other.rglob("*") if p.is_file()}
    assert {"best.keras": "its own", "train/events.out.tfevents.1": "abcd"} == found
    (other / "best.keras").unlink()
    KeptFiles(str(other), copies, "fit").put_back()
    assert "second" == (other / "best.keras").read_text()


def test_half_a_copy_is_not_put_back(tmp_path, monkeypatch):
    """As a process leaves it that is killed while it copies; what was kept before is there."""
    source, copies, other = tmp_path / "model_run", str(tmp_path / "copies"), tmp_path / "other"
    source.mkdir()
    kept = KeptFiles(str(source), copies, "fit")
    (source / "best.keras").write_text("first")
    kept.keep()

    def killed(*_, **__):
        raise Failed

    (source / "best.keras").write_text("second, longer")
    with monkeypatch.context() as patch:
        patch.setattr(tf.io.gfile, "rename", killed)
        with pytest.raises(Failed):
            kept.keep()
    KeptFiles(str(other), copies, "fit").put_back()
    assert {"best.keras": "first"} == {path.name: path.read_text() for path in other.iterdir()}


def test_what_an_earlier_try_left_in_the_same_place_is_put_back_too(tmp_path):
    """It may be half of a file; what this run has written stays."""
    source, copies = tmp_path / "model_run", str(tmp_path / "copies")
    source.mkdir()
    for name in ("best.keras", "mine"):
        (source / name).write_text("whole")
    KeptFiles(str(source), copies, "fit").keep()
    (source / "best.keras").write_text("wh")
    os.utime(source / "best.keras", (time.time() - 60, time.time() - 60))
    again = KeptFiles(str(source), copies, "fit", clock=lambda: time.time() - 30)
    (source / "mine").write_text("new")
    again.put_back()
    assert ["whole", "new"] == [(source / n).read_text() for n in ("best.keras", "mine")]


def test_a_lease_that_is_renewed_while_another_file_is_written_keeps_both(remote):
    """Each is written under a name of its own until it is whole."""
    with locked(remote, renewed_after=0.001):
        for number in range(200):
            files.write_text(f"{remote}/job.json", str(number))
            assert str(number).encode() == files.read(f"{remote}/job.json")
    assert ["job.json"] == files.names_in(remote)
