"""
The clock of a supply: from which day it runs, and what lawful pauses take off it.

闲置土地处置办法 第二条 (the start), 第八条 (pauses), 第二十二条 (no start agreed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import facts, units

if TYPE_CHECKING:
    from datetime import date

    from landuse.law import Statutes
    from landuse.units import Days

DELIVERY = "G1"  # 第八条第一项: land not handed over as agreed


def start(supplies: pd.DataFrame, statutes: Statutes) -> pd.DataFrame:
    """
    Return the day from which each supply's clock runs, and what gives it.

    Parameters
    ----------
    supplies
        Table of role `supply` as known on the day (`facts.known`).
    statutes
        The law in force on the day.

    Returns
    -------
    start
        Columns `clock_from` (day) and `clock_basis` (the column that gives it), same index;
        missing where nothing gives a day. An extension that precedes its own signing is not
        applied.

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
    extended = supplies["extended_commencement_on"].mask(facts.backdated_extension(supplies))
    candidates = {
        "extended_commencement_on": units.days(extended),
        "agreed_commencement_on": units.days(supplies["agreed_commencement_on"]),
        **_where_none_is_agreed(supplies, statutes),
    }
    day = np.full(len(supplies), np.datetime64("NaT"), dtype="datetime64[D]")
    basis = np.full(len(supplies), "", dtype=object)
    for name, values in candidates.items():
        take = np.isnat(day) & ~np.isnat(values)
        day[take] = values[take]
        basis[take] = name
    return pd.DataFrame({"clock_from": day, "clock_basis": basis}, index=supplies.index)


def _where_none_is_agreed(supplies: pd.DataFrame, statutes: Statutes) -> dict[str, Days]:
    """Return the starts that follow from a contract without one, by the column that gives them."""
    before_2012 = statutes.find("idle_land.start_after_contract_years")
    if before_2012 is not None:
        return {"signed_on": units.add_years(units.days(supplies["signed_on"]), before_2012.amount)}
    names = ("delivered_on", "agreed_delivery_on")
    return {name: _after_delivery(supplies[name], statutes) for name in names}


def _after_delivery(delivered: pd.Series, statutes: Statutes) -> Days:
    """Return the start that follows from a delivery; the rule is asked only when needed."""
    day = units.days(delivered)
    if np.isnat(day).all():
        return day
    return units.add_years(day, statutes["idle_land.start_after_delivery_years"].amount)


