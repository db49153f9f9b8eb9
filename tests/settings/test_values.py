# SPDX-License-Identifier: Apache-2.0
"""Durations and keyword arguments: what they are read as, and what is refused."""

import datetime
import fractions
import math

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.internal import api_implementation
from google.protobuf.struct_pb2 import Struct
from renderings import arguments_of

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import parse_fit_args, to_json

KWARGS = "callbacks[0].custom.kwargs"


def custom(kwargs):
    return {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": kwargs}}]}


def read(kwargs, **options):
    """Keyword arguments as they come back out of settings."""
    (callback,) = parse_fit_args(custom(kwargs), **options).callbacks
    return arguments_of(callback.custom.kwargs)


@pytest.mark.parametrize(
    ("value", "seconds", "nanos"),
    [
        ("90s", 90, 0),
        ("90m", 5400, 0),
        ("1h30m", 5400, 0),
        ("2h", 7200, 0),
        ("1h1m1s", 3661, 0),
        ("1h5s", 3605, 0),
        ("0h90m", 5400, 0),
        ("007s", 7, 0),
        ("1.5s", 1, 500_000_000),
        ("0.000000001s", 0, 1),
        ("1m0.25s", 60, 250_000_000),
        ("87660000h", 315_576_000_000, 0),
        ("315576000000s", 315_576_000_000, 0),
        (datetime.timedelta(hours=1, microseconds=3), 3600, 3000),
        (Duration(seconds=5, nanos=6), 5, 6),
    ],
    ids=str,
)
def test_a_duration(value, seconds, nanos):
    """Hours, minutes and seconds, to the nanosecond; JSON's own form among them."""
    fit_args = parse_fit_args({"max_time": value})

    assert Duration(seconds=seconds, nanos=nanos) == fit_args.max_time
    assert fit_args == parse_fit_args(to_json(fit_args))


SUCH = "must be a duration such as 90s, 30m or 1h30m"
BOUNDS = "must be longer than 0s and at most 87660000h"


@pytest.mark.parametrize(
    ("value", "shown", "message"),
    [
        ("", '""', SUCH),
        ("h", '"h"', SUCH),
        ("90", '"90"', SUCH),
        ("30m1h", '"30m1h"', SUCH),
        ("1.5h", '"1.5h"', SUCH),
        ("1d", '"1d"', SUCH),
        ("90 s", '"90 s"', SUCH),
        ("-5s", '"-5s"', SUCH),
        ("1e3s", '"1e3s"', SUCH),
        ("٣s", '"٣s"', SUCH),
        ("0.0000000001s", '"0.0000000001s"', SUCH),
        ("1234567890123s", '"1234567890123s"', SUCH),
        (90, "90", f'{SUCH}; write "90s" for seconds'),
        (1.5, "1.5", f'{SUCH}; write "1.5s" for seconds'),
        (0, "0", SUCH),
        (-5, "-5", SUCH),
        (1e-7, "1e-07", SUCH),
        (math.nan, "NaN", SUCH),
        (10**400, "an integer of more than 300 digits", SUCH),
        (True, "true", SUCH),
        (["90s"], "['90s']", SUCH),
        ({}, "{}", SUCH),
        (b"90s", "b'90s'", SUCH),
        ("0s", '"0s"', BOUNDS),
        ("0h0m", '"0s"', BOUNDS),
        ("87660000h0.000000001s", '"315576000000.000000001s"', BOUNDS),
        ("999999999999h", '"3599999999996400s"', BOUNDS),
        (datetime.timedelta(0), '"0s"', BOUNDS),
        (datetime.timedelta(seconds=-1.5), '"-1.5s"', BOUNDS),
        (datetime.timedelta.max, '"86399999999999.999999s"', BOUNDS),
        (Duration(seconds=-1, nanos=-5), '"-1.000000005s"', None),
        (Duration(seconds=2**62), f'"{2**62}s"', BOUNDS),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_no_duration(value, shown, message, refused):
    """Everything else is refused: numbers have no unit, parts have an order."""
    problem = str(refused({"max_time": value}).problems[0])
    if message is None:
        assert "max_time: must have 0 to 999999999 nanos, not -5" == problem
    else:
        assert f"max_time = {shown}: {message}" == problem


def test_a_number_that_python_does_not_write(refused_paths):
    """One of 5,000 digits is refused like any other."""
    assert ["max_time"] == refused_paths({"max_time": 10**5000})
    assert [f"{KWARGS}.a"] == refused_paths(custom({"a": 10**5000}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_time { nanos: -1 }", "max_time: must have 0 to 999999999 nanos, not -1"),
        (
            "max_time { seconds: 1 nanos: 1000000000 }",
            "max_time: must have 0 to 999999999 nanos, not 1000000000",
        ),
        ("max_time { seconds: -1 nanos: 5 }", f'max_time = "-0.999999995s": {BOUNDS}'),
        ("max_time {}", f'max_time = "0s": {BOUNDS}'),
    ],
)
def test_no_duration_of_a_message(text, message, refused):
    """What textproto and bytes can hold beyond what a tree can say."""
    (problem,) = refused(text, format="textproto").problems

    assert message == str(problem)


def test_nanoseconds_are_written_whole():
    """The largest number of them is a duration."""
    most = Duration(nanos=999_999_999)
    assert most == parse_fit_args("max_time { nanos: 999999999 }", format="textproto").max_time


ARGUMENTS = {
    "text": "ä",
    "whole": 3,
    "real": 0.1,
    "largest": 2**53,
    "smallest": -(2**53),
    "large": 1e300,
    "yes": True,
    "no": False,
    "none": None,
    "list": [1, "b", None, [True, {"deep": 0.5}], []],
    "mapping": {"a": {"b": {}}, "": 0},
    "not-a.name": 1,
}


def test_arguments():
    """Each kind of value comes back as it was, at any depth."""
    found = read(ARGUMENTS)

    assert ARGUMENTS == found
    assert [True, False] == [found["yes"], found["no"]]
    assert isinstance(found["yes"], bool)


def test_values_of_other_libraries():
    """Tuples are lists, fractions are numbers, and structs are mappings."""
    struct = Struct()
    struct.update({"a": 1})

    found = read({"tuple": (1, 2), "fraction": fractions.Fraction(1, 4), "struct": struct})
    assert {"tuple": [1, 2], "fraction": 0.25, "struct": {"a": 1}} == found
    assert {"a": 1} == read(struct)


def test_no_arguments_are_none():
    """They can be given all the same."""
    assert {} == read({})
    assert custom({})["callbacks"] == [{"custom": {"class_path": "a.B", "kwargs": {}}}]
    assert parse_fit_args(custom({})).callbacks[0].custom.HasField("kwargs")


@pytest.mark.parametrize(
    ("kwargs", "path", "message"),
    [
        ([1], "", "must be a mapping of arguments to values"),
        ("units=3", "", "must be a mapping of arguments to values"),
        (3, "", "must be a mapping of arguments to values"),
        (FitArgs(), "", "must be a mapping of arguments to values"),
        ({1: 2}, ".1", "the key must be a string; put it in quotes"),
        ({None: 2}, ".None", "the key must be a string; put it in quotes"),
        ({"a": {1: 2}}, ".a.1", "the key must be a string; put it in quotes"),
        ({"\ud800": 2}, ".\ud800", "the key must be text that UTF-8 can hold"),
        ({"a": "\ud800"}, ".a", "must be text that UTF-8 can hold"),
        ({"a": math.nan}, ".a", "must be finite and, if whole, between"),
        ({"a": [1, -math.inf]}, ".a[1]", "must be finite and, if whole, between"),
        ({"a": 2**53 + 1}, ".a", f"between -{2**53} and {2**53}"),
        ({"a": -(2**53) - 1}, ".a", f"between -{2**53} and {2**53}"),
        ({"a": 10**400}, ".a", "must be finite"),
        ({"a": fractions.Fraction(10**400)}, ".a", "must be finite"),
        ({"a": {"b": [{"c": b""}]}}, ".a.b[0].c", "must be a number, text, true, false, null, a"),
        ({"a": bytearray(b"b")}, ".a", "must be a number, text, true, false, null, a list or a"),
        ({"a": {1, 2}}, ".a", "must be a number, text, true, false, null, a list or a mapping"),
        ({"a": FitArgs()}, ".a", "must be a number, text, true, false, null, a list or a mapping"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_no_arguments(kwargs, path, message, refused):
    """Each problem names the argument, at any depth."""
    (problem,) = refused(custom(kwargs)).problems

    assert KWARGS + path == problem.path
    assert message in problem.message


def test_null_is_no_mapping_of_arguments(refused):
    """Among the arguments it is Python's None, in their place it is nothing."""
    (problem,) = refused(custom(None)).problems
    assert (KWARGS, "is no value; leave the field out to get its default") == (
        problem.path,
        problem.message,
    )


def test_arguments_are_told_together(refused_paths):
    """All that are wrong."""
    kwargs = {"a": math.nan, "b": 1, "c": [b""], 4: 5}
    assert [f"{KWARGS}.a", f"{KWARGS}.c[0]", f"{KWARGS}.4"] == refused_paths(custom(kwargs))


def test_equal_keys_of_arguments(refused):
    """Of two none wins silently, at any depth; YAML's reader refuses them by itself."""
    text = '{"callbacks": [{"custom": {"class_path": "a.B", "kwargs": {"b": {"a": 1, "a": 2}}}}]}'
    (problem,) = refused(text).problems

    assert (f"{KWARGS}.b.a", "is given twice; keep one") == (problem.path, problem.message)


def nested(levels, make, value=1):
    for _ in range(levels):
        value = make(value)
    return value


KINDS = {"mappings": lambda inner: {"a": inner}, "lists": lambda inner: [inner]}
DEEP = "is nested too deeply; 20 levels are the most"


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_nesting(make, refused):
    """As deep as protobuf surely reads; the rest, endless nesting too, is refused like all else."""
    deepest = {"a": nested(19, make)}
    message = parse_fit_args(custom(deepest))
    for levels in (20, 400):
        (problem,) = refused(custom({"a": nested(levels, make)})).problems
        assert problem.message == DEEP

    assert deepest == read(deepest)
    assert message == parse_fit_args(to_json(message))
    if api_implementation.Type() == "python":
        # Its time doubles with each level of a Struct.
        message = parse_fit_args(custom({"a": nested(12, make)}))
    assert message == FitArgs.FromString(message.SerializeToString())


def test_what_holds_itself(refused):
    """It has no end, in whichever direction."""
    endless = {}
    endless.update(a=endless, b=[endless, endless])
    (problem,) = refused(custom(endless)).problems
    assert DEEP == problem.message
    text = "callbacks: [custom: {class_path: a.B, kwargs: &a {b: [*a, *a]}}]"
    assert DEEP in str(refused(text, format="yaml"))


def test_a_path_of_many_steps(refused):
    """An override nests as a mapping does."""
    deepest = ".".join("a" * 20)
    parse_fit_args(custom({}), overrides=f"{KWARGS}.{deepest}=1")
    for steps in (21, 5000):
        override = f"{KWARGS}.{'.'.join('a' * steps)}=1"
        assert DEEP in str(refused(custom({}), overrides=override))


TEXT = 'callbacks { custom { class_path: "a.B" kwargs { %s } } }'


@pytest.mark.parametrize(
    ("fields", "path", "message"),
    [
        ('fields { key: "a" value {} }', ".a", "has no value; take it out, or set null_value for"),
        ('fields { key: "a" }', ".a", "has no value"),
        ('fields { key: "a" value { number_value: nan } }', ".a", "must be a finite number"),
        (
            'fields { key: "a" value { struct_value { fields { key: "b" value { list_value { '
            "values { number_value: 1 } values { number_value: inf } } } } } } }",
            ".a.b[1]",
            "must be a finite number",
        ),
    ],
)
def test_no_arguments_of_a_message(fields, path, message, refused):
    """What textproto and bytes can hold beyond what a tree can say."""
    (problem,) = refused(TEXT % fields, format="textproto").problems

    assert KWARGS + path == problem.path
    assert message in problem.message


@pytest.mark.parametrize("kind", ["struct", "list"])
def test_nesting_in_a_message(kind, refused_paths):
    """A struct that was built by hand may be as deep as one from a tree."""
    fit_args = FitArgs()
    fit_args.callbacks.add().custom.class_path = "a.B"
    value = fit_args.callbacks[0].custom.kwargs.fields["a"]
    for _ in range(19):
        inner = value.struct_value.fields if kind == "struct" else value.list_value.values
        value = inner["a"] if kind == "struct" else inner.add()
    value.number_value = 1

    assert fit_args == parse_fit_args(fit_args)
    value.list_value.values.add().number_value = 1
    assert 1 == len(refused_paths(fit_args))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('max_time: "90m"', 'Expected "{"; a message is written in braces, such as learning_rate'),
        ("optimizer { sgd {} learning_rate: 0.1 }", "such as learning_rate { constant: 0.001 }"),
        ("max_time { minutes: 3 }", 'no field named "minutes"; write { seconds: 5400 }'),
        (TEXT % "units: 64", 'write { fields { key: "units" value { number_value: 64 } } }'),
        (TEXT % 'fields { key: "a" value { x: 3 } }', "it has number_value, string_value, bool_"),
    ],
)
def test_textproto_has_no_short_forms(text, message, refused):
    """Who writes what JSON and YAML take is shown the long one."""
    error = str(refused(text, format="textproto"))

    assert "line 1, column " in error
    assert message in error
