"""
Projects placed on sites: a proper assignment, with reasons, alternatives, and why some have none.

As many projects as possible are placed; among those placements the one with the better reasons is
taken, and an earlier placement is kept where it costs little.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.matching.limits import LIMITS, REASONS, Wishes, pairs
from landuse.matching.options import Option, options
from landuse.matching.solve import solved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame

__all__ = ["LIMITS", "REASONS", "Match", "Wishes", "assigned"]

_PLACED_COLUMNS = ("project_id", "site_id", "area_m2", "share_of_site", "score", *REASONS)


@dataclass(frozen=True)
class Match:
    """
    What was placed where; areas in m².

    Attributes
    ----------
    placed
        One row a project and site: project_id, site_id, area_m2, share_of_site, score, `REASONS`.
    alternatives
        project_id, rank, site_id, score, is_free (what is left of it still holds the project).
    unplaced
        project_id, cause (``no_area``, ``no_site``, ``all_taken`` or ``limit``), and how many sites
        each of `LIMITS` excludes first.
    left
        site_id, area_m2, taken_m2, left_m2.
    """

    placed: pd.DataFrame
    alternatives: pd.DataFrame
    unplaced: pd.DataFrame
    left: pd.DataFrame


def assigned(
    projects: pd.DataFrame,
    sites: GeoDataFrame,
    places: Mapping[str, pd.DataFrame],
    *,
    networks: pd.DataFrame | None = None,
    wishes: Wishes | None = None,
    previous: pd.DataFrame | None = None,
) -> Match:
    """
    Place projects on sites.

    Parameters
    ----------
    projects
        Table of role `project`: project_id, cluster_id, industry, area_needed, target_on.
    sites
        site_id, cluster_id, park_id, use, path, area_m2, road_m, compactness, earliest_on and
        geometry; CRS in metres.
    places
        Tables of `cluster` (leading industries) and `park` (theme).
    networks
        site_id, kind, distance_m; needed where distances are a limit.
    wishes
        Limits and weights; the stated defaults if not given.
    previous
        `placed` of an earlier match: its placements are preferred.

    Returns
    -------
    match
        No site is taken beyond its area; the order of rows does not matter.

    Raises
    ------
    LanduseError
        If the solver finds no proven answer.
    """
    chosen = wishes or Wishes()
    everyone = projects.sort_values("project_id", kind="stable").drop_duplicates("project_id")
    known = everyone[everyone["area_needed"] > 0].reset_index(drop=True)
    land = sites.sort_values("site_id", kind="stable").reset_index(drop=True)
    distances = pd.DataFrame(columns=["site_id", "kind", "distance_m"])
    table = pairs(known, land, places, distances if networks is None else networks, chosen)
    open_to = options(table, known, land, chosen)
    taken = solved(open_to, land["area_m2"].to_numpy(dtype=float), _kept(previous, known, land))
    placed = _placed([open_to[n] for n in taken], table, known, land)
    left = _left(placed, land)
    return Match(
        placed=placed,
        alternatives=_alternatives(open_to, taken, known, left),
        unplaced=_unplaced(everyone, known, table, open_to, placed),
        left=left,
    )


def _kept(
    previous: pd.DataFrame | None, known: pd.DataFrame, land: pd.DataFrame
) -> frozenset[tuple[int, int]]:
    """Return positions of project and site of an earlier match, where both are still there."""
    if previous is None:
        return frozenset()
    project = {name: n for n, name in enumerate(known["project_id"])}
    site = {name: n for n, name in enumerate(land["site_id"])}
    both = zip(previous["project_id"], previous["site_id"], strict=True)
    return frozenset((project[p], site[s]) for p, s in both if p in project and s in site)


def _placed(
    taken: list[Option], table: pd.DataFrame, known: pd.DataFrame, land: pd.DataFrame
) -> pd.DataFrame:
    """Return who takes how much of which site, with the reasons."""
    reasons = table[list(REASONS)].to_dict("records")  # rows are every project with every site
    rows = [
        {
            "project_id": known["project_id"].iloc[option.project],
            "site_id": land["site_id"].iloc[site],
            "area_m2": area,
            "share_of_site": area / land["area_m2"].iloc[site],
            "score": option.score,
            **{str(k): v for k, v in reasons[option.project * len(land) + site].items()},
        }
        for option in taken
        for site, area in option.takes
    ]
    return pd.DataFrame(rows, columns=list(_PLACED_COLUMNS))


def _left(placed: pd.DataFrame, land: pd.DataFrame) -> pd.DataFrame:
    """Return what is left of each site."""
    taken = placed.groupby("site_id")["area_m2"].sum().reindex(land["site_id"]).fillna(0.0)
    table = pd.DataFrame({"site_id": land["site_id"], "area_m2": land["area_m2"]})
    table["taken_m2"] = taken.to_numpy(dtype=float)
    return table.assign(left_m2=(table["area_m2"] - table["taken_m2"]).clip(lower=0.0))


def _alternatives(
    open_to: list[Option], taken: list[int], known: pd.DataFrame, left: pd.DataFrame, most: int = 3
) -> pd.DataFrame:
    """Return the next best options of each project, free ones marked."""
    chosen = set(taken)
    room, names = left["left_m2"].to_numpy(), left["site_id"]
    rows = [
        {
            "project_id": known["project_id"].iloc[o.project],
            "site_id": "+".join(names.iloc[site] for site, _ in o.takes),
            "score": o.score,
            "is_free": all(area <= room[site] + 1e-6 for site, area in o.takes),
        }
        for n, o in enumerate(open_to)
        if n not in chosen
    ]
    table = pd.DataFrame(rows, columns=["project_id", "site_id", "score", "is_free"])
    table = table.sort_values(
        ["project_id", "is_free", "score", "site_id"], ascending=[True, False, False, True]
    )
    table.insert(1, "rank", table.groupby("project_id").cumcount() + 1)
    return table[table["rank"] <= most].reset_index(drop=True)


def _unplaced(
    everyone: pd.DataFrame,
    known: pd.DataFrame,
    table: pd.DataFrame,
    open_to: list[Option],
    placed: pd.DataFrame,
) -> pd.DataFrame:
    """Return who has no site, and why: how many sites each limit excludes first."""
    counts = Counter(zip(table["project"].tolist(), table["broken"].tolist(), strict=True))
    there = set(table["project"].tolist())
    position = {name: n for n, name in enumerate(known["project_id"])}
    could = {option.project for option in open_to}
    rows = []
    for name in everyone.loc[~everyone["project_id"].isin(placed["project_id"]), "project_id"]:
        at = position.get(name)
        if at is None:
            cause = "no_area"
        elif at in could:
            cause = "all_taken"
        else:
            cause = "limit" if at in there else "no_site"
        excluded = {limit: counts[at, limit] for limit in LIMITS}
        rows.append({"project_id": name, "cause": cause, **excluded})
    found = pd.DataFrame(rows, columns=["project_id", "cause", *LIMITS])
    return found.astype(dict.fromkeys(LIMITS, np.int64))
