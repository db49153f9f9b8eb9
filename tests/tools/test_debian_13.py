# SPDX-License-Identifier: Apache-2.0
"""The Debian 13 that CI and users of the Dockerfile run newer releases of TFX in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from environment import ENVIRONMENT

ROOT = Path(__file__).parents[2]
CI = ROOT / ".ci" / "debian-13"
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_the_image_and_ci_start_from_the_same_debian():
    """By its code name."""
    (image,) = re.findall(r"^FROM debian:(\w+)$", DOCKERFILE, flags=re.MULTILINE)
    (bootstrapped,) = re.findall(r"^suite=(\w+)$", CI.read_text(), flags=re.MULTILINE)
    assert image == bootstrapped


@pytest.mark.parametrize(
    "path", [ROOT / "Dockerfile", ROOT / ".ci" / "run", CI], ids=lambda it: it.name
)
def test_one_script_installs_the_packages(path):
    """What CI found to be enough is what the image has."""
    text = path.read_text()
    call = r"^(RUN|step .*|    inside .*) (tools/)?system_packages\.sh( tests)?$"
    assert re.search(call, text, re.M)
    assert ["debootstrap"] * (path == CI) == re.findall(r"apt-get install (?:-\S+ )*(\w+)", text)


def patterns(name: str) -> set[str]:
    """What a file such as .gitignore lists, wherever it may lie."""
    lines = re.findall(r"^[^#\n].*$", (ROOT / name).read_text(), flags=re.MULTILINE)
    return {line.removeprefix("**/").strip("/") for line in lines}


def test_the_image_takes_nothing_that_git_ignores():
    """Neither environments, which do not run there, nor caches."""
    assert ".venv*" in patterns(".gitignore")
    assert set() == patterns(".gitignore") - patterns(".dockerignore")


@pytest.fixture
def refusal(tmp_path):
    """Runs CI's script where no root can be entered; returns its one line."""
    for name, line in {"id": 'echo "$TEST_USER"', "unshare": "exit 1"}.items():
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / "bin" / name).chmod(0o755)

    def run(user: int, kept: Path) -> str:
        path = f"{tmp_path / 'bin'}:{ENVIRONMENT['PATH']}"
        variables = {"PATH": path, "TEST_USER": str(user), "FIT_COMPONENT_ROOT": str(kept)}
        done = subprocess.run(
            [CI], env=ENVIRONMENT | variables, capture_output=True, text=True, check=False
        )
        assert (2, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
        return done.stderr

    return run


def test_who_is_not_root_is_told(refusal, tmp_path):
    """In one line, before anything is made."""
    assert refusal(1000, tmp_path / "kept").endswith(": run this as root.\n")
    assert not (tmp_path / "kept").exists()


def test_where_nothing_can_be_mounted_it_is_told(refusal, tmp_path):
    """As in a container without the right to."""
    assert "mount /proc and /dev, which is not allowed here" in refusal(0, tmp_path / "kept")


def test_a_directory_of_the_users_is_not_replaced(refusal, tmp_path):
    """Only what bears the mark of having been made here."""
    assert f"found {tmp_path}, which is not theirs to replace" in refusal(0, tmp_path)
