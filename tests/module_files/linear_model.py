# SPDX-License-Identifier: Apache-2.0
"""What linear.py imports from beside it."""

from __future__ import annotations

import tensorflow as tf


def build_model():
    """One weight and one bias, compiled."""
    inputs = {"x": tf.keras.Input((1,), name="x")}
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(inputs["x"]))
    model.compile(optimizer=tf.keras.optimizers.SGD(0.1), loss="mse")
    return model
