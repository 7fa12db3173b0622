"""
Idle and unsupplied land joined into sites that can be offered to a project.

`joined` makes the sites with their lineage, `terms` says how each may be supplied, `functions` what
clusters and parks consist of, `parks` is the register of parks within parks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse.sites import measures, shape
from landuse.sites.candidates import candidates
from landuse.sites.choices import Choices
from landuse.sites.contact import contacts
from landuse.units import MU_PER_M2

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

__all__ = ["Choices", "Sites", "at_least", "joined", "split"]


@dataclass(frozen=True)
class Sites:
    """
    Sites and what they are made of; areas in m², lengths in m, CRS of the pieces.

    Attributes
    ----------
    sites
        One row a site: site_id, cluster_id, park_id, use, path, piece_count, area_m2,
        occupied_m2, long_m, short_m, compactness, frontage_m, road_m, holders, statuses,
        seized_count, mortgaged_count, must, earliest_on, geometry.
    members
        One row a piece: site_id, piece_id, case_id, status, right_holder, area_m2.
    contacts
        One row a joint: site_id, left_piece, right_piece, how, length_m, gap_m.
    networks
        One row a site and kind of network: site_id, kind, distance_m.
    """

    sites: GeoDataFrame
    members: pd.DataFrame
    contacts: pd.DataFrame
    networks: pd.DataFrame


def joined(
    pieces: GeoDataFrame,
    cases: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    *,
    on: date,
    choices: Choices | None = None,
) -> Sites:
    """
    Join idle and unsupplied land into contiguous sites.

    Parameters
    ----------
    pieces
        Pieces of a run with their classification, projected CRS in metres.
    cases
        Cases of the run.
    tables
        Tables of the workspace: `supply`, `plan` and `network` are used.
    on
        The day asked for.
    choices
        What counts as contiguous; the stated defaults if not given.

    Returns
    -------
    sites
        Every candidate piece lies in exactly one site, and a site's area is the sum of its
        pieces. A site is named by its first piece, so the order of rows does not matter.
    """
    chosen = choices or Choices()
    land = candidates(pieces, cases, tables, on)
    network = tables["network"]
    lines = _lines(network)
    roads = lines[network.loc[_has_line(network), "kind"].to_numpy() == "road"]
    others = pieces.loc[~pieces["piece_id"].isin(land["piece_id"])].geometry.to_numpy()
    pairs = contacts(land, others, roads, chosen)
    land["site_id"] = _site_ids(land, pairs)
    table = _sites(land, pieces.crs)
    table = measures.added(table, roads, chosen.frontage_m)
    names = land["piece_id"].to_numpy()
    return Sites(
        sites=table,
        members=_members(land),
        contacts=pd.DataFrame(
            {
                "site_id": land["site_id"].to_numpy()[pairs["left"]],
                "left_piece": names[pairs["left"]],
                "right_piece": names[pairs["right"]],
                "how": pairs["how"],
                "length_m": pairs["length_m"],
                "gap_m": pairs["gap_m"],
            }
        ),
        networks=measures.distances(table, network),
    )


def _has_line(network: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each row of the network has a line."""
    if "geometry" not in network:
        return np.zeros(len(network), dtype=bool)
    shapes = network.geometry.to_numpy()
    there: NDArray[np.bool_] = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return there


def _lines(network: pd.DataFrame) -> NDArray[np.object_]:
    """Return the lines of the network."""
    if "geometry" not in network:
        return np.array([], dtype=object)
    lines: NDArray[np.object_] = np.asarray(network.geometry.to_numpy(), dtype=object)
    return lines[_has_line(network)]


def _site_ids(land: pd.DataFrame, pairs: pd.DataFrame) -> NDArray[np.object_]:
    """Return the site of each piece: connected pieces, named by the first of them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array(
        (ones, (pairs["left"].to_numpy(), pairs["right"].to_numpy())), shape=(len(land), len(land))
    )
    if not len(land):
        return np.array([], dtype=object)
    _, number = connected_components(graph, directed=False)
    first = land.groupby(number)["piece_id"].transform("min")
    return ("S:" + first).to_numpy(dtype=object)


def _sites(land: GeoDataFrame, crs: object) -> GeoDataFrame:
    """Return one row a site with what its pieces tell."""
    rows = []
    for site_id, own in land.groupby("site_id", sort=True):
        by_park = own.groupby("park_id")["area_m2"].sum()
        paths = sorted(set(own["path"]))
        day = pd.NaT if own["earliest_on"].isna().any() else own["earliest_on"].max()
        rows.append(
            {
                "site_id": site_id,
                "cluster_id": own["cluster_id"].iloc[0],
                "park_id": by_park.idxmax() if by_park.max() > by_park.sum() / 2 else "",
                "use": own["use"].iloc[0],
                "path": "+".join(paths),
                "piece_count": len(own),
                "area_m2": math.fsum(own["area_m2"]),
                "occupied_m2": math.fsum(own["occupied_m2"].fillna(0.0)),
                "holders": "；".join(sorted(set(own["right_holder"]) - {""})),
                "statuses": "+".join(sorted(set(own["status"]))),
                "seized_count": int(own["is_seized"].sum()),
                "mortgaged_count": int(own["is_mortgaged"].sum()),
                "must": "+".join(measures.must(own)),
                "earliest_on": day,
                "geometry": shapely.union_all(own.geometry.to_numpy()),
            }
        )
    columns = [
        "site_id", "cluster_id", "park_id", "use", "path", "piece_count", "area_m2", "occupied_m2",
        "holders", "statuses", "seized_count", "mortgaged_count", "must", "earliest_on", "geometry",
    ]  # fmt: skip
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=crs)
    table["earliest_on"] = table["earliest_on"].astype("datetime64[s]")
    return table


def _members(land: pd.DataFrame) -> pd.DataFrame:
    """Return which pieces a site is made of."""
    columns = ["site_id", "piece_id", "case_id", "status", "right_holder", "area_m2"]
    table = pd.DataFrame(land[columns])
    return table.sort_values(["site_id", "piece_id"]).reset_index(drop=True)


def at_least(found: Sites, min_mu: float) -> Sites:
    """Return the sites of at least `min_mu` mu and what belongs to them, the largest first."""
    kept = found.sites[found.sites["area_m2"] * MU_PER_M2 >= min_mu]
    kept = kept.sort_values(["area_m2", "site_id"], ascending=[False, True]).reset_index(drop=True)
    own = [t[t["site_id"].isin(kept["site_id"])].reset_index(drop=True)
           for t in (found.members, found.contacts, found.networks)]  # fmt: skip
    return Sites(kept, *own)


def split(sites: GeoDataFrame, max_mu: float) -> GeoDataFrame:
    """
    Cut sites larger than `max_mu` mu into parts of equal area across their longer axis.

    Returns
    -------
    parts
        site_id, part, area_m2, geometry: the area of a site's parts adds up to the site's. Sites
        that are not larger have one part.
    """
    rows = []
    for site in sites.itertuples():
        count = max(math.ceil(site.area_m2 * MU_PER_M2 / max_mu - 1e-9), 1)
        for number, part in enumerate(shape.parts(site.geometry, count), start=1):
            rows.append((site.site_id, number, site.area_m2 / count, part))
    table = pd.DataFrame(rows, columns=["site_id", "part", "area_m2", "geometry"])
    return gpd.GeoDataFrame(table, geometry="geometry", crs=sites.crs)
