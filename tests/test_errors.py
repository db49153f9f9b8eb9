# SPDX-License-Identifier: Apache-2.0
"""FitArgsError: what it says and how it travels."""

import copy
import pickle
import types

import pytest

from fit_component.errors import FitArgsError, Problem, raise_together


def one(*args, **kwargs):
    """The line that a problem makes in the message."""
    return str(FitArgsError([Problem(*args, **kwargs)])).split("\n  ", 1)[1]


def test_is_a_value_error():
    """Code that catches ValueError goes on working."""
    assert isinstance(FitArgsError([Problem("epochs", "is wrong")]), ValueError)


def test_layout_of_the_message():
    """A headline with source and count, then one indented line per problem."""
    error = FitArgsError(
        [Problem("epochs", "must be 1 or more", 0), Problem("seed", "is not set")], "fit.json"
    )

    lines = ["fit.json: 2 problems", "  epochs = 0: must be 1 or more", "  seed: is not set"]
    assert lines == str(error).split("\n")


def test_several_arguments_are_told_together():
    """Each path then starts at its argument; those that are related, too."""
    train = FitArgsError([Problem("epochs", "is wrong", 3, ("seed",))], "train_args")
    evaluation = FitArgsError([Problem("", "is no mapping")], "eval_args")
    with pytest.raises(FitArgsError) as caught:
        raise_together([train, evaluation], "Trainer")
    problems = ["train_args.epochs = 3: is wrong", "eval_args: is no mapping"]
    assert "\n  ".join(["Trainer: 2 problems", *problems]) == str(caught.value)
    assert ("train_args.seed",) == caught.value.problems[0].related


def test_one_argument_is_told_as_it_is():
    """And none not at all."""
    error = FitArgsError([Problem("epochs", "is wrong")], "train_args")
    with pytest.raises(FitArgsError) as caught:
        raise_together([error], "Trainer")
    assert error is caught.value
    raise_together([], "Trainer")


def test_without_a_source():
    """Settings from Python are called FitArgs."""
    assert "FitArgs: 1 problem\n  is empty" == str(FitArgsError([Problem("", "is empty")]))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (0.001, "0.001"),
        ("Größe", '"Größe"'),
        ('a"b\n', '"a\\"b\\n"'),
        (["a", 1], "['a', 1]"),
        (float("nan"), "NaN"),
        ("x" * 80, '"' + "x" * 80 + '"'),
        ("x" * 200, '"' + "x" * 77 + '..."'),
        pytest.param(10**5000, "an integer of more than 300 digits", id="huge"),
        pytest.param([10**5000], "[an integer of more than 300 digits]", id="huge inside"),
    ],
)
def test_values_are_shown_as_a_config_file_has_them(value, shown):
    """Scalars look like JSON, and what is long is cut."""
    assert f"epochs = {shown}: is wrong" == one("epochs", "is wrong", value)


def test_the_settings_as_a_whole_have_a_name():
    """A value without a path is that of the settings."""
    assert "settings = []: is wrong" == one("", "is wrong", [])


def test_big_values_stay_readable():
    """A value of any depth and width fits on a few lines."""
    wide = ["x" * 1000] * 100

    assert len(one("epochs", "is wrong", [[wide] * 100] * 100)) < 300


def test_half_a_surrogate_pair_can_be_printed():
    """The message is text that every stream takes."""
    assert r'\ud800 = "\ud800": is wrong' == one("\ud800", "is wrong", "\ud800")


@pytest.mark.parametrize("travel", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy])
def test_survives_pickling(travel):
    """An error from another process says and holds the same."""
    problems = [
        Problem("epochs", "is wrong", 0),
        Problem("seed", "is not set", related=("epochs",)),
    ]
    error = FitArgsError(problems, source="fit.json")
    again = travel(error)

    assert str(error) == str(again)
    assert (error.problems, error.source) == (again.problems, again.source)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("callbacks[0].custom.kwargs.api_key", "hunter2"),
        ("callbacks[0].custom.kwargs.api_key[0].a", "hunter2"),
        ("callbacks[0].remote_monitor.headers[Authorization]", "Bearer hunter2"),
        ("callbacks[0].custom.kwargs", {"a": [{"token": "hunter2"}]}),
        ("callbacks[0].custom.kwargs", types.MappingProxyType({"token": "hunter2"})),
        ("callbacks[0].custom.kwargs", "{api_key: hunter2}"),
        ("callbacks[0].custom.kwargs.api_key=hunter2", None),
    ],
    ids=str,
)
def test_credentials_are_not_shown(path, value):
    """Whoever reads the message, or the error's attributes in a traceback."""
    problem = Problem(path, "is wrong", value)
    assert "hunter2" not in one(path, "is wrong", value)
    assert "hunter2" not in repr(problem) or path.endswith("=hunter2")
    assert "***" in str(problem)
    assert value is problem.value  # who handles it has all


HOSTILE = "\x1b[31m\x9b31m\r\n\x07\x00\x7f\u202e\u2028\u2066"


@pytest.mark.parametrize(
    "error",
    [
        FitArgsError([Problem(HOSTILE, "is wrong")]),
        FitArgsError([Problem("epochs", f"names {HOSTILE}")]),
        FitArgsError([Problem("epochs", "is wrong", HOSTILE)]),
        FitArgsError([Problem("epochs", "is wrong", {HOSTILE: [HOSTILE]})]),
        FitArgsError([Problem("epochs", "is wrong")], f"{HOSTILE}.json"),
    ],
    ids=["path", "message", "value", "inside a value", "source"],
)
def test_nothing_in_an_error_moves_the_cursor(error):
    """Whatever the user's texts are, each problem stays in its line of a terminal or a log."""
    headline, problem = str(error).split("\n")
    assert (headline + problem).isprintable()
    assert "[31m" in headline + problem
