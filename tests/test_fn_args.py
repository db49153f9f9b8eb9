# SPDX-License-Identifier: Apache-2.0
"""FitFnArgs: what a module file reads."""

from __future__ import annotations

import copy
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import pytest
import tensorflow as tf
import tf_keras
from environment import ENVIRONMENT
from executions import DATA
from run_functions import LABEL
from tensorflow_metadata.proto.v0 import schema_pb2

from fit_component import FitArgs, FitArgsError, FitFnArgs
from fit_component.objects.reproducibility import reproducible, seed_generators
from fit_component.testing import make_fn_args

pytestmark = [pytest.mark.tfx, pytest.mark.keras]

LEGACY = tf.keras.Model.__module__.startswith("tf_keras")


@pytest.fixture
def make(tmp_path):
    """Makes the FitFnArgs that the executor would give, over TFX's own examples."""

    def made(settings=None, **options) -> FitFnArgs:
        transformed = {
            "examples": DATA / "transform" / "transformed_examples",
            "schema": DATA / "schema_gen",
            "transform_graph": DATA / "transform" / "transform_graph",
        }
        return make_fn_args(settings, **{**transformed, **options}, directory=tmp_path)

    return made


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def test_the_defaults_are_those_of_the_contract(make):
    """Settings that nobody gave have the documented values."""
    fn_args = make()
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


def test_steps_come_from_train_args_and_eval_args(make):
    """num_steps of each is what fit gets."""
    fn_args = make({"num_steps": 7}, eval_args={"num_steps": 3})
    assert (7, 3) == (fn_args.train_steps, fn_args.eval_steps)
    assert 7 == fn_args.fit_kwargs["steps_per_epoch"]
    assert 3 == fn_args.fit_kwargs["validation_steps"]


def test_each_setting_reaches_fit(make):
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
    assert expected == make(settings).fit_kwargs


