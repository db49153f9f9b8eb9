# SPDX-License-Identifier: Apache-2.0
"""What the examples tell of a run, whatever its settings were."""

from __future__ import annotations

import pytest

from examples.outcome import _last_epoch


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("epoch,loss\n0,0.5\n1,0.25\n", "2: loss 0.2500"),
        ("epoch,loss,val_loss\n0,0.5,NA\n", "1: loss 0.5000, val_loss NA"),
    ],
)
def test_the_last_epoch_is_told(tmp_path, content, expected):
    """`NA` is what Keras writes where an epoch was not evaluated."""
    (tmp_path / "history.csv").write_text(content)
    assert expected == _last_epoch(tmp_path / "history.csv")


@pytest.mark.parametrize("content", ["", "epoch;loss\n0;0.5\n", None])
def test_a_history_that_is_not_there_is_told(tmp_path, content):
    """The pipeline has run: no reason to fail at its last line."""
    if content is not None:
        (tmp_path / "history.csv").write_text(content)
    assert _last_epoch(tmp_path / "history.csv").startswith("not known: ")
