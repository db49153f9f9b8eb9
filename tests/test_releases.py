# SPDX-License-Identifier: Apache-2.0
"""What is supported together, and what a person reads where it is not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import choose_release
import pytest
from environment import ENVIRONMENT

from fit_component.releases import RELEASES, check_supported

ROOT = Path(__file__).parents[1]
TFX_1_16 = {"tfx": "1.16.0", "protobuf": "4.25.9", "keras": "3.9.2"}
TFX_1_17 = {"tfx": "1.17.3", "protobuf": "4.23.4", "keras": "3.9.2"}
TFX_1_21 = {"tfx": "1.21.0", "protobuf": "6.33.6", "keras": "3.15.0"}


def check(installed, python=(3, 11), environment=None):
    """Holds a made-up environment against what is supported."""
    check_supported(installed.get, python, environment or {})


@pytest.mark.parametrize(
    ("installed", "python"),
    [
        (TFX_1_16, (3, 11)),
        ({"tfx": "1.16.0"}, (3, 11)),
        ({**TFX_1_16, "protobuf": "3.20.3"}, (3, 10)),
        (TFX_1_21, (3, 13)),
        ({**TFX_1_21, "tfx": "1.21.1.dev0"}, (3, 10)),
        ({"protobuf": "5.29.6"}, (3, 12)),
        ({}, (3, 10)),
    ],
)
def test_supported(installed, python):
    """Releases of TFX with what they need; the settings alone, without TFX."""
    check(installed, python)


@pytest.mark.parametrize(
    ("installed", "python", "told"),
    [
        ({}, (3, 9), "Python 3.9: use Python 3.10 to 3.13"),
        ({}, (3, 14), "Python 3.14: use Python 3.10 to 3.13"),
        ({"protobuf": "3.20.1"}, (3, 10), "protobuf 3.20.1: pip install 'protobuf>=3.20.3,<7'"),
        ({"protobuf": "7.0.0"}, (3, 10), "protobuf 7.0.0: pip install 'protobuf>=3.20.3,<7'"),
        (
            {"tfx": "1.15.1"},
            (3, 10),
            "TFX 1.15.1: pip install 'tfx==1.21.*' or 'tfx==1.17.*' or 'tfx==1.16.*'",
        ),
        ({"tfx": "1.22.0"}, (3, 11), "TFX 1.22.0: pip install"),
        (TFX_1_16, (3, 12), "TFX 1.16.0 on Python 3.12: use Python 3.10, 3.11"),
        (
            {**TFX_1_16, "protobuf": "5.29.6"},
            (3, 11),
            "TFX 1.16.0 with protobuf 5.29.6: pip install 'protobuf>=3.20,<5'",
        ),
        ({**TFX_1_17, "protobuf": "5.29.6"}, (3, 10), "TFX 1.17.3 with protobuf 5.29.6"),
        ({**TFX_1_17, "keras": "3.10.0"}, (3, 10), "TFX 1.17.3 with Keras 3.10.0"),
        (TFX_1_17, (3, 11), "TFX 1.17.3 on Python 3.11: use Python 3.10"),
        ({**TFX_1_21, "protobuf": "5.29.6"}, (3, 13), "TFX 1.21.0 with protobuf 5.29.6"),
        ({**TFX_1_21, "keras": "4.0.0"}, (3, 13), "TFX 1.21.0 with Keras 4.0.0"),
        (
            {**TFX_1_16, "keras": "3.10.0"},
            (3, 11),
            "TFX 1.16.0 with Keras 3.10.0: pip install 'keras<3.10', or set TF_USE_LEGACY_KERAS=1",
        ),
    ],
)
def test_refused(installed, python, told):
    """One line that says what to install instead."""
    with pytest.raises(ImportError) as caught:
        check(installed, python)
    assert str(caught.value).startswith(f"fit_component does not support {told}")
    assert "\n" not in str(caught.value)


def test_a_keras_that_is_not_used_is_not_refused():
    """tf_keras trains where the environment says so, in one of TensorFlow's words for yes."""
    newer = {**TFX_1_16, "keras": "3.12.0"}
    for yes in ("1", "true", "True"):
        check(newer, environment={"TF_USE_LEGACY_KERAS": yes})
    with pytest.raises(ImportError, match=r"Keras 3\.12\.0"):
        check(newer, environment={"TF_USE_LEGACY_KERAS": "0"})


def test_import_refuses(tmp_path):
    """A real process with a TFX of another release on its path."""
    metadata = tmp_path / "tfx-1.18.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tfx\nVersion: 1.18.0\n")
    done = subprocess.run(
        [sys.executable, "-c", "import fit_component"],
        env={**ENVIRONMENT, "PYTHONPATH": f"{tmp_path}:{ENVIRONMENT.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == done.returncode
    assert "ImportError: fit_component does not support TFX 1.18.0: pip install" in done.stderr


def test_make_chooses_among_the_same_releases():
    """tools/choose_release.py keeps to an older Python, so it has a table of its own."""
    chosen = {name: release.pythons for name, release in choose_release.RELEASES.items()}
    assert chosen == {
        ".".join(map(str, name)): release.pythons for name, release in RELEASES.items()
    }


def test_the_ranges_of_the_package_are_the_same():
    """pip installs no TFX that import then refuses."""
    (requirement,) = re.findall(r'"tfx(>=[^"]*)"', (ROOT / "pyproject.toml").read_text())
    (lowest,) = re.findall(r">=1\.(\d+)", requirement)
    (end,) = re.findall(r"<1\.(\d+)", requirement)
    gaps = {int(minor) for minor in re.findall(r"!=1\.(\d+)\.\*", requirement)}
    assert {minor for _, minor in RELEASES} == set(range(int(lowest), int(end))) - gaps
