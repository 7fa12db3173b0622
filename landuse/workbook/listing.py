"""The rows of a sheet before they are written: how many there are, and some of them when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

BLOCK = 50_000
"""Rows made at a time; a province has too many for all of them to be held at once."""

COUNTED = ("variant", "case_key", "area_ha", "unsupplied_ha")
"""What the notes and the register need of the rows of a sheet once it is written."""


@dataclass(frozen=True)
class Listing:
    """
    Rows that are made when they are asked for.

    Attributes
    ----------
    count
        How many there are.
    made
        Returns the rows from a first to before a last, counted from 0: a table with the keys of
        the columns of the sheet, `tone` and `variant`, in the units shown.
    keys
        Kind and identifier of the case in each row that is filled in, None in others; nothing
        for sheets without cases.
    """

    count: int
    made: Callable[[int, int], pd.DataFrame]
    keys: Sequence[str | None] = ()

    @classmethod
    def of(cls, table: pd.DataFrame) -> Listing:
        """Return the rows of a table at hand."""
        return cls(len(table), lambda first, last: table.iloc[first:last])

    def whole(self) -> pd.DataFrame:
        """Return all rows at once."""
        return self.made(0, self.count)

    def between(self, first: int, last: int) -> Listing:
        """Return some of the rows."""
        return Listing(
            last - first,
            lambda start, stop: self.made(first + start, first + stop),
            self.keys[first:last],
        )

    def parts(self) -> Iterator[pd.DataFrame]:
        """Yield all rows a block at a time; one without rows where there are none."""
        for start in range(0, max(self.count, 1), BLOCK):
            yield self.made(start, min(start + BLOCK, self.count))
