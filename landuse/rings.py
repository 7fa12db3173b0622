"""
Rings of polygons as flat arrays: taken from shapes, measured, proved valid, made shapes again.

What is asked of many small polygons is answered sooner on their points than one by one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse.kernels import twin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Index = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Rings:
    """
    Closed rings: ring k has the points from `start[k]` to before `start[k + 1]`.

    The rings of a polygon follow each other, the shell first, and so do the polygons of a shape;
    `polygon` and `shape` number what each ring belongs to.
    """

    points: Floats
    start: Index
    polygon: Index
    shape: Index

    @property
    def is_hole(self) -> NDArray[np.bool_]:
        """Whether each ring is a hole."""
        hole = np.zeros(len(self.polygon), dtype=bool)
        hole[1:] = self.polygon[1:] == self.polygon[:-1]
        return hole

    def areas(self, count: int) -> Floats:
        """Return the areas of `count` shapes in m², as GEOS adds them up."""
        return _areas(self.points, self.start, self.polygon, self.shape, count)

    def surely_valid(self, count: int) -> NDArray[np.bool_]:
        """Whether each of `count` shapes is proved valid; what is not may be valid all the same."""
        return _surely_valid(self.points, self.start, self.polygon, self.shape, count)

    def wkb(self, several: NDArray[np.bool_]) -> tuple[Bytes, Index]:
        """
        Return all shapes in WKB (little-endian) behind each other, and where each begins and ends.

        Parameters
        ----------
        several
            Whether each shape is a multipolygon; one without rings is empty.
        """
        places = np.ascontiguousarray(self.points).reshape(-1).view(np.uint8)
        return _wkb(places, self.start, self.polygon, self.shape, several)

    def shapes(self) -> Shapes:
        """Return polygons, and multipolygons behind them: shapes are numbered in that order."""
        polygons = np.flatnonzero(~self.is_hole)
        first = np.append(polygons, len(self.polygon))
        several = np.bincount(self.shape[polygons]) > 1
        lone = int(np.argmax(several)) if several.any() else len(several)
        made = np.empty(len(several), dtype=object)
        made[:lone] = _made(self.points, self.start, first[: lone + 1])
        if lone < len(several):
            of = np.searchsorted(self.shape[polygons[lone:]], np.arange(lone, len(several) + 1))
            made[lone:] = _made(self.points, self.start, first[lone:], of)
        return made


def _made(points: Floats, *offsets: Any) -> Shapes:
    """Return polygons, or multipolygons where a third row of offsets says what is joined."""
    kinds = {2: shapely.GeometryType.POLYGON, 3: shapely.GeometryType.MULTIPOLYGON}
    made = shapely.from_ragged_array(kinds[len(offsets)], points, offsets)
    return np.asarray(made, dtype=object)


def taken(shapes: Shapes) -> Rings:
    """Return the rings of polygons and multipolygons, those that are one ring before the others."""
    parts = shapely.get_num_geometries(shapes) + shapely.get_num_interior_rings(shapes)
    one = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON) & (parts == 1)
    single, several = np.flatnonzero(one), np.flatnonzero(~one)
    polygons, polygon_of = shapely.get_parts(shapes[several], return_index=True)
    rings, ring_of = shapely.get_rings(polygons, return_index=True)
    # The coordinates of a polygon without holes are those of its ring.
    whole = np.concatenate([shapes[single], rings])
    points, ring = shapely.get_coordinates(whole, return_index=True)
    polygon = np.concatenate([np.arange(len(single)), len(single) + ring_of])
    shape = np.concatenate([single, several[polygon_of[ring_of]]])
    start = np.searchsorted(ring, np.arange(len(whole) + 1))
    return Rings(points, start, polygon, shape)


@twin("rings")
def _areas(points: Floats, start: Index, polygon: Index, shape: Index, count: int) -> Floats:
    """
    Return the areas of `count` shapes in m².

    Parameters
    ----------
    points, start, polygon, shape
        As in `Rings`.
    """
    ring = np.repeat(np.arange(len(polygon)), np.diff(start))
    first, last = start[:-1], start[1:] - 1
    x, y = points[:, 0] - points[first, 0][ring], points[:, 1]
    part = np.zeros(len(points))
    part[1:-1] = x[1:-1] * (y[:-2] - y[2:])
    part[first] = part[last] = 0.0
    signed = np.abs(np.bincount(ring, part, minlength=len(polygon)) / 2.0)
    shell = np.append(True, polygon[1:] != polygon[:-1])[: len(polygon)]
    number = np.cumsum(shell) - 1
    whole = np.bincount(number, np.where(shell, signed, -signed))
    made: Floats = np.bincount(shape[shell], whole, minlength=count).astype(np.float64)
    return made


@twin("binary")
def _wkb(
    places: Bytes, start: Index, polygon: Index, shape: Index, several: NDArray[np.bool_]
) -> tuple[Bytes, Index]:
    """
    Return all shapes in WKB, and where each begins and the last ends.

    Parameters
    ----------
    places
        The bytes of the points, 16 each.
    start, polygon, shape, several
        As in `Rings`.
    """
    made = []
    for number, multi in enumerate(several.tolist()):
        parts: dict[int, list[bytes]] = {}
        for ring in np.flatnonzero(shape == number).tolist():
            first, last = int(start[ring]), int(start[ring + 1])
            held = places[16 * first : 16 * last].tobytes()
            parts.setdefault(int(polygon[ring]), []).append(struct.pack("<I", last - first) + held)
        polygons = [
            struct.pack("<BII", 1, 3, len(each)) + b"".join(each) for each in parts.values()
        ]
        if multi:
            made.append(struct.pack("<BII", 1, 6, len(polygons)) + b"".join(polygons))
        else:
            made.append(b"".join(polygons) or struct.pack("<BII", 1, 3, 0))
    begins = np.cumsum([0, *map(len, made)], dtype=np.int64)
    return np.frombuffer(b"".join(made), dtype=np.uint8), begins


@twin("rings")
def _surely_valid(
    points: Floats, start: Index, polygon: Index, shape: Index, count: int
) -> NDArray[np.bool_]:
    """Whether each of `count` shapes is proved valid: here nothing is."""
    del points, start, polygon, shape
    return np.zeros(count, dtype=bool)
