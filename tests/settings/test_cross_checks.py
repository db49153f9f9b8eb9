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


def orbax(**fields):
    return callbacks(orbax_checkpoint={"directory": "a"} | fields)


def rate(learning_rate):
    return {"optimizer": {"sgd": {}, "learning_rate": learning_rate}}


def pieces_of(**fields):
    return {"piecewise_constant_decay": fields}


def pieces(**fields):
    return rate(pieces_of(**fields))


def cosine(**fields):
    return rate({"cosine_decay": {"initial_learning_rate": 0.1, "decay_steps": 5} | fields})


ZERO, FIRST = {"initial_learning_rate": 0}, {"initial_learning_rate": 0.1}
POLYNOMIAL = {"polynomial_decay": {**FIRST, "decay_steps": 5}}
PIECES = "optimizer.learning_rate.piecewise_constant_decay"
COSINE = "optimizer.learning_rate.cosine_decay"
ORBAX = "callbacks[0].orbax_checkpoint"
SCALED = {"sgd": {}, "loss_scale_factor": 8}
AVERAGED = {"sgd": {}, "use_ema": True}
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
        {"initial_epoch": 2, "epochs": 3, "validation": {"freq": 3}},
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
    (
        "evaluation within an epoch falls due",
        {"num_steps": 10, "validation": {"every_steps": 10}},
        "validation.every_steps",
        "never falls due within an epoch, which has num_steps 10; give a smaller one, or leave it",
        {"num_steps": 10, "validation": {"every_steps": 9}},
    ),
    (
        "evaluation within the only batch of an epoch",
        {"num_steps": 1, "validation": {"every_steps": 1}},
        "validation.every_steps",
        "never falls due within an epoch",
        {"num_steps": 0, "validation": {"every_steps": 1}},
    ),
    (
        "max_steps at the end of an execution",
        {"max_steps": 10, "execution": {"steps_per_execution": 4}},
        "max_steps",
        "must be a multiple of execution.steps_per_execution, which is 4, such as 8: nothing can",
        {"max_steps": 8, "execution": {"steps_per_execution": 4}},
    ),
    (
        "evaluation at the end of an execution",
        {"validation": {"every_steps": 3}, "execution": {"steps_per_execution": 2}},
        "validation.every_steps",
        "nothing can act between the batches of one execution",
        {"validation": {"every_steps": 3}, "execution": {"steps_per_execution": 1}},
    ),
    (
        "executions are of one batch by default",
        {"max_steps": 3, "execution": {"steps_per_execution": 5}},
        "max_steps",
        "must be a multiple of execution.steps_per_execution, which is 5, such as 5",
        {"max_steps": 3, "execution": {}},
    ),
    (
        "eager or compiled",
        {"execution": {"run_eagerly": True, "jit_compile": True}},
        "execution.run_eagerly",
        "contradicts execution.jit_compile: what runs eagerly is not compiled; take one of them",
        {"execution": {"run_eagerly": True, "jit_compile": False}},
    ),
    (
        "a buffer only to shuffle",
        {"input": {"shuffle": False, "shuffle_buffer_size": 5}},
        "input.shuffle_buffer_size",
        "has an effect only with shuffle: true",
        {"input": {"shuffle_buffer_size": 5}},
    ),
    (
        "saves within an epoch fall due",
        {"num_steps": 10, "resume": {"enabled": True, "save_every_steps": 10}},
        "resume.save_every_steps",
        "never falls due within an epoch, which has num_steps 10; give a smaller one, or leave it",
        {"num_steps": 10, "resume": {"enabled": True, "save_every_steps": 9}},
    ),
    (
        "saves at the end of an execution",
        {
            "resume": {"enabled": True, "save_every_steps": 3},
            "execution": {"steps_per_execution": 2},
        },
        "resume.save_every_steps",
        "must be a multiple of execution.steps_per_execution, which is 2, such as 2",
        {
            "resume": {"enabled": True, "save_every_steps": 4},
            "execution": {"steps_per_execution": 2},
        },
    ),
    (
        "a place for what is never saved",
        {"resume": {"directory": "/kept"}},
        "resume.directory",
        "has an effect only with resume.enabled: true",
        {"resume": {"enabled": False, "directory": "/kept"}},
    ),
    (
        "one state that is put back",
        callbacks(backup_and_restore={"backup_dir": "/kept"}) | {"resume": {"enabled": True}},
        "callbacks[0].backup_and_restore",
        "restores an older state over that of resume, which is whole; leave the callback out",
        callbacks(backup_and_restore={"backup_dir": "/kept"}) | {"resume": {"enabled": False}},
    ),
    (
        "no clock for several workers",
        {"max_time": "1h30m", "strategy": {"multi_worker_mirrored": {}}},
        "max_time",
        "cannot be kept by several workers",
        {"max_time": "1h30m", "strategy": {"mirrored": {}}},
    ),
    (
        "mode of an Orbax checkpoint that keeps the best",
        orbax(save_best_only=True, monitor="val_auc"),
        f"{ORBAX}.mode",
        "must say whether val_auc should fall or rise",
        orbax(save_best_only=True, monitor="val_auc", mode="max"),
    ),
    (
        "an Orbax checkpoint that watches nothing needs no validation",
        orbax(save_best_only=True) | {"epochs": 4, "validation": {"freq": 2}},
        f"{ORBAX}.monitor",
        "is only known every 2 epochs",
        orbax() | {"epochs": 4, "validation": {"freq": 2}},
    ),
    (
        "saving the best with Orbax between epochs",
        orbax(save_best_only=True, save_freq=10),
        f"{ORBAX}.save_freq",
        "saves between epochs, where val_loss is unknown",
        orbax(save_freq=10),
    ),
    (
        "one writer per directory, Orbax too",
        callbacks(tensorboard={"log_dir": "x"}, orbax_checkpoint={"directory": "x/"}),
        "callbacks[1].orbax_checkpoint.directory",
        "is where callbacks[0].tensorboard.log_dir writes too",
        callbacks(tensorboard={"log_dir": "x"}, orbax_checkpoint={"directory": "y"}),
    ),
    (
        "one writer per directory, the backup too",
        callbacks(tensorboard={"log_dir": "/x"}, backup_and_restore={"backup_dir": "/x"}),
        "callbacks[1].backup_and_restore.backup_dir",
        "is where callbacks[0].tensorboard.log_dir writes too",
        callbacks(tensorboard={"log_dir": "/x"}, backup_and_restore={"backup_dir": "/x/b"}),
    ),
    (
        "no path of a user's home",
        board(log_dir="~/logs"),
        f"{BOARD}.log_dir",
        "starts with ~, which is not expanded; write it out",
        board(log_dir="logs~"),
    ),
    (
        "a backup outlives the run",
        callbacks(backup_and_restore={"backup_dir": "backup"}),
        "callbacks[0].backup_and_restore.backup_dir",
        "would be below model_run, which TFX deletes when a run fails; give an absolute path or a",
        callbacks(backup_and_restore={"backup_dir": "/backup"}),
    ),
    (
        "a backup outside of model_run by a relative path is told once",
        callbacks(backup_and_restore={"backup_dir": "../backup"}),
        "callbacks[0].backup_and_restore.backup_dir",
        "give an absolute path or a URL",
        callbacks(backup_and_restore={"backup_dir": "gs://bucket/backup"}),
    ),
    (
        "a backup in a user's home is told once",
        callbacks(backup_and_restore={"backup_dir": "~/backup"}),
        "callbacks[0].backup_and_restore.backup_dir",
        "starts with ~",
        callbacks(backup_and_restore={"backup_dir": "/~/backup"}),
    ),
    (
        "a lambda callback calls something",
        callbacks(lambda_callback={}),
        "callbacks[0].lambda_callback",
        "calls nothing; name a function for one of on_epoch_begin, on_epoch_end, on_train_begin",
        callbacks(lambda_callback={"on_train_batch_end": "tell"}),
    ),
    (
        "one that sets the rate: a schedule or a scheduler",
        callbacks(learning_rate_scheduler={"function": "f"}) | rate(POLYNOMIAL),
        "callbacks[0].learning_rate_scheduler",
        "cannot set the rate, since optimizer.learning_rate.polynomial_decay does; take one of",
        callbacks(learning_rate_scheduler={"function": "f"}) | rate(0.1),
    ),
    (
        "one that sets the rate: a schedule or a plateau",
        callbacks(reduce_lr_on_plateau={}) | rate(POLYNOMIAL),
        "callbacks[0].reduce_lr_on_plateau",
        "cannot set the rate, since optimizer.learning_rate.polynomial_decay does",
        callbacks(reduce_lr_on_plateau={}) | {"optimizer": {"sgd": {}}},
    ),
    (
        "a plateau lowers no rate that each epoch sets anew",
        callbacks(reduce_lr_on_plateau={}, learning_rate_scheduler={"schedule": POLYNOMIAL}),
        "callbacks[0].reduce_lr_on_plateau",
        "lowers a rate that callbacks[1].learning_rate_scheduler sets anew in each epoch",
        callbacks(reduce_lr_on_plateau={}, learning_rate_scheduler={"function": "f"}),
    ),
    (
        "averages to swap in",
        callbacks(swap_ema_weights={}) | {"optimizer": {"sgd": {}}},
        "callbacks[0].swap_ema_weights",
        "has no averages to swap in; set optimizer.use_ema: true",
        callbacks(swap_ema_weights={}) | {"optimizer": {"sgd": {}, "use_ema": True}},
    ),
    (
        "averages of an optimizer that the module chooses",
        callbacks(swap_ema_weights={}) | {"optimizer": {"sgd": {}, "use_ema": False}},
        "callbacks[0].swap_ema_weights",
        "has no averages to swap in",
        callbacks(swap_ema_weights={}),
    ),
    (
        "one that scales the loss",
        {"optimizer": SCALED, "execution": {"precision": "mixed_float16"}},
        "optimizer.loss_scale_factor",
        "has no place beside execution.precision mixed_float16, which scales by itself; leave it",
        {"optimizer": SCALED, "execution": {"precision": "mixed_bfloat16"}},
    ),
    (
        "averages are not lost at the end",
        stopping(restore_best_weights=True) | {"optimizer": AVERAGED},
        "optimizer.use_ema",
        f"is undone by {EARLY}.restore_best_weights, which puts weights in place of the averages",
        stopping(restore_best_weights=False) | {"optimizer": AVERAGED},
    ),
    (
        "averages are not lost where they are swapped in",
        stopping(restore_best_weights=True) | {"optimizer": AVERAGED},
        "optimizer.use_ema",
        "take one out, or add the callback swap_ema_weights",
        callbacks(early_stopping={"restore_best_weights": True}, swap_ema_weights={})
        | {"optimizer": AVERAGED},
    ),
    (
        "averages are not lost where they overwrite the weights",
        stopping(restore_best_weights=True) | {"optimizer": AVERAGED},
        "optimizer.use_ema",
        "is undone by",
        stopping(restore_best_weights=True)
        | {"optimizer": {**AVERAGED, "ema_overwrite_frequency": 5}},
    ),
    (
        "only averages that are kept can be lost",
        stopping(restore_best_weights=True) | {"optimizer": AVERAGED},
        "optimizer.use_ema",
        "is undone by",
        stopping(restore_best_weights=True) | {"optimizer": {"sgd": {}}},
    ),
    (
        "boundaries rise",
        pieces(boundaries=[5, 5], values=[1, 2, 3]),
        f"{PIECES}.boundaries",
        "must rise from each to the next",
        pieces(boundaries=[5, 6], values=[1, 2, 3]),
    ),
    (
        "boundaries in epochs rise",
        pieces(boundary_epochs=[1.5, 0.5], values=[1, 2, 3]),
        f"{PIECES}.boundary_epochs",
        "must rise from each to the next",
        pieces(boundary_epochs=[0.5, 1.5], values=[1, 2, 3]),
    ),
    (
        "one value more than boundaries",
        pieces(boundaries=[5], values=[1]),
        f"{PIECES}.values",
        "must be one value more than boundaries, so 2 values",
        pieces(boundaries=[5], values=[1, 2]),
    ),
    (
        "one value more than boundaries in epochs",
        pieces(boundary_epochs=[5], values=[1, 2, 3]),
        f"{PIECES}.values",
        "must be one value more than boundary_epochs, so 2 values",
        pieces(boundary_epochs=[5], values=[1, 2]),
    ),
    (
        "one value more than boundaries, in a scheduler",
        callbacks(learning_rate_scheduler={"schedule": pieces_of(boundaries=[5], values=[1])}),
        "callbacks[0].learning_rate_scheduler.schedule.piecewise_constant_decay.values",
        "must be one value more than boundaries, so 2 values",
        callbacks(learning_rate_scheduler={"schedule": pieces_of(boundaries=[5], values=[1, 2])}),
    ),
    (
        "a warm-up has a length",
        cosine(warmup_target=0.5),
        f"{COSINE}.warmup_target",
        "needs the length of the warm-up; give warmup_steps or warmup_epochs",
        cosine(warmup_target=0.5, warmup_epochs=1),
    ),
    (
        "a rate that starts at 0 rises",
        cosine(initial_learning_rate=0),
        f"{COSINE}.initial_learning_rate",
        "keeps the rate at 0, so nothing is learnt; give a larger one, or give warmup_target",
        cosine(initial_learning_rate=0, warmup_target=0.5, warmup_steps=5),
    ),
    (
        "a line that starts at 0 rises",
        rate({"polynomial_decay": {**ZERO, "decay_steps": 5, "end_learning_rate": 0}}),
        "optimizer.learning_rate.polynomial_decay.initial_learning_rate",
        "keeps the rate at 0",
        rate({"polynomial_decay": {**ZERO, "decay_steps": 5}}),
    ),
    (
        "a line may end at 0",
        rate({"polynomial_decay": {**ZERO, "decay_steps": 5, "end_learning_rate": 0}}),
        "optimizer.learning_rate.polynomial_decay.initial_learning_rate",
        "keeps the rate at 0",
        rate({"polynomial_decay": {**FIRST, "decay_steps": 5, "end_learning_rate": 0}}),
    ),
    *[
        (
            f"{kind} starts above 0",
            rate({kind: {**ZERO, **rest}}),
            f"optimizer.learning_rate.{kind}.initial_learning_rate",
            "keeps the rate at 0",
            rate({kind: {**FIRST, **rest}}),
        )
        for kind, rest in [
            ("exponential_decay", {"decay_steps": 5, "decay_rate": 0.5}),
            ("cosine_decay_restarts", {"first_decay_steps": 5}),
            ("inverse_time_decay", {"decay_epochs": 5, "decay_rate": 0.5}),
        ]
    ],
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


def test_an_empty_path_is_one_problem(refused_paths):
    """It is not told again as a place where two callbacks write."""
    callbacks = [{"tensorboard": {}}, {"csv_logger": {"filename": ""}}]
    assert ["callbacks[1].csv_logger.filename"] == refused_paths({"callbacks": callbacks})


def test_time_is_told_as_it_is_written(refused):
    """In seconds, as the settings' JSON has it."""
    tree = {"max_time": "1h30m", "strategy": {"multi_worker_mirrored": {}}}
    assert 'max_time = "5400s": cannot be kept' in str(refused(tree))
