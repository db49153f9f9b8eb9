# SPDX-License-Identifier: Apache-2.0
"""Unit tests of the penguin module: a handful of rows, no pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from fit_component import load_fit_args
from fit_component.testing import run_module

# The markers of this repository's tests; your tests need none.
pytestmark = [pytest.mark.tfx, pytest.mark.keras]

MODULE = Path(__file__).parent / "model" / "penguin.py"
SETTINGS = Path(__file__).parent / "fit.textproto"
FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "species")
PENGUINS = [
    dict(zip(FEATURES, values, strict=True))
    for values in [
        (39.1, 18.7, 181.0, 3750.0, 0),
        (36.7, 19.3, 193.0, 3450.0, 0),
        (49.5, 19.0, 200.0, 3800.0, 1),
        (50.2, 18.7, 198.0, 3775.0, 1),
        (46.1, 13.2, 211.0, 4500.0, 2),
        (50.0, 16.3, 230.0, 5700.0, 2),
    ]
]


def test_fit_gets_the_settings(tmp_path):
    """Those of the pipeline, in fewer epochs."""
    settings = load_fit_args(SETTINGS, overrides=["epochs=2", "verbose=SILENT"])
    run = run_module(MODULE, settings, examples=PENGUINS, directory=tmp_path)
    assert run.fit.arguments["epochs"] == 2
    assert run.fit.arguments["class_weight"] == {0: 1.0, 1: 2.0, 2: 1.0}
    assert (Path(run.model_run_dir) / "best.keras").exists()


def test_the_model_learns(tmp_path):
    """Six penguins are learnt by heart."""
    settings = {"epochs": 25, "seed": 1, "verbose": "SILENT"}
    run = run_module(MODULE, settings, examples=PENGUINS, directory=tmp_path)
    assert run.history.history["val_accuracy"][-1] == 1.0


class ServingTest(tf.test.TestCase):
    """The saved model, in the style of unittest."""

    def test_it_is_served_serialized_examples(self):
        """And gives a probability for each species."""
        directory = self.get_temp_dir()
        run = run_module(MODULE, {"verbose": "SILENT"}, examples=PENGUINS, directory=directory)
        serve = tf.saved_model.load(run.serving_model_dir).signatures["serving_default"]
        gentoo = tf.train.Example()
        for name, value in list(PENGUINS[-1].items())[:-1]:
            gentoo.features.feature[name].float_list.value.append(value)
        outputs = serve(tf.constant([gentoo.SerializeToString()]))["outputs"]
        self.assertAllClose([1.0], tf.reduce_sum(outputs, axis=1))
