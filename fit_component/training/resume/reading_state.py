# SPDX-License-Identifier: Apache-2.0
"""Where in the datasets that a module was given a fit is reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fit_component.training.passes import PassNumber


class ReadingState:
    """The positions of one fit in the datasets that were made so far.

    The fit reads what begins to be read in its first execution; others may read
    too, such as a callback that evaluates. Datasets are known by their order,
    which is the same in each run of a module.

    Attributes:
      is_in_place: Whether what the fit reads begins where it was, so that
        nothing is to be read over.
    """

    def __init__(self, numbers: Sequence[PassNumber]):
        """Takes the numbers of the passes of all datasets, when the first epoch begins."""
        self._numbers = list(numbers)
        self._taken = [number.taken_so_far for number in self._numbers]
        self._begun = [number.next for number in self._numbers]
        self._is_read: list[bool] | None = None
        self._after_it: dict[int, int] = {}
        self._batches = 0
        self.is_in_place = False

    def epoch_begins(self) -> None:
        """To be called when an epoch begins: where it is one pass, with the number of that."""
        for index, number in enumerate(self._numbers):
            if number.batch_size is None:
                self._begun[index] = number.next

    def executed(self) -> None:
        """To be called after each execution."""
        if self._is_read is not None:
            return
        pairs = zip(self._numbers, self._taken, strict=True)
        self._is_read = [number.taken_so_far > taken for number, taken in pairs]
        for index, following in self._after_it.items():
            self._numbers[index].set(following)

    def run(self, batches: int) -> None:
        """To be called when batches were read."""
        self._batches += batches

    def get(self) -> list[dict[str, Any]]:
        """The positions, for `set`."""
        is_read = self._is_read or [False] * len(self._numbers)
        return [
            {
                "begun": begun,
                "next": number.next,
                "is_read": read,
                "batches": self._batches,
                "pass_size": number.pass_size,
            }
            for number, begun, read in zip(self._numbers, self._begun, is_read, strict=True)
        ]

    def set_over(self, state: Sequence[dict[str, Any]]) -> None:
        """Leaves the datasets as a fit has left them that is over; as `set`."""
        for number, was in zip(self._numbers, state, strict=False):
            number.set(was["next"])

    def set(self, state: Sequence[dict[str, Any]], *, is_within: bool, back: int) -> None:
        """Goes on where a fit was.

        Args:
          state: As `get` gave it.
          is_within: Whether that was within an epoch.
          back: Batches to read again.
        """
        read = [n for n, was in zip(self._numbers, state, strict=False) if was["is_read"]]
        self.is_in_place = bool(read) and all(map(_begins_anywhere, read))
        self.set_over(state)
        for index, was in enumerate(state[: len(self._numbers)]):
            number = self._numbers[index]
            if not was["is_read"]:
                continue
            if _begins_anywhere(number):
                number.begin_at(was["batches"] - back, was["pass_size"])
                self._batches = was["batches"] - back
            if _begins_anywhere(number) or is_within:
                # The fit takes again what it had; others then go on behind what they had.
                number.set(was["begun"])
                self._after_it[index] = was["next"]
        self._begun = [number.next for number in self._numbers]


def _begins_anywhere(number: PassNumber) -> bool:
    return number.begins_anywhere and number.batch_size is not None
