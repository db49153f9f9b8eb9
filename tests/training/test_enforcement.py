# SPDX-License-Identifier: Apache-2.0
"""A fit that was not called with what the pipeline asked for: told, refused, or made to obey."""

from __future__ import annotations

import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from own_logs import own_messages, own_records

from fit_component import FitArgs, FitArgsError
from fit_component.objects import generations
from fit_component.objects.callbacks import make_callbacks
from fit_component.settings import parse_fit_args, resolve
from fit_component.training.batch_sizes import batch_size_of
from fit_component.training.callers import Caller
from fit_component.training.fitting import supervised_fits
from fit_component.training.handed_out import HandedOut
from fit_component.training.limits import make_limits
from fit_component.training.observation import Fit, observed_fits
from fit_component.training.validation import make_every_steps
from fit_component.training.wanted import Wanted, callback_settings

X, Y = np.ones((48, 1), "float32"), np.zeros((48, 1), "int32")


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that a module file may use."""
    return request.param


def make(module, optimizer="sgd", **kwargs):
    """The smallest model."""
    model = module.Sequential([module.layers.Dense(2)])
    loss = module.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, **kwargs)
    return model


def batches(size=4):
    """The examples in batches."""
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(size)


class Pipeline:
    """What a pipeline asks for, and what a module file takes of it."""

    def __init__(self, settings, *, eval_steps=None, directory="/nowhere"):
        self.requested = parse_fit_args(settings)
        self.resolved = resolve(self.requested)
        self.handed_out = HandedOut()
        self.directory = str(directory)
        self.wanted = Wanted(
            self.requested,
            self.resolved,
            train_steps=self.resolved.num_steps or None,
            eval_steps=eval_steps,
            handed_out=self.handed_out,
            make_callbacks=self.make,
            strategy=tf.distribute.get_strategy,
        )

    def make(self, keras):
        """New callbacks, known from now on."""
        limits, every = make_limits(self.resolved, keras), make_every_steps(self.resolved, keras)
        made = make_callbacks(self.resolved, keras, self.directory)
        by_path = dict(zip(callback_settings(self.resolved), [*limits, *every, *made], strict=True))
        for path, callback in by_path.items():
            self.handed_out.add_callback(path, callback)
        return by_path

    def fit(self, model, data=None, **kwargs):
        """Calls fit as the module does; returns what fit got."""
        data = batches() if data is None else data
        kwargs = {"verbose": 0, **kwargs}
        with observed_fits() as fits, supervised_fits(self.resolved, lambda: self.wanted):
            model.fit(data, **kwargs)
        return fits[-1]


def differences(settings, module, *, eval_steps=None, model=None, **kwargs):
    """The settings that fit was not called with, and what it got instead."""
    fit = Pipeline(settings, eval_steps=eval_steps).fit(model or make(module), **kwargs)
    return {difference.path: difference.got for difference in fit.differences}


def obeyed(settings, module, *, eval_steps=None, model=None, directory="/nowhere", **kwargs):
    """Trains with OVERRIDE; returns what fit got."""
    pipeline = Pipeline(
        {**settings, "enforcement": "OVERRIDE"}, eval_steps=eval_steps, directory=directory
    )
    return pipeline.fit(model or make(module), **kwargs)


@pytest.mark.parametrize(
    ("settings", "given", "expected"),
    [
        ({"epochs": 3}, {"epochs": 2}, {"epochs": 2}),
        ({"epochs": 3}, {}, {"epochs": 1}),
        ({"epochs": 3}, {"epochs": 3}, {}),
        ({}, {"epochs": 3}, {}),
        ({"initial_epoch": 1, "epochs": 2}, {"epochs": 2}, {"initial_epoch": 0}),
        ({"num_steps": 5}, {"steps_per_epoch": 6}, {"num_steps": 6}),
        ({"num_steps": 5}, {}, {"num_steps": None}),
        ({"num_steps": 12}, {}, {}),  # as many as the data have
        ({"class_weight": {0: 1, 1: 2}}, {}, {"class_weight": None}),
        (
            {"class_weight": {0: 1, 1: 2}},
            {"class_weight": {0: 2.0, 1: 1.0}},
            {"class_weight": {"0": 2.0, "1": 1.0}},
        ),
        ({"class_weight": {0: 1, 1: 2}}, {"class_weight": {0: 1, 1: 2}}, {}),
        ({"verbose": "SILENT"}, {"verbose": 2}, {"verbose": 2}),
        ({"verbose": "AUTO"}, {"verbose": "auto"}, {}),
        ({"batch_size": 8}, {}, {"batch_size": 4}),
        ({"batch_size": 4}, {}, {}),
        ({"per_replica_batch_size": 8}, {}, {"per_replica_batch_size": 4}),
        ({"max_steps": 5}, {}, {"max_steps": None}),
        ({"max_time": "1h"}, {}, {"max_time": None}),
        (
            {"callbacks": [{"terminate_on_nan": {}}]},
            {},
            {"callbacks[0].terminate_on_nan": None},
        ),
        ({"execution": {"jit_compile": False}}, {}, {}),
        ({"optimizer": {"adam": {}}}, {}, {"optimizer": "SGD of its own"}),
        ({"input": {"cache": "MEMORY"}}, {}, {"input.cache": "data of its own"}),
        ({"validation": {"freq": 1}}, {}, {"validation.freq": None}),
    ],
)
def test_what_fit_did_not_get_is_listed(module, settings, given, expected):
    """What was asked for, that is: unset asks for nothing."""
    assert expected == differences(settings, module, **given)


def test_evaluation(module):
    """Where fit evaluates, its frequency, its steps and its batches are held against settings."""
    settings = {"validation": {"freq": 2, "batch_size": 8}, "epochs": 2}
    given = {"validation_data": batches().repeat(), "epochs": 2, "validation_steps": 3}
    expected = {"validation.freq": 1, "eval_args.num_steps": 3, "validation.batch_size": 4}
    assert expected == differences(settings, module, eval_steps=2, **given)


def test_the_steps_of_an_execution(module):
    """And whether it is eager: as compile was told."""
    settings = {"execution": {"steps_per_execution": 2, "run_eagerly": True}, "num_steps": 4}
    expected = {"execution.steps_per_execution": 1, "execution.run_eagerly": False}
    assert expected == differences(settings, module, steps_per_epoch=4)


def test_a_strategy_of_the_modules_own(module):
    """Other than that of the settings."""
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        model = make(module)
    found = differences({"strategy": {"default": {}}}, module, model=model)
    assert {"strategy": "OneDeviceStrategy of its own"} == found
    assert {} == differences({}, module, model=model)


def test_what_the_module_took_is_known_again(module):
    """Callbacks and optimizer that were handed out."""
    pipeline = Pipeline({"callbacks": [{"terminate_on_nan": {}}], "optimizer": {"sgd": {}}})
    optimizer = module.optimizers.SGD()
    pipeline.handed_out.add_optimizer(optimizer)
    model = make(module, optimizer)
    fit = pipeline.fit(model, callbacks=list(pipeline.make(module).values()))
    assert [] == fit.differences


def test_a_wrapped_optimizer_is_known_again(module):
    """As mixed precision wraps it."""
    handed_out, optimizer = HandedOut(), module.optimizers.SGD()
    handed_out.add_optimizer(optimizer)
    wrapped = module.mixed_precision.LossScaleOptimizer(optimizer)
    assert handed_out.has_optimizer(wrapped)
    assert not handed_out.has_optimizer(module.optimizers.SGD())
    assert not handed_out.has_optimizer(None)


def test_a_dtype_policy_of_the_modules_own(module):
    """Is told where the settings name another."""
    generation = generations.generation_of(module)
    before = generation.get_policy()
    module.mixed_precision.set_global_policy("float64")
    try:
        found = differences({"execution": {"precision": "float32"}}, module)
    finally:
        generation.set_policy(before)
    assert {"execution.precision": "float64"} == found


def test_a_batch_size_that_is_not_known_is_not_found_fault_with(module):
    """Such as that of data from a generator's batches."""
    unknown = tf.data.Dataset.range(2).flat_map(lambda _: batches())
    assert {} == differences({"batch_size": 8}, module, data=unknown)


