# SPDX-License-Identifier: Apache-2.0
"""Values as a page's reader reads them."""

import math

import pytest

from fit_component.record import runs
from fit_component.record.pages import words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (3, "3"),
        (12_345_678, "12345678"),
        (0.123456, "0.1235"),
        (2e-7, "2e-07"),
        (12_345.6, "12,346"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("adam", "adam"),
    ],
)
def test_values(value, expected):
    """Four digits are enough of a measurement; whole numbers and texts are told as they are."""
    assert expected == words.value_text(value)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.01234, "0.0123 s"),
        (4.25, "4.25 s"),
        (59.4, "59.4 s"),
        (59.9, "1 min 0 s"),
        (200.2, "3 min 20 s"),
        (3599.9, "1 h 0 min"),
        (7300, "2 h 2 min"),
        (4_000_000, "1,111 h 7 min"),
    ],
)
def test_durations(seconds, expected):
    """In the two units that matter; no unit is ever full."""
    assert expected == words.duration_text(seconds)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (runs.ALL_EPOCHS, "all epochs were run"),
        (runs.RUNNING, "it has not ended"),
        ("callback:EarlyStopping", "EarlyStopping stopped it"),
        ("exception:ValueError", "ValueError was raised"),
        ("of a later version", "of a later version"),
    ],
)
def test_reasons(reason, expected):
    """In words; one that is not known as it is."""
    assert expected == words.reason_text(reason)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], ""), ([4], "4"), ([4, 5], "4 to 5"), ([3, 7, 8, 9, 11], "3, 7 to 9, 11")],
)
def test_ranges(numbers, expected):
    """What lies together is joined."""
    assert expected == words.ranges_text(numbers)


def test_counts():
    """One of a thing has no s."""
    assert ["0 runs", "1 run", "2,000 runs"] == [words.count_text(n, "run") for n in (0, 1, 2000)]
