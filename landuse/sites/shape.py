"""The shape of a site: usable rectangle, compactness, and cuts into parts of equal area."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import affinity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CELLS = 32  # of each side; the rectangle found is at most two cells too short a side
_HALVINGS = 40  # of an interval of kilometres: far below a millimetre


def compactness(shapes: Any) -> NDArray[np.float64]:
    """Area by that of a circle of the same perimeter (Polsby-Popper): 1 for a circle."""
    perimeter = shapely.length(shapes)
    share: NDArray[np.float64] = 4 * math.pi * shapely.area(shapes) / perimeter**2
    return share


def axis(shape: Any) -> float:
    """Return the direction of the longer side of the smallest rectangle around, in degrees."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    steps = np.diff(ring, axis=0)[:2]
    east, north = steps[int(np.argmax(np.hypot(steps[:, 0], steps[:, 1])))]
    return math.degrees(math.atan2(north, east)) % 180.0


def usable_rectangle(shape: Any) -> tuple[float, float]:
    """
    Return long and short side (m) of a large rectangle inside, along the longer axis.

    Found on a grid of cells that lie wholly inside, so it always fits and is never too large.
    """
    turned = affinity.rotate(shape, -axis(shape), origin=shape.centroid)
    west, south, east, north = turned.bounds
    wide, high = (east - west) / _CELLS, (north - south) / _CELLS
    columns, rows = (a.ravel() for a in np.meshgrid(np.arange(_CELLS), np.arange(_CELLS)))
    boxes = shapely.box(
        west + columns * wide, south + rows * high,
        west + (columns + 1) * wide, south + (rows + 1) * high,
    )  # fmt: skip
    grown = shapely.buffer(turned, 1e-6 * min(wide, high), join_style="mitre")
    shapely.prepare(grown)
    inside = shapely.covers(grown, boxes).reshape(_CELLS, _CELLS)
    sides = [(width * wide, height * high) for width, height in _largest(inside, wide, high)]
    long, short = max((max(s), min(s)) for s in sides) if sides else (0.0, 0.0)
    return long, short


def _largest(inside: NDArray[np.bool_], wide: float, high: float) -> list[tuple[int, int]]:
    """Return width and height, in cells, of the largest rectangle of cells; none if no cell is."""
    best, found = 0.0, []
    heights = np.zeros(inside.shape[1], dtype=np.int64)
    for row in inside:
        heights = np.where(row, heights + 1, 0)
        for height in np.unique(heights[heights > 0]):
            edges = np.flatnonzero(np.diff(np.r_[0, heights >= height, 0]))
            width = int((edges[1::2] - edges[::2]).max())
            area = width * wide * height * high
            if area > best:
                best, found = area, [(width, int(height))]
    return found


def cut(shape: Any, areas: Sequence[float]) -> list[Any]:
    """
    Cut a shape across its longer axis into parts of given areas.

    Parameters
    ----------
    shape
        A polygon, or several, in metres.
    areas
        What each part shall measure (m²); they add up to the shape, or are scaled to do so.

    Returns
    -------
    parts
        In the order of the axis; together they are the shape.
    """
    if len(areas) <= 1:
        return [shape] * len(areas)
    angle, centre = axis(shape), shape.centroid
    west, south, east, north = shape.bounds
    reach = math.hypot(east - west, north - south)

    def between(low: float, high: float) -> Any:
        """Cut what lies between two distances along the axis; the shape itself is not turned."""
        x, y = centre.x, centre.y
        band = shapely.box(x + low, y - reach, x + high, y + reach)
        return shapely.intersection(shape, affinity.rotate(band, angle, origin=centre))

    scale, cuts, wanted = shape.area / math.fsum(areas), [-reach], 0.0
    for area in areas[:-1]:
        wanted += area * scale
        low, high = cuts[-1], reach
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if between(-reach, middle).area < wanted else (low, middle)
        cuts.append((low + high) / 2)
    cuts.append(reach)
    return [_polygons(between(low, high)) for low, high in pairwise(cuts)]


def length(shape: Any) -> float:
    """Return the longer side (m) of the smallest rectangle around a shape."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    steps = np.diff(ring, axis=0)[:2]
    return float(np.hypot(steps[:, 0], steps[:, 1]).max())


def _polygons(cut: Any) -> Any:
    """Return the polygons of a cut; points and lines where an edge lies on it are no land."""
    kept = [part for part in shapely.get_parts(cut) if part.geom_type == "Polygon"]
    return shapely.multipolygons(kept)
