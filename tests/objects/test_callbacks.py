# SPDX-License-Identifier: Apache-2.0
"""Callbacks from settings: what goes in can be read back from the object."""

from __future__ import annotations

import importlib.util
import sys
import types

import keras
import pytest
import tf_keras

from fit_component import Callback, FitArgs, FitArgsError
from fit_component.errors import Problem
from fit_component.objects.callbacks import (
    _ROWS,
    check_callbacks,
    make_callbacks,
    make_directories,
)
from fit_component.objects.compatibility import check_against
from fit_component.objects.signatures import has_argument
from fit_component.objects.surroundings import for_checking


def of_epoch(epoch, logs):
    """Functions of a module file."""


def of_training(logs):
    """See above."""


def of_batch(batch, logs):
    """See above."""


def new_rate(epoch, learning_rate):
    """See above."""
    return learning_rate / 2


def needless(epoch, learning_rate, more):
    """See above."""


FUNCTIONS = (of_epoch, of_training, of_batch, new_rate, needless)

# Each kind with every argument, and what the object then holds.
ARGUMENTS = {
    "early_stopping": (
        {
            "monitor": "val_auc",
            "min_delta": 0.5,
            "patience": 3,
            "verbose": 1,
            "mode": "max",
            "baseline": 0.25,
            "restore_best_weights": True,
            "start_from_epoch": 2,
        },
        {},
    ),
    "tensorboard": (
        {
            "log_dir": "logs",
            "histogram_freq": 2,
            "write_graph": False,
            "write_images": True,
            "write_steps_per_second": True,
            "update_freq": 5,
            "embeddings_freq": 3,
            "embeddings_metadata": {"words": "words.tsv"},
        },
        {"log_dir": "{run}/logs"},
    ),
    "reduce_lr_on_plateau": (
        {
            "monitor": "loss",
            "factor": 0.5,
            "patience": 4,
            "verbose": 1,
            "mode": "min",
            "min_delta": 0.25,
            "cooldown": 2,
            "min_lr": 0.125,
        },
        {},
    ),
    "model_checkpoint": (
        {
            "filepath": "{epoch}.weights.h5",
            "monitor": "val_auc",
            "verbose": 1,
            "save_best_only": True,
            "save_weights_only": True,
            "mode": "max",
            "initial_value_threshold": 0.5,
        },
        {
            "filepath": "{run}/{epoch}.weights.h5",
            "mode": None,  # kept as the comparison that it stands for
            "initial_value_threshold": None,
            "best": 0.5,
        },
    ),
    "csv_logger": (
        {"filename": "a/history.csv", "separator": ";", "append": True},
        {"filename": "{run}/a/history.csv", "separator": None, "sep": ";"},
    ),
    "terminate_on_nan": ({"raise_error": True}, {}),
    "backup_and_restore": (
        {
            "backup_dir": "/backups/a",
            "save_freq": 7,
            "double_checkpoint": True,
            "delete_checkpoint": False,
            "save_before_preemption": True,
        },
        {},
    ),
    "lambda_callback": (
        {
            "on_epoch_begin": "of_epoch",
            "on_epoch_end": "of_epoch",
            "on_train_begin": "of_training",
            "on_train_end": "of_training",
            "on_train_batch_begin": "of_batch",
            "on_train_batch_end": "of_batch",
        },
        {
            "on_epoch_begin": of_epoch,
            "on_epoch_end": of_epoch,
            "on_train_begin": of_training,
            "on_train_end": of_training,
            "on_train_batch_begin": of_batch,
            "on_train_batch_end": of_batch,
        },
    ),
    "learning_rate_scheduler": (
        {"function": "new_rate", "verbose": 1},
        {"function": None, "schedule": new_rate},
    ),
    "orbax_checkpoint": (
        {
            "directory": "kept",
            "monitor": "val_auc",
            "verbose": 1,
            "save_best_only": True,
            "mode": "max",
            "initial_value_threshold": 0.5,
            "max_to_keep": 3,
            "save_on_background": False,
            "save_weights_only": True,
        },
        {"directory": "{run}/kept", "initial_value_threshold": None, "best": 0.5},
    ),
    "remote_monitor": (
        {
            "root": "http://localhost:1",
            "path": "/epochs",
            "field": "metrics",
            "headers": {"Authorization": "none"},
            "send_as_json": True,
        },
        {},
    ),
    "swap_ema_weights": ({"swap_on_epoch": True}, {}),
}

