"""Which pieces are neighbours: by a shared edge, or over a strip that nothing forbids to cross."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from landuse.sites.choices import Choices

    Shapes = NDArray[np.object_]

_TAKEN_M2 = 1.0  # of a strip that may be land of others: measurement, not property


def contacts(land: GeoDataFrame, others: Shapes, roads: Shapes, choices: Choices) -> pd.DataFrame:
    """
    Return pairs of pieces that are joined.

    Parameters
    ----------
    land
        Candidates, in the order of `piece_id`.
    others
        All other pieces of the partition, same CRS.
    roads
        Centre lines of roads, same CRS.
    choices
        Lengths and widths, in metres.

    Returns
    -------
    contacts
        left, right (positions, left < right), how (``edge`` or ``strip``), length_m, gap_m.

    Notes
    -----
    `length_m` is the part of one boundary within reach of the other piece, less twice the reach,
    the smaller of both directions: never more than the facing length, and 0 at a corner.
    """
    shapes = land.geometry.to_numpy()
    left, right = _pairs(land, shapes, choices)
    gap = shapely.distance(shapes[left], shapes[right])
    edge = gap <= choices.tolerance_m
    reach = np.where(edge, choices.tolerance_m, choices.strip_m)
    faced = _faced(shapes[left], shapes[right], reach, roads, choices)
    kept = faced >= choices.min_shared_m
    strips = np.flatnonzero(kept & ~edge)
    kept[strips] = _is_free(shapes[left[strips]], shapes[right[strips]], others, roads, choices)
    how = np.where(edge, "edge", "strip")
    table = pd.DataFrame(
        {"left": left, "right": right, "how": how, "length_m": faced, "gap_m": gap}
    )
    return table[kept].reset_index(drop=True)


def _pairs(
    land: GeoDataFrame, shapes: Shapes, choices: Choices
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return near pairs of one cluster, one use and, unless told otherwise, one path."""
    reach = max(choices.strip_m, choices.tolerance_m)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach)
    same = left < right
    names = ["cluster_id", "use"] + ([] if choices.across_paths else ["path"])
    for name in names:
        values = land[name].to_numpy()
        same &= values[left] == values[right]
    order = np.lexsort((right[same], left[same]))
    return left[same][order], right[same][order]


def _faced(
    left: Shapes, right: Shapes, reach: NDArray[np.float64], roads: Shapes, choices: Choices
) -> NDArray[np.float64]:
    """Return the length along which two pieces face each other, edges along a road left out."""
    lengths = []
    for one, two in ((left, right), (right, left)):
        edge = shapely.intersection(shapely.boundary(one), shapely.buffer(two, reach))
        lengths.append(shapely.length(_off_roads(edge, roads, choices.road_clear_m)) - 2 * reach)
    shorter: NDArray[np.float64] = np.maximum(np.minimum(*lengths), 0.0)
    return shorter


def _off_roads(lines: Shapes, roads: Shapes, clear: float) -> Shapes:
    """Return the parts of lines along which no road runs."""
    result = np.array(lines, dtype=object)
    if not len(roads) or not len(result):
        return result
    at, road = shapely.STRtree(roads).query(result, predicate="dwithin", distance=clear)
    for position in np.unique(at):
        beside = shapely.union_all(shapely.buffer(roads[road[at == position]], clear))
        result[position] = shapely.difference(result[position], beside)
    return result


def _is_free(
    left: Shapes, right: Shapes, others: Shapes, roads: Shapes, choices: Choices
) -> NDArray[np.bool_]:
    """Whether the strip between two pieces holds neither a road nor land of a third party."""
    both = shapely.union(left, right)
    half = choices.strip_m / 2 * (1 + 1e-9)
    closed = shapely.buffer(
        shapely.buffer(both, half, join_style="mitre"), -half, join_style="mitre"
    )
    strips = shapely.difference(closed, both)
    free = ~shapely.is_empty(strips)
    for shapes, size, most in ((roads, shapely.length, 0.0), (others, shapely.area, _TAKEN_M2)):
        if not len(shapes) or not len(strips):
            continue
        at, other = shapely.STRtree(shapes).query(strips, predicate="intersects")
        crossing = size(shapely.intersection(strips[at], shapes[other]))
        free &= np.bincount(at, weights=crossing, minlength=len(strips)) <= most
    return np.asarray(free, dtype=bool)
