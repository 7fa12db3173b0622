"""Which clock runs for each status, how far it is, and what comes next and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import units
from landuse.classify.known import (
    investment_shares,
    shortfall,
)
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landuse.classify.known import Known
    from landuse.law import Statutes
    from landuse.units import Days

    Step = tuple[Status, NDArray[np.bool_], Status, Days]

WAITING = (
    Status.NOT_DELIVERED, Status.NOT_DUE, Status.OVERDUE, Status.IDLE_ONE_YEAR,
    Status.IDLE_TWO_YEARS, Status.IDLE_GOVERNMENT,
)  # fmt: skip
"""Statuses of land on which works have not begun."""

_STILL = (Status.SUSPENDED, Status.IDLE_SUSPENDED, Status.SUSPENDED_INEFFICIENT)

_WORKING = (
    Status.IN_PROGRESS, Status.COMPLETION_OVERDUE, Status.COMPLETION_OVERDUE_TWO_YEARS,
)  # fmt: skip

_ORDER = pd.Index([status.value for status in Status], dtype=object)

LATE = (Status.COMPLETION_OVERDUE, Status.COMPLETION_OVERDUE_TWO_YEARS)
"""Statuses of works past their agreed completion."""


def timing(k: Known, status: NDArray[np.object_], statutes: Statutes) -> pd.DataFrame:
    """
    Return the clock of each supply and its next step.

    Parameters
    ----------
    k
        What is known of the supplies.
    status
        Status of each, same order.
    statutes
        The law in force on the day.

    Returns
    -------
    timing
        Index of the supplies: `clock_from`, `clock_basis`, `gross_days`, `paused_days`,
        `net_days`, `full_years`, `next_status`, `next_status_on`. While a pause runs the next
        step that depends on it is unknown.

    Raises
    ------
    LawError
        If a rule that is needed is not in force on the day.
    """
    code = _ORDER.get_indexer(
        pd.Index(status)
    )  # whole numbers compare many times faster than words
    waiting, still, working, late = (
        np.isin(code, _codes(words)) for words in (WAITING, _STILL, _WORKING, LATE)
    )
    start = k.started
    nothing = np.full(len(status), np.datetime64("NaT"), dtype="datetime64[D]")
    day = np.select(
        [waiting, still, working],
        [
            start,
            k.day("suspended_on"),
            k.day("agreed_completion_on"),
        ],
        nothing,
    ).astype("datetime64[D]")
    basis = np.select(
        [waiting, still, working & ~np.isnat(day)],
        [k.clock["clock_basis"].to_numpy(), "suspended_on", "agreed_completion_on"],
        "",
    )
    runs = ~np.isnat(day) & (code != _codes([Status.NOT_DELIVERED])[0])
    gross = np.where(runs, units.days_between(day, k.on), np.nan)
    deducted = np.select(
        [waiting, late],
        [k.pauses["paused_days"].to_numpy(), k.late_pauses["paused_days"].to_numpy()],
        0.0,
    )
    paused = np.where(runs, deducted, np.nan)
    moved = np.select([waiting, late], [k.moved_start, k.moved_finish], day)
    years = np.where(runs, units.full_years(moved, k.on), np.nan)
    following = _following(k, code, statutes)
    return pd.DataFrame(
        {
            "clock_from": day.astype("datetime64[s]"),
            "clock_basis": basis,
            "gross_days": gross,
            "paused_days": paused,
            "net_days": np.maximum(gross - paused, 0),
            "full_years": years,
            **following,
        },
        index=k.supplies.index,
    )


def _codes(words: Sequence[Status]) -> list[int]:
    """Return the positions of statuses in their order."""
    return _ORDER.get_indexer(pd.Index([word.value for word in words])).tolist()


def _following(
    k: Known, code: NDArray[np.int64], statutes: Statutes
) -> dict[str, NDArray[np.generic]]:
    """Name the next status if nothing happens, and its first day; unknown while a pause runs."""
    steps = [*_steps_of_the_start(k, statutes), *_steps_of_the_works(k, statutes)]
    masks = [(code == _codes([now])[0]) & mask & ~np.isnat(when) for now, mask, _, when in steps]
    nothing = np.full(len(code), np.datetime64("NaT"), dtype="datetime64[D]")
    days = np.select(masks, [when for _, _, _, when in steps], nothing)
    return {
        "next_status": np.select(masks, [name.value for _, _, name, _ in steps], ""),
        "next_status_on": days.astype("datetime64[s]"),
    }


def _steps_of_the_start(k: Known, statutes: Statutes) -> list[Step]:
    """Return the steps before works have begun: 办法 第二条第一款, 第八条, 第十四条."""
    start, moved = k.started, k.moved_start
    one = statutes["idle_land.not_commenced_years"].amount
    two = statutes["idle_land.recovery_years"].amount
    paused = k.pauses["paused_days"].to_numpy() > 0
    settled = ~k.pauses["is_open"].to_numpy()
    gross, net = units.first_day_past(start, one), units.first_day_past(moved, one)
    always = np.ones(len(start), dtype=bool)
    return [
        (Status.NOT_DUE, always, Status.OVERDUE, start + np.timedelta64(1, "D")),
        (Status.OVERDUE, paused, Status.IDLE_GOVERNMENT, gross),
        (Status.OVERDUE, ~paused, Status.IDLE_ONE_YEAR, gross),
        (Status.IDLE_GOVERNMENT, settled, Status.IDLE_ONE_YEAR, net),
        (
            Status.IDLE_ONE_YEAR,
            settled,
            Status.IDLE_TWO_YEARS,
            units.first_day_past(moved, two),
        ),
    ]


def _steps_of_the_works(k: Known, statutes: Statutes) -> list[Step]:
    """Return the steps after works have begun: 办法 第二条第二款."""
    finish = k.day("agreed_completion_on")
    stop = k.day("suspended_on")
    short, neither = shortfall(investment_shares(k.supplies), statutes)
    late = statutes["inefficient.completion_overdue_years"].amount
    halt = units.first_day_past(stop, statutes["idle_land.suspended_years"].amount)
    always = np.ones(len(finish), dtype=bool)
    return [
        (
            Status.IN_PROGRESS,
            always,
            Status.COMPLETION_OVERDUE,
            finish + np.timedelta64(1, "D"),
        ),
        (
            Status.COMPLETION_OVERDUE,
            ~k.late_pauses["is_open"].to_numpy(),
            Status.COMPLETION_OVERDUE_TWO_YEARS,
            units.first_day_past(k.moved_finish, late),
        ),
        (Status.SUSPENDED, short, Status.IDLE_SUSPENDED, halt),
        (Status.SUSPENDED, neither, Status.SUSPENDED_INEFFICIENT, halt),
        (Status.SUSPENDED, ~short & ~neither, Status.UNDETERMINED, halt),
    ]
