# SPDX-License-Identifier: Apache-2.0
"""Settings of which runtime parameters bring some values."""

from __future__ import annotations

import pytest

from fit_component import FitArgs, FitArgsError
from fit_component.settings import (
    Brought,
    Parameter,
    fill,
    parse_fit_args,
    read_template,
    to_json,
)

TREE = {
    "epochs": Parameter("n-epochs", int, 10),
    "numSteps": Parameter("n-steps"),
    "splits": ["train", Parameter("split"), "more"],
    "verbose": Parameter("verbose", str, "SILENT"),
    "deterministic": Parameter("deterministic", str, "false"),
    "class_weight": {"0": 1.0, "1": Parameter("weight", float, 2.5)},
    "callbacks": [
        {"tensorboard": {}},
        {"early_stopping": {"patience": Parameter("patience", int, 0)}},
    ],
}
P, F, N = Parameter("p"), Parameter("p", float), Parameter("p", int)
RATE = "optimizer.learning_rate"
ONE_AND_X = {"a": 1, "b": {"c": "x"}}
VALUES = {
    "epochs": 3,
    "num_steps": 7,
    "splits[1]": "other",
    "verbose": "LINE_PER_EPOCH",
    "deterministic": "False",
    "class_weight[1]": 2,
    "callbacks[1].early_stopping.patience": 5,
}
WHOLE = FitArgs(
    epochs=3,
    num_steps=7,
    splits=["train", "other", "more"],
    verbose=FitArgs.LINE_PER_EPOCH,
    deterministic=False,
    class_weight={0: 1.0, 1: 2.0},
    callbacks=[{"tensorboard": {}}, {"early_stopping": {"patience": 5}}],
)


def template(tree):
    """Reads a tree with parameters."""
    return read_template(tree, FitArgs(), "train_args")


def told(call, *args) -> list[str]:
    """The problems of a call that must be refused, as a person reads them."""
    with pytest.raises(FitArgsError) as caught:
        call(*args)
    return [str(problem) for problem in caught.value.problems]


def put(values, tree=TREE):
    """Puts values, by path, into the settings of a tree."""
    read = template(tree)
    brought = {
        path: Brought(parameter.name, values[path]) for path, parameter in read.parameters.items()
    }
    return fill(to_json(read.message), brought, FitArgs(), "train_args")


def test_parameters_are_found_at_any_depth():
    """In messages, lists and maps, by the contract's names whatever the spelling."""
    assert list(VALUES) == list(template(TREE).parameters)


def test_values_are_put_back_where_the_parameters_were():
    """After a way through JSON, the settings are those with the values written in."""
    assert WHOLE == put(VALUES)


@pytest.mark.parametrize(
    ("field", "expected"),
    [("num_steps", int), ("splits[1]", str), ("class_weight[1]", float), ("verbose", str)],
)
def test_a_parameter_without_a_type_gets_the_fields(field, expected):
    """ptype is optional in TFX."""
    tree = {"num_steps": Parameter("a"), "splits": ["x", Parameter("b")], "verbose": Parameter("v")}
    read = template({**tree, "class_weight": {1: Parameter("c"), 0: 1.0}})
    assert expected is read.parameters[field].ptype


@pytest.mark.parametrize(
    ("tree", "value", "expected"),
    [
        ({"class_weight": {0: Parameter("p", int)}}, 2, FitArgs(class_weight={0: 2.0})),
        ({"verbose": Parameter("p", int)}, 2, FitArgs(verbose=FitArgs.LINE_PER_EPOCH)),
        (
            {"callbacks": [{"tensorboard": {"profile_batch": [Parameter("p", int), 5]}}]},
            3,
            FitArgs(callbacks=[{"tensorboard": {"profile_batch": [3, 5]}}]),
        ),
    ],
    ids=["integer for a real number", "number of an enum", "element of a list of numbers"],
)
def test_an_integer_stands_where_one_can_be_written(tree, value, expected):
    """As in a file."""
    (path,) = template(tree).parameters
    assert expected == put({path: value}, tree)


KWARGS = "callbacks[0].custom.kwargs"


def custom(kwargs):
    return {"callbacks": [{"custom": {"class_path": "a.B", "kwargs": kwargs}}]}


