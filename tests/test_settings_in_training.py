# SPDX-License-Identifier: Apache-2.0
"""Settings through a whole run of a module file: from train_args to the weights and the record."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from fit_component import FitArgsError
from fit_component.testing import make_fn_args, run_module

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

LEGACY = tf.keras.Model.__module__.startswith("tf_keras")
MODULE = Path(__file__).parent / "module_files" / "own_parts.py"
ROWS = [{"x": x / 10, "y": 2 * x / 10 + 1} for x in range(40)]
QUIET = {"verbose": "SILENT", "seed": 3, "batch_size": 4}
RATE = "lr" if LEGACY else "learning_rate"


def run(directory, settings, **options):
    """Trains own_parts.py over forty points: ten batches in an epoch."""
    return run_module(MODULE, QUIET | settings, examples=ROWS, directory=directory, **options)


def iterations(result):
    """The steps that the optimizer counted."""
    return int(result.fit.model.optimizer.iterations)


def callbacks(result, name):
    """The callbacks of a class by its name, of those that fit got."""
    return [c for c in result.fit.arguments["callbacks"] if type(c).__name__ == name]


def test_the_modules_own_callbacks_are_made(tmp_path):
    """In the order of the list; integral numbers come as ints."""
    made = run(
        tmp_path,
        {
            "epochs": 2,
            "callbacks": [
                {"from_module": {"function": "make_recorder", "kwargs": {"name": "a", "every": 2}}},
                {"lambda_callback": {"on_epoch_end": "tell"}},
                {"custom": {"class_path": "own_parts.Recorder", "kwargs": {"name": "b"}}},
            ],
        },
    )
    first, second = callbacks(made, "Recorder")
    assert ("a", 2, [0, 1]) == (first.name, first.every, first.epochs)
    assert type(first.every) is int
    assert ("b", 1, [0, 1]) == (second.name, second.every, second.epochs)
    names = [type(c).__name__ for c in made.fit.arguments["callbacks"]]
    assert ["PassPerEpoch", "Recorder", "LambdaCallback", "Recorder"] == names
    assert [0.0, 1.0] == made.history.history["told"]


def test_functions_are_those_of_the_module_that_runs(tmp_path):
    """Not of one that is loaded anew, whose class would be another one."""
    from_module = {"function": "make_recorder", "kwargs": {"name": "a"}}
    made = run(tmp_path, {"callbacks": [{"from_module": from_module}]})
    (recorder,) = callbacks(made, "Recorder")
    loaded = [m for name, m in sys.modules.items() if name.startswith("user_module_")]
    assert type(recorder) in [getattr(module, "Recorder", None) for module in loaded]
    assert "own_parts" not in type(recorder).__module__


@pytest.mark.parametrize(
    ("callback", "told"),
    [
        ({"from_module": {"function": "made_up"}}, r"callbacks\[0\].from_module.function.*made_up"),
        ({"from_module": {"function": "no_callback"}}, r"no_callback\".*an object of type str"),
        (
            {"from_module": {"function": "make_recorder", "kwargs": {"nam": "a"}}},
            r"callbacks\[0\].from_module.kwargs",
        ),
        ({"lambda_callback": {"on_epoch_end": "made_up"}}, r"on_epoch_end.*made_up"),
    ],
    ids=["no such function", "no callback", "no such argument", "no such hook"],
)
def test_a_function_that_does_not_do_is_told(tmp_path, callback, told):
    """With the setting's path, before anything is trained."""
    with pytest.raises(FitArgsError, match=told):
        run(tmp_path, {"callbacks": [callback]})


def test_a_schedule_in_epochs_counts_the_batches_of_the_data(tmp_path):
    """Which are ten; that is on record."""
    decay = {"initial_learning_rate": 0.1, "decay_epochs": 1, "decay_rate": 0.5}
    optimizer = {"sgd": {}, "learning_rate": {"exponential_decay": decay}}
    made = run(tmp_path, {"epochs": 3, "optimizer": optimizer})
    schedule = made.fit.model.optimizer.get_config()["learning_rate"]
    assert ("ExponentialDecay", 10) == (schedule["class_name"], schedule["config"]["decay_steps"])
    assert 30 == iterations(made)
    assert 10 == made.model.get_int_custom_property("fit.steps_per_epoch")


