# SPDX-License-Identifier: Apache-2.0
"""A call of `fit` held against what the pipeline asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf

from fit_component.objects import callbacks as objects
from fit_component.objects.fit_kwargs import verbose_name
from fit_component.objects.strategies import is_as_asked
from fit_component.training.fit_calls import SIZES_OF_ARRAYS, FitCall
from fit_component.training.wanted import Finding, Wanted, callback_settings

_FIT_KWARGS = "pass **fn_args.fit_kwargs to fit, in the place of its own arguments"
_DATA = "take its data from fn_args.{0}(), or batch them by fn_args.{1}"
_COMPILE_KWARGS = "pass **fn_args.compile_kwargs to compile"


def find_differences(call: FitCall, wanted: Wanted) -> list[Finding]:
    """Finds what was asked for and is not in a call of `fit`.

    Data are not read. What cannot be known, such as the batch size of a
    generator, is not found fault with.

    Args:
      call: The call, before it is made.
      wanted: What was asked for.
    """
    return [finding for row in _ROWS for finding in row(call, wanted)]


# The setting of each argument of `fit`, and what `fit` takes where it is not given.
_ARGUMENTS: Mapping[str, tuple[str, Any]] = {
    "epochs": ("epochs", 1),
    "initial_epoch": ("initial_epoch", 0),
    "steps_per_epoch": ("num_steps", None),
    "class_weight": ("class_weight", None),
    "verbose": ("verbose", "auto"),
}
_OF_EVALUATION: Mapping[str, tuple[str, Any]] = {
    "validation_freq": ("validation.freq", 1),
    "validation_steps": ("eval_args.num_steps", None),
}


def _arguments(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    values = wanted.fit_kwargs
    for argument, (path, default) in _ARGUMENTS.items():
        if wanted.asks_for(path) and argument in values:
            yield from _argument(call, argument, path, values[argument], default)


def _evaluation(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    values = wanted.fit_kwargs
    if call.fit.arguments.get("validation_data") is None:
        if wanted.requested.validation.HasField("freq"):
            freq = wanted.resolved.validation.freq
            yield Finding("validation.freq", freq, None, "give fit validation_data")
        return
    for argument, (path, default) in _OF_EVALUATION.items():
        is_asked = path == "eval_args.num_steps" or wanted.asks_for(path)
        if is_asked and argument in values:
            yield from _argument(call, argument, path, values[argument], default)


# The data whose end says the same as the argument.
_COUNTED = {"steps_per_epoch": "x", "validation_steps": "validation_data"}


def _argument(
    call: FitCall, argument: str, path: str, value: Any, default: Any
) -> Iterator[Finding]:
    arguments = call.fit.arguments
    got = arguments.get(argument, default)
    if got == value:
        return
    if got is None and argument in _COUNTED and call.batches(_COUNTED[argument]) == value:
        return

    def put() -> None:
        arguments[argument] = value

    first = int(arguments.get("initial_epoch", 0))
    if argument == "epochs" and value <= first:
        remedy = (
            f"fit starts at epoch {first}, counted from 0, so with these it would train nothing"
        )
        yield Finding(path, value, got, remedy)
    else:
        shown = verbose_name(value) if argument == "verbose" else value
        yield Finding(path, shown, _plain(got), _FIT_KWARGS, put)


def _batch_sizes(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    settings, replicas = wanted.resolved, call.fit.model.distribute_strategy.num_replicas_in_sync
    if wanted.asks_for("per_replica_batch_size"):
        path, size = "per_replica_batch_size", settings.per_replica_batch_size * replicas
    else:
        path, size = "batch_size", settings.batch_size
    if wanted.asks_for(path):
        remedy = _DATA.format("train_dataset", "batch_size")
        yield from _batch_size(call, "x", path, size, remedy)
    if wanted.asks_for("validation.batch_size"):
        path, size = "validation.batch_size", settings.validation.batch_size
        remedy = _DATA.format("eval_dataset", "eval_batch_size")
        yield from _batch_size(call, "validation_data", path, size, remedy)


def _batch_size(
    call: FitCall, argument: str, path: str, size: int, remedy: str
) -> Iterator[Finding]:
    got = call.batch_size(argument)
    if got is None or got == size:
        return
    arguments = call.fit.arguments

    def put() -> None:
        data = arguments[argument]
        if isinstance(data, tf.data.Dataset):
            arguments[argument] = _rebatched(data, size)
        else:
            arguments[SIZES_OF_ARRAYS[argument]] = size

    yield Finding(path, size, got, remedy, put)


def _rebatched(data: tf.data.Dataset, size: int) -> tf.data.Dataset:
    """The same examples in other batches; none too small where there was none before.

    Not by `rebatch`, which a distribution strategy undoes without a word.
    """
    specs = tf.nest.flatten(data.element_spec)
    is_static = all(spec.shape.rank and spec.shape[0] is not None for spec in specs)
    batches = data.unbatch().batch(size, drop_remainder=is_static)
    return batches.prefetch(tf.data.AUTOTUNE)


def _callbacks(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    there = {wanted.handed_out.path_of(callback) for callback in call.callbacks}
    own_classes = [type(callback).__name__ for callback in call.callbacks]
    make = functools.cache(lambda: wanted.make_callbacks(call.keras))
    for path, class_name in callback_settings(wanted.resolved).items():
        if path not in there:
            got = f"{class_name} of its own" if class_name in own_classes else None
            put = functools.partial(_put_callback, call, wanted, path, make)
            yield Finding(path, class_name or path.rpartition(".")[2], got, _FIT_KWARGS, put)


def _put_callback(
    call: FitCall, wanted: Wanted, path: str, make: Callable[[], Mapping[str, Any]]
) -> None:
    """Appends a callback, in the place of one of the module's own that does the same."""
    new, arguments = make()[path], call.fit.arguments
    others = FitCall.of(call.fit).callbacks
    kept = [o for o in others if not objects.is_same(wanted.resolved, path, new, o)]
    arguments["callbacks"] = [*kept, new]