# What is not in every Keras: the first Keras 3 that has it, None for tf_keras alone.
NOT_EVERYWHERE = {
    ("terminate_on_nan", "raise_error"): (3, 13),
    ("backup_and_restore", "double_checkpoint"): (3, 7),
    ("backup_and_restore", "save_before_preemption"): None,
    ("orbax_checkpoint", None): (3, 14),
    ("swap_ema_weights", None): (3, 1),
}

# Those of the user's own have tests of their own.
OF_USERS = {"custom", "from_module"}


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras whose classes are used."""
    return request.param


def module_file(*functions):
    """A module file, loaded, with some functions."""
    loaded = types.ModuleType("users_module")
    vars(loaded).update({function.__name__: function for function in functions})
    return loaded


def make(module, *callbacks, directory="run", users=None, steps_per_epoch=None):
    """The callbacks that dicts of settings describe."""
    return make_callbacks(
        FitArgs(callbacks=list(callbacks)),
        module,
        str(directory),
        module=users,
        steps_per_epoch=steps_per_epoch,
    )


def problems_of(module, *callbacks, **options):
    """The problems of callbacks, as they are made."""
    with pytest.raises(FitArgsError) as caught:
        make(module, *callbacks, **options)
    return {problem.path: problem.message for problem in caught.value.problems}


def has(module, kind, name=None):
    """Whether a Keras has a callback, or an argument of it, as its releases say."""
    if (kind, None) in NOT_EVERYWHERE and name is not None:
        return has(module, kind)
    since = NOT_EVERYWHERE.get((kind, name), ())
    if module is tf_keras:
        return since in ((), None)
    version = tuple(int(part) for part in keras.__version__.split(".")[:2])
    return since is not None and version >= since


def is_installed(package):
    """Whether a package is there."""
    return importlib.util.find_spec(package) is not None


def made(kind):
    """The Keras modules that make a callback; that others refuse it has tests of its own."""
    installed = kind != "orbax_checkpoint" or is_installed("orbax")
    having = [module for module in (keras, tf_keras) if installed and has(module, kind)]
    return [pytest.param(module, kind, id=f"{kind}-{module.__name__}") for module in having]


def test_every_kind_of_callback_has_a_row_and_a_test():
    """A callback that is in the contract can be made."""
    kinds = {field.name for field in Callback.DESCRIPTOR.fields}
    assert kinds == set(_ROWS)
    assert kinds == set(ARGUMENTS) | OF_USERS


@pytest.mark.parametrize("kind", ARGUMENTS)
def test_every_field_is_tested(kind):
    """No argument of the contract is left out below."""
    message = Callback.DESCRIPTOR.fields_by_name[kind].message_type
    elsewhere = {"profile_batch", "schedule"}
    if kind in ("model_checkpoint", "orbax_checkpoint"):
        elsewhere.add("save_freq")  # not beside save_best_only
    assert {field.name for field in message.fields} - elsewhere == set(ARGUMENTS[kind][0])


@pytest.mark.parametrize(
    ("module", "kind"), [pair for kind in ARGUMENTS for pair in made(kind)], indirect=["module"]
)
def test_arguments_reach_the_object(module, kind, tmp_path):
    """What the settings say is what the Keras object holds."""
    given, differently = ARGUMENTS[kind]
    given = {name: value for name, value in given.items() if has(module, kind, name)}
    (callback,) = make(module, {kind: given}, directory=tmp_path, users=module_file(*FUNCTIONS))
    assert isinstance(callback, getattr(module.callbacks, _ROWS[kind].class_name))
    held = {**given, **differently}
    for name, expected in held.items():
        if expected is None:
            continue
        if isinstance(expected, str):
            expected = expected.replace("{run}", str(tmp_path))
        assert expected == _held(callback, name), name


def test_a_zero_that_is_set_reaches_the_object(module):
    """It is not taken for a field that is not set: Keras has other defaults."""
    plateau = {"reduce_lr_on_plateau": {"patience": 0, "min_delta": 0.0}}
    stopping = {"early_stopping": {"baseline": 0.0}}
    lowers, stops = make(module, plateau, stopping)
    assert (0, 0.0, 0.0) == (lowers.patience, lowers.min_delta, stops.baseline)


@pytest.mark.parametrize(("kind", "name"), NOT_EVERYWHERE)
def test_what_a_keras_does_not_have_is_refused_by_its_path(module, kind, name, tmp_path):
    """With the Keras in use, and which one has it."""
    given = {**ARGUMENTS[kind][0]}
    path = f"callbacks[0].{kind}.{name}" if name else f"callbacks[0].{kind}"
    settings = FitArgs(callbacks=[{kind: given}])
    problems = {p.path: p.message for p in check_callbacks(settings, module, str(tmp_path))}
    assert has(module, kind, name) == ("does not have it" not in problems.get(path, ""))
    if path in problems and not has(module, kind, name):
        since = NOT_EVERYWHERE[kind, name]
        having = f"Keras {since[0]}.{since[1]} and newer do" if since else "tf_keras"
        version = f"{module.__name__} {module.__version__} does not have it; "
        assert problems[path].startswith(f"{version}{having}")


def test_all_that_is_lacking_is_told_at_once(tmp_path):
    """The path of each, and one line each."""
    backup = {"backup_dir": "/a", "double_checkpoint": True}
    settings = FitArgs(
        callbacks=[
            {"early_stopping": {}},
            {"terminate_on_nan": {"raise_error": True}},
            {"swap_ema_weights": {}},
            {"backup_and_restore": backup},
            {"orbax_checkpoint": {"directory": "a"}},
        ]
    )
    with pytest.raises(FitArgsError) as caught:
        check_against(tf_keras, settings, str(tmp_path))
    version = f"tf_keras {tf_keras.__version__} does not have it"
    assert str(caught.value).splitlines() == [
        "train_args: 4 problems",
        f"  callbacks[1].terminate_on_nan.raise_error = true: {version}; Keras 3.13 and newer do",
        f"  callbacks[2].swap_ema_weights: {version}; Keras 3.1 and newer do",
        "  callbacks[3].backup_and_restore.double_checkpoint = true: "
        f"{version}; Keras 3.7 and newer do",
        f"  callbacks[4].orbax_checkpoint: {version}; Keras 3.14 and newer do",
    ]


def test_an_absent_package_is_told_with_the_command_that_brings_it(module, monkeypatch):
    """Keras itself would fail at the end of the first epoch."""
    monkeypatch.setitem(sys.modules, "requests", None)
    problems = problems_of(module, {"remote_monitor": {}})
    expected = {
        "callbacks[0].remote_monitor": "needs a package that is absent: pip install requests"
    }
    assert expected == problems


@pytest.mark.skipif(is_installed("orbax"), reason="orbax-checkpoint is installed")
@pytest.mark.skipif(not has(keras, "orbax_checkpoint"), reason="needs Keras 3.14")
def test_orbax_is_not_part_of_keras():
    """It is told before training."""
    problems = check_callbacks(
        FitArgs(callbacks=[{"orbax_checkpoint": {"directory": "a"}}]), keras, "run"
    )
    expected = ["needs a package that is absent: pip install orbax-checkpoint"]
    assert expected == [problem.message for problem in problems]


@pytest.mark.skipif(not is_installed("orbax"), reason="orbax-checkpoint is not installed")
@pytest.mark.skipif(not has(keras, "orbax_checkpoint"), reason="needs Keras 3.14")
def test_a_check_makes_no_directory_of_orbax(tmp_path):
    """The constructor does."""
    settings = FitArgs(callbacks=[{"orbax_checkpoint": {"directory": "a"}}])
    assert [] == check_callbacks(settings, keras, str(tmp_path))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("EarlyStopping", "patience", True),
        ("EarlyStopping", "patients", False),
        ("LambdaCallback", "on_train_batch_end", True),
        ("LambdaCallback", "on_train_batch_ended", False),
        ("TensorBoard", "write_graph", True),
        ("TensorBoard", "double_checkpoint", False),
    ],
)
def test_what_a_class_takes_is_asked_of_the_class(module, kind, name, expected):
    """Some take any keyword, and most of those are for nothing."""
    assert expected is has_argument(getattr(module.callbacks, kind), name)


@pytest.mark.parametrize(
    ("given", "expected"), [("a", "run/a"), ("/b", "/b"), ("gs://c/d", "gs://c/d")]
)
def test_orbax_gets_an_absolute_path(given, expected, monkeypatch, tmp_path):
    """Orbax fails at the first save where the path is relative."""
    monkeypatch.chdir(tmp_path)
    row, settings = _ROWS["orbax_checkpoint"], Callback(orbax_checkpoint={"directory": given})
    around = for_checking(keras, "run")
    kwargs = row.arguments(settings.orbax_checkpoint, "callbacks[0].orbax_checkpoint", around)
    assert {"directory": expected.replace("run", f"{tmp_path}/run"), "mode": "min"} == kwargs


def _held(callback, name):
    if name == "mode" and not hasattr(callback, "mode"):
        return "max" if "greater" in callback.monitor_op.__name__ else "min"
    value = getattr(callback, name, None)
    return getattr(callback, f"_{name}") if value is None else value


WITHOUT_ARGUMENTS = (
    "early_stopping",
    "tensorboard",
    "reduce_lr_on_plateau",
    "terminate_on_nan",
    "lambda_callback",
    "remote_monitor",
    "swap_ema_weights",
)


@pytest.mark.parametrize(
    ("module", "kind"),
    [pair for kind in WITHOUT_ARGUMENTS for pair in made(kind)],
    indirect=["module"],
)
def test_what_is_unset_is_left_to_keras(module, kind):
    """The defaults are those of Keras, whichever it is."""
    (callback,) = make(module, {kind: {}})
    plain = getattr(module.callbacks, _ROWS[kind].class_name)()
    for name in ARGUMENTS[kind][0]:
        if name not in ("log_dir", "mode"):
            expected, held = getattr(plain, name, None), getattr(callback, name, None)
            # Methods are bound to the object that has them.
            assert getattr(expected, "__func__", expected) == getattr(held, "__func__", held), name


def test_tensorboard_logs_to_model_run_by_default(module):
    """Where TFX users look for logs."""
    (callback,) = make(module, {"tensorboard": {}})
    assert "run" == callback.log_dir


def test_absolute_paths_stay(module):
    """A path of the user's own is taken as it is."""
    (callback,) = make(module, {"model_checkpoint": {"filepath": "/mine/{epoch}.keras"}})
    assert "/mine/{epoch}.keras" == callback.filepath


