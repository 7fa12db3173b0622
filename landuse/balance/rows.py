"""Rows of a table as plain arrays: ten thousand places are too many to cut data frames for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Column = NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """Columns of equal length by name."""

    columns: dict[str, Column]
    size: int

    @classmethod
    def of(cls, table: pd.DataFrame) -> Rows:
        """Take the columns of a table."""
        return cls({str(name): table[name].to_numpy() for name in table.columns}, len(table))

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.size

    def __getitem__(self, name: str) -> Column:
        """Return a column."""
        return self.columns[name]

    def take(self, rows: NDArray[np.int64]) -> Rows:
        """Return some rows by their positions."""
        return Rows({name: column[rows] for name, column in self.columns.items()}, len(rows))

    def where(self, held: NDArray[np.bool_]) -> Rows:
        """Return the rows for which something holds."""
        return self.take(np.flatnonzero(held))

    def sum(self, name: str, held: NDArray[np.bool_] | None = None) -> float:
        """Sum a column, without regard to order so that shuffled rows give the same bytes."""
        values = self.columns[name] if held is None else self.columns[name][held]
        return total(values)

    def sums(self, name: str, codes: str, count: int) -> NDArray[np.float64]:
        """Sum a column for each of the codes 0 to `count` - 1; codes below 0 belong to none."""
        held = np.flatnonzero(self.columns[codes] >= 0)
        order = held[np.argsort(self.columns[codes][held], kind="stable")]
        result = np.zeros(count)
        if not len(order):
            return result
        code, values = self.columns[codes][order], self.columns[name][order].astype(np.float64)
        start = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
        stop = np.r_[start[1:], len(code)]
        found = np.add.reduceat(np.nan_to_num(values), start)
        for at in np.flatnonzero(stop - start > 2):  # two numbers are added exactly as they are
            found[at] = total(values[start[at] : stop[at]])
        result[code[start]] = found
        return result


def total(values: NDArray[np.float64]) -> float:
    """Return the exactly rounded sum of the numbers that are known."""
    return math.fsum(values[~np.isnan(values)].tolist())
