"""The right to the land itself: contracts that follow one another, and terms that run out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import facts, units
from landuse.classify import clock, coded
from landuse.classify.conflicts import said
from landuse.classify.known import Known, is_leased
from landuse.terms import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.classify.coded import Rows
    from landuse.law import Statutes
    from landuse.units import Days

_NOTHING = np.datetime64("NaT", "D")
_LONGEST_CHAIN = 100  # contracts on one parcel; ends a ring of contracts that follow each other


def clocks_reset(supplies: pd.DataFrame, statutes: Statutes) -> list[pd.DataFrame]:
    """
    Return findings of contracts that follow an earlier one on the same land, with its start.

    Land let first and granted later (先租后让) is known by its parcel code; any chain by
    `preceded_by`.

    Raises
    ------
    LawError
        If a start must be derived and no rule is in force for it.

    Notes
    -----
    A new contract gives a new start, but does not silently end the time the land lay idle before.
    """
    k = Known(statutes.on, supplies)
    start, _ = clock.start(k, statutes)
    signed, leased = k.day("signed_on"), is_leased(supplies["supply_mode"])
    before = coded.positions(supplies["preceded_by"], supplies["supply_id"])
    first, was_let = _first_in_chain(before, start, leased)
    by_code = _first_lease(supplies, k, start, leased)
    was_let |= ~np.isnat(by_code)
    first = np.fmin(first, by_code)
    follows = ~np.isnat(first) & ~np.isnat(signed) & (signed <= np.datetime64(statutes.on, "D"))
    keyed = supplies.set_index("supply_id")
    shown = np.datetime_as_string(first)
    lost = supplies["preceded_by"].notna().to_numpy() & (before < 0)
    rows = {
        "clock_reset_by_grant": follows & was_let,
        "clock_reset_by_contract": follows & ~was_let,
    }
    found = [
        said(code, keyed[mask], "agreed_commencement_on", list(shown[mask]))
        for code, mask in rows.items()
    ]
    named = supplies.loc[lost, "preceded_by"].tolist()
    return [*found, said("preceding_unknown", keyed[lost], "preceded_by", named)]


def _first_in_chain(
    before: Rows, start: Days, leased: NDArray[np.bool_]
) -> tuple[Days, NDArray[np.bool_]]:
    """Return the earliest start of the contracts before each, and whether one was a lease."""
    first, was_let = np.full(len(start), _NOTHING), np.zeros(len(start), dtype=bool)
    above = np.where(before == np.arange(len(before)), -1, before)
    for _ in range(_LONGEST_CHAIN):
        rows = np.flatnonzero(above >= 0)
        if not len(rows):
            break
        first[rows] = np.fmin(first[rows], start[above[rows]])
        was_let[rows] |= leased[above[rows]]
        above[rows] = before[above[rows]]
    return first, was_let


def _first_lease(supplies: pd.DataFrame, k: Known, start: Days, leased: NDArray[np.bool_]) -> Days:
    """Return the start of the first lease of each parcel, for contracts signed after it."""
    code = coded.filled(supplies["parcel_code"]).to_numpy(zero_copy_only=False)
    signed, first = (found.astype("datetime64[s]") for found in (k.day("signed_on"), start))
    table = pd.DataFrame({"code": code, "signed": signed, "first": first})
    real = (code != "") & (signed <= np.datetime64(k.on, "D"))
    let = table.assign(id=supplies["supply_id"].to_numpy(dtype=object))
    let = let[real & leased & ~np.isnat(start)].sort_values(["signed", "id"])
    earliest = let.drop_duplicates("code").set_index("code")
    before = earliest[["signed", "first"]].reindex(code)
    later = real & (signed > before["signed"].to_numpy())
    since = before["first"].to_numpy().astype("datetime64[D]")
    return np.where(later, since, _NOTHING)


def terms(cases: pd.DataFrame, supplies: pd.DataFrame, statutes: Statutes) -> list[pd.DataFrame]:
    """
    Return findings of terms that have run out, or leave less time than the works were given.

    Parameters
    ----------
    cases
        Cases of the day; land that is completed is left alone.
    supplies
        Table of role `supply`.
    statutes
        The law in force on the day.

    Notes
    -----
    弹性年期、租赁: a term runs from delivery, else from the signing, and ends with its
    corresponding day. Waiting land needs the span its contract gives the works; works under way
    need the time to their agreed completion. A contract that another follows is over.
    """
    k, on = Known(statutes.on, supplies), np.datetime64(statutes.on, "D")
    years = supplies["term_years"].to_numpy()
    state = pd.Series(cases["state"].to_numpy(), index=cases["case_id"].to_numpy(dtype=object))
    own = state[(cases["kind"] == "supply").to_numpy()].reindex(supplies["supply_id"]).to_numpy()
    known = np.flatnonzero((years > 0) & ~_is_followed(supplies, k))
    of = k.at(known)
    begins = np.where(np.isnat(of.day("delivered_on")), of.day("signed_on"), of.day("delivered_on"))
    ends = units.add_months(begins, np.round(years[known] * 12))
    left = ends - on
    extended, finish = of.day("extended_commencement_on"), of.day("agreed_completion_on")
    agreed = np.where(np.isnat(extended), of.day("agreed_commencement_on"), extended)
    waits, works = own[known] == State.SUPPLIED_UNBUILT, own[known] == State.BUILT_UNFINISHED
    needed = np.where(waits, finish - agreed, np.maximum(finish - on, np.timedelta64(0, "D")))
    is_over = (waits | works) & (ends < on)
    is_short = (waits | works) & ~is_over & (left < needed)
    keyed = supplies.iloc[known].set_index("supply_id")
    pairs = [
        f"{a} / {b}"
        for a, b in zip(left[is_short].astype(int), needed[is_short].astype(int), strict=True)
    ]
    last = list(np.datetime_as_string(ends[is_over]))
    return [
        said("term_over", keyed[is_over], "term_years", last),
        said("term_too_short", keyed[is_short], "term_years", pairs),
    ]


def _is_followed(supplies: pd.DataFrame, k: Known) -> NDArray[np.bool_]:
    """Whether a contract signed by the day follows each."""
    signed = facts.exists(supplies, "signed_on", k.on).to_numpy() & ~np.isnat(k.day("signed_on"))
    after = supplies.loc[signed, "preceded_by"]
    followed: NDArray[np.bool_] = supplies["supply_id"].isin(after.dropna()).to_numpy()
    last = k.day("signed_on").astype("datetime64[s]")
    newest = pd.Series(np.where(signed, last, np.datetime64("NaT"))).groupby(
        supplies["parcel_code"].reset_index(drop=True)
    )
    later = (newest.transform("max") > pd.Series(last)).to_numpy()
    return followed | (later & is_leased(supplies["supply_mode"]))
