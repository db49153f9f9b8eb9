# SPDX-License-Identifier: Apache-2.0
"""Arguments of compile from settings, and what becomes of them."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf
import tf_keras

from fit_component.objects.execution import check_execution, make_compile_kwargs
from fit_component.proto.fit_args_pb2 import Execution, FitArgs


@pytest.fixture(params=[keras, tf_keras], ids=["keras", "tf_keras"])
def module(request):
    """A Keras that trains."""
    return request.param


def train(module, fit_args, dataset, **fit_kwargs):
    """Fits a model with one weight."""
    model = module.Sequential([module.layers.Input((1,)), module.layers.Dense(1)])
    model.compile(module.optimizers.SGD(0.001), "mse", **make_compile_kwargs(fit_args))
    model.fit(dataset, verbose=0, **fit_kwargs)
    return model


def batches(number=None):
    """So many batches of one example; endless without a number."""
    return tf.data.Dataset.from_tensors((tf.ones((1, 1)), tf.ones((1, 1)))).repeat(number)


def at_once(steps, **settings):
    """Settings with so many steps per execution."""
    return FitArgs(execution={"steps_per_execution": steps}, **settings)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"steps_per_execution": 4},
        {"jit_compile": False},
        {"jit_compile": True},
        {"run_eagerly": False},
        {"run_eagerly": True, "steps_per_execution": 2},
    ],
)
def test_only_what_is_set_is_given_to_compile(module, given):
    """Both generations take it, and train with it."""
    fit_args = FitArgs(execution=given)
    assert given == make_compile_kwargs(fit_args)
    model = train(module, fit_args, batches(4))
    assert 4 == int(model.optimizer.iterations)
    for name, value in given.items():
        now = getattr(model, name)
        assert value == (now.numpy() if isinstance(now, tf.Variable) else now)


def test_every_field_is_an_argument_of_compile_or_the_precision():
    """No field of the contract is left out."""
    names = {field.name for field in Execution.DESCRIPTOR.fields} - {"precision"}
    everything = FitArgs(execution=dict.fromkeys(names, 1), max_steps=3)
    assert names == set(make_compile_kwargs(everything))


def test_the_precision_is_none_of_the_arguments():
    """It is set around run_fn."""
    assert {} == make_compile_kwargs(FitArgs(execution={"precision": "float64"}))


def test_each_is_a_new_dict():
    """A module may change its own."""
    fit_args = at_once(2)
    make_compile_kwargs(fit_args).clear()
    assert {"steps_per_execution": 2} == make_compile_kwargs(fit_args)


@pytest.mark.parametrize(
    ("num_steps", "steps", "trained"), [(4, 2, 4), (5, 2, 6), (3, 4, 4), (4, 1, 4)]
)
def test_whole_executions_of_keras_3_are_refused_where_they_run_too_many_steps(
    module, num_steps, steps, trained
):
    """tf_keras shortens the last one."""
    fit_args = at_once(steps, num_steps=num_steps)
    model = train(module, fit_args, batches(), steps_per_epoch=num_steps)
    assert (num_steps if module is tf_keras else trained) == int(model.optimizer.iterations)
    problems = list(check_execution(fit_args, module))
    if module is tf_keras or num_steps == trained:
        assert [] == problems
    else:
        (problem,) = problems
        assert ("execution.steps_per_execution", steps) == (problem.path, problem.value)
        assert ("num_steps",) == problem.related
        assert f"does not divide num_steps, which is {num_steps}" in problem.message
        assert f"would run {trained} steps" in problem.message


@pytest.mark.parametrize(("eval_steps", "evaluated"), [(4, 4), (3, 4)])
def test_so_it_is_with_evaluation(module, eval_steps, evaluated):
    """Whose number of steps is no setting of ours."""
    fit_args = at_once(2, num_steps=2)
    # The mean of 0, 1, … tells how many there were.
    numbers = tf.data.Dataset.counter().map(lambda n: (tf.ones((1, 1)), [[tf.cast(n, tf.float32)]]))
    model = module.Sequential([module.layers.Input((1,)), module.layers.Flatten()])
    model.compile(loss=lambda label, _: label, **make_compile_kwargs(fit_args))
    mean = (eval_steps - 1) / 2 if module is tf_keras else (evaluated - 1) / 2
    assert mean == model.evaluate(numbers, steps=eval_steps, verbose=0)
    problems = list(check_execution(fit_args, module, eval_steps=eval_steps))
    assert (module is keras and evaluated != eval_steps) == bool(problems)
    assert all("does not divide eval_args.num_steps, which is 3" in p.message for p in problems)


def test_one_pass_ends_where_the_data_end(module):
    """Also within an execution."""
    fit_args = at_once(3)
    model = train(module, fit_args, batches(4))
    assert 4 == int(model.optimizer.iterations)
    assert [] == list(check_execution(fit_args, module))
