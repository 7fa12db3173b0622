"""The cases of a run as parcels: their shapes, what the papers say of them, which are certain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import geometry
from landuse.terms import State, Status

if TYPE_CHECKING:
    from datetime import date

    from geopandas import GeoDataFrame

PAPERS = ("completed", "started", "not_started", "unknown")
"""How far the papers say works have come on a day."""
_DAYS = ("signed_on", "commenced_on", "completed_on")
_BARE = (State.APPROVED_UNSUPPLIED, State.SUPPLIED_UNBUILT)
_BEGUN = (State.BUILT_UNFINISHED, State.COMPLETED)


def parcels(cases: pd.DataFrame, pieces: GeoDataFrame, supplies: pd.DataFrame) -> GeoDataFrame:
    """
    Return one row a case that has land, with what the papers say of it.

    Parameters
    ----------
    cases
        Cases (`classify.cases`).
    pieces
        The land of the cases, with case_id and kind; geometry in metres.
    supplies
        Supplies, for the days of contract, start and completion.

    Returns
    -------
    parcels
        Columns of `cases`, signed_on, commenced_on, completed_on (of a supply), geometry (union
        of its pieces, CRS of the pieces); a RangeIndex.
    """
    keys = ["kind", "case_id"]
    land = pieces[(pieces["case_id"].fillna("") != "").to_numpy()]
    land = land[geometry.is_usable(land.geometry.to_numpy())]
    number = land.groupby(keys, sort=True).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    ends = np.flatnonzero(np.diff(number[order])) + 1
    shapes = land.geometry.to_numpy()[order]
    joined = [
        group[0] if len(group) == 1 else shapely.union_all(group)
        for group in (np.split(shapes, ends) if len(shapes) else [])
    ]
    named = land[keys].drop_duplicates().sort_values(keys).reset_index(drop=True)
    named = named.assign(geometry=np.array(joined, dtype=object))
    days = supplies.drop_duplicates("supply_id").set_index("supply_id")[list(_DAYS)]
    table = cases.merge(named, on=keys, how="inner").merge(
        days, left_on="case_id", right_index=True, how="left"
    )
    table.loc[table["kind"] != "supply", list(_DAYS)] = pd.NaT
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry="geometry", crs=pieces.crs)


def papers(table: pd.DataFrame, on: pd.Series) -> pd.Series:
    """
    Return how far works have come by the papers on a day of each parcel (`PAPERS`).

    A day decides where there is one; without it the state does, as it holds on the day asked for.
    """
    started = table["commenced_on"] <= on
    completed = table["completed_on"] <= on
    later = table["commenced_on"] > on
    state = table["state"]
    is_begun = state.isin(_BEGUN) & table["commenced_on"].isna()
    is_done = (state == State.COMPLETED) & table["completed_on"].isna()
    said: Any = np.select(
        [completed | is_done, started | is_begun, state.isin(_BARE) | later],
        ["completed", "started", "not_started"],
        "unknown",
    )
    return pd.Series(said, index=table.index)


def holding(certain: pd.DataFrame, first: Any, last: Any) -> pd.Series:
    """Return which of certain parcels are so on both of two days and between them."""
    begun = certain["begins"].isna() | (certain["begins"] <= pd.Timestamp(first))
    return begun & (certain["ends"].isna() | (pd.Timestamp(last) <= certain["ends"]))


def certain(table: pd.DataFrame, on: date) -> pd.DataFrame:
    """
    Return parcels whose status is certain, and from when to when it is.

    Parameters
    ----------
    table
        As `parcels` returns it.
    on
        The day of the cases; beyond it nothing is certain but that completed land stays so.

    Returns
    -------
    certain
        parcel (position), is_completed, begins, ends. Completed by a day in the papers; never
        supplied: the remainder of an approval that is not occupied, up to `on`.
    """
    done = (table["state"] == State.COMPLETED) & table["completed_on"].notna()
    never = (
        (table["kind"] == "approval")
        & (table["state"] == State.APPROVED_UNSUPPLIED)
        & (table["status"] != Status.OCCUPIED)
    )
    chosen = np.flatnonzero(done | never)
    is_completed = done.to_numpy()[chosen]
    begins = table["completed_on"].to_numpy()[chosen].copy()
    begins[~is_completed] = np.datetime64("NaT")
    ends = np.where(is_completed, np.datetime64("NaT"), np.datetime64(on, "s"))
    return pd.DataFrame(
        {"parcel": chosen, "is_completed": is_completed, "begins": begins, "ends": ends}
    )
