"""
Projects placed on sites: a proper assignment, with reasons, alternatives, and why some have none.

As many projects as possible are placed; among those placements one in which as many as possible
stay where an earlier match had placed them, and among these the one with the better reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.matching import earlier, needs
from landuse.matching.limits import LIMITS, REASONS, grid
from landuse.matching.options import NONE, options
from landuse.matching.solve import solved
from landuse.matching.wishes import Wishes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from landuse.matching.limits import Grid
    from landuse.matching.options import Options
    from landuse.matching.solve import Answer

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
        project_id, cause (``no_area``, ``needs_unread``, ``no_site``, ``all_taken`` or ``limit``),
        and how many sites each of `LIMITS` excludes first.
    left
        site_id, area_m2, taken_m2, left_m2.
    is_proven
        Whether no placement holds more projects, or as many with better reasons.
    most
        No placement holds more projects than this.
    gap
        No placement of as many has reasons better by more than this; 0 where it is proven.
    earlier
        What became of each project of an earlier match: project_id, site_id, outcome (``stays``,
        ``gives_way`` so that more have a place, ``impossible`` now, ``gone`` from the list).
    gain
        By how much the reasons would be better if nobody had to stay; NaN without an earlier match.
    """

    placed: pd.DataFrame
    alternatives: pd.DataFrame
    unplaced: pd.DataFrame
    left: pd.DataFrame
    is_proven: bool
    most: int
    gap: float
    earlier: pd.DataFrame
    gain: float


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
        Table of role `project`: project_id, cluster_id, industry, area_needed, target_on, and,
        where there are such columns, park_theme and network_needs.
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
        `placed` of an earlier match: who can stay without costing another its place stays.

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
    table = grid(known, land, places, distances if networks is None else networks, chosen)
    open_to = options(known, land, table, chosen)
    before, area = earlier.kept(previous, known, land), land["area_m2"].to_numpy(dtype=float)
    answer = solved(open_to, area, before)
    placed = _placed(open_to, answer, table, known, land)
    left = _left(placed, land)
    return Match(
        placed=placed,
        alternatives=_alternatives(open_to, answer, known, left),
        unplaced=_unplaced(everyone, known, table, open_to, placed),
        left=left,
        is_proven=answer.is_proven,
        most=answer.most,
        gap=answer.gap,
        earlier=earlier.outcomes(previous, open_to, answer, before, known),
        gain=earlier.gain(open_to, area, answer, before),
    )


def _placed(
    open_to: Options, answer: Answer, table: Grid, known: pd.DataFrame, land: pd.DataFrame
) -> pd.DataFrame:
    """Return who takes how much of which site, with the reasons."""
    rows = [
        {
            "project_id": known["project_id"].iloc[int(open_to.project[n])],
            "site_id": land["site_id"].iloc[site],
            "area_m2": area,
            "share_of_site": area / land["area_m2"].iloc[site],
            "score": float(open_to.score[n]),
            **_reasons(table, int(open_to.project[n]), site),
        }
        for n in answer.taken.tolist()
        for site, area in open_to.sites(n)
    ]
    return pd.DataFrame(rows, columns=list(_PLACED_COLUMNS))


def _reasons(table: Grid, project: int, site: int) -> dict[str, float]:
    """Return the reasons of one project and site."""
    shape = table.broken.shape
    return {
        name: float(np.broadcast_to(value, shape)[project, site])
        for name, value in table.reasons.items()
    }


def _left(placed: pd.DataFrame, land: pd.DataFrame) -> pd.DataFrame:
    """Return what is left of each site."""
    taken = placed.groupby("site_id")["area_m2"].sum().reindex(land["site_id"]).fillna(0.0)
    table = pd.DataFrame({"site_id": land["site_id"], "area_m2": land["area_m2"]})
    table["taken_m2"] = taken.to_numpy(dtype=float)
    return table.assign(left_m2=(table["area_m2"] - table["taken_m2"]).clip(lower=0.0))


def _alternatives(
    open_to: Options, answer: Answer, known: pd.DataFrame, left: pd.DataFrame, most: int = 3
) -> pd.DataFrame:
    """Return the next best options of each project, free ones first and marked."""
    room, names = left["left_m2"].to_numpy() + 1e-6, left["site_id"].to_numpy(dtype=object)
    free = (open_to.area_m2 <= room[open_to.site]) & (
        (open_to.other == NONE) | (open_to.rest_m2 <= room[open_to.other])
    )
    rest = np.ones(len(open_to), dtype=bool)
    rest[answer.taken] = False
    shown = _best(open_to, free, np.flatnonzero(rest), most)
    table = pd.DataFrame(
        {
            "project_id": known["project_id"].to_numpy(dtype=object)[open_to.project[shown]],
            "site_id": ["+".join(names[s] for s, _ in open_to.sites(n)) for n in shown.tolist()],
            "score": open_to.score[shown],
            "is_free": free[shown],
        }
    )
    table.insert(1, "rank", table.groupby("project_id").cumcount() + 1)
    return table


def _best(
    open_to: Options, free: NDArray[np.bool_], among: NDArray[np.int64], most: int
) -> NDArray[np.int64]:
    """Return the `most` best options of each project: free ones first, then by score and order."""
    order = np.lexsort((among, -open_to.score[among], ~free[among], open_to.project[among]))
    among = among[order]
    start = np.flatnonzero(np.diff(open_to.project[among], prepend=-1))
    place = np.arange(len(among))
    return among[place - start[np.searchsorted(start, place, side="right") - 1] < most]


def _unplaced(
    everyone: pd.DataFrame,
    known: pd.DataFrame,
    table: Grid,
    open_to: Options,
    placed: pd.DataFrame,
) -> pd.DataFrame:
    """Return who has no site, and why: how many sites each limit excludes first."""
    position = {name: n for n, name in enumerate(known["project_id"])}
    could = set(open_to.project.tolist())
    there = everyone[~everyone["project_id"].isin(placed["project_id"])]
    said = there["network_needs"] if "network_needs" in there else [None] * len(there)
    rows = []
    for name, text in zip(there["project_id"], said, strict=True):
        at = position.get(name)
        broken = table.broken[at] if at is not None else table.broken[:0].ravel()
        counts = np.bincount(broken, minlength=len(LIMITS)).tolist()
        excluded = dict(zip(LIMITS, counts[: len(LIMITS)], strict=True))
        if at is None:
            cause = "no_area"
        elif at in could:
            cause = "all_taken"
        elif needs.UNREAD in needs.asked(text, 0.0):
            cause = "needs_unread"
        else:
            cause = "limit" if table.broken.shape[1] else "no_site"
        rows.append({"project_id": name, "cause": cause, **excluded})
    found = pd.DataFrame(rows, columns=["project_id", "cause", *LIMITS])
    return found.astype(dict.fromkeys(LIMITS, np.int64))
