"""
Exactly which share of each pixel a polygon covers, for many polygons at once.

Every edge is cut where it crosses a row or a column of the grid; what a cut leaves to its right is
added up along the rows (signed areas, Green's theorem). Nothing is sampled, so the only error is
that of adding up doubles. Knows no act and opens no file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_NOTHING = 1e-9  # of a pixel; sums of doubles are nearer to the truth than that
_CELLS = 300_000  # pixels of bounding boxes worked on at once; they stay in the processor's cache


@dataclass(frozen=True)
class Coverage:
    """
    Pixels that polygons touch, one row each, by polygon, row and column.

    Attributes
    ----------
    owner
        Position of the polygon.
    row, column
        Pixel, from 0 at the top left; may lie outside the raster.
    share
        Share of the pixel that is covered, above 0 up to 1.
    """

    owner: Ints
    row: Ints
    column: Ints
    share: Floats


def fractions(polygons: NDArray[np.object_]) -> Coverage:
    """
    Return the share of every pixel that each polygon covers.

    Parameters
    ----------
    polygons
        Valid polygons or multipolygons in pixels: x counts columns, y rows from the top left
        corner of the raster. None and empty ones cover nothing.

    Returns
    -------
    coverage
        Shares within 1e-9 of the exact ones. Polygons may overlap; each has its own rows.
    """
    parts = [_covered(polygons[chosen], chosen) for chosen in _batches(polygons)]
    if not parts:
        nothing = np.empty(0, np.int64)
        return Coverage(nothing, nothing, nothing, np.empty(0))
    joined = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Coverage(*joined)


def boxes(polygons: NDArray[np.object_]) -> Ints:
    """Return first column, first row, and one beyond last column and row of each polygon."""
    bounds = shapely.bounds(polygons)
    bounds[np.isnan(bounds).any(axis=1)] = 0.0
    return np.hstack([np.floor(bounds[:, :2]), np.ceil(bounds[:, 2:])]).astype(np.int64)


def _batches(polygons: NDArray[np.object_]) -> Iterator[Ints]:
    """Yield positions of polygons whose boxes together are not too large."""
    box = boxes(polygons)
    cells = np.cumsum((box[:, 2] - box[:, 0] + 1) * (box[:, 3] - box[:, 1]))
    batch = cells // _CELLS
    for positions in np.split(np.arange(len(polygons)), np.flatnonzero(np.diff(batch)) + 1):
        if len(positions):
            yield positions


def _covered(polygons: NDArray[np.object_], names: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Return owner, row, column and share of the pixels of one batch."""
    box = boxes(polygons)
    width = box[:, 2] - box[:, 0] + 1  # one column more takes what is left over at the right
    height = box[:, 3] - box[:, 1]
    start = np.concatenate([[0], np.cumsum(width * height)])
    begin, end, owner = _edges(polygons)
    corner = box[owner, :2].T
    turned = _turned(begin - corner, end - corner, owner, start[:-1], width, int(start[-1]))
    share = np.minimum(np.cumsum(turned), 1.0)
    touched = np.flatnonzero(share > _NOTHING)
    share = share[touched]
    share[share > 1.0 - _NOTHING] = 1.0
    whose = np.repeat(np.arange(len(polygons)), width * height)[touched]
    row, column = np.divmod(touched - start[whose], width[whose])
    return names[whose], row + box[whose, 1], column + box[whose, 0], share


def _edges(polygons: NDArray[np.object_]) -> tuple[Floats, Floats, Ints]:
    """Return both ends (x, y) of edges that are not level; holes turn against their shells."""
    oriented = shapely.orient_polygons(polygons)
    parts, of_part = shapely.get_parts(oriented, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x, y = np.ascontiguousarray(points.T)
    joined = np.flatnonzero((ring[1:] == ring[:-1]) & (y[1:] != y[:-1]))
    owner: Any = of_part[of_ring[ring[joined]]]
    begin = np.stack([x[joined], y[joined]])
    return begin, np.stack([x[joined + 1], y[joined + 1]]), owner.astype(np.int64)


def _turned(begin: Floats, end: Floats, owner: Ints, start: Ints, width: Ints, size: int) -> Floats:
    """
    Return for each pixel of all boxes by how much more it is covered than its left neighbour.

    An edge that goes down by `dy` within a pixel covers all pixels to its right by `dy`, and its
    own pixel by what lies right of it.
    """
    left, right, fall, row, owner = _by_rows(begin, end, owner)
    cell = start[owner] + row * width[owner]
    x0, x1, fall, column, cell = _by_columns(left, right, fall, cell)
    cell += column
    beyond = fall * ((x0 + x1) / 2 - column)
    turned: Floats = np.bincount(cell, fall - beyond, size + 1).astype(np.float64)
    turned += np.bincount(cell + 1, beyond, size + 1)
    return turned[:size]


def _by_rows(begin: Floats, end: Floats, owner: Ints) -> tuple[Floats, Floats, Floats, Ints, Ints]:
    """Cut edges at rows; return x at both ends, how far they fall, row and owner of each part."""
    low, high = np.minimum(begin[1], end[1]), np.maximum(begin[1], end[1])
    first = np.floor(low)
    edge, step = _repeated((np.ceil(high) - first).astype(np.int64))
    row = first[edge] + step
    upper = np.maximum(low[edge], row)
    lower = np.minimum(high[edge], row + 1)
    slope = ((end[0] - begin[0]) / (end[1] - begin[1]))[edge]
    base_x, base_y = begin[0][edge], begin[1][edge]
    least, most = np.minimum(begin[0], end[0])[edge], np.maximum(begin[0], end[0])[edge]
    x0 = np.clip(base_x + (upper - base_y) * slope, least, most)
    x1 = np.clip(base_x + (lower - base_y) * slope, least, most)
    fall = np.where(end[1] < begin[1], 1.0, -1.0)[edge] * (lower - upper)
    return np.minimum(x0, x1), np.maximum(x0, x1), fall, row.astype(np.int64), owner[edge]


def _by_columns(
    left: Floats, right: Floats, fall: Floats, cell: Ints
) -> tuple[Floats, Floats, Floats, Ints, Ints]:
    """Cut parts of one row at columns; return their ends, fall, column and cell of the row."""
    first = np.floor(left)
    count = np.maximum(np.ceil(right) - first, 1).astype(np.int64)
    part, step = _repeated(count)
    column = first[part] + step
    x0 = np.maximum(left[part], column)
    x1 = np.minimum(right[part], column + 1)
    length = (right - left)[part]
    share = np.divide(x1 - x0, length, out=np.ones_like(length), where=length > 0)
    return x0, x1, fall[part] * share, column.astype(np.int64), cell[part]


def _repeated(count: Ints) -> tuple[Ints, Ints]:
    """Return for counts 2, 1: which one (0, 0, 1) and the how-manieth of it (0, 1, 0)."""
    which = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    return which, np.arange(len(which)) - before[which]
