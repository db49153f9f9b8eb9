# SPDX-License-Identifier: Apache-2.0
"""Texts of others in lines of our own: in errors, logs and tables."""

from __future__ import annotations

import re

# What ends a line, moves or colors a terminal's text, or turns the direction of writing; and halves
# of surrogate pairs, which no stream takes.
_NOT_PRINTED = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)


def printable(text: str) -> str:
    """Escapes what is no plain part of one line, as Python would write it."""
    return _NOT_PRINTED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
