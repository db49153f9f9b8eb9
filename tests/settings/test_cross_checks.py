# SPDX-License-Identifier: Apache-2.0
"""Checks across fields: each with what it refuses and the nearest that is fine."""

import pytest

from fit_component.settings import parse_fit_args


def callbacks(**fields):
    return {"callbacks": [{name: value} for name, value in fields.items()]}


def checkpoint(**fields):
    return callbacks(model_checkpoint={"filepath": "a.keras"} | fields)


def template(filepath, **fields):
    return callbacks(model_checkpoint={"filepath": filepath} | fields)


def stopping(**fields):
    return callbacks(early_stopping=fields)


def board(**fields):
    return callbacks(tensorboard=fields)


EARLY = "callbacks[0].early_stopping"
BOARD = "callbacks[0].tensorboard"
SAVE = "callbacks[0].model_checkpoint"
LOG = {"filename": "log.csv"}

# what is checked, refused, path, a part of the message, accepted neighbour
CHECKS = [
    (
        "initial_epoch below epochs",
        {"initial_epoch": 3, "epochs": 3},
        "initial_epoch",
        "must be below epochs, which is 3",
        {"initial_epoch": 2, "epochs": 3},
    ),
    (
        "initial_epoch below the default of epochs",
        {"initial_epoch": 1},
        "initial_epoch",
        "must be below epochs, which is 1",
        {"initial_epoch": 0},
    ),
    (
        "one batch size",
        {"batch_size": 8, "per_replica_batch_size": 4},
        "per_replica_batch_size",
        "contradicts batch_size",
        {"per_replica_batch_size": 4, "validation": {"batch_size": 8}},
    ),
    (
        "determinism needs a seed",
        {"deterministic": True},
        "deterministic",
        "needs a seed",
        {"deterministic": True, "seed": 0},
    ),
    (
        "no determinism needs none",
        {"deterministic": True, "epochs": 2},
        "deterministic",
        "needs a seed",
        {"deterministic": False},
    ),
    (
        "validation falls due",
        {"epochs": 2, "validation": {"freq": 3}},
        "validation.freq",
        "never falls due between the epochs 0 and 2",
        {"epochs": 3, "validation": {"freq": 3}},
    ),
    (
        "validation falls due in the only epoch",
        {"validation": {"freq": 2}},
        "validation.freq",
        "never falls due between the epochs 0 and 1",
        {"validation": {"freq": 1}},
    ),
    (
        "validation falls due after initial_epoch",
        {"initial_epoch": 3, "epochs": 5, "validation": {"freq": 3}},
        "validation.freq",
        "never falls due between the epochs 3 and 5",
        {"initial_epoch": 2, "epochs": 5, "validation": {"freq": 3}},
    ),
    (
        "mode where the direction is not plain",
        stopping(monitor="val_auc"),
        f"{EARLY}.mode",
        "must say whether val_auc should fall or rise: min or max",
        stopping(monitor="val_auc", mode="max"),
    ),
    (
        "mode auto is no answer",
        stopping(monitor="auc", mode="auto"),
        f"{EARLY}.mode",
        "must say whether auc should fall or rise",
        stopping(monitor="tips_acc", mode="auto"),
    ),
    (
        "the direction of a loss is plain",
        stopping(monitor="lossy"),
        f"{EARLY}.mode",
        "must say whether lossy should fall or rise",
        stopping(monitor="tips_loss"),
    ),
    (
        "the loss itself is plain",
        stopping(monitor="my_loss_2"),
        f"{EARLY}.mode",
        "must say whether my_loss_2",
        stopping(monitor="loss"),
    ),
    (
        "accuracy is plain",
        callbacks(reduce_lr_on_plateau={"monitor": "val_precision"}),
        "callbacks[0].reduce_lr_on_plateau.mode",
        "must say whether val_precision should fall or rise",
        callbacks(reduce_lr_on_plateau={"monitor": "val_binary_accuracy"}),
    ),
    (
        "mode of a checkpoint that keeps the best",
        checkpoint(save_best_only=True, monitor="val_auc"),
        f"{SAVE}.mode",
        "must say whether val_auc should fall or rise",
        checkpoint(save_best_only=True, monitor="val_auc", mode="max"),
    ),
    (
        "a val_ metric in every epoch",
        stopping() | {"epochs": 4, "validation": {"freq": 2}},
        f"{EARLY}.monitor",
        "is only known every 2 epochs, since validation.freq is 2",
        stopping(monitor="loss") | {"epochs": 4, "validation": {"freq": 2}},
    ),
    (
        "a val_ metric with validation in every epoch",
        stopping(monitor="val_acc") | {"epochs": 4, "validation": {"freq": 2}},
        f"{EARLY}.monitor",
        "set that to 1, or watch a training metric",
        stopping(monitor="val_acc") | {"epochs": 4, "validation": {"freq": 1}},
    ),
    (
        "a checkpoint that watches nothing needs no validation",
        checkpoint(save_best_only=True) | {"epochs": 4, "validation": {"freq": 2}},
        f"{SAVE}.monitor",
        "is only known every 2 epochs",
        checkpoint() | {"epochs": 4, "validation": {"freq": 2}},
    ),
    (
        "monitor only with save_best_only",
        checkpoint(monitor="loss"),
        f"{SAVE}.monitor",
        "has an effect only with save_best_only: true",
        checkpoint(monitor="loss", save_best_only=True),
    ),
    (
        "mode only with save_best_only",
        checkpoint(mode="min", save_best_only=False),
        f"{SAVE}.mode",
        "has an effect only with save_best_only: true",
        checkpoint(mode="min", save_best_only=True),
    ),
    (
        "initial_value_threshold only with save_best_only",
        checkpoint(initial_value_threshold=0.0),
        f"{SAVE}.initial_value_threshold",
        "has an effect only with save_best_only: true",
        checkpoint(initial_value_threshold=0.0, save_best_only=True),
    ),
    (
        "saving the best between epochs by a training metric",
        checkpoint(save_best_only=True, save_freq=10),
        f"{SAVE}.save_freq",
        "saves between epochs, where val_loss is unknown",
        checkpoint(save_best_only=True, save_freq=10, monitor="loss"),
    ),
    (
        "saving the best by validation at the end of epochs",
        checkpoint(save_best_only=True, save_freq=10, monitor="val_acc"),
        f"{SAVE}.save_freq",
        "leave save_freq out, or watch a training metric",
        checkpoint(save_best_only=True, monitor="val_acc"),
    ),
    (
        "a template that Python can format",
        template("a-{epoch"),
        f"{SAVE}.filepath",
        "is no template that Python can format",
        template("a-{epoch}"),
    ),
    (
        "braces with a name",
        template("a-{:02d}"),
        f"{SAVE}.filepath",
        "has braces without a plain name; write {epoch}",
        template("a-{epoch:02d}"),
    ),
    (
        "braces with a name, not a number",
        template("a-{0}"),
        f"{SAVE}.filepath",
        "has braces without a plain name",
        template("a-{{0}}"),
    ),
    (
        "a val_ metric in the name with validation in every epoch",
        template("{val_loss:.3f}.keras") | {"epochs": 2, "validation": {"freq": 2}},
        f"{SAVE}.filepath",
        "names val_loss, which is unknown at some saves",
        template("{val_loss:.3f}.keras") | {"epochs": 2, "validation": {"freq": 1}},
    ),
    (
        "a val_ metric in the name with saves at the end of epochs",
        template("{val_acc}.keras", save_freq=10),
        f"{SAVE}.filepath",
        "names val_acc, which is unknown at some saves",
        template("{loss}.keras", save_freq=10),
    ),
    (
        "write_images needs histogram_freq",
        board(write_images=True, histogram_freq=0),
        f"{BOARD}.write_images",
        "has an effect only with histogram_freq of 1 or more",
        board(write_images=True, histogram_freq=1),
    ),
    (
        "embeddings_metadata needs embeddings_freq",
        board(embeddings_metadata={"layer": "labels.tsv"}),
        f"{BOARD}.embeddings_metadata",
        "has an effect only with embeddings_freq of 1 or more",
        board(embeddings_metadata={"layer": "labels.tsv"}, embeddings_freq=1),
    ),
    (
        "at most two batches to profile",
        board(profile_batch=[1, 2, 3]),
        f"{BOARD}.profile_batch",
        "must be one batch, or the first and the last of several",
        board(profile_batch=[2, 2]),
    ),
    (
        "the first batch to profile before the last",
        board(profile_batch=[3, 2]),
        f"{BOARD}.profile_batch",
        "must be one batch, or the first and the last of several",
        board(profile_batch=[3]),
    ),
    (
        "start_from_epoch below epochs",
        stopping(start_from_epoch=3) | {"epochs": 3},
        f"{EARLY}.start_from_epoch",
        "is not below epochs, which is 3, so it never watches",
        stopping(start_from_epoch=2) | {"epochs": 3},
    ),
    (
        "start_from_epoch below the default of epochs",
        stopping(start_from_epoch=1),
        f"{EARLY}.start_from_epoch",
        "is not below epochs, which is 1",
        stopping(start_from_epoch=0),
    ),
    (
        "no two equal callbacks",
        {"callbacks": [{"terminate_on_nan": {}}, {"csv_logger": LOG}, {"terminate_on_nan": {}}]},
        "callbacks[2]",
        "equals callbacks[0]; keep one",
        {"callbacks": [{"early_stopping": {}}, {"early_stopping": {"patience": 1}}]},
    ),
    (
        "one writer per file",
        {
            "callbacks": [
                {"csv_logger": LOG},
                {"csv_logger": {"filename": "./log.csv", "separator": ";"}},
            ]
        },
        "callbacks[1].csv_logger.filename",
        "is where callbacks[0].csv_logger.filename writes too; choose another",
        {"callbacks": [{"csv_logger": LOG}, {"csv_logger": {"filename": "log2.csv"}}]},
    ),
    (
        "one writer per file, of different kinds",
        callbacks(tensorboard={"log_dir": "x/y"}, model_checkpoint={"filepath": "x//y"}),
        "callbacks[1].model_checkpoint.filepath",
        "is where callbacks[0].tensorboard.log_dir writes too",
        callbacks(tensorboard={"log_dir": "x/y"}, model_checkpoint={"filepath": "/x/y"}),
    ),
    (
        "relative paths stay inside",
        callbacks(csv_logger={"filename": "../log.csv"}),
        "callbacks[0].csv_logger.filename",
        "leads out of model_run; give an absolute path if that is meant",
        callbacks(csv_logger={"filename": "..log.csv"}),
    ),
    (
        "relative paths stay inside, after all",
        board(log_dir="a/../.."),
        f"{BOARD}.log_dir",
        "leads out of model_run",
        board(log_dir="/a/../b"),
    ),
    (
        "relative checkpoints stay inside",
        template("../a.keras"),
        f"{SAVE}.filepath",
        "leads out of model_run",
        template("b/../a.keras"),
    ),
    (
        "each device once",
        {"strategy": {"mirrored": {"devices": ["GPU:0", "GPU:1", "GPU:0"]}}},
        "strategy.mirrored.devices[2]",
        "is named twice; keep one",
        {"strategy": {"mirrored": {"devices": ["GPU:0", "GPU:1"]}}},
    ),
]

