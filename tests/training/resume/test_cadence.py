# SPDX-License-Identifier: Apache-2.0
"""When the state is saved within an epoch."""

from __future__ import annotations

import pytest

from fit_component.proto.fit_args_pb2 import Resume
from fit_component.training.resume.cadence import Cadence


def test_it_is_never_due_by_itself():
    """An epoch's end is when a state is saved."""
    cadence = Cadence(Resume(enabled=True), clock=lambda: 0.0)
    cadence.run(10**9)
    assert not cadence.is_due


def test_it_is_due_after_so_many_batches():
    """Counted from the last save; executions may be of several."""
    cadence = Cadence(Resume(save_every_steps=6), clock=lambda: 0.0)
    for _ in range(2):
        cadence.run(4)
        assert not cadence.is_due
        cadence.run(4)
        assert cadence.is_due
        cadence.saved()
        assert not cadence.is_due


@pytest.mark.parametrize("batches", [0, 1000])
def test_it_is_due_after_so_much_time(batches):
    """Counted from the last save, or from the beginning."""
    now = [100.0]
    resume = Resume()
    resume.save_every.FromMilliseconds(1500)
    cadence = Cadence(resume, clock=lambda: now[0])
    for _ in range(2):
        cadence.run(batches)
        now[0] += 1.4
        assert not cadence.is_due
        now[0] += 0.1
        assert cadence.is_due
        cadence.saved()


def test_whichever_comes_first():
    """Batches or time."""
    now = [0.0]
    resume = Resume(save_every_steps=5)
    resume.save_every.FromSeconds(60)
    cadence = Cadence(resume, clock=lambda: now[0])
    cadence.run(5)
    assert cadence.is_due
    cadence.saved()
    now[0] += 60
    assert cadence.is_due
