# SPDX-License-Identifier: Apache-2.0
"""Chicago Taxi: will the tip be more than a fifth of the fare?

The module file of Transform and Trainer. It stands in a folder of its own since
TFX packages every .py file beside it, and a change in any of them would cost
the cache. It names no setting of `Model.fit`: the pipeline owns those.
"""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

LABEL = "big_tip"

_AMOUNTS = ("fare", "trip_miles", "trip_seconds")
_PLACES = ("pickup_latitude", "pickup_longitude", "dropoff_latitude", "dropoff_longitude")
_WORDS = ("company", "payment_type")
# Hours count from 0; days and months from 1.
_TIMES = {"trip_start_hour": 24, "trip_start_day": 8, "trip_start_month": 13}

_PLACE_BUCKETS = 10
_EMBEDDING_SIZE = 4


def preprocessing_fn(inputs):
    """Transforms raw taxi trips; called by Transform."""
    dense = {name: _dense(value) for name, value in inputs.items()}
    outputs = {name: tft.scale_to_z_score(dense[name]) for name in _AMOUNTS}
    outputs |= {name: tft.bucketize(dense[name], _PLACE_BUCKETS) for name in _PLACES}
    for name in _WORDS:
        outputs[name] = tft.compute_and_apply_vocabulary(
            dense[name], num_oov_buckets=1, vocab_filename=name
        )
    outputs |= {name: dense[name] for name in _TIMES}
    outputs[LABEL] = tf.cast(dense["tips"] > 0.2 * dense["fare"], tf.int64)
    return outputs


def run_fn(fn_args):
    """Trains and saves the model; called by Trainer with a FitFnArgs."""
    transform = tft.TFTransformOutput(fn_args.transform_graph_path)
    train = fn_args.train_dataset(label_key=LABEL)
    evaluation = fn_args.eval_dataset(label_key=LABEL)
    with fn_args.strategy.scope():
        model = _build_model(transform)
        model.compile(
            optimizer=fn_args.optimizer or "adam",
            loss="binary_crossentropy",
            metrics=["accuracy", tf.keras.metrics.AUC(name="auc")],
            **fn_args.compile_kwargs,
        )
    if fn_args.base_model:
        fn_args.warm_start(model)
    model.fit(train, validation_data=evaluation, **fn_args.fit_kwargs)
    fn_args.save_weights(model)
    _save(model, transform, fn_args.serving_model_dir)


def _dense(value):
    """Fills in what is missing, by 0 or an empty string; gives rank 1."""
    if isinstance(value, tf.sparse.SparseTensor):
        value = tft.sparse_tensor_to_dense_with_shape(
            value, [None, 1], "" if value.dtype == tf.string else 0
        )
    return tf.squeeze(value, axis=1)


def _build_model(transform):
    sizes = dict.fromkeys(_PLACES, _PLACE_BUCKETS) | _TIMES
    sizes |= {name: transform.vocabulary_size_by_name(name) + 1 for name in _WORDS}
    inputs = {name: tf.keras.Input((1,), name=name) for name in _AMOUNTS}
    inputs |= {name: tf.keras.Input((1,), name=name, dtype="int64") for name in sizes}
    features = [inputs[name] for name in _AMOUNTS]
    for name, size in sizes.items():
        embedded = tf.keras.layers.Embedding(size, _EMBEDDING_SIZE)(inputs[name])
        features.append(tf.keras.layers.Flatten()(embedded))
    hidden = tf.keras.layers.concatenate(features)
    for units in (64, 32):
        hidden = tf.keras.layers.Dense(units, activation="relu")(hidden)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(1, activation="sigmoid")(hidden))


def _save(model, transform, directory):
    """Saves the model with the two signatures that serving and Evaluator call."""
    model.transform_layer = transform.transform_features_layer()
    serialized = tf.TensorSpec([None], tf.string, name="examples")

    @tf.function(input_signature=[serialized])
    def serve(examples):
        spec = transform.raw_feature_spec()
        del spec["tips"]
        features = model.transform_layer(tf.io.parse_example(examples, spec))
        return {"outputs": model(features)}

    @tf.function(input_signature=[serialized])
    def transform_features(examples):
        return model.transform_layer(tf.io.parse_example(examples, transform.raw_feature_spec()))

    signatures = {"serving_default": serve, "transform_features": transform_features}
    tf.saved_model.save(model, directory, signatures=signatures)