def test_paths_of_other_file_systems_stay(module):
    """gs://bucket/path is absolute."""
    (callback,) = make(module, {"tensorboard": {"log_dir": "gs://bucket/logs"}})
    assert "gs://bucket/logs" == callback.log_dir


def test_braces_in_model_run_are_no_template(module):
    """Only those of the setting are."""
    settings = {"model_checkpoint": {"filepath": "{epoch}.keras"}}
    (callback,) = make(module, settings, directory="runs/{a}")
    assert "runs/{a}/3.keras" == callback.filepath.format(epoch=3)


@pytest.mark.parametrize(
    ("monitor", "expected"),
    [
        ("loss", "min"),
        ("val_head_loss", "min"),
        ("val_accident_loss", "min"),
        ("val_accuracy_1", "max"),
        ("val_head_accuracy", "max"),
    ],
)
@pytest.mark.parametrize("kind", ["early_stopping", "reduce_lr_on_plateau", "model_checkpoint"])
def test_a_plain_direction_is_not_left_to_guessing(module, kind, monitor, expected):
    """Keras' guesses differ between its classes, and some are wrong."""
    more = {"model_checkpoint": {"filepath": "a.keras", "save_best_only": True}}.get(kind, {})
    for mode in ({}, {"mode": "auto"}):
        (callback,) = make(module, {kind: {"monitor": monitor, **mode, **more}})
        assert expected == _held(callback, "mode")


