"""The firms on each supply: the worst grade, and the day by which all of them had halted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.classify import coded

if TYPE_CHECKING:
    import pandas as pd

    from landuse.classify.coded import Codes, Rows
    from landuse.units import Days

GRADES = ("A", "B", "C")
WORST = len(GRADES)
"""Code of the worst grade; 0 is none."""


@dataclass(frozen=True)
class Holders:
    """Grade (a position in `GRADES` counted from 1, 0: none) and day of halting, NaT: none."""

    grade: Codes
    halted_on: Days

    def at(self, rows: Rows) -> Holders:
        """Return the same of some supplies."""
        return Holders(self.grade[rows], self.halted_on[rows])

    def written(self) -> pd.Series:
        """Return the grades as text; missing where there is none."""
        known = pa.array(GRADES, type=pa.large_string())
        place = pa.array(self.grade.astype(np.int64) - 1, mask=self.grade == 0)
        return coded.written(pc.take(known, place))


def holders(enterprises: pd.DataFrame, supply_ids: pd.Series) -> Holders:
    """
    Return what is known of the firms on each supply.

    Parameters
    ----------
    enterprises
        Table of role `enterprise`; several firms may stand on one supply.
    supply_ids
        Identifiers of the supplies, each once.
    """
    grade = np.zeros(len(supply_ids), dtype=np.int8)
    halted = np.full(len(supply_ids), np.datetime64("NaT"), dtype="datetime64[s]")
    position = coded.positions(enterprises["supply_id"], supply_ids)
    linked = position >= 0
    if linked.any():
        where, firms = position[linked], enterprises[linked]
        rank = pc.index_in(
            coded.text(firms["grade"]), value_set=pa.array(GRADES, pa.large_string())
        )
        ranks = pc.fill_null(rank, -1).to_numpy(zero_copy_only=False) + 1
        np.maximum.at(grade, where, ranks.astype(np.int8))
        day = firms["halted_on"].to_numpy().astype("datetime64[s]")
        first = np.full(len(halted), np.iinfo(np.int64).min)
        running = np.isnat(day)
        np.maximum.at(first, where[~running], day[~running].astype(np.int64))
        first[where[running]] = np.iinfo(np.int64).min  # one that runs keeps the land in use
        halted = first.view("datetime64[s]")
    return Holders(grade, halted)
