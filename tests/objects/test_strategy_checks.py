# SPDX-License-Identifier: Apache-2.0
"""Strategies held against the Keras, the cluster and the replicas that there are."""

from __future__ import annotations

import json
import re

import keras
import pytest
import tensorflow as tf
import tf_keras
from environment import ENVIRONMENT

from fit_component import FitArgs
from fit_component.objects import generations
from fit_component.objects.strategy_checks import _DECIDES, check_replicas, check_strategy
from fit_component.releases import doubles_metrics

WORKERS = {"multi_worker_mirrored": {}}
TWO = {"mirrored": {"devices": ["CPU:0", "CPU:1"]}}


def environment(*addresses):
    """The variables of the first worker at these addresses."""
    task = {"type": "worker", "index": 0}
    return {"TF_CONFIG": json.dumps({"cluster": {"worker": addresses}, "task": task})}


ONE_WORKER, TWO_WORKERS = environment("a:1"), environment("a:1", "b:1")


def problems(settings, package=tf_keras, variables=None):
    """What is wrong with settings, as (path, message)."""
    found = check_strategy(FitArgs(**settings), package, variables or {})
    return [(problem.path, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("strategy", "variables", "refused"),
    [
        (WORKERS, TWO_WORKERS, ["strategy.multi_worker_mirrored"]),
        (WORKERS, ONE_WORKER, ["strategy.multi_worker_mirrored"]),
        ({"auto": {}}, TWO_WORKERS, ["strategy.auto"]),
        ({"auto": {}}, ONE_WORKER, []),
        ({"default": {}}, TWO_WORKERS, []),
        (None, TWO_WORKERS, []),
    ],
)
def test_keras_3_cannot_train_over_workers(strategy, variables, refused):
    """tf_keras can; the remedy is told."""
    found = problems({"strategy": strategy}, keras, variables)
    assert refused == [path for path, _ in found]
    assert all("keras 3." in text and "TF_USE_LEGACY_KERAS=1" in text for _, text in found)
    assert [] == problems({"strategy": strategy}, tf_keras, variables)


def test_what_is_wrong_with_keras_and_cluster_is_told_together():
    """One more run for each would be a waste."""
    (_, no_cluster), (_, no_keras) = problems({"strategy": WORKERS}, keras)
    assert "TF_CONFIG is not set" in no_cluster
    assert "cannot train over the workers" in no_keras


@pytest.mark.parametrize(
    ("strategy", "variables", "refused"),
    [
        (WORKERS, TWO_WORKERS, ["max_time"]),
        ({"auto": {}}, TWO_WORKERS, ["max_time"]),
        (WORKERS, ONE_WORKER, []),
        ({"auto": {}}, {}, []),
    ],
)
def test_a_clock_cannot_stop_several_workers(strategy, variables, refused):
    """Each would stop at another batch, and the others would wait for it."""
    settings = {"strategy": strategy, "max_time": {"seconds": 90}}
    found = problems(settings, tf_keras, variables)
    assert refused == [path for path, _ in found]
    assert all("use max_steps" in message for _, message in found)


@pytest.mark.parametrize("strategy", [{"mirrored": {}}, {"one_device": {"device": "CPU:0"}}])
def test_a_strategy_of_one_machine_is_refused_on_several(strategy):
    """All workers would train the whole, and write it to one place."""
    ((path, message),) = problems({"strategy": strategy}, variables=TWO_WORKERS)
    assert f"strategy.{next(iter(strategy))}" == path
    assert "each of the 2 workers" in message
    assert [] == problems({"strategy": strategy}, variables=ONE_WORKER)
    assert [] == problems({"strategy": strategy}, variables={"TF_CONFIG": "{"})


@pytest.mark.parametrize(
    ("strategy", "gpus", "path", "why"),
    [
        (
            {"mirrored": {"cross_device_ops": "NCCL_ALL_REDUCE"}},
            0,
            "strategy.mirrored.cross_device_ops",
            "there are none here",
        ),
        (
            {"mirrored": {"cross_device_ops": "NCCL_ALL_REDUCE", "devices": ["GPU:0", "cpu:0"]}},
            1,
            "strategy.mirrored.cross_device_ops",
            "devices names cpu:0",
        ),
        (
            {"multi_worker_mirrored": {"communication": "NCCL"}},
            0,
            "strategy.multi_worker_mirrored.communication",
            "there are none here",
        ),
    ],
)
def test_nccl_needs_gpus(monkeypatch, strategy, gpus, path, why):
    """Where there are none, TensorFlow fails in the first batch, or ignores it."""
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU"] * gpus)
    ((found, message),) = problems({"strategy": strategy}, variables=ONE_WORKER)
    assert path == found
    assert why in message


@pytest.mark.parametrize(
    "strategy",
    [
        {"mirrored": {}},
        {"mirrored": {"cross_device_ops": "REDUCTION_TO_ONE_DEVICE"}},
        {"multi_worker_mirrored": {}},
        {"multi_worker_mirrored": {"communication": "RING"}},
    ],
)
def test_other_ways_to_sum_gradients_need_no_gpus(strategy):
    """Unset, nothing is asked for."""
    assert [] == problems({"strategy": strategy}, variables=ONE_WORKER)


def test_nccl_is_taken_where_there_are_gpus(monkeypatch):
    """Of which it is meant for."""
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU"])
    for strategy in (
        {"mirrored": {"cross_device_ops": "NCCL_ALL_REDUCE", "devices": ["GPU:0"]}},
        {"multi_worker_mirrored": {"communication": "NCCL"}},
    ):
        assert [] == problems({"strategy": strategy}, variables=ONE_WORKER)


@pytest.mark.parametrize(
    ("package", "at_once", "replicas", "refused"),
    [(keras, 2, 2, True), (keras, 2, 1, False), (keras, 1, 2, False), (tf_keras, 2, 2, False)],
)
def test_keras_3_runs_no_several_steps_at_once_on_replicas(package, at_once, replicas, refused):
    """It fails in the graph; the remedy is told."""
    settings = FitArgs(execution={"steps_per_execution": at_once})
    found = [str(problem) for problem in check_replicas(settings, package, replicas)]
    assert refused == bool(found)
    assert all("must be 1 with 2 replicas" in text for text in found)
    assert all("TF_USE_LEGACY_KERAS=1" in text for text in found)


def test_replicas_that_are_named_are_known_at_once():
    """Before run_fn, and whatever else a Keras cannot do with them."""
    settings = {
        "strategy": TWO,
        "execution": {"steps_per_execution": 2},
        "optimizer": {"sgd": {}, "clipnorm": 1.0},
    }
    found = [path for path, _ in problems(settings, keras)]
    assert {"execution.steps_per_execution", "optimizer.clipnorm"} == set(found)
    settings["strategy"] = {"mirrored": {"devices": ["CPU:0"]}}
    assert [] == problems(settings, keras)


DECIDING = [
    ({"early_stopping": {}}, True),
    ({"reduce_lr_on_plateau": {}}, True),
    ({"terminate_on_nan": {}}, True),
    ({"model_checkpoint": {"filepath": "a.keras", "save_best_only": True}}, True),
    ({"model_checkpoint": {"filepath": "a.keras"}}, False),
    ({"orbax_checkpoint": {"directory": "a", "save_best_only": True}}, True),
    ({"csv_logger": {"filename": "a.csv"}}, False),
    ({"tensorboard": {}}, False),
]


def test_every_callback_that_decides_by_a_metric_is_tested():
    """What the contract has with a monitor is in the table."""
    fields = FitArgs().callbacks.add().DESCRIPTOR.fields
    monitoring = {f.name for f in fields if "monitor" in f.message_type.fields_by_name}
    assert monitoring <= set(_DECIDES) == {next(iter(c)) for c, decides in DECIDING if decides}


@pytest.mark.parametrize(("callback", "decides"), DECIDING)
def test_no_callback_decides_by_wrong_metrics(monkeypatch, callback, decides):
    """Keras 3.9 tells a validation loss that rises where it falls."""
    row = generations.GENERATIONS["keras"]
    wrong = {**vars(row), "wrong_with_replicas": lambda: "they are wrong"}
    monkeypatch.setitem(generations.GENERATIONS, "keras", generations.Generation(**wrong))
    settings = FitArgs(callbacks=[{"tensorboard": {}}, callback])
    found = list(check_replicas(settings, keras, 2))
    expected = [f"callbacks[1].{next(iter(callback))}"] if decides else []
    assert expected == [problem.path for problem in found]
    assert all("wrong numbers with 2 replicas: they are wrong" in p.message for p in found)
    assert [] == list(check_replicas(settings, keras, 1))


def test_the_installed_keras_decides_whether_metrics_are_wrong():
    """Those that get them right take every callback."""
    settings = FitArgs(callbacks=[{"early_stopping": {}}])
    assert doubles_metrics(keras.__version__) is bool([*check_replicas(settings, keras, 2)])
    assert [] == list(check_replicas(settings, tf_keras, 2))


CHECK = """
import tensorflow as tf, tf_keras
from tensorflow.python.eager import context
from fit_component import FitArgs
from fit_component.objects.strategy_checks import check_strategy
kinds = [{"auto": {}}, {"mirrored": {"cross_device_ops": "NCCL_ALL_REDUCE"}}, {
    "multi_worker_mirrored": {"communication": "NCCL"}}]
for strategy in kinds:
    print(len(list(check_strategy(FitArgs(strategy=strategy), tf_keras))))
print(context.context()._context_handle)
"""


@pytest.mark.slow
def test_a_check_does_not_start_tensorflow(warm_python):
    """A strategy over workers must be the first to do so, and modules configure devices before."""
    done = warm_python.run("-c", CHECK, env=ENVIRONMENT | ONE_WORKER)
    assert 0 == done.returncode, done.stderr
    assert re.fullmatch(r"0\s+1\s+1\s+None\s*", done.stdout)
