# SPDX-License-Identifier: Apache-2.0
"""The outputs of workers that are not the chief."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import pytest
from executions import outputs

from fit_component.objects.cluster import Cluster
from fit_component.workers import outputs_of_this_worker

pytestmark = pytest.mark.tfx

ADDRESSES = {"chief": ("a:1",), "worker": ("b:1",)}
CHIEF, WORKER = Cluster(ADDRESSES, "chief", 0), Cluster(ADDRESSES, "worker", 0)


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """Where temporary directories are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("cluster", [None, CHIEF])
def test_the_chief_writes_to_the_outputs(cluster, tmp_path):
    """As a process of no cluster does."""
    artifacts = outputs(tmp_path / "outputs")
    with outputs_of_this_worker(artifacts, cluster) as own:
        assert own is artifacts
        assert [] == list(tmp_path.iterdir())


def test_another_worker_writes_to_a_directory_of_its_own(tmp_path):
    """Which is gone when it ends; what it says of its model is not published."""
    artifacts = outputs(tmp_path / "outputs")
    with outputs_of_this_worker(artifacts, WORKER) as own:
        (directory,) = tmp_path.iterdir()
        uris = [Path(own[key][0].uri) for key in ("model", "model_run")]
        assert all(directory in uri.parents for uri in uris)
        assert uris[0] not in (uris[1], *uris[1].parents)
        assert own["model"][0].type_name == artifacts["model"][0].type_name
        own["model"][0].set_int_custom_property("fit.epochs", 3)
        for uri in uris:
            uri.mkdir(parents=True)
    assert [] == list(tmp_path.iterdir())
    assert str(tmp_path / "outputs" / "model") == artifacts["model"][0].uri
    assert not artifacts["model"][0].mlmd_artifact.custom_properties


def test_what_a_worker_wrote_stays_if_it_fails(tmp_path, caplog):
    """To be looked at; the log tells where."""
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(RuntimeError, match="a mistake"),
        outputs_of_this_worker(outputs(tmp_path / "outputs"), WORKER),
    ):
        raise RuntimeError("a mistake")
    (directory,) = tmp_path.iterdir()
    assert f"worker 0 failed; what it wrote is in {directory}" in caplog.text
