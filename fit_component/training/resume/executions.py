# SPDX-License-Identifier: Apache-2.0
"""What comes between the executions of a fit: its training function, wrapped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

_BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end")

# Runs an execution: takes what does it, and the iterator over the data.
Run = Callable[[Callable[[Any], Any], Any], Any]


class WrappedFunction:
    """Stands in the place of a model's `train_function` while it is trained.

    A callback with a hook for batches would let Keras wait for each of them.
    """

    def __init__(self, model: Any, run: Run):
        """Takes the place.

        Args:
          model: A model whose `train_function` is made.
          run: Called in its place, with the function itself.
        """
        self._model = model
        self._run = run
        self._original = model.train_function
        model.train_function = self

    def __call__(self, iterator: Any) -> Any:
        """Runs an execution, as Keras calls the function."""
        return self._run(self._original, iterator)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def remove(self) -> None:
        """Leaves the place."""
        if self._model.train_function is self:
            self._model.train_function = self._original


class Silence:
    """Keeps callbacks from being told of batches until it ends."""

    def __init__(self, callbacks: Iterable[Any]):
        """Takes the callbacks."""
        self._callbacks = list(callbacks)
        for callback in self._callbacks:
            for hook in _BATCH_HOOKS:
                vars(callback)[hook] = _nothing

    def end(self) -> None:
        """Lets them hear again."""
        for callback in self._callbacks:
            for hook in _BATCH_HOOKS:
                vars(callback).pop(hook, None)


def _nothing(*_: Any, **__: Any) -> None: ...
