# SPDX-License-Identifier: Apache-2.0
"""The command as a process: what it imports, how it ends, and what it says of wrong use."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from command_line import run

ROOT = Path(__file__).parents[2]
PENGUIN = ROOT / "examples" / "penguin" / "fit.yaml"
COMMAND = Path(sys.executable).with_name("fit-component")
COMMANDS = ["check", "show", "convert", "schema", "init", "runs", "diff", "report"]
HEAVY = {"jinja2", "keras", "ml_metadata", "numpy", "pandas", "plotly", "rich", "tensorflow", "tfx"}

# Runs the command, then writes what was imported to the file named first.
RECORDER = """
import json, pathlib, sys
record, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = "fit-component"
from fit_component.cli import main
try:
    main()
finally:
    pathlib.Path(record).write_text(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture
def imported(tmp_path):
    """Runs the command in a process of its own; returns what it imported, and its output."""

    def record(*arguments, **variables):
        path = tmp_path / "modules.json"
        command = [sys.executable, "-c", RECORDER, path, *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return set(json.loads(path.read_text())), done.stdout

    return record


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]])
def test_the_group_imports_no_command(imported, arguments):
    """Nor what they need: help is there at once."""
    modules, _ = imported(*arguments)
    commands = {f"fit_component.cli.{name}" for name in COMMANDS}
    assert set() == modules & (
        commands | HEAVY | {"yaml", "google.protobuf", "fit_component.proto"}
    )
    assert "fit_component.cli.main" in modules


def test_completion_of_commands_imports_none(imported):
    """It runs at each press of the key."""
    modules, out = imported(
        _FIT_COMPONENT_COMPLETE="bash_complete", COMP_WORDS="fit-component ", COMP_CWORD="1"
    )
    assert [f"plain,{name}" for name in COMMANDS] == out.split()
    assert set() == modules & ({f"fit_component.cli.{name}" for name in COMMANDS} | HEAVY)


def test_completion_within_a_command_imports_that_alone(imported):
    """Which has the options."""
    modules, out = imported(
        _FIT_COMPONENT_COMPLETE="bash_complete",
        COMP_WORDS="fit-component show --res",
        COMP_CWORD="2",
    )
    commands = {f"fit_component.cli.{name}" for name in COMMANDS}
    assert "plain,--resolved\n" == out
    assert {"fit_component.cli.show"} == modules & commands
    assert set() == modules & HEAVY


@pytest.mark.parametrize("arguments", [["check"], ["check", "--json"], ["show", "--resolved"]])
def test_what_must_be_quick_imports_nothing_heavy(imported, arguments):
    """check and show answer in under half a second."""
    modules, out = imported(*arguments, PENGUIN)
    assert "" != out
    assert set() == modules & HEAVY


def test_help_lists_the_commands():
    """Each with a line of what it does, and the exit codes."""
    code, out, _ = run("--help")
    _, _, listed = out.partition("Commands:\n")
    assert (0, COMMANDS) == (code, [line.split()[0] for line in listed.splitlines()])
    assert "Exit codes: 0 good, 1 problems in the input, 2 wrong use." in out


@pytest.mark.parametrize("name", ["check", "show", "convert", "schema", "init"])
def test_each_command_says_what_the_list_says(name):
    """Its own help begins with the line of the list."""
    out = run("--help").out
    (line,) = [line for line in out.splitlines() if line.startswith(f"  {name} ")]
    assert line.split(maxsplit=1)[1] in run(name, "--help").out
    assert run(name, "--help") == run(name, "-h")


def test_the_version_is_that_of_the_package():
    """As it is installed."""
    assert f"fit-component, version {version('fit-component')}\n" == run("--version").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["chek"], "No such command 'chek'."),
        (["check", "--sett", "a=1"], "No such option"),
        (["show"], "Missing argument 'FILE'."),
        (["convert", "a.yaml"], "Missing argument 'TARGET'."),
        (["schema", "more"], "Got unexpected extra argument (more)"),
        (["init", PENGUIN], "is a file."),
    ],
)
def test_wrong_use_ends_with_2(arguments, told):
    """And says what is wrong, on stderr."""
    code, out, err = run(*arguments)
    assert (2, "") == (code, out)
    assert told in err


@pytest.mark.parametrize("arguments", [["schema"], ["show", PENGUIN], ["check", "--json", PENGUIN]])
def test_a_reader_that_goes_away_is_no_error_to_tell(arguments):
    """As in `fit-component schema | head -1`."""
    process = subprocess.Popen(
        [COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    process.stdout.close()
    assert "" == process.stderr.read()
    process.stderr.close()
    assert 1 == process.wait()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, which Linux has")
@pytest.mark.parametrize("arguments", [["schema"], ["show", PENGUIN], ["check", PENGUIN]])
def test_a_full_disk_is_told_in_one_line(arguments):
    """Without a traceback, also at the end of Python, which writes what is left in a buffer."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [COMMAND, *arguments],
            env=buffered,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (1, "Error: No space left on device\n") == (done.returncode, done.stderr)


def test_a_process_ends_as_the_group_says(tmp_path):
    """The script that is installed is this command."""
    (tmp_path / "fit.yaml").write_text("epochs: 0\n")
    for name, code in [(PENGUIN, 0), (tmp_path / "fit.yaml", 1)]:
        done = subprocess.run([COMMAND, "check", name], capture_output=True, check=False)
        assert code == done.returncode
