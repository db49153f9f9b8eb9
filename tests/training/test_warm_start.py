# SPDX-License-Identifier: Apache-2.0
"""Weights that a later training starts from."""

from __future__ import annotations

import json

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from fit_component.training.warm_start import load_weights, save_weights

X, Y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def make(module, units=3, *, compiled=True, fits=0):
    """A model with weights that are trained and some that are not."""
    layers = module.layers
    model = module.Sequential(
        [
            module.Input((2,)),
            layers.Dense(units),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(1),
        ]
    )
    if compiled:
        model.compile("adam", "mse", metrics=["mae"])
    for _ in range(fits):
        model.fit(X, Y, verbose=0)
    return model


def equal(one, other):
    """Whether two models have the same weights."""
    return all(map(np.array_equal, one.get_weights(), other.get_weights()))


@pytest.fixture
def saved(module, tmp_path):
    """A trained model and the file with its weights."""
    model, path = make(module, fits=2), str(tmp_path / "model.weights.h5")
    save_weights(model, path)
    return model, path


@pytest.mark.parametrize("state", [{}, {"fits": 1}, {"compiled": False}], ids=str)
def test_weights_are_loaded_and_the_optimizer_stays(module, saved, state, recwarn):
    """Whether or not it has variables yet; and Keras says nothing of it."""
    first, path = saved
    second = make(module, **state)
    iterations = _iterations(second)
    assert not equal(first, second)
    load_weights(second, path)
    assert equal(first, second)
    assert iterations == _iterations(second)
    assert [] == [
        str(warning.message) for warning in recwarn if "optimizer" in str(warning.message)
    ]


def _iterations(model):
    optimizer = getattr(model, "optimizer", None)
    return optimizer and int(optimizer.iterations)


def test_training_goes_on_from_there(module, saved):
    """The loaded weights are those that fit changes."""
    first, path = saved
    second = make(module)
    load_weights(second, path)
    second.fit(X, Y, verbose=0)
    assert not equal(first, second)


def test_the_file_is_keras_own_and_holds_weights_alone(module, saved):
    """A third of what Keras would write with Adam."""
    first, path = saved
    with h5py.File(path) as file:
        assert {"optimizer", "metrics"}.isdisjoint(file)
    second = make(module, compiled=False)
    second.load_weights(path)
    assert equal(first, second)


def test_a_file_that_keras_wrote_is_taken(module, tmp_path):
    """Without its optimizer."""
    first, second, path = make(module, fits=2), make(module, fits=1), tmp_path / "all.weights.h5"
    first.save_weights(str(path))
    load_weights(second, str(path))
    assert equal(first, second)
    assert 1 == _iterations(second)


def test_other_metrics_do_not_matter(module, saved):
    """A second training may measure more, or nothing."""
    first, path = saved
    second = make(module, compiled=False)
    second.compile("sgd", "mse")
    second.fit(X, Y, verbose=0)
    load_weights(second, path)
    assert equal(first, second)


def test_other_shapes_are_told_all_together(module, saved):
    """By the path in the file; the model stays as it was."""
    _, path = saved
    wider = make(module, units=5)
    before = wider.get_weights()
    with pytest.raises(ValueError, match="of another architecture") as caught:
        load_weights(wider, path)
    lines = str(caught.value).splitlines()
    assert "  layers/dense/vars/0: (2, 3) in the file, (2, 5) in the model" in lines
    assert 1 + 2 + 4 + 1 == len(lines)
    assert all(map(np.array_equal, before, wider.get_weights()))


def test_a_model_with_fewer_layers_is_refused(module, saved):
    """Keras would load the part that fits, without a word."""
    _, path = saved
    smaller = module.Sequential([module.Input((2,)), module.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"dense_1/vars/0: \(3, 1\) in the file, absent in the m"):
        load_weights(smaller, path)


def test_many_differences_are_cut(module, saved):
    """A screen of them says enough."""
    _, path = saved
    deep = module.Sequential([module.Input((2,)), *(module.layers.Dense(2) for _ in range(20))])
    with pytest.raises(ValueError, match=r"and \d+ more$") as caught:
        load_weights(deep, path)
    assert 12 == len(str(caught.value).splitlines())


@pytest.mark.filterwarnings("ignore")
def test_a_model_without_weights_is_told(module, saved, tmp_path):
    """It has none before it knows its input."""
    unbuilt = module.Sequential([module.layers.Dense(1)])
    for act in (save_weights, load_weights):
        with pytest.raises(ValueError, match="no weights yet"):
            act(unbuilt, saved[1] if act is load_weights else str(tmp_path / "other.weights.h5"))
    assert not (tmp_path / "other.weights.h5").exists()


def test_a_layer_without_weights_to_write_is_told(module, tmp_path):
    """Such as tf_keras makes of a SavedModel: Transform's, for the export."""

    class Loaded(module.layers.Layer):
        def save_own_variables(self, store):
            raise NotImplementedError("save_own_variables")  # as tf_keras does

    model = make(module)
    model.transform_layer = Loaded()
    with pytest.raises(ValueError, match="before that is attached for the export"):
        save_weights(model, str(tmp_path / "model.weights.h5"))


def test_the_file_is_whole_or_as_before(module, saved, tmp_path, monkeypatch):
    """A save that fails leaves what was there."""
    first, path = saved

    def full(source, target, overwrite):
        raise tf.errors.ResourceExhaustedError(None, None, "disk full")

    monkeypatch.setattr(tf.io.gfile, "copy", full)
    with pytest.raises(tf.errors.ResourceExhaustedError):
        save_weights(make(module), path)
    monkeypatch.undo()
    second = make(module)
    load_weights(second, path)
    assert equal(first, second)
    assert ["model.weights.h5"] == [file.name for file in tmp_path.iterdir()]


def test_the_directory_is_made(module, tmp_path):
    """The Model artifact's may not be there yet."""
    save_weights(make(module), str(tmp_path / "a" / "b" / "model.weights.h5"))
    assert (tmp_path / "a" / "b" / "model.weights.h5").exists()


TWO_CPUS = """
import json, sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fit_component.training.warm_start import load_weights, save_weights
def make():
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    first, second = make(), make()
    save_weights(first, sys.argv[1])
    load_weights(second, sys.argv[1])
variable = second.trainable_variables[0]
copies = (variable if hasattr(variable, "values") else variable._value).values
copies = [first.get_weights()[0], *(copy.numpy() for copy in copies)]
print(json.dumps([tf.keras.Model.__module__, *(copy.tolist() for copy in copies)]))
"""


@pytest.mark.keras
@pytest.mark.slow
def test_every_replica_gets_the_weights(warm_python, tmp_path):
    """Under MirroredStrategy over two logical CPUs, in its scope."""
    done = warm_python.run("-c", TWO_CPUS, tmp_path / "model.weights.h5")
    assert 0 == done.returncode, done.stderr[-3000:]
    package, first, *copies = json.loads(done.stdout.splitlines()[-1])
    assert tf.keras.Model.__module__ == package
    assert [first, first] == copies