def test_a_dry_run_asks_for_its_caps(module):
    """A module that ignores them would train for hours."""
    found = differences({"dry_run": True}, module, epochs=50)
    assert {"epochs": 50, "num_steps": None} == found


WARNING = """\
test_enforcement.py, line {line}, `model.fit(data, **kwargs)`, trains otherwise than the pipeline \
asked for:
  epochs = 3: fit got 1
  callbacks[0].early_stopping = "EarlyStopping": fit did not get it
  optimizer = "adam": fit got SGD of its own
  for epochs, callbacks[0].early_stopping: pass **fn_args.fit_kwargs to fit, in the place of its \
own arguments
  for optimizer: pass optimizer=fn_args.optimizer to compile
With `enforcement: OVERRIDE` fit gets epochs, callbacks[0].early_stopping as it is."""
SETTINGS = {
    "epochs": 3,
    "callbacks": [{"early_stopping": {"monitor": "loss"}}],
    "optimizer": {"adam": {}},
}


def test_it_is_told_once_with_the_line_to_change(module, caplog):
    """However often the line is run."""
    pipeline = Pipeline(SETTINGS)
    model = make(module)
    with supervised_fits(pipeline.resolved, lambda: pipeline.wanted):
        for _ in range(2):
            pipeline.fit(model)
    (line,) = {int(m.split(",")[1].split()[1]) for m in own_messages(caplog)}
    expected = WARNING.format(line=line)
    assert {expected} == set(own_messages(caplog))