IDS = [row[0] for row in CHECKS]
REFUSED = [row[1:4] for row in CHECKS]
ACCEPTED = [row[4] for row in CHECKS]


@pytest.mark.parametrize(("tree", "path", "message"), REFUSED, ids=IDS)
def test_refused(tree, path, message, refused):
    """One problem, at the path to change, with the repair."""
    (problem,) = refused(tree).problems

    assert path == problem.path
    assert message in problem.message


@pytest.mark.parametrize("tree", ACCEPTED, ids=IDS)
def test_accepted_neighbour(tree):
    """The nearest settings that make sense pass."""
    assert parse_fit_args(tree) == parse_fit_args(parse_fit_args(tree))


@pytest.mark.parametrize("tree", [{"epochs": 0, "initial_epoch": 0}, {"epochs": 0} | stopping()])
def test_impossible_epochs_are_told_once(tree, refused_paths):
    """A wrong number of epochs is not told again as a contradiction."""
    assert ["epochs"] == refused_paths(tree)


def test_no_epochs_left_is_told_once(refused_paths):
    """Where nothing is trained, validation is not told to be missing too."""
    tree = {"initial_epoch": 5, "epochs": 5, "validation": {"freq": 3}}

    assert ["initial_epoch"] == refused_paths(tree)


def test_equal_writers_are_told_once(refused_paths):
    """A callback given twice is not told again as two writers of one file."""
    assert ["callbacks[1]"] == refused_paths(
        {"callbacks": [{"csv_logger": LOG}, {"csv_logger": LOG}]}
    )


def test_two_tensorboards_may_not_share_the_default_directory(refused_paths):
    """Their event files would mix."""
    boards = [{"tensorboard": {}}, {"tensorboard": {"histogram_freq": 1}}]
    assert ["callbacks[1].tensorboard.log_dir"] == refused_paths({"callbacks": boards})


def test_an_empty_monitor_is_one_problem(refused_paths):
    """Its direction is not asked for too."""
    callbacks = [{"early_stopping": {"monitor": ""}}]
    expected = ["callbacks[0].early_stopping.monitor"]
    assert expected == refused_paths({"callbacks": callbacks})
