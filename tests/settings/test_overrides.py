# SPDX-License-Identifier: Apache-2.0
"""Overrides: `PATH=VALUE` strings and mappings of paths to values."""

import datetime

import pytest

from fit_component import FitArgs
from fit_component.settings import parse_fit_args

BASE = {
    "epochs": 5,
    "splits": ["a", "b"],
    "class_weight": {0: 1.0},
    "callbacks": [
        {"early_stopping": {"patience": 2}},
        {"tensorboard": {"embeddings_freq": 1, "embeddings_metadata": {"a.b": "x"}}},
        {"csv_logger": {"filename": "log.csv"}},
    ],
    "strategy": {"mirrored": {"devices": ["GPU:0"]}},
}

STOPPING, BOARD, LOGGER = BASE["callbacks"]

APPLIED = [
    ("epochs=20", {"epochs": 20}),
    (" epochs = 20 ", {"epochs": 20}),
    ("initialEpoch=2", {"initial_epoch": 2}),
    ("seed=0", {"seed": 0}),
    ("verbose=SILENT", {"verbose": "SILENT"}),
    ("verbose=0", {"verbose": "SILENT"}),
    ("validation.batch_size=64", {"validation": {"batch_size": 64}}),
    ("validation={batch_size: 64}", {"validation": {"batch_size": 64}}),
    ("epochs=null", {"epochs": None}),
    ("epochs=", {"epochs": None}),
    ("strategy=null", {"strategy": None}),
    # lists
    ("splits=[c]", {"splits": ["c"]}),
    ("splits=[]", {"splits": []}),
    ("splits[0]=c", {"splits": ["c", "b"]}),
    ("splits[2]=c", {"splits": ["a", "b", "c"]}),
    ("callbacks=[]", {"callbacks": []}),
    ("callbacks=[terminate_on_nan: {}]", {"callbacks": [{"terminate_on_nan": {}}]}),
    (
        "callbacks[0]={terminate_on_nan: {}}",
        {"callbacks": [{"terminate_on_nan": {}}, BOARD, LOGGER]},
    ),
    (
        "callbacks[1]={terminate_on_nan: {}}",
        {"callbacks": [STOPPING, {"terminate_on_nan": {}}, LOGGER]},
    ),
    (
        "callbacks[3].terminate_on_nan={}",
        {"callbacks": [STOPPING, BOARD, LOGGER, {"terminate_on_nan": {}}]},
    ),
    (
        "callbacks[3].reduce_lr_on_plateau.factor=5e-1",
        {"callbacks": [STOPPING, BOARD, LOGGER, {"reduce_lr_on_plateau": {"factor": 0.5}}]},
    ),
    (
        "callbacks[0].early_stopping.patience=5",
        {"callbacks": [{"early_stopping": {"patience": 5}}, BOARD, LOGGER]},
    ),
    (
        "callbacks[0].early_stopping={}",
        {"callbacks": [{"early_stopping": {}}, BOARD, LOGGER]},
    ),
    (
        "callbacks[0].terminate_on_nan={}",
        {"callbacks": [{"terminate_on_nan": {}}, BOARD, LOGGER]},
    ),
    # maps
    ("class_weight[1]=2", {"class_weight": {0: 1.0, 1: 2.0}}),
    ("class_weight[0]=2", {"class_weight": {0: 2.0}}),
    ("class_weight={1: 2}", {"class_weight": {1: 2.0}}),
    (
        "callbacks[1].tensorboard.embeddings_metadata[a.b]=y=z",
        {
            "callbacks": [
                STOPPING,
                {"tensorboard": {"embeddings_freq": 1, "embeddings_metadata": {"a.b": "y=z"}}},
                LOGGER,
            ]
        },
    ),
    # a choice
    ("strategy.mirrored={}", {"strategy": {"mirrored": {}}}),
    ("strategy.auto={}", {"strategy": {"auto": {}}}),
    ("strategy={one_device: {device: 'CPU:0'}}", {"strategy": {"one_device": {"device": "CPU:0"}}}),
    (
        "strategy.mirrored.devices[1]='GPU:1'",
        {"strategy": {"mirrored": {"devices": ["GPU:0", "GPU:1"]}}},
    ),
]


KWARGS = "callbacks[0].custom.kwargs"
CUSTOM = {
    "callbacks": [{"custom": {"class_path": "a.B", "kwargs": {"a": 1, "b": {"c": [1, 2]}}}}],
    "optimizer": {"adam": {}, "learning_rate": 0.5},
    "max_time": "1h",
}


