# SPDX-License-Identifier: Apache-2.0
"""Where in the datasets that a module was given a fit is reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fit_component.training.passes import PassNumber


class ReadingState:
    """The positions of one fit in the datasets that were made so far.

    The fit reads what began to be read since it started. Datasets are known by
    their order, which is the same in each run of a module.

    Attributes:
      is_in_place: Whether what the fit reads begins where it was, so that
        nothing is to be read over.
    """

    def __init__(self, numbers: Sequence[PassNumber]):
        """Takes the numbers of the passes of all datasets, when the first epoch begins."""
        self._numbers = list(numbers)
        self._taken = [number.taken_so_far for number in self._numbers]
        self._batches = 0
        self.is_in_place = False

    def run(self, batches: int) -> None:
        """To be called when batches were read."""
        self._batches += batches

    def get(self) -> list[dict[str, Any]]:
        """The positions, for `set`."""
        return [
            {
                "next": number.next,
                "is_read": number.taken_so_far > taken,
                "batches": self._batches,
                "pass_size": number.pass_size,
            }
            for number, taken in zip(self._numbers, self._taken, strict=True)
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
        for number, was in zip(self._numbers, state, strict=False):
            if _begins_anywhere(number) and was["is_read"]:
                number.set(was["next"] - 1)
                number.begin_at(was["batches"] - back, was["pass_size"])
                self._batches = was["batches"] - back
            else:
                number.set(was["next"] - (is_within and was["is_read"]))


def _begins_anywhere(number: PassNumber) -> bool:
    return number.begins_anywhere and number.batch_size is not None
