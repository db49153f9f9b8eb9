# SPDX-License-Identifier: Apache-2.0
"""A module file that takes all from the settings, and has callbacks of its own for them."""

from __future__ import annotations

import tensorflow as tf


class Recorder(tf.keras.callbacks.Callback):
    """Keeps what it was made with, and the epochs it met."""

    def __init__(self, name, *, every=1):
        super().__init__()
        self.name, self.every, self.epochs = name, every, []

    def on_epoch_end(self, epoch, logs=None):
        """Keeps the epoch."""
        self.epochs.append(epoch)


def make_recorder(name, every=1):
    """Returns a callback, for `from_module`."""
    return Recorder(name, every=every)


def no_callback():
    """A mistake."""
    return "a text"


def halved(epoch, rate):
    """The rate of an epoch."""
    return rate / 2


def tell(epoch, logs):
    """Adds to the logs."""
    logs["told"] = float(epoch)


def run_fn(fn_args):
    """A line through points."""
    train = fn_args.train_dataset(label_key="y")
    evaluation = fn_args.eval_dataset(label_key="y")
    if (fn_args.custom_config or {}).get("endless"):
        train = train.repeat()
    with fn_args.strategy.scope():
        inputs = {"x": tf.keras.Input((1,), name="x")}
        model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(inputs["x"]))
        optimizer = fn_args.optimizer or "sgd"
        model.compile(optimizer, loss="mse", **fn_args.compile_kwargs)
    model.fit(train, validation_data=evaluation, **fn_args.fit_kwargs)
    tf.saved_model.save(model, fn_args.serving_model_dir)
