# SPDX-License-Identifier: Apache-2.0
"""What differs between two trainings."""

import pandas as pd
from stores import STOCK, Execution, Written, sweep

from fit_component import lineage


def table(path, *executions):
    written = Written(path)
    for number, execution in enumerate(executions):
        written.write(number, execution)
    return lineage.runs(path)


def test_what_differs_is_listed(tmp_path):
    """Settings and results; not when, where and in which run."""
    runs = table(tmp_path / "m.sqlite", *sweep(2))
    expected = {
        "settings.epochs": [1, 2],
        "settings.batch_size": [16, 17],
        "settings.validation.batch_size": [16, 17],
        "settings.optimizer.learning_rate": [1e-06, 2e-06],
        "results.epochs_run": [1, 2],
        "results.best_epoch": [0, 1],
    }
    found = lineage.diff(runs.loc[1], runs.loc[2])
    assert [1, 2] == list(found.columns)
    assert expected == {name: list(row) for name, row in found.iterrows()}


def test_what_one_does_not_have_is_none(tmp_path):
    """Such as a setting that is not set, or the results of a stock Trainer."""
    stock = Execution({"train_args": '{"num_steps": 3}'}, trainer=STOCK)
    runs = table(tmp_path / "m.sqlite", stock, *sweep(1))
    found = lineage.diff(runs.loc[1], runs.loc[2])
    assert [3, None] == list(found.loc["settings.num_steps"])
    assert [None, 1] == list(found.loc["results.epochs_run"])


def test_nothing_differs_from_itself(tmp_path):
    """Not even where values are missing."""
    runs = table(tmp_path / "m.sqlite", *sweep(1), Execution({"train_args": "{}"}))
    found = lineage.diff(runs.loc[2], runs.loc[2])
    assert isinstance(found, pd.DataFrame)
    assert (0, 2) == found.shape
