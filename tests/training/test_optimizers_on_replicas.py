# SPDX-License-Identifier: Apache-2.0
"""Which settings of the optimizer two replicas get wrong, so that they are refused."""

from __future__ import annotations

import json

import pytest
import tensorflow as tf

from fit_component.objects import generations
from fit_component.objects.optimizers import check_on_replicas
from fit_component.proto.fit_args_pb2 import FitArgs

# Two steps of SGD at rate 1, each over one example for each replica: gradients 1 and 15, mean 8.
ON_REPLICAS = """
import contextlib, json, sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fit_component.objects.optimizers import make_optimizer
from fit_component.objects.precision import precise
from fit_component.proto.fit_args_pb2 import FitArgs

def train(fit_args, strategy):
    keras = tf.keras
    with precise(fit_args), strategy.scope():
        layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
        model = keras.Sequential([keras.layers.Input((1,)), layer])
        optimizer = make_optimizer(fit_args, keras, steps_per_epoch=lambda: 2)
        model.compile(optimizer, loss=lambda label, prediction: -prediction)
    data = tf.data.Dataset.from_tensor_slices(([[1.0], [15.0]] * 2, [[0.0]] * 4)).batch(2)
    try:
        model.fit(data, verbose=0)
    except RuntimeError as error:
        return type(error).__name__
    return repr(model.get_weights()[0].item())

mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
settings = [FitArgs.FromString(bytes.fromhex(text)) for text in json.loads(sys.argv[1])]
print(json.dumps([[train(s, tf.distribute.get_strategy()), train(s, mirrored)] for s in settings]))
"""

SGD = {"sgd": {}, "learning_rate": {"constant": 1.0}}

# With one replica, and with the two of Keras 3.
SETTINGS = {
    "nothing": (FitArgs(optimizer=SGD), "16.0", "16.0"),
    "weight_decay": (FitArgs(optimizer={**SGD, "weight_decay": 0.5}), "12.0", "12.0"),
    "clipnorm": (FitArgs(optimizer={**SGD, "clipnorm": 2.0}), "4.0", "5.0"),
    "clipvalue": (FitArgs(optimizer={**SGD, "clipvalue": 2.0}), "4.0", "5.0"),
    "global_clipnorm": (FitArgs(optimizer={**SGD, "global_clipnorm": 2.0}), "4.0", "5.0"),
    "gradient_accumulation_steps": (
        FitArgs(optimizer={**SGD, "gradient_accumulation_steps": 2}),
        "8.0",
        "RuntimeError",
    ),
    "loss_scale_factor": (FitArgs(optimizer={**SGD, "loss_scale_factor": 8.0}), "16.0", "16.0"),
    "ema": (FitArgs(optimizer={**SGD, "use_ema": True, "ema_momentum": 0.0}), "16.0", "16.0"),
    "ema_overwrite_frequency": (
        FitArgs(
            optimizer={
                **SGD,
                "use_ema": True,
                "ema_momentum": 0.0,
                "ema_overwrite_frequency": 2,
            }
        ),
        "16.0",
        "RuntimeError",
    ),
    # 15 / 2 times the first scale, 2 ** 15, is no number of 16 bits, 1 / 2 times it is one: both
    # steps are to be left out.
    "mixed_float16": (
        FitArgs(optimizer=SGD, execution={"precision": "mixed_float16"}),
        "0.0",
        "inf",
    ),
    "mixed_bfloat16": (
        FitArgs(optimizer=SGD, execution={"precision": "mixed_bfloat16"}),
        "16.0",
        "16.0",
    ),
}


@pytest.mark.keras
@pytest.mark.slow
def test_what_is_refused_on_replicas_is_what_goes_wrong(warm_python):
    """No more and no less; tf_keras computes with two what it computes with one."""
    generation = generations.generation_of(tf.keras)
    lacking = {"gradient_accumulation_steps", "loss_scale_factor"}
    named = {
        name: row
        for name, row in SETTINGS.items()
        if generation.package == "keras" or name not in lacking
    }
    given = json.dumps([fit_args.SerializeToString().hex() for fit_args, _, _ in named.values()])
    done = warm_python.run("-c", ON_REPLICAS, given)
    assert 0 == done.returncode, done.stderr[-3000:]
    found = dict(zip(named, json.loads(done.stdout.splitlines()[-1]), strict=True))
    last = generation.sums_gradients_last
    assert {name: [one, two if last else one] for name, (_, one, two) in named.items()} == found
    refused = {n for n, row in named.items() if list(check_on_replicas(row[0], tf.keras, 2))}
    assert {name for name, (one, two) in found.items() if one != two} == refused
