# SPDX-License-Identifier: Apache-2.0
"""Distribution strategies from settings, over two logical CPUs."""

from __future__ import annotations

import json

import pytest
import tensorflow as tf

from fit_component import (
    FitArgs,
    FitArgsError,
    MirroredStrategy,
    MultiWorkerMirroredStrategy,
    Strategy,
)
from fit_component.objects.strategies import (
    _MAKERS,
    COMMUNICATIONS,
    CROSS_DEVICE_OPS,
    make_strategy,
)

TWO_CPUS = """
import json, sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fit_component import FitArgs, FitFnArgs
from fit_component.settings import parse_fit_args
fn_args = FitFnArgs.from_fn_args(FitFnArgs(), parse_fit_args(json.loads(sys.argv[1])))
fn_args.model_run_dir = "."
with fn_args.strategy.scope():
    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
data = tf.data.Dataset.from_tensors((tf.ones([2]), tf.ones([1]))).repeat(64)
history = model.fit(data.batch(fn_args.batch_size), **fn_args.fit_kwargs)
variable = model.trainable_variables[0]
copies = (variable if hasattr(variable, "values") else variable._value).values
print(json.dumps({
    "keras": tf.keras.Model.__module__,
    "strategy": type(fn_args.strategy).__name__,
    "replicas": fn_args.strategy.num_replicas_in_sync,
    "batch_size": fn_args.batch_size,
    "steps": history.params["steps"],
    "copies": [copy.numpy().tolist() for copy in copies],
}))
"""


FULL = "/job:localhost/replica:0/task:0/device:CPU:0"


def make(**strategy):
    """The strategy of settings."""
    return make_strategy(FitArgs(strategy=strategy))


def test_every_strategy_has_a_row():
    """A strategy that is in the contract can be made, with every way to sum gradients."""
    assert {field.name for field in Strategy.DESCRIPTOR.fields} == set(_MAKERS)
    assert set(MirroredStrategy.CrossDeviceOps.values()) == set(CROSS_DEVICE_OPS)
    assert set(MultiWorkerMirroredStrategy.Communication.values()) == set(COMMUNICATIONS)


@pytest.mark.parametrize("settings", [FitArgs(), FitArgs(strategy={"default": {}})], ids=str)
def test_the_default_is_tensorflows_default_strategy(settings):
    """No scope, one replica."""
    assert not isinstance(make_strategy(settings), tf.distribute.MirroredStrategy)
    assert 1 == make_strategy(settings).num_replicas_in_sync


def test_auto_does_not_mirror_over_one_device():
    """That would only cost time."""
    assert not tf.config.list_physical_devices("GPU"), "this machine has GPUs"
    assert make_strategy(FitArgs()) is make(auto={})


@pytest.mark.parametrize("device", ["CPU:0", "/cpu:0", "/device:CPU:0", "cpu", FULL])
def test_one_device_is_the_one_named(device):
    """Every way in which TensorFlow names a device is understood."""
    strategy = make(one_device={"device": device})
    assert isinstance(strategy, tf.distribute.OneDeviceStrategy)
    assert all("CPU:0" in name for name in strategy.extended.worker_devices)


@pytest.mark.parametrize(
    ("strategy", "path"),
    [
        ({"one_device": {"device": "GPU:7"}}, "strategy.one_device.device"),
        ({"mirrored": {"devices": ["CPU:0", "CPU:9"]}}, "strategy.mirrored.devices[1]"),
    ],
)
def test_a_device_that_is_not_there_is_refused(strategy, path):
    """The devices that are there are listed."""
    with pytest.raises(FitArgsError, match=r"this machine has CPU:0") as caught:
        make(**strategy)
    assert [path] == [problem.path for problem in caught.value.problems]


def test_a_device_named_twice_in_two_spellings_is_refused():
    """MirroredStrategy would fail with an assertion."""
    with pytest.raises(FitArgsError, match=r"devices\[1\] = .* named twice"):
        make(mirrored={"devices": ["CPU:0", "/cpu:0"]})


