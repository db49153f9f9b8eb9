# SPDX-License-Identifier: Apache-2.0
"""Which fields of a message are set together: what is refused, and the nearest that is fine."""

import pytest

from fit_component.proto import fit_args_pb2
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import parse_fit_args
from fit_component.settings.rules import EXCLUSIVE, NEEDED, REQUIRED


def callback(kind, **fields):
    return {"callbacks": [{kind: fields}]}


def optimizer(kind="sgd", shared=(), **fields):
    return {"optimizer": {kind: fields, **dict(shared)}}


def schedule(kind, **fields):
    return optimizer(shared={"learning_rate": {kind: fields}})


CALLBACK = "callbacks[0]"
RATE = "optimizer.learning_rate"
FIRST = {"initial_learning_rate": 0.5}
STEPS = {"decay_steps": 10}
EPOCHS = {"decay_epochs": 1.5}
RESTARTS = "cosine_decay_restarts"
PIECES = "piecewise_constant_decay"
ABSENT = "is not set, and there is no default"


# the message, the one or several names of which one is required, what is refused, where, accepted
REQUIREMENTS = [
    (
        "ModelCheckpoint",
        "filepath",
        callback("model_checkpoint"),
        f"{CALLBACK}.model_checkpoint.filepath",
        [callback("model_checkpoint", filepath="a")],
    ),
    (
        "CSVLogger",
        "filename",
        callback("csv_logger"),
        f"{CALLBACK}.csv_logger.filename",
        [callback("csv_logger", filename="a")],
    ),
    (
        "BackupAndRestore",
        "backup_dir",
        callback("backup_and_restore"),
        f"{CALLBACK}.backup_and_restore.backup_dir",
        [callback("backup_and_restore", backup_dir="/a")],
    ),
    (
        "LearningRateScheduler",
        ("schedule", "function"),
        callback("learning_rate_scheduler", verbose=1),
        f"{CALLBACK}.learning_rate_scheduler.schedule",
        [
            callback("learning_rate_scheduler", schedule=0.1),
            callback("learning_rate_scheduler", function="warm_up"),
        ],
    ),
    (
        "OrbaxCheckpoint",
        "directory",
        callback("orbax_checkpoint"),
        f"{CALLBACK}.orbax_checkpoint.directory",
        [callback("orbax_checkpoint", directory="a")],
    ),
    (
        "CustomCallback",
        "class_path",
        callback("custom", kwargs={}),
        f"{CALLBACK}.custom.class_path",
        [callback("custom", class_path="a.B")],
    ),
    (
        "CallbackFromModule",
        "function",
        callback("from_module", kwargs={}),
        f"{CALLBACK}.from_module.function",
        [callback("from_module", function="make")],
    ),
    (
        "OneDeviceStrategy",
        "device",
        {"strategy": {"one_device": {}}},
        "strategy.one_device.device",
        [{"strategy": {"one_device": {"device": "CPU:0"}}}],
    ),
]

