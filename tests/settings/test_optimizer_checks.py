# SPDX-License-Identifier: Apache-2.0
"""The optimizer against other settings."""

import pytest

from fit_component.settings import parse_fit_args

BEST = [{"early_stopping": {"restore_best_weights": True}}]

# settings, the path and the beginning of what is told, and settings nearby that are accepted
ROWS = [
    (
        {
            "optimizer": {"sgd": {}, "loss_scale_factor": 8.0},
            "execution": {"precision": "mixed_float16"},
        },
        "optimizer.loss_scale_factor",
        "has no place beside execution.precision mixed_float16",
        {
            "optimizer": {"sgd": {}, "loss_scale_factor": 8.0},
            "execution": {"precision": "mixed_bfloat16"},
        },
    ),
    (
        {"optimizer": {"lion": {"beta_1": 0.0}}},
        "optimizer.lion.beta_1",
        "must be above 0 and below 1",
        {"optimizer": {"adam": {"beta_1": 0.0}}},
    ),
    (
        {"optimizer": {"sgd": {}, "use_ema": True}, "callbacks": BEST},
        "optimizer.use_ema",
        "is undone by callbacks[0].early_stopping.restore_best_weights",
        {
            "optimizer": {"sgd": {}, "use_ema": True},
            "callbacks": [*BEST, {"swap_ema_weights": {}}],
        },
    ),
    (
        {"optimizer": {"sgd": {}, "use_ema": True}, "callbacks": BEST},
        "optimizer.use_ema",
        "is undone by",
        {
            "optimizer": {"sgd": {}, "use_ema": True, "ema_overwrite_frequency": 5},
            "callbacks": BEST,
        },
    ),
]


@pytest.mark.parametrize(("wrong", "path", "begins", "right"), ROWS)
def test_refused_and_accepted(wrong, path, begins, right, refused):
    """What undoes itself is told; what only looks like it is not."""
    (problem,) = refused(wrong).problems
    assert path == problem.path
    assert problem.message.startswith(begins)
    assert parse_fit_args(right)


@pytest.mark.parametrize("off", [{"use_ema": False}, {}])
def test_without_averages_the_best_weights_undo_nothing(off):
    """The switch counts, not that it is there."""
    assert parse_fit_args({"optimizer": {"sgd": {}, **off}, "callbacks": BEST})
