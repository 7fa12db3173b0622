"""
The clock of a supply: from which day it runs, and what lawful pauses take off it.

闲置土地处置办法 第二条 (the start), 第八条 (pauses), 第二十二条 (no start agreed).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from landuse import units
from landuse.classify import coded

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from landuse.classify.coded import Codes, Rows
    from landuse.classify.known import Known, Mask, Numbers
    from landuse.law import Statutes
    from landuse.units import Days

DELIVERY = "G1"  # 第八条第一项: land not handed over as agreed
AGREED = ("extended_commencement_on", "agreed_commencement_on")
BASES = ("", *AGREED, "signed_on", "delivered_on", "agreed_delivery_on")
"""Columns that may give the start; "" where none does."""

BY_DELIVERY = BASES.index("agreed_delivery_on")
_SPAN = 1 << 24  # more days than a calendar of dates has: keeps supplies apart in one number


def start(k: Known, statutes: Statutes) -> tuple[Days, Codes]:
    """
    Return the day from which each supply's clock runs, and what gives it.

    Parameters
    ----------
    k
        What is known of the supplies.
    statutes
        The law in force on the day.

    Returns
    -------
    start, basis
        Day, NaT where nothing gives one, and position in `BASES` of the column that gives it. An
        extension that precedes its own signing is not applied.

    Raises
    ------
    LawError
        If a start must be derived from delivery and no rule is in force for it.

    Notes
    -----
    闲置土地处置办法 第二条、第二十二条: the agreed day, as extended; where none is agreed, one
    year after actual delivery; the agreed delivery stands in for it with little trust. Before
    2012-07-01 the rule of 1999 counted from the day the contract took effect.
    """
    extended = k.day("extended_commencement_on")
    backdated = extended < k.day("extension_signed_on")
    extended = np.where(backdated, np.datetime64("NaT"), extended)
    day = np.where(np.isnat(extended), k.day("agreed_commencement_on"), extended)
    basis = np.where(np.isnat(extended), 2, 1).astype(np.int8)
    older = statutes.find("idle_land.start_after_contract_years")
    rest = ("delivered_on", "agreed_delivery_on") if older is None else ("signed_on",)
    for name in rest:
        open_rows = np.flatnonzero(np.isnat(day))
        given = k.day(name)[open_rows]
        rows, given = open_rows[~np.isnat(given)], given[~np.isnat(given)]
        if len(rows):
            rule = older or statutes["idle_land.start_after_delivery_years"]
            day[rows], basis[rows] = units.add_years(given, rule.amount), BASES.index(name)
    basis[np.isnat(day)] = 0
    return day, basis


@dataclass(frozen=True)
class Paused:
    """
    What lawful pauses do to each clock.

    `days` they take off (both ends counted, overlaps once, nothing up to and on the first day);
    `is_open`: a counted pause still runs; `is_undelivered`: a pause for want of delivery runs on
    the day; `causes`: position in `words` of the causes of the counted pauses.
    """

    days: Numbers
    is_open: Mask
    is_undelivered: Mask
    causes: NDArray[np.int64]
    words: tuple[str, ...]

    def at(self, rows: slice) -> Paused:
        """Return the same of some clocks."""
        return Paused(
            self.days[rows], self.is_open[rows], self.is_undelivered[rows], self.causes[rows],
            self.words,
        )  # fmt: skip


@dataclass(frozen=True)
class _Spans:
    """Pauses that may count, clipped to the day, ordered by clock and start; days as numbers."""

    position: Rows
    begins: NDArray[np.int64]
    end: NDArray[np.int64]
    runs: Mask
    cause: NDArray[np.int64]

    def only(self, mask: Mask | Rows) -> _Spans:
        """Return some of them."""
        return _Spans(
            self.position[mask], self.begins[mask], self.end[mask], self.runs[mask],
            self.cause[mask],
        )  # fmt: skip


def paused(
    pauses: pd.DataFrame,
    position: Rows,
    clock_from: Days,
    on: date,
    statutes: Statutes,
    *,
    idle_from: Days | None = None,
) -> Paused:
    """
    Return what lawful pauses take off each clock.

    Parameters
    ----------
    pauses
        Table of role `pause`; several rows a supply, any order.
    position
        Position of the clock of each pause (`coded.positions`); -1: none.
    clock_from
        Start of each clock; NaT where none is known (such pauses deduct nothing).
    on
        The day asked for; an open pause runs to it.
    statutes
        The law in force on the day.
    idle_from
        The day past which land counts as late; `clock_from` if not given. A pause that begins
        too long after it deducts nothing.

    Raises
    ------
    LawError
        If the list of lawful causes is not in force on the day.

    Notes
    -----
    闲置土地处置办法 第八条. A pause that begins when the land was already two full years past its
    start (`idle_land.no_deduction_after_years`), net of earlier pauses, deducts nothing:
    （2017）最高法行申5480号.
    """
    size = len(clock_from)
    lawful = tuple(sorted(statutes["idle_land.government_causes"].amount))
    years = statutes["idle_land.no_deduction_after_years"].amount
    spans = _spans(pauses, position, on, lawful)
    length = _lengths(spans, clock_from)
    due = clock_from if idle_from is None else idle_from
    is_late = _begins_too_late(spans, length, due, years)
    undelivered = np.zeros(size, dtype=bool)
    if DELIVERY in lawful:
        waits = spans.runs & ~is_late & (spans.cause == lawful.index(DELIVERY))
        undelivered[spans.position[waits]] = True
    counts = ~is_late & (length > 0)
    spans, length = spans.only(counts), length[counts]
    days, is_open = np.zeros(size), np.zeros(size, dtype=bool)
    np.add.at(days, spans.position, length)
    is_open[spans.position[spans.runs]] = True
    sets = np.zeros(size, dtype=np.int64)
    np.bitwise_or.at(sets, spans.position, np.int64(1) << spans.cause)
    return Paused(days, is_open, undelivered, *_named(sets, spans.position, lawful))


def _named(
    sets: NDArray[np.int64], where: Rows, lawful: tuple[str, ...]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the place of each set of causes among those there are, and how each is written."""
    there = np.unique(np.append(sets[where], 0))
    words = ["、".join(c for n, c in enumerate(lawful) if found >> n & 1) for found in there]
    place = np.zeros(len(sets), dtype=np.int64)
    place[where] = there.searchsorted(sets[where])
    return place, tuple(words)


