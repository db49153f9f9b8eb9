# SPDX-License-Identifier: Apache-2.0
"""What holds for any settings of which parameters bring any of the values."""

from generators import fit_args
from hypothesis import given
from hypothesis import strategies as st
from renderings import tree_of

from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import Brought, Parameter, fill, parse_fit_args, read_template, to_json


def lift(draw, tree, lifted, among_arguments=False):
    """Copies a tree with some of its single values as Parameters, which it adds to a list."""
    if isinstance(tree, dict):
        return {
            key: lift(draw, value, lifted, among_arguments or key == "kwargs")
            if can_be_named(key, among_arguments)
            else value
            for key, value in tree.items()
        }
    if isinstance(tree, list) and not among_arguments:
        return [lift(draw, value, lifted) for value in tree]
    # Among arguments a parameter brings neither a bool nor None.
    brought = (str, float) if among_arguments else (str, float, int)
    if not isinstance(tree, brought) or not draw(st.booleans()):
        return tree
    # A bool comes as text.
    value = str(tree).lower() if isinstance(tree, bool) else tree
    parameter = Parameter(f"p{len(lifted)}", default=value if draw(st.booleans()) else None)
    lifted[parameter.name] = value
    return parameter


def can_be_named(key, among_arguments):
    """Whether a path can lead to what stands under a key."""
    if among_arguments:
        return key.isascii() and key.isidentifier()
    return not set("[]") & set(str(key)) and key != ""


@given(fit_args(), st.data())
def test_what_parameters_bring_is_as_if_it_had_been_written(message, data):
    """At any depth, with defaults or without; the way through JSON included."""
    lifted = {}
    tree = lift(data.draw, tree_of(message), lifted)
    template = read_template(tree, FitArgs(), "train_args")
    assert set(lifted) == {parameter.name for parameter in template.parameters.values()}
    brought = {
        path: Brought(parameter.name, lifted[parameter.name])
        for path, parameter in template.parameters.items()
    }
    filled = fill(to_json(template.message), brought, FitArgs(), "train_args")
    assert to_json(parse_fit_args(message)) == to_json(filled)
