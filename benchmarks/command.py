# SPDX-License-Identifier: Apache-2.0
"""How long `fit-component check` and `show` take, as a user who presses Enter sees it.

Runs in turn: each command, and a process that only imports what it must import
(protobuf, PyYAML and click). The ratio is what our own code costs; the
machine's speed cancels out. The bound to hold is 0.5 s.

python -m benchmarks.command [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = str(Path(sys.executable).with_name("fit-component"))
FILE = str(ROOT / "examples" / "chicago_taxi" / "fit.textproto")
BOUND = 0.5

COMMANDS = {
    "check": [COMMAND, "check", FILE, "--set", "epochs=3"],
    "show": [COMMAND, "show", FILE, "--resolved", "--format", "yaml"],
}
BARE = [
    sys.executable,
    "-c",
    "import click, yaml; from google.protobuf import json_format, text_format, struct_pb2",
]


def seconds(command: Sequence[str]) -> float:
    """Runs a command; returns its wall time."""
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(name: str, runs: int) -> None:
    """Measures one command and prints."""
    seconds(COMMANDS[name]), seconds(BARE)  # byte code and the disk's cache
    pairs = [(seconds(COMMANDS[name]), seconds(BARE)) for _ in range(runs)]
    ours = statistics.median(pair[0] for pair in pairs)
    bare = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"fit-component {name + ':':<6} {ours:.3f} s (bound {BOUND} s)")
    print(f"imports alone:       {bare:.3f} s")
    print(f"ratio, median of pairs: {ratio:.2f} ({runs} pairs)")


def main(runs: int) -> None:
    """Measures and prints."""
    for name in COMMANDS:
        measure(name, runs)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
