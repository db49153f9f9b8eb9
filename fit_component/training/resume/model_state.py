# SPDX-License-Identifier: Apache-2.0
"""The variables of a model that is trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from fit_component.training.fit_calls import FitCall

# A variable: the copy that counts, or one for each replica where each has its own.
Parts = list[np.ndarray]

_SHOWN = 3


class OtherModelError(Exception):
    """A state is that of another model; the text says in what they differ."""


def get_state(call: FitCall, *, with_metrics: bool) -> dict[str, Any]:
    """Reads the variables of a model and its optimizer.

    Args:
      call: The call of `fit` that trains it.
      with_metrics: Whether to read those of its metrics too, for an epoch that
        is under way.
    """
    return {
        kind: [_read(variable) for variable in variables]
        for kind, variables in _variables(call, with_metrics=with_metrics).items()
    }


def check(call: FitCall, state: dict[str, list[Parts]]) -> None:
    """Holds what `get_state` read against a model, which is built if it has no variables yet.

    Metrics are not looked at, which Keras may make with the first batch.

    Raises:
      OtherModelError: If they are those of another one.
    """
    with call.fit.model.distribute_strategy.scope():
        _build(call)
        _require_same(_variables(call, with_metrics=False), state)


def set_state(call: FitCall, state: dict[str, list[Parts]], *, with_metrics: bool) -> None:
    """Gives a model and its optimizer the values that `get_state` read.

    A model that has no variables yet is built.

    Raises:
      OtherModelError: If they are those of another one; nothing is changed.
    """
    model = call.fit.model
    with model.distribute_strategy.scope():
        _build(call)
        variables = _variables(call, with_metrics=with_metrics)
        _require_same(variables, state)
        for kind, own in variables.items():
            for variable, parts in zip(own, state[kind], strict=True):
                _assign(variable, parts)


def is_finite(state: dict[str, list[Parts]]) -> bool:
    """Whether no variable holds a NaN or an infinity."""
    parts = [part for variables in state.values() for parts in variables for part in parts]
    floats = [part for part in parts if tf.dtypes.as_dtype(part.dtype).is_floating]
    return all(bool(np.isfinite(part).all()) for part in floats)


def _variables(call: FitCall, *, with_metrics: bool) -> dict[str, Sequence[Any]]:
    model, generation = call.fit.model, call.generation
    kinds: dict[str, Sequence[Any]] = {
        "model": _unwrapped(model.variables),
        "optimizer": _unwrapped(generation.optimizer_variables(model)),
        "counters": _unwrapped(generation.counters(model)),
    }
    if with_metrics:
        kinds["metrics"] = _unwrapped(generation.metrics_variables(model))
    return kinds


def _unwrapped(variables: Iterable[Any]) -> list[Any]:
    """TensorFlow's variables, which Keras 3 has in variables of its own."""
    return [v if isinstance(v, tf.Variable) else v.value for v in variables]


def _components(variable: Any) -> Sequence[Any]:
    """What of a variable can differ from replica to replica; else one."""
    values = getattr(variable, "values", None)
    is_own = variable.synchronization == tf.VariableSynchronization.ON_READ
    return values if is_own and isinstance(values, tuple) else (variable,)


def _read(variable: Any) -> Parts:
    # Not `numpy`, which copies on the device first.
    return [component.value().numpy() for component in _components(variable)]


def _assign(variable: Any, parts: Parts) -> None:
    components = _components(variable)
    if len(components) == len(parts):
        for component, part in zip(components, parts, strict=True):
            component.assign(part)
    else:  # as many replicas as there are now start from the same
        mean = np.mean([np.asarray(part, np.float64) for part in parts], axis=0)
        for component in components:
            component.assign(tf.cast(mean, variable.dtype))


def _build(call: FitCall) -> None:
    """Makes the variables that Keras would make with the first batch."""
    model = call.fit.model
    if not all(layer.built for layer in getattr(model, "layers", ())) or not model.built:
        data = call.fit.arguments.get("x")
        spec = data.element_spec if isinstance(data, tf.data.Dataset) else data
        features = spec[0] if isinstance(spec, tuple) else spec
        try:
            model(tf.nest.map_structure(_one_of_zeros, features))
        except Exception as error:
            raise OtherModelError(
                "this one has no variables before its first batch, and none could be made for it; "
                "give it an Input, or call it on a batch"
            ) from error
    call.generation.build_optimizer(model)


def _one_of_zeros(array: Any) -> tf.Tensor:
    shape = [1 if size is None else int(size) for size in array.shape]
    return tf.zeros([1, *shape[1:]], array.dtype)


def _require_same(variables: dict[str, Sequence[Any]], state: dict[str, list[Parts]]) -> None:
    differences = list(_differences(variables, state))
    if differences:
        raise OtherModelError("; ".join(differences[:_SHOWN]))


def _differences(variables: dict[str, Sequence[Any]], state: dict[str, list[Parts]]) -> Any:
    for kind, own in variables.items():
        stored = state.get(kind, [])
        if len(own) != len(stored):
            yield f"it has {len(stored)} variables of the {kind}, this one {len(own)}"
            continue
        for variable, parts in zip(own, stored, strict=True):
            ours = f"{tuple(variable.shape)} of {variable.dtype.name}"
            theirs = f"{parts[0].shape} of {tf.dtypes.as_dtype(parts[0].dtype).name}"
            if ours != theirs:
                yield f"{variable.name} is {theirs} there and {ours} here"
