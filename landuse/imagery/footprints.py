"""Footprints of buildings as evidence: what share of a parcel stood built on on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse import geometry

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]


def told(shapes: Shapes, construction: pd.DataFrame, on: date) -> pd.DataFrame:
    """
    Return what the newest footprints of each parcel say.

    Parameters
    ----------
    shapes
        Parcels, valid polygons or None, in metres.
    construction
        Footprints in the same system, with the day they were observed; those without a day, of a
        later day than `on`, or that cannot be measured are left out.
    on
        The day asked for.

    Returns
    -------
    told
        One row a parcel that footprints touch: parcel (position), footprint_on, footprint_share
        (of its area, by all footprints of that day; at most 1).
    """
    drawn = np.asarray(construction["geometry"], dtype=object)
    days = pd.to_datetime(construction["observed_on"]).to_numpy()
    usable = geometry.is_usable(drawn) & (days <= np.datetime64(on))
    drawn, days = drawn[usable], days[usable]
    parcel, footprint = shapely.STRtree(drawn).query(shapes, predicate="intersects")
    area: Any = shapely.area(shapely.intersection(shapes[parcel], drawn[footprint]))
    rows = pd.DataFrame({"parcel": parcel, "footprint_on": days[footprint], "area": area})
    summed = (
        rows[rows["area"] > 0].groupby(["parcel", "footprint_on"], as_index=False)["area"].sum()
    )
    newest = summed.groupby("parcel").tail(1).reset_index(drop=True)
    share = newest["area"].to_numpy() / shapely.area(shapes[newest["parcel"].to_numpy()])
    made: pd.DataFrame = newest.drop(columns="area").assign(footprint_share=np.minimum(share, 1.0))
    return made