def _spans(pauses: pd.DataFrame, position: Rows, on: date, lawful: tuple[str, ...]) -> _Spans:
    """Return the pauses that may count."""
    day, blank = np.datetime64(on, "D"), np.datetime64(units.BLANK_BEFORE, "D")
    begins, ends = (units.days(pauses[name].to_numpy()) for name in ("begins_on", "ends_on"))
    ends = np.where(ends < blank, np.datetime64("NaT"), ends)
    cause = pc.index_in(coded.text(pauses["cause"]), value_set=coded.text(pd.Series(lawful)))
    kind = pc.fill_null(cause, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    usable = (position >= 0) & (kind >= 0) & (begins >= blank) & (begins <= day)
    runs = np.isnat(ends) | (ends > day)
    found = _Spans(
        position,
        begins.astype(np.int64),
        np.where(runs, day, ends).astype(np.int64),
        runs,
        kind,
    ).only(usable & ~(ends < begins))
    first = found.position * _SPAN + found.begins
    order = np.argsort(first)
    if (np.diff(first[order]) == 0).any():
        order = np.lexsort((found.cause, found.end, first))
    return found.only(order)


def _lengths(spans: _Spans, clock_from: Days) -> NDArray[np.int64]:
    """Return the days of each pause that no earlier pause of its clock has counted."""
    first = clock_from[spans.position]
    runs = ~np.isnat(first)
    begin = np.maximum(spans.begins, np.where(runs, first.astype(np.int64), 0) + 1)
    reached = np.maximum.accumulate(spans.position * _SPAN + spans.end)
    before = np.roll(reached, 1) - spans.position * _SPAN
    before[:1] = -_SPAN  # what another clock has reached lies far below
    free = np.maximum(begin, before + 1)
    return np.where(runs, np.maximum(spans.end - free + 1, 0), 0)


def _begins_too_late(spans: _Spans, length: NDArray[np.int64], due: Days, years: int) -> Mask:
    """Whether each pause begins after the land was already idle so long that nothing counts."""
    total = np.cumsum(length) - length
    opens = np.append(True, spans.position[1:] != spans.position[:-1])[: len(total)]
    earlier = total - np.maximum.accumulate(np.where(opens, total, 0))
    moved = due[spans.position] + earlier.astype("timedelta64[D]")
    late = spans.begins.astype("datetime64[D]") > units.add_years(moved, years)
    # once one begins too late, so does every later one: the clock stands where it stood
    reached = np.maximum.accumulate(spans.position * 2 + late)
    return (reached & 1).astype(bool)
