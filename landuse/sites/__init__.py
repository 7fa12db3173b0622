"""
Idle and unsupplied land joined into sites that can be offered to a project.

`joined` makes the sites with their lineage, `measured` says what each is worth to a project,
`cores` cuts plots out of them; `terms` says how each may be supplied, `money` what it costs that
they lie idle, `functions` what clusters and parks consist of, `parks` is the register of parks
within parks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse.sites import measures
from landuse.sites.candidates import candidates
from landuse.sites.choices import Choices
from landuse.sites.contact import contacts
from landuse.units import MU_PER_M2

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

__all__ = ["Choices", "Sites", "at_least", "joined", "measured"]


@dataclass(frozen=True)
class Sites:
    """
    Sites and what they are made of; areas in m², lengths in m, CRS of the pieces.

    Attributes
    ----------
    sites
        One row a site: site_id, cluster_id, park_id, use, path, piece_count, area_m2,
        occupied_m2, holders, statuses, seized_count, mortgaged_count, must, earliest_on, geometry;
        once `measured` also long_m, short_m, compactness, frontage_m, road_m.
    members
        One row a piece: site_id, piece_id, case_id, status, right_holder, area_m2.
    contacts
        One row a joint: site_id, left_piece, right_piece, how, length_m, gap_m.
    networks
        One row a site and kind of network: site_id, kind, distance_m; none until `measured`.
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
    others = pieces.loc[~pieces["piece_id"].isin(land["piece_id"])].geometry.to_numpy()
    pairs = contacts(land, others, measures.roads(tables["network"]), chosen)
    land["site_id"] = _site_ids(land, pairs)
    names = land["piece_id"].to_numpy()
    return Sites(
        sites=_sites(land, pieces.crs),
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
        networks=pd.DataFrame({"site_id": [], "kind": [], "distance_m": []}),
    )


def measured(
    found: Sites, tables: Mapping[str, pd.DataFrame], choices: Choices | None = None
) -> Sites:
    """
    Return sites with their shape, their frontage and their distance to networks.

    Parameters
    ----------
    found
        Sites, in metres.
    tables
        Tables of the workspace; `network` is used.
    choices
        As for `joined`; the reach of frontage is used.
    """
    network, reach = tables["network"], (choices or Choices()).frontage_m
    table = measures.added(found.sites, measures.roads(network), reach)
    return replace(found, sites=table, networks=measures.distances(table, network))


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
    return ("S:" + first.str.rstrip("/")).to_numpy(dtype=object)


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
