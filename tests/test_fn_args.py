# SPDX-License-Identifier: Apache-2.0
"""FitFnArgs: what a module file reads."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from types import SimpleNamespace

import keras
import pytest
import tensorflow as tf
import tf_keras
from executions import inputs, outputs
from run_functions import LABEL
from tensorflow_metadata.proto.v0 import schema_pb2

from fit_component import FitArgs, FitArgsError, FitExecutor, FitFnArgs
from fit_component.objects.reproducibility import reproducible, seed_generators
from fit_component.settings import parse_fit_args, to_json

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

LEGACY = tf.keras.Model.__module__.startswith("tf_keras")


def make(settings=None, *, eval_args="{}", directory=Path("none"), connected=True) -> FitFnArgs:
    """The FitFnArgs that the executor would give."""
    stored = to_json(parse_fit_args(settings))
    artifacts = inputs()
    if not connected:
        del artifacts["transform_graph"], artifacts["schema"]
    properties = {"train_args": stored, "eval_args": eval_args}
    return FitExecutor()._GetFnArgs(artifacts, outputs(directory), properties)


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def test_the_defaults_are_those_of_the_contract(tmp_path):
    """Settings that nobody gave have the documented values."""
    fn_args = make(directory=tmp_path)
    expected = {
        "epochs": 1,
        "initial_epoch": 0,
        "validation_freq": 1,
        "verbose": "auto",
        "callbacks": [],
    }
    assert expected == fn_args.fit_kwargs
    assert (32, 32, None) == (fn_args.batch_size, fn_args.eval_batch_size, fn_args.class_weight)
    assert {} == fn_args.compile_kwargs


def test_steps_come_from_train_args_and_eval_args(tmp_path):
    """num_steps of each is what fit gets."""
    fn_args = make({"num_steps": 7}, eval_args='{"num_steps": 3}', directory=tmp_path)
    assert (7, 3) == (fn_args.train_steps, fn_args.eval_steps)
    assert 7 == fn_args.fit_kwargs["steps_per_epoch"]
    assert 3 == fn_args.fit_kwargs["validation_steps"]


def test_each_setting_reaches_fit(tmp_path):
    """fit_kwargs carries what was asked for, under Keras' names."""
    settings = {
        "epochs": 9,
        "initial_epoch": 2,
        "validation": {"freq": 3},
        "class_weight": {0: 1.0, 1: 3.0},
        "verbose": "LINE_PER_EPOCH",
    }
    expected = {
        "epochs": 9,
        "initial_epoch": 2,
        "validation_freq": 3,
        "class_weight": {0: 1.0, 1: 3.0},
        "verbose": 2,
        "callbacks": [],
    }
    assert expected == make(settings, directory=tmp_path).fit_kwargs