def test_a_function_of_the_module_sets_the_rate(tmp_path):
    """learning_rate_scheduler calls it before each epoch."""
    scheduler = {"learning_rate_scheduler": {"function": "halved"}}
    settings = {"epochs": 3, "optimizer": {"sgd": {}, "learning_rate": 0.4}}
    made = run(tmp_path, settings | {"callbacks": [scheduler]})
    assert [0.2, 0.1, 0.05] == pytest.approx(made.history.history[RATE])


def test_optimizer_and_compile_kwargs_reach_the_model(tmp_path):
    """As the settings say; without them the module chooses."""
    execution = {"run_eagerly": True}
    optimizer = {"adam": {"beta_1": 0.5}, "learning_rate": 0.25, "clipnorm": 1.0}
    model = run(tmp_path, {"optimizer": optimizer, "execution": execution}).fit.model
    config = model.optimizer.get_config()
    assert ("Adam", 0.5, 1.0) == (
        type(model.optimizer).__name__,
        config["beta_1"],
        config["clipnorm"],
    )
    assert 0.25 == float(model.optimizer.learning_rate)
    assert model.run_eagerly
    assert "SGD" == type(run(tmp_path, {}).fit.model.optimizer).__name__


def test_several_steps_run_in_one_execution(tmp_path):
    """And all batches of an epoch are trained."""
    made = run(tmp_path, {"epochs": 2, "execution": {"steps_per_execution": 5}})
    assert 20 == iterations(made)


def test_steps_that_do_not_fill_executions_are_told(tmp_path):
    """Keras 3 would run more of them than asked for; tf_keras does not."""
    execution = {"execution": {"steps_per_execution": 4}}
    if LEGACY:
        assert 10 == iterations(run(tmp_path, {"num_steps": 10, **execution}))
        return
    with pytest.raises(FitArgsError, match=r"steps_per_execution = 4: does not divide num_steps"):
        run(tmp_path, {"num_steps": 10, **execution})
    with pytest.raises(FitArgsError, match=r"= 4: does not divide eval_args\.num_steps"):
        run(tmp_path, execution, eval_args={"num_steps": 6})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"epochs": 3, "max_steps": 14}, 14),
        ({"epochs": 3, "num_steps": 5, "max_steps": 7}, 7),
        ({"epochs": 3, "max_steps": 100}, 30),
        ({"epochs": 3, "max_time": "0.000001s"}, 1),
    ],
    ids=str,
)
def test_limits_end_training(tmp_path, settings, expected):
    """After the batch in which they are reached."""
    assert expected == iterations(run(tmp_path, settings))


def test_evaluation_within_an_epoch(tmp_path):
    """Every four of ten batches, and at the epoch's end as ever."""
    made = run(tmp_path, {"epochs": 2, "validation": {"every_steps": 4}})
    (within,) = callbacks(made, "EverySteps")
    places = [(e.epoch, e.batch) for e in within.evaluations]
    assert [(0, 4), (0, 8), (1, 4), (1, 8)] == places
    assert 2 == len(made.history.history["val_loss"])


def test_a_dry_run_is_short_and_keeps_no_checkpoints(tmp_path):
    """One epoch of three batches through the whole module, the model saved; it is on record."""
    callbacks = [
        {"csv_logger": {"filename": "history.csv"}},
        {"model_checkpoint": {"filepath": "best.keras"}},
        {"backup_and_restore": {"backup_dir": str(tmp_path / "backup")}},
    ]
    settings = {"epochs": 9, "num_steps": 8, "dry_run": True, "callbacks": callbacks}
    made = run(tmp_path, settings, eval_args={"num_steps": 7})
    assert ([0], 3) == (made.history.epoch, iterations(made))
    assert 3 == made.fit.arguments["validation_steps"]
    written = sorted(path.name for path in Path(made.model_run_dir).iterdir())
    assert ["fit", "history.csv"] == written
    assert not (tmp_path / "backup").exists()
    assert (Path(made.serving_model_dir) / "saved_model.pb").exists()
    assert 1 == made.model.get_int_custom_property("fit.dry_run")


def test_epochs_without_end_are_refused(tmp_path):
    """They would hang; nothing is trained."""
    with pytest.raises(FitArgsError, match=r"num_steps: is not set, and fit got data without end"):
        run(tmp_path, {"epochs": 2}, custom_config={"endless": True})


