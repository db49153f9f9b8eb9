# SPDX-License-Identifier: Apache-2.0
"""Draws docs/run.svg: what a run of the Chicago Taxi example looks like in a terminal.

Runs under .venv-tools, which has rich, and starts the example in .venv.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import socket
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "run.svg"
COMMAND = ".venv/bin/python -m examples.chicago_taxi.pipeline"

_COLUMNS, _LINES = 100, 45

# Rich's own format, without the fonts that it loads from the web: GitHub shows
# pictures without letting them load anything.
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  font-variant-emoji: text;
}}
.{unique_id}-title {{ font: bold 18px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Unfit(Exception):
    """A run that the picture must not show."""


def record(command: Sequence[str], directory: str, environment: Mapping[str, str]) -> str:
    """Runs a command in a terminal of its own.

    Args:
      command: The program and its arguments.
      directory: Where it runs.
      environment: All of its environment variables.

    Returns:
      What it wrote, with the escape sequences.

    Raises:
      subprocess.CalledProcessError: If it fails; with what it wrote.
    """
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    output = _read_all(ours).decode().replace("\r\n", "\n")
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return output


def _read_all(terminal: int) -> bytes:
    with io.FileIO(terminal) as file:
        chunks = []
        while True:
            try:
                chunk = file.read(65536)
            except OSError:  # Linux's way to say that the other side is closed
                break
            if not chunk:
                break
            chunks.append(chunk)
    return b"".join(chunks)


def shorten(output: str) -> str:
    """Leaves out the epochs between the first and the last."""
    starts = [match.start() for match in re.finditer(r"^Epoch \d+/\d+$", output, re.MULTILINE)]
    if len(starts) < 4:
        return output
    left_out = f"\x1b[2m⋮ {len(starts) - 2} more epochs\x1b[0m\n"
    return output[: starts[1]] + left_out + output[starts[-1] :]


def require_public(output: str) -> None:
    """Refuses output that tells where it was made.

    Raises:
      Unfit: If it has an absolute path or the name of this machine in it.
    """
    path = re.search(r"((?<![\w.~:/-])|file://)/[\w.-]+/\S*", output)
    if path:
        raise Unfit(f"an absolute path in the output: {path[0]}")
    host = socket.gethostname()
    if re.search(rf"\b{re.escape(host)}\b", output):
        raise Unfit(f"this machine's name in the output: {host}")


def draw(command: str, output: str) -> str:
    """Draws a terminal.

    Args:
      command: What stands behind the prompt.
      output: What the command wrote, with the escape sequences.

    Returns:
      An SVG that loads nothing.
    """
    console = Console(record=True, file=io.StringIO(), width=_COLUMNS)
    console.print(Text.assemble(("$ ", "green"), (command, "bold")))
    for line in Text.from_ansi(output).split("\n"):
        # As a terminal does, not between words as rich would.
        for part in line.divide(range(_COLUMNS, len(line), _COLUMNS)):
            console.print(part, no_wrap=True)
    console.print()  # rich cuts off what of the last line is below the letters
    return console.export_svg(
        title="", code_format=_FORMAT, font_aspect_ratio=0.6, unique_id="terminal"
    )


def write_atomically(path: Path, content: str) -> None:
    """Writes a file that is whole, or as it was before."""
    unfinished = path.with_name(f"{path.name}.tmp")
    unfinished.write_text(content, encoding="utf-8")
    os.replace(unfinished, path)


def _environment() -> dict[str, str]:
    """That of `make demo`, without what would hide the size of the terminal or its colours."""
    hidden = ("COLUMNS", "LINES", "NO_COLOR")
    return {name: value for name, value in os.environ.items() if name not in hidden} | {
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore::FutureWarning",
        "TERM": "xterm-256color",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def main() -> None:
    """Runs the example in an empty directory and draws it."""
    # There, and not in the checkout, so that nothing is in TFX's cache.
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, ".venv").symlink_to(ROOT / ".venv")
        try:
            output = record(COMMAND.split(), directory, _environment())
            require_public(output)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{error.output}\n{error}")
        except Unfit as error:
            sys.exit(f"no picture: {error}")
    PICTURE.parent.mkdir(exist_ok=True)
    write_atomically(PICTURE, draw(COMMAND, shorten(output)))
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
