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

from landuse.sites import measures, widths
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
        One row a piece and site: site_id, piece_id, case_id, status, right_holder, area_m2.
    narrow
        Land left out because it is too narrow to be built on, one row a piece: piece_id, case_id,
        cluster_id, use, status, area_m2, rest_in (sites the rest of the piece is in), geometry.
    contacts
        One row a joint: site_id, left_piece, right_piece, how, length_m, gap_m.
    networks
        One row a site and kind of network: site_id, kind, distance_m; none until `measured`.
    """

    sites: GeoDataFrame
    members: pd.DataFrame
    contacts: pd.DataFrame
    networks: pd.DataFrame
    narrow: GeoDataFrame


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
        No land lies in two sites; sites and what is too narrow to be one (`widths`) are together
        the candidates, and a site's area is the sum of its members. A site is named by its first
        piece, so the order of rows does not matter; of several that begin with parts of one
        piece the smaller are told apart by ~2, ~3.
    """
    chosen = choices or Choices()
    land = candidates(pieces, cases, tables, on)
    others = pieces.loc[~pieces["piece_id"].isin(land["piece_id"])].geometry.to_numpy()
    roads = measures.roads(tables["network"])
    pairs = contacts(land, others, roads, chosen)
    land, narrow = widths.parted(land, pairs, roads, chosen)
    pairs = contacts(land, others, roads, chosen)
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
        narrow=_narrow(narrow, land),
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
    group = widths.groups(len(land), pairs)
    if not len(land):
        return np.array([], dtype=object)
    by_group = land.groupby(group)
    about = pd.DataFrame({"first": by_group["piece_id"].min(), "area": by_group["area_m2"].sum()})
    about = about.sort_values(["first", "area"], ascending=[True, False], kind="stable")
    rank = about.groupby("first").cumcount()
    names = "S:" + about["first"].str.rstrip("/")
    names += rank.map(lambda n: f"~{n + 1}" if n else "")
    return names.reindex(group).to_numpy(dtype=object)


def _narrow(narrow: GeoDataFrame, land: pd.DataFrame) -> GeoDataFrame:
    """Return land that is left out, with the sites the rest of its piece is in."""
    named = land[land["piece_id"].isin(narrow["piece_id"])].groupby("piece_id")["site_id"]
    rest = {piece: "、".join(sorted(set(own))) for piece, own in named}
    columns = ["piece_id", "case_id", "cluster_id", "use", "status", "area_m2", "geometry"]
    found: GeoDataFrame = narrow[columns].assign(
        rest_in=[rest.get(piece, "") for piece in narrow["piece_id"]]
    )
    return found


def _sites(land: GeoDataFrame, crs: object) -> GeoDataFrame:
    """Return one row a site with what its pieces tell."""
    values = {name: land[name].to_numpy() for name in land.columns}
    rows = []
    for site_id, at in sorted(land.groupby("site_id").indices.items()):
        own = {name: column[at] for name, column in values.items()}
        day = own["earliest_on"]
        rows.append(
            {
                "site_id": site_id,
                "cluster_id": own["cluster_id"][0],
                "park_id": _park(own["park_id"], own["area_m2"]),
                "use": own["use"][0],
                "path": "+".join(sorted(set(own["path"]))),
                "piece_count": len(set(own["piece_id"])),
                "area_m2": math.fsum(own["area_m2"]),
                "occupied_m2": math.fsum(np.nan_to_num(own["occupied_m2"].astype(float))),
                "holders": "；".join(sorted(set(own["right_holder"]) - {""})),
                "statuses": "+".join(sorted(set(own["status"]))),
                "seized_count": len(set(own["piece_id"][own["is_seized"]])),
                "mortgaged_count": len(set(own["piece_id"][own["is_mortgaged"]])),
                "must": "+".join(measures.must(own)),
                "earliest_on": pd.NaT if np.isnat(day).any() else day.max(),
                "geometry": shapely.union_all(own["geometry"]),
            }
        )
    columns = [
        "site_id", "cluster_id", "park_id", "use", "path", "piece_count", "area_m2", "occupied_m2",
        "holders", "statuses", "seized_count", "mortgaged_count", "must", "earliest_on", "geometry",
    ]  # fmt: skip
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=crs)
    table["earliest_on"] = table["earliest_on"].astype("datetime64[s]")
    return table


def _park(parks: NDArray[np.object_], areas: NDArray[np.float64]) -> str:
    """Return the park more than half of the land lies in; "" for none."""
    most = max(set(parks), key=lambda park: (areas[parks == park].sum(), park))
    return str(most) if areas[parks == most].sum() > areas.sum() / 2 else ""


def _members(land: pd.DataFrame) -> pd.DataFrame:
    """Return which pieces a site is made of."""
    columns = ["site_id", "piece_id", "case_id", "status", "right_holder", "area_m2"]
    parts = pd.DataFrame(land[columns])
    table: pd.DataFrame = parts.groupby(columns[:-1], as_index=False, dropna=False).sum()
    return table.sort_values(["site_id", "piece_id"]).reset_index(drop=True)


def at_least(found: Sites, min_mu: float) -> Sites:
    """Return the sites of at least `min_mu` mu and what belongs to them, the largest first."""
    kept = found.sites[found.sites["area_m2"] * MU_PER_M2 >= min_mu]
    kept = kept.sort_values(["area_m2", "site_id"], ascending=[False, True]).reset_index(drop=True)
    members, contacts, networks = (
        table[table["site_id"].isin(kept["site_id"])].reset_index(drop=True)
        for table in (found.members, found.contacts, found.networks)
    )
    return Sites(kept, members, contacts, networks, found.narrow)
