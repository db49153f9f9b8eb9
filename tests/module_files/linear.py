# SPDX-License-Identifier: Apache-2.0
"""A module file: a line through points, y = 2 x + 1, with a neighbour that it imports."""

from __future__ import annotations

import tensorflow as tf
from linear_model import build_model


def run_fn(fn_args):
    """Trains on the features `x` and `y`; called as Trainer calls it."""
    train = fn_args.train_dataset(label_key="y")
    evaluation = fn_args.eval_dataset(label_key="y")
    with fn_args.strategy.scope():
        model = build_model()
    if fn_args.base_model:
        fn_args.warm_start(model)
    for _ in range((fn_args.custom_config or {}).get("fits", 1)):
        model.fit(train, validation_data=evaluation, **fn_args.fit_kwargs)
    fn_args.save_weights(model)
    tf.saved_model.save(model, fn_args.serving_model_dir)
