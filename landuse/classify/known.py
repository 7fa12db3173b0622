"""
What is known of supplies on a day, in the arrays the questions of the law need.

闲置土地处置办法 第二条第二款 (the two shares), 第三十条 (what counts as investment).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from landuse import facts, units
from landuse.classify import coded
from landuse.errors import LawError

if TYPE_CHECKING:
    from datetime import date
    from fractions import Fraction

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.classify.coded import Rows
    from landuse.law import Statutes
    from landuse.units import Days

    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """
    What is known of supplies on a day; columns are looked at only when a question needs them.

    `rows` are the positions of the supplies asked about, all if None.
    """

    on: date
    supplies: pd.DataFrame
    rows: Rows | None = None
    _whole: Known | None = field(default=None, repr=False)
    _days: dict[str, Days] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of supplies asked about."""
        return len(self.supplies) if self.rows is None else len(self.rows)

    def at(self, rows: Rows) -> Known:
        """Return the same of some of all supplies."""
        return Known(self.on, self.supplies, rows, self)

    def column(self, name: str) -> pd.Series:
        """Return a column as it stands in the table."""
        whole = self.supplies[name]
        return whole if self.rows is None else whole.iloc[self.rows]

    def day(self, name: str) -> Days:
        """Return the days of a column as known on the day; NaT where missing."""
        if name not in self._days:
            if self._whole is not None and name in self._whole._days:
                self._days[name] = self._whole._days[name][self.rows]
            else:
                self._days[name] = facts.seen(name, self._written, self.on)
        return self._days[name]

    def _written(self, name: str) -> Days:
        """Return the days of a column as they stand in the table."""
        whole = self.supplies[name].to_numpy()
        return units.days(whole if self.rows is None else whole[self.rows])

    def number(self, name: str) -> Numbers:
        """Return the numbers of a column; NaN where missing."""
        whole: Numbers = self.supplies[name].to_numpy()
        return whole if self.rows is None else whole[self.rows]

    def is_true(self, name: str) -> Mask:
        """Whether a fact is known to hold."""
        return coded.is_true(self.column(name))

    def has_passed(self, name: str, years: int) -> Mask:
        """Whether some full years have passed since the day in a column; False where missing."""
        return has_passed(self.day(name), years, self.on)


def has_passed(start: Days, years: int, on: date) -> Mask:
    """Whether some full years have passed since each day; False where it is missing."""
    passed: Mask = start <= units.last_start(on, years)
    return passed


def moved(start: Days, days: Numbers) -> Days:
    """Return days moved forward by whole days."""
    later: Days = start + days.astype("timedelta64[D]")
    return later


def is_leased(supply_mode: pd.Series) -> Mask:
    """Whether land is let, so that no national rule says what the fee is a share of."""
    return coded.holds(supply_mode, "租赁", "先租后让")


@dataclass(frozen=True)
class Shares:
    """
    What is developed and invested of what is required and planned, NaN where it is unknown.

    Areas in m², money in yuan.
    """

    invested: Numbers
    planned: Numbers
    developed: Numbers
    required: Numbers

    @property
    def invested_share(self) -> Numbers:
        """Share of the planned investment that is made."""
        return _ratio(self.invested, self.planned)

    @property
    def developed_share(self) -> Numbers:
        """Share of the area to be developed that is."""
        return _ratio(self.developed, self.required)

    def at(self, rows: Rows) -> Shares:
        """Return the same of some supplies."""
        return Shares(
            self.invested[rows], self.planned[rows], self.developed[rows], self.required[rows]
        )


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    """Return part/whole; a whole close to 0 may make it infinite, which is no cause for alarm."""
    with np.errstate(over="ignore", invalid="ignore"):
        return part / whole


def shares(k: Known) -> Shares:
    """
    Return what is developed and invested, of what.

    Notes
    -----
    闲置土地处置办法 第三十条: 总投资额 and 已投资额 both exclude the land price. Where the ledger
    says that its figures include it, the price is taken off both; without a price the share is
    unknown. Land the contract reserves for later is not yet to be developed; a reserve the contract
    does not name is.
    """
    includes = k.is_true("invested_includes_land")
    planned, invested = k.number("planned_investment"), k.number("invested")
    if includes.any():
        land = np.where(includes, k.number("price"), 0.0)
        planned, invested = planned - land, invested - land
    required, agreed = k.number("required_area"), k.is_true("is_reserve_agreed")
    if agreed.any():
        required = required - np.where(agreed, k.number("reserved_area"), 0.0)
    return Shares(*_of(invested, planned), *_of(k.number("developed_area"), required))


def _of(part: Numbers, whole: Numbers) -> tuple[Numbers, Numbers]:
    """Return a part and its whole; a whole that is not above 0 tells nothing, nor does its part."""
    is_whole = whole > 0
    return (
        np.where(is_whole & (part >= 0), part, np.nan),
        np.where(is_whole, whole, np.nan),
    )


def is_short(part: Numbers, whole: Numbers, limit: Fraction) -> Mask:
    """Whether part/whole is short of a fraction, compared exactly: the fraction itself is not."""
    with np.errstate(over="ignore"):
        short: Mask = part * limit.denominator < whole * limit.numerator
    return short


def shortfall(found: Shares, statutes: Statutes) -> tuple[Mask, Mask]:
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
    area = is_short(found.developed, found.required, statutes["idle_land.developed_share"].amount)
    money = is_short(found.invested, found.planned, statutes["idle_land.invested_share"].amount)
    has_area, has_money = ~np.isnan(found.developed_share), ~np.isnan(found.invested_share)
    reading = statutes["idle_land.shortfall_reading"].amount
    if reading == "literal":
        short = area | money
        return short, has_area & has_money & ~short
    if reading == "lenient":
        return area & money, (has_area & ~area) | (has_money & ~money)
    raise LawError("law.shortfall", given=reading)


def stopped(k: Known) -> Mask:
    """Whether works stand still on the day: stopped, and not resumed since."""
    stop, resume = k.day("suspended_on"), k.day("resumed_on")
    still: Mask = ~np.isnat(stop) & ~(resume >= stop)
    return still