# The schedules: what is accepted, from which the fields of each name are taken out.
FULL_SCHEDULES = [
    (
        "ExponentialDecay",
        "exponential_decay",
        {**FIRST, "decay_rate": 0.5},
        ("decay_steps", "decay_epochs"),
        [STEPS, EPOCHS],
    ),
    ("CosineDecay", "cosine_decay", FIRST, ("decay_steps", "decay_epochs"), [STEPS, EPOCHS]),
    (
        "CosineDecayRestarts",
        RESTARTS,
        FIRST,
        ("first_decay_steps", "first_decay_epochs"),
        [{"first_decay_steps": 3}, {"first_decay_epochs": 0.5}],
    ),
    (
        "PolynomialDecay",
        "polynomial_decay",
        FIRST,
        ("decay_steps", "decay_epochs"),
        [STEPS, EPOCHS],
    ),
    (
        "PiecewiseConstantDecay",
        PIECES,
        {"values": [0.1, 0.2]},
        ("boundaries", "boundary_epochs"),
        [{"boundaries": [3]}, {"boundary_epochs": [0.5]}],
    ),
    (
        "InverseTimeDecay",
        "inverse_time_decay",
        {**FIRST, "decay_rate": 0.5},
        ("decay_steps", "decay_epochs"),
        [STEPS, EPOCHS],
    ),
]
for message, kind, plain, lengths, alternatives in FULL_SCHEDULES:
    accepted = [schedule(kind, **plain, **length) for length in alternatives]
    at = f"{RATE}.{kind}"
    REQUIREMENTS.append((message, lengths, schedule(kind, **plain), f"{at}.{lengths[0]}", accepted))
    for name in plain:
        rest = {other: value for other, value in plain.items() if other != name}
        refused_tree = schedule(kind, **rest, **alternatives[0])
        REQUIREMENTS.append((message, name, refused_tree, f"{at}.{name}", accepted))


@pytest.mark.parametrize(
    ("message", "names", "tree", "path", "accepted"),
    REQUIREMENTS,
    ids=[f"{row[0]}.{row[1]}" for row in REQUIREMENTS],
)
def test_what_has_no_default_must_be_given(message, names, tree, path, accepted, refused):
    """The problem names the field, and where there is one, its alternative."""
    (problem,) = refused(tree).problems
    expected = ABSENT
    if not isinstance(names, str):
        expected = f"is not set, nor is {names[1]}; give one of them"

    assert (path, expected) == (problem.path, problem.message)
    for settings in accepted:
        assert parse_fit_args(settings) != FitArgs()


def test_every_requirement_is_above():
    """The rules hold what the tests above want, and no more."""
    expected = {(message, name) for message, names in REQUIRED.items() for name in names}

    assert expected == {row[:2] for row in REQUIREMENTS}


SCHEDULER = f"{CALLBACK}.learning_rate_scheduler"
WARM = {**FIRST, **STEPS, "warmup_target": 0.9}

# the message, the first and the second name, what is refused, where, what the refusal says
ALTERNATIVES = [
    (
        "FitArgs",
        ("batch_size", "per_replica_batch_size"),
        {"batch_size": 8, "per_replica_batch_size": 4},
        ["per_replica_batch_size"],
        "contradicts batch_size, which is for all replicas together; give one of them",
    ),
    (
        "Optimizer",
        ("clipnorm", "clipvalue", "global_clipnorm"),
        optimizer(shared={"clipnorm": 1, "clipvalue": 1, "global_clipnorm": 1}),
        ["optimizer.clipvalue", "optimizer.global_clipnorm"],
        "contradicts clipnorm, which clips the gradients already; give one of them",
    ),
    (
        "CosineDecay",
        ("warmup_steps", "warmup_epochs"),
        schedule("cosine_decay", **WARM, warmup_steps=1, warmup_epochs=1),
        [f"{RATE}.cosine_decay.warmup_epochs"],
        "contradicts warmup_steps, which says how long the warm-up is; give one of them",
    ),
    (
        "LearningRateScheduler",
        ("schedule", "function"),
        callback("learning_rate_scheduler", schedule=0.1, function="warm_up"),
        [f"{SCHEDULER}.function"],
        "cannot be given beside schedule; give one of them",
    ),
]
for message, kind, plain, lengths, alternatives in FULL_SCHEDULES:
    both = schedule(kind, **plain, **alternatives[0], **alternatives[1])
    paths = [f"{RATE}.{kind}.{lengths[1]}"]
    text = f"cannot be given beside {lengths[0]}; give one of them"
    ALTERNATIVES.append((message, lengths, both, paths, text))


