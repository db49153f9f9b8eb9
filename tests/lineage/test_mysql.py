# SPDX-License-Identifier: Apache-2.0
"""The same of a MySQL server as of a SQLite file."""

from __future__ import annotations

import ml_metadata as mlmd
import pandas as pd
import pytest
from mysql_server import MARIADB, mysql_server
from stores import FAILED, STOCK, Execution, Written, sweep

from fit_component import lineage

pytestmark = pytest.mark.skipif(
    MARIADB is None, reason="there is no MariaDB; Debian's package is mariadb-server-core"
)

EXECUTIONS = [
    *sweep(20),
    Execution({"train_args": '{"epochs": 4}'}, state=FAILED),
    Execution({"train_args": '{"num_steps": 5}', "eval_args": '{"num_steps": 2}'}, trainer=STOCK),
]


def written(store):
    """Writes the executions; returns the store."""
    made = Written(store)
    for number, execution in enumerate(EXECUTIONS):
        made.write(number, execution)
    return store


@pytest.fixture(scope="module")
def config():
    """What connects to a server with the executions."""
    with mysql_server() as config:
        yield written(config)


def test_the_table_is_that_of_sqlite(config, tmp_path):
    """But for the times."""
    expected = lineage.runs(written(tmp_path / "metadata.sqlite"))
    times = ["started", "ended"]
    pd.testing.assert_frame_equal(
        expected.drop(columns=times), lineage.runs(config).drop(columns=times)
    )


def test_settings_and_differences_are_those_of_sqlite(config):
    """By a connection or by a store that is open."""
    runs = lineage.runs(mlmd.MetadataStore(config))
    assert 4 == lineage.settings_of(config, runs.loc[4].model_uri).epochs
    assert [3, 4] == list(lineage.diff(runs.loc[3], runs.loc[4]).loc["settings.epochs"])
