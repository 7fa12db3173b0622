"""
What clusters and parks consist of (产城融合), and the register of parks within parks.

The papers at hand give no figure a mix, a road density or a coverage must reach, so none is
compared: 许集聚办〔2018〕3号 asks for a better layout of production, living, business, ecology.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landuse.terms import State
from landuse.units import M2_PER_KM2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geopandas import GeoDataFrame

FUNCTIONS = ("production", "living", "business", "ecology", "infrastructure")
_WHOLE = 0.999  # of a park; the rest is how two drawings of one line differ


def functions(
    tables: Mapping[str, pd.DataFrame], sites: GeoDataFrame, *, within_m: float = 300.0
) -> pd.DataFrame:
    """
    Return the mix of functions of each cluster and park, and what its idle land adds.

    Parameters
    ----------
    tables
        `cluster`, `park`, `plan` and `network`, in the CRS of the sites.
    sites
        `Sites.sites`.
    within_m
        Distance up to which a network covers land; a choice, not a norm.

    Returns
    -------
    functions
        place (``cluster`` or ``park``), place_id, function, area_m2 (planned), share (of the
        place), idle_m2 (land of sites planned so), idle_share (of the planned), place_m2,
        road_km_per_km2, and covered_share by any network other than roads. NaN without a layer.
    """
    plan = tables["plan"]
    rows = []
    for place, place_id, shape in _places(tables):
        about = _served(shape, tables["network"], within_m)
        own = sites[shapely.intersects(sites.geometry.to_numpy(), shape)]
        for function in FUNCTIONS:
            planned = _within(shape, plan, "function", function)
            idle = _within(shape, own, "use", function)
            rows.append(
                {
                    "place": place,
                    "place_id": place_id,
                    "function": function,
                    "area_m2": planned if len(plan) else np.nan,
                    "share": planned / shape.area if len(plan) else np.nan,
                    "idle_m2": idle,
                    "idle_share": idle / planned if planned else np.nan,
                    "place_m2": shape.area,
                    **about,
                }
            )
    columns = [
        "place", "place_id", "function", "area_m2", "share", "idle_m2", "idle_share", "place_m2",
        "road_km_per_km2", "covered_share",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _places(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, shapely.Geometry]]:
    """Yield kind, identifier and shape of each cluster and park that has one."""
    for place in ("cluster", "park"):
        table = tables[place]
        if "geometry" not in table:
            continue
        for name, own in table.groupby(f"{place}_id", sort=True):
            shapes = own.geometry.to_numpy()
            shape = shapely.union_all([s for s in shapes if s is not None and s.is_valid])
            if not shape.is_empty:
                yield place, str(name), shape


def _within(shape: shapely.Geometry, table: pd.DataFrame, column: str, value: str) -> float:
    """Return the land of a place that a table gives one value; overlaps count once."""
    own = table[table[column] == value]
    if not len(own):
        return 0.0
    inside = shapely.intersection(own.geometry.to_numpy(), shape)
    return float(shapely.union_all(inside[~shapely.is_missing(inside)]).area)


def _served(shape: shapely.Geometry, network: pd.DataFrame, within_m: float) -> dict[str, float]:
    """Return road density and the share of a place within reach of a pipe or power line."""
    if not len(network):
        return {"road_km_per_km2": np.nan, "covered_share": np.nan}
    lines, road = network.geometry.to_numpy(), (network["kind"] == "road").to_numpy()
    length = shapely.length(shapely.intersection(lines[road], shape)).sum()
    near = shapely.buffer(lines[~road], within_m)
    covered = shapely.union_all(shapely.intersection(near, shape)).area
    return {
        "road_km_per_km2": float(length / 1000 / (shape.area / M2_PER_KM2)),
        "covered_share": float(covered / shape.area),
    }


def parks(tables: Mapping[str, pd.DataFrame], pieces: GeoDataFrame) -> pd.DataFrame:
    """
    Return the register of parks within parks (区中园).

    Parameters
    ----------
    tables
        `cluster` and `park`.
    pieces
        Pieces of a run with their state; each lies in one cluster and one park at most.

    Returns
    -------
    parks
        park_id, theme, declared_cluster, host_cluster (where most of it lies, by geometry),
        relation (``within``, ``partly``, ``outside``), inside_share, area_m2, and m² of its pieces
        by state. A park's land is part of its cluster's: the two are never added.
    """
    about = tables["park"].drop_duplicates("park_id").set_index("park_id")
    shapes = list(_places(tables))
    clusters = [(name, shape) for place, name, shape in shapes if place == "cluster"]
    sums = pieces.groupby(["park_id", "state"])["area_m2"].sum().unstack()
    by_state = sums.reindex(index=about.index, columns=[s.value for s in State]).fillna(0.0)
    rows = []
    for place, name, shape in shapes:
        if place != "park":
            continue
        shares = {c: shape.intersection(area).area / shape.area for c, area in clusters}
        host = max(shares, key=lambda c: (shares[c], c)) if shares else ""
        share = shares.get(host, 0.0)
        apart = share <= 1 - _WHOLE
        rows.append(
            {
                "park_id": name,
                "theme": about.loc[name, "theme"],
                "declared_cluster": about.loc[name, "cluster_id"],
                "host_cluster": "" if apart else host,
                "relation": "outside" if apart else "within" if share >= _WHOLE else "partly",
                "inside_share": share,
                "area_m2": shape.area,
                **by_state.loc[name].to_dict(),
            }
        )
    columns = [
        "park_id", "theme", "declared_cluster", "host_cluster", "relation", "inside_share",
        "area_m2", *(state.value for state in State),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
