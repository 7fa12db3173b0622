"""The firms on each supply: the worst grade, and whether all of them have halted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.classify import coded

if TYPE_CHECKING:
    from datetime import date

    from landuse.classify.coded import Codes, Rows
    from landuse.classify.known import Mask

GRADES = ("A", "B", "C")
WORST = len(GRADES)
"""Code of the worst grade; 0 is none."""


@dataclass(frozen=True)
class Holders:
    """Grade (a position in `GRADES` counted from 1, 0: none), and whether production halted."""

    grade: Codes
    is_halted: Mask

    def at(self, rows: Rows) -> Holders:
        """Return the same of some supplies."""
        return Holders(self.grade[rows], self.is_halted[rows])

    def words(self) -> pd.Categorical[str]:
        """Return the grades as words; missing where there is none."""
        return coded.words(self.grade - 1, GRADES)


def holders(enterprises: pd.DataFrame, supply_ids: pd.Series, on: date) -> Holders:
    """
    Return what is known of the firms on each supply.

    Parameters
    ----------
    enterprises
        Table of role `enterprise`; several firms may stand on one supply.
    supply_ids
        Identifiers of the supplies, each once.
    on
        The day asked for. Land has halted where every firm on it had by then.
    """
    grade = np.zeros(len(supply_ids), dtype=np.int8)
    halted = np.zeros(len(supply_ids), dtype=bool)
    position = coded.positions(enterprises["supply_id"], supply_ids)
    linked = position >= 0
    if linked.any():
        where, firms = position[linked], enterprises[linked]
        rank = pc.index_in(
            coded.text(firms["grade"]), value_set=pa.array(GRADES, pa.large_string())
        )
        ranks = pc.fill_null(rank, -1).to_numpy(zero_copy_only=False) + 1
        np.maximum.at(grade, where, ranks.astype(np.int8))
        stopped = (firms["halted_on"] <= pd.Timestamp(on)).to_numpy()
        halted[where] = True
        halted[where[~stopped]] = False  # one that runs keeps the land in use
    return Holders(grade, halted)