def test_both_generations_accept_all_of_fit_kwargs(tmp_path, module):
    """No argument that fit of either Keras does not have."""
    fn_args = make(
        {"num_steps": 2, "class_weight": {0: 1.0, 1: 1.0}, "seed": 1},
        eval_args='{"num_steps": 1}',
        directory=tmp_path,
    )
    fn_args.use_keras(module)
    model = module.Sequential([module.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="sgd")
    data = tf.data.Dataset.from_tensors(([[1.0]], [[1]])).repeat()
    assert [0] == model.fit(data, validation_data=data, **fn_args.fit_kwargs).epoch


def test_callbacks_are_new_each_time(tmp_path):
    """A second fit inherits no state from the first."""
    fn_args = make({"callbacks": [{"early_stopping": {"patience": 4}}]}, directory=tmp_path)
    first, second = fn_args.fit_kwargs["callbacks"][0], fn_args.fit_kwargs["callbacks"][0]
    assert first is not second
    assert (4, 4) == (first.patience, second.patience)


def test_a_modules_own_callbacks_follow_those_of_the_settings(tmp_path):
    """fit_kwargs_with appends, so that no keyword is given twice."""
    fn_args = make({"callbacks": [{"terminate_on_nan": {}}]}, directory=tmp_path)
    mine = tf.keras.callbacks.LambdaCallback()
    callbacks = fn_args.fit_kwargs_with(callbacks=[mine])["callbacks"]
    assert [tf.keras.callbacks.TerminateOnNaN, tf.keras.callbacks.LambdaCallback] == [
        type(callback) for callback in callbacks
    ]


def test_a_callback_of_the_other_keras_is_refused(tmp_path):
    """Keras would fail with a word about an attribute that nobody knows."""
    other = keras if LEGACY else tf_keras
    with pytest.raises(TypeError, match="is no callback of"):
        make(directory=tmp_path).fit_kwargs_with(callbacks=[other.callbacks.TerminateOnNaN()])


def test_use_keras_chooses_whose_callbacks_are_made(tmp_path, module):
    """A module may train with another Keras than tf.keras."""
    fn_args = make({"callbacks": [{"terminate_on_nan": {}}]}, directory=tmp_path)
    fn_args.use_keras(module)
    assert isinstance(fn_args.callbacks[0], module.callbacks.TerminateOnNaN)


def test_use_keras_holds_the_settings_against_that_keras(tmp_path):
    """What one generation takes the other may not."""
    fn_args = make({"class_weight": {1: 2.0}}, directory=tmp_path)
    fn_args.use_keras(keras)
    with pytest.raises(FitArgsError, match="lacks class 0"):
        fn_args.use_keras(tf_keras)


def test_use_keras_takes_a_keras_only():
    """Anything else is a mistake in the module."""
    with pytest.raises(TypeError, match="use_keras takes"):
        make().use_keras("tf_keras")


def test_the_default_strategy_distributes_nothing():
    """`with fn_args.strategy.scope()` works whatever the settings are."""
    strategy = make().strategy
    assert 1 == strategy.num_replicas_in_sync
    with strategy.scope():
        pass


def test_the_strategy_is_made_once():
    """All of a module shares one strategy."""
    fn_args = make({"strategy": {"one_device": {"device": "CPU:0"}}})
    assert isinstance(fn_args.strategy, tf.distribute.OneDeviceStrategy)
    assert fn_args.strategy is fn_args.strategy


def test_the_evaluation_batch_may_differ():
    """validation.batch_size is for eval_dataset alone."""
    fn_args = make({"batch_size": 8, "validation": {"batch_size": 5}})
    assert (8, 5) == (fn_args.batch_size, fn_args.eval_batch_size)
    assert 5 == len(next(iter(fn_args.eval_dataset(label_key=LABEL)))[1])


def test_training_data_is_shuffled_by_the_seed():
    """The same seed gives the same order; each pass has another."""
    one, two, other = (_labels(make({"batch_size": 64, "seed": seed})) for seed in (1, 1, 2))
    assert one == two
    assert one != other
    assert one[0] != one[1]


def _labels(fn_args):
    """The fares of the first batch of each of two passes."""
    dataset = fn_args.train_dataset()
    return [next(iter(dataset))["fare_xf"].numpy().tolist() for _ in range(2)]


def test_evaluation_data_keeps_its_order():
    """Evaluations of different epochs can be compared."""
    dataset = make({"seed": 1}).eval_dataset()
    one, two = (next(iter(dataset))["fare_xf"].numpy().tolist() for _ in range(2))
    assert one == two


@pytest.mark.parametrize("steps", [None, 3])
def test_data_is_endless_if_steps_say_how_long_an_epoch_is(steps):
    """num_steps: without end. None: one pass."""
    settings = {"num_steps": steps} if steps else {}
    eval_args = '{"num_steps": 3}' if steps else "{}"
    fn_args = make({"batch_size": 5000, **settings}, eval_args=eval_args)
    for dataset in (fn_args.train_dataset(), fn_args.eval_dataset()):
        batches = sum(1 for _ in dataset.take(20))
        assert (20 == batches) is bool(steps)


def test_the_label_is_split_off(tmp_path):
    """(features, label) with label_key, features alone without."""
    fn_args = make({"batch_size": 4})
    features, label = next(iter(fn_args.train_dataset(label_key=LABEL)))
    assert LABEL not in features
    assert 4 == len(label)
    assert LABEL in next(iter(fn_args.train_dataset()))


def test_the_schema_is_that_of_the_transformed_examples():
    """Neither schema nor transform graph connected: the module must say."""
    with pytest.raises(ValueError, match="connect one, or pass schema"):
        make(connected=False).train_dataset()


def test_it_can_be_copied():
    """Modules copy FnArgs to change a field."""
    fn_args = make({"epochs": 4})
    assert 4 == copy.copy(fn_args).epochs


def test_it_can_be_made_by_hand():
    """As FnArgs can, for a unit test of a module."""
    fn_args = FitFnArgs(train_steps=3, model_run_dir="none")
    assert (1, 3) == (fn_args.epochs, fn_args.fit_kwargs["steps_per_epoch"])
    assert FitArgs.AUTO == fn_args.fit_args.verbose


def test_settings_given_by_hand_are_checked_and_resolved():
    """What the executor does with settings, the class does too."""
    fn_args = FitFnArgs(fit_args={"epochs": 3})
    assert (3, 32, 1) == (fn_args.epochs, fn_args.batch_size, fn_args.validation_freq)
    assert 5 == FitFnArgs(fit_args=FitArgs(epochs=5)).epochs
    with pytest.raises(FitArgsError, match="epochs = 0"):
        FitFnArgs(fit_args=FitArgs(epochs=0))


def test_a_directory_that_cannot_be_made_is_told(tmp_path):
    """By the setting that names it."""
    (tmp_path / "file").write_text("")
    filename = str(tmp_path / "file" / "history.csv")
    fn_args = make({"callbacks": [{"csv_logger": {"filename": filename}}]}, directory=tmp_path)
    with pytest.raises(FitArgsError, match=r"callbacks\[0\].csv_logger.filename = "):
        print(fn_args.callbacks)


@pytest.mark.parametrize(
    ("validation", "expected"), [({}, (8, 8)), ({"batch_size": 5}, (8, 5))], ids=str
)
def test_the_batch_size_per_replica_is_multiplied(validation, expected):
    """Evaluation follows, unless it has a batch size of its own."""
    fn_args = make({"per_replica_batch_size": 4, "validation": validation})
    fn_args._strategy = SimpleNamespace(num_replicas_in_sync=2)
    assert expected == (fn_args.batch_size, fn_args.eval_batch_size)


def test_properties_say_what_fit_gets():
    """A module with a loop of its own reads these."""
    fn_args = make({"epochs": 3, "validation": {"freq": 3}, "class_weight": {0: 1.0, 1: 3.0}})
    assert (3, {0: 1.0, 1: 3.0}) == (fn_args.validation_freq, fn_args.class_weight)


@pytest.mark.parametrize(
    ("verbose", "expected"),
    [("AUTO", "auto"), ("SILENT", 0), ("PROGRESS_BAR", 1), ("LINE_PER_EPOCH", 2)],
)
def test_verbose_is_said_in_keras_words(verbose, expected):
    """Each level has its own."""
    assert expected == make({"verbose": verbose}).fit_kwargs["verbose"]


def test_use_keras_seeds_that_keras(module):
    """Any seed, 0 too: what was drawn before from that Keras makes no difference."""
    drawn = []
    with reproducible(FitArgs(seed=9)):
        for earlier in (5, 6):
            seed_generators(module, earlier)
            make({"seed": 0}).use_keras(module)
            drawn.append(module.initializers.RandomUniform()((2,)).numpy().tolist())
    assert drawn[0] == drawn[1]


def test_use_keras_without_a_seed_seeds_nothing(module):
    """As everywhere."""
    before = random.getstate()
    make().use_keras(module)
    assert before == random.getstate()


def test_a_keras_that_is_refused_is_not_used():
    """The one chosen before stays."""
    fn_args = make({"class_weight": {1: 2.0}, "callbacks": [{"terminate_on_nan": {}}]})
    fn_args.use_keras(keras)
    with pytest.raises(FitArgsError, match="lacks class 0"):
        fn_args.use_keras(tf_keras)
    assert isinstance(fn_args.callbacks[0], keras.callbacks.TerminateOnNaN)


def test_own_callbacks_are_those_of_the_keras_in_use(module):
    """use_keras chooses which are refused, too."""
    other = keras if module is tf_keras else tf_keras
    fn_args = make()
    fn_args.use_keras(module)
    assert 1 == len(
        fn_args.fit_kwargs_with(callbacks=[module.callbacks.TerminateOnNaN()])["callbacks"]
    )
    with pytest.raises(TypeError, match="is no callback of"):
        fn_args.fit_kwargs_with(callbacks=[other.callbacks.TerminateOnNaN()])


def recording(fn_args):
    """Puts an accessor in place that returns what it is asked for."""
    fn_args.data_accessor = SimpleNamespace(tf_dataset_factory=lambda *asked: asked)
    return fn_args


def test_each_dataset_reads_its_own_split_and_steps():
    """Training those of train_args, evaluation those of eval_args."""
    fn_args = recording(make({"num_steps": 4}))
    (train, train_how, _), (evaluation, eval_how, _) = (
        fn_args.train_dataset(),
        fn_args.eval_dataset(),
    )
    assert (fn_args.train_files, fn_args.eval_files) == (train, evaluation)
    assert fn_args.train_files != fn_args.eval_files
    assert (None, 1) == (train_how.num_epochs, eval_how.num_epochs)


def test_a_given_schema_is_used():
    """In place of those that are connected."""
    fn_args, mine = recording(make()), schema_pb2.Schema()
    assert fn_args.train_dataset(mine)[2] is mine
    assert fn_args.eval_dataset(mine)[2] is mine


def test_without_a_transform_graph_the_schema_is_the_connected_one():
    """Examples are then read as they came."""
    fn_args = recording(make())
    transformed = fn_args.train_dataset()[2]
    fn_args.transform_graph_path = None
    raw = fn_args.train_dataset()[2]
    assert "fare_xf" in {feature.name for feature in transformed.feature}
    assert "fare" in {feature.name for feature in raw.feature}