def test_both_generations_accept_all_of_fit_kwargs(make, module):
    """No argument that fit of either Keras does not have."""
    fn_args = make(
        {"num_steps": 2, "class_weight": {0: 1.0, 1: 1.0}, "seed": 1},
        eval_args={"num_steps": 1},
    )
    fn_args.use_keras(module)
    model = module.Sequential([module.layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer="sgd")
    data = tf.data.Dataset.from_tensors(([[1.0]], [[1]])).repeat()
    assert [0] == model.fit(data, validation_data=data, **fn_args.fit_kwargs).epoch


def test_callbacks_are_new_each_time(make):
    """A second fit inherits no state from the first."""
    fn_args = make({"callbacks": [{"early_stopping": {"patience": 4}}]})
    first, second = fn_args.fit_kwargs["callbacks"][0], fn_args.fit_kwargs["callbacks"][0]
    assert first is not second
    assert (4, 4) == (first.patience, second.patience)


def test_a_modules_own_callbacks_follow_those_of_the_settings(make):
    """fit_kwargs_with appends, so that no keyword is given twice."""
    fn_args = make({"callbacks": [{"terminate_on_nan": {}}]})
    mine = tf.keras.callbacks.LambdaCallback()
    callbacks = fn_args.fit_kwargs_with(callbacks=[mine])["callbacks"]
    assert [tf.keras.callbacks.TerminateOnNaN, tf.keras.callbacks.LambdaCallback] == [
        type(callback) for callback in callbacks
    ]


def test_a_callback_of_the_other_keras_is_refused(make):
    """Keras would fail with a word about an attribute that nobody knows."""
    other = keras if LEGACY else tf_keras
    with pytest.raises(TypeError, match="is no callback of"):
        make().fit_kwargs_with(callbacks=[other.callbacks.TerminateOnNaN()])


def test_use_keras_chooses_whose_callbacks_are_made(make, module):
    """A module may train with another Keras than tf.keras."""
    fn_args = make({"callbacks": [{"terminate_on_nan": {}}]})
    fn_args.use_keras(module)
    assert isinstance(fn_args.callbacks[0], module.callbacks.TerminateOnNaN)


def test_use_keras_holds_the_settings_against_that_keras(make):
    """What one generation takes the other may not."""
    fn_args = make({"class_weight": {1: 2.0}})
    fn_args.use_keras(keras)
    with pytest.raises(FitArgsError, match="lacks class 0"):
        fn_args.use_keras(tf_keras)


def test_use_keras_takes_a_keras_only(make):
    """Anything else is a mistake in the module."""
    with pytest.raises(TypeError, match="use_keras takes"):
        make().use_keras("tf_keras")


def test_the_default_strategy_distributes_nothing(make):
    """`with fn_args.strategy.scope()` works whatever the settings are."""
    strategy = make().strategy
    assert 1 == strategy.num_replicas_in_sync
    with strategy.scope():
        pass


def test_the_strategy_is_made_once(make):
    """All of a module shares one strategy."""
    fn_args = make({"strategy": {"one_device": {"device": "CPU:0"}}})
    assert isinstance(fn_args.strategy, tf.distribute.OneDeviceStrategy)
    assert fn_args.strategy is fn_args.strategy


@pytest.mark.parametrize(
    ("replicas", "version", "warned"),
    [(2, "3.9.2", True), (1, "3.9.2", False), (2, "3.10.0", False), (2, "4.0", False)],
)
def test_a_keras_that_gets_metrics_wrong_is_told(
    make, monkeypatch, caplog, replicas, version, warned
):
    """Where several replicas train, and once; tf_keras gets them right."""
    monkeypatch.setattr(keras, "__version__", version)
    strategy = SimpleNamespace(num_replicas_in_sync=replicas)
    monkeypatch.setattr("fit_component.fn_args.make_strategy", lambda fit_args: strategy)
    for module in (keras, tf_keras):
        fn_args = make()
        fn_args.use_keras(module)
        assert (strategy, strategy) == (fn_args.strategy, fn_args.strategy)
    told = [text for text in caplog.messages if text.startswith("strategy, with 2 replicas: ")]
    assert int(warned) == len(told)
    assert all(version in text and "TF_USE_LEGACY_KERAS=1" in text for text in told)


def test_the_evaluation_batch_may_differ(make):
    """validation.batch_size is for eval_dataset alone."""
    fn_args = make({"batch_size": 8, "validation": {"batch_size": 5}})
    assert (8, 5) == (fn_args.batch_size, fn_args.eval_batch_size)
    assert 5 == len(next(iter(fn_args.eval_dataset(label_key=LABEL)))[1])


def test_training_data_is_shuffled_by_the_seed(make):
    """The same seed gives the same order; each pass has another."""
    one, two, other = (_fares(make({"batch_size": 64, "seed": seed})) for seed in (1, 1, 2))
    assert one == two
    assert one != other
    assert one[0] != one[1]


def _fares(fn_args):
    """The fares of the first batch of each of two passes."""
    dataset = fn_args.train_dataset()
    return [next(iter(dataset))["fare_xf"].numpy().tolist() for _ in range(2)]


def test_evaluation_data_keeps_its_order(make):
    """Evaluations of different epochs can be compared."""
    dataset = make({"seed": 1}).eval_dataset()
    one, two = (next(iter(dataset))["fare_xf"].numpy().tolist() for _ in range(2))
    assert one == two


@pytest.mark.parametrize("steps", [None, 3])
def test_data_is_endless_if_steps_say_how_long_an_epoch_is(make, steps):
    """num_steps: without end. None: one pass."""
    settings = {"num_steps": steps} if steps else {}
    eval_args = {"num_steps": 3} if steps else {}
    fn_args = make({"batch_size": 5000, **settings}, eval_args=eval_args)
    for dataset in (fn_args.train_dataset(), fn_args.eval_dataset()):
        batches = sum(1 for _ in dataset.take(20))
        assert (20 == batches) is bool(steps)


def test_the_label_is_split_off(make):
    """(features, label) with label_key, features alone without."""
    fn_args = make({"batch_size": 4})
    features, label = next(iter(fn_args.train_dataset(label_key=LABEL)))
    assert LABEL not in features
    assert 4 == len(label)
    assert LABEL in next(iter(fn_args.train_dataset()))


def test_the_schema_is_that_of_the_transformed_examples(make):
    """Neither schema nor transform graph connected: the module must say."""
    fn_args = make()
    fn_args.transform_graph_path = fn_args.schema_path = None
    with pytest.raises(ValueError, match="connect one, or pass schema"):
        fn_args.train_dataset()


@pytest.mark.slow
@pytest.mark.skipif(LEGACY, reason="the environment says tf_keras; nothing could say otherwise")
def test_importing_it_decides_nothing_about_keras():
    """What tf.keras is, the environment says: tensorflow_transform would say otherwise."""
    code = "import fit_component.fn_args, tensorflow as tf; print(tf.keras.Model.__module__)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert tf.keras.Model.__module__ == done.stdout.splitlines()[-1]


def test_it_can_be_copied(make):
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


def test_a_directory_that_cannot_be_made_is_told(make, tmp_path):
    """By the setting that names it."""
    (tmp_path / "file").write_text("")
    filename = str(tmp_path / "file" / "history.csv")
    fn_args = make({"callbacks": [{"csv_logger": {"filename": filename}}]})
    with pytest.raises(FitArgsError, match=r"callbacks\[0\].csv_logger.filename = "):
        print(fn_args.callbacks)


@pytest.mark.parametrize(
    ("validation", "expected"), [({}, (8, 8)), ({"batch_size": 5}, (8, 5))], ids=str
)
def test_the_batch_size_per_replica_is_multiplied(make, validation, expected):
    """Evaluation follows, unless it has a batch size of its own."""
    fn_args = make({"per_replica_batch_size": 4, "validation": validation})
    fn_args._strategy = SimpleNamespace(num_replicas_in_sync=2)
    assert expected == (fn_args.batch_size, fn_args.eval_batch_size)


def test_properties_say_what_fit_gets(make):
    """A module with a loop of its own reads these."""
    fn_args = make({"epochs": 3, "validation": {"freq": 3}, "class_weight": {0: 1.0, 1: 3.0}})
    assert (3, {0: 1.0, 1: 3.0}) == (fn_args.validation_freq, fn_args.class_weight)


@pytest.mark.parametrize(
    ("verbose", "expected"),
    [("AUTO", "auto"), ("SILENT", 0), ("PROGRESS_BAR", 1), ("LINE_PER_EPOCH", 2)],
)
def test_verbose_is_said_in_keras_words(make, verbose, expected):
    """Each level has its own."""
    assert expected == make({"verbose": verbose}).fit_kwargs["verbose"]


def test_use_keras_seeds_that_keras(make, module):
    """Any seed, 0 too: what was drawn before from that Keras makes no difference."""
    drawn = []
    with reproducible(FitArgs(seed=9)):
        for earlier in (5, 6):
            seed_generators(module, earlier)
            make({"seed": 0}).use_keras(module)
            drawn.append(module.initializers.RandomUniform()((2,)).numpy().tolist())
    assert drawn[0] == drawn[1]


def test_use_keras_without_a_seed_seeds_nothing(make, module):
    """As everywhere."""
    before = random.getstate()
    make().use_keras(module)
    assert before == random.getstate()


def test_a_keras_that_is_refused_is_not_used(make):
    """The one chosen before stays."""
    fn_args = make({"class_weight": {1: 2.0}, "callbacks": [{"terminate_on_nan": {}}]})
    fn_args.use_keras(keras)
    with pytest.raises(FitArgsError, match="lacks class 0"):
        fn_args.use_keras(tf_keras)
    assert isinstance(fn_args.callbacks[0], keras.callbacks.TerminateOnNaN)


def test_own_callbacks_are_those_of_the_keras_in_use(make, module):
    """use_keras chooses which are refused, too."""
    other = keras if module is tf_keras else tf_keras
    fn_args = make()
    fn_args.use_keras(module)
    assert 1 == len(
        fn_args.fit_kwargs_with(callbacks=[module.callbacks.TerminateOnNaN()])["callbacks"]
    )
    with pytest.raises(TypeError, match="is no callback of"):
        fn_args.fit_kwargs_with(callbacks=[other.callbacks.TerminateOnNaN()])


def test_each_dataset_reads_its_own_split_and_steps(make):
    """Training those of train_args, evaluation those of eval_args."""
    fn_args = make({"num_steps": 4})
    training, evaluation = fn_args.train_dataset(), fn_args.eval_dataset()
    assert tf.data.INFINITE_CARDINALITY == training.cardinality()
    assert 0 < evaluation.cardinality()
    fn_args.eval_files = ["no/such/file*"]
    with pytest.raises(FitArgsError, match=r"^eval_args: 1 problem\n  splits: have no files"):
        fn_args.eval_dataset()
    assert fn_args.train_dataset()


def test_a_given_schema_is_used(make):
    """In place of those that are connected."""
    mine = schema_pb2.Schema()
    mine.feature.add(name="fare_xf", type=schema_pb2.FLOAT)
    fn_args = make({"num_steps": 4})
    for read in (fn_args.train_dataset, fn_args.eval_dataset):
        assert {"fare_xf"} == set(read(mine).element_spec)


def test_without_a_transform_graph_the_schema_is_the_connected_one(make):
    """Examples are then read as they came."""
    fn_args = make({"num_steps": 4})
    transformed = fn_args.train_dataset().element_spec
    fn_args.transform_graph_path = None
    raw = fn_args.train_dataset().element_spec
    assert "fare_xf" in transformed
    assert "fare" in raw


ROWS = [{"x": n / 4, "y": n % 2, "w": n, "name": "a", "pair": [1, 2]} for n in range(4)]
FROM_ROWS = {"examples": ROWS, "schema": None, "transform_graph": None}


def test_weights_of_examples_are_split_off(make):
    """(features, label, weight), as fit takes them; training and evaluation."""
    fn_args = make({"batch_size": 4}, **FROM_ROWS)
    for read in (fn_args.train_dataset, fn_args.eval_dataset):
        features, label, weight = next(iter(read(label_key="y", weight_key="w")))
        assert "w" not in features
        assert (tf.float32, (4,), (4, 1)) == (weight.dtype, weight.shape, label.shape)
        assert features["x"].numpy().ravel().tolist() == (weight / 4).numpy().tolist()


def test_weights_reach_the_loss(make, module):
    """A model that is wrong about every example but those of weight 0 has no loss."""
    rows = [{"x": 1.0, "y": n, "w": 1 - n} for n in (0, 1)]
    fn_args = make({"verbose": "SILENT"}, **{**FROM_ROWS, "examples": rows})
    fn_args.use_keras(module)
    model = module.Sequential([module.layers.Dense(1, "relu", kernel_initializer="zeros")])
    model.compile(loss="mse")
    weighted, plain = (
        fn_args.train_dataset(label_key="y", weight_key=key).map(lambda x, *rest: (x["x"], *rest))
        for key in ("w", None)
    )
    assert 0.0 == model.fit(weighted, **fn_args.fit_kwargs).history["loss"][0]
    assert 0.5 == pytest.approx(model.evaluate(plain, verbose=0))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"weight_key": "w"}, "weight_key='w' needs a label_key"),
        ({"label_key": "y", "weight_key": "v"}, "names no feature; there are: name, pair, w, x"),
        ({"label_key": "y", "weight_key": "y"}, "weight_key='y' names no feature"),
        ({"label_key": "y", "weight_key": "name"}, "must name a dense feature with one number"),
        ({"label_key": "y", "weight_key": "pair"}, "must name a dense feature with one number"),
    ],
    ids=str,
)
def test_a_weight_that_cannot_be_one_is_told(make, keys, told):
    """Before training."""
    with pytest.raises(ValueError, match=told):
        make(**FROM_ROWS).train_dataset(**keys)


