"""
What stands where and what went where: counts and areas by status, for the city and each place.

A case counts where most of it lies; its area goes to each side of a border, as in `balance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = {"city": None, "cluster": "cluster_id", "park": "park_id"}
"""Kind of place → the column that names it; the city has none."""

_FLOW = ("period", "position", "status", "fee_cny", "is_fee_unknown")
_KEYS = ["period", "place", "place_id", "status"]


def shares(cases: pd.DataFrame, pieces: pd.DataFrame) -> pd.DataFrame:
    """
    Return the area of each case in each cluster and park.

    Parameters
    ----------
    cases
        Cases with a RangeIndex (`classify.cases`), areas in m².
    pieces
        Pieces that name their case (`kind`, `case_id`), areas in m².

    Returns
    -------
    shares
        `position` (of the case), `cluster_id`, `park_id`, `area_m2`. A case without pieces has
        one row with its own area and places, as `balance` counts it.
    """
    position = pd.MultiIndex.from_frame(cases[["kind", "case_id"]])
    found = position.get_indexer(pd.MultiIndex.from_frame(pieces[["kind", "case_id"]]))
    names = ["cluster_id", "park_id", "area_m2"]
    mapped = pd.DataFrame(pieces[names]).assign(position=found)[found >= 0]
    rest = cases.loc[~np.isin(np.arange(len(cases)), found) & (cases["area_m2"] > 0).to_numpy()]
    declared = rest[names].assign(position=rest.index)
    joined = pd.concat([mapped, declared], ignore_index=True)
    places = joined[["cluster_id", "park_id"]].astype(object)
    return joined.assign(**places.where(places.notna(), ""))


def table(
    flows: Mapping[str, pd.DataFrame], cases: pd.DataFrame, share: pd.DataFrame
) -> pd.DataFrame:
    """
    Count and measure flows by period, place and status.

    Parameters
    ----------
    flows
        Name of a flow → its rows: `period`, `position` (of the case), `status`, `fee_cny`,
        `is_fee_unknown`.
    cases
        Cases the positions mean; `cluster_id` and `park_id` are used.
    share
        Areas of the cases by place (`shares`).

    Returns
    -------
    table
        One row a period, place and status that occurs: `period`, `place` (city, cluster, park),
        `place_id` ("" for the city and for land in no cluster), `status`, and for each flow
        ``<flow>_count``, ``<flow>_m2``, ``<flow>_fee_cny`` (known amounts only) and
        ``<flow>_fee_unknown`` (how many are due and unknown).
    """
    columns: dict[str, pd.Series] = {}
    for name, rows in flows.items():
        plain = rows[list(_FLOW)].reset_index(drop=True)
        own = cases.loc[plain["position"], ["cluster_id", "park_id"]].reset_index(drop=True)
        counted = plain.join(own.fillna("").astype(object)).assign(count=1)
        measured = plain.drop(columns="fee_cny").merge(share, on="position")
        columns[f"{name}_count"] = _summed(counted, "count")
        columns[f"{name}_m2"] = _summed(measured, "area_m2")
        columns[f"{name}_fee_cny"] = _summed(counted, "fee_cny")
        columns[f"{name}_fee_unknown"] = _summed(counted, "is_fee_unknown")
    joined = pd.DataFrame(columns).fillna(0.0).sort_index().reset_index(names=_KEYS)
    whole = [c for c in columns if c.endswith(("_count", "_unknown"))]
    return joined.astype(dict.fromkeys(whole, "int64"))


def _summed(rows: pd.DataFrame, column: str) -> pd.Series:
    """Sum a column by period and status, for each place there is."""
    found = []
    for place, key in PLACES.items():
        named = rows.assign(place=place, place_id="" if key is None else rows[key])
        if place == "park":
            named = named[named["place_id"] != ""]
        found.append(named[[*_KEYS, column]])
    joined = pd.concat(found, ignore_index=True).astype(dict.fromkeys(_KEYS[1:], object))
    summed: pd.Series = joined.groupby(_KEYS)[column].sum().astype("float64")
    return summed
