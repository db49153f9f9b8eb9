# SPDX-License-Identifier: Apache-2.0
"""Texts of others in lines of our own."""

import pytest

from fit_component.printable import printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Größe 損失 🎉 a\\b [red]", "Größe 損失 🎉 a\\b [red]"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b\x7f\x00", r"\x9b\x7f\x00"),
        ("a\r\n\tb", r"a\r\n\tb"),
        ("\u2028\u202e\u2066", r"\u2028\u202e\u2066"),
        ("\ud800", r"\ud800"),
    ],
    ids=ascii,
)
def test_what_is_no_plain_text_is_escaped(text, expected):
    """All else stays as it is, and no stream refuses the rest."""
    assert expected == printable(text)
    assert printable(text).encode()
