# SPDX-License-Identifier: Apache-2.0
"""A training that can be interrupted anywhere, and all that it leaves, to be compared bit by bit.

`python resumed_training.py DIRECTORY RESULT [JSON]` trains in a process, with the arguments of
`train` as JSON, and writes what is left to a file.
"""

from __future__ import annotations

import json
import pickle
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
import tensorflow as tf
from autograph import leave_keras_alone

from fit_component.objects.reproducibility import reproducible
from fit_component.proto.fit_args_pb2 import FitArgs, Resume
from fit_component.training.passes import PassNumber, Shuffling
from fit_component.training.reading import Reading, batches_of
from fit_component.training.resume.fits import resumed_fits

SEED = 7
EXAMPLES = 100
BATCH_SIZE = 8
PASS = -(-EXAMPLES // BATCH_SIZE)  # batches


class Interrupted(BaseException):
    """Stands for the end of the process."""


@dataclass
class Plan:
    """What is trained and how.

    Attributes:
      epochs: Epochs.
      steps: Batches per epoch; 0: one pass.
      save_every_steps: Batches from save to save.
      shuffle: Whether the data are shuffled.
      dropout: Whether a layer draws random numbers.
      is_built: Whether the model has variables before `fit`.
      is_traced_once: Whether optimizer and metrics have theirs, too. Otherwise the step that makes
        them is traced twice, which is a third of a short training's time.
      at_once: Steps per execution.
      replicas: Replicas that train; 0: no strategy.
      precision: A dtype policy.
      patience: Of EarlyStopping.
      optimizer: The name of an optimizer.
      fits: Calls of `fit`; before the last the first layer is frozen.
    """

    epochs: int = 5
    steps: int = 0
    save_every_steps: int = 0
    shuffle: bool = True
    dropout: bool = True
    is_built: bool = True
    is_traced_once: bool = True
    at_once: int = 1
    replicas: int = 0
    precision: str = "float32"
    patience: int = 2
    optimizer: str = "Adam"
    fits: int = 1

    @property
    def batches(self) -> int:
        """Batches per epoch."""
        return self.steps or PASS


@dataclass
class Left:
    """What a training left.

    Attributes:
      arrays: Variables of model and optimizer.
      histories: The histories of its fits.
      log: What CSVLogger wrote.
      drawn: Random numbers that were drawn afterwards.
      waits: What EarlyStopping and ReduceLROnPlateau remember of the last fit.
    """

    arrays: list[Any] = field(default_factory=list)
    histories: list[Any] = field(default_factory=list)
    log: str = ""
    drawn: list[float] = field(default_factory=list)
    waits: list[Any] = field(default_factory=list)


def assert_same(ours: Left, theirs: Left) -> None:
    """Asserts that two trainings left the same, bit by bit."""
    assert ours.histories == theirs.histories
    assert len(ours.arrays) == len(theirs.arrays)
    for n, (own, other) in enumerate(zip(ours.arrays, theirs.arrays, strict=True)):
        assert (own.dtype, own.tobytes()) == (other.dtype, other.tobytes()), n
    assert (ours.log, ours.waits) == (theirs.log, theirs.waits)
    assert ours.drawn == theirs.drawn


def train(directory: Path, plan: Plan, *, callbacks: Any = (), resumes: bool = True) -> Left:
    """Trains, from where it was interrupted in this directory.

    Args:
      directory: Holds what is saved.
      plan: What to train.
      callbacks: Callbacks besides, such as one that interrupts.
      resumes: Whether it is saved and taken up at all.
    """
    fit_args = FitArgs(seed=SEED, deterministic=True)
    resume = Resume(enabled=True)
    if plan.save_every_steps:
        resume.save_every_steps = plan.save_every_steps
    directory.mkdir(parents=True, exist_ok=True)
    number = PassNumber(begins_anywhere=resumes)
    model = new_model(plan)
    with reproducible(fit_args):
        tf.random.set_global_generator(tf.random.Generator.from_seed(SEED))
        left = Left()
        with _resumed(directory, resume, number) if resumes else _nothing():
            data, evaluation = make_data(plan, number), make_evaluation()
            for fit in range(plan.fits):
                if fit and fit == plan.fits - 1:
                    model.layers[0].trainable = False
                    _compile(model, plan)
                own = make_callbacks(directory / f"log-{fit}.csv", plan)
                history = model.fit(
                    data,
                    validation_data=evaluation,
                    epochs=plan.epochs,
                    steps_per_epoch=plan.steps or None,
                    callbacks=[*own, *callbacks],
                    verbose=0,
                )
                left.histories.append((history.epoch, history.history))
                left.log += (directory / f"log-{fit}.csv").read_text()
        left.waits = [own[0].wait, own[0].stopped_epoch, own[1].wait, own[1].cooldown_counter]
        left.arrays = [np.asarray(v) for v in (*model.variables, *variables(model.optimizer))]
        left.drawn = draw()
    return left


def _resumed(directory: Path, resume: Resume, number: PassNumber) -> Any:
    return resumed_fits(str(directory / "job"), resume, lambda: [number])


def _nothing() -> Any:
    return tf.name_scope("nothing")


def variables(optimizer: Any) -> Any:
    """The variables of an optimizer of either Keras."""
    found = optimizer.variables
    return found() if callable(found) else found


def make_data(plan: Plan, number: PassNumber) -> Any:
    """The training data, as `train_dataset` makes them."""
    numbers = np.random.RandomState(3)
    x = numbers.randn(EXAMPLES, 4).astype("float32")
    y = (x.sum(1) > 0).astype("float32")

    def chunks(seed: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices((x, y)).batch(16)

    shuffling = Shuffling(50, SEED) if plan.shuffle else None
    how = Reading(BATCH_SIZE, plan.steps or None, shuffling)
    return batches_of(chunks, how, lambda *batch: batch, number, None if plan.steps else PASS)


def make_evaluation() -> Any:
    """Data for evaluation."""
    x = np.random.RandomState(5).randn(40, 4).astype("float32")
    return tf.data.Dataset.from_tensor_slices((x, (x.sum(1) > 0).astype("float32"))).batch(20)


def make_model(plan: Plan) -> Any:
    """A model with batch normalisation and, if wanted, dropout."""
    layers = tf.keras.layers
    policy = tf.keras.mixed_precision if hasattr(tf.keras, "mixed_precision") else None
    before = policy.global_policy() if hasattr(policy, "global_policy") else policy.dtype_policy()
    policy.set_global_policy(plan.precision)
    try:
        with _scope(plan):
            model = tf.keras.Sequential(
                [
                    *([layers.Input((4,))] if plan.is_built else []),
                    layers.Dense(8, activation="relu"),
                    layers.BatchNormalization(),
                    *([layers.Dropout(0.3)] if plan.dropout else []),
                    layers.Dense(1, dtype="float32"),
                ]
            )
            _compile(model, plan)
    finally:
        policy.set_global_policy(before)
    return model


_MODELS: dict[Any, tuple[Any, list[Any]]] = {}  # by what they are made of; with their first values


def new_model(plan: Plan) -> Any:
    """A model that is as `make_model` leaves it.

    Keras traces the steps of each model anew, which is most of a short training's time. So one that
    a training before this one left is used again, with all its variables put back.
    """
    tf.keras.utils.set_random_seed(SEED)
    if plan.fits > 1 or not (plan.is_built and plan.is_traced_once):
        return make_model(plan)
    key = (plan.dropout, plan.at_once, plan.replicas, plan.precision, plan.optimizer)
    if key not in _MODELS:
        model = make_model(plan)
        _MODELS[key] = (model, [np.asarray(variable) for variable in _state(model)])
    model, first = _MODELS[key]
    for variable, value in zip(_state(model), first, strict=True):
        variable.assign(value)
    return model


def _state(model: Any) -> list[Any]:
    rate = model.optimizer.learning_rate  # not among the optimizer's variables in tf_keras
    return [*model.variables, *variables(model.optimizer), rate]


def _scope(plan: Plan) -> Any:
    if not plan.replicas:
        return tf.distribute.get_strategy().scope()
    return tf.distribute.MirroredStrategy([f"CPU:{n}" for n in range(plan.replicas)]).scope()


def _compile(model: Any, plan: Plan) -> None:
    model.compile(
        getattr(tf.keras.optimizers, plan.optimizer)(1e-2),
        tf.keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[tf.keras.metrics.BinaryAccuracy()] if plan.is_traced_once else ["accuracy"],
        steps_per_execution=plan.at_once,
    )
    if plan.is_built and plan.is_traced_once:
        model.optimizer.build(model.trainable_variables)


class Draws(tf.keras.callbacks.Callback):
    """Draws random numbers without a seed of their own, after each epoch; remembers nothing."""

    def get_state(self) -> None:
        """Nothing."""

    def set_state(self, state: None) -> None:
        """Nothing."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Draws."""
        draw()


def draw() -> list[float]:
    """Random numbers from Python, NumPy, TensorFlow in both its ways, and Keras."""
    drawn = [
        random.random(),
        np.random.rand(),
        tf.random.uniform([]),
        tf.random.get_global_generator().uniform([]),
        tf.keras.initializers.GlorotUniform()((1, 1))[0, 0],
    ]
    if hasattr(tf.keras, "random"):  # Keras 3
        drawn.append(tf.keras.random.uniform(()))
    return [float(number) for number in drawn]


def make_callbacks(log: Path, plan: Plan) -> list[Any]:
    """Callbacks that remember something."""
    made = tf.keras.callbacks
    return [
        made.EarlyStopping("loss", patience=plan.patience, restore_best_weights=True),
        made.ReduceLROnPlateau("loss", patience=1, factor=0.5, min_delta=0.05),
        made.CSVLogger(str(log)),
        Draws(),
    ]


if __name__ == "__main__":
    leave_keras_alone()
    given = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    result = train(Path(sys.argv[1]), Plan(**given))
    Path(sys.argv[2]).write_bytes(pickle.dumps(vars(result)))
