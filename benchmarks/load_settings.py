# SPDX-License-Identifier: Apache-2.0
"""How long a fresh process takes to load and check a file of settings.

Runs in turn: loading through fit_component, and a process that only imports
what that must import (protobuf and PyYAML). The ratio is what our own code
costs; the machine's speed cancels out. The bound to hold is 0.3 s.

python -m benchmarks.load_settings [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "examples" / "chicago_taxi" / "fit.textproto"
BOUND = 0.3

OURS = f"""
import sys
from fit_component import load_fit_args
load_fit_args({str(FILE)!r}, overrides=["epochs=3"])
assert not {{"tensorflow", "tfx"}} & set(sys.modules)
"""
BARE = "import yaml; from google.protobuf import json_format, text_format, struct_pb2"


def seconds(code: str) -> float:
    """Runs code in a fresh process; returns its wall time."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return time.perf_counter() - start


def main(runs: int) -> None:
    """Measures and prints."""
    seconds(OURS), seconds(BARE)  # byte code and the disk's cache
    pairs = [(seconds(OURS), seconds(BARE)) for _ in range(runs)]
    ours = statistics.median(pair[0] for pair in pairs)
    bare = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"load and check settings: {ours:.3f} s (bound {BOUND} s)")
    print(f"imports alone:           {bare:.3f} s")
    print(f"ratio, median of pairs:  {ratio:.2f} ({runs} pairs)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