def test_save_freq_counts_batches(module):
    """Unset is once an epoch."""
    frequent, once = make(
        module,
        {"model_checkpoint": {"filepath": "a.keras", "save_freq": 7}},
        {"model_checkpoint": {"filepath": "b.keras"}},
    )
    assert (7, "epoch") == (frequent.save_freq, once.save_freq)


@pytest.mark.parametrize(("batches", "expected"), [([3], (3, 3)), ([3, 5], (3, 5))])
def test_profile_batch_is_one_batch_or_a_range(module, batches, expected):
    """One number, or the first and the last."""
    (callback,) = make(module, {"tensorboard": {"profile_batch": batches}})
    assert expected == (callback._start_batch, callback._stop_batch)


def test_the_order_is_that_of_the_settings(module):
    """Keras calls callbacks in the order of the list, those of users among Keras' own."""

    def mine():
        return module.callbacks.ProgbarLogger()

    kinds = ["terminate_on_nan", "from_module", "early_stopping", "remote_monitor"]
    more = {"from_module": {"function": "mine"}}
    callbacks = make(module, *({k: more.get(k, {})} for k in kinds), users=module_file(mine))
    expected = ["TerminateOnNaN", "ProgbarLogger", "EarlyStopping", "RemoteMonitor"]
    assert expected == [type(callback).__name__ for callback in callbacks]


