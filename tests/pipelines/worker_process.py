# SPDX-License-Identifier: Apache-2.0
"""One process of test_multi_worker.py: runs the executor and prints, as JSON, what run_fn saw.

`python worker_process.py DIRECTORY TRAIN_ARGS [FILE]`: outputs go to the directory; the chief ends
only when there is such a file.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import tensorflow as tf
from autograph import leave_keras_alone
from executions import inputs, outputs, seen

from fit_component.executor import FitExecutor
from fit_component.settings import parse_fit_args, to_json

LABEL = "tips_xf"
WAITS_FOR = "CHIEF_WAITS_FOR"
FEATURES = ("fare_xf", "trip_miles_xf", "trip_seconds_xf")

if __name__ != "__main__":
    # Many a module makes a tensor when it is loaded, which starts TensorFlow's runtime.
    SCALE = tf.constant(1.0)


def run_fn(fn_args):
    """Trains a logistic regression, and saves it in every worker."""
    training = fn_args.train_dataset(label_key=LABEL).map(_pick)
    evaluation = fn_args.eval_dataset(label_key=LABEL).map(_pick)
    with fn_args.strategy.scope():
        inputs = {name: tf.keras.Input((1,), name=name) for name in FEATURES}
        joined = tf.keras.layers.concatenate(list(inputs.values()))
        model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, activation="sigmoid")(joined))
        model.compile(optimizer=fn_args.optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(training, validation_data=evaluation, **fn_args.fit_kwargs)
    tf.saved_model.save(model, fn_args.serving_model_dir)
    fn_args.save_weights(model)
    seen.append(
        {
            "strategy": type(fn_args.strategy).__name__,
            "replicas": fn_args.strategy.num_replicas_in_sync,
            "batch_size": fn_args.batch_size,
            "iterations": int(model.optimizer.iterations.numpy()),
            "history": {name: list(map(float, of)) for name, of in history.history.items()},
            "weights": [weight.tolist() for weight in model.get_weights()],
            "serving_model_dir": fn_args.serving_model_dir,
            "model_run_dir": fn_args.model_run_dir,
            "files": sorted(p.name for p in Path(fn_args.model_run_dir).iterdir()),
        }
    )
    _wait_for(os.environ.get(WAITS_FOR))


def _pick(features, label):
    return {name: features[name] for name in FEATURES}, label


def _wait_for(file):
    while file and not Path(file).exists():
        time.sleep(0.1)


def main(directory, train_args, chief_waits_for=None):
    """Runs the executor as each worker's runner does."""
    leave_keras_alone()
    if chief_waits_for:
        # Not in custom_config, which is the same in all workers, as all else of the execution is.
        os.environ[WAITS_FOR] = chief_waits_for
    artifacts = outputs(Path(directory))
    properties = {
        "train_args": to_json(parse_fit_args(train_args)),
        "eval_args": '{"num_steps": 2}',
        "run_fn": "worker_process.run_fn",
    }
    FitExecutor().Do(inputs(), artifacts, properties)
    (model,) = artifacts["model"]
    published = sorted(model.mlmd_artifact.custom_properties)
    print(json.dumps({**seen[-1], "uri": model.uri, "published": published}))


if __name__ == "__main__":
    main(*sys.argv[1:])
