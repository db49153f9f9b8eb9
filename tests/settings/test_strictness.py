# SPDX-License-Identifier: Apache-2.0
"""Values of the wrong type or range are refused, in every form."""

import json
import math

import pytest

from fit_component import FitArgs
from fit_component.proto.fit_args_pb2 import CosineDecay
from fit_component.settings import Parameter, parse_fit_args

STOPPING = "callbacks[0].early_stopping"
BOARD = "callbacks[0].tensorboard"
CUSTOM = "callbacks[0].custom"
SCHEDULER = "callbacks[0].learning_rate_scheduler"
RATE = "optimizer.learning_rate"
SCHEDULES = (
    "a mapping with one of exponential_decay, cosine_decay, cosine_decay_restarts, "
    "polynomial_decay, piecewise_constant_decay, inverse_time_decay"
)


def stopping(**fields):
    return {"callbacks": [{"early_stopping": fields}]}


def board(**fields):
    return {"callbacks": [{"tensorboard": fields}]}


def rate(learning_rate):
    return {"optimizer": {"sgd": {}, "learning_rate": learning_rate}}


def scheduler(schedule):
    return {"callbacks": [{"learning_rate_scheduler": {"schedule": schedule}}]}


def custom(kwargs):
    return {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": kwargs}}]}


REFUSED = [
    # integers
    ({"epochs": "3"}, "epochs", "must be an integer; write it without quotes"),
    ({"epochs": "three"}, "epochs", "must be an integer"),
    ({"epochs": 3.0}, "epochs", "must be an integer; write 3"),
    ({"epochs": 3.5}, "epochs", "must be an integer"),
    ({"epochs": True}, "epochs", "must be an integer"),
    ({"epochs": [3]}, "epochs", "must be an integer"),
    ({"epochs": {}}, "epochs", "must be an integer"),
    ({"epochs": 2**31}, "epochs", "must be between -2147483648 and 2147483647"),
    ({"epochs": -(2**31) - 1}, "epochs", "must be between -2147483648 and 2147483647"),
    ({"seed": -(2**31)}, "seed", "must be 0 or more"),
    # numbers
    (
        stopping(min_delta="0.1"),
        f"{STOPPING}.min_delta",
        "must be a number; write it without quotes",
    ),
    (
        stopping(min_delta="1e-3"),
        f"{STOPPING}.min_delta",
        "must be a number; write it without quotes",
    ),
    (stopping(min_delta=True), f"{STOPPING}.min_delta", "must be a number"),
    (stopping(min_delta=math.nan), f"{STOPPING}.min_delta", "must be a finite number"),
    (stopping(baseline=math.inf), f"{STOPPING}.baseline", "must be a finite number"),
    (stopping(baseline=-math.inf), f"{STOPPING}.baseline", "must be a finite number"),
    (stopping(baseline=10**400), f"{STOPPING}.baseline", "must be a finite number"),
    ({"class_weight": {0: math.nan}}, "class_weight[0]", "must be a finite number"),
    ({"class_weight": {0: "1"}}, "class_weight[0]", "must be a number; write it without quotes"),
    # booleans and strings
    ({"deterministic": 1}, "deterministic", "must be true or false"),
    ({"deterministic": "true"}, "deterministic", "must be true or false"),
    (stopping(monitor=3), f"{STOPPING}.monitor", "must be a string; put it in quotes"),
    (stopping(monitor=True), f"{STOPPING}.monitor", "must be a string; put it in quotes"),
    (stopping(monitor="\ud800"), f"{STOPPING}.monitor", "must be text that UTF-8 can hold"),
    # enums
    ({"verbose": "AUTOO"}, "verbose", "did you mean AUTO?"),
    ({"verbose": "silent"}, "verbose", "did you mean SILENT?"),
    (
        {"verbose": 4},
        "verbose",
        "must be one of SILENT (0), PROGRESS_BAR (1), LINE_PER_EPOCH (2), AUTO (3)",
    ),
    ({"verbose": 1.0}, "verbose", "must be one of SILENT (0)"),
    ({"verbose": 2**40}, "verbose", "must be one of SILENT (0)"),
    ({"verbose": True}, "verbose", "must be one of SILENT (0)"),
    # lists, maps and messages
    ({"splits": "train"}, "splits", "must be a list"),
    ({"splits": {}}, "splits", "must be a list"),
    ({"splits": ["train", 3]}, "splits[1]", "must be a string; put it in quotes"),
    ({"callbacks": {"terminate_on_nan": {}}}, "callbacks", "must be a list"),
    (
        {"callbacks": ["terminate_on_nan"]},
        "callbacks[0]",
        "must be a mapping; write {terminate_on_nan: {}}",
    ),
    ({"class_weight": [1.0, 2.0]}, "class_weight", "must be a mapping"),
    ({"class_weight": {"a": 1.0}}, "class_weight[a]", "the key must be an integer"),
    ({"class_weight": {"1.5": 1.0}}, "class_weight[1.5]", "the key must be an integer"),
    (
        board(embeddings_metadata={"layer": 1}),
        f"{BOARD}.embeddings_metadata[layer]",
        "must be a string",
    ),
    ({"validation": 2}, "validation", "must be a mapping with the fields of Validation"),
    ({"validation": []}, "validation", "must be a mapping with the fields of Validation"),
    ({"strategy": "mirrored"}, "strategy", "must be a mapping; write {mirrored: {}}"),
    ({"strategy": "mirorred"}, "strategy", "must be a mapping with the fields of Strategy"),
    # a learning rate, which a number can stand for
    (rate("0.1"), RATE, f"must be a number, or {SCHEDULES}; write it without quotes"),
    (rate("cosine_decay"), RATE, f"must be a number, or {SCHEDULES}"),
    (rate([0.1]), RATE, f"must be a number, or {SCHEDULES}"),
    (rate(True), RATE, f"must be a number, or {SCHEDULES}"),
    (rate(10**400), RATE, f"must be a finite number, or {SCHEDULES}"),
    (rate(0), f"{RATE}.constant", "must be above 0"),
    (rate(math.inf), f"{RATE}.constant", "must be a finite number"),
    (
        rate({"piecewise_constant_decay": {"boundaries": [3], "values": [0.5, math.nan]}}),
        f"{RATE}.piecewise_constant_decay.values[1]",
        "must be a finite number",
    ),
    (rate({"constant": "0.1"}), f"{RATE}.constant", "must be a number; write it without quotes"),
    (rate({"constant": 0.1, "cosine_decay": {}}), RATE, "sets constant and cosine_decay; a"),
    (rate(None), RATE, "is no value; leave the field out to get its default"),
    (rate({"cosine": {}}), f"{RATE}.cosine", "did you mean cosine_decay?"),
    (scheduler("0.1"), f"{SCHEDULER}.schedule", f"must be a number, or {SCHEDULES}; write it"),
    # an optimizer, which holds a choice and more
    ({"optimizer": "adam"}, "optimizer", "must be a mapping; write {adam: {}}"),
    ({"optimizer": {"sgd": {}, "adam": {}}}, "optimizer", "sets adam and sgd; an Optimizer holds"),
    ({"optimizer": {"adam": 0.1}}, "optimizer.adam", "must be a mapping with the fields of Adam"),
    # durations and arguments; more in test_values.py
    ({"max_time": 90}, "max_time", 'must be a duration such as 90s, 30m or 1h30m; write "90s"'),
    ({"max_time": None}, "max_time", "is no value"),
    (custom([]), f"{CUSTOM}.kwargs", "must be a mapping of arguments to values"),
    # null
    ({"epochs": None}, "epochs", "is no value; leave the field out to get its default"),
    ({"validation": None}, "validation", "is no value"),
    ({"callbacks": None}, "callbacks", "is no value"),
    ({"callbacks": [None]}, "callbacks[0]", "is no value"),
    ({"class_weight": {0: None}}, "class_weight[0]", "is no value"),
    # Keras' other spellings
    (board(update_freq="epoch"), f"{BOARD}.update_freq", "leave it out: unset is Keras' 'epoch'"),
    (board(update_freq="batch"), f"{BOARD}.update_freq", "write 1, which is Keras' 'batch'"),
    (
        {"execution": {"jit_compile": "auto"}},
        "execution.jit_compile",
        "must be true or false; leave it out: unset is Keras' 'auto'",
    ),
    ({"execution": {"jit_compile": "true"}}, "execution.jit_compile", "must be true or false"),
    ({"input": {"cache": True}}, "input.cache", "must be one of NONE (0), MEMORY (1), DISK (2)"),
    (
        {"input": {"cache": "memory"}},
        "input.cache",
        "must be one of NONE (0), MEMORY (1), DISK (2); did you mean MEMORY?",
    ),
    # unknown names
    ({"epcohs": 3}, "epcohs", "FitArgs has no such field; did you mean epochs?"),
    ({"xyz": 3}, "xyz", "allowed: splits, num_steps, epochs"),
    (
        stopping(patince=3),
        f"{STOPPING}.patince",
        "EarlyStopping has no such field; did you mean patience?",
    ),
    (
        {"callbacks": [{"early_stoping": {}}]},
        "callbacks[0].early_stoping",
        "did you mean early_stopping?",
    ),
    (
        {"callbacks": [{"EarlyStopping": {}}]},
        "callbacks[0].EarlyStopping",
        "did you mean early_stopping?",
    ),
    (
        {"strategy": {"auto": {"x": 1}}},
        "strategy.auto.x",
        "AutoStrategy has no fields",
    ),
    (
        {"optimizer": {"adam": {"learning_rate": 0.1}}},
        "optimizer.adam.learning_rate",
        "it belongs to every Optimizer: give it beside adam, not in it",
    ),
    (
        {"optimizer": {"adam": {"sgd": {}}}},
        "optimizer.adam.sgd",
        "Adam has no such field; did you mean amsgrad?",
    ),
    (
        {"callbacks": [{"early_stopping": {"tensorboard": {}}}]},
        f"{STOPPING}.tensorboard",
        "EarlyStopping has no such field; allowed: monitor, min_delta, ",
    ),
    ({"learning_rate": 0.1}, "learning_rate", "did you mean optimizer.learning_rate?"),
    ({"shuffle": True}, "shuffle", "did you mean input.shuffle?"),
    ({"jit_compile": True}, "jit_compile", "did you mean execution.jit_compile?"),
    ({"optimiser": {}}, "optimiser", "did you mean optimizer?"),
    # a choice
    (
        {"strategy": {"auto": {}, "mirrored": {}}},
        "strategy",
        "sets auto and mirrored; a Strategy holds exactly one",
    ),
    # both spellings of a name
    (
        {"initial_epoch": 0, "initialEpoch": 0},
        "initial_epoch",
        "is given twice, as initial_epoch and initialEpoch; keep one",
    ),
]


@pytest.mark.parametrize(
    ("tree", "path", "message"), REFUSED, ids=[str(row[:2])[:60] for row in REFUSED]
)
def test_refused_in_a_dict(tree, path, message, refused):
    """One problem, at that path, with what is allowed."""
    (problem,) = refused(tree).problems

    assert path == problem.path
    assert message in problem.message
    assert "None" not in problem.message


TREES = [row for row in REFUSED if row[1] != f"{STOPPING}.monitor" or "UTF-8" not in row[2]]


@pytest.mark.parametrize("format_name", ["json", "yaml"])
@pytest.mark.parametrize(
    ("tree", "path", "message"), TREES, ids=[str(row[:2])[:60] for row in TREES]
)
def test_refused_in_a_text(tree, path, message, format_name, refused):
    """Texts are held to the same as dicts."""
    text = json.dumps(tree)
    if format_name == "yaml":
        text = text.replace("NaN", ".nan").replace("Infinity", ".inf")
    (problem,) = refused(text, format=format_name).problems

    assert path == problem.path
    assert message in problem.message
    assert "None" not in problem.message


def test_refused_surrogate_in_json(refused_paths):
    """JSON can spell half a character, a message cannot hold it."""
    assert ["verbose"] == refused_paths(r'{"verbose": "\ud800"}')
    assert ["splits[0]"] == refused_paths(r'{"splits": ["\ud800"]}')
    assert ["\ud800"] == refused_paths(r'{"\ud800": 1}')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs: 3.0", "line 1, column 9"),
        ('epochs: "3"', "line 1, column 9"),
        ("epochs: true", "line 1, column 9"),
        ("epochs: 2147483648", "line 1, column 9"),
        ("deterministic: yes", "line 1, column 16"),
        ("verbose: AUTOO", "did you mean AUTO?"),
        (
            "epochs: 3\nepcohs: 3",
            "line 2, column 1: epcohs: FitArgs has no such field; did you mean epochs?",
        ),
        ("callbacks { early_stoping {} }", "did you mean early_stopping?"),
        ("callbacks { early_stopping { patince: 3 } }", "did you mean patience?"),
        (
            "epochs: 3 epochs: 4",
            'line 1, column 19: Message type "FitArgs" should not have multiple "epochs" fields',
        ),
        ("validation {} validation {}", 'should not have multiple "validation" fields'),
        ("strategy { auto {} mirrored {} }", "another member of oneof"),
        ("optimizer { adam {} sgd {} }", "another member of oneof"),
        ("optimizer { adam { clipnorm: 1 } }", "it belongs to every Optimizer: give it beside"),
        ("class_weight { key: 'a' }", "line 1, column 21"),
        ("epochs", "line 1, column 7"),
        ("[a.b]: 3", "line 1, column 4"),
        (r'splits: "\xff"', "line 1, column 15"),
    ],
)
def test_refused_in_a_textproto(text, message, refused):
    """The first error of the text format, with its place."""
    assert message in str(refused(text, format="textproto"))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("verbose: 7", "verbose"),
        ("callbacks { early_stopping { min_delta: nan } }", f"{STOPPING}.min_delta"),
        ("callbacks { early_stopping { baseline: -inf } }", f"{STOPPING}.baseline"),
        ("class_weight { key: 0 value: inf }", "class_weight[0]"),
        ("callbacks {}", "callbacks[0]"),
        ("strategy {}", "strategy"),
        ("optimizer { adam {} learning_rate {} }", RATE),
        ("optimizer { adam {} learning_rate { constant: nan } }", f"{RATE}.constant"),
        ("max_time {}", "max_time"),
    ],
)
def test_refused_after_a_textproto_was_read(text, path, refused):
    """What the text format lets through, the checks do not, whichever protobuf reads it."""
    error = refused(text, format="textproto")

    assert path in [problem.path for problem in error.problems] or "line 1" in str(error)