def rate(learning_rate):
    return {"optimizer": {"sgd": {}, "learning_rate": learning_rate}}


@pytest.mark.parametrize(
    ("tree", "path", "value", "ptype", "whole"),
    [
        ({"max_time": P}, "max_time", "1h30m", str, {"max_time": "5400s"}),
        (rate(P), f"{RATE}.constant", 0.1, float, rate(0.1)),
        (rate({"constant": P}), f"{RATE}.constant", 1, float, rate(1)),
        (
            rate({"polynomial_decay": {"initial_learning_rate": P, "decay_steps": 5}}),
            f"{RATE}.polynomial_decay.initial_learning_rate",
            0.1,
            float,
            rate({"polynomial_decay": {"initial_learning_rate": 0.1, "decay_steps": 5}}),
        ),
        (
            {"callbacks": [{"learning_rate_scheduler": {"schedule": P}}]},
            "callbacks[0].learning_rate_scheduler.schedule.constant",
            0.1,
            float,
            {"callbacks": [{"learning_rate_scheduler": {"schedule": 0.1}}]},
        ),
        (custom({"a": P}), f"{KWARGS}.a", "x", str, custom({"a": "x"})),
        (custom({"a": P}), f"{KWARGS}.a", "true", str, custom({"a": "true"})),
        (custom({"a": 1, "b": {"c": P}}), f"{KWARGS}.b.c", "x", str, custom(ONE_AND_X)),
        (custom({"größe": P}), f"{KWARGS}.größe", "x", str, custom({"größe": "x"})),
        (custom({"a": F}), f"{KWARGS}.a", 0.5, float, custom({"a": 0.5})),
        (custom({"a": N}), f"{KWARGS}.a", 5, int, custom({"a": 5})),
        (
            {"input": {"cache": P, "shuffle": Parameter("q", None, "false")}},
            "input.cache",
            "DISK",
            str,
            {"input": {"cache": "DISK", "shuffle": False}},
        ),
        (
            {"callbacks": [{"remote_monitor": {"headers": {"a.b": P}}}]},
            "callbacks[0].remote_monitor.headers[a.b]",
            "x",
            str,
            {"callbacks": [{"remote_monitor": {"headers": {"a.b": "x"}}}]},
        ),
    ],
    ids=str,
)
def test_a_parameter_brings_values_of_every_kind(tree, path, value, ptype, whole):
    """Found at its path, with a type, and put back there after a way through JSON."""
    parameters = template(tree).parameters
    values = {path: value, "input.shuffle": "false"}

    assert ptype is parameters[path].ptype
    assert parse_fit_args(whole) == put({p: values[p] for p in parameters}, tree)


@pytest.mark.parametrize(
    ("kwargs", "path", "reason"),
    [
        ({"a-b": P}, ".a-b", "a RuntimeParameter needs a plain name as its key, not 'a-b'"),
        ({"": P}, ".", "a RuntimeParameter needs a plain name as its key, not ''"),
        ({"a.b": {"c": P}}, ".a.b.c", "needs a plain name as its key, not 'a.b'"),
        ({"a": [1, P]}, ".a[1]", "stands in a list, which is given whole; give what it brings an"),
        ({"a": [{"b": P}]}, ".a[0].b", "stands in a list, which is given whole"),
        (P, "", "is one value, and several belong here; give the settings inside RuntimeParam"),
    ],
    ids=str,
)
def test_a_parameter_among_arguments_where_no_path_leads(kwargs, path, reason):
    """Told when the pipeline is built, not when it runs."""
    (problem,) = told(template, custom(kwargs))
    assert problem.startswith(f"{KWARGS}{path} = RuntimeParameter('p'): ")
    assert reason in problem


@pytest.mark.parametrize("key", ["a]", "[", "a[0]", ""])
@pytest.mark.parametrize(
    ("kind", "name", "rest"),
    [
        ("tensorboard", "embeddings_metadata", {"embeddings_freq": 1}),
        ("remote_monitor", "headers", {}),
    ],
)
def test_a_parameter_of_an_entry_that_no_path_names(kind, name, rest, key):
    """Told when the pipeline is built; a value that is written in is fine."""
    tree = {"callbacks": [{kind: {name: {key: Parameter("p")}, **rest}}]}
    (problem,) = told(template, tree)
    expected = "a RuntimeParameter needs a key that has no brackets and is not empty"
    at = f"callbacks[0].{kind}.{name}[{key}]"
    assert f"{at} = RuntimeParameter('p'): {expected}" == problem
    tree["callbacks"][0][kind][name] = {key: "x"}
    assert not template(tree).parameters


