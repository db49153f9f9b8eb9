# SPDX-License-Identifier: Apache-2.0
"""The settings that made a model."""

import json

import pytest
from stores import CACHED, Execution, Written, sweep

from fit_component import FitArgs, lineage, parse_fit_args
from fit_component.settings import to_json


@pytest.fixture
def written(tmp_path):
    """A store with two trainings."""
    written = Written(tmp_path / "m.sqlite")
    for number, execution in enumerate(sweep(2)):
        written.write(number, execution)
    return written


@pytest.mark.parametrize(
    "model",
    [
        "/pipeline/Trainer/model/1",
        "/pipeline/Trainer/model/1/",
        "/pipeline/Trainer/model/1/Format-Serving",
        "/pipeline/Trainer/model/1/Format-Serving/saved_model.pb",
    ],
)
def test_by_uri(written, model):
    """Of the artifact or of what lies inside."""
    settings = lineage.settings_of(written.store, model)
    expected = [*sweep(2)][1].properties["train_args"]
    assert parse_fit_args(expected) == settings


def test_by_id(written):
    """Ready to train again: as requested, with nothing filled in."""
    model = written.store.get_artifacts_by_uri("/pipeline/Trainer/model/0")[0]
    settings = lineage.settings_of(written.store, model.id)
    assert isinstance(settings, FitArgs)
    assert 1 == settings.epochs
    assert not settings.HasField("seed")


def test_what_runtime_parameters_brought_is_there(written):
    """As values."""
    described = {"p": {"argument": "train_args", "fields": ["epochs"], "parameter": "n"}}
    properties = {"train_args": "{}", "p": 6, "runtime_parameters": json.dumps(described)}
    written.write(7, Execution(properties))
    assert FitArgs(epochs=6) == lineage.settings_of(written.store, "/pipeline/Trainer/model/7")


def test_a_model_from_the_cache(written):
    """Was made by the execution that trained it."""
    model = written.store.get_artifacts_by_uri("/pipeline/Trainer/model/0")[0]
    written.write(9, Execution({"train_args": '{"epochs": 1}'}, state=CACHED, model=model.id))
    assert 16 == lineage.settings_of(written.store, model.id).batch_size


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("/elsewhere/5", "no artifact with the URI, nor one above it, '/elsewhere/5'"),
        (999, "no artifact with the id 999"),
        ("/data/examples/1", "an? Examples, was made by no Trainer; name a Model"),
    ],
)
def test_what_is_no_model_is_told(written, model, expected):
    """With what to do."""
    with pytest.raises(LookupError, match=expected):
        lineage.settings_of(written.store, model)


def test_credentials_are_there_to_train_again_with(written):
    """Tables of runs have none of them."""
    custom = {"class_path": "a.B", "kwargs": {"api_key": "hunter2"}}
    settings = parse_fit_args({"callbacks": [{"custom": custom}]})
    written.write(7, Execution({"train_args": to_json(settings)}))

    assert settings == lineage.settings_of(written.store, "/pipeline/Trainer/model/7")
    table = lineage.runs(written.store)
    assert "hunter2" not in table.to_csv()
    assert '{"api_key": "***"}' == table.iloc[-1]["settings.callbacks[0].custom.kwargs"]
