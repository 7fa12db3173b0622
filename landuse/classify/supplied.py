"""
The status of supplied land: one vectorised function for each question the law asks.

闲置土地处置办法 第二条 decides idleness; 竣工 and production decide the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import facts, units
from landuse.classify.known import (
    investment_shares,
    is_short,
    shortfall,
    stopped,
)
from landuse.classify.timing import WAITING, timing
from landuse.terms import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.classify.known import Known, Mask
    from landuse.law import Statutes


def is_leased(supplies: pd.DataFrame) -> Mask:
    """Whether land is let, so that no national rule says what the fee is a share of."""
    mode = supplies["supply_mode"].fillna("")
    leased: Mask = mode.str.contains("租赁|先租后让", regex=True).to_numpy(dtype=bool)
    return leased


def statuses(k: Known, statutes: Statutes) -> pd.DataFrame:
    """
    Give every supply exactly one status under the law in force on the day.

    Returns
    -------
    statuses
        Index of the supplies; `status`, `missing` (names of columns joined by ；), and the clock:
        `clock_from`, `clock_basis`, `gross_days`, `paused_days`, `net_days`, `full_years`,
        `next_status`, `next_status_on`, `invested_share`, `developed_share`.

    Raises
    ------
    LawError
        If a rule that is needed is not in force on the day.

    Notes
    -----
    The order is: what cannot be answered; completion; works; the clock of the start.
    """
    shares = investment_shares(k.supplies)
    finished, built = k.has("completed_on"), k.has("commenced_on")
    status = np.where(finished, _completed(k, shares, statutes), _not_commenced(k, statutes))
    status = np.where(built & ~finished, _under_construction(k, shares, statutes), status)
    unanswerable = _unanswerable(k, status, shares)
    status = np.where(unanswerable != "", Status.UNDETERMINED.value, status)
    missing = np.where(status == Status.UNDETERMINED, unanswerable, _not_blocking(k, status))
    timed = timing(k, status, statutes)
    return timed.assign(
        status=status,
        missing=missing,
        invested_share=shares["invested_share"],
        developed_share=shares["developed_share"],
    )


def _completed(k: Known, shares: pd.DataFrame, statutes: Statutes) -> NDArray[np.object_]:
    """Return the status of completed land: 停产半停产, 建而未投, 投而未达标 or 已建成."""
    halted = (k.holders["halted_on"] <= pd.Timestamp(k.on)).to_numpy()
    later = (k.supplies["production_on"] > pd.Timestamp(k.on)).to_numpy()
    aged = k.years_since("completed_on") >= statutes["inefficient.underperforming_years"].amount
    limit = statutes["inefficient.underperforming_share"].amount
    poor = aged & is_short(shares["invested"], shares["planned"], limit)
    poor |= (k.holders["grade"] == "C").fillna(value=False).to_numpy(dtype=bool)
    return np.select(
        [halted, later, poor],
        [Status.HALTED.value, Status.NOT_IN_PRODUCTION.value, Status.UNDERPERFORMING.value],
        Status.FINISHED.value,
    ).astype(object)


def _under_construction(k: Known, shares: pd.DataFrame, statutes: Statutes) -> NDArray[np.object_]:
    """
    Return the status of land on which works began and are not complete.

    Lateness of the completion counts net of lawful pauses: only the holder's own is 低效.
    """
    still = stopped(k)
    long = k.years_since("suspended_on") >= statutes["idle_land.suspended_years"].amount
    short, neither = shortfall(shares, statutes)
    late = units.full_years(k.moved_finish, k.on)
    past = (k.supplies["agreed_completion_on"] < pd.Timestamp(k.on)).to_numpy()
    limit = statutes["inefficient.completion_overdue_years"].amount
    return np.select(
        [
            still & ~long,
            still & short,
            still & neither,
            still,
            past & (late >= limit),
            past,
        ],
        [
            Status.SUSPENDED.value,
            Status.IDLE_SUSPENDED.value,
            Status.SUSPENDED_INEFFICIENT.value,
            Status.UNDETERMINED.value,
            Status.COMPLETION_OVERDUE_TWO_YEARS.value,
            Status.COMPLETION_OVERDUE.value,
        ],
        Status.IN_PROGRESS.value,
    ).astype(object)


def _not_commenced(k: Known, statutes: Statutes) -> NDArray[np.object_]:
    """Return the status of land on which works have not begun: 闲置土地处置办法 第二条第一款."""
    start = k.started
    moved = k.moved_start
    gross, net = units.full_years(start, k.on), units.full_years(moved, k.on)
    one, two = (
        statutes["idle_land.not_commenced_years"].amount,
        statutes["idle_land.recovery_years"].amount,
    )
    return np.select(
        [
            k.pauses["is_undelivered"].to_numpy(),
            np.isnat(start),
            start >= np.datetime64(k.on, "D"),
            gross < one,
            net >= two,
            net >= one,
        ],
        [
            Status.NOT_DELIVERED.value,
            Status.UNDETERMINED.value,
            Status.NOT_DUE.value,
            Status.OVERDUE.value,
            Status.IDLE_TWO_YEARS.value,
            Status.IDLE_ONE_YEAR.value,
        ],
        Status.IDLE_GOVERNMENT.value,
    ).astype(object)


def _unanswerable(
    k: Known, status: NDArray[np.object_], shares: pd.DataFrame
) -> NDArray[np.object_]:
    """Name the columns without which no answer is given; empty where there is one."""
    found = facts.contradictions(k.supplies)
    missing = np.full(len(k.supplies), "", dtype=object)
    undetermined = status == Status.UNDETERMINED
    missing[undetermined & ~k.has("commenced_on")] = "agreed_commencement_on；delivered_on"
    works = undetermined & k.has("commenced_on")
    missing[works & shares["developed_share"].isna().to_numpy()] = "required_area；developed_area"
    missing[works & shares["invested_share"].isna().to_numpy()] = "planned_investment；invested"
    neither = works & shares[["developed_share", "invested_share"]].isna().all(axis=1).to_numpy()
    missing[neither] = "required_area；developed_area；planned_investment；invested"
    begun = k.has("suspended_on") & ~k.has("commenced_on") & ~k.has("completed_on")
    missing[begun] = "commenced_on"
    for code, (early, late) in facts.CONTRADICTIONS.items():
        missing[found[code].to_numpy()] = f"{early}；{late}"
    missing[(k.supplies["signed_on"] > pd.Timestamp(k.on)).to_numpy()] = "signed_on"
    if "is_conflicting" in k.supplies:
        missing[k.supplies["is_conflicting"].to_numpy(dtype=bool)] = "supply_id"
    return missing


def _not_blocking(k: Known, status: NDArray[np.object_]) -> NDArray[np.object_]:
    """Name what is unknown without changing the status: a price, an agreed completion."""
    missing = np.full(len(status), "", dtype=object)
    priced = ~is_leased(k.supplies)
    missing[(status == Status.IDLE_ONE_YEAR) & ~k.has("price") & priced] = "price"
    by_agreement = (k.clock["clock_basis"] == "agreed_delivery_on").to_numpy()
    waits = pd.Series(status).isin([s.value for s in WAITING]).to_numpy() & by_agreement
    missing[waits] = np.where(
        missing[waits] == "", "delivered_on", missing[waits] + "；delivered_on"
    )
    building = status == Status.IN_PROGRESS
    missing[building & ~k.has("agreed_completion_on")] = "agreed_completion_on"
    return missing