def paused(
    pauses: pd.DataFrame,
    supplies: pd.Index,
    clock_from: Days,
    on: date,
    statutes: Statutes,
    *,
    idle_from: Days | None = None,
) -> pd.DataFrame:
    """
    Return the days that lawful pauses take off each supply's clock.

    Parameters
    ----------
    pauses
        Table of role `pause` with the position of the supply of each (`placed`); several rows a
        supply, any order.
    supplies
        Index of the supplies.
    clock_from
        Start of each clock; NaT where none is known (such pauses deduct nothing).
    on
        The day asked for; an open pause runs to it.
    statutes
        The law in force on the day.
    idle_from
        The day past which land counts as late; `clock_from` if not given. A pause that begins
        too long after it deducts nothing.

    Returns
    -------
    paused
        Index `supplies`; `paused_days` (both ends counted, overlaps once, nothing up to
        and on the first day), `is_open` (a counted pause still runs), `is_undelivered` (a pause
        for want of delivery runs on the day), `causes` (codes of the counted pauses).

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
    result = pd.DataFrame(
        {"paused_days": 0.0, "is_open": False, "is_undelivered": False, "causes": ""},
        index=supplies,
    )
    spans = _spans(pauses, clock_from, on, statutes)
    if not len(spans):
        return result
    spans = _without_overlaps(spans)
    due = clock_from if idle_from is None else idle_from
    spans["is_late"] = _begins_too_late(spans, due, statutes)
    lawful = spans[~spans["is_late"]]
    undelivered = lawful[lawful["runs"] & (lawful["cause"] == DELIVERY)]
    result.iloc[undelivered["position"].unique(), 2] = True
    counted = lawful[lawful["length"] > 0].groupby("position")
    sums = counted["length"].sum()
    result.iloc[sums.index, 0] = sums.to_numpy()
    result.iloc[sums.index, 1] = counted["runs"].any().to_numpy()
    causes = _joined_causes(lawful[lawful["length"] > 0])
    result.iloc[causes.index, 3] = causes.to_numpy()
    return result


def placed(pauses: pd.DataFrame, supply_ids: pd.Series) -> pd.DataFrame:
    """Return pauses with `position`, that of their supply among unique identifiers; -1: none."""
    found = pd.Index(supply_ids).get_indexer(pd.Index(pauses["supply_id"]))
    return pauses.assign(position=found)


def _joined_causes(counted: pd.DataFrame) -> pd.Series:
    """Return the distinct causes of each supply in their order; text is joined only for several."""
    pairs = counted[["position", "cause"]].drop_duplicates()
    pairs = pairs.sort_values(["position", "cause"], kind="stable")
    several = pairs["position"].duplicated(keep=False)
    alone = pairs[~several].set_index("position")["cause"]
    joined = pairs[several].groupby("position")["cause"].agg("、".join)
    causes: pd.Series = pd.concat([alone, joined]).astype(object)
    return causes


def _spans(pauses: pd.DataFrame, clock_from: Days, on: date, statutes: Statutes) -> pd.DataFrame:
    """Pauses that may count, clipped to the clock and the day, ordered by supply and start."""
    position = pauses["position"].to_numpy()
    begins = units.days(pauses["begins_on"])
    ends = units.days(pauses["ends_on"].mask(facts.is_blank_day(pauses["ends_on"])))
    day = np.datetime64(on, "D")
    lawful = pauses["cause"].isin(statutes["idle_land.government_causes"].amount).to_numpy()
    real = begins >= np.datetime64(units.BLANK_BEFORE, "D")
    usable = lawful & real & (begins <= day) & ~(ends < begins) & (position >= 0)
    kept = pauses[usable]
    where = position[usable]
    begins, ends = begins[usable], ends[usable]
    first = clock_from[where] + np.timedelta64(1, "D")
    spans = pd.DataFrame(
        {
            "position": where,
            "cause": kept["cause"].to_numpy(),
            "begins": begins,
            "start": np.maximum(begins, first),  # NaT where no clock is known: length 0
            "end": np.where(np.isnat(ends) | (ends > day), day, ends),
            "runs": np.isnat(ends) | (ends > day),
        }
    )
    return spans.sort_values(["position", "begins", "end", "cause"], kind="stable")


def _without_overlaps(spans: pd.DataFrame) -> pd.DataFrame:
    """Give each span the days no earlier span of the same supply has counted, as `length`."""
    start = spans["start"].to_numpy().astype("datetime64[D]")
    end = spans["end"].to_numpy().astype("datetime64[D]")
    as_number = pd.Series(np.where(np.isnat(start), np.iinfo(np.int64).min, end.astype(np.int64)))
    position = pd.Series(spans["position"].to_numpy())
    reached = as_number.groupby(position).cummax().groupby(position).shift()
    free_from = (reached.fillna(np.iinfo(np.int32).min) + 1).to_numpy()
    begin = np.maximum(np.where(np.isnat(start), 0, start.astype(np.int64)), free_from)
    length = np.where(np.isnat(start), 0, np.maximum(end.astype(np.int64) - begin + 1, 0))
    return spans.assign(length=length.astype(np.float64))


def _begins_too_late(spans: pd.DataFrame, due: Days, statutes: Statutes) -> pd.Series:
    """Whether each pause begins after the land was already idle so long that nothing counts."""
    earlier = spans.groupby("position")["length"].cumsum() - spans["length"]
    moved = due[spans["position"].to_numpy()] + earlier.to_numpy().astype("timedelta64[D]")
    begins = spans["begins"].to_numpy().astype("datetime64[D]")
    years = statutes["idle_land.no_deduction_after_years"].amount
    late = pd.Series(units.full_years(moved, begins) >= years, index=spans.index)
    # once one begins too late, so does every later one: the clock stands where it stood
    reached: pd.Series = late.groupby(spans["position"]).cummax()
    return reached