def test_a_line_is_told_once_in_a_run(module, caplog):
    """A loop over fits does not chatter."""
    pipeline = Pipeline({"epochs": 3})
    model = make(module)
    with supervised_fits(pipeline.resolved, lambda: pipeline.wanted):
        for _ in range(3):
            model.fit(batches(), verbose=0)
    assert 1 == len(own_records(caplog))


def test_an_error_comes_before_training(module):
    """With all of it, and the repairs."""
    model = make(module)
    model.build((None, 1))
    before = model.get_weights()
    with pytest.raises(FitArgsError) as caught:
        Pipeline({**SETTINGS, "enforcement": "ERROR"}).fit(model)
    paths = [problem.path for problem in caught.value.problems]
    assert ["epochs", "callbacks[0].early_stopping", "optimizer"] == paths
    assert "fit got 1; pass **fn_args.fit_kwargs to fit" in str(caught.value)
    assert "trains otherwise than the pipeline asked for: 3 problems" in str(caught.value)
    assert all(map(np.array_equal, before, model.get_weights()))


def test_nothing_is_said_of_a_module_that_obeys(module, caplog):
    """At any level."""
    for level in ("WARN", "ERROR", "OVERRIDE"):
        Pipeline({"epochs": 2, "enforcement": level}).fit(make(module), epochs=2)
    assert [] == own_records(caplog)


def test_arguments_are_overridden(module):
    """Those of training, and those of evaluation where there is one."""
    settings = {
        "epochs": 3,
        "initial_epoch": 1,
        "num_steps": 6,
        "class_weight": {0: 1.0, 1: 2.0},
        "verbose": "SILENT",
        "validation": {"freq": 2},
    }
    given = {
        "validation_data": batches().repeat(),
        "epochs": 9,
        "verbose": 2,
        "validation_steps": 3,
    }
    fit = obeyed(settings, module, eval_steps=2, **given)
    expected = {
        "epochs": 3,
        "initial_epoch": 1,
        "steps_per_epoch": 6,
        "class_weight": {0: 1.0, 1: 2.0},
        "verbose": 0,
        "validation_freq": 2,
        "validation_steps": 2,
    }
    assert expected == {name: fit.arguments[name] for name in expected}
    assert [1, 2] == fit.history.epoch
    assert 1 == len(fit.history.history["val_loss"])
    assert all(difference.overridden for difference in fit.differences)


def test_what_is_overridden_is_logged(module, caplog):
    """With what the module gave; it is no warning, since it was asked for."""
    with caplog.at_level("INFO", "fit_component"):
        fit = obeyed({"epochs": 2, "callbacks": [{"terminate_on_nan": {}}]}, module, epochs=1)
    expected = [
        f"enforcement: {fit.caller}: {line}, and is given this"
        for line in (
            "epochs = 2: fit got 1",
            'callbacks[0].terminate_on_nan = "TerminateOnNaN": fit did not get it',
        )
    ]
    assert expected == own_messages(caplog)
    assert {"INFO"} == {record.levelname for record in own_records(caplog)}


