# SPDX-License-Identifier: Apache-2.0
"""Who ends a training early: whoever sets `model.stop_training`."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any


class StopTraining:
    """Stands in the place of the attribute `stop_training` of a Keras' models.

    The value is kept where it would be without. When it is set to True, the
    callback that did so is remembered, until it is set to False again.
    """

    _STOPPER = "_fit_component_stopper"

    def __init__(self, keras: Any):
        """Takes the place.

        Args:
          keras: `keras` or `tf_keras`.
        """
        self._callbacks = keras.callbacks
        self._class = keras.Model
        self._is_in_place = "stop_training" not in vars(self._class)
        if self._is_in_place:
            self._class.stop_training = self

    def remove(self) -> None:
        """Leaves the place."""
        if self._is_in_place and vars(self._class).get("stop_training") is self:
            del self._class.stop_training

    def __get__(self, model: Any, owner: Any = None) -> Any:
        if model is None:
            return self
        try:
            return vars(model)["stop_training"]
        except KeyError:
            raise AttributeError("stop_training") from None

    def __set__(self, model: Any, value: Any) -> None:
        attributes = vars(model)
        if not value:
            attributes.pop(self._STOPPER, None)
        elif not attributes.get("stop_training"):
            attributes[self._STOPPER] = self._setting_callback()
        attributes["stop_training"] = value

    def __delete__(self, model: Any) -> None:
        vars(model).pop(self._STOPPER, None)
        vars(model).pop("stop_training", None)

    @classmethod
    def taken_from(cls, model: Any) -> Any:
        """The callback that ended the training of a model; None if none did. Asked once."""
        return vars(model).pop(cls._STOPPER, None)

    @classmethod
    def who_stopped(cls, model: Any) -> Any:
        """As `taken_from`, and can be asked again."""
        return vars(model).get(cls._STOPPER)

    @classmethod
    def put_back(cls, model: Any, callback: Any) -> None:
        """Leaves a model as one whose training a callback has ended; None: other code."""
        model.stop_training = True
        vars(model)[cls._STOPPER] = callback

    def _setting_callback(self) -> Any:
        """The innermost callback whose code, or the call of whose code, is being run."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            # Keras' loop over callbacks, too, tells it: a LambdaCallback's function has no self.
            for name in ("self", "callback"):
                found = frame.f_locals.get(name)
                if self._is_one(found):
                    return found
            frame = frame.f_back
        return None

    def _is_one(self, value: Any) -> bool:
        # In Keras 3, a list of callbacks is a callback too.
        callbacks = self._callbacks
        return isinstance(value, callbacks.Callback) and not isinstance(
            value, callbacks.CallbackList
        )
