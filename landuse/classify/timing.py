"""Which clock runs for each status, how far it is, and what comes next and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landuse import units
from landuse.classify import clock, coded
from landuse.classify.coded import CODE
from landuse.classify.known import shortfall
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from landuse.classify.coded import Codes, Rows
    from landuse.classify.known import Mask, Shares
    from landuse.classify.stages import Waiting, Works
    from landuse.law import Statutes
    from landuse.units import Days

    Step = tuple[Status, Mask | None, Status, Callable[[Rows], Days]]

WAITING = (
    Status.NOT_DELIVERED, Status.NOT_DUE, Status.OVERDUE, Status.IDLE_ONE_YEAR,
    Status.IDLE_TWO_YEARS, Status.IDLE_GOVERNMENT,
)  # fmt: skip
"""Statuses of land on which works have not begun."""

STILL = (Status.SUSPENDED, Status.IDLE_SUSPENDED, Status.SUSPENDED_INEFFICIENT)
"""Statuses of land on which works stand still."""

LATE = (Status.COMPLETION_OVERDUE, Status.COMPLETION_OVERDUE_TWO_YEARS)
"""Statuses of works past their agreed completion."""

BASES = (*clock.BASES, "suspended_on", "agreed_completion_on")
"""Columns that may give the day from which a clock runs; "" where none does."""

_A_DAY = np.timedelta64(1, "D")


def timing(
    code: Codes, waiting: Waiting, works: Works, built: Shares, statutes: Statutes
) -> dict[str, Any]:
    """
    Return the clock of each supply and its next step.

    Parameters
    ----------
    code
        Status of each supply, as a code.
    waiting, works
        Land on which works have not begun, and on which they are not complete.
    built
        What is developed and invested of the latter.
    statutes
        The law in force on the day.

    Returns
    -------
    timing
        In the order of the supplies: `clock_from`, `clock_basis`, `gross_days`, `paused_days`,
        `net_days`, `full_years`, `next_status`, `next_status_on`, `causes`. While a pause runs
        the next step that depends on it is unknown.

    Raises
    ------
    LawError
        If a rule that is needed is not in force on the day.
    """
    code_of = code[np.concatenate([waiting.rows, works.rows])]
    rows = np.concatenate([waiting.rows, works.rows])
    size, split = len(code), len(waiting.rows)
    begun = _begun(code_of[:split], waiting, code_of[split:], works)
    day, basis, deducted, moved = begun
    runs = ~np.isnat(day) & (code_of != CODE[Status.NOT_DELIVERED])
    gross = np.where(runs, units.days_between(day, waiting.k.on), np.nan)
    paused = np.where(runs, deducted, np.nan)
    years = np.where(runs, units.full_years(moved, waiting.k.on), np.nan)
    following, when = _following(code_of[:split], waiting, code_of[split:], works, built, statutes)
    causes = np.concatenate([waiting.pauses.causes, works.pauses.causes])
    nothing = np.datetime64("NaT")
    return {
        "clock_from": _spread(size, rows, day.astype("datetime64[s]"), nothing),
        "clock_basis": coded.words(_spread(size, rows, basis, 0), BASES),
        "gross_days": _spread(size, rows, gross, np.nan),
        "paused_days": _spread(size, rows, paused, np.nan),
        "net_days": _spread(size, rows, np.maximum(gross - paused, 0), np.nan),
        "full_years": _spread(size, rows, years, np.nan),
        "next_status": coded.words(_spread(size, rows, following, 0), coded.STATUSES),
        "next_status_on": _spread(size, rows, when.astype("datetime64[s]"), nothing),
        "causes": coded.words(_spread(size, rows, causes, 0), waiting.pauses.words),
    }


def _spread(size: int, rows: Rows, values: Any, otherwise: Any) -> Any:
    """Return values at their rows among all supplies."""
    whole = np.full(size, otherwise, dtype=values.dtype)
    whole[rows] = values
    return whole


def _begun(
    wait: Codes, waiting: Waiting, work: Codes, works: Works
) -> tuple[Days, Codes, Any, Days]:
    """Return the day each clock runs from, what gives it, its paused days, and the day moved."""
    waits = coded.is_any(wait, WAITING)
    still, late = coded.is_any(work, STILL), coded.is_any(work, LATE)
    moves = late | (work == CODE[Status.IN_PROGRESS])
    nothing = np.datetime64("NaT", "D")
    day = np.where(moves, works.finish, nothing)
    day[still] = works.k.day("suspended_on")[still]
    basis = np.where(moves & ~np.isnat(day), BASES.index("agreed_completion_on"), 0)
    basis[still] = BASES.index("suspended_on")
    return (
        np.concatenate([np.where(waits, waiting.start, nothing), day]),
        np.concatenate([np.where(waits, waiting.basis, 0), basis]).astype(np.int8),
        np.concatenate([waiting.pauses.days, np.where(late, works.pauses.days, 0.0)]),
        np.concatenate([waiting.moved, np.where(late, works.moved, day)]),
    )


def _following(
    wait: Codes, waiting: Waiting, work: Codes, works: Works, built: Shares, statutes: Statutes
) -> tuple[Codes, Days]:
    """Name the next status if nothing happens, and its first day; unknown while a pause runs."""
    found = [
        _next(wait, _steps_of_the_start(waiting, statutes)),
        _next(work, _steps_of_the_works(works, built, statutes)),
    ]
    return (
        np.concatenate([names for names, _ in found]),
        np.concatenate([days for _, days in found]),
    )


def _next(code: Codes, steps: list[Step]) -> tuple[Codes, Days]:
    """Return the next status and its day; a day is reckoned only for those whose step it is."""
    name = np.zeros(len(code), dtype=np.int8)
    day = np.full(len(code), np.datetime64("NaT"), dtype="datetime64[D]")
    for now, mask, then, when in steps:
        stands = code == CODE[now]
        rows = np.flatnonzero(stands if mask is None else stands & mask)
        days = when(rows)
        name[rows] = np.where(np.isnat(days), 0, CODE[then])
        day[rows] = days
    return name, day


def _steps_of_the_start(waiting: Waiting, statutes: Statutes) -> list[Step]:
    """Return the steps before works have begun: 办法 第二条第一款, 第八条, 第十四条."""
    start, moved = waiting.start, waiting.moved
    one = statutes["idle_land.not_commenced_years"].amount
    two = statutes["idle_land.recovery_years"].amount
    paused, settled = waiting.pauses.days > 0, ~waiting.pauses.is_open

    def gross(rows: Rows) -> Days:
        return units.first_day_past(start[rows], one)

    return [
        (Status.NOT_DUE, None, Status.OVERDUE, lambda rows: start[rows] + _A_DAY),
        (Status.OVERDUE, paused, Status.IDLE_GOVERNMENT, gross),
        (Status.OVERDUE, ~paused, Status.IDLE_ONE_YEAR, gross),
        (
            Status.IDLE_GOVERNMENT,
            settled,
            Status.IDLE_ONE_YEAR,
            lambda rows: units.first_day_past(moved[rows], one),
        ),
        (
            Status.IDLE_ONE_YEAR,
            settled,
            Status.IDLE_TWO_YEARS,
            lambda rows: units.first_day_past(moved[rows], two),
        ),
    ]


def _steps_of_the_works(works: Works, built: Shares, statutes: Statutes) -> list[Step]:
    """Return the steps after works have begun: 办法 第二条第二款."""
    stop = works.k.day("suspended_on")
    short, neither = shortfall(built, statutes)
    late = statutes["inefficient.completion_overdue_years"].amount
    still = statutes["idle_land.suspended_years"].amount

    def halt(rows: Rows) -> Days:
        return units.first_day_past(stop[rows], still)

    return [
        (
            Status.IN_PROGRESS,
            None,
            Status.COMPLETION_OVERDUE,
            lambda rows: works.finish[rows] + _A_DAY,
        ),
        (
            Status.COMPLETION_OVERDUE,
            ~works.pauses.is_open,
            Status.COMPLETION_OVERDUE_TWO_YEARS,
            lambda rows: units.first_day_past(works.moved[rows], late),
        ),
        (Status.SUSPENDED, short, Status.IDLE_SUSPENDED, halt),
        (Status.SUSPENDED, neither, Status.SUSPENDED_INEFFICIENT, halt),
        (Status.SUSPENDED, ~short & ~neither, Status.UNDETERMINED, halt),
    ]
