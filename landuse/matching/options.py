"""What each project could take: a site or part of it, or two sites that lie together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse.matching.limits import AREA, FREE

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from landuse.matching.limits import Grid
    from landuse.matching.wishes import Wishes

NONE = -1
"""No second site."""


@dataclass(frozen=True)
class Options:
    """
    Ways to place projects, one an element: in the order of projects, then of sites.

    Attributes
    ----------
    project
        Position of the project.
    site, other
        Positions of the site and of a second one (`NONE`).
    area_m2, rest_m2
        What is taken of the first and of the second (0).
    score
        Weighted reasons, to three decimals.
    """

    project: NDArray[np.int64]
    site: NDArray[np.int64]
    other: NDArray[np.int64]
    area_m2: NDArray[np.float64]
    rest_m2: NDArray[np.float64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.project)

    def sites(self, number: int) -> tuple[tuple[int, float], ...]:
        """Return site and m² of everything one option takes."""
        first = (int(self.site[number]), float(self.area_m2[number]))
        if self.other[number] == NONE:
            return (first,)
        return (first, (int(self.other[number]), float(self.rest_m2[number])))


def options(projects: pd.DataFrame, sites: GeoDataFrame, grid: Grid, wishes: Wishes) -> Options:
    """
    Return all options.

    A project that fits into one site takes its need there. Two sites are taken together where
    neither is large enough alone: all of the larger, the rest of the smaller; the score is that of
    both by area.
    """
    need = projects["area_needed"].to_numpy(dtype=float)
    area = sites["area_m2"].to_numpy(dtype=float)
    project, site = np.nonzero(grid.broken == FREE)
    single = Options(
        project, site, np.full(len(site), NONE, dtype=np.int64), need[project],
        np.zeros(len(site)), grid.score[project, site],
    )  # fmt: skip
    double = _doubles(need, area, grid, _near(sites, wishes.together_m), wishes.least_part)
    columns = ("project", "site", "other", "area_m2", "rest_m2", "score")
    whole = [np.concatenate([getattr(single, c), getattr(double, c)]) for c in columns]
    order = np.lexsort((whole[2], whole[1], whole[0]))
    return Options(*(values[order] for values in whole))


def _doubles(
    need: NDArray[np.float64],
    area: NDArray[np.float64],
    grid: Grid,
    near: tuple[NDArray[np.int64], NDArray[np.int64]],
    least_part: float,
) -> Options:
    """Return what projects could take of two sites, which are each only too small."""
    one, two = near
    larger, smaller = np.where(area[one] >= area[two], (one, two), (two, one))
    fits = [_fitting(wanted, area[larger], area[smaller], least_part) for wanted in need]
    project = np.repeat(np.arange(len(need)), [len(f) for f in fits])
    pair = np.concatenate(fits) if fits else np.array([], dtype=np.int64)
    site, other = larger[pair], smaller[pair]
    free = (grid.broken[project, site] == AREA) & (grid.broken[project, other] == AREA)
    project, site, other = project[free], site[free], other[free]
    rest = need[project] - area[site]
    both = grid.score[project, site] * area[site] + grid.score[project, other] * rest
    score = (both / need[project]).round(3) if len(project) else np.zeros(0)
    return Options(project, site, other, area[site], rest, score)


def _fitting(
    need: float, larger: NDArray[np.float64], smaller: NDArray[np.float64], least_part: float
) -> NDArray[np.int64]:
    """Return the pairs of sites that hold one project, by the areas of both."""
    rest = need - larger
    return np.flatnonzero((rest >= least_part * need) & (rest <= smaller))


def _near(sites: GeoDataFrame, together_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of sites of one cluster no farther apart than `together_m`."""
    shapes = sites.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=together_m)
    cluster = sites["cluster_id"].to_numpy()
    kept = (one < two) & (cluster[one] == cluster[two])
    order = np.lexsort((two[kept], one[kept]))
    return one[kept][order], two[kept][order]