@pytest.mark.parametrize(
    "fit_args",
    [
        FitArgs(callbacks=[{}]),
        FitArgs(strategy={}),
        FitArgs(class_weight={0: math.nan}),
        FitArgs(callbacks=[{"early_stopping": {"baseline": math.inf}}]),
        FitArgs(optimizer={"sgd": {}, "learning_rate": {"constant": math.nan}}),
        FitArgs(max_time={"nanos": -1}),
        FitArgs.FromString(b"\x80\x01\x07"),  # verbose = 7, by the wire
    ],
    ids=["empty callback", "empty strategy", "nan", "inf", "nan as rate", "nanos", "enum number"],
)
def test_refused_in_a_message(fit_args, refused_paths):
    """What Python's constructors let through, the checks do not."""
    assert 1 == len(refused_paths(fit_args))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("epochs: 010", {"epochs": 10}),
        ("epochs: +3", {"epochs": 3}),
        ("class_weight: {0: 1e-3}", {"class_weight": {0: 1e-3}}),
        ("class_weight: {0: 1E3}", {"class_weight": {0: 1000.0}}),
        ("class_weight: {0: .5}", {"class_weight": {0: 0.5}}),
        ("class_weight: {0: 5.}", {"class_weight": {0: 5.0}}),
        ("splits: [no, off, yes, on, y, n]", {"splits": ["no", "off", "yes", "on", "y", "n"]}),
        (
            "splits: [2020-01-01, 1:30, 0x10, 0o10, 1_000]",
            {"splits": ["2020-01-01", "1:30", "0x10", "0o10", "1_000"]},
        ),
        ("splits: ['3', \"true\", !!str 5]", {"splits": ["3", "true", "5"]}),
        ("{seed: 1, deterministic: TRUE}", {"seed": 1, "deterministic": True}),
        ("callbacks: []", {}),
        ("seed: &n 3\nepochs: *n", {"seed": 3, "epochs": 3}),
    ],
)
def test_yaml_is_yaml_1_2(text, fields):
    """Numbers, booleans and strings are what YAML 1.2 says, not 1.1."""
    assert FitArgs(**fields) == parse_fit_args(text, format="yaml")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("deterministic: no", "deterministic"),
        ("epochs: 0x10", "epochs"),
        ("epochs: 1_000", "epochs"),
        ("epochs: 1:30", "epochs"),
        ("epochs:", "epochs"),
        ("epochs: ~", "epochs"),
        ("splits: [1e-3]", "splits[0]"),
        ("<<: {epochs: 3}", "<<"),
        ("- epochs: 3", ""),
        ("epochs", ""),
        ("&a [*a]", ""),
    ],
)
def test_refused_in_yaml(text, path, refused_paths):
    """What YAML 1.1 would have read as something else is not guessed at."""
    assert [path] == refused_paths(text, format="yaml")