@pytest.mark.parametrize(
    ("kind", "field"),
    [("lambda_callback", "on_epoch_end"), ("learning_rate_scheduler", "function")],
)
class TestFunctionsOfTheModuleFile:
    """They are found by name before anything is made."""

    def test_a_function_that_is_not_there_is_refused_with_the_nearest(self, module, kind, field):
        """All public callables of the module count."""
        problems = problems_of(
            module, {kind: {field: "neu_rate"}}, users=module_file(*FUNCTIONS, _private)
        )
        expected = "the module file has no such function; did you mean new_rate?"
        assert {f"callbacks[0].{kind}.{field}": expected} == problems

    def test_names_that_are_far_off_get_the_whole_list(self, module, kind, field):
        """Without the private ones."""
        loaded = module_file(of_epoch, new_rate, _private)
        (message,) = problems_of(module, {kind: {field: "zzz"}}, users=loaded).values()
        assert message.endswith("; allowed: of_epoch, new_rate")

    def test_what_is_no_function_is_refused(self, module, kind, field):
        """A constant, say."""
        loaded = module_file()
        loaded.RATE = 0.5
        problems = problems_of(module, {kind: {field: "RATE"}}, users=loaded)
        expected = "is no function of the module file, but of type float"
        assert {f"callbacks[0].{kind}.{field}": expected} == problems

    def test_a_function_that_keras_could_not_call_is_refused(self, module, kind, field):
        """It would fail in the first epoch."""
        problems = problems_of(module, {kind: {field: "needless"}}, users=module_file(*FUNCTIONS))
        second = "logs" if kind == "lambda_callback" else "learning_rate"
        expected = f"takes (epoch, learning_rate, more), but is called with (epoch, {second})"
        assert {f"callbacks[0].{kind}.{field}": expected} == problems

    def test_functions_are_not_looked_for_before_the_module_is_loaded(self, module, kind, field):
        """A check does without."""
        assert [] == check_callbacks(FitArgs(callbacks=[{kind: {field: "any"}}]), module, "run")

    def test_without_a_module_file_it_is_said_who_knows_it(self, module, kind, field):
        """A FitFnArgs made by hand, say."""
        (message,) = problems_of(module, {kind: {field: "new_rate"}}).values()
        assert "fit_component.testing.run_module" in message


def _private(epoch, learning_rate):
    """A function that is not offered."""


