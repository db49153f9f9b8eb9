# SPDX-License-Identifier: Apache-2.0
"""resolve(): the settings as they take effect."""

import pytest

from fit_component import FitArgs
from fit_component.settings import parse_fit_args, resolve

DEFAULTS = {
    "splits": ["train"],
    "epochs": 1,
    "initial_epoch": 0,
    "batch_size": 32,
    "validation": {"batch_size": 32, "freq": 1},
    "verbose": "AUTO",
    "deterministic": False,
    "strategy": {"default": {}},
}


def test_no_settings():
    """All defaults of the library are filled in, and nothing else."""
    assert FitArgs(**DEFAULTS) == resolve(FitArgs())


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ({"num_steps": 0}, {}),
        ({"num_steps": 5}, {"num_steps": 5}),
        ({"splits": ["a", "b"]}, {"splits": ["a", "b"]}),
        ({"epochs": 3, "initial_epoch": 1}, {"epochs": 3, "initial_epoch": 1}),
        ({"batch_size": 8}, {"batch_size": 8, "validation": {"batch_size": 8, "freq": 1}}),
        ({"validation": {"batch_size": 8}}, {"validation": {"batch_size": 8, "freq": 1}}),
        (
            {"epochs": 2, "validation": {"freq": 2}},
            {"epochs": 2, "validation": {"batch_size": 32, "freq": 2}},
        ),
        ({"verbose": "SILENT"}, {"verbose": "SILENT"}),
        ({"seed": 0, "deterministic": True}, {"seed": 0, "deterministic": True}),
        ({"strategy": {"auto": {}}}, {"strategy": {"auto": {}}}),
        ({"callbacks": [{"early_stopping": {}}]}, {"callbacks": [{"early_stopping": {}}]}),
        ({"class_weight": {1: 2.0}}, {"class_weight": {1: 2.0}}),
    ],
    ids=repr,
)
def test_what_is_given_wins(given, resolved):
    """A field that is set keeps its value; the rest gets its default."""
    assert FitArgs(**(DEFAULTS | resolved)) == resolve(parse_fit_args(given))


def test_per_replica_batch_size():
    """What follows from the number of replicas is left open."""
    resolved = resolve(FitArgs(per_replica_batch_size=4))

    assert not resolved.HasField("batch_size")
    assert not resolved.validation.HasField("batch_size")


def test_the_argument_stays_as_it_is():
    """Resolving leaves the requested settings alone."""
    requested = FitArgs(num_steps=0)
    resolve(requested)

    assert FitArgs(num_steps=0) == requested


@pytest.mark.parametrize(
    "given", [FitArgs(), FitArgs(per_replica_batch_size=4, epochs=2)], ids=repr
)
def test_resolving_twice(given):
    """Resolved settings are valid settings, and resolved."""
    resolved = resolve(given)

    assert resolved == resolve(resolved) == parse_fit_args(resolved)
