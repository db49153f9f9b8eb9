# SPDX-License-Identifier: Apache-2.0
"""transform_examples: what Transform does, without a pipeline."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tensorflow_transform as tft

from fit_component import testing

pytestmark = [pytest.mark.tfx, pytest.mark.slow]

MODULES = Path(__file__).parents[1] / "module_files"
TRAIN = [{"x": 10.0, "word": "a"}, {"x": 20.0, "word": "a"}, {"x": 15.0, "word": "b"}]
OTHERS = [{"x": 30.0, "word": "c"}]


@pytest.fixture(scope="module")
def fn_args(tmp_path_factory):
    """FitFnArgs over transformed rows, transformed under `pytest -v FILE`."""
    directory = tmp_path_factory.mktemp("transformed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["pytest", "-v", __file__])
        transformed = testing.transform_examples(
            MODULES / "scaled.py", examples={"train": TRAIN, "eval": OTHERS}, directory=directory
        )
    return testing.make_fn_args(
        examples=transformed.examples,
        transform_graph=transformed.transform_graph,
        directory=directory,
    )


def read(dataset):
    """The values of a pass, by feature."""
    (batch,) = dataset
    return {name: sorted(tensor.numpy().ravel().tolist()) for name, tensor in batch.items()}


def test_the_training_split_is_analysed(fn_args):
    """Its range becomes 0 to 1, its words are numbered."""
    assert {"x": [0.0, 0.5, 1.0], "word": [0, 0, 1]} == read(fn_args.train_dataset())


def test_other_splits_are_transformed_by_it(fn_args):
    """They are no part of the analysis."""
    assert {"x": [2.0], "word": [2]} == read(fn_args.eval_dataset())


def test_the_graph_is_that_of_transform(fn_args):
    """With the transformed schema."""
    output = tft.TFTransformOutput(fn_args.transform_graph_path)
    assert {"x", "word"} == set(output.transformed_feature_spec())


def test_a_module_that_is_not_there_is_told(tmp_path):
    """By its path."""
    with pytest.raises(FileNotFoundError, match=r"module_file: .*nowhere.py is no file"):
        testing.transform_examples(tmp_path / "nowhere.py", examples=TRAIN, directory=tmp_path)
