"""
From points to rings, and from rings to polygons.

The number of a ring tells only where a ring ends, not what it is: some writers number holes,
some the parts of a multipolygon, some whole parcels. Holes and parts are told by where rings lie
(even-odd), as their direction means nothing either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse.exchange.grammar import Remark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landuse.exchange.grammar import Point

MOST_RINGS = 2000
"""Rings of one parcel beyond which it is refused; more are a mistake and would take minutes."""

_FEWEST = 3  # distinct points of a ring


@dataclass(frozen=True)
class Ring:
    """A ring: the line of its first point, closed coordinates as written, and rows it took."""

    line: int
    coordinates: NDArray[np.float64]
    rows: int
    was_closed: bool
    repeated: int


def cut(points: Sequence[Point]) -> tuple[list[Ring], list[Remark]]:
    """
    Cut the points of a record into rings.

    A new ring begins where the ring number changes, where the ring before has closed, or where
    the numbers of the points begin again, whichever comes first.
    """
    if _is_one_ring(points):
        return [_ring(list(points), was_closed=True)], []
    rings: list[Ring] = []
    remarks: list[Remark] = []
    current: list[Point] = []
    for i, point in enumerate(points):
        if current and point.ring != current[0].ring:
            rings.append(_ring(current, was_closed=False))
            current = []
        if not current:
            if not _repeats_closing(points, i, rings):
                current = [point]
            continue
        if _is_same_place(point, current[0]) and len(current) >= _FEWEST:
            rings.append(_ring([*current, point], was_closed=True))
            current = []
        elif _begins_again(current, point):
            if i + 1 < len(points) and _follows(current, points[i + 1]):
                rings.append(_ring(current, was_closed=False))
                current = [point]
            else:
                apart = np.hypot(point.first - current[0].first, point.second - current[0].second)
                facts = {"metres": f"{apart:.3f}", "number": point.number}
                remarks.append(Remark("exchange_closing_differs", point.line, "", facts))
                rings.append(_ring(current, was_closed=False))
                current = []
        else:
            current.append(point)
    if current:
        rings.append(_ring(current, was_closed=False))
    return rings, remarks


def _is_one_ring(points: Sequence[Point]) -> bool:
    """Whether points are one closed ring in which nothing else ends, begins or repeats."""
    last = len(points) - 1
    return (
        last >= _FEWEST
        and _is_same_place(points[0], points[last])
        and len({(point.first, point.second) for point in points}) == last
        and len({point.ring for point in points}) == 1
        and len({point.number for point in points[:last]}) == last
    )


def _is_same_place(a: Point, b: Point) -> bool:
    """Whether two points have the same coordinates."""
    return a.first == b.first and a.second == b.second


def _begins_again(current: list[Point], point: Point) -> bool:
    """Whether a point bears the number of its ring's first, which its others do not."""
    first = current[0].number
    return len(current) >= 2 and bool(first) and point.number == first != current[1].number


def _follows(current: list[Point], after: Point) -> bool:
    """Whether the point after one that begins again is again the second of a ring."""
    return after.ring == current[0].ring and after.number == current[1].number


def _repeats_closing(points: Sequence[Point], i: int, rings: list[Ring]) -> bool:
    """Whether a point only repeats the one that closed the ring before it."""
    return bool(
        rings
        and rings[-1].was_closed
        and points[i].ring == points[i - 1].ring
        and points[i].number == points[i - 1].number
        and _is_same_place(points[i], points[i - 1])
    )


def _ring(points: list[Point], *, was_closed: bool) -> Ring:
    """Return a ring closed and without points that repeat the one before."""
    given = np.array([(point.first, point.second) for point in points], dtype=np.float64)
    moves = np.ones(len(given), dtype=bool)
    moves[1:] = (given[1:] != given[:-1]).any(axis=1)
    kept = given[moves]
    if (kept[0] != kept[-1]).any():
        kept = np.vstack([kept, kept[:1]])
    return Ring(points[0].line, kept, len(points), was_closed, int((~moves).sum()))


def is_too_short(ring: Ring) -> bool:
    """Whether a ring has fewer than three points that are not in one line."""
    x, y = (ring.coordinates - ring.coordinates[0]).T
    return not np.any(x[1:-1] * y[2:] != x[2:] * y[1:-1])


def polygon(rings: Sequence[NDArray[np.float64]]) -> Any:
    """
    Return rings as one polygon or multipolygon, holes and parts told by even-odd nesting.

    Parameters
    ----------
    rings
        Closed rings, each of shape (n, 2), east before north.
    """
    if len(rings) == 1:
        return shapely.polygons(rings[0])
    shapes = shapely.polygons([shapely.linearrings(ring) for ring in rings])
    order = np.argsort(-shapely.area(shapes), kind="stable")
    shapes = shapes[order]
    outside = _containers(shapes)
    holes: dict[int, list[Any]] = {i: [] for i, around in enumerate(outside) if not len(around) % 2}
    for i, around in enumerate(outside):
        if len(around) % 2:
            innermost = max((j for j in around if j in holes), key=lambda j: (len(outside[j]), j))
            holes[innermost].append(shapes[i].exterior)
    parts = [shapely.Polygon(shapes[i].exterior, inner) for i, inner in holes.items()]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _containers(shapes: NDArray[np.object_]) -> list[list[int]]:
    """Return for each shape the larger ones that hold it; shapes are sorted by area, falling."""
    outside: list[list[int]] = [[] for _ in shapes]
    sound = np.flatnonzero(shapely.is_valid(shapes))
    if len(sound) < 2:
        return outside
    inner, outer = shapely.STRtree(shapes[sound]).query(shapes[sound], predicate="covered_by")
    for i, j in zip(sound[inner].tolist(), sound[outer].tolist(), strict=True):
        if j < i:
            outside[i].append(j)
    return outside
