"""The register of parks within parks (区中园), and the idle land that would suit one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse.sites.functions import places
from landuse.terms import State
from landuse.units import MU_PER_M2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame

_WHOLE = 0.999  # of a park; the rest is how two drawings of one line differ
_DUST_M2 = 1.0  # what cutting leaves of an edge

NEAR_M = 50.0
"""Distance of a park up to which land makes it larger: across a street, no farther."""

NEW_MU = 300.0
"""Least area of one site for a new park; a choice, shown and changeable."""


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
    shapes = list(places(tables))
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


def park_land(
    tables: Mapping[str, pd.DataFrame],
    sites: GeoDataFrame,
    *,
    near_m: float = NEAR_M,
    new_mu: float = NEW_MU,
) -> pd.DataFrame:
    """
    Return idle land by what it could be to a park: land inside, room to grow, or a new one.

    Parameters
    ----------
    tables
        `park`, in the CRS of the sites.
    sites
        `Sites.sites`; land whose use is known not to be production makes no park.
    near_m
        Distance of a park up to which a site makes it larger.
    new_mu
        Least area (mu) of a site for a new park.

    Returns
    -------
    park_land
        site_id, purpose (``inside``, ``larger``, ``new``), park_id ("" of a new one), cluster_id,
        area_m2, distance_m, path, earliest_on. Land is named once: inside the park it lies in, the
        rest with the nearest park of its cluster, or by itself.
    """
    shapes = [(name, shape) for place, name, shape in places(tables) if place == "park"]
    fit = sites[sites["use"].isin(["production", ""])]
    rows: list[tuple[object, ...]] = []
    for site in fit.itertuples():
        rest = site.geometry
        about = (site.site_id, site.cluster_id, site.path, site.earliest_on)
        near = [(rest.distance(shape), name, shape) for name, shape in shapes]
        near = sorted((d, name, shape) for d, name, shape in near if d <= near_m)
        for distance, name, shape in near:
            inside = rest.intersection(shape)
            if not distance and inside.area > _DUST_M2:
                rows.append(("inside", name, inside.area, 0.0, *about))
                rest = rest.difference(shape)
        if near and rest.area > _DUST_M2:
            distance, name = min((round(rest.distance(s), 3), n) for _, n, s in near)
            rows.append(("larger", name, rest.area, distance, *about))
        elif rest.area * MU_PER_M2 >= new_mu:
            rows.append(("new", "", rest.area, float("nan"), *about))
    columns = [
        "purpose", "park_id", "area_m2", "distance_m", "site_id", "cluster_id", "path",
        "earliest_on",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"earliest_on": "datetime64[s]"})
