# SPDX-License-Identifier: Apache-2.0
"""How long it takes to read 10,000 trainings from ML Metadata.

The store is made as TFX's local runner leaves one; no two trainings have the
same settings. Beside the time stands the ratio to that of ML Metadata's own
bulk reading of the executions, events and artifacts. The bound to hold is 5 s.

python -m benchmarks.lineage [TRAININGS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lineage"))
BOUND = 5.0
RUNS = 5


def seconds(function: Callable[[], object]) -> float:
    """Runs a function; returns its wall time."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main(trainings: int) -> None:
    """Measures and prints."""
    from stores import OURS, Written, sweep

    from fit_component import lineage

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "metadata.sqlite"
        written = Written(path)
        for number, execution in enumerate(sweep(trainings)):
            written.write(number, execution)

        def bare() -> None:
            store = written.store
            ids = [execution.id for execution in store.get_executions_by_type(OURS)]
            events = store.get_events_by_execution_ids(ids)
            store.get_artifacts_by_id(sorted({event.artifact_id for event in events}))

        assert trainings == len(lineage.runs(path))
        pairs = [(seconds(lambda: lineage.runs(path)), seconds(bare)) for _ in range(RUNS)]
    ours = statistics.median(pair[0] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"read {trainings} trainings: {ours:.2f} s (bound for 10,000: {BOUND} s)")
    print(f"ratio to ML Metadata's own reading, median of pairs: {ratio:.1f} ({RUNS} pairs)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
