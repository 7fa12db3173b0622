"""
What is known of supplies on a day, in the arrays the questions of the law need.

闲置土地处置办法 第二条第二款 (the two shares), 第三十条 (what counts as investment).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from landuse import facts, units
from landuse.classify import clock
from landuse.errors import LawError

if TYPE_CHECKING:
    from datetime import date
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

    from landuse.law import Statutes

    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """
    What is known of supplies on a day, in the arrays the questions need.

    `pauses` are those of the wait for the start, `late_pauses` those of the works.
    """

    on: date
    supplies: pd.DataFrame
    clock: pd.DataFrame
    pauses: pd.DataFrame
    late_pauses: pd.DataFrame
    holders: pd.DataFrame
    _days: dict[str, units.Days] = field(default_factory=dict, repr=False)

    def has(self, name: str) -> Mask:
        """Whether a column is filled."""
        filled: Mask = self.supplies[name].notna().to_numpy()
        return filled

    def day(self, name: str) -> units.Days:
        """Return the days of a column; NaT where missing."""
        if name not in self._days:
            self._days[name] = units.days(self.supplies[name])
        return self._days[name]

    def years_since(self, name: str) -> NDArray[np.float64]:
        """Full years since the day in a column; NaN where missing."""
        return units.full_years(self.day(name), self.on)

    @cached_property
    def started(self) -> units.Days:
        """The start of each clock."""
        return units.days(self.clock["clock_from"])

    @cached_property
    def moved_start(self) -> units.Days:
        """The start of each clock, moved forward by its paused days."""
        days = self.pauses["paused_days"].to_numpy().astype("timedelta64[D]")
        moved: units.Days = self.started + days
        return moved

    @cached_property
    def moved_finish(self) -> units.Days:
        """Each agreed completion, moved forward by the lawful pauses of the works."""
        days = self.late_pauses["paused_days"].to_numpy().astype("timedelta64[D]")
        moved: units.Days = self.day("agreed_completion_on") + days
        return moved


def gather(
    supplies: pd.DataFrame,
    pauses: pd.DataFrame,
    holders: pd.DataFrame,
    on: date,
    statutes: Statutes,
) -> Known:
    """
    Gather what is known of supplies on a day.

    Parameters
    ----------
    supplies
        Table of role `supply`.
    pauses
        Table of role `pause`.
    holders
        Columns `grade` and `halted_on`, index of `supplies` (`classify.holders`).
    on
        The day asked for.
    statutes
        The law in force on it.

    Raises
    ------
    LawError
        If a rule of the clock is not in force on the day.
    """
    seen = facts.known(supplies, on)
    began = clock.start(seen, statutes)
    ids, started = seen["supply_id"], units.days(began["clock_from"])
    placed = clock.placed(pauses, ids)
    pause = clock.paused(placed, ids.index, started, on, statutes)
    works, finish = units.days(seen["commenced_on"]), units.days(seen["agreed_completion_on"])
    late = clock.paused(placed, ids.index, works, on, statutes, idle_from=finish)
    return Known(on, seen, began, pause, late, holders)


def investment_shares(supplies: pd.DataFrame) -> pd.DataFrame:
    """
    Return the developed and the invested share, NaN where a fact is unknown.

    Notes
    -----
    闲置土地处置办法 第三十条: 总投资额 and 已投资额 both exclude the land price. Where the ledger
    says that its figures include it, the price is taken off both; without a price the share is
    unknown.
    """
    land = supplies["price"].where(supplies["invested_includes_land"].fillna(value=False), 0.0)
    planned, invested = supplies["planned_investment"] - land, supplies["invested"] - land
    required, developed = supplies["required_area"], supplies["developed_area"]
    return pd.DataFrame(
        {
            "invested": invested.where((planned > 0) & (invested >= 0)),
            "planned": planned.where(planned > 0),
            "developed": developed.where((required > 0) & (developed >= 0)),
            "required": required.where(required > 0),
            "invested_share": (invested / planned).where((planned > 0) & (invested >= 0)),
            "developed_share": (developed / required).where((required > 0) & (developed >= 0)),
        }
    )


def is_short(part: pd.Series, whole: pd.Series, limit: Fraction) -> Mask:
    """Whether part/whole is short of a fraction, compared exactly: the fraction itself is not."""
    short: Mask = (part * limit.denominator < whole * limit.numerator).to_numpy()
    return short


def shortfall(shares: pd.DataFrame, statutes: Statutes) -> tuple[Mask, Mask]:
    """
    Tell which supplies are short under 第二条第二款, and which are known not to be.

    Raises
    ------
    LawError
        If a rule is not in force on the day, or the reading is neither literal nor lenient.

    Notes
    -----
    闲置土地处置办法 第二条第二款: 不足三分之一 或者 不足百分之二十五. By its words (`literal`)
    either shortfall suffices; `idle_land.shortfall_reading = "lenient"` asks for both.
    """
    area = is_short(
        shares["developed"], shares["required"], statutes["idle_land.developed_share"].amount
    )
    money = is_short(
        shares["invested"], shares["planned"], statutes["idle_land.invested_share"].amount
    )
    has_area = shares["developed_share"].notna().to_numpy()
    has_money = shares["invested_share"].notna().to_numpy()
    reading = statutes["idle_land.shortfall_reading"].amount
    if reading == "literal":
        short = area | money
        return short, has_area & has_money & ~short
    if reading == "lenient":
        return area & money, (has_area & ~area) | (has_money & ~money)
    message = f"idle_land.shortfall_reading = {reading!r}; allowed: literal, lenient."
    raise LawError(message)


def stopped(k: Known) -> Mask:
    """Whether works stand still on the day: stopped, and not resumed since."""
    stop, resume = k.supplies["suspended_on"], k.supplies["resumed_on"]
    still: Mask = (stop.notna() & ~(resume >= stop)).to_numpy()
    return still