def test_batches_are_made_anew(module):
    """Of the same examples; also those of evaluation."""
    settings = {"batch_size": 8, "validation": {"batch_size": 16}}
    fit = obeyed(settings, module, **{"validation_data": batches()})
    assert (8, 16) == tuple(
        map(batch_size_of, (fit.arguments["x"], fit.arguments["validation_data"]))
    )
    assert [8] * 6 == [len(x) for x, _ in fit.arguments["x"]]


def test_batches_of_a_fixed_shape_stay_so(module):
    """Where no batch was too small, none is afterwards."""
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(6, drop_remainder=True)
    fit = obeyed({"batch_size": 10}, module, data=data)
    assert 10 == fit.arguments["x"].element_spec[0].shape[0]
    assert [10] * 4 == [len(x) for x, _ in fit.arguments["x"]]


@pytest.mark.parametrize("convert", [np.asarray, tf.constant], ids=["array", "tensor"])
def test_batches_of_arrays(module, convert):
    """Are an argument of fit; another one for evaluation."""
    data = convert(X)
    settings = {"batch_size": 12, "validation": {"batch_size": 16}, "enforcement": "OVERRIDE"}
    with observed_fits() as fits:
        pipeline = Pipeline(settings)
        with supervised_fits(pipeline.resolved, lambda: pipeline.wanted):
            make(module).fit(data, Y, validation_data=(data, Y), verbose=0)
    assert (12, 16) == tuple(
        fits[0].arguments[name] for name in ("batch_size", "validation_batch_size")
    )
    assert 4 == fits[0].history.params["steps"]


def test_batches_are_divided_among_replicas(module):
    """Made anew under a strategy, too."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = make(module)
    ends = []
    note = module.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ends.append(batch)
    )
    obeyed({"per_replica_batch_size": 8}, module, model=model, callbacks=[note])
    assert 6 == len(ends)


def test_callbacks_are_added_to_those_of_the_module(module, tmp_path):
    """And act."""
    own = module.callbacks.History()
    settings = {"callbacks": [{"csv_logger": {"filename": "a.csv"}}], "max_steps": 3}
    fit = obeyed(settings, module, callbacks=own, directory=tmp_path)
    assert ["History", "MaxSteps", "CSVLogger"] == _classes(fit)
    assert own is fit.arguments["callbacks"][0]
    assert (tmp_path / "a.csv").exists()
    assert 3 == int(tf.convert_to_tensor(fit.model.optimizer.iterations))


def test_a_callback_of_the_modules_own_gives_way(module):
    """One that stops by the same metric; not one that stops by another."""
    early = module.callbacks.EarlyStopping
    given = [early("loss", patience=1), early("val_loss", patience=1)]
    settings = {"callbacks": [{"early_stopping": {"monitor": "loss", "patience": 7}}]}
    fit = obeyed(settings, module, callbacks=given, validation_data=batches())
    kept = [(callback.monitor, callback.patience) for callback in fit.arguments["callbacks"]]
    assert [("val_loss", 1), ("loss", 7)] == kept
    assert ["EarlyStopping of its own"] == [difference.got for difference in fit.differences]


def test_a_list_of_callbacks_of_the_modules_own_stays_as_it_was(module):
    """It may be used for another model."""
    given = [module.callbacks.TerminateOnNaN()]
    obeyed({"callbacks": [{"terminate_on_nan": {}}], "max_steps": 3}, module, callbacks=given)
    assert 1 == len(given)


def test_each_fit_gets_callbacks_of_its_own(module):
    """A second one inherits no state."""
    pipeline = Pipeline({"callbacks": [{"terminate_on_nan": {}}], "enforcement": "OVERRIDE"})
    model = make(module)
    first, second = pipeline.fit(model), pipeline.fit(model)
    assert _classes(first) == _classes(second) == ["TerminateOnNaN"]
    assert first.arguments["callbacks"][0] is not second.arguments["callbacks"][0]


def _classes(fit):
    return [type(callback).__name__ for callback in fit.arguments["callbacks"]]


def test_evaluation_within_an_epoch_is_added(module):
    """With what it needs to know of the fit."""
    fit = obeyed({"validation": {"every_steps": 5}}, module, validation_data=batches())
    (every,) = fit.arguments["callbacks"]
    assert [5, 10] == [evaluation.batch for evaluation in every.evaluations]


def test_the_execution_is_changed(module):
    """Also of a model that has trained already."""
    model = make(module)
    model.fit(batches(), verbose=0)
    settings = {"execution": {"steps_per_execution": 4, "run_eagerly": False}, "num_steps": 12}
    ends = []
    note = module.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ends.append(batch)
    )
    obeyed(settings, module, model=model, callbacks=[note])
    assert 3 == len(ends)


def test_what_cannot_be_overridden_is_told(module, caplog):
    """A strategy, an optimizer, an input pipeline of the module's own."""
    with tf.distribute.OneDeviceStrategy("CPU:0").scope():
        model = make(module)
    settings = {
        "strategy": {"default": {}},
        "optimizer": {"adam": {}},
        "input": {"cache": "MEMORY"},
        "epochs": 2,
    }
    fit = obeyed(settings, module, model=model)
    (text,) = [r.getMessage() for r in own_records(caplog) if r.levelno >= logging.WARNING]
    assert "and enforcement cannot put it there" in text
    assert all(path in text for path in ("strategy", "optimizer", "input.cache"))
    assert "epochs" not in text
    overridden = {difference.path: difference.overridden for difference in fit.differences}
    expected = {"epochs": True, "strategy": False, "optimizer": False, "input.cache": False}
    assert expected == overridden


