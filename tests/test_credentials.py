# SPDX-License-Identifier: Apache-2.0
"""What is taken for a credential, and what is left of it."""

import pytest

from fit_component.credentials import (
    MASK,
    is_credential,
    leads_to_credential,
    masked,
    masked_at,
    masked_text,
    without,
)

NAMES = [
    "api_key",
    "API-KEY",
    "Authorization",
    "db_password",
    "hf_token",
    "client secret",
    "apikey",
]
NO_NAMES = ["max_tokens", "secretary", "key", "monitor", "", 3, None, 10**5000]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_credentials(name):
    """By their ends, however they are spelled."""
    assert is_credential(name)
    assert leads_to_credential(f"callbacks[0].custom.kwargs.{name}")
    assert {name: MASK} == masked({name: {"a": 1}})


@pytest.mark.parametrize(
    "name", NO_NAMES, ids=lambda name: repr(name)[:9] if name != NO_NAMES[-1] else ""
)
def test_other_names(name):
    """What only sounds like one, and what is no name."""
    assert not is_credential(name)
    assert {name: "a"} == masked({name: "a"})


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("kwargs.api_key", 3, MASK),
        ("kwargs.api_key", None, MASK),
        ("kwargs.api_key.inner[0]", "abc", MASK),
        ("kwargs.tokens[0]", "abc", "abc"),
        ("headers[Authorization]", "Bearer abc", MASK),
        ("headers[Accept]", "text/plain", "text/plain"),
        ("kwargs", {"a": [{"token": 1, "b": 2}]}, {"a": [{"token": MASK, "b": 2}]}),
        ("kwargs", "{api_key: abc, b: 2}", f"{{api_key: {MASK}"),
        ("kwargs", 'a "password"="abc"', f'a "password"={MASK}'),
        ("epochs", 3, 3),
    ],
)
def test_values_at_paths(path, value, expected):
    """What stands at a credential, below it, or has one inside."""
    assert expected == masked_at(path, value)


def test_texts_that_only_name_one_stay():
    """There is no value in them."""
    assert "lacks api_key; it takes token" == masked_text("lacks api_key; it takes token")


def test_known_values_are_taken_out_of_a_text():
    """Whole and by their words; what is short stays."""
    text = "401 for 'Bearer abc-def-ghi', for abc-def-ghi and for abc"
    expected = f"401 for '{MASK}', for {MASK} and for abc"
    assert expected == without(["Bearer abc-def-ghi", "abc"], text)
