"""Put rings together into polygons, and prove them valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse.partition import tracing
from landuse.partition.noding import among
from landuse.rings import Rings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.noding import Floats
    from landuse.partition.overlay import Index, Shapes


def put_together(points: Floats, start: Index, key: Index) -> tuple[Index, Rings]:
    """
    Put rings together: counter-clockwise shells, with the clockwise holes inside them.

    Parameters
    ----------
    points, start
        Closed rings, as `tracing.closed` returns them, in metres.
    key
        What each ring is of.

    Returns
    -------
    keys, outlines
        The distinct keys, those of one polygon first, and the outline of each.
    """
    area = tracing.ring_areas(points, start)
    order = np.flatnonzero((np.diff(start) > 3) & (area != 0))
    order = order[_in_order(key[order])]
    shell, hole = order[area[order] > 0], order[area[order] < 0]
    hole = hole[among(key[hole], key[shell])]  # rounding turned a strip over
    within = _shell_of(points, start, key, area, (shell, hole))
    of = np.cumsum(np.diff(key[shell], prepend=key[shell[:1]]) != 0)
    several = np.bincount(of)[of] > 1
    rank = np.empty(len(shell), dtype=np.int64)
    rank[np.argsort(several, kind="stable")] = np.arange(len(shell))
    polygon = np.concatenate([rank, rank[within]])
    sequence = _in_order(polygon)
    ring, polygon = np.concatenate([shell, hole])[sequence], polygon[sequence]
    shape = np.cumsum(np.diff(key[ring], prepend=key[ring[:1]]) != 0)
    picked = Rings(*tracing.picked(points, start, ring), polygon, shape)
    return key[ring[np.flatnonzero(np.diff(shape, prepend=-1))]], picked


def _shell_of(
    points: Floats, start: Index, key: Index, area: Floats, rings: tuple[Index, Index]
) -> Index:
    """Return the number of the shell around each hole: the smallest of its key that covers it."""
    shell, hole = rings
    begin = np.searchsorted(key[shell], key[hole], side="left")
    number = np.searchsorted(key[shell], key[hole], side="right") - begin
    for k in np.flatnonzero(number > 1):
        near = np.arange(begin[k], begin[k] + number[k])
        shells = [shapely.Polygon(points[start[r] : start[r + 1]]) for r in shell[near]]
        inner = shapely.Polygon(points[start[hole[k]] : start[hole[k] + 1]])
        size = np.where(shapely.covers(shells, inner), area[shell[near]], np.inf)
        begin[k] = near[np.argmin(size)]
    return begin


def made(outlines: Rings, count: int) -> tuple[Shapes, NDArray[np.bool_]]:
    """Return the shapes of outlines, and whether each is valid."""
    geometry, valid = outlines.shapes(), outlines.surely_valid(count)
    open_ = np.flatnonzero(~valid)
    valid[open_] = shapely.is_valid(geometry[open_])
    return geometry, valid


def _in_order(keys: Index) -> Index:
    """Return positions by key, then as they come; one sort of a joint key beats a stable sort."""
    return np.argsort(keys * len(keys) + np.arange(len(keys)))