def test_what_cannot_be_put_after_all_ends_no_training(module, monkeypatch, caplog):
    """It is logged, and told as not put."""

    def broken(data, size):
        raise TypeError("no such batches")

    monkeypatch.setattr("fit_component.training.differences._rebatched", broken)
    fit = obeyed({"batch_size": 8, "epochs": 2}, module)
    overridden = {difference.path: difference.overridden for difference in fit.differences}
    assert {"epochs": True, "batch_size": False} == overridden
    assert "no such batches" in caplog.text
    assert "enforcement cannot put it there" in caplog.text


@pytest.mark.parametrize("first", [3, 5])
def test_epochs_that_would_train_nothing_are_not_put(first, module, caplog):
    """The second of two fits goes on from where the first ended."""
    fit = obeyed({"epochs": 3}, module, initial_epoch=first, epochs=first + 1)
    assert [first] == fit.history.epoch
    assert f"fit starts at epoch {first}" in caplog.text


def test_more_steps_than_the_data_have_are_refused_as_ever(module):
    """What was put there is checked, too."""
    with pytest.raises(FitArgsError, match="its data end after 12"):
        obeyed({"num_steps": 30, "epochs": 2}, module, data=batches().take(12).map(lambda *b: b))


def test_a_search_is_let_alone(module, caplog, monkeypatch):
    """KerasTuner tries epochs and callbacks of its own."""
    caller = Caller("tune.py", 3, "tuner.search(", in_search=True)
    monkeypatch.setattr("fit_component.training.observation.find_caller", lambda: caller)
    fit = Pipeline({"epochs": 3, "enforcement": "ERROR"}).fit(make(module))
    assert [] == fit.differences
    assert [] == own_records(caplog)


@pytest.mark.keras
def test_a_search_of_keras_tuner_is_known(tmp_path):
    """By who calls fit. It trains models of the package keras, whatever tf.keras is."""
    import keras
    import keras_tuner

    def build(hyperparameters):
        hyperparameters.Float("unused", 0.0, 1.0)
        return make(keras)

    tuner = keras_tuner.RandomSearch(
        build, objective="loss", max_trials=1, directory=str(tmp_path), seed=3
    )
    with observed_fits() as fits:
        tuner.search(batches(), verbose=0)
    assert [True] == [fit.caller.in_search for fit in fits]


def test_what_goes_wrong_in_comparing_ends_no_training(module, monkeypatch, caplog):
    """It is logged."""
    monkeypatch.setattr(
        "fit_component.training.fitting.find_differences", lambda call, wanted: 1 / 0
    )
    fit = Pipeline({"epochs": 3}).fit(make(module))
    assert isinstance(fit, Fit)
    assert "could not be supervised in full" in caplog.text


def test_unset_is_a_warning():
    """The first of the levels is the default."""
    assert FitArgs.WARN == FitArgs().enforcement == 0