@pytest.mark.keras
@pytest.mark.slow
def test_mirrored_keeps_its_replicas_in_step(warm_python, tmp_path):
    """Two replicas train one model; the batch size per replica is multiplied by two."""
    settings = {
        "per_replica_batch_size": 4,
        "epochs": 2,
        "verbose": "SILENT",
        "strategy": {"mirrored": {"devices": ["CPU:0", "CPU:1"]}},
    }
    done = warm_python.run("-c", TWO_CPUS, json.dumps(settings), cwd=tmp_path)
    assert 0 == done.returncode, done.stderr[-2000:]
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert tf.keras.Model.__module__ == result["keras"]
    assert ("MirroredStrategy", 2, 8) == (
        result["strategy"],
        result["replicas"],
        result["batch_size"],
    )
    assert 2 == len(result["copies"])
    assert result["copies"][0] == result["copies"][1]


@pytest.mark.parametrize(
    ("settings", "gpus", "mirrored"),
    [({"auto": {}}, 0, False), ({"auto": {}}, 1, False), ({"auto": {}}, 2, True), ({}, 2, False)],
    ids=str,
)
def test_auto_mirrors_over_several_gpus(monkeypatch, settings, gpus, mirrored):
    """And the default never does."""
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: ["GPU"] * gpus)
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", lambda: "mirrored")
    assert mirrored is ("mirrored" == make_strategy(FitArgs(strategy=settings or None)))


def test_mirrored_gets_the_devices_named(monkeypatch):
    """All that TensorFlow sees if none is."""
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", lambda devices, **_: devices)
    assert ["/cpu:0"] == make(mirrored={"devices": ["/cpu:0"]})
    assert make(mirrored={}) is None


@pytest.mark.parametrize(
    ("named", "class_name"),
    [
        ("NCCL_ALL_REDUCE", "NcclAllReduce"),
        ("HIERARCHICAL_COPY_ALL_REDUCE", "HierarchicalCopyAllReduce"),
        ("REDUCTION_TO_ONE_DEVICE", "ReductionToOneDevice"),
    ],
)
def test_mirrored_sums_gradients_as_named(named, class_name):
    """By the class of that name."""
    strategy = make(mirrored={"devices": ["CPU:0"], "cross_device_ops": named})
    assert class_name == type(strategy.extended._cross_device_ops).__name__


def test_tensorflow_chooses_how_mirrored_sums_gradients(monkeypatch):
    """Unless the settings do; an enum's first value is not its default."""
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", lambda **kwargs: kwargs)
    assert {"devices": None, "cross_device_ops": None} == make(mirrored={})


@pytest.mark.parametrize("named", ["AUTO", "RING", "NCCL"])
def test_workers_exchange_gradients_as_named(monkeypatch, named):
    """By the implementation of that name."""
    monkeypatch.setattr(
        tf.distribute,
        "MultiWorkerMirroredStrategy",
        lambda communication_options: communication_options,
    )
    made = make(multi_worker_mirrored={"communication": named})
    assert named == made.implementation.name


def cluster(*addresses):
    """TF_CONFIG of the first worker at these addresses."""
    return json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": 0}})


def test_auto_trains_over_the_workers_of_a_cluster(monkeypatch):
    """Of two or more; one alone trains as without a cluster."""
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", lambda **_: "workers")
    monkeypatch.setenv("TF_CONFIG", cluster("localhost:1", "localhost:2"))
    assert "workers" == make(auto={})
    monkeypatch.setenv("TF_CONFIG", cluster("localhost:1"))
    assert make_strategy(FitArgs()) is make(auto={})


@pytest.mark.parametrize("kind", ["auto", "multi_worker_mirrored"])
def test_workers_cannot_be_joined_once_tensorflow_has_started(monkeypatch, kind):
    """What to do is told."""
    tf.constant(0)
    monkeypatch.setenv("TF_CONFIG", cluster("localhost:1", "localhost:2"))
    with pytest.raises(FitArgsError, match=r"at program startup.*in one of its own") as caught:
        make(**{kind: {}})
    assert [f"strategy.{kind}"] == [problem.path for problem in caught.value.problems]