class Watched(tf.keras.Model):
    """Keeps the batches that it trains on."""

    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(1)
        self.batches = []

    def call(self, features):
        """A line."""
        return self.dense(features["x"])

    def train_step(self, *data):
        """As ever, with a note."""
        features, _ = data[-1]
        self.batches.append(tuple(features["x"].numpy().ravel().tolist()))
        return super().train_step(*data)


def batches_of(directory, settings):
    """The batches that are trained, in order."""
    fn_args = make_fn_args(QUIET | settings, examples=ROWS, directory=directory)
    train = fn_args.train_dataset(label_key="y")
    model = Watched()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(train, **fn_args.fit_kwargs)
    return list(model.batches)


def test_an_order_for_each_epoch(tmp_path):
    """What is taken up in epoch 1 trains on what epoch 1 of a whole training does."""
    whole = batches_of(tmp_path, {"epochs": 3})
    assert 30 == len(whole) == len(set(whole))
    assert whole[10:] == batches_of(tmp_path, {"epochs": 3, "initial_epoch": 1})


def test_the_policy_holds_for_the_run_and_no_longer(tmp_path):
    """Also for layers of the Keras that the module names."""
    made = run(tmp_path, {"execution": {"precision": "mixed_bfloat16"}})
    (dense,) = [layer for layer in made.fit.model.layers if layer.name.startswith("dense")]
    assert "bfloat16" == dense.compute_dtype
    assert "float32" == tf.keras.layers.Dense(1).compute_dtype


def test_use_keras_brings_policy_and_optimizer(tmp_path):
    """Those of the other Keras."""
    import keras
    import tf_keras

    from fit_component.objects.precision import precise

    other = keras if LEGACY else tf_keras
    settings = {"optimizer": {"lion": {}}, "execution": {"precision": "mixed_bfloat16"}}
    fn_args = make_fn_args(settings, examples=ROWS, directory=tmp_path)
    with precise(fn_args.fit_args):
        fn_args.use_keras(other)
        assert isinstance(fn_args.optimizer, other.optimizers.Lion)
        assert "bfloat16" == other.layers.Dense(1).compute_dtype
    assert "float32" == other.layers.Dense(1).compute_dtype


def test_an_optimizer_belongs_to_the_strategy_wherever_it_is_asked_for(tmp_path):
    """Keras 3 makes variables at once, and a step fails on those of another scope."""
    import keras

    mirrored = {"mirrored": {"devices": ["CPU:0"]}}
    settings = {"optimizer": {"adam": {}}, "strategy": mirrored}
    fn_args = make_fn_args(settings, examples=ROWS, directory=tmp_path)
    fn_args.use_keras(keras)
    optimizer = fn_args.optimizer
    with fn_args.strategy.scope():
        inside = fn_args.optimizer
    kinds = {type(made.iterations.value) for made in (optimizer, inside)}
    assert ["MirroredVariable"] == [kind.__name__ for kind in kinds]


def test_an_optimizer_is_new_each_time_and_none_without_settings(tmp_path):
    """A second model does not take over the state of the first."""
    fn_args = make_fn_args({"optimizer": {"adam": {}}}, examples=ROWS, directory=tmp_path)
    assert fn_args.optimizer is not fn_args.optimizer
    fn_args = make_fn_args({}, examples=ROWS, directory=tmp_path)
    assert (None, {}) == (fn_args.optimizer, fn_args.compile_kwargs)


def test_accumulated_gradients_are_those_of_a_large_batch(tmp_path):
    """Two batches of four are one of eight."""
    if LEGACY:
        with pytest.raises(FitArgsError, match="has no such argument; Keras 3"):
            run(tmp_path, {"optimizer": {"sgd": {}, "gradient_accumulation_steps": 2}})
        return
    plain = {"sgd": {}, "learning_rate": 0.1}
    weights = []
    for settings in (
        {"optimizer": plain | {"gradient_accumulation_steps": 2}},
        {"optimizer": plain, "batch_size": 8},
    ):
        made = run(tmp_path, settings | {"input": {"shuffle": False}})
        weights.append([w.tolist() for w in made.fit.model.get_weights()])
    np.testing.assert_allclose(weights[0][0], weights[1][0], rtol=1e-5)
    np.testing.assert_allclose(weights[0][1], weights[1][1], rtol=1e-5)
