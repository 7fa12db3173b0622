"""
Measure shapes and prove them valid, ring by ring; what float64 cannot prove is left open.

A run of edges that all go east (or all west, north, south) cannot meet itself, which comparing
coordinates tells exactly. So only runs whose boxes meet are looked at, edge against edge, where
their boxes have land in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels import ROUNDING
from landuse.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Index = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_MOST = 1_024  # runs of a shape at most; shapes of more are left open


@compiled
def areas(points: Floats, start: Index, polygon: Index, shape: Index, count: int) -> Floats:
    """Return the areas of shapes in m²; see the plain function."""
    made = np.zeros(count, dtype=np.float64)
    whole = 0.0
    for ring in range(len(polygon)):
        first, last = start[ring], start[ring + 1] - 1
        total = 0.0
        for k in range(first + 1, last):
            total += (points[k, 0] - points[first, 0]) * (points[k - 1, 1] - points[k + 1, 1])
        if ring > 0 and polygon[ring] == polygon[ring - 1]:
            whole -= abs(total / 2.0)
        else:
            whole = abs(total / 2.0)
        if ring + 1 == len(polygon) or polygon[ring + 1] != polygon[ring]:
            made[shape[ring]] += whole
    return made


@compiled
def sign(points: Floats, a: int, b: int, c: int) -> int:
    """Return 1 if c lies left of a -> b, -1 if right, 0 if that is not sure."""
    left = (points[a, 0] - points[c, 0]) * (points[b, 1] - points[c, 1])
    right = (points[a, 1] - points[c, 1]) * (points[b, 0] - points[c, 0])
    if abs(left - right) <= ROUNDING * (abs(left) + abs(right)):
        return 0
    return 1 if left > right else -1


@compiled
def _apart(points: Floats, i: int, j: int) -> bool:
    """Whether the edges from points i and j surely have no point in common."""
    for axis in range(2):
        a, b, c, d = points[i, axis], points[i + 1, axis], points[j, axis], points[j + 1, axis]
        if max(a, b) < min(c, d) or max(c, d) < min(a, b):
            return True
    one = sign(points, i, i + 1, j)
    if one != 0 and one == sign(points, i, i + 1, j + 1):
        return True
    one = sign(points, j, j + 1, i)
    return one != 0 and one == sign(points, j, j + 1, i + 1)


@compiled
def _runs(points: Floats, first: int, last: int, runs: Index, boxes: Floats, count: int) -> int:
    """Write the runs of a ring (first point, last point, both ends of the ring) behind others."""
    course = 0  # bits for east, west, north, south: where all edges of the run go
    x, y = points[first, 0], points[first, 1]
    for k in range(first + 1, last + 1):
        x2, y2 = points[k, 0], points[k, 1]
        edge = (x2 > x) + 2 * (x2 < x) + 4 * (y2 > y) + 8 * (y2 < y)
        if course & edge == 0:
            course = edge
            if course == 0 or count == _MOST:
                return -1
            runs[count, 0], runs[count, 2], runs[count, 3] = k - 1, first, last
            boxes[count, 0], boxes[count, 1], boxes[count, 2], boxes[count, 3] = x, y, x, y
            count += 1
        course &= edge
        runs[count - 1, 1] = k
        box = boxes[count - 1]
        box[0], box[1] = min(box[0], x2), min(box[1], y2)
        box[2], box[3] = max(box[2], x2), max(box[3], y2)
        x, y = x2, y2
    return count


@compiled
def _edges_apart(points: Floats, i: int, j: int, first: int, last: int) -> bool:
    """Whether two edges of a ring surely meet at most in the node one leaves and one reaches."""
    if j == i + 1:
        return sign(points, i, j, j + 1) != 0
    if i == first and j + 1 == last:
        return sign(points, j, i, i + 1) != 0
    return _apart(points, i, j)


@compiled
def _beside(points: Floats, k: int, box: tuple[float, float, float, float]) -> bool:
    """Whether the edge from point k lies wholly beside a box (west, south, east, north)."""
    x, y, x2, y2 = points[k, 0], points[k, 1], points[k + 1, 0], points[k + 1, 1]
    if (x < box[0] and x2 < box[0]) or (x > box[2] and x2 > box[2]):
        return True
    return bool((y < box[1] and y2 < box[1]) or (y > box[3] and y2 > box[3]))


@compiled
def _runs_apart(
    points: Floats, runs: Index, one: int, other: int, box: tuple[float, float, float, float]
) -> bool:
    """Whether two runs surely meet nowhere in the box they share, but next to next in a ring."""
    first = runs[one, 2] if runs[one, 2] == runs[other, 2] else -1
    for i in range(runs[one, 0], runs[one, 1]):
        if _beside(points, i, box):
            continue
        for j in range(runs[other, 0], runs[other, 1]):
            if _beside(points, j, box):
                continue
            if first < 0:
                if not _apart(points, i, j):
                    return False
            elif not _edges_apart(points, i, j, first, runs[one, 3]):
                return False
    return True


@compiled
def _all_apart(points: Floats, runs: Index, boxes: Floats, count: int) -> bool:
    """Whether no two runs meet."""
    for one in range(count):
        west, south, east, north = boxes[one]
        for other in range(one + 1, count):
            box = (
                max(west, boxes[other, 0]),
                max(south, boxes[other, 1]),
                min(east, boxes[other, 2]),
                min(north, boxes[other, 3]),
            )
            if (
                box[0] <= box[2]
                and box[1] <= box[3]
                and not _runs_apart(points, runs, one, other, box)
            ):
                return False
    return True


@compiled
def within(points: Floats, node: int, first: int, last: int) -> int:
    """Return 1 if a point is inside a ring it is not on, -1 if outside, 0 if that is not sure."""
    y = points[node, 1]
    inside = -1
    for k in range(first, last):
        up = points[k + 1, 1] > y
        if (points[k, 1] > y) == up:
            continue
        side = sign(points, k, k + 1, node)
        if side == 0:
            return 0
        if (side > 0) == up:
            inside = -inside
    return inside


@compiled
def _nested(points: Floats, start: Index, polygon: Index, first: int, last: int) -> bool:
    """Whether each hole is in its shell and nothing in anything else; rings meet nowhere."""
    shell = first
    for ring in range(first, last):
        if ring == first or polygon[ring] != polygon[ring - 1]:
            shell = ring
        for other in range(first, last):
            if other == ring:
                continue
            side = within(points, start[ring], start[other], start[other + 1] - 1)
            if side != (1 if other == shell else -1):
                return False
    return True


@compiled
def surely_valid(points: Floats, start: Index, polygon: Index, shape: Index, count: int) -> Flags:
    """Whether each shape is proved valid: rings that are simple and apart, and holes in shells."""
    made = np.zeros(count, dtype=np.bool_)
    runs = np.empty((_MOST, 4), dtype=np.int64)
    boxes = np.empty((_MOST, 4), dtype=np.float64)
    first = 0
    while first < len(shape):
        last, found = first, 0
        while last < len(shape) and shape[last] == shape[first]:
            if found >= 0 and start[last + 1] - start[last] > 3:
                found = _runs(points, start[last], start[last + 1] - 1, runs, boxes, found)
            else:
                found = -1
            last += 1
        made[shape[first]] = (
            found > 0
            and _all_apart(points, runs, boxes, found)
            and (last == first + 1 or _nested(points, start, polygon, first, last))
        )
        first = last
    return made
