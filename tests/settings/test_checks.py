# SPDX-License-Identifier: Apache-2.0
"""Which problems of checks are told beside those that reading met."""

import pytest

from fit_component.settings.checks import overlap


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.b", "a.b"), ("a", "a.b"), ("a", "a[0].b"), ("a[0]", "a[0].b.c"), ("a.b", "a.b[key]")],
)
def test_paths_of_which_one_leads_into_the_other(one, other):
    """Whichever comes first."""
    assert overlap(one, other)
    assert overlap(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.b", "a.bc"), ("a", "ab[0]"), ("a[1]", "a[10]"), ("a.b", "a.c"), ("a[0].b", "a[1].b")],
)
def test_paths_of_different_settings(one, other):
    """A name that begins another's is not the way to it."""
    assert not overlap(one, other)
    assert not overlap(other, one)


def test_a_name_that_begins_another_hides_nothing(refused_paths):
    """What could not be read is not what only starts alike."""
    tree = {"class_weight": {1: "x", 10: -1.0}}
    assert ["class_weight[1]", "class_weight[10]"] == refused_paths(tree)


@pytest.mark.parametrize("text", ["[]", "3"])
def test_nothing_follows_from_settings_that_are_none(text, refused_paths):
    """Where nothing could be read, the overrides' words stand against no defaults."""
    assert [""] == refused_paths(text, overrides="initial_epoch=3")
