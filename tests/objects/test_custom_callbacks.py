# SPDX-License-Identifier: Apache-2.0
"""Callbacks of the user's own: what may be imported, what it is, and what it takes."""

from __future__ import annotations

import importlib
import sys
import types

import keras
import pytest
import tf_keras
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from fit_component import FitArgs, FitArgsError
from fit_component.objects.callbacks import check_callbacks, make_callbacks
from fit_component.objects.struct_values import python_values

VARIABLE = "FIT_COMPONENT_CUSTOM_CALLBACKS"

# A package of a user; `KERAS` is the one that its callbacks are of.
CALLBACKS = """
import KERAS as keras

RATE = 0.5


class Heartbeat(keras.callbacks.Callback):
    def __init__(self, every, unit="epoch", *, options: dict | None = None):
        super().__init__()
        self.given = (every, unit, options)


class Anything(keras.callbacks.Callback):
    def __init__(self, **kwargs):
        super().__init__()
        self.given = kwargs


class ByPosition(keras.callbacks.Callback):
    def __init__(self, every, /):
        super().__init__()


class Failing(keras.callbacks.Callback):
    def __init__(self, host):
        raise LookupError(f"{host} is not there")


class Board(keras.callbacks.TensorBoard):
    def __init__(self, every):
        super().__init__()
        self.given = every


class Plain:
    pass


def heartbeat():
    return Heartbeat(1)
"""


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras whose classes are used."""
    return request.param


@pytest.fixture(autouse=True)
def packages(importable, monkeypatch, module):
    """Packages of users that can be imported for the time of a test."""
    monkeypatch.delenv(VARIABLE, raising=False)
    other = tf_keras if module is keras else keras
    for package in ("my_company", "my_company_evil"):
        (importable / package).mkdir()
        (importable / package / "__init__.py").write_text("")
        own = CALLBACKS.replace("KERAS", module.__name__)
        (importable / package / "callbacks.py").write_text(own)
    company = importable / "my_company"
    (company / "others.py").write_text(CALLBACKS.replace("KERAS", other.__name__))
    (company / "lacking.py").write_text("import my_comp\n")
    (company / "broken.py").write_text("1 / 0\n")
    (company / "empty.py").write_text("")
    importlib.invalidate_caches()


def custom(class_path, **kwargs):
    """The settings of a callback class."""
    return FitArgs(callbacks=[{"custom": {"class_path": class_path, "kwargs": struct(kwargs)}}])


def from_module(function, **kwargs):
    """The settings of a callback that the module file makes."""
    settings = {"function": function, "kwargs": struct(kwargs)}
    return FitArgs(callbacks=[{"from_module": settings}])


def struct(kwargs):
    """Keyword arguments as the contract holds them."""
    return json_format.ParseDict(kwargs, Struct())


def problems_of(module, settings):
    """The problems of a check, which are those of making the callbacks too."""
    found = [(p.path, p.message) for p in check_callbacks(settings, module, "run")]
    with pytest.raises(FitArgsError) as caught:
        make_callbacks(settings, module, "run")
    assert found == [(p.path, p.message) for p in caught.value.problems]
    return found


def wrong_class(module, class_path):
    """What is wrong with a class path."""
    ((path, message),) = problems_of(module, custom(class_path))
    assert "callbacks[0].custom.class_path" == path
    return message


def test_a_class_gets_its_arguments(module):
    """Numbers that are whole as int, at any depth; null as None."""
    options = {"a": [1, 2.5, {"b": 3}], "c": None, "d": True, "e": "4"}
    (made,) = make_callbacks(
        custom("my_company.callbacks.Heartbeat", every=2, options=options), module, "run"
    )
    assert type(made) is sys.modules["my_company.callbacks"].Heartbeat
    assert (2, "epoch", options) == made.given
    every, _, held = made.given
    types_held = [type(value) for value in (every, *held["a"][:2], held["a"][2]["b"])]
    assert [int, int, float, int] == types_held


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3.0, 3),
        (-2.0, -2),
        (0.5, 0.5),
        (2.0**53, 2**53),
        (2.0**54, 2.0**54),
        (float("inf"), float("inf")),
    ],
)
def test_whole_numbers_become_int_where_a_double_is_exact(number, expected):
    """Beyond that a float stays what it is."""
    held = Struct()
    held.fields["n"].number_value = number
    (value,) = python_values(held).values()
    assert (expected, type(expected)) == (value, type(value))


def test_a_class_without_arguments_needs_none(module):
    """No kwargs are the defaults."""
    settings = FitArgs(callbacks=[{"custom": {"class_path": "my_company.callbacks.Anything"}}])
    (made,) = make_callbacks(settings, module, "run")
    assert {} == made.given


def test_a_class_that_takes_any_keyword_gets_all(module):
    """Nothing is known about their names."""
    (made,) = make_callbacks(custom("my_company.callbacks.Anything", a=1, b="c"), module, "run")
    assert {"a": 1, "b": "c"} == made.given


def test_a_class_is_only_imported_by_a_check(module):
    """The constructor of a user's class may do anything."""
    assert [] == check_callbacks(custom("my_company.callbacks.Failing", host="a"), module, "run")


