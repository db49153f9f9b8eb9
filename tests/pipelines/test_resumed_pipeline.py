# SPDX-License-Identifier: Apache-2.0
"""A pipeline whose process is killed while it trains, and that is run again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 600  # seconds that a pipeline may take

pytestmark = [pytest.mark.tfx, pytest.mark.keras, pytest.mark.end_to_end, pytest.mark.slow]


@pytest.fixture
def start(warm_python):
    """Starts the penguin pipeline in a process."""

    def start(root, log, *overrides):
        sets = [part for override in overrides for part in ("--set", override)]
        command = ["-m", "examples.penguin.pipeline", "--root", root, *sets]
        with log.open("w") as file:
            return warm_python.start(*command, cwd=ROOT, stdout=file, stderr=file)

    return start


def metrics(root):
    """What each run of the Trainer wrote of its epochs: its CSVLogger, and the record of fit."""
    runs = sorted(
        (root / "artifacts" / "Trainer" / "model_run").iterdir(), key=lambda p: int(p.name)
    )
    return [
        (
            (run / "history.csv").read_text(),
            [
                row.split(",")[:2] + row.split(",")[5:]
                for row in (run / "fit" / "history.csv").read_text().splitlines()
            ],
        )
        for run in sorted(runs, key=lambda path: int(path.name))
    ]


def test_it_trains_on_and_ends_as_one_that_was_not_killed(start, tmp_path):
    """Upstream is cached; nothing is told but where it goes on; what was kept is gone."""
    log, resume = tmp_path / "log", "resume.enabled=true"
    killed = start(tmp_path / "out", log, resume, "epochs=5000")
    try:
        while not list((tmp_path / "out").rglob("resume/*/*/fit-1/0*.zip")):
            assert killed.poll() is None, log.read_text()
            time.sleep(0.1)
    finally:
        killed.kill()
    snapshots = (tmp_path / "out").rglob("resume/*/*/fit-1/0*.zip")
    epochs = max(int(path.name.split("-")[0]) for path in snapshots) + 3
    for overrides in ([resume], []):
        process = start(tmp_path / "out", log, *overrides, f"epochs={epochs}")
        assert 0 == process.wait(LONGEST), log.read_text()[-3000:]
        went_on = f"resume: fit 1 goes on with epoch {epochs - 3} of {epochs}" in log.read_text()
        assert bool(overrides) == went_on
    _, cut, whole = metrics(tmp_path / "out")
    assert epochs + 1 == len(whole[1])
    assert whole == cut
    assert not list((tmp_path / "out").rglob("resume/*"))
