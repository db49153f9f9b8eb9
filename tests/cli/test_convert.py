# SPDX-License-Identifier: Apache-2.0
"""`fit-component convert`: settings into a file of another format."""

import os

import pytest
from command_line import run

from fit_component import load_fit_args


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    """A file of settings in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fit.yaml").write_text("# How long.\nepochs: 10\nmax_time: 90m\n")
    return tmp_path


@pytest.mark.parametrize("target", ["fit.json", "fit.textproto", "fit.pbtxt", "other.yml"])
def test_the_suffixes_tell_the_formats(target):
    """The target holds the same settings."""
    assert (0, f"{target}: written\n", "") == run("convert", "fit.yaml", target)
    assert load_fit_args("fit.yaml") == load_fit_args(target)


def test_overrides_are_written():
    """As if the source had them."""
    run("convert", "fit.yaml", "fit.json", "--set", "epochs=3")
    assert load_fit_args("fit.yaml", overrides=["epochs=3"]) == load_fit_args("fit.json")


def test_what_is_there_is_not_overwritten(directory):
    """Unless the user says so."""
    (directory / "fit.json").write_text("precious")
    expected = "Error: fit.json is there already; give --force to overwrite it\n"
    assert (1, "", expected) == run("convert", "fit.yaml", "fit.json")
    assert "precious" == (directory / "fit.json").read_text()
    assert 0 == run("convert", "fit.yaml", "fit.json", "--force").exit_code
    assert load_fit_args("fit.yaml") == load_fit_args("fit.json")


def test_a_link_that_leads_nowhere_is_there_too(directory):
    """It may be somebody's."""
    (directory / "fit.json").symlink_to("nowhere.json")
    assert 1 == run("convert", "fit.yaml", "fit.json").exit_code


def test_wrong_settings_are_not_written(directory):
    """They are told."""
    code, _, err = run("convert", "fit.yaml", "fit.json", "--set", "epochs=0")
    assert (1, "fit.yaml: 1 problem\n  epochs = 0: must be 1 or more\n") == (code, err)
    assert ["fit.yaml"] == os.listdir(directory)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("fit.toml", "fit.toml: 1 problem\n  the suffix '.toml' names no format"),
        ("fit.yaml/fit.json", "Error: fit.yaml/fit.json: "),
        ("folder.json", "Error: folder.json: Is a directory\n"),
        (f"{'x' * 300}.json", f"Error: {'x' * 300}.json: File name too long\n"),
    ],
)
def test_what_cannot_be_written_is_told(directory, target, told):
    """And nothing is left behind."""
    (directory / "folder.json").mkdir()
    code, _, err = run("convert", "fit.yaml", target, "--force")
    assert (1, True) == (code, err.startswith(told)), err
    assert ["fit.yaml", "folder.json"] == sorted(os.listdir(directory))


def test_a_file_is_whole_or_as_it_was(directory, monkeypatch):
    """Also where the disk is full."""
    (directory / "fit.json").write_text("as it was")

    def write_half(path, content):
        with open(path, "wb") as file:
            file.write(content[:5])
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("pathlib.Path.write_bytes", write_half)
    code, _, err = run("convert", "fit.yaml", "fit.json", "--force")
    assert (1, "Error: fit.json: No space left on device\n") == (code, err)
    assert ["fit.json", "fit.yaml"] == sorted(os.listdir(directory))
    assert "as it was" == (directory / "fit.json").read_text()


def test_help_says_that_comments_are_lost():
    """Before somebody loses them."""
    assert "Comments of SOURCE are lost" in " ".join(run("convert", "--help").out.split())
