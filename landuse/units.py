"""
Areas and calendar arithmetic.

Stored areas are square metres and stored money is yuan, both float64; everything else is
derived here and rounded only where it is shown. Days are numpy `datetime64[D]`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Days = NDArray[np.datetime64]

M2_PER_HA = 10_000.0
MU_PER_M2 = 0.0015  # 1 mu = 2000/3 m², so m² × 0.0015 is exact where 666.67 drifts on sums
M2_PER_KM2 = 1_000_000.0

FACTORS: dict[str, float] = {
    "m2": 1.0,
    "ha": M2_PER_HA,
    "mu": 1 / MU_PER_M2,
    "km2": M2_PER_KM2,
    "yuan": 1.0,
    "wan_yuan": 10_000.0,
    "yi_yuan": 100_000_000.0,
    "share": 1.0,
    "percent": 0.01,
}
"""Unit of a source → factor to the stored unit (m², yuan, share)."""

_MANY = 1_000  # days from which it pays to look answers up in a calendar

BLANK_BEFORE = date(1950, 1, 1)
"""A day before this is how some systems write an empty cell, never a fact of the land market."""


def mu(area_m2: Any) -> Any:
    """Square metres as mu (亩), unrounded."""
    return area_m2 * MU_PER_M2


def ha(area_m2: Any) -> Any:
    """Square metres as hectares, unrounded."""
    return area_m2 / M2_PER_HA


def days(values: ArrayLike) -> Days:
    """Days as `datetime64[D]`; missing values as NaT."""
    return np.asarray(values, dtype="datetime64[s]").astype("datetime64[D]")


def add_years(start: Days, years: ArrayLike) -> Days:
    """
    Return the corresponding day `years` later.

    Parameters
    ----------
    start
        Days, any shape; NaT stays NaT.
    years
        Whole years, broadcast against `start`.

    Returns
    -------
    days
        Same shape. 29 February has 28 February as its corresponding day in a common year.

    Notes
    -----
    民法典 第二百零二条: where the last month has no corresponding day its last day is meant.
    """
    return add_months(start, 12 * np.asarray(years).astype(np.int64))


def add_months(start: Days, months: ArrayLike) -> Days:
    """Return the corresponding day some whole months later, by the rule of `add_years`."""
    count = np.asarray(months).astype(np.int64)
    if count.ndim:
        return _months_later(start, count)
    return _by_day(start, lambda days: _months_later(days, count))


def _months_later(start: Days, months: NDArray[np.int64]) -> Days:
    """Return the corresponding day some whole months later."""
    first = start.astype("datetime64[M]")
    day_of_month = start - first.astype("datetime64[D]")
    month = first + months
    last = (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    shifted: Days = np.minimum(month.astype("datetime64[D]") + day_of_month, last)
    return shifted


def _by_day(start: Days, answer: Callable[[Days], NDArray[Any]]) -> NDArray[Any]:
    """Return what is answered for days; of many, each day of the calendar is asked about once."""
    known = ~np.isnat(start)
    if start.size < _MANY or not known.any():
        return answer(start)
    first, last = np.fmin.reduce(start), np.fmax.reduce(start)
    if (last - first) // np.timedelta64(1, "D") >= start.size:
        return answer(start)
    calendar = np.arange(first, last + np.timedelta64(2, "D"), dtype="datetime64[D]")
    calendar[-1] = np.datetime64("NaT")
    place = np.where(known, (start - first).astype(np.int64), len(calendar) - 1)
    return answer(calendar)[place]


def full_years(start: Days, on: date | Days) -> NDArray[np.float64]:
    """
    Full years that have passed between a day and the day asked for.

    Parameters
    ----------
    start
        First day, not counted itself.
    on
        The day asked for, or one day for each start.

    Returns
    -------
    years
        Whole numbers ≥ 0 as float64, NaN where `start` is missing.

    Notes
    -----
    民法典 第二百零一、二百零二条, used by analogy: the first day is not counted and a year is
    complete at the end of the corresponding day, so from 2017-06-06 one full year has passed
    first on 2018-06-07.
    """
    day = np.asarray(on, dtype="datetime64[D]")
    if day.ndim:
        return _years_passed(start, day)
    return _by_day(start, lambda days: _years_passed(days, day))


def _years_passed(start: Days, on: Days) -> NDArray[np.float64]:
    """Return the full years from each day to another, or to one; NaN where it is missing."""
    known = ~np.isnat(start)
    years = np.full(start.shape, np.nan)
    begun, day = start[known], on[known] if on.ndim else on
    upper = _year(day) - _year(begun)
    years[known] = np.maximum(upper - (day <= add_years(begun, upper)), 0)
    return years


def _year(day: Any) -> Any:
    """Return the calendar year of days."""
    return day.astype("datetime64[Y]").astype(int) + 1970


def last_start(on: date | np.datetime64 | Days, years: ArrayLike) -> Days:
    """
    Return the last day from which some full years have passed on a day.

    Every earlier day has them too, so that one comparison answers for any number of days.

    Parameters
    ----------
    on
        The day asked for.
    years
        Whole years, one or several.
    """
    day, count = np.asarray(on, dtype="datetime64[D]"), np.atleast_1d(np.asarray(years))
    near = add_years(day, -count)[:, None] + np.arange(-3, 3).astype("timedelta64[D]")
    passed = add_years(near, count[:, None]) < day
    latest: Days = np.where(passed, near, near[:, :1]).max(axis=1)
    return latest


def first_day_past(start: Days, years: int) -> Days:
    """Return the first day on which `years` full years have passed since `start`."""
    return add_years(start, years) + np.timedelta64(1, "D")


def days_between(start: Days, on: date | Days) -> NDArray[np.float64]:
    """Days from `start` (not counted) to `on` (counted); NaN where missing, never below 0."""
    gap = np.asarray(on, dtype="datetime64[D]") - start
    result = gap.astype("timedelta64[D]").astype(np.float64)
    result[np.isnat(gap)] = np.nan
    return np.maximum(result, 0)
