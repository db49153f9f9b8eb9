# SPDX-License-Identifier: Apache-2.0
"""Settings of which runtime parameters bring some values."""

from __future__ import annotations

import pytest

from fit_component import FitArgs, FitArgsError
from fit_component.settings import Brought, Parameter, fill, read_template, to_json

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


@pytest.mark.parametrize(
    ("tree", "path", "repair"),
    [
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
