"""
Land supplied in phases: a phase without days of its own, and the parcel whose phases cover it.

Each phase has its own clock where the contract gives it one; the parcel is as bad as its worst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.classify import coded
from landuse.terms import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORST_FIRST = (
    Status.IDLE_TWO_YEARS, Status.IDLE_ONE_YEAR, Status.IDLE_SUSPENDED, Status.IDLE_GOVERNMENT,
    Status.UNDETERMINED, Status.OVERDUE, Status.SUSPENDED_INEFFICIENT,
    Status.COMPLETION_OVERDUE_TWO_YEARS, Status.SUSPENDED, Status.COMPLETION_OVERDUE,
    Status.NOT_DELIVERED, Status.NOT_DUE, Status.IN_PROGRESS, Status.HALTED,
    Status.UNDERPERFORMING, Status.NOT_IN_PRODUCTION, Status.FINISHED,
)  # fmt: skip
"""Statuses of supplied land, the gravest first; two phases of one status go by net days."""

_OWN_DAYS = (
    "agreed_commencement_on", "extended_commencement_on", "delivered_on", "agreed_delivery_on",
    "agreed_completion_on", "commenced_on", "suspended_on", "completed_on",
)  # fmt: skip
_NOT_SHARED = ("signed_on", "supply_id")  # not yet supplied, or several rows of one identifier
_COVERED_M2 = 1.0  # a square metre is the last place of areas in documents


def share(supplies: pd.DataFrame, result: pd.DataFrame) -> pd.DataFrame:
    """
    Let phases without days follow their parcel, and covered parcels their worst phase.

    Parameters
    ----------
    supplies
        Table of role `supply`.
    result
        What was found for each supply by itself (`supplied.statuses`), same index, with `area_m2`
        (0 where phases cover the parcel).

    Returns
    -------
    result
        Same index and columns and `follows`: the supply_id whose answer a row took, or "".

    Notes
    -----
    分期约定竣工期限的分别确定 (published practice, Shenzhen); the law is silent on phases. Without
    days of phases the parcel has one clock, and its shares are those of the whole.
    """
    parent = _parents(supplies)
    if parent is None:
        return result.assign(follows=coded.words(np.zeros(len(result), dtype=np.int8), ("",)))
    follows = np.full(len(supplies), "", dtype=object)
    source = np.arange(len(supplies))
    alone = result["missing"].isin(_NOT_SHARED).to_numpy()
    dayless = (parent >= 0) & supplies[list(_OWN_DAYS)].isna().all(axis=1).to_numpy() & ~alone
    source[dayless] = parent[dayless]
    worst = _worst(result, np.where(dayless | alone, -1, parent))
    covered = (worst >= 0) & ~alone & (result["area_m2"].fillna(0.0) <= _COVERED_M2).to_numpy()
    source[covered] = worst[covered]
    moved = source != np.arange(len(supplies))
    follows[moved] = supplies["supply_id"].to_numpy(dtype=object)[source[moved]]
    own = result[["case_id", "area_m2"]]
    taken = result.iloc[source].set_axis(result.index)
    return taken.assign(case_id=own["case_id"], area_m2=own["area_m2"], follows=follows)


def remainder(supplies: pd.DataFrame, declared: pd.Series) -> pd.Series:
    """Return the declared area of each supply, m², less what its phases declare of it."""
    parent = _parents(supplies)
    if parent is None:
        return declared.clip(lower=0.0)
    has = parent >= 0
    taken = np.bincount(
        parent[has], declared.fillna(0.0).to_numpy()[has], minlength=len(supplies)
    ).astype(np.float64)
    left: pd.Series = (declared - taken).clip(lower=0.0)
    return left


def _parents(supplies: pd.DataFrame) -> NDArray[np.int64] | None:
    """Return the position of the parcel each supply is a phase of, -1 for none; None: no phases."""
    if supplies["phase_of"].isna().all():
        return None
    found = coded.positions(supplies["phase_of"], supplies["supply_id"])
    parent: NDArray[np.int64] = np.where(found == np.arange(len(found)), -1, found).astype(np.int64)
    is_phase = parent >= 0
    nested = is_phase & is_phase[np.where(is_phase, parent, 0)]
    return np.where(nested, -1, parent)


def _worst(result: pd.DataFrame, parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the position of the worst phase of each parcel; -1 for none."""
    rank = {status.value: n for n, status in enumerate(WORST_FIRST)}
    phases = pd.DataFrame(
        {
            "parent": parent,
            "rank": result["status"].astype(object).map(rank).to_numpy(),
            "net": -result["net_days"].fillna(0.0).to_numpy(),
            "id": result["case_id"].to_numpy(dtype=object),
            "position": np.arange(len(result)),
        }
    )[parent >= 0]
    first = phases.sort_values(["parent", "rank", "net", "id"]).drop_duplicates("parent")
    worst = np.full(len(result), -1, dtype=np.int64)
    worst[first["parent"].to_numpy()] = first["position"].to_numpy()
    return worst
