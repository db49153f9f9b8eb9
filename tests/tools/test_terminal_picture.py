# SPDX-License-Identifier: Apache-2.0
"""The picture of a terminal: the tool that draws it, and whether it is up to date."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import terminal_picture

from fit_component import FitArgs, load_fit_args

ROOT = Path(__file__).parents[2]

EPOCHS = "".join(f"Epoch {n}/5\n12/12 - 1s - loss: 0.{n}\n" for n in range(1, 6))


def lines_in(svg: str) -> list[str]:
    """The lines of the terminal in a picture, without empty ones."""
    lines: dict[float, str] = {}
    for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        y = float(element.get("y"))
        lines[y] = lines.get(y, "") + element.text.replace("\N{NO-BREAK SPACE}", " ").rstrip("\n")
    return [lines[y] for y in sorted(lines) if lines[y]]


def squeezed(text: str) -> str:
    """A text without white space: the picture breaks lines where the terminal ends."""
    return re.sub(r"\s", "", text)


def record(code: str) -> str:
    """Records a Python program."""
    return terminal_picture.record([sys.executable, "-c", code], os.curdir, os.environ)


def test_a_program_sees_a_terminal():
    """It shows its colours and its progress, as to a user."""
    code = "import os, sys; print(sys.stdout.isatty(), os.get_terminal_size(1).columns)"
    assert "True 100\n" == record(code)


def test_a_program_that_fails_gives_no_picture():
    """What it wrote is told."""
    with pytest.raises(subprocess.CalledProcessError) as caught:
        record("import sys; print('so far'); sys.exit(3)")
    assert (3, "so far\n") == (caught.value.returncode, caught.value.output)


def test_the_picture_shows_what_stays_on_the_screen():
    """A carriage return starts the line anew; a long line is broken at the end of the screen."""
    output = f"1/2 \r2/2 done\n\x1b[2mdim\x1b[0m\n{'x' * 101}\n"
    expected = ["$ make it", "2/2 done", "dim", "x" * 100, "x"]
    assert expected == lines_in(terminal_picture.draw("make it", output))


def test_styles_are_drawn():
    """Dim text has another colour than the rest."""
    svg = terminal_picture.draw("it", "plain \x1b[2mdim\x1b[0m\n")
    classes = dict(re.findall(r'<text class="([\w-]+)"[^>]*>(?:&#160;)*(plain|dim)', svg))
    assert 2 == len(classes)


def test_text_is_escaped():
    """The picture is XML, whatever the program writes."""
    assert "a <b> & c" in lines_in(terminal_picture.draw("it", "a <b> & c\n"))


def test_epochs_in_the_middle_are_left_out():
    """The first and the last stay, and how many are missing is told."""
    lines = re.sub(r"\x1b\[\dm", "", terminal_picture.shorten(f"before\n{EPOCHS}after\n"))
    expected = ["before", "Epoch 1/5", "12/12 - 1s - loss: 0.1", "⋮ 3 more epochs", "Epoch 5/5"]
    assert [*expected, "12/12 - 1s - loss: 0.5", "after"] == lines.splitlines()


@pytest.mark.parametrize("output", ["", "no epochs\n", EPOCHS[: EPOCHS.index("Epoch 4")]])
def test_what_is_short_stays(output):
    """Three epochs are not worth a gap."""
    assert output == terminal_picture.shorten(output)


@pytest.mark.parametrize("output", ["in /home/someone/x\n", "(/tmp/x)\n", "file:///etc/x"])
def test_an_absolute_path_is_refused(output):
    """The picture is for everyone."""
    with pytest.raises(terminal_picture.Unfit, match="absolute path"):
        terminal_picture.require_public(output)


def test_the_name_of_the_machine_is_refused():
    """The picture is for everyone."""
    with pytest.raises(terminal_picture.Unfit, match="this machine's name"):
        terminal_picture.require_public(f"on {socket.gethostname()}.")


@pytest.mark.parametrize("output", ["79/79 - 1s - 7ms/step", "build/taxi/model/6", "and/or a / b"])
def test_other_slashes_are_no_paths(output):
    """Keras writes them in each line."""
    terminal_picture.require_public(output)


def test_the_picture_is_replaced_as_a_whole(tmp_path):
    """No other file stays behind."""
    picture = tmp_path / "run.svg"
    for content in ("old", "new"):
        terminal_picture.write_atomically(picture, content)
    assert ["run.svg"] == os.listdir(tmp_path)
    assert "new" == picture.read_text()


@pytest.fixture(scope="module")
def picture():
    """The picture that the README shows."""
    return terminal_picture.PICTURE.read_text()


def test_the_picture_loads_nothing(picture):
    """GitHub would not let it; the one address is the name of SVG itself."""
    assert ["http://www.w3.org/2000/svg"] == re.findall(r"\w+://[^\"\s]*", picture)
    assert not re.search(r"@import|@font-face|<image|<script|href|url\((?!#)", picture)


def test_the_picture_tells_nothing_of_where_it_was_made(picture):
    """As when it was drawn."""
    terminal_picture.require_public("\n".join(lines_in(picture)))


def test_the_picture_shows_the_command(picture):
    """It is the one that the tool runs."""
    assert f"$ {terminal_picture.COMMAND}" == lines_in(picture)[0]


@pytest.mark.tfx
def test_the_picture_shows_every_component(picture, tmp_path):
    """A component that is added or renamed needs a new picture: `make picture`."""
    from examples.chicago_taxi.pipeline import make_pipeline

    components = make_pipeline(FitArgs(), tmp_path).components
    shown = [line.split()[1] for line in lines_in(picture) if line.startswith("▶ ")]
    assert sorted(component.id for component in components) == sorted(shown)


@pytest.mark.tfx
def test_the_picture_shows_the_settings(picture):
    """Settings that are changed need a new picture: `make picture`."""
    from examples import outcome

    fit_args = load_fit_args(ROOT / "examples" / "chicago_taxi" / "fit.textproto")
    settings = outcome._settings(fit_args)
    assert squeezed(f"Settings {settings} Last epoch") in squeezed("".join(lines_in(picture)))
