# SPDX-License-Identifier: Apache-2.0
"""How splits are read."""

from __future__ import annotations

from fit_component import FitArgs
from fit_component.training.reading import Reading, read_for_evaluation, read_for_training


def test_training_is_shuffled_by_the_seed():
    """Without a seed each run has another order."""
    assert Reading(8, 1, True, 5) == read_for_training(FitArgs(seed=5), 8, None)
    assert read_for_training(FitArgs(), 8, None).shuffle_seed is None
    assert 0 == read_for_training(FitArgs(seed=0), 8, None).shuffle_seed


def test_evaluation_is_not_shuffled():
    """Evaluations of different epochs can be compared."""
    assert Reading(8, 1, False, None) == read_for_evaluation(8, None)


def test_steps_make_data_endless():
    """An epoch then ends by its steps, not by its data."""
    assert read_for_training(FitArgs(), 8, 3).num_epochs is None
    assert read_for_evaluation(8, 3).num_epochs is None
