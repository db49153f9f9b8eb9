# SPDX-License-Identifier: Apache-2.0
"""`fit-component check`: all problems of all files, in the words of FitArgsError."""

import json

import click
import pytest
from command_line import run

from fit_component import FitArgsError, load_fit_args

WRONG = """\
initial_epoch: 5
batchsize: 256
seed: "1"
max_time: .nan
callbacks:
- early_stopping: {monitor: val_auc, patience: 3}
"""


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """A good and a wrong file in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    (tmp_path / "good.yaml").write_text("epochs: 10\n")
    (tmp_path / "wrong.yaml").write_text(WRONG)
    return tmp_path


def words(path, **options):
    """The words of the error that loading a file raises."""
    with pytest.raises(FitArgsError) as caught:
        load_fit_args(path, **options)
    return str(caught.value)


def test_good_files_are_said_to_be_good():
    """One line for each, and exit code 0."""
    assert (0, "good.yaml: good\n", "") == run("check", "good.yaml")


def test_all_problems_of_all_files_are_told():
    """In the words of load_fit_args, on stderr; the exit code is 1."""
    expected = f"{words('wrong.yaml')}\nno.yaml: 1 problem\n  cannot be read: No such file or "
    assert (1, "good.yaml: good\n", f"{expected}directory\n") == run(
        "check", "wrong.yaml", "good.yaml", "no.yaml"
    )


def test_what_is_piped_has_no_line_broken_or_cut(files):
    """However long it is, and without colours."""
    (files / "long.yaml").write_text(f"splits: {{{'x' * 300}: 1}}\n")
    told = run("check", "long.yaml").err
    assert f"{words('long.yaml')}\n" == told


def test_a_terminal_shows_the_same_words_in_colours():
    """The headline and the paths stand out."""
    told = run("check", "wrong.yaml", is_terminal=True).err
    assert f"{words('wrong.yaml')}\n" == click.unstyle(told)
    assert click.style("batchsize", fg="cyan") + " = 256: FitArgs has no such field" in told
    assert click.style("wrong.yaml: 5 problems", fg="red", bold=True) in told


def test_who_wants_no_colours_gets_none(monkeypatch):
    """NO_COLOR says so."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert f"{words('wrong.yaml')}\n" == run("check", "wrong.yaml", is_terminal=True).err


def test_overrides_come_before_the_checks():
    """They can repair a file, and break one."""
    assert 0 == run("check", "good.yaml", "--set", "epochs=3", "--set", "seed=1").exit_code
    broken = run("check", "good.yaml", "--set", "epochs=0")
    assert (1, f"{words('good.yaml', overrides=['epochs=0'])}\n") == (broken.exit_code, broken.err)


def test_json_has_path_value_and_message():
    """Of each file; what is not set has no value, and what JSON has no word for is text."""
    code, out, err = run("check", "good.yaml", "wrong.yaml", "no.yaml", "--json")
    good, wrong, absent = json.loads(out)
    assert (1, "") == (code, err)
    assert {"file": "good.yaml", "problems": []} == good
    assert "wrong.yaml" == wrong["file"]
    with pytest.raises(FitArgsError) as caught:
        load_fit_args("wrong.yaml")
    expected = [(problem.path, problem.message) for problem in caught.value.problems]
    assert expected == [(problem["path"], problem["message"]) for problem in wrong["problems"]]
    values = {problem["path"]: problem["value"] for problem in wrong["problems"]}
    assert (256, "1", "nan") == (values["batchsize"], values["seed"], values["max_time"])
    (problem,) = absent["problems"]
    assert {"path": "", "message": "cannot be read: No such file or directory"} == problem


def test_json_of_good_files_ends_well():
    """With exit code 0."""
    assert 0 == run("check", "good.yaml", "--json").exit_code


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"epochs: \xff", "is not UTF-8 text, from byte 8 on"),
        (b"epochs: [", "line 1, column 10: expected the node content, but found '<stream end>'"),
        (b"[" * 3000, "is nested too deeply for settings"),
        (b"epochs: [1]", "epochs = [1]: must be an integer"),
        (b'splits: ["\\ud800"]', 'splits[0] = "\\ud800": must be text that UTF-8 can hold'),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_whatever_stands_in_a_file_is_told(files, content, told, options):
    """Without a traceback."""
    (files / "odd.yaml").write_bytes(content)
    code, out, err = run("check", "odd.yaml", *options)
    assert 1 == code
    if options:
        (problem,) = json.loads(out)[0]["problems"]
        assert problem["message"] in told
    else:
        assert told in err


def test_what_cannot_be_read_is_told(files):
    """A directory, a path with a file in its middle, a suffix that names no format."""
    (files / "folder.yaml").mkdir()
    (files / "endless.yaml").symlink_to("endless.yaml")
    for name, told in [
        ("folder.yaml", "cannot be read: Is a directory"),
        ("good.yaml/fit.yaml", "cannot be read: Not a directory"),
        ("endless.yaml", "cannot be read: Too many levels of symbolic links"),
        ("good.toml", "the suffix '.toml' names no format; allowed: .textproto, "),
    ]:
        code, _, err = run("check", name)
        assert (1, True) == (code, err.startswith(f"{name}: 1 problem\n  {told}")), err


def test_names_that_the_terminal_has_no_letters_for_are_escaped(files):
    """Instead of an error."""
    (files / "größe.yaml").write_text("epochs: 3\n")
    assert (0, "gr\\xf6\\xdfe.yaml: good\n", "") == run("check", "größe.yaml", encoding="ascii")


def test_no_file_is_wrong_use():
    """Exit code 2, with the usage."""
    code, _, err = run("check")
    assert (2, True) == (code, "Missing argument 'FILE...'" in err)


def test_credentials_are_in_no_output(files):
    """Neither in words nor in JSON: logs of CI keep both."""
    kwargs = "{api_key: hunter2, a: [{token: hunter2}]}"
    (files / "secret.yaml").write_text(
        f"callbacks: [{{custom: {{kwargs: {kwargs}, x: {kwargs}}}}}]"
    )
    for options in ((), ("--json",)):
        result = run("check", "secret.yaml", *options)
        assert 1 == result.exit_code
        assert "***" in result.out + result.err
        assert "hunter2" not in result.out + result.err
