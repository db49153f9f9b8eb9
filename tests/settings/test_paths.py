# SPDX-License-Identifier: Apache-2.0
"""The grammar of paths."""

import pytest

from fit_component.settings.paths import Step, is_key, is_name, read_path


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("epochs", [("epochs", None)]),
        ("a.b_2", [("a", None), ("b_2", None)]),
        ("a[0].b", [("a", "0"), ("b", None)]),
        ("a.b[c.d]", [("a", None), ("b", "c.d")]),
        ("a[-1]", [("a", "-1")]),
        ("a[b c=\n]", [("a", "b c=\n")]),
        ("größe", [("größe", None)]),
        ("", None),
        (".a", None),
        ("a.", None),
        ("a[]", None),
        ("a[[0]]", None),
        ("2a", None),
        ("a-b", None),
        ("a b", None),
        (3, None),
        (None, None),
    ],
    ids=repr,
)
def test_a_path(path, steps):
    """Names between dots, each with an index or a key in brackets; None if it is no path."""
    assert (steps and [Step(*step) for step in steps]) == read_path(path)


@pytest.mark.parametrize("text", ["a", "a_b2", "_", "größe", "a-b", "2", "", "a.b", "a[0]", "a\n"])
def test_a_name_is_a_path_of_one_step(text):
    """Whether a value can stand under it is told by the same grammar."""
    assert is_name(text) == (read_path(text) == [Step(text, None)])


@pytest.mark.parametrize("text", ["a", "a.b", " ", "0", "a\n", "=", "", "[", "a]", "a[0]"])
def test_a_key_stands_in_brackets(text):
    """Whether an entry can be named is told by the same grammar."""
    assert is_key(text) == (read_path(f"a[{text}]") == [Step("a", text)])
