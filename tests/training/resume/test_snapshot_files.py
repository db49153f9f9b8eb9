# SPDX-License-Identifier: Apache-2.0
"""Snapshots as files: whole or not there, two generations, damage found and survived."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import os
import zipfile

import numpy as np
import pytest
import tensorflow as tf
from own_logs import own_messages

from fit_component.training.resume import files
from fit_component.training.resume.snapshot import DamagedError, Snapshot
from fit_component.training.resume.snapshot_files import SnapshotFiles
from fit_component.training.resume.values import Arrays, decode, encode

VALUES = [
    None,
    True,
    2**70,
    -0.0,
    math.inf,
    "é\0\n",
    [1, (2.5, [None])],
    {"a": {1: ("b", {})}, (1, "c"): []},
    np.float32(0.1),
    np.int64(3),
    np.arange(6, dtype=np.uint8).reshape(2, 3),
    np.zeros((0, 4), np.float64),
    np.array(True),
    np.array([np.nan, -np.inf], np.float16),
    np.array([1.5, -2.25], tf.bfloat16.as_numpy_dtype),
]


def snapshot(epoch=1, executions=None, is_complete=False, weight=0.5):
    """A small one."""
    return Snapshot(
        keras="keras 3",
        saved="2026-01-31T12:00:00Z",
        epochs=9,
        epoch=epoch,
        executions=executions,
        batches=executions or 0,
        is_complete=is_complete,
        is_stopped=False,
        stopped_by=None,
        model={"model": [[np.full((3, 2), weight, np.float32)]]},
        random={"python": (3, (1, 2), None)},
        history={"epoch": [0], "history": {"loss": [0.25]}},
        callbacks={"EarlyStopping": {"wait": 1}},
        data=[],
    )


@pytest.fixture(params=["local", "ram"])
def directory(request, tmp_path):
    """A place on this machine, and one in another file system of TensorFlow's."""
    if request.param == "local":
        return str(tmp_path / "snapshots")
    return f"ram://{tmp_path.name}/snapshots"


def epochs(directory):
    """The epochs of what is there, and its names that end otherwise."""
    names = tf.io.gfile.listdir(directory)
    return sorted(name.split("-")[0].lstrip("0") for name in names)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_come_back_as_they_were(value):
    """With their types, and of numbers every bit."""
    arrays = Arrays()
    arrays.add(np.zeros(3, np.uint8))  # so that others begin where they are not aligned
    tree = json.loads(json.dumps(encode(value, arrays)))
    back = decode(tree, b"".join(part.tobytes() for part in arrays.parts))
    assert type(value) is type(back)
    if isinstance(value, (np.ndarray, np.generic)):
        assert (value.dtype, value.shape) == (back.dtype, back.shape)
        assert value.tobytes() == back.tobytes()
    else:
        assert repr(value) == repr(back)


@pytest.mark.parametrize("value", [{1}, object(), np.array(["a", None]), b"x", [lambda: 0]])
def test_what_could_run_code_when_read_is_not_saved(value):
    """Nor what would come back as something else."""
    with pytest.raises(TypeError, match="cannot be saved"):
        encode(value, Arrays())


def test_a_snapshot_comes_back(directory):
    """With all its fields."""
    saved = SnapshotFiles(directory)
    saved.save(snapshot(executions=4))
    back = SnapshotFiles(directory).newest()
    assert repr(snapshot(executions=4)) == repr(back)
    assert SnapshotFiles(directory).complete() is None


def test_two_generations_are_kept(directory):
    """Older ones go when the newest is on the disk; that of the end stays by itself."""
    saved = SnapshotFiles(directory)
    for epoch in range(1, 5):
        saved.save(snapshot(epoch))
    assert ["3", "4"] == epochs(directory)
    saved.save(snapshot(9, is_complete=True))
    assert ["3", "4", "complete"] == epochs(directory)
    assert 9 == SnapshotFiles(directory).complete().epoch
    assert 4 == SnapshotFiles(directory).newest().epoch


def damage(path, how):
    """Damages a file in place."""
    content = bytearray(path.read_bytes())
    if how == "a bit":
        content[len(content) // 2] ^= 1
    path.write_bytes(
        {"a bit": content, "truncated": content[:-7], "empty": b"", "longer": content + b"\0"}[how]
    )


@pytest.mark.parametrize("how", ["a bit", "truncated", "empty", "longer"])
def test_a_damaged_one_falls_back_to_the_one_before(how, tmp_path, caplog):
    """With a warning; and the good one is not deleted before there is a newer good one."""
    saved = SnapshotFiles(str(tmp_path))
    saved.save(snapshot(1))
    saved.save(snapshot(2))
    (newest,) = tmp_path.glob("00000002-*")
    damage(newest, how)
    again = SnapshotFiles(str(tmp_path))
    assert 1 == again.newest().epoch
    assert f"{newest} is damaged: its " in own_messages(caplog)[0]
    assert "The one before it is taken, if any." in own_messages(caplog)[0]
    again.save(snapshot(2, weight=0.75))
    assert ["1", "2"] == epochs(str(tmp_path))
    assert 0.75 == SnapshotFiles(str(tmp_path)).newest().model["model"][0][0][0, 0]


def test_where_all_are_damaged_there_is_none(tmp_path, caplog):
    """Each is told."""
    saved = SnapshotFiles(str(tmp_path))
    for epoch in (1, 2):
        saved.save(snapshot(epoch))
    for path in tmp_path.iterdir():
        damage(path, "truncated")
    assert SnapshotFiles(str(tmp_path)).newest() is None
    assert 2 == len(own_messages(caplog))


def test_what_a_killed_process_left_is_not_read(tmp_path):
    """Nor in the way of what is saved next."""
    (tmp_path / "new.tmp").write_bytes(b"half a snap")
    assert SnapshotFiles(str(tmp_path)).newest() is None
    SnapshotFiles(str(tmp_path)).save(snapshot(1))
    assert ["1"] == epochs(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"PK", b"\0" * 100])
def test_bytes_that_are_no_snapshot_are_refused(content):
    """Whatever their checksum says."""
    with pytest.raises(DamagedError, match="cannot be read"):
        Snapshot.read(io.BytesIO(content))


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"format": 99}, "is of another format"),
        ({"format": 1, "keras": "keras 3"}, "cannot be read"),
        ({"format": 1, "keras": {"pickle": []}}, "cannot be read"),
        ({"format": 1, "keras": {"array": [8, "float32", [3]]}}, "cannot be read"),
        ([], "cannot be read"),
    ],
)
def test_an_archive_of_something_else_is_refused(meta, message):
    """Such as one that another release of this package wrote."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("state.json", json.dumps(meta))
        archive.writestr("arrays", b"12345678")
    with pytest.raises(DamagedError, match=message):
        Snapshot.read(file)


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    """The state holds something that cannot be saved, or the disk takes no more."""
    saved = SnapshotFiles(str(tmp_path))
    saved.save(snapshot(1))
    wrong = dataclasses.replace(snapshot(2), callbacks={"Own": {1}})
    with pytest.raises(TypeError, match="set cannot be saved"):
        saved.save(wrong)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        saved.save(snapshot(2))
    assert ["1"] == epochs(str(tmp_path))


def test_a_text_is_written_as_a_whole(directory):
    """And read again."""
    path = os.path.join(directory, "text")
    files.write_text(path, "é")
    files.write_text(path, "other")
    assert b"other" == files.read(path)
    assert ["text"] == files.names_in(directory)
    assert [] == files.names_in(os.path.join(directory, "absent"))
    files.remove(directory)
    assert [] == files.names_in(directory)
