"""
What stands beside a status without changing it: a mortgage, a seizure, a lease, an older rule.

Each remark is a clause of the sentence of its case, and cites the rule it leans on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.classify import coded
from landuse.classify.known import is_leased
from landuse.classify.timing import BASES, STILL
from landuse.terms import IDLE, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.classify.coded import Codes, Rows
    from landuse.law import Statutes

RULES: Mapping[str, str] = {
    "mortgaged": "measures.mortgagee_notice",
    "seized": "measures.sealed_not_transferable",
    "leased": "idle_land.lease_fee_years",
    "collective": "idle_land.collective_land",
    "low_trust": "idle_land.delivery_document",
    "before_2012": "idle_land.start_of_older_contracts",
    "reserved": "idle_land.reserved_land",
    "reserved_unnamed": "idle_land.reserved_land",
}
"""Remark -> the rule it leans on; cited where that rule is in force."""

SEPARATOR = "；"
_DELIVERY = ("delivered_on", "agreed_delivery_on")


def remarks(supplies: pd.DataFrame, result: pd.DataFrame, statutes: Statutes) -> pd.Series:
    """
    Return the remarks of each supply, joined by ；.

    Parameters
    ----------
    supplies
        Table of role `supply`.
    result
        `status`, `clock_basis` of each, same index.
    statutes
        The law in force on the day.

    Notes
    -----
    闲置土地处置办法 第十三条 (mortgagee), 第三十一条 (collective land); 城市房地产管理法 第三十八条
    (seizure is none of the causes of 第八条: it deducts nothing). For older contracts than of
    2012-07-01 the rule of 1999 gave another start where none was agreed.
    """
    code = coded.of(result["status"])
    basis = coded.of(result["clock_basis"])
    idle = np.flatnonzero(coded.is_any(code, tuple(IDLE)))
    held = np.flatnonzero(coded.is_any(code, (*IDLE, Status.OVERDUE, Status.SUSPENDED)))
    still = np.flatnonzero(coded.is_any(code, STILL))
    reserved = still[supplies["reserved_area"].to_numpy()[still] > 0]
    agreed = coded.is_true(supplies["is_reserve_agreed"].iloc[reserved])
    charged = np.flatnonzero(code == coded.CODE[Status.IDLE_ONE_YEAR])
    rows: dict[str, Rows] = {
        "mortgaged": idle[coded.is_true(supplies["is_mortgaged"].iloc[idle])],
        "seized": held[coded.is_true(supplies["is_seized"].iloc[held])],
        "leased": charged[is_leased(supplies["supply_mode"].iloc[charged])],
        "collective": idle[coded.holds(supplies["supply_mode"].iloc[idle], "集体")],
        "low_trust": np.flatnonzero(basis == BASES.index("agreed_delivery_on")),
        "before_2012": _follow_an_older_rule(supplies, basis, statutes),
        "reserved": reserved[agreed],
        "reserved_unnamed": reserved[~agreed],
    }
    found = np.zeros(len(supplies), dtype=np.uint8)
    for n, name in enumerate(rows):
        found[rows[name]] |= 1 << n
    place, sets = coded.numbered(found)
    words = [SEPARATOR.join(c for n, c in enumerate(rows) if kind >> n & 1) for kind in sets]
    return pd.Series(coded.words(place, words), index=supplies.index)


def _follow_an_older_rule(supplies: pd.DataFrame, basis: Codes, statutes: Statutes) -> Rows:
    """Return whose start, derived from delivery, would be another under the rule of 1999."""
    derived = np.flatnonzero(np.isin(basis, [BASES.index(name) for name in _DELIVERY]))
    rule = statutes.find(RULES["before_2012"])
    if rule is None:
        return derived[:0]
    signed = supplies["signed_on"].iloc[derived].to_numpy()
    return derived[signed < np.datetime64(rule.in_force)]


def citation(code: str, statutes: Statutes) -> str:
    """Return document and article a remark leans on; "" where there is none."""
    rule = statutes.find(RULES[code])
    return "" if rule is None else rule.citation