_EXECUTION = ("steps_per_execution", "jit_compile", "run_eagerly")
_FUNCTIONS = ("train_function", "test_function", "predict_function")


def _execution(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    model, execution = call.fit.model, wanted.resolved.execution
    for name in _EXECUTION:
        if not wanted.asks_for(f"execution.{name}"):
            continue
        value = getattr(execution, name)
        is_steps = name == "steps_per_execution"
        got = call.steps_per_execution if is_steps else bool(getattr(model, name, False))
        if got == value:
            continue

        def put(name: str = name, value: Any = value) -> None:
            setattr(model, name, value)
            for function in _FUNCTIONS:  # which were made for what it was before
                setattr(model, function, None)

        replicas = model.distribute_strategy.num_replicas_in_sync
        can = not is_steps or replicas == 1 or call.generation.joins_steps_of_replicas
        yield Finding(f"execution.{name}", value, got, _COMPILE_KWARGS, put if can else None)


def _precision(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    policy = call.generation.get_policy()
    asked = wanted.resolved.execution.precision
    got = getattr(policy, "name", None)
    if wanted.asks_for("execution.precision") and got not in (None, asked):
        remedy = "leave the dtype policy to the pipeline"
        yield Finding("execution.precision", asked, got, remedy)


def _optimizer(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    optimizer = getattr(call.fit.model, "optimizer", None)
    if wanted.asks_for("optimizer") and not wanted.handed_out.has_optimizer(optimizer):
        asked = wanted.requested.optimizer.WhichOneof("optimizer")
        remedy = "pass optimizer=fn_args.optimizer to compile"
        yield Finding("optimizer", asked, f"{type(optimizer).__name__} of its own", remedy)


def _strategy(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    strategy = call.fit.model.distribute_strategy
    if not wanted.asks_for("strategy") or is_as_asked(strategy, wanted.strategy()):
        return
    asked = wanted.requested.strategy.WhichOneof("strategy")
    remedy = "build and compile the model in fn_args.strategy.scope()"
    got = f"{type(strategy).__name__.strip('_')} of its own"
    yield Finding("strategy", asked, got, remedy)


def _input(call: FitCall, wanted: Wanted) -> Iterator[Finding]:
    if wanted.handed_out.has_read:
        return
    for field, value in wanted.requested.input.ListFields():
        remedy = "take its data from fn_args.train_dataset()"
        shown = field.enum_type.values_by_number[value].name if field.enum_type else value
        yield Finding(f"input.{field.name}", shown, "data of its own", remedy)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): inner for key, inner in value.items()}
    return value if isinstance(value, (bool, int, float, str, type(None))) else repr(value)[:80]


_ROWS: tuple[Callable[[FitCall, Wanted], Iterator[Finding]], ...] = (
    _arguments,
    _evaluation,
    _batch_sizes,
    _callbacks,
    _execution,
    _precision,
    _optimizer,
    _strategy,
    _input,
)
