# SPDX-License-Identifier: Apache-2.0
"""Which way a monitored metric gets better."""

from __future__ import annotations


def plain_mode(monitor: str) -> str | None:
    """The direction that a metric's name leaves no doubt about.

    Keras' own guesses differ from class to class and between its generations:
    ModelCheckpoint maximises whatever contains `acc`, a loss too, and Keras
    3's EarlyStopping fails for a loss of one output among several.

    Args:
      monitor: A name as in fit's logs, such as `val_loss`.

    Returns:
      `min` for losses, `max` for accuracies, None where it must be said.
    """
    if monitor == "loss" or monitor.endswith("_loss"):
        return "min"
    return "max" if "acc" in monitor else None