def test_what_a_constructor_raises_is_passed_on(module):
    """With a note of the setting where Python has notes."""
    with pytest.raises(LookupError, match="a is not there") as caught:
        make_callbacks(custom("my_company.callbacks.Failing", host="a"), module, "run")
    notes = getattr(caught.value, "__notes__", [])
    noted = ["It was called for train_args, callbacks[0].custom."]
    assert (noted if sys.version_info >= (3, 11) else []) == notes


TAKES = "Heartbeat takes (every, unit='epoch', *, options=None)"


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        (
            {"every": 1, "unti": "step"},
            [(".unti", f"there is no such argument; did you mean unit? {TAKES}")],
        ),
        (
            {"every": 1, "zzz": 2},
            [(".zzz", f"there is no such argument; {TAKES}")],
        ),
        (
            {"ever": 1, "self": 2},
            [
                (".ever", f"there is no such argument; did you mean every? {TAKES}"),
                (".self", f"there is no such argument; {TAKES}"),
                ("", f"lacks every; {TAKES}"),
            ],
        ),
    ],
)
def test_arguments_are_held_against_the_signature(module, kwargs, expected):
    """Before training, all of them."""
    found = problems_of(module, custom("my_company.callbacks.Heartbeat", **kwargs))
    assert [(f"callbacks[0].custom.kwargs{path}", text) for path, text in expected] == found


def test_arguments_by_position_alone_cannot_be_given(module):
    """Settings have names."""
    ((_, message),) = problems_of(module, custom("my_company.callbacks.ByPosition"))
    expected = "are given by name, which does not reach all arguments; ByPosition takes (every, /)"
    assert expected == message


def test_a_subclass_of_a_class_with_a_new_of_its_own_is_held_against_its_init(module):
    """That of tf_keras' TensorBoard takes anything and passes it on."""
    ((_, message),) = problems_of(module, custom("my_company.callbacks.Board"))
    assert "lacks every; Board takes (every)" == message


@pytest.mark.parametrize(
    ("class_path", "expected"),
    [
        ("Heartbeat", "must be a module and a class in it, such as"),
        ("my_company.", "must be a module and a class in it, such as"),
        (".Heartbeat", "must be a module and a class in it, such as"),
        ("our_company.callbacks.Heartbeat", "there is no module our_company; is its package"),
        ("my_company.callback.Heartbeat", "there is no module my_company.callback; is its"),
        (
            "my_company.lacking.Heartbeat",
            "my_company.lacking cannot be imported: ModuleNotFoundError: No module named 'my_comp'",
        ),
        (
            "my_company.broken.Heartbeat",
            "my_company.broken cannot be imported: ZeroDivisionError: division by zero",
        ),
        (
            "my_company.callbacks.Hartbeat",
            "my_company.callbacks has no such class; did you mean Heartbeat?",
        ),
        (
            "my_company.callbacks.Zzz",
            "my_company.callbacks has no such class; allowed: Heartbeat, Anything, ByPosition, ",
        ),
        ("my_company.empty.Heartbeat", "my_company.empty has no such class; it has no classes"),
        ("my_company.callbacks.heartbeat", "is no class, but of type function"),
        ("my_company.callbacks.RATE", "is no class, but of type float"),
        ("my_company.callbacks.Plain", "is no subclass of keras.callbacks.Callback; "),
    ],
)
def test_a_path_that_leads_to_no_callback_is_refused(module, class_path, expected):
    """With what is there instead."""
    assert wrong_class(module, class_path).startswith(expected)