def test_a_schedule_in_steps_needs_the_steps_of_an_epoch(module):
    """What is to be done is told, or passed on from who asked for them."""
    decay = {"initial_learning_rate": 1.0, "decay_rate": 0.5, "decay_steps": 4}
    scheduler = {"learning_rate_scheduler": {"schedule": {"exponential_decay": decay}}}
    path = "callbacks[0].learning_rate_scheduler.schedule"
    expected = "counts batches, and how many an epoch has is not known; set num_steps"
    assert {path: expected} == problems_of(module, scheduler)

    def unknown():
        raise FitArgsError([Problem("num_steps", "must be set")])

    assert {"num_steps": "must be set"} == problems_of(module, scheduler, steps_per_epoch=unknown)
    assert [] == check_callbacks(FitArgs(callbacks=[scheduler]), module, "run")


def test_problems_of_several_callbacks_are_told_together(module):
    """Nothing of the user's is called then."""
    called = []

    def mine():
        called.append(1)

    problems = problems_of(
        module,
        {"from_module": {"function": "mine"}},
        {"lambda_callback": {"on_epoch_end": "mein", "on_epoch_begin": "mime"}},
        {"from_module": {"function": "meine"}},
        users=module_file(mine),
    )
    expected = [
        "callbacks[1].lambda_callback.on_epoch_begin",
        "callbacks[1].lambda_callback.on_epoch_end",
        "callbacks[2].from_module.function",
    ]
    assert expected == list(problems)
    assert [] == called


def test_a_refusal_of_keras_names_the_callback_and_the_keras(tmp_path):
    """All at once, before training."""
    settings = FitArgs(
        callbacks=[
            {"model_checkpoint": {"filepath": "model.ckpt"}},
            {"terminate_on_nan": {}},
            {"model_checkpoint": {"filepath": "weights.keras", "save_weights_only": True}},
        ]
    )
    with pytest.raises(FitArgsError) as caught:
        check_against(keras, settings, str(tmp_path))
    expected = ["callbacks[0].model_checkpoint", "callbacks[2].model_checkpoint"]
    assert expected == [problem.path for problem in caught.value.problems]
    assert f"keras {keras.__version__} does not take it" in str(caught.value)


@pytest.mark.parametrize("error", [TypeError, ValueError, AttributeError, ImportError])
def test_whatever_a_keras_raises_is_a_problem_of_the_callback(monkeypatch, module, error):
    """An argument or a class that it lacks, a package that is not installed."""

    def refuse():
        raise error("no such thing")

    monkeypatch.setattr(module.callbacks, "TerminateOnNaN", refuse)
    with pytest.raises(FitArgsError, match="does not take it: no such thing"):
        make(module, {"terminate_on_nan": {}})


def test_all_that_a_keras_refuses_is_told_at_once():
    """What the generation cannot do, and what its callbacks do not take."""
    board = {"tensorboard": {"profile_batch": [5, 3]}}
    with pytest.raises(FitArgsError) as caught:
        check_against(tf_keras, FitArgs(class_weight={1: 2.0}, callbacks=[board]), "run")
    expected = ["class_weight", "callbacks[0].tensorboard"]
    assert expected == [problem.path for problem in caught.value.problems]


def test_only_directories_that_keras_does_not_make_are_made(module, tmp_path):
    """Making callbacks leaves as little as it can."""
    settings = [
        {"model_checkpoint": {"filepath": "kept/{epoch}.keras"}},
        {"tensorboard": {"log_dir": "a/logs"}},
        {"csv_logger": {"filename": "b/history.csv"}},
    ]
    make(module, *settings, directory=tmp_path)
    assert [] == list(tmp_path.iterdir())
    make_directories(FitArgs(callbacks=settings), str(tmp_path))
    assert ["b"] == [path.name for path in tmp_path.iterdir()]


def test_tf_keras_wants_a_weight_for_every_class():
    """In any order; the first that is absent is named."""
    check_against(tf_keras, FitArgs(class_weight={n: 1.0 for n in reversed(range(20))}), "run")
    with pytest.raises(FitArgsError, match="lacks class 1;"):
        check_against(tf_keras, FitArgs(class_weight={0: 1.0, 2: 1.0}), "run")
