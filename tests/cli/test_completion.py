# SPDX-License-Identifier: Apache-2.0
"""Completion in a shell, by click's own scripts."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
BASH = shutil.which("bash")
# Far more than it takes; a shell that waits for something fails the test.
PATIENCE = 120


class Bash:
    """An interactive bash in a terminal, which has the command on its path."""

    def __init__(self, directory):
        self._terminal, inner = pty.openpty()
        variables = {"PATH": f"{BIN}:{os.environ['PATH']}", "TERM": "dumb", "INPUTRC": os.devnull}
        self._process = subprocess.Popen(
            [BASH, "--norc", "--noprofile", "-i"],
            cwd=directory,
            env=os.environ | variables,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)

    def enter(self, keys):
        """Types keys and Enter; returns what is shown until they have been obeyed."""
        # What is shown of the keys is not yet what they print.
        os.write(self._terminal, f"{keys}; printf '%s%s\\n' do ne\n".encode())
        shown = ""
        while "done\r\n" not in shown:
            readable, _, _ = select.select([self._terminal], [], [], PATIENCE)
            assert readable, f"nothing more after: {shown}"
            shown += os.read(self._terminal, 65536).decode()
        return shown

    def words(self, keys):
        """Types keys; returns the words in the line, after what completion makes of them."""
        to_start, to_end = "\x01", "\x05"
        shown = self.enter(f"{keys}{to_start}printf '<%s>\\n' {to_end}")
        return re.findall(r"^<(.*)>\r$", shown, flags=re.MULTILINE)

    def close(self):
        """Ends it."""
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)


@pytest.fixture
def bash(tmp_path):
    """A bash with completion switched on, in a directory with a file."""
    (tmp_path / "penguin.yaml").write_text("epochs: 3\n")
    shell = Bash(tmp_path)
    shell.enter('eval "$(_FIT_COMPONENT_COMPLETE=bash_source fit-component)"')
    yield shell
    shell.close()


@pytest.mark.skipif(BASH is None, reason="no bash")
def test_bash_completes_commands_options_and_files(bash):
    """As the user presses the key."""
    assert ["fit-component", "convert"] == bash.words("fit-component con\t")
    assert ["fit-component", "show", "--resolved"] == bash.words("fit-component show --res\t")
    expected = ["fit-component", "show", "--format", "textproto"]
    assert expected == bash.words("fit-component show --format te\t")
    assert ["fit-component", "check", "penguin.yaml"] == bash.words("fit-component check pen\t")


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash", "complete -o nosort -F _fit_component_completion fit-component"),
        ("zsh", "#compdef fit-component"),
        ("fish", "complete --no-files --command fit-component"),
    ],
)
def test_the_script_is_there_for_each_shell(shell, expected):
    """By the variable that click reads."""
    done = subprocess.run(
        [BIN / "fit-component"],
        env=os.environ | {"_FIT_COMPONENT_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected in done.stdout


def test_commands_come_with_what_they_do():
    """Where the shell shows that."""
    variables = {
        "_FIT_COMPONENT_COMPLETE": "fish_complete",
        "COMP_WORDS": "fit-component",
        "COMP_CWORD": "s",
    }
    done = subprocess.run(
        [BIN / "fit-component"],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [
        "plain,show\tShow settings in one of their formats.",
        "plain,schema\tPrint the JSON Schema of settings, for editors.",
    ] == done.stdout.splitlines()