@pytest.mark.parametrize(
    ("message", "names", "tree", "paths", "text"),
    ALTERNATIVES,
    ids=[f"{row[0]}.{row[1]}" for row in ALTERNATIVES],
)
def test_one_of_several_at_most(message, names, tree, paths, text, refused):
    """Each but the first is told, with the first; the first alone would do."""
    problems = refused(tree).problems

    assert [(path, text) for path in paths] == [(p.path, p.message) for p in problems]
    assert parse_fit_args(tree, overrides=dict.fromkeys(paths)) != FitArgs()


def test_every_alternative_is_above():
    """The rules hold what the tests above want, and no more."""
    groups = {(message, group) for message, groups in EXCLUSIVE.items() for group, _ in groups}
    groups |= {
        (message, names)
        for message, needed in REQUIRED.items()
        for names in needed
        if not isinstance(names, str)
    }

    assert groups == {row[:2] for row in ALTERNATIVES}


def test_a_value_that_contradicts_is_shown(refused):
    """Single values are; lists and messages are too long."""
    (problem,) = refused({"batch_size": 8, "per_replica_batch_size": 4}).problems
    assert 4 == problem.value
    pieces = {"values": [1, 2], "boundaries": [3], "boundary_epochs": [0.5]}
    error = refused(schedule(PIECES, **pieces))
    assert f"{RATE}.{PIECES}.boundary_epochs: cannot be given" in str(error)


CHECKPOINT = f"{CALLBACK}.model_checkpoint"
ORBAX = f"{CALLBACK}.orbax_checkpoint"
BOARD = f"{CALLBACK}.tensorboard"
BEST = "has an effect only with save_best_only: true"
AVERAGED = "has an effect only with use_ema: true"

# the message, the field and what it needs, what is refused, where, what the refusal says
NEEDS = [
    (
        "ModelCheckpoint",
        ("monitor", "save_best_only"),
        callback("model_checkpoint", filepath="a", monitor="loss"),
        CHECKPOINT,
        BEST,
    ),
    (
        "ModelCheckpoint",
        ("mode", "save_best_only"),
        callback("model_checkpoint", filepath="a", mode="min", save_best_only=False),
        CHECKPOINT,
        BEST,
    ),
    (
        "ModelCheckpoint",
        ("initial_value_threshold", "save_best_only"),
        callback("model_checkpoint", filepath="a", initial_value_threshold=0.0),
        CHECKPOINT,
        BEST,
    ),
    (
        "OrbaxCheckpoint",
        ("monitor", "save_best_only"),
        callback("orbax_checkpoint", directory="a", monitor="loss"),
        ORBAX,
        BEST,
    ),
    (
        "OrbaxCheckpoint",
        ("mode", "save_best_only"),
        callback("orbax_checkpoint", directory="a", mode="min"),
        ORBAX,
        BEST,
    ),
    (
        "OrbaxCheckpoint",
        ("initial_value_threshold", "save_best_only"),
        callback("orbax_checkpoint", directory="a", initial_value_threshold=0.0),
        ORBAX,
        BEST,
    ),
    (
        "TensorBoard",
        ("write_images", "histogram_freq"),
        callback("tensorboard", write_images=True, histogram_freq=0),
        BOARD,
        "has an effect only with histogram_freq of 1 or more",
    ),
    (
        "TensorBoard",
        ("embeddings_metadata", "embeddings_freq"),
        callback("tensorboard", embeddings_metadata={"layer": "labels.tsv"}),
        BOARD,
        "has an effect only with embeddings_freq of 1 or more",
    ),
    (
        "Optimizer",
        ("ema_momentum", "use_ema"),
        optimizer(shared={"ema_momentum": 0.5}),
        "optimizer",
        AVERAGED,
    ),
    (
        "Optimizer",
        ("ema_overwrite_frequency", "use_ema"),
        optimizer(shared={"ema_overwrite_frequency": 5, "use_ema": False}),
        "optimizer",
        AVERAGED,
    ),
    (
        "SGD",
        ("nesterov", "momentum"),
        optimizer(nesterov=True, momentum=0),
        "optimizer.sgd",
        "has an effect only with momentum above 0",
    ),
    (
        "CosineDecay",
        ("warmup_steps", "warmup_target"),
        schedule("cosine_decay", **FIRST, **STEPS, warmup_steps=1),
        f"{RATE}.cosine_decay",
        "has an effect only with warmup_target above 0",
    ),
    (
        "CosineDecay",
        ("warmup_epochs", "warmup_target"),
        schedule("cosine_decay", **FIRST, **STEPS, warmup_epochs=1),
        f"{RATE}.cosine_decay",
        "has an effect only with warmup_target above 0",
    ),
]


