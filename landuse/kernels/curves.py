"""Find where the boundaries of a group cross, and what their rings lie in, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels.compiled import compiled
from landuse.kernels.crossing import length_of, side_of
from landuse.kernels.rings import within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Index = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@compiled
def _turned(points: Floats, edge: int) -> bool:
    """Whether an edge runs from the higher end in x, then y, to the lower."""
    x, x2 = points[edge, 0], points[edge + 1, 0]
    return bool(x > x2 or (x == x2 and points[edge, 1] > points[edge + 1, 1]))


@compiled
def _edge_meets(points: Floats, edge: int, box: Floats, near: float) -> bool:
    """Whether the box of an edge comes as near to a box as that."""
    x, y, x2, y2 = points[edge, 0], points[edge, 1], points[edge + 1, 0], points[edge + 1, 1]
    if min(x, x2) > box[2] + near or box[0] > max(x, x2) + near:
        return False
    return not (min(y, y2) > box[3] + near or box[1] > max(y, y2) + near)


@compiled
def _meet(one: Floats, other: Floats, near: float) -> bool:
    """Whether two boxes come as near as that."""
    if one[0] > other[2] + near or other[0] > one[2] + near:
        return False
    return not (one[1] > other[3] + near or other[1] > one[3] + near)


@compiled
def _close(
    points: Floats, start: Index, rings: tuple[int, int], box: Floats, near: float, held: Index
) -> int:
    """Hold the edges of some rings (first, number) that come near to a box; return how many."""
    count = 0
    for ring in range(rings[0], rings[0] + rings[1]):
        for edge in range(start[ring], start[ring + 1] - 1):
            if _edge_meets(points, edge, box, near):
                held[count] = edge
                count += 1
    return count


@compiled
def _crossing(points: Floats, e: int, f: int, near: float, made: Floats) -> int:
    """
    Write how far along two edges they cross, and where; return what happens.

    0: nothing, 1: e goes into what is left of f, 2: out of it, 3: that is not sure.
    """
    turned, turned_other = _turned(points, e), _turned(points, f)
    a, b = (e + 1, e) if turned else (e, e + 1)
    c, d = (f + 1, f) if turned_other else (f, f + 1)
    x, y = points[:, 0], points[:, 1]
    one, two = side_of(x, y, a, b, c), side_of(x, y, a, b, d)
    clear = near * length_of(x, y, a, b)
    if min(one, two) > clear or max(one, two) < -clear:
        return 0
    three, four = side_of(x, y, c, d, a), side_of(x, y, c, d, b)
    clear_other = near * length_of(x, y, c, d)
    if min(three, four) > clear_other or max(three, four) < -clear_other:
        return 0
    if min(abs(one), abs(two)) <= clear or min(abs(three), abs(four)) <= clear_other:
        return 3
    share, share_other = three / (three - four), one / (one - two)
    made[0] = 1.0 - share if turned else share
    made[1] = 1.0 - share_other if turned_other else share_other
    made[2], made[3] = x[a] + share * (x[b] - x[a]), y[a] + share * (y[b] - y[a])
    begins = four if turned else three
    return 1 if (begins < 0) != turned_other else 2


@compiled
def _noted(  # noqa: PLR0913, PLR0917  numba has no records
    points: Floats,
    mine: Index,
    theirs: Index,
    pair: tuple[int, int],
    near: float,
    events: tuple[Index, Floats, Flags],
    count: int,
) -> tuple[tuple[Index, Floats, Flags], int, bool]:
    """Write the crossings of edges of a pair of curves behind others; tell whether any is doubt."""
    met, places, inwards = events
    box = np.empty(4, np.float64)
    for e in mine:
        box[0] = min(points[e, 0], points[e + 1, 0])
        box[1] = min(points[e, 1], points[e + 1, 1])
        box[2] = max(points[e, 0], points[e + 1, 0])
        box[3] = max(points[e, 1], points[e + 1, 1])
        for f in theirs:
            if not _edge_meets(points, f, box, near):
                continue
            if count == len(met):
                met = np.concatenate((met, np.empty_like(met)))
                places = np.concatenate((places, np.empty_like(places)))
                inwards = np.concatenate((inwards, np.empty_like(inwards)))
            kind = _crossing(points, e, f, near, places[count])
            if kind == 3:
                return (met, places, inwards), count, True
            if kind:
                met[count, 0], met[count, 1] = pair[0], e
                met[count, 2], met[count, 3] = pair[1], f
                inwards[count] = kind == 1
                count += 1
    return (met, places, inwards), count, False


@compiled
def crossings(  # noqa: PLR0913, PLR0917  the arguments of the plain function
    points: Floats,
    start: Index,
    ring: Index,
    rings: Index,
    boxes: Floats,
    shape: Index,
    first: Index,
    near: float,
    skipped: Flags,
) -> tuple[Index, Floats, Flags, Flags]:
    """Find where the curves of a group cross each other; see the plain function."""
    doubt = skipped.copy()
    events = (
        np.empty((1024, 4), np.int64),
        np.empty((1024, 4), np.float64),
        np.empty(1024, np.bool_),
    )
    most = 0
    for s in range(len(ring)):
        most = max(most, start[ring[s] + rings[s]] - start[ring[s]])
    mine, theirs, count = np.empty(most, np.int64), np.empty(most, np.int64), 0
    for group in range(len(first) - 1):
        for p in range(first[group], first[group + 1]):
            one = shape[p]
            for q in range(p + 1, first[group + 1]):
                other = shape[q]
                if doubt[group] or not _meet(boxes[one], boxes[other], near):
                    continue
                held = _close(points, start, (ring[one], rings[one]), boxes[other], near, mine)
                those = _close(points, start, (ring[other], rings[other]), boxes[one], near, theirs)
                events, count, doubt[group] = _noted(
                    points, mine[:held], theirs[:those], (p, q), near, events, count
                )
    return events[0][:count].copy(), events[1][:count].copy(), events[2][:count].copy(), doubt


@compiled
def _inside(points: Floats, start: Index, rings: tuple[int, int], node: int) -> int:
    """Return 1 if a point is inside of rings (first, number), -1 if outside, 0 if not sure."""
    inside = -1
    for ring in range(rings[0], rings[0] + rings[1]):
        inside *= -within(points, node, start[ring], start[ring + 1] - 1)
    return inside


@compiled
def _lies(  # noqa: PLR0913, PLR0917  numba has no records
    points: Floats,
    start: Index,
    ring: Index,
    rings: Index,
    boxes: Floats,
    shapes: Index,
    curve: int,
    node: int,
) -> tuple[int, int, bool]:
    """Return whether a point is in the first of shapes, in how many others, and if that is sure."""
    x, y = points[node, 0], points[node, 1]
    inner, depth = 0, 0
    for q in range(len(shapes)):
        s = shapes[q]
        box = boxes[s]
        if q == curve or not (box[0] <= x <= box[2] and box[1] <= y <= box[3]):
            continue
        side = _inside(points, start, (ring[s], rings[s]), node)
        if side == 0:
            return 0, 0, False
        if q == 0:
            inner += side > 0
        else:
            depth += side > 0
    return inner, depth, True


@compiled
def around(  # noqa: PLR0913, PLR0917  the arguments of the plain function
    points: Floats,
    start: Index,
    ring: Index,
    rings: Index,
    boxes: Floats,
    shape: Index,
    first: Index,
    skipped: Flags,
) -> tuple[Index, Index, Flags]:
    """Tell what the first point of each ring lies in; see the plain function."""
    doubt = skipped.copy()
    total = 0
    for curve in range(len(shape)):
        total += rings[shape[curve]]
    inner, depth = np.zeros(total, np.int64), np.zeros(total, np.int64)
    number = 0
    for group in range(len(first) - 1):
        shapes = shape[first[group] : first[group + 1]]
        for curve in range(len(shapes)):
            begin = ring[shapes[curve]]
            for k in range(begin, begin + rings[shapes[curve]]):
                if not skipped[group]:
                    inner[number], depth[number], sure = _lies(
                        points, start, ring, rings, boxes, shapes, curve, start[k]
                    )
                    doubt[group] |= not sure
                number += 1
    return inner, depth, doubt
