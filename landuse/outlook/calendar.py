"""Which days a forecast looks at: ends of months, its own end, and days on which law changes."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from landuse.errors import LanduseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from landuse.law import Statutes

LONGEST = 120
"""Months a forecast may reach: beyond ten years nothing is left but lapsed clocks."""

_DAY = timedelta(days=1)


def ends(on: date, months: int) -> list[date]:
    """
    Return the last day of each period of a forecast, ascending.

    Periods are calendar months. The forecast ends the given number of months after `on`, from the
    end of a month at the end of a month; where `on` is no such end the first and the last period
    are parts of months.

    Raises
    ------
    LanduseError
        If the number of months is not 1 to `LONGEST`.
    """
    if not 1 <= months <= LONGEST:
        raise LanduseError("asked.bad_months", months=months, longest=LONGEST)
    day = pd.Timestamp(on)
    last = day + (pd.offsets.MonthEnd(months) if day.is_month_end else pd.DateOffset(months=months))
    inner = pd.date_range(day + _DAY, last, freq="ME")
    return [stamp.date() for stamp in inner.union(pd.DatetimeIndex([last]))]


def law_days(stops: Sequence[date], law_at: Callable[[date], Statutes]) -> list[date]:
    """
    Return the days between the first and the last stop from which another law is in force.

    Between two stops a law that comes and goes again is not seen.
    """
    found = []
    for early, late in pairwise(stops):
        there = early
        while law_at(there).in_force() != law_at(late).in_force():
            there = _changed(there, late, law_at)
            found.append(there)
    return found


def _changed(early: date, late: date, law_at: Callable[[date], Statutes]) -> date:
    """Return a day from which the law is no longer that of the day before, by halving."""
    before = law_at(early).in_force()
    there, gone = early, late
    while gone - there > _DAY:
        middle = there + (gone - there) // 2
        if law_at(middle).in_force() == before:
            there = middle
        else:
            gone = middle
    return gone
