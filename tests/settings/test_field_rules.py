# SPDX-License-Identifier: Apache-2.0
"""The rule of each field: the last value allowed and the first refused."""

import pytest
from google.protobuf.descriptor import FieldDescriptor

from fit_component.proto import fit_args_pb2
from fit_component.settings import parse_fit_args
from fit_component.settings.rules import REQUIRED, RULES

# Every value of their type is meaningful.
FREE = {"baseline", "initial_value_threshold"}

BASE = {
    "epochs": 10,
    "callbacks": [
        {"early_stopping": {}},
        {"tensorboard": {"embeddings_freq": 1}},
        {"reduce_lr_on_plateau": {}},
        {"model_checkpoint": {"filepath": "a.keras", "save_best_only": True, "monitor": "loss"}},
        {"csv_logger": {"filename": "log.csv"}},
    ],
}

STOPPING, BOARD, PLATEAU, CHECKPOINT, LOGGER = (
    f"callbacks[{index}].{name}"
    for index, callback in enumerate(BASE["callbacks"])
    for name in callback
)

TINY = 5e-324

# path, allowed, refused, what the refusal says
BOUNDARIES = [
    ("splits[0]", "a", "", "must not be empty"),
    ("num_steps", 0, -1, "must be 0 or more"),
    ("epochs", 1, 0, "must be 1 or more"),
    ("initial_epoch", 0, -1, "must be 0 or more"),
    ("batch_size", 1, 0, "must be 1 or more"),
    ("per_replica_batch_size", 1, 0, "must be 1 or more"),
    ("seed", 0, -1, "must be 0 or more"),
    ("class_weight[0]", 0.0, -TINY, "must be 0 or more"),
    ("validation.batch_size", 1, 0, "must be 1 or more"),
    ("validation.freq", 1, 0, "must be 1 or more"),
    (f"{STOPPING}.monitor", "loss", "", "must not be empty"),
    (f"{STOPPING}.min_delta", 0.0, -TINY, "must be 0 or more"),
    (f"{STOPPING}.patience", 0, -1, "must be 0 or more"),
    (f"{STOPPING}.verbose", 1, 2, "must be one of 0, 1"),
    (f"{STOPPING}.verbose", 0, -1, "must be one of 0, 1"),
    (f"{STOPPING}.mode", "auto", "", "must be one of auto, min, max"),
    (f"{STOPPING}.mode", "min", "minimum", "must be one of auto, min, max"),
    (f"{STOPPING}.mode", "max", "MAX", "must be one of auto, min, max"),
    (f"{STOPPING}.start_from_epoch", 0, -1, "must be 0 or more"),
    (f"{BOARD}.log_dir", "logs", "", "must not be empty"),
    (f"{BOARD}.histogram_freq", 0, -1, "must be 0 or more"),
    (f"{BOARD}.update_freq", 1, 0, "must be 1 or more"),
    (f"{BOARD}.profile_batch[0]", 1, 0, "must be 1 or more"),
    (f"{BOARD}.embeddings_freq", 0, -1, "must be 0 or more"),
    (f"{BOARD}.embeddings_metadata[layer]", "labels.tsv", "", "must not be empty"),
    (f"{PLATEAU}.monitor", "loss", "", "must not be empty"),
    (f"{PLATEAU}.factor", TINY, 0.0, "must be above 0 and below 1"),
    (f"{PLATEAU}.factor", 1 - 2**-53, 1.0, "must be above 0 and below 1"),
    (f"{PLATEAU}.patience", 0, -1, "must be 0 or more"),
    (f"{PLATEAU}.verbose", 1, 2, "must be one of 0, 1"),
    (f"{PLATEAU}.mode", "min", "minimum", "must be one of auto, min, max"),
    (f"{PLATEAU}.min_delta", 0.0, -TINY, "must be 0 or more"),
    (f"{PLATEAU}.cooldown", 0, -1, "must be 0 or more"),
    (f"{PLATEAU}.min_lr", 0.0, -TINY, "must be 0 or more"),
    (f"{CHECKPOINT}.filepath", "b.keras", "", "must not be empty"),
    (f"{CHECKPOINT}.monitor", "acc", "", "must not be empty"),
    (f"{CHECKPOINT}.verbose", 1, 2, "must be one of 0, 1"),
    (f"{CHECKPOINT}.mode", "min", "minimum", "must be one of auto, min, max"),
    (f"{CHECKPOINT}.save_freq", 1, 0, "must be 1 or more"),
    (f"{LOGGER}.filename", "a", "", "must not be empty"),
    (f"{LOGGER}.separator", ",", ",,", "must be 1 character long"),
    (f"{LOGGER}.separator", "\t", "", "must be 1 character long"),
    ("strategy.one_device.device", "CPU:0", "", "must not be empty"),
    ("strategy.mirrored.devices[0]", "GPU:0", "", "must not be empty"),
]

