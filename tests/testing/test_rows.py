# SPDX-License-Identifier: Apache-2.0
"""Rows that a test gives, as tf.train.Examples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fit_component.testing.rows import to_examples

pytestmark = pytest.mark.tfx


def convert(*rows):
    """The features of each example: name to values."""
    return [_features(example) for example in to_examples({"rows": rows})["rows"]]


def _features(example):
    return {
        name: list(getattr(feature, feature.WhichOneof("kind") or "int64_list").value)
        for name, feature in example.features.feature.items()
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, [3]),
        (True, [1]),
        (np.int32(3), [3]),
        (np.bool_(False), [0]),
        (1.5, [1.5]),
        (np.float32(1.5), [1.5]),
        ("é", ["é".encode()]),
        (b"a\x00", [b"a\x00"]),
        ([1, 2], [1, 2]),
        ((1, 2.5), [1.0, 2.5]),
        (np.array([[1, 2], [3, 4]]), [1, 2, 3, 4]),
        (["a", b"b"], [b"a", b"b"]),
        ([], []),
    ],
)
def test_a_value_keeps_its_type(value, expected):
    """Integers, numbers and texts are what ExampleGen would make of them."""
    (features,) = convert({"x": value})
    assert expected == features["x"]
    assert [type(v) for v in expected] == [type(v) for v in features["x"]]


def test_a_column_has_one_type_in_all_rows():
    """One fraction makes all of a column fractions."""
    assert [{"x": [1.0]}, {"x": [2.5]}] == convert({"x": 1}, {"x": 2.5})


def test_a_column_has_one_type_in_all_splits():
    """Training and evaluation are read by one schema."""
    made = to_examples({"train": [{"x": 1}], "eval": [{"x": 2.5}]})
    assert [1.0] == list(made["train"][0].features.feature["x"].float_list.value)


def test_none_is_a_missing_value():
    """As an empty field of a CSV."""
    assert [{"x": []}, {"x": [1]}] == convert({"x": None}, {"x": 1})


def test_nan_is_a_number_in_rows():
    """Whoever writes it means it."""
    ((value,),) = (features["x"] for features in convert({"x": float("nan")}))
    assert np.isnan(value)


def test_a_data_frame_is_rows():
    """With its types; NaN and NA are missing values."""
    frame = pd.DataFrame(
        {
            "i": [1, 2],
            "f": [0.5, float("nan")],
            "s": ["a", None],
            "n": pd.array([3, pd.NA], dtype="Int64"),
            "c": pd.Categorical(["u", "v"]),
        }
    )
    made = [_features(example) for example in to_examples({"rows": frame})["rows"]]
    expected = [
        {"i": [1], "f": [0.5], "s": [b"a"], "n": [3], "c": [b"u"]},
        {"i": [2], "f": [], "s": [], "n": [], "c": [b"v"]},
    ]
    assert expected == made


@pytest.mark.parametrize(
    ("rows", "error", "told"),
    [
        ([], ValueError, r"examples\['train'\] has no rows"),
        (pd.DataFrame({"x": []}), ValueError, r"examples\['train'\] has no rows"),
        (3, TypeError, r"\['train'\] holds 3; a row is a dict"),
        ([3], TypeError, r"\['train'\] holds 3; a row is a dict"),
        ({"x": 3}, TypeError, r"\['train'\] holds 'x'; a row is a dict"),
        ([{"x": "a"}, {"x": 1}], ValueError, "'x' mixes texts and numbers"),
        ([{"x": object}], TypeError, "column 'x' holds"),
        ([{"x": pd.Timestamp("2020-01-01")}], TypeError, "column 'x' holds"),
        ([{"x": [[1], [2, 3]]}], TypeError, r"column 'x' holds \[1\]"),
        ([{"x": 2**63}], TypeError, "column 'x' holds 9223372036854775808"),
    ],
    ids=str,
)
def test_what_is_no_row_is_told(rows, error, told):
    """By split and column, with what is allowed."""
    with pytest.raises(error, match=told):
        to_examples({"train": rows})
