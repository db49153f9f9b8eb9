# SPDX-License-Identifier: Apache-2.0
"""Callbacks that Keras brings: what a class takes, and what it is given."""

from __future__ import annotations

import importlib.util
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from fit_component.errors import FitArgsError, Problem
from fit_component.objects import generations
from fit_component.objects.signatures import has_argument
from fit_component.objects.surroundings import Maker, Surroundings
from fit_component.settings.defaults import MONITOR
from fit_component.settings.monitors import plain_mode

Kwargs = dict[str, Any]

# Only for what to tell: whether a Keras has a thing is asked of the Keras.
_WHICH_HAS_IT: Mapping[str, str] = {
    "BackupAndRestore.double_checkpoint": "Keras 3.7 and newer do",
    "BackupAndRestore.save_before_preemption": "tf_keras (TF_USE_LEGACY_KERAS=1) does",
    "OrbaxCheckpoint": "Keras 3.14 and newer do",
    "SwapEMAWeights": "Keras 3.1 and newer do",
    "TerminateOnNaN.raise_error": "Keras 3.13 and newer do",
}


@dataclass(frozen=True)
class KerasCallback:
    """How a callback of Keras' own is made.

    Attributes:
      class_name: The class in `keras.callbacks`.
      path: The argument that holds a path below model_run, if there is one.
      is_template: Whether Keras formats that path, so that braces count.
      needs_directory: Whether the class expects the path's directory to exist.
      is_tried_out: Whether a check makes one; not where that would write.
      package: The module that the class needs, and the package that brings it.
      renamed: Fields that become an argument of another name.
      same_by: The attribute in which two of the class are the same, such as
        where they write; where it is empty, any two are. None: no two are.
      remembers: The attributes in which it keeps what it saw before.
      adapt: Changes arguments whose Keras form a message cannot hold. Takes
        them, the callback's path and what it is made from.
    """

    class_name: str
    path: str | None = None
    is_template: bool = False
    needs_directory: bool = False
    is_tried_out: bool = True
    package: tuple[str, str] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    same_by: str | None = None
    remembers: tuple[str, ...] = ()
    adapt: Callable[[Kwargs, str, Surroundings], Kwargs] = lambda kwargs, *_: kwargs

    def prepare(self, message: Message, path: str, around: Surroundings, /) -> Maker:
        """Finds out all that can be known before the callback is made.

        Args:
          message: Its arguments.
          path: Where they are set, such as `callbacks[0].early_stopping`.
          around: What it is made from besides.

        Returns:
          What makes the callback; it raises FitArgsError where Keras refuses.

        Raises:
          FitArgsError: If this Keras does not have it, or a thing it needs is
            not there.
        """
        callback_class: Any = getattr(around.keras.callbacks, self.class_name, None)
        problems = list(self._lacking(callback_class, message, path, around.keras))
        if problems:
            raise FitArgsError(problems, "train_args")
        kwargs = self.arguments(message, path, around)

        def make() -> Any:
            try:
                return callback_class(**kwargs)
            except (TypeError, ValueError, AttributeError, ImportError) as error:
                refusal = f"{generations.version_of(around.keras)} does not take it: {error}"
                raise FitArgsError([Problem(path, refusal)], "train_args") from error

        return make

    def arguments(self, message: Message, path: str, around: Surroundings) -> Kwargs:
        """The keyword arguments of the class.

        Args:
          message: The arguments as they are set.
          path: Where they are set.
          around: What the callback is made from besides.

        Raises:
          FitArgsError: If a thing that they name is not there.
        """
        kwargs = dict(_python_fields(message))
        if self.path is not None:
            directory = around.model_run_dir
            directory = _escape(directory) if self.is_template else directory
            kwargs[self.path] = below(directory, kwargs.get(self.path, ""))
        if "mode" in message.DESCRIPTOR.fields_by_name and kwargs.get("mode", "auto") == "auto":
            kwargs["mode"] = plain_mode(kwargs.get("monitor", MONITOR)) or "auto"
        return self.adapt(kwargs, path, around)

    def is_same(self, ours: Any, other: Any) -> bool:
        """Whether another callback does at the same place what one of this kind does.

        Args:
          ours: A callback that was made by `prepare`.
          other: Any callback.
        """
        if self.same_by is None or type(other) is not type(ours):
            return False
        places = [str(getattr(each, self.same_by, None)) for each in (ours, other)]
        return not self.same_by or places[0] == places[1]

    def _lacking(
        self, callback_class: type | None, message: Message, path: str, keras: Any
    ) -> Iterator[Problem]:
        """Yields what of the settings this Keras or this machine does not have."""
        if callback_class is None:
            yield Problem(path, _does_not_have(keras, self.class_name))
            return
        if self.package is not None and not _is_installed(self.package[0]):
            yield Problem(path, f"needs a package that is absent: pip install {self.package[1]}")
        for descriptor, value in message.ListFields():
            argument = self.renamed.get(descriptor.name, descriptor.name)
            if not has_argument(callback_class, argument):
                lacks = _does_not_have(keras, f"{self.class_name}.{argument}")
                yield Problem(f"{path}.{descriptor.name}", lacks, value)


def below(directory: str, path: str) -> str:
    """A relative path below a directory; others, such as gs://…, as they are."""
    if "://" in path:
        return path
    return posixpath.join(directory, path) if path else directory


def _does_not_have(keras: Any, name: str) -> str:
    which = _WHICH_HAS_IT.get(name)
    return f"{generations.version_of(keras)} does not have it{f'; {which}' if which else ''}"


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it is in
        return False


def _escape(path: str) -> str:
    return path.replace("{", "{{").replace("}", "}}")


def _python_fields(message: Message) -> Iterator[tuple[str, Any]]:
    """Yields the fields that are set, with their values as Python's own types."""
    for descriptor, value in message.ListFields():
        if isinstance(value, (str, bool, int, float, Message)):
            yield descriptor.name, value
        else:
            yield descriptor.name, dict(value) if hasattr(value, "items") else list(value)
