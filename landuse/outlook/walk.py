"""
A walk through later days: the same classification at each stop, and the day of each change.

Between two stops the law does not change. `next_status_on` names the day where it explains the
change; any other change is found by classifying days between, halving the interval.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.outlook import calendar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from landuse.law import Statutes
    from landuse.reclassify import Again, Positions

STEP = (
    "position", "day", "from_status", "to_status", "fee_cny", "is_fee_unknown", "grade",
    "paused_days",
)  # fmt: skip
"""Columns of a step: who changes, on which day, and what is known of the case from that day."""

_DAY = timedelta(days=1)


class Walk:
    """One walk over some cases: their status at each stop, and every step between."""

    def __init__(
        self, again: Again, law_at: Callable[[date], Statutes], positions: Positions | None
    ) -> None:
        self._again, self._law_at, self._positions = again, law_at, positions
        self.stands: dict[date, pd.DataFrame] = {}
        self.steps = _none()
        self.changes: list[date] = []

    def through(self, on: date, start: pd.DataFrame, ends: Sequence[date]) -> Walk:
        """
        Walk from a day with known statuses to the end of each period.

        Parameters
        ----------
        on
            The first day.
        start
            The cases on it (`Again.at`).
        ends
            Last days of the periods, ascending.

        Raises
        ------
        LawError
            If a rule that is needed is not in force on one of the days.
        """
        self.changes = calendar.law_days([on, *ends], self._law_at)
        eves = {day - _DAY for day in self.changes}
        stops = {*ends, *self.changes, *eves, on + _DAY} - {on}
        if self._positions is not None and not len(self._positions):
            return self._nowhere(on, start, stops)
        self.stands[on] = start
        here, steps = on, []
        for stop in sorted(stops):
            self.stands[stop] = self._at(stop, self._positions)
            steps += self._between(here, stop, self.stands[here], self.stands[stop])
            here = stop
        if steps:
            self.steps = pd.concat(steps, ignore_index=True)
            self.steps = self.steps.sort_values(["day", "position"], ignore_index=True)
        return self

    def _nowhere(self, on: date, start: pd.DataFrame, stops: set[date]) -> Walk:
        """Stand still where nobody walks."""
        self.stands = dict.fromkeys([on, *stops], start)
        return self

    def _at(self, day: date, positions: Positions | None) -> pd.DataFrame:
        """Classify on a day by the law of that day."""
        return self._again.at(day, self._law_at(day), positions)

    def _between(
        self, early: date, late: date, before: pd.DataFrame, after: pd.DataFrame
    ) -> list[pd.DataFrame]:
        """Return the steps in (early, late], which lie under one law or are one day apart."""
        before = before.loc[after.index]
        moved = (before["status"] != after["status"]).to_numpy()
        if not moved.any():
            return []
        before, after = before[moved], after[moved]
        if late - early == _DAY:
            return [_steps(before, after, pd.Series(pd.Timestamp(late), index=after.index))]
        day = before["next_status_on"]
        is_told = (before["next_status"] == after["status"]) & (day > pd.Timestamp(early))
        is_told &= day <= pd.Timestamp(late)
        found = [_steps(before[is_told], after[is_told], day[is_told])] if is_told.any() else []
        if is_told.all():
            return found
        middle = early + (late - early) // 2
        rest = after.index[~is_told]
        between = self._at(middle, rest.to_numpy(dtype=np.int64))
        found += self._between(early, middle, before.loc[rest], between)
        return found + self._between(middle, late, between, after.loc[rest])


def _none() -> pd.DataFrame:
    """Return no steps."""
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in STEP})
    return empty.astype(
        {
            "position": "int64",
            "day": "datetime64[s]",
            "fee_cny": "float64",
            "is_fee_unknown": "bool",
        }
    )


def _steps(before: pd.DataFrame, after: pd.DataFrame, day: pd.Series) -> pd.DataFrame:
    """Put steps down: the law is the same from the step to the stop, so the fee is, too."""
    return pd.DataFrame(
        {
            "position": after.index.to_numpy(dtype=np.int64),
            "day": day.to_numpy(dtype="datetime64[s]"),
            "from_status": before["status"].to_numpy(dtype=object),
            "to_status": after["status"].to_numpy(dtype=object),
            "fee_cny": after["fee_cny"].to_numpy(dtype=np.float64),
            "is_fee_unknown": after["is_fee_unknown"].to_numpy(dtype=bool),
            "grade": after["grade"].to_numpy(dtype=object),
            "paused_days": after["paused_days"].to_numpy(dtype=np.float64),
        }
    )