@pytest.mark.parametrize(
    ("tree", "value", "problem"),
    [
        (
            {"max_time": P},
            "90",
            'max_time = "90": must be a duration such as 90s, 30m or 1h30m (from RuntimeParameter',
        ),
        ({"max_time": P}, "0s", 'max_time = "0s": must be longer than 0s and at most 87660000h ('),
        (rate(P), 0.0, f"{RATE}.constant = 0.0: must be above 0 (from RuntimeParameter 'p')"),
        (rate(P), "x", f"{RATE}.constant = \"x\": must be a number (from RuntimeParameter 'p')"),
    ],
    ids=str,
)
def test_a_wrong_value_of_any_kind_names_the_parameter(tree, value, problem):
    """Where it is put in."""
    (path,) = template(tree).parameters
    (found,) = told(put, {path: value}, tree)
    assert found.startswith(problem)


def test_what_follows_from_an_open_rate_is_not_told():
    """Whether a schedule is wanted is not known before a constant is there."""
    scheduler = {"callbacks": [{"learning_rate_scheduler": {"schedule": P, "function": "f"}}]}
    assert template(scheduler).parameters
    at = "callbacks[0].learning_rate_scheduler.schedule.constant"
    (problem,) = told(put, {at: 0.1}, scheduler)
    assert "cannot be given beside schedule" in problem
    assert problem.endswith(f"({at} comes from RuntimeParameter 'p')")


@pytest.mark.parametrize(
    ("tree", "path", "repair"),
    [
        ({"max_time": Parameter("p", int)}, "max_time", "ptype=str"),
        (rate(Parameter("p", str)), f"{RATE}.constant", "ptype=float"),
        ({"optimizer": Parameter("p")}, "optimizer", "RuntimeParameters of their own"),
        ({"optimizer": {"adam": Parameter("p")}}, "optimizer.adam", "RuntimeParameters of their"),
        ({"input": {"cache": Parameter("p", float)}}, "input.cache", "ptype=str"),
        ({"epochs": Parameter("p", str)}, "epochs", "RuntimeParameter('p', ptype=int)"),
        ({"epochs": Parameter("p", float)}, "epochs", "RuntimeParameter('p', ptype=int)"),
        ({"deterministic": Parameter("p", int)}, "deterministic", "ptype=str"),
        ({"splits": [Parameter("p", int)]}, "splits[0]", "ptype=str"),
        ({"class_weight": {0: Parameter("p", str)}}, "class_weight[0]", "ptype=float"),
        ({"splits": Parameter("p", str)}, "splits", "put it in the list: [RuntimeParameter('p')]"),
        ({"validation": Parameter("p", str)}, "validation", "RuntimeParameters of their own"),
        ({"callbacks": Parameter("p", str)}, "callbacks", "RuntimeParameters of their own"),
        ({"callbacks": [Parameter("p", str)]}, "callbacks[0]", "RuntimeParameters of their own"),
        ({"class_weight": Parameter("p")}, "class_weight", "RuntimeParameters of their own"),
        ({"epcohs": Parameter("p", int)}, "epcohs", "did you mean epochs?"),
    ],
    ids=str,
)
def test_a_parameter_that_cannot_bring_the_field_is_refused(tree, path, repair):
    """Of another type, for several values at once, or for no field at all."""
    (problem,) = told(template, tree)
    assert problem.startswith(f"{path} = RuntimeParameter('p'): ")
    assert repair in problem


