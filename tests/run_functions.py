# SPDX-License-Identifier: Apache-2.0
"""The run_fn functions of module files that tests hand to the executor."""

from __future__ import annotations

import os
import random
import re
import signal
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft
from executions import seen
from tfx_bsl.tfxio import dataset_options

LABEL = "tips_xf"
FEATURES = ("fare_xf", "trip_miles_xf", "trip_seconds_xf")


def capture(fn_args):
    """Keeps what it was given, and trains nothing."""
    seen.append(fn_args)
    tf.io.gfile.makedirs(fn_args.serving_model_dir)


def fail(fn_args):
    """Fails as a module may."""
    raise RuntimeError("a mistake in the module")


def draw(fn_args):
    """Draws from each random generator, as a module's model does."""
    capture(fn_args)
    seen[-1] = {
        "python": random.random(),
        "numpy": float(np.random.rand()),
        "tensorflow": float(tf.random.uniform([])),
        "keras": np.array(tf.keras.initializers.GlorotUniform()((2, 2))).tolist(),
        "deterministic": _is_deterministic(),
    }


def train(fn_args):
    """Trains a small model as the settings say; keeps the history and the model."""
    with fn_args.strategy.scope():
        model = build_model()
    training = fn_args.train_dataset(label_key=LABEL).map(_pick)
    evaluation = fn_args.eval_dataset(label_key=LABEL).map(_pick)
    batches = []
    count = tf.keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: batches.append(batch)
    )
    kwargs = fn_args.fit_kwargs_with(callbacks=[count])
    history = model.fit(training, validation_data=evaluation, **kwargs)
    history.batches = len(batches)
    seen.append((model, history))
    tf.saved_model.save(model, fn_args.serving_model_dir)


def train_as_ever(fn_args):
    """A module that knows nothing of fit-component, with a seed of its own."""
    tf.keras.utils.set_random_seed(11)
    options = dataset_options.TensorFlowDatasetOptions(
        batch_size=20, label_key=LABEL, shuffle_seed=5
    )
    transformed = tft.TFTransformOutput(fn_args.transform_graph_path).transformed_metadata.schema
    factory = fn_args.data_accessor.tf_dataset_factory
    training = factory(fn_args.train_files, options, transformed).map(_pick)
    evaluation = factory(fn_args.eval_files, options, transformed).map(_pick)
    model = build_model()
    model.fit(
        training,
        steps_per_epoch=fn_args.train_steps,
        validation_data=evaluation,
        validation_steps=fn_args.eval_steps,
        callbacks=[tf.keras.callbacks.TensorBoard(fn_args.model_run_dir)],
        verbose=0,
    )
    seen.append(model)
    tf.saved_model.save(model, fn_args.serving_model_dir)


def build_model():
    """A logistic regression on three numbers, compiled."""
    inputs = {name: tf.keras.Input((1,), name=name) for name in FEATURES}
    joined = tf.keras.layers.concatenate(list(inputs.values()))
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, activation="sigmoid")(joined))
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def _pick(features, label):
    return {name: features[name] for name in FEATURES}, label


def _is_deterministic():
    from tensorflow.python.framework import config

    return config.is_op_determinism_enabled()


def train_as_the_readme(fn_args):
    """Runs the run_fn that the README shows."""
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    (code,) = re.findall(r"```python\n([^`]*def run_fn.*?)```", readme, flags=re.DOTALL)
    module = {"LABEL": LABEL, "build_model": _build_with_all_inputs}
    exec(code, module)
    module["run_fn"](fn_args)
    seen.append(code)


def _build_with_all_inputs():
    """Takes the features as they are read, of which it uses three."""

    class Chosen(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = tf.keras.layers.Dense(1, activation="sigmoid")

        def call(self, features):
            return self.dense(tf.concat([features[name] for name in FEATURES], axis=1))

    return Chosen()


def diverge(fn_args):
    """Trains a model whose loss is not a number, with TFX's own fields alone."""
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    numbers = np.full((8, 1), np.nan, "float32")
    model.fit(numbers, numbers, epochs=2, verbose=0)
    tf.saved_model.save(model, fn_args.serving_model_dir)


def train_and_die(fn_args):
    """Ends in its third epoch as a process ends that is out of memory."""
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    numbers = np.ones((8, 1), "float32")

    def die(epoch, logs):
        if epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    killer = tf.keras.callbacks.LambdaCallback(on_epoch_begin=die)
    model.fit(numbers, numbers, epochs=9, verbose=0, callbacks=[killer])


def train_and_fail(fn_args):
    """Fails in its third epoch the first time, after `fit` the second time, and then no more."""
    run = len(seen)
    seen.append(None)

    def fail_at(epoch, logs):
        if (run, epoch) == (0, 2):
            raise RuntimeError("the end of run 0")

    model = build_model()
    training = fn_args.train_dataset(label_key=LABEL).map(_pick)
    failing = tf.keras.callbacks.LambdaCallback(on_epoch_begin=fail_at)
    history = model.fit(training, **fn_args.fit_kwargs_with(callbacks=[failing]))
    weights = [weight.tolist() for weight in model.get_weights()]
    seen[-1] = {"epochs": history.epoch, "losses": history.history["loss"], "weights": weights}
    if run == 1:
        raise RuntimeError("the end of run 1")
    tf.saved_model.save(model, fn_args.serving_model_dir)
