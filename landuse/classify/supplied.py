"""
The status of supplied land: one vectorised function for each question the law asks.

闲置土地处置办法 第二条 decides idleness; 竣工 and production decide the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import facts
from landuse.classify import clock, coded, stages
from landuse.classify.coded import CODE
from landuse.classify.holders import WORST
from landuse.classify.known import has_passed, is_leased, is_short, shares, shortfall, stopped
from landuse.classify.timing import WAITING, timing
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.classify.coded import Codes
    from landuse.classify.holders import Holders
    from landuse.classify.known import Known, Shares
    from landuse.classify.stages import Waiting, Works
    from landuse.law import Statutes

_AREAS = "required_area；developed_area"
_MONEY = "planned_investment；invested"
_PAIRS = [f"{early}；{late}" for early, late in facts.CONTRADICTIONS.values()]
MISSING = (
    "", "agreed_commencement_on；delivered_on", _AREAS, _MONEY, f"{_AREAS}；{_MONEY}",
    "commenced_on", *_PAIRS, "signed_on", "supply_id", "price", "delivered_on",
    "price；delivered_on", "agreed_completion_on",
)  # fmt: skip
"""What a case may lack: names of columns joined by ；."""

_LACKS = {name: np.int8(n) for n, name in enumerate(MISSING)}


def statuses(k: Known, pauses: pd.DataFrame, holders: Holders, statutes: Statutes) -> pd.DataFrame:
    """
    Give every supply exactly one status under the law in force on the day.

    Parameters
    ----------
    k
        What is known of all supplies.
    pauses
        Table of role `pause`.
    holders
        The firms on each supply.
    statutes
        The law in force on the day.

    Returns
    -------
    statuses
        Index of the supplies; `status`, `missing` (names of columns joined by ；), and the clock:
        `clock_from`, `clock_basis`, `gross_days`, `paused_days`, `net_days`, `full_years`,
        `next_status`, `next_status_on`, `causes`; `invested_share`, `developed_share`.

    Raises
    ------
    LawError
        If a rule that is needed is not in force on the day.

    Notes
    -----
    The order is: what cannot be answered; completion; works; the clock of the start.
    """
    finished, waiting, works = stages.divided(k, pauses, statutes)
    found = shares(k)
    code = np.zeros(len(k), dtype=np.int8)
    code[finished] = _completed(k.at(finished), found.at(finished), holders.at(finished), statutes)
    code[waiting.rows] = _not_commenced(waiting, statutes)
    built = found.at(works.rows)
    code[works.rows] = _under_construction(works, built, statutes)
    missing = _unanswerable(k, code, waiting, works, built)
    code[missing > 0] = CODE[Status.UNDETERMINED]
    missing = np.where(missing > 0, missing, _not_blocking(k, code, waiting, works))
    clocks = timing(code, waiting, works, built, statutes)
    columns = {
        "status": coded.words(code, coded.STATUSES),
        "missing": coded.words(missing, MISSING),
        **clocks,
        "invested_share": found.invested_share,
        "developed_share": found.developed_share,
    }
    return pd.DataFrame(columns, index=k.supplies.index, copy=False)


def _ladder(rungs: Sequence[tuple[Any, Status]], otherwise: Status) -> Codes:
    """Return the code of the first rung that holds."""
    code = np.full(len(rungs[0][0]), CODE[otherwise], dtype=np.int8)
    for mask, status in reversed(rungs):
        code[mask] = CODE[status]
    return code


def _completed(k: Known, found: Shares, holders: Holders, statutes: Statutes) -> Codes:
    """Return the status of completed land: 停产半停产, 建而未投, 投而未达标 or 已建成."""
    later = k.day("production_on") > np.datetime64(k.on, "D")
    aged = k.has_passed("completed_on", statutes["inefficient.underperforming_years"].amount)
    limit = statutes["inefficient.underperforming_share"].amount
    poor = aged & is_short(found.invested, found.planned, limit)
    return _ladder(
        [
            (holders.is_halted, Status.HALTED),
            (later, Status.NOT_IN_PRODUCTION),
            (poor | (holders.grade == WORST), Status.UNDERPERFORMING),
        ],
        Status.FINISHED,
    )


def _under_construction(works: Works, found: Shares, statutes: Statutes) -> Codes:
    """
    Return the status of land on which works began and are not complete.

    Lateness of the completion counts net of lawful pauses: only the holder's own is 低效.
    """
    k = works.k
    still = stopped(k)
    long = k.has_passed("suspended_on", statutes["idle_land.suspended_years"].amount)
    short, neither = shortfall(found, statutes)
    past = works.finish < np.datetime64(k.on, "D")
    limit = statutes["inefficient.completion_overdue_years"].amount
    return _ladder(
        [
            (still & ~long, Status.SUSPENDED),
            (still & short, Status.IDLE_SUSPENDED),
            (still & neither, Status.SUSPENDED_INEFFICIENT),
            (still, Status.UNDETERMINED),
            (past & has_passed(works.moved, limit, k.on), Status.COMPLETION_OVERDUE_TWO_YEARS),
            (past, Status.COMPLETION_OVERDUE),
        ],
        Status.IN_PROGRESS,
    )


def _not_commenced(waiting: Waiting, statutes: Statutes) -> Codes:
    """Return the status of land on which works have not begun: 闲置土地处置办法 第二条第一款."""
    on = waiting.k.on
    one = statutes["idle_land.not_commenced_years"].amount
    two = statutes["idle_land.recovery_years"].amount
    return _ladder(
        [
            (waiting.pauses.is_undelivered, Status.NOT_DELIVERED),
            (np.isnat(waiting.start), Status.UNDETERMINED),
            (waiting.start >= np.datetime64(on, "D"), Status.NOT_DUE),
            (~has_passed(waiting.start, one, on), Status.OVERDUE),
            (has_passed(waiting.moved, two, on), Status.IDLE_TWO_YEARS),
            (has_passed(waiting.moved, one, on), Status.IDLE_ONE_YEAR),
        ],
        Status.IDLE_GOVERNMENT,
    )


def _unanswerable(k: Known, code: Codes, waiting: Waiting, works: Works, built: Shares) -> Codes:
    """Name the columns without which no answer is given; nothing where there is one."""
    missing = np.zeros(len(k), dtype=np.int8)
    undetermined = CODE[Status.UNDETERMINED]
    unknown = code[waiting.rows] == undetermined
    missing[waiting.rows[unknown]] = _LACKS["agreed_commencement_on；delivered_on"]
    begun = ~np.isnat(waiting.k.day("suspended_on"))
    missing[waiting.rows[begun]] = _LACKS["commenced_on"]
    unknown = code[works.rows] == undetermined
    no_area, no_money = np.isnan(built.developed_share), np.isnan(built.invested_share)
    both = f"{_AREAS}；{_MONEY}"
    for mask, lacks in ((no_area, _AREAS), (no_money, _MONEY), (no_area & no_money, both)):
        missing[works.rows[unknown & mask]] = _LACKS[lacks]
    for (early, late), pair in zip(facts.CONTRADICTIONS.values(), _PAIRS, strict=True):
        missing[k.day(early) < k.day(late)] = _LACKS[pair]
    missing[k.day("signed_on") > np.datetime64(k.on, "D")] = _LACKS["signed_on"]
    if "is_conflicting" in k.supplies:
        missing[k.supplies["is_conflicting"].to_numpy(dtype=bool)] = _LACKS["supply_id"]
    return missing


def _not_blocking(k: Known, code: Codes, waiting: Waiting, works: Works) -> Codes:
    """Name what is unknown without changing the status: a price, an agreed completion."""
    missing = np.zeros(len(k), dtype=np.int8)
    charged = np.flatnonzero(code == CODE[Status.IDLE_ONE_YEAR])
    charged = charged[np.isnan(k.at(charged).number("price"))]
    unpriced = charged[~is_leased(k.supplies["supply_mode"].iloc[charged])]
    missing[unpriced] = _LACKS["price"]
    waits = coded.is_any(code[waiting.rows], WAITING) & (waiting.basis == clock.BY_DELIVERY)
    rows = waiting.rows[waits]
    missing[rows] = np.where(
        missing[rows] > 0, _LACKS["price；delivered_on"], _LACKS["delivered_on"]
    )
    building = (code[works.rows] == CODE[Status.IN_PROGRESS]) & np.isnat(works.finish)
    missing[works.rows[building]] = _LACKS["agreed_completion_on"]
    return missing
