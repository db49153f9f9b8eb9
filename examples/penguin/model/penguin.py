# SPDX-License-Identifier: Apache-2.0
"""Penguins: which species has these measures?

The module file of Trainer. There is no Transform: the examples are read by the
schema that the pipeline connects. It stands in a folder of its own since TFX
packages every .py file beside it.
"""

from __future__ import annotations

import tensorflow as tf

from fit_component import FitFnArgs

MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
LABEL = "species"
SPECIES = 3


def run_fn(fn_args: FitFnArgs) -> None:
    """Trains and saves the model; called by Trainer."""
    train = fn_args.train_dataset(label_key=LABEL)
    evaluation = fn_args.eval_dataset(label_key=LABEL)
    with fn_args.strategy.scope():
        model = build_model()
        model.compile(
            optimizer=fn_args.optimizer or tf.keras.optimizers.Adam(0.02),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            **fn_args.compile_kwargs,
        )
    model.fit(train, validation_data=evaluation, **fn_args.fit_kwargs)
    save(model, fn_args.serving_model_dir)


def build_model() -> tf.keras.Model:
    """Builds a small classifier that takes the measures as they are."""
    inputs = {name: tf.keras.Input((1,), name=name) for name in MEASURES}
    hidden = tf.keras.layers.concatenate(list(inputs.values()))
    # Millimetres and grams: it learns their scales while it trains.
    hidden = tf.keras.layers.BatchNormalization(momentum=0.9)(hidden)
    hidden = tf.keras.layers.Dense(8, activation="relu")(hidden)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(SPECIES, activation="softmax")(hidden))


def save(model: tf.keras.Model, directory: str) -> None:
    """Saves the model; it is served serialized examples and gives probabilities."""
    spec = {name: tf.io.FixedLenFeature([1], tf.float32) for name in MEASURES}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"outputs": model(tf.io.parse_example(examples, spec))}

    tf.saved_model.save(model, directory, signatures={"serving_default": serve})
