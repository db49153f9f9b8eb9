# SPDX-License-Identifier: Apache-2.0
"""Runs as Trainer records them, made by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

from fit_component.record import (
    DIRECTORY,
    Best,
    Difference,
    Epoch,
    FitRecord,
    RunRecord,
    flat_settings,
    run_files,
    settings_files,
)
from fit_component.settings import parse_fit_args, resolve

REQUESTED = {
    "epochs": 30,
    "batch_size": 64,
    "seed": 7,
    "callbacks": [{"early_stopping": {"monitor": "val_loss", "patience": 5}}],
    "optimizer": {"adam": {}, "learning_rate": 0.0025},
}


def epochs(count: int, *, first: int = 0, seed: int = 1, floor: float = 0.2) -> list[Epoch]:
    """As many epochs of a training that begins to overfit at two thirds.

    Args:
      count: How many.
      first: The number of the first.
      seed: Of the noise.
      floor: What the loss falls to.
    """
    noise = random.Random(seed)
    made = []
    for number in range(first, first + count):
        loss = floor + 0.5 * math.exp(-4 * (number + 1) / count) + noise.uniform(0, 0.01)
        over = max(0.0, number - first - count * 2 / 3) / count
        value = loss + 0.03 + over * 0.3 + noise.uniform(0, 0.02)
        metrics = {
            "loss": loss,
            "binary_accuracy": 1 - loss / 2,
            "val_loss": value,
            "val_binary_accuracy": 1 - value / 2,
            "learning_rate": 0.0025 * 0.9**number,
        }
        made.append(Epoch(number, 3.2 + noise.uniform(0, 0.4), 150, 2900 + 50.0 * number, metrics))
    return made


def fit(made: Sequence[Epoch], *, number: int = 1, **fields: object) -> FitRecord:
    """A fit with these epochs, whose best is found."""
    best = []
    for metric, mode, choose in (("val_loss", "min", min), ("val_binary_accuracy", "max", max)):
        known = [e for e in made if math.isfinite(e.metrics.get(metric, math.nan))]
        if known:
            epoch = choose(known, key=lambda e: e.metrics[metric])
            best.append(Best(metric, mode, epoch.epoch, epoch.metrics[metric]))
    values = {
        "number": number,
        "keras": "keras 3.9.2",
        "called_from": f"taxi.py, line {100 + number}",
        "arguments": {"epochs": 30, "callbacks": ["EarlyStopping"], "x": "a Dataset"},
        "strategy": "MirroredStrategy",
        "replicas": 1,
        "batch_size": 64,
        "stop_reason": "callback:EarlyStopping",
        "seconds": sum(epoch.seconds for epoch in made),
        "monitor": "val_loss" if best else None,
        "best": best,
        "epochs": made,
    }
    return FitRecord(**{**values, **fields})


DIFFERENCES = [
    Difference("epochs", 30, 10, "pass **fn_args.fit_kwargs to fit", overridden=True),
    Difference("batch_size", 64, 40, "take its data from fn_args.train_dataset()"),
    Difference("optimizer", "adam", "RMSprop of its own", "pass optimizer=fn_args.optimizer"),
]


def run(*fits: FitRecord, **fields: object) -> RunRecord:
    """A run with these fits."""
    settings = flat_settings(resolve(parse_fit_args(REQUESTED)), eval_steps=50)
    environment = {"python": "3.11.2", "tensorflow": "2.16.2", "devices": ["CPU:0", "GPU:0 (T4)"]}
    values = {
        "state": "complete",
        "started": "2026-01-31T12:00:00Z",
        "seconds": 12.5 + sum(fit.seconds for fit in fits),
        "settings": settings,
        "environment": environment,
        "fits": fits,
    }
    return RunRecord(**{**values, **fields})


def write(directory: Path, record: RunRecord, *, with_settings: bool = True) -> Path:
    """Writes a run's files as Trainer does; returns the directory of its artifact."""
    files = run_files(record)
    if with_settings:
        requested = parse_fit_args(REQUESTED)
        files = {**files, **settings_files(requested, resolve(requested), {})}
    (directory / DIRECTORY).mkdir(parents=True)
    for name, content in files.items():
        (directory / DIRECTORY / name).write_text(content, encoding="utf-8")
    return directory
