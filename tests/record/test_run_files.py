# SPDX-License-Identifier: Apache-2.0
"""summary.json and history.csv, whatever is in them."""

import json

import pytest

from fit_component.record import DIRECTORY, Epoch, FitRecord, RunRecord, read_run, run_files

NAMES = ["</script>", "a,b", 'a"b', "a\nb", "a\rb", "a\0b", "=1+1", "\u2028", "größe", "__proto__"]


def run(name, **fields):
    """A run of which all texts are the same."""
    fit = FitRecord(
        number=1,
        keras=name,
        called_from=name,
        arguments={name: name},
        strategy=name,
        replicas=1,
        batch_size=None,
        stop_reason=name,
        seconds=1.0,
        epochs=(Epoch(0, 1.0, metrics={name: 0.5, "loss": 1.0}),),
    )
    return RunRecord("failed", name, 1.0, {name: name}, {name: name}, (fit,), name)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_what_is_written_is_read_again(tmp_path, name):
    """Of a metric's name, what CSV does not hold in all Pythons is escaped."""
    (tmp_path / DIRECTORY).mkdir()
    for file, content in run_files(run(name)).items():
        (tmp_path / DIRECTORY / file).write_text(content, encoding="utf-8", newline="")
    read = read_run(tmp_path)
    metric = name.replace("\r", r"\r").replace("\0", r"\x00")
    assert {metric: 0.5, "loss": 1.0} == read.fits[0].epochs[0].metrics
    assert (name, {name: name}) == (read.error, read.fits[0].arguments)


def test_half_a_surrogate_pair_can_be_written():
    """As in the names of files that errors tell."""
    files = run_files(run("\udcff"))
    assert all(content.encode() for content in files.values())
    assert "\udcff" == json.loads(files["summary.json"])["error"]


def test_a_record_from_before_interruptions_were_told_is_read(tmp_path):
    """There, nothing had been interrupted."""
    (tmp_path / DIRECTORY).mkdir()
    files = run_files(run("older"))
    summary = json.loads(files["summary.json"])
    assert summary["fits"][0].pop("resumed_from") is None
    (tmp_path / DIRECTORY / "summary.json").write_text(json.dumps(summary))
    assert read_run(tmp_path).fits[0].resumed_from is None