@pytest.mark.parametrize(
    ("field", "wrong", "complaint"),
    [
        ("epochs", 0, "epochs = 0: must be 1 or more (from RuntimeParameter 'p')"),
        ("epochs", "3", "must be an integer"),
        ("epochs", True, "must be an integer"),
        ("deterministic", "yes", "must be true or false (from RuntimeParameter 'p')"),
        ("verbose", "SILNT", "did you mean SILENT?"),
    ],
)
def test_a_value_that_breaks_a_check_names_the_parameter(field, wrong, complaint):
    """As a default, when the pipeline is built; as a value, before run_fn."""
    (problem,) = told(template, {field: Parameter("p", None, wrong)})
    assert complaint in problem
    (problem,) = told(put, {field: wrong}, {field: Parameter("p")})
    assert complaint in problem


def test_a_check_between_fields_names_the_parameter():
    """The parameter may be the other of the two fields."""
    tree = {"epochs": Parameter("n-epochs", int, 2), "initial_epoch": 4}
    (problem,) = told(template, tree)
    assert problem.startswith("initial_epoch = 4: must be below epochs")
    assert problem.endswith("(epochs comes from RuntimeParameter 'n-epochs')")


def test_what_depends_on_an_open_value_is_checked_when_it_is_there():
    """Without a default, the pipeline is built; the run tells."""
    tree = {"epochs": Parameter("n-epochs", int), "initial_epoch": 4}
    assert FitArgs(initial_epoch=4) == template(tree).message
    assert told(put, {"epochs": 4}, tree)
    assert 5 == put({"epochs": 5}, tree).epochs


@pytest.mark.parametrize(
    "callbacks",
    [
        [{"early_stopping": {"patience": Parameter("p", int)}}, {"early_stopping": {}}],
        [{"tensorboard": {"log_dir": Parameter("p"), "histogram_freq": 1}}, {"tensorboard": {}}],
    ],
    ids=["equal", "writing to one place"],
)
def test_callbacks_may_come_to_differ_by_an_open_value(callbacks):
    """Whichever of the two has it."""
    assert 1 == len(template({"callbacks": callbacks}).parameters)
    assert 1 == len(template({"callbacks": callbacks[::-1]}).parameters)


def test_callbacks_that_become_equal_are_told_with_what_made_them_so():
    """Every parameter inside has a part in it."""
    callbacks = [
        {
            "early_stopping": {
                "patience": Parameter("p", int, 2),
                "mode": Parameter("m", str, "min"),
            }
        },
        {"early_stopping": {"patience": 2, "mode": "min"}},
    ]
    (problem,) = told(template, {"callbacks": callbacks})
    assert problem.startswith("callbacks[1]: equals callbacks[0]; keep one (")
    assert "callbacks[0].early_stopping.patience comes from RuntimeParameter 'p'" in problem
    assert "callbacks[0].early_stopping.mode comes from RuntimeParameter 'm'" in problem


def test_what_follows_from_a_wrong_value_is_not_told():
    """Nobody wrote that epochs is 1, the default that it would be held against."""
    tree = {"epochs": Parameter("n-epochs", int), "initial_epoch": 4}
    (problem,) = told(put, {"epochs": "many"}, tree)
    assert problem.startswith('epochs = "many": must be an integer')


@pytest.mark.parametrize("stored", ["[", '{"epcohs": 5}', '{"initial_epoch": 4}'])
def test_problems_are_told_of_the_argument(stored):
    """By its name, whether they lie in the text, in a field or between two."""
    with pytest.raises(FitArgsError, match=r"^train_args: 1 problem"):
        fill(stored, {"epochs": Brought("p", 3)}, FitArgs(), "train_args")


def test_the_rest_of_the_settings_is_checked():
    """Not even a parameter excuses a misspelt field; all problems are told together."""
    epochs = Parameter("n", int)
    tree = {"epochs": epochs, "initial_epoch": 4, "epcohs": 1, "sede": 1, "batch_size": 0}
    assert ["epcohs", "sede", "batch_size"] == [
        line.split(" =")[0] for line in told(template, tree)
    ]


def test_text_that_no_parameter_brought_is_no_bool():
    """The strictness of files and dicts stays as it is."""
    (problem,) = told(template, {"deterministic": "true"})
    assert "must be true or false" in problem


def test_stored_settings_that_are_broken_are_told():
    """Such as a property edited by hand."""
    brought = {"epochs": Brought("p", 3)}
    (problem,) = told(fill, '{"epcohs": 5}', brought, FitArgs(), "train_args")
    assert "did you mean epochs" in problem