@pytest.mark.parametrize(
    ("format_name", "text", "message"),
    [
        ("json", '{"epochs": 3, "epochs": 4}', "epochs: is given twice"),
        (
            "json",
            '{"validation": {"batch_size": 1, "freq": 1, "freq": 1}}',
            "validation.freq: is given twice",
        ),
        ("json", '{"class_weight": {"0": 1.0, "0": 2.0}}', "class_weight.0: is given twice"),
        ("yaml", "class_weight: {0: 1.0, 00: 2.0}", "line 1, column 24: 00 is given twice"),
        ("yaml", "epochs: 3\nepochs: 4", "line 2, column 1: epochs is given twice"),
        ("yaml", 'validation: {freq: 1, "freq": 2}', "line 1, column 23: freq is given twice"),
    ],
)
def test_equal_keys(format_name, text, message, refused):
    """Of two equal keys none wins silently."""
    assert message in str(refused(text, format=format_name))


@pytest.mark.parametrize(
    "keys",
    [
        {0: 1.0, "0": 2.0},
        {"1": 1.0, "01": 2.0},
        {"01": Parameter("p", float), 1: 1.0},
        {1: 1.0, "01": Parameter("p", float)},
        {"01": Parameter("p", float), 1: Parameter("q", float)},
    ],
    ids=repr,
)
def test_equal_keys_of_a_map(keys, refused):
    """Keys that are the same number are equal."""
    *open_, problem = refused({"class_weight": keys}).problems

    assert all("has no value yet" == p.message for p in open_)
    assert "the key is given twice; keep one" == problem.message


