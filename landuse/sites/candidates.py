"""Land that may become a site: unsupplied or idle, unbuilt, with what it is and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landuse.sites.choices import EXPROPRIATE, PATHS, READY, REAPPROVE, UNKNOWN, USES
from landuse.terms import Part, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geopandas import GeoDataFrame

_FACTS = ("is_seized", "is_mortgaged", "land_use")


def candidates(
    pieces: GeoDataFrame, cases: pd.DataFrame, tables: Mapping[str, pd.DataFrame], on: date
) -> GeoDataFrame:
    """
    Return the pieces that may be joined, ordered by `piece_id`.

    Parameters
    ----------
    pieces
        Pieces of a run with their classification, projected CRS in metres.
    cases
        Cases of the run; they hold the holder and the next status.
    tables
        Tables of the workspace: `supply` for encumbrances and use, `plan` for the use where no
        contract gives one.
    on
        The day asked for.

    Returns
    -------
    candidates
        piece_id, case_id, cluster_id, park_id, status, right_holder, area_m2, occupied_m2, path,
        use, is_seized, is_mortgaged, earliest_on, geometry. Unknown use is "", an unknown day NaT.
    """
    free = pieces["status"].isin(list(PATHS)) & (pieces["part"] != Part.BUILT)
    land = pieces[free].sort_values("piece_id", kind="stable").reset_index(drop=True)
    facts = _facts(land, tables["supply"])
    ahead = cases.drop_duplicates("case_id").set_index("case_id").reindex(land["case_id"])
    columns = [
        "piece_id", "case_id", "cluster_id", "park_id", "status", "right_holder", "area_m2",
        "occupied_m2", "geometry",
    ]  # fmt: skip
    found = land[columns].assign(
        path=land["status"].map(PATHS).astype("str"),
        use=_uses(land, facts["land_use"], tables["plan"]),
        is_seized=_true(facts["is_seized"]),
        is_mortgaged=_true(facts["is_mortgaged"]),
    )
    for name in ("cluster_id", "park_id", "right_holder"):
        found[name] = found[name].fillna(UNKNOWN)
    found["earliest_on"] = _earliest(found, ahead.reset_index(drop=True), on)
    return found


def _facts(land: GeoDataFrame, supplies: pd.DataFrame) -> pd.DataFrame:
    """Return facts of the supply of each piece; missing where it has none."""
    known = supplies.drop_duplicates("supply_id").set_index("supply_id")[list(_FACTS)]
    return known.reindex(land["supply_id"]).reset_index(drop=True)


def _true(values: pd.Series) -> pd.Series:
    """Return flags with unknown as False: nothing is known against the land."""
    flags: pd.Series = values.astype("boolean").fillna(value=False).astype(bool)
    return flags


def use_of(text: object) -> str:
    """Return the function a land use belongs to; "" where its words tell none."""
    words = text if isinstance(text, str) else ""
    return next((use for use, marks in USES if any(mark in words for mark in marks)), UNKNOWN)


def _uses(land: GeoDataFrame, said: pd.Series, plan: pd.DataFrame) -> pd.Series:
    """Return the use by contract, else the planned function of more than half of the piece."""
    uses = pd.Series([use_of(text) for text in said], dtype="str")
    blank = np.flatnonzero(uses == UNKNOWN)
    if not len(blank) or not len(plan):
        return uses
    zones = plan.geometry.to_numpy()
    shapes = land.geometry.to_numpy()[blank]
    at, zone = shapely.STRtree(zones).query(shapes, predicate="intersects")
    area = shapely.area(shapely.intersection(shapes[at], zones[zone]))
    shares = pd.DataFrame(
        {
            "at": at,
            "use": plan["function"].to_numpy()[zone],
            "share": area / shapely.area(shapes[at]),
        }
    )
    most = shares.dropna().groupby(["at", "use"])["share"].sum().reset_index()
    most = most[most["share"] > 0.5].drop_duplicates("at")
    filled = uses.to_numpy(dtype=object)
    filled[blank[most["at"].to_numpy(dtype=np.int64)]] = most["use"].to_numpy(dtype=object)
    return pd.Series(filled, dtype="str")


def _earliest(found: pd.DataFrame, ahead: pd.DataFrame, on: date) -> pd.Series:
    """
    Return the first day on which the law lets the land be supplied.

    Land in reserve, and land that may be taken back by agreement or decision, from the day asked
    for (闲置土地处置办法 第十二、十四条); land idle for one year without lawful cause when two full
    years have passed. Expropriation, a new approval and a seizure have no day.
    """
    today = pd.Timestamp(on).as_unit("s")
    day = pd.Series(today, index=found.index, dtype="datetime64[s]")
    waits = found["status"] == Status.IDLE_ONE_YEAR
    to_two = (ahead["next_status"] == Status.IDLE_TWO_YEARS).fillna(value=False)
    day = day.mask(waits, ahead["next_status_on"].where(to_two).astype("datetime64[s]"))
    open_end = found["path"].isin([EXPROPRIATE, REAPPROVE]) | found["is_seized"]
    return day.mask(open_end & (found["path"] != READY))