IDS = [f"{row[0]}={row[2]!r}" for row in BOUNDARIES]


@pytest.mark.parametrize(("path", "allowed", "wrong", "message"), BOUNDARIES, ids=IDS)
def test_the_last_value_allowed(path, allowed, wrong, message):
    """The value at the edge is accepted, and kept."""
    read = parse_fit_args(BASE, overrides={path: allowed})

    assert parse_fit_args(BASE) != read


@pytest.mark.parametrize(("path", "allowed", "wrong", "message"), BOUNDARIES, ids=IDS)
def test_the_first_value_refused(path, allowed, wrong, message, refused):
    """The value beyond the edge is refused: its path, the value, what is allowed."""
    problems = refused(BASE, overrides={path: wrong}).problems

    assert (path, wrong, message) in [(p.path, p.value, p.message) for p in problems]


@pytest.mark.parametrize("name", sorted(FREE))
def test_free_fields_take_any_number(name):
    """A threshold may have any sign."""
    callback = STOPPING if name == "baseline" else CHECKPOINT
    for value in (-1e300, 0.0, 1e300):
        assert parse_fit_args(BASE, overrides={f"{callback}.{name}": value})


def test_class_indices_count_from_0(refused):
    """A negative class is refused by its key."""
    (problem,) = refused({"class_weight": {-1: 1.0}}).problems

    assert ("class_weight[-1]", "the key must be 0 or more") == (problem.path, problem.message)


def scalars():
    """The fields, or values of maps, that hold numbers and texts, by message."""
    boundless = (FieldDescriptor.TYPE_BOOL, FieldDescriptor.TYPE_ENUM)
    for message in fit_args_pb2.DESCRIPTOR.message_types_by_name.values():
        for field in message.fields:
            entry = field.message_type is not None and field.message_type.GetOptions().map_entry
            kind = field.message_type.fields_by_name["value"] if entry else field
            if kind.message_type is None and kind.type not in boundless:
                yield message.name, field.name


def test_every_field_has_a_rule():
    """No number and no text is taken unchecked, but for those named free."""
    assert {name for _, name in scalars()} == RULES.keys() | FREE
    assert not RULES.keys() & FREE


def test_every_field_has_a_boundary_above():
    """The table above leaves no rule of any message untried."""
    kinds = {
        "early_stopping": "EarlyStopping",
        "tensorboard": "TensorBoard",
        "reduce_lr_on_plateau": "ReduceLROnPlateau",
        "model_checkpoint": "ModelCheckpoint",
        "csv_logger": "CSVLogger",
        "validation": "Validation",
        "one_device": "OneDeviceStrategy",
        "mirrored": "MirroredStrategy",
    }
    tried = set()
    for path, *_ in BOUNDARIES:
        parts = [part.partition("[")[0] for part in path.split(".")]
        tried.add((kinds[parts[-2]] if len(parts) > 1 else "FitArgs", parts[-1]))

    assert {(message, name) for message, name in scalars() if name not in FREE} == tried


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"callbacks": [{"model_checkpoint": {}}]}, "callbacks[0].model_checkpoint.filepath"),
        ({"callbacks": [{"csv_logger": {}}]}, "callbacks[0].csv_logger.filename"),
        ({"strategy": {"one_device": {}}}, "strategy.one_device.device"),
    ],
    ids=["ModelCheckpoint", "CSVLogger", "OneDeviceStrategy"],
)
def test_required_fields(tree, path, refused):
    """A field without a default must be given."""
    (problem,) = refused(tree).problems

    assert (path, "is not set, and there is no default") == (problem.path, problem.message)


def test_required_fields_exist():
    """The table of required fields names fields of the contract."""
    messages = fit_args_pb2.DESCRIPTOR.message_types_by_name

    assert all(
        name in messages[m].fields_by_name for m, names in REQUIRED.items() for name in names
    )