def test_a_sparse_weight_is_told(make):
    """A weight that is missing somewhere is none."""
    rows = [*ROWS, {"x": 1.0, "y": 1}]
    with pytest.raises(ValueError, match="a schema with a shape makes it dense"):
        make(**{**FROM_ROWS, "examples": rows}).train_dataset(label_key="y", weight_key="w")


def test_weights_of_examples_and_of_classes_are_refused_together(make):
    """Keras 3 fails at it, tf_keras multiplies them without a word."""
    fn_args = make({"class_weight": {0: 1.0, 1: 2.0}}, **FROM_ROWS)
    with pytest.raises(FitArgsError, match=r"class_weight = {0: 1.0, 1: 2.0}: .*weight_key='w'"):
        fn_args.train_dataset(label_key="y", weight_key="w")
    assert 3 == len(fn_args.eval_dataset(label_key="y", weight_key="w").element_spec)


def _model(module, units=1):
    return module.Sequential([module.Input((1,)), module.layers.Dense(units)])


def test_a_model_starts_from_the_weights_of_another(make, module):
    """What one run saved beside its model, the next one loads from its base_model."""
    first, second, fn_args = _model(module), _model(module), make()
    fn_args.save_weights(first)
    tf.io.gfile.makedirs(fn_args.serving_model_dir)
    assert (Path(fn_args.serving_model_dir).parent / "model.weights.h5").exists()
    make(base_model=fn_args.serving_model_dir).warm_start(second)
    assert first.get_weights()[0] == second.get_weights()[0]


def test_no_base_model_is_told(make):
    """With what to connect, and how a module asks."""
    with pytest.raises(ValueError, match=r"no base_model .* if fn_args.base_model:"):
        make().warm_start(_model(keras))


def test_a_base_model_without_weights_is_told(make):
    """It was trained by a module that keeps none."""
    earlier = make()
    tf.io.gfile.makedirs(earlier.serving_model_dir)
    with pytest.raises(FileNotFoundError, match=r"model.weights.h5 does not exist: .*save_weights"):
        make(base_model=earlier.serving_model_dir).warm_start(_model(keras))


def test_a_base_model_of_other_shapes_is_told(make, module):
    """By the file and the weights in it."""
    earlier = make()
    tf.io.gfile.makedirs(earlier.serving_model_dir)
    earlier.save_weights(_model(module))
    with pytest.raises(ValueError, match=r"(?s)model.weights.h5 .*another architecture.*\(1, 2\)"):
        make(base_model=earlier.serving_model_dir).warm_start(_model(module, units=2))
