# SPDX-License-Identifier: Apache-2.0
"""resolve(): the settings as they take effect."""

import pytest

from fit_component import FitArgs
from fit_component.settings import cap_steps, parse_fit_args, resolve

DEFAULTS = {
    "splits": ["train"],
    "epochs": 1,
    "initial_epoch": 0,
    "batch_size": 32,
    "validation": {"batch_size": 32, "freq": 1},
    "verbose": "AUTO",
    "deterministic": False,
    "strategy": {"default": {}},
    "input": {"shuffle": True, "shuffle_buffer_size": 10_000, "cache": "NONE"},
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
        (
            {"input": {"shuffle": False}},
            {"input": {"shuffle": False, "cache": "NONE"}},
        ),
        (
            {"input": {"shuffle_buffer_size": 7, "cache": "DISK", "prefetch": 2}},
            {
                "input": {
                    "shuffle": True,
                    "shuffle_buffer_size": 7,
                    "cache": "DISK",
                    "prefetch": 2,
                }
            },
        ),
        ({"optimizer": {"adam": {}}}, {"optimizer": {"adam": {}}}),
        ({"execution": {}}, {"execution": {}}),
        ({"max_steps": 7}, {"max_steps": 7}),
        ({"dry_run": False}, {"dry_run": False}),
        ({"resume": {"enabled": False}}, {"resume": {"enabled": False}}),
        (
            {"resume": {"enabled": True}},
            {"resume": {"enabled": True, "keep_for": {"seconds": 720 * 3600}}},
        ),
        (
            {"resume": {"enabled": True, "keep_for": "1h"}},
            {"resume": {"enabled": True, "keep_for": {"seconds": 3600}}},
        ),
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


DRY = {"dry_run": True, "num_steps": 3}
STEPS_4 = {"steps_per_execution": 4}
SAVING = [
    {"model_checkpoint": {"filepath": "a"}},
    {"backup_and_restore": {"backup_dir": "/b"}},
    {"orbax_checkpoint": {"directory": "c"}},
]
LATE = {"early_stopping": {"patience": 2, "start_from_epoch": 3}}
LATER = {"early_stopping": {"patience": 2, "start_from_epoch": 5}}


@pytest.mark.parametrize(
    ("given", "resolved"),
    [
        ({}, DRY),
        ({"num_steps": 0}, DRY),
        ({"num_steps": 2}, {**DRY, "num_steps": 2}),
        ({"num_steps": 3}, DRY),
        ({"num_steps": 100}, DRY),
        ({"epochs": 10}, {**DRY, "epochs": 1}),
        ({"epochs": 10, "initial_epoch": 4}, {**DRY, "epochs": 5, "initial_epoch": 4}),
        ({"epochs": 9, "validation": {"freq": 3}}, DRY),
        (
            {"validation": {"every_steps": 2}},
            {**DRY, "validation": {"batch_size": 32, "freq": 1, "every_steps": 1}},
        ),
        (
            {"num_steps": 2, "validation": {"every_steps": 1}},
            {
                **DRY,
                "num_steps": 2,
                "validation": {"batch_size": 32, "freq": 1, "every_steps": 1},
            },
        ),
        ({"execution": STEPS_4}, {**DRY, "num_steps": 8, "execution": STEPS_4}),
        (
            {"execution": STEPS_4, "validation": {"every_steps": 8}},
            {
                **DRY,
                "num_steps": 8,
                "execution": STEPS_4,
                "validation": {"batch_size": 32, "freq": 1, "every_steps": 4},
            },
        ),
        (
            {"execution": STEPS_4, "num_steps": 5, "validation": {"every_steps": 4}},
            {
                **DRY,
                "num_steps": 5,
                "execution": STEPS_4,
                "validation": {"batch_size": 32, "freq": 1, "every_steps": 4},
            },
        ),
        (
            {"execution": {"steps_per_execution": 2**31 - 1}},
            {
                **DRY,
                "num_steps": 2**31 - 1,
                "execution": {"steps_per_execution": 2**31 - 1},
            },
        ),
        (
            {"callbacks": [*SAVING, {"csv_logger": {"filename": "d"}}]},
            {**DRY, "callbacks": [{"csv_logger": {"filename": "d"}}]},
        ),
        (
            {"epochs": 9, "callbacks": [LATE, {"tensorboard": {}}, LATER]},
            {**DRY, "callbacks": [{"early_stopping": {"patience": 2}}, {"tensorboard": {}}]},
        ),
        ({"max_steps": 100}, {**DRY, "max_steps": 100}),
    ],
    ids=str,
)
def test_a_dry_run_is_capped(given, resolved):
    """One epoch of a few batches, in which what was asked for still has its turn; nothing saved."""
    fit_args = parse_fit_args({"dry_run": True, **given})

    assert FitArgs(**(DEFAULTS | resolved)) == resolve(fit_args)


@pytest.mark.parametrize(
    ("given", "steps", "capped"),
    [
        ({}, None, None),
        ({}, 100, 100),
        ({"num_steps": 2}, 100, 100),
        ({"dry_run": True}, None, 3),
        ({"dry_run": True}, 100, 3),
        ({"dry_run": True}, 2, 2),
        ({"dry_run": True, "num_steps": 2}, 3, 2),
        ({"dry_run": True, "num_steps": 2}, 0, 2),
    ],
)
def test_evaluation_of_a_dry_run_is_capped(given, steps, capped):
    """To as many batches as the training has."""
    assert capped == cap_steps(steps, resolve(parse_fit_args(given)))


@pytest.mark.parametrize(
    "given",
    [
        FitArgs(),
        FitArgs(per_replica_batch_size=4, epochs=2),
        FitArgs(input={"shuffle": False}),
        FitArgs(dry_run=True, validation={"every_steps": 2}, callbacks=[*SAVING, LATE], epochs=9),
    ],
    ids=repr,
)
def test_resolving_twice(given):
    """Resolved settings are valid settings, and resolved."""
    resolved = resolve(given)

    assert resolved == resolve(resolved) == parse_fit_args(resolved)
