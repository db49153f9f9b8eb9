# SPDX-License-Identifier: Apache-2.0
"""The one error that settings raise, holding all their problems together."""

from __future__ import annotations

import enum
import json
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fit_component.credentials import (
    MASK,
    is_credential,
    leads_to_credential,
    masked_at,
    masked_text,
)
from fit_component.printable import printable


class _Missing(enum.Enum):
    """No value; an enum's member is the same object after pickling too."""

    MISSING = enum.auto()


class _Shortener(reprlib.Repr):
    """Python's way to write values, shortened."""

    def repr_instance(self, x: Any, level: int) -> str:
        """Writes any other object; of a message its type, since one nested deeply could crash."""
        if isinstance(x, Mapping):
            return self.repr_dict(dict(x), level)
        descriptor = getattr(type(x), "DESCRIPTOR", None)
        return super().repr_instance(x, level) if descriptor is None else f"<{descriptor.name}>"

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        """Writes a mapping without the values of credentials."""
        shown = {key: MASK if is_credential(key) else value for key, value in x.items()}
        return super().repr_dict(shown, level)

    def repr_int(self, x: int, level: int) -> str:
        """Writes an integer; those of thousands of digits Python itself refuses to write."""
        if x.bit_length() > 1024:
            return "an integer of more than 300 digits"
        return super().repr_int(x, level)


_shortener = _Shortener()
_shortener.maxstring = _shortener.maxother = 80


@dataclass(frozen=True, repr=False)
class Problem:
    """One thing that is wrong with a setting.

    Attributes:
      path: The setting, such as `callbacks[0].early_stopping.patience`; empty
        for the settings as a whole.
      message: What is allowed instead and how to repair it.
      value: The value that was found; absent where the setting is not set. What
        looks like a credential is masked where the problem is written.
      related: Paths of the other settings that the problem depends on. A
        problem is not reported where one of them could not be read.
    """

    path: str
    message: str
    value: Any = _Missing.MISSING
    related: tuple[str, ...] = ()

    def __repr__(self) -> str:
        fields = (self.path, self.message, self.shown, self.related)
        return f"{type(self).__name__}({', '.join(map(_shortener.repr, fields))})"

    def __str__(self) -> str:
        # Both may quote a text of any length.
        path, message = _cut(masked_text(self.path), 200), _cut(self.message, 1000)
        if self.value is not _Missing.MISSING:
            path = f"{path or 'settings'} = {_show(self.shown)}"
        return printable(f"{path}: {message}" if path else message)

    @property
    def shown(self) -> Any:
        """The value as many may see it; what is inside of one is masked when it is written."""
        if isinstance(self.value, str):
            return masked_at(self.path, self.value)
        is_hidden = self.value is not _Missing.MISSING and leads_to_credential(self.path)
        return MASK if is_hidden else self.value


class FitArgsError(ValueError):
    """Settings that cannot be used, with every problem that can be known.

    Attributes:
      problems: What is wrong, in the order of the settings.
      source: Where the settings come from, such as a file's name, or None.
    """

    def __init__(self, problems: Iterable[Problem], source: str | None = None):
        """Takes what is wrong and where.

        Args:
          problems: At least one problem.
          source: Where the settings come from, such as a file's name.
        """
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.source = source
        # The arguments as they came, so that the error can be pickled.
        super().__init__(self.problems, source)

    def __str__(self) -> str:
        count = len(self.problems)
        source = printable(self.source or "FitArgs")
        headline = f"{source}: {count} problem{'s' if count != 1 else ''}"
        return "\n  ".join([headline, *map(str, self.problems)])


def raise_together(errors: Sequence[FitArgsError], source: str) -> None:
    """Raises what went wrong in reading several arguments as one error, if anything did.

    Args:
      errors: Those of each argument, whose source is the argument's name.
      source: What has the arguments. Of one error alone it is not told.

    Raises:
      FitArgsError: With the problems of all.
    """
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise FitArgsError([p for error in errors for p in _from_the_argument(error)], source)


def _from_the_argument(error: FitArgsError) -> Iterable[Problem]:
    """The problems of an argument, with paths that start at the argument."""
    for problem in error.problems:
        path, *related = (
            f"{error.source}.{path}" if path else str(error.source)
            for path in (problem.path, *problem.related)
        )
        yield replace(problem, path=path, related=tuple(related))


def _show(value: Any) -> str:
    """Writes a value as a config file would, cut to a readable length."""
    if value is None or isinstance(value, (bool, float)):
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(_cut(value), ensure_ascii=False)
    return shortened(value)


def shortened(value: Any) -> str:
    """Writes any value as Python does, on one line of a readable length, without credentials."""
    # Some objects are written over several lines.
    return _cut(" ".join(_shortener.repr(value).split()), 200)


def _cut(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