@pytest.mark.parametrize(
    "text",
    [
        "!!map [a]",
        "!!map ab",
        "epochs: !!set [a]",
        "epochs: !!bool maybe",
        "epochs: !!int 0x1",
        "epochs: !!float ''",
        "epochs: !!timestamp soon",
        "epochs: !!binary a",
        "epochs: !!python/object:os.system 3",
        "epochs: " + "9" * 5000,
        "epochs: *a",
        "? [a]\n: 3",
        "a: 1\n---\nb: 1",
    ],
)
def test_refused_yaml_syntax(text, refused):
    """Tags and structures that settings do not have end in an error with its place."""
    assert "\n  line " in str(refused(text, format="yaml"))


class Whole(int):
    """A number that is no plain int, as NumPy's are."""


def test_integers_of_other_libraries():
    """Whatever counts as an integer in Python is one."""
    assert FitArgs(epochs=3) == parse_fit_args({"epochs": Whole(3)})


def test_the_biggest_integer():
    """All of int32 can be written."""
    assert 2**31 - 1 == parse_fit_args({"seed": 2**31 - 1}).seed


def test_whole_numbers_are_real_numbers():
    """A double may be written without a point."""
    assert FitArgs(class_weight={0: 2.0}) == parse_fit_args({"class_weight": {0: 2}})


@pytest.mark.parametrize("number", [1, 0.5, Whole(1)], ids=repr)
def test_a_number_is_a_constant_learning_rate(number):
    """In a tree; the message is the same as of the long form."""
    long = rate({"constant": number})

    assert FitArgs(**long) == parse_fit_args(rate(number)) == parse_fit_args(long)


def test_a_schedule_without_its_wrapping(refused):
    """The wrapping is shown."""
    error = refused(rate(CosineDecay()))
    assert "must be a LearningRate; write {cosine_decay: …} around it" in str(error)
