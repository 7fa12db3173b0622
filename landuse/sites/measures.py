"""What a site is worth to a project: shape, roads, networks, and what must happen first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse.sites import shape
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

_MUST = {
    Status.UNEXPROPRIATED: "expropriate",
    Status.UNSUPPLIED: "verify_expropriation",
    Status.LAPSED: "approve_again",
    Status.IDLE_ONE_YEAR: "await_two_years",
    Status.IDLE_TWO_YEARS: "recover",
    Status.IDLE_GOVERNMENT: "agree_recovery",
    Status.IDLE_SUSPENDED: "agree_recovery",
}


def must(own: Mapping[str, NDArray[Any]]) -> list[str]:
    """Return what must happen before a site can be supplied, as keys of the wording."""
    steps = {_MUST[status] for status in own["status"] if status in _MUST}
    steps |= {"lift_seizure"} if own["is_seized"].any() else set()
    steps |= {"clear_mortgage"} if own["is_mortgaged"].any() else set()
    steps |= {"clear_buildings"} if (own["occupied_m2"] > 0).any() else set()
    return sorted(steps)


def added(sites: GeoDataFrame, roads: NDArray[np.object_], frontage_m: float) -> GeoDataFrame:
    """
    Return sites with long_m, short_m, compactness, frontage_m and road_m.

    `frontage_m` is the length of boundary within that distance of a road's centre line, rings
    around land of others counted only where a road runs inside them; `road_m`
    the distance to the nearest, NaN where there is no road layer.
    """
    shapes = sites.geometry.to_numpy()
    sides = [shape.usable_rectangle(each) for each in shapes]
    result = sites.copy()
    result["long_m"] = np.array([long for long, _ in sides], dtype=float)
    result["short_m"] = np.array([short for _, short in sides], dtype=float)
    result["compactness"] = shape.compactness(shapes)
    result["frontage_m"] = _frontage(shapes, roads, frontage_m)
    result["road_m"] = _nearest(shapes, roads)
    return result


def _frontage(
    shapes: NDArray[np.object_], roads: NDArray[np.object_], reach: float
) -> NDArray[np.float64]:
    """Return the length of boundary near a road; NaN where there is no road layer."""
    if not len(roads):
        return np.full(len(shapes), np.nan)
    lengths = np.zeros(len(shapes))
    at, road = shapely.STRtree(roads).query(shapes, predicate="dwithin", distance=reach)
    for position in np.unique(at):
        near = shapely.union_all(shapely.buffer(roads[road[at == position]], reach))
        open_to = _open(shapes[position], roads[road[at == position]])
        lengths[position] = open_to.intersection(near).length
    return lengths


def _open(site: Any, near: NDArray[np.object_]) -> Any:
    """Return the boundary a road can be reached over: outer rings, and holes a road runs in."""
    rings = [part.exterior for part in shapely.get_parts(site)]
    holes = [hole for part in shapely.get_parts(site) for hole in part.interiors]
    rings += [hole for hole in holes if shapely.intersects(shapely.Polygon(hole), near).any()]
    return shapely.multilinestrings(rings)


def _nearest(shapes: NDArray[np.object_], lines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the distance to the nearest line; NaN where there is none."""
    if not len(lines) or not len(shapes):
        return np.full(len(shapes), np.nan)
    nearest = lines[shapely.STRtree(lines).nearest(shapes)]
    distance: NDArray[np.float64] = shapely.distance(shapes, nearest)
    return distance


def roads(network: pd.DataFrame) -> NDArray[np.object_]:
    """Return the centre lines of roads of a table of role `network`."""
    lines, kinds = _lines(network)
    found: NDArray[np.object_] = lines[kinds == "road"]
    return found


def distances(sites: GeoDataFrame, network: pd.DataFrame) -> pd.DataFrame:
    """Return site_id, kind, distance_m for every kind of network there is."""
    lines, kinds = _lines(network)
    shapes = sites.geometry.to_numpy()
    tables = [
        pd.DataFrame(
            {"site_id": sites["site_id"], "kind": kind,
             "distance_m": _nearest(shapes, lines[kinds == kind])}
        )
        for kind in sorted(set(kinds))
    ]  # fmt: skip
    if not tables:
        return pd.DataFrame({"site_id": [], "kind": [], "distance_m": []})
    return pd.concat(tables).sort_values(["site_id", "kind"]).reset_index(drop=True)


def _lines(network: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the lines of a network and their kinds; rows without a line are left out."""
    if "geometry" not in network:
        return np.array([], dtype=object), np.array([], dtype=object)
    lines = np.asarray(network.geometry.to_numpy(), dtype=object)
    there = ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    kinds = network["kind"].fillna("").to_numpy(dtype=object)
    return lines[there], kinds[there]