@pytest.mark.parametrize(
    ("message", "names", "tree", "path", "text"),
    NEEDS,
    ids=[f"{row[0]}.{row[1][0]}" for row in NEEDS],
)
def test_what_has_no_effect_by_itself(message, names, tree, path, text, refused):
    """It is refused without what it needs, and accepted with it."""
    name, needed = names
    (problem,) = refused(tree).problems
    field = fit_args_pb2.DESCRIPTOR.message_types_by_name[message].fields_by_name[needed]
    value = {field.TYPE_BOOL: True, field.TYPE_INT32: 1, field.TYPE_DOUBLE: 0.5}[field.type]

    assert (f"{path}.{name}", text) == (problem.path, problem.message)
    assert parse_fit_args(tree, overrides={f"{path}.{needed}": value}) != FitArgs()


def test_every_need_is_above():
    """The rules hold what the tests above want, and no more."""
    expected = {(m, pair) for m, names in NEEDED.items() for pair in names.items()}

    assert expected == {row[:2] for row in NEEDS}


@pytest.mark.parametrize(
    "tree",
    [optimizer(nesterov=False), callback("tensorboard", write_images=False)],
    ids=str,
)
def test_what_is_off_needs_nothing(tree):
    """A default that is written out misleads nobody."""
    assert parse_fit_args(tree) != FitArgs()


@pytest.mark.parametrize(
    ("tree", "path", "message"),
    [
        ({"callbacks": [{}]}, "callbacks[0]", "is empty; a Callback holds exactly one of early_"),
        ({"strategy": {}}, "strategy", "is empty; a Strategy holds exactly one of default, auto, "),
        ({"optimizer": {}}, "optimizer", "is empty; an Optimizer holds exactly one of adam, "),
        (
            {"optimizer": {"clipnorm": 1}},
            "optimizer",
            "chooses none; an Optimizer holds exactly one of adam, adamw, sgd, rmsprop, adagrad, "
            "adadelta, adamax, nadam, ftrl, lion, adafactor",
        ),
        (
            optimizer(shared={"learning_rate": {}}),
            RATE,
            "is empty; a LearningRate holds exactly one of constant, exponential_decay, ",
        ),
        (
            callback("learning_rate_scheduler", schedule={}),
            f"{SCHEDULER}.schedule",
            "is empty; a LearningRate holds exactly one of constant, ",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_choice_must_be_made(tree, path, message, refused):
    """Where a message stands for one of several things."""
    (problem,) = refused(tree).problems

    assert path == problem.path
    assert problem.message.startswith(message)


def test_the_tables_name_fields_of_the_contract():
    """A field that was renamed leaves no rule behind."""
    names = {
        (message, name)
        for message, all_ in REQUIRED.items()
        for needed in all_
        for name in ((needed,) if isinstance(needed, str) else needed)
    }
    names |= {(m, name) for m, groups in EXCLUSIVE.items() for g, _ in groups for name in g}
    names |= {(m, name) for m, pairs in NEEDED.items() for pair in pairs.items() for name in pair}
    messages = fit_args_pb2.DESCRIPTOR.message_types_by_name

    assert [] == [
        (message, name)
        for message, name in sorted(names)
        if name not in messages[message].fields_by_name
    ]
