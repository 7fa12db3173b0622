"""What each project could take: a site or part of it, or two sites that lie together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from geopandas import GeoDataFrame

    from landuse.matching.limits import Wishes


@dataclass(frozen=True)
class Option:
    """One way to place a project: position of the project, m² taken of each site, and its score."""

    project: int
    takes: tuple[tuple[int, float], ...]
    score: float


def options(
    pairs: pd.DataFrame, projects: pd.DataFrame, sites: GeoDataFrame, wishes: Wishes
) -> list[Option]:
    """
    Return all options, in the order of projects and sites.

    A project that fits into one site takes its need there. Two sites are taken together where
    neither is large enough alone: all of the larger, the rest of the smaller; the score is that of
    both by area.
    """
    need = projects["area_needed"].to_numpy(dtype=float)
    area = sites["area_m2"].to_numpy(dtype=float)
    found = [
        Option(project, ((site, float(need[project])),), score)
        for project, site, score in _columns(pairs[pairs["broken"] == ""])
    ]
    near = _near(sites, wishes.together_m)
    short = pairs[pairs["broken"] == "area"]
    for project in short["project"].unique().tolist():
        own = short[short["project"] == project]
        score = dict(zip(own["site"].tolist(), own["score"].tolist(), strict=True))
        for one, two in near:
            if one not in score or two not in score:
                continue
            first, second = (one, two) if area[one] >= area[two] else (two, one)
            rest = need[project] - area[first]
            if wishes.least_part * need[project] <= rest <= area[second]:
                mean = (score[first] * area[first] + score[second] * rest) / need[project]
                takes = ((first, float(area[first])), (second, float(rest)))
                found.append(Option(project, takes, round(float(mean), 3)))
    return found


def _columns(pairs: pd.DataFrame) -> Iterator[tuple[int, int, float]]:
    """Yield project, site and score of each pair."""
    names = ("project", "site", "score")
    yield from zip(*(pairs[name].tolist() for name in names), strict=True)


def _near(sites: GeoDataFrame, together_m: float) -> list[tuple[int, int]]:
    """Return pairs of sites of one cluster no farther apart than `together_m`."""
    shapes = sites.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=together_m)
    cluster = sites["cluster_id"].to_numpy()
    kept = (one < two) & (cluster[one] == cluster[two])
    order = np.lexsort((two[kept], one[kept]))
    return list(zip(one[kept][order].tolist(), two[kept][order].tolist(), strict=True))
