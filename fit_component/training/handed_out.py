# SPDX-License-Identifier: Apache-2.0
"""What a module file was given, so that it is known again when `fit` gets it."""

from __future__ import annotations

import weakref
from typing import Any


class HandedOut:
    """Live objects that were made of settings.

    Attributes:
      has_read: Whether a dataset was.
    """

    def __init__(self) -> None:
        """Begins with none."""
        self.has_read = False
        self._callbacks: list[tuple[str, weakref.ref[Any]]] = []
        self._optimizers: list[weakref.ref[Any]] = []

    def add_callback(self, path: str, callback: Any) -> None:
        """Notes a callback and the setting that it is made of."""
        self._callbacks.append((path, weakref.ref(callback)))

    def add_optimizer(self, optimizer: Any) -> None:
        """Notes an optimizer; None is none."""
        if optimizer is not None:
            self._optimizers.append(weakref.ref(optimizer))

    def path_of(self, callback: Any) -> str | None:
        """The setting that a callback was made of; None if it was not made here."""
        return next((path for path, made in self._callbacks if made() is callback), None)

    def has_optimizer(self, optimizer: Any) -> bool:
        """Whether an optimizer, or the one that it wraps, was made here."""
        inner = getattr(optimizer, "inner_optimizer", None)
        return any(made() in (optimizer, inner) for made in self._optimizers if made() is not None)