def custom(kwargs):
    return {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": kwargs}}]}


def rate(learning_rate):
    return {"optimizer": {"adam": {}, "learning_rate": learning_rate}}


COSINE = {"cosine_decay": {"initial_learning_rate": 0.1, "decay_epochs": 3}}

APPLIED_TO_CUSTOM = [
    # keyword arguments
    (f"{KWARGS}.a=2", custom({"a": 2, "b": {"c": [1, 2]}})),
    (f"{KWARGS}.a=two", custom({"a": "two", "b": {"c": [1, 2]}})),
    (f"{KWARGS}.a={{d: 1}}", custom({"a": {"d": 1}, "b": {"c": [1, 2]}})),
    (f"{KWARGS}.a=null", custom({"a": None, "b": {"c": [1, 2]}})),
    (f"{KWARGS}.a=", custom({"a": None, "b": {"c": [1, 2]}})),
    (f"{KWARGS}.new=[true]", custom({"a": 1, "b": {"c": [1, 2]}, "new": [True]})),
    (f"{KWARGS}.b.c=3", custom({"a": 1, "b": {"c": 3}})),
    (f"{KWARGS}.b.größe=3", custom({"a": 1, "b": {"c": [1, 2], "größe": 3}})),
    (f"{KWARGS}.x.y.z=3", custom({"a": 1, "b": {"c": [1, 2]}, "x": {"y": {"z": 3}}})),
    (f"{KWARGS}={{a: 2}}", custom({"a": 2})),
    (f"{KWARGS}={{}}", custom({})),
    ("callbacks[0].custom.kwargs=null", {"callbacks": [{"custom": {"class_path": "a.B"}}]}),
    # a learning rate
    ("optimizer.learning_rate=0.1", rate(0.1)),
    ("optimizer.learningRate=1e-1", rate(0.1)),
    ("optimizer.learning_rate.constant=0.1", rate({"constant": 0.1})),
    ("optimizer.learning_rate={constant: 0.1}", rate(0.1)),
    ("optimizer.learning_rate=null", {"optimizer": {"adam": {}}}),
    (
        "optimizer.learning_rate.cosine_decay={initial_learning_rate: 0.1, decay_epochs: 3}",
        rate(COSINE),
    ),
    ("optimizer={sgd: {}}", {"optimizer": {"sgd": {}}}),
    ("optimizer.sgd={}", {"optimizer": {"sgd": {}, "learning_rate": 0.5}}),
    ("optimizer.adam.beta_1=0.5", {"optimizer": {"adam": {"beta_1": 0.5}, "learning_rate": 0.5}}),
    ("optimizer.clipnorm=1", {"optimizer": {"adam": {}, "learning_rate": 0.5, "clipnorm": 1}}),
    # durations and enums
    ("max_time=90m", {"max_time": "5400s"}),
    ("max_time='90m'", {"max_time": "5400s"}),
    ("max_time=null", {"max_time": None}),
    ("input.cache=DISK", {"input": {"cache": "DISK"}}),
    ("input.cache=1", {"input": {"cache": "MEMORY"}}),
    ("dry_run=true", {"dry_run": True}),
]


@pytest.mark.parametrize(
    ("override", "change"), APPLIED_TO_CUSTOM, ids=[row[0] for row in APPLIED_TO_CUSTOM]
)
def test_applied_to_what_holds_more(override, change):
    """Keyword arguments, a learning rate, a duration: each by its path, as deep as it goes."""
    expected = {name: value for name, value in (CUSTOM | change).items() if value is not None}

    assert parse_fit_args(expected) == parse_fit_args(CUSTOM, overrides=[override])


def test_arguments_that_were_not_there():
    """The mapping is made on the way."""
    unset = {"callbacks": [{"custom": {"class_path": "a.B"}}]}

    assert parse_fit_args(custom({"a": {"b": 1}})) == parse_fit_args(
        unset, overrides=f"{KWARGS}.a.b=1"
    )


def test_values_of_a_mapping_among_arguments():
    """Python's values stay as they are."""
    overrides = {f"{KWARGS}.a": ["1", 2.5], "max_time": datetime.timedelta(minutes=1)}
    read = parse_fit_args(custom({}), overrides=overrides)

    assert parse_fit_args({**custom({"a": ["1", 2.5]}), "max_time": "60s"}) == read


@pytest.mark.parametrize(("override", "change"), APPLIED, ids=[row[0] for row in APPLIED])
def test_applied(override, change):
    """An override changes the field that it names and nothing else."""
    expected = {name: value for name, value in (BASE | change).items() if value is not None}

    assert FitArgs(**expected) == parse_fit_args(BASE, overrides=[override])


def test_a_path_into_an_unset_choice_makes_it():
    """Nothing needs to be set on the way to a field."""
    read = parse_fit_args({}, overrides=["strategy.one_device.device='CPU:0'"])

    assert FitArgs(strategy={"one_device": {"device": "CPU:0"}}) == read


def test_applied_in_order():
    """The last of two overrides wins, and each sees the ones before."""
    overrides = ["epochs=2", "callbacks[0].csv_logger={filename: a}", "epochs=3"]
    overrides += ["callbacks[0].csv_logger.append=true"]
    expected = FitArgs(epochs=3, callbacks=[{"csv_logger": {"filename": "a", "append": True}}])

    assert expected == parse_fit_args({}, overrides=overrides)


def test_a_single_string():
    """One override needs no list."""
    assert 7 == parse_fit_args({}, overrides="epochs=7").epochs


def test_any_iterable():
    """A generator of overrides will do."""
    assert 7 == parse_fit_args({}, overrides=(f"epochs={n}" for n in (6, 7))).epochs


def test_a_mapping():
    """Values of a mapping are Python's, not text."""
    overrides = {"splits": ["a"], "strategy.mirrored": {}, "callbacks[0].csv_logger.filename": "1"}
    expected = {
        "splits": ["a"],
        "strategy": {"mirrored": {}},
        "callbacks": [{"csv_logger": {"filename": "1"}}],
    }

    assert FitArgs(**expected) == parse_fit_args({}, overrides=overrides)
    assert FitArgs() == parse_fit_args({"epochs": 3}, overrides={"epochs": None})


def test_the_message_given_stays_as_it_is():
    """Overrides are applied to a copy."""
    given = FitArgs(epochs=3)
    parse_fit_args(given, overrides="epochs=4")

    assert 3 == given.epochs


def test_checks_come_after_overrides(refused_paths):
    """What counts is the outcome."""
    assert FitArgs(epochs=5, initial_epoch=4) == parse_fit_args(
        {"initial_epoch": 4}, overrides="epochs=5"
    )
    assert ["initial_epoch"] == refused_paths({"epochs": 5}, overrides="initial_epoch=5")


REFUSED = [
    ("epochs", "epochs", "is no override; write PATH=VALUE"),
    ("", "", "is no override; write PATH=VALUE"),
    ("epochs=[", "epochs", "the value is no YAML; put text in quotes"),
    ("epochs=" + "[" * 10_000, "epochs", "the value is no YAML"),
    ("callbacks[]=3", "callbacks[]", "is no path; write one like callbacks[0].tensorboard"),
    ("callbacks.0.csv_logger={}", "callbacks.0.csv_logger", "is no path"),
    (".epochs=3", ".epochs", "is no path"),
    ("epcohs=3", "epcohs", "FitArgs has no such field; did you mean epochs?"),
    ("validation.frq=3", "validation.frq", "Validation has no such field; did you mean freq?"),
    ("strategy.miror.devices=[]", "strategy.miror", "did you mean mirrored?"),
    ("epochs='3'", "epochs", "must be an integer; write it without quotes"),
    ("initialEpoch=x", "initial_epoch", "must be an integer"),
    ("epochs.x=3", "epochs", "has no fields, so no x"),
    ("epochs[0]=3", "epochs", "is no list, so it has no entries"),
    ("splits[0].x=3", "splits[0]", "has no fields, so no x"),
    ("splits[3]=d", "splits", "has 2 entries, so [3] names none; [2] appends"),
    ("splits[-1]=d", "splits", "has 2 entries, so [-1] names none"),
    ("splits[x]=d", "splits", "has 2 entries, so [x] names none"),
    ("splits[" + "9" * 5000 + "]=d", "splits", "has 2 entries"),
    ("splits[0]=3", "splits[0]", "must be a string; put it in quotes"),
    ("callbacks.csv_logger={}", "callbacks", "is a list; name an entry: callbacks[0].csv_logger"),
    ("class_weight[a]=1", "class_weight[a]", "the key must be an integer"),
    ("class_weight[0]=x", "class_weight[0]", "must be a number"),
    ("class_weight[0].x=1", "class_weight[0]", "has no fields, so no x"),
    ("class_weight.x=1", "class_weight", "has no fields, so no x"),
    (
        "strategy.one_device.device='CPU:0'",
        "strategy.one_device",
        "is not what is set, which is mirrored; to replace that, give strategy.one_device whole",
    ),
    (
        "callbacks[0].tensorboard.log_dir=x",
        "callbacks[0].tensorboard",
        "is not what is set, which is early_stopping",
    ),
    ("strategy={auto: {}, default: {}}", "strategy", "holds exactly one"),
    ("strategy=mirrored", "strategy", "must be a mapping; write {mirrored: {}}"),
]


@pytest.mark.parametrize(
    ("override", "path", "message"), REFUSED, ids=[row[0][:40] for row in REFUSED]
)
def test_refused(override, path, message, refused):
    """One problem, at the path that is wrong, with the repair."""
    (problem,) = refused(BASE, overrides=[override]).problems

    assert path == problem.path
    assert message in problem.message


REFUSED_OF_CUSTOM = [
    (f"{KWARGS}.b.c[0]=3", KWARGS, "lists among the arguments are given whole"),
    (f"{KWARGS}.b.c.d=3", f"{KWARGS}.b.c", "is no mapping, so it has no d"),
    (f"{KWARGS}.a.b.c=3", f"{KWARGS}.a", "is no mapping, so it has no b"),
    (f"{KWARGS}.a-b=3", f"{KWARGS}.a-b", "is no path"),
    (f"{KWARGS}[a]=3", KWARGS, "is no list, so it has no entries"),
    (f"{KWARGS}=3", KWARGS, "must be a mapping of arguments to values"),
    (f"{KWARGS}.a={{1: 2}}", f"{KWARGS}.a.1", "the key must be a string; put it in quotes"),
    (f"{KWARGS}.a=.nan", f"{KWARGS}.a", "must be finite"),
    ("max_time=90", "max_time", 'write "90s" for seconds'),
    ("max_time.seconds=90", "max_time", "has no fields, so no seconds"),
    ("max_time[0]=90", "max_time", "is no list, so it has no entries"),
    ("optimizer.learning_rate=x", "optimizer.learning_rate", "must be a number, or a mapping"),
    ("optimizer.learning_rate.constant=x", "optimizer.learning_rate.constant", "must be a number"),
    (
        "optimizer.learning_rate.cosine_decay.alpha=0",
        "optimizer.learning_rate.cosine_decay",
        "is not what is set, which is constant; to replace that, give optimizer.learning_rate.",
    ),
    (
        "optimizer.sgd.momentum=0.5",
        "optimizer.sgd",
        "is not what is set, which is adam; to replace that, give optimizer.sgd whole",
    ),
    ("input.cache=RAM", "input.cache", "must be one of NONE (0), MEMORY (1), DISK (2)"),
    ("dry_run=1", "dry_run", "must be true or false"),
]


@pytest.mark.parametrize(
    ("override", "path", "message"), REFUSED_OF_CUSTOM, ids=[row[0] for row in REFUSED_OF_CUSTOM]
)
def test_refused_where_more_is_held(override, path, message, refused):
    """One problem, at the path that is wrong, with the repair."""
    (problem,) = refused(CUSTOM, overrides=[override]).problems

    assert path == problem.path
    assert message in problem.message


@pytest.mark.parametrize("overrides", [{5: 3}, [5], {"": 3}], ids=repr)
def test_refused_python_values(overrides, refused):
    """Overrides that are no paths are told like any other problem."""
    assert 1 == len(refused({}, overrides=overrides).problems)


def test_all_refusals_together(refused_paths):
    """One run shows every override that is wrong."""
    assert ["epcohs", "splits[0]", "seed"] == refused_paths(
        {}, overrides=["epcohs=3", "splits[0]=1", "epochs=2", "seed=x"]
    )


@pytest.mark.parametrize("override", ["epcohs=5", "epochs=x", "epochs"])
def test_no_consequences(override, refused):
    """A check that depends on an override that failed stays silent."""
    assert 1 == len(refused({"initial_epoch": 3}, overrides=[override]).problems)


def test_null_removes_an_entry_of_a_list():
    """As it unsets a field."""
    settings = {"callbacks": [{"terminate_on_nan": {}}, {"tensorboard": {}}]}
    expected = parse_fit_args({"callbacks": [{"tensorboard": {}}]})
    assert expected == parse_fit_args(settings, overrides="callbacks[0]=null")
