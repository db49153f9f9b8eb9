# SPDX-License-Identifier: Apache-2.0
"""One module file for all three cases: it names no setting of `Model.fit`.

The module file of Transform and Trainer; alone in its folder, since TFX packages
every .py file beside it.
"""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
LABEL = "species"
SPECIES = 3


def preprocessing_fn(inputs):
    """Scales the measures and makes the label one-hot; called by Transform."""
    outputs = {name: tft.scale_to_z_score(inputs[name]) for name in MEASURES}
    outputs[LABEL] = tf.one_hot(tf.squeeze(inputs[LABEL], axis=1), SPECIES)
    return outputs


def run_fn(fn_args):
    """Trains and saves the model; called by Trainer with a FitFnArgs."""
    tf_transform_output = tft.TFTransformOutput(fn_args.transform_graph_path)
    train_dataset = fn_args.train_dataset(label_key=LABEL)
    eval_dataset = fn_args.eval_dataset(label_key=LABEL)
    with fn_args.strategy.scope():
        model = build_keras_model()
        model.compile(
            optimizer=fn_args.optimizer or "adam",
            loss="categorical_crossentropy",
            metrics=["accuracy"],
            **fn_args.compile_kwargs,
        )
    model.fit(train_dataset, validation_data=eval_dataset, **fn_args.fit_kwargs)
    save(model, tf_transform_output, fn_args.serving_model_dir)


def build_keras_model():
    """Builds a small classifier of transformed features."""
    inputs = {name: tf.keras.Input((1,), name=name) for name in MEASURES}
    hidden = tf.keras.layers.concatenate(list(inputs.values()))
    hidden = tf.keras.layers.Dense(8, activation="relu")(hidden)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(SPECIES, activation="softmax")(hidden))


def save(model, tf_transform_output, directory):
    """Saves the model with its transform; it is served serialized raw examples."""
    model.transform_layer = tf_transform_output.transform_features_layer()
    spec = tf_transform_output.raw_feature_spec()
    del spec[LABEL]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve(examples):
        features = model.transform_layer(tf.io.parse_example(examples, spec))
        return {"outputs": model(features)}

    tf.saved_model.save(model, directory, signatures={"serving_default": serve})