def test_a_callback_of_the_other_generation_is_refused(module):
    """Both are named."""
    other = tf_keras if module is keras else keras
    expected = (
        f"is a callback of {other.__name__} {other.__version__}, "
        f"but {module.__name__} {module.__version__} is in use"
    )
    assert expected == wrong_class(module, "my_company.others.Heartbeat")


@pytest.mark.parametrize(
    "allowed",
    ["my_company", "other, my_company ", "my_company.callbacks", "my_company.callbacks.Anything"],
)
def test_a_class_below_an_allowed_name_is_imported(module, monkeypatch, allowed):
    """A package, a module or the class itself."""
    monkeypatch.setenv(VARIABLE, allowed)
    assert [] == check_callbacks(custom("my_company.callbacks.Anything"), module, "run")


@pytest.mark.parametrize(
    "allowed",
    ["", ",", "other", "my_company", "my_company_evil.callback", "my_company_evil.callbacks.Any"],
)
def test_nothing_else_is_imported(module, monkeypatch, allowed):
    """Only whole parts of a dotted name count; what is set and empty allows none."""
    monkeypatch.setenv(VARIABLE, allowed)
    message = wrong_class(module, "my_company_evil.callbacks.Anything")
    expected = f"is not allowed on this machine, where {VARIABLE} is {allowed!r}; add the class, "
    assert message.startswith(expected)
    assert not any(name.startswith("my_company") for name in sys.modules)


class TestCallbacksOfTheModuleFile:
    """Functions that make callbacks."""

    def users(self, module, calls):
        """A module file, loaded."""
        loaded = types.ModuleType("users_module")

        def heartbeat(every, unit="epoch"):
            calls.append((every, unit))
            return module.callbacks.ProgbarLogger()

        def nothing():
            pass

        def another():
            other = tf_keras if module is keras else keras
            return other.callbacks.ProgbarLogger()

        def failing():
            raise TypeError("no server")

        functions = (heartbeat, nothing, another, failing)
        vars(loaded).update({function.__name__: function for function in functions})
        return loaded

    def refused(self, module, settings):
        """The only problem."""
        with pytest.raises(FitArgsError) as caught:
            make_callbacks(settings, module, "run", module=self.users(module, []))
        (problem,) = caught.value.problems
        return problem.path, problem.message

    def test_a_function_gets_its_arguments(self, module):
        """Its callback is in the list."""
        calls = []
        (made,) = make_callbacks(
            from_module("heartbeat", every=2), module, "run", module=self.users(module, calls)
        )
        assert isinstance(made, module.callbacks.ProgbarLogger)
        assert [(2, "epoch")] == calls

    def test_arguments_are_held_against_the_signature(self, module):
        """Before anything is called."""
        path, message = self.refused(module, from_module("heartbeat", every=2, unti="step"))
        assert "callbacks[0].from_module.kwargs.unti" == path
        takes = "heartbeat takes (every, unit='epoch')"
        assert f"there is no such argument; did you mean unit? {takes}" == message

    def test_a_check_takes_any_arguments(self, module):
        """The module file is loaded later."""
        assert [] == check_callbacks(from_module("any", every=2), module, "run")

    @pytest.mark.parametrize("function", ["nothing", "another"])
    def test_what_it_returns_must_be_a_callback_of_the_keras_in_use(self, module, function):
        """What came instead is told."""
        other = tf_keras if module is keras else keras
        came = {
            "nothing": "None",
            "another": "an object of type ProgbarLogger, which is of "
            f"{other.__name__} {other.__version__}",
        }[function]
        expected = (
            f"must return a callback of {module.__name__} {module.__version__}, but returned {came}"
        )
        path, message = self.refused(module, from_module(function))
        assert ("callbacks[0].from_module.function", expected) == (path, message)

    def test_what_it_raises_is_passed_on(self, module):
        """The traceback is the user's."""
        with pytest.raises(TypeError) as caught:
            make_callbacks(from_module("failing"), module, "run", module=self.users(module, []))
        assert "no server" == str(caught.value)
