"""
What stands beside a status without changing it: a mortgage, a seizure, a lease, an older rule.

Each remark is a clause of the sentence of its case, and cites the rule it leans on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.classify.supplied import is_leased
from landuse.terms import IDLE, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from landuse.law import Statutes

RULES: Mapping[str, str] = {
    "mortgaged": "measures.mortgagee_notice",
    "seized": "measures.sealed_not_transferable",
    "leased": "idle_land.lease_fee_years",
    "collective": "idle_land.collective_land",
    "low_trust": "idle_land.delivery_document",
    "before_2012": "idle_land.start_of_older_contracts",
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
    status = result["status"]
    idle = status.isin(IDLE).to_numpy()
    open_land = idle | status.isin([Status.OVERDUE, Status.SUSPENDED]).to_numpy()
    basis = result["clock_basis"]
    masks: dict[str, NDArray[np.bool_]] = {
        "mortgaged": idle & _is_true(supplies["is_mortgaged"]),
        "seized": open_land & _is_true(supplies["is_seized"]),
        "leased": (status == Status.IDLE_ONE_YEAR).to_numpy() & is_leased(supplies),
        "collective": idle & supplies["supply_mode"].fillna("").str.contains("集体").to_numpy(),
        "low_trust": (basis == "agreed_delivery_on").to_numpy(),
        "before_2012": _follows_an_older_rule(supplies, basis, statutes),
    }
    found = np.full(len(supplies), "", dtype=object)
    for code, mask in masks.items():
        found[mask] = np.where(found[mask] == "", code, found[mask] + SEPARATOR + code)
    return pd.Series(found, index=supplies.index, dtype=object)


def _is_true(values: pd.Series) -> NDArray[np.bool_]:
    """Whether a fact is known to hold."""
    known: NDArray[np.bool_] = values.fillna(value=False).to_numpy(dtype=bool)
    return known


def _follows_an_older_rule(
    supplies: pd.DataFrame, basis: pd.Series, statutes: Statutes
) -> NDArray[np.bool_]:
    """Whether a start derived from delivery would have been another under the rule of 1999."""
    rule = statutes.find(RULES["before_2012"])
    derived = basis.isin(_DELIVERY).to_numpy()
    if rule is None or not derived.any():
        return np.zeros(len(supplies), dtype=bool)
    older: NDArray[np.bool_] = (supplies["signed_on"] < pd.Timestamp(rule.in_force)).to_numpy()
    return older & derived


def citation(code: str, statutes: Statutes) -> str:
    """Return document and article a remark leans on; "" where there is none."""
    rule = statutes.find(RULES[code])
    return "" if rule is None else rule.citation
