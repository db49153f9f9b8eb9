# SPDX-License-Identifier: Apache-2.0
"""What holds for anything at all: it gives a FitArgs or a FitArgsError, and nothing else."""

import pickle
from collections import Counter

import junk
import pytest
from generators import examples, fit_args
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from renderings import FORMS, to_yaml, tree_of

from fit_component.errors import FitArgsError
from fit_component.proto.fit_args_pb2 import FitArgs
from fit_component.settings import parse_fit_args

WRITERS = {"textproto": "textproto", "json": "JSON, snake_case", "yaml": "YAML, blocks"}


def read(value, **options):
    """Reads anything; returns the settings or the error, which must be able to travel."""
    try:
        result = parse_fit_args(value, **options)
    except FitArgsError as error:
        result = error
    if isinstance(result, FitArgsError):
        assert result.problems
        assert str(result).encode()
        assert repr(result)
        assert str(result) == str(pickle.loads(pickle.dumps(result)))
    else:
        assert isinstance(result, FitArgs)
    return result


def leaves(tree):
    """How many values a tree holds."""
    if isinstance(tree, Message):
        tree = tree_of(tree)
    if isinstance(tree, dict):
        return sum(leaves(value) for value in tree.values())
    return sum(map(leaves, tree)) if isinstance(tree, (list, tuple)) else 1


@pytest.mark.parametrize("format_name", WRITERS)
def test_any_edit(format_name):
    """Settings in which somebody slipped are read or refused; some are still settings."""
    (write,) = [write for name, write, _ in FORMS if name == WRITERS[format_name]]
    read_as = Counter()

    @settings(max_examples=examples(200))
    @given(fit_args().map(write).flatmap(junk.edited))
    def check(text):
        read_as[type(read(text, format=format_name))] += 1

    check()
    assert min(read_as[FitArgs], read_as[FitArgsError]) >= 0.05 * read_as.total(), read_as


@pytest.mark.parametrize("format_name", WRITERS)
@given(st.lists(junk.PIECES | junk.NAMES | junk.TEXTS, max_size=8).map("".join))
def test_any_text(format_name, text):
    """A text that never was settings."""
    read(text, format=format_name)


@pytest.mark.parametrize("format_name", WRITERS)
@given(
    st.binary()
    | st.sampled_from(["utf-8", "utf-16", "latin-1"]).flatmap(
        lambda encoding: junk.TEXTS.map(lambda text: text.encode(encoding, "replace"))
    )
)
def test_any_bytes(format_name, content):
    """What is no UTF-8 is refused as such."""
    read(content, format=format_name)


@pytest.mark.parametrize("format_name", WRITERS)
@pytest.mark.parametrize("before", ["", "seed: ", '{"callbacks": [', "callbacks {"])
def test_any_syntax(format_name, before):
    """What has a meaning in one of the formats, at the places where it may stand."""
    for fragment in junk.FRAGMENTS:
        read(before + fragment, format=format_name)


@pytest.mark.parametrize("before", ["", "seed=", "callbacks[0]=", "class_weight[", "callbacks["])
def test_any_syntax_of_overrides(before):
    """The same in an override's path and in its value."""
    for fragment in junk.FRAGMENTS:
        read(None, overrides=before + fragment)


@pytest.mark.parametrize("path", junk.PATHS)
def test_any_value_in_any_field(path):
    """Values of other types and out of range."""
    for value in [*junk.NASTY, junk.power_of_ten(400), junk.power_of_ten(5000)]:
        read(None, overrides={path: value})


@settings(max_examples=examples(300))
@given(junk.TREES)
def test_any_tree(tree):
    """Whatever stands under whatever key."""
    read(tree)


def test_settings_that_are_wrong_in_one_place():
    """They are refused, or every value in them is in what was read: none is passed over."""
    read_as = Counter()

    @settings(max_examples=examples(200))
    @given(junk.corrupted_trees())
    def check(tree):
        result = read(tree)
        read_as[type(result)] += 1
        if isinstance(result, FitArgs):
            assert leaves(tree or {}) == leaves(tree_of(result))

    check()
    assert min(read_as[FitArgs], read_as[FitArgsError]) >= 0.1 * read_as.total(), read_as


OVERRIDE_TEXTS = st.tuples(
    junk.paths() | junk.TEXTS,
    st.sampled_from(["=", "=", "=", "", " = "]),
    junk.TEXTS | st.sampled_from(junk.FRAGMENTS),
).map("".join)


@given(fit_args(), OVERRIDE_TEXTS | st.lists(OVERRIDE_TEXTS | junk.SCALARS, max_size=4))
def test_any_override(message, overrides):
    """On top of settings that would be accepted."""
    read(message, overrides=overrides)


@given(fit_args(), st.dictionaries(junk.paths() | junk.KEYS, junk.TREES, max_size=3))
def test_any_mapping_of_overrides(message, overrides):
    """Paths and values of any type."""
    read(message, overrides=overrides)


# Text is split at the first `=`, and its path is stripped.
WRITTEN_PATHS = junk.paths().filter(lambda path: "=" not in path and path == path.strip())
VALUES = st.none() | st.booleans() | st.integers(-1, 9) | st.floats() | junk.NAMES
FIELDS = fit_args().map(tree_of).filter(bool).flatmap(lambda tree: st.sampled_from([*tree.items()]))


def test_an_override_says_the_same_as_text_and_in_a_mapping():
    """The value is the same, as YAML or as what the YAML stands for."""
    read_as = Counter()

    @settings(max_examples=examples(200))
    @given(fit_args(), st.tuples(WRITTEN_PATHS, VALUES) | FIELDS)
    def check(message, override):
        path, value = override
        one = read(message, overrides={path: value})
        other = read(message, overrides=f"{path}={to_yaml(value)}")
        read_as[type(one)] += 1
        assert type(one) is type(other)
        assert str(one) == str(other)

    check()
    assert min(read_as[FitArgs], read_as[FitArgsError]) >= 0.05 * read_as.total(), read_as
