"""Find where edges cross or touch: pairs that share a cell of a grid, each looked at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels import CROSSING, DOUBT, TOUCH
from landuse.kernels.compiled import bucketed, compiled, grown
from landuse.kernels.hashing import slot_of, table_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Index = NDArray[np.int64]
    Cells = tuple[Index, Index, NDArray[np.uint64]]

_MOST = 8  # cells an edge may be in on average; more makes the cells larger
_WIDE = np.uint64(32)


@compiled
def _boxes(x: Floats, y: Floats, begin: Index, end: Index) -> Floats:
    """Return west, south, east, north of each edge, one row an edge, and of all in the last row."""
    made = np.empty((len(begin) + 1, 4), dtype=np.float64)
    made[-1, 0], made[-1, 1], made[-1, 2], made[-1, 3] = x.min(), y.min(), x.max(), y.max()
    for k in range(len(begin)):
        a, b = begin[k], end[k]
        made[k, 0], made[k, 2] = min(x[a], x[b]), max(x[a], x[b])
        made[k, 1], made[k, 3] = min(y[a], y[b]), max(y[a], y[b])
    return made


@compiled
def _cell(boxes: Floats, x: float, y: float, size: float) -> tuple[int, int]:
    """Return column and row of the cell a place is in."""
    return (
        math.floor((x - boxes[-1, 0]) / size),
        math.floor((y - boxes[-1, 1]) / size),
    )


@compiled
def _cells(boxes: Floats) -> tuple[float, int]:
    """Return the size of cells, and how many entries they will hold."""
    total, count = 0.0, len(boxes) - 1
    for k in range(count):
        total += max(boxes[k, 2] - boxes[k, 0], boxes[k, 3] - boxes[k, 1])
    size = max(2.0 * total / count, 1e-6)
    while True:
        entries = 0.0
        for k in range(count):
            left, low = _cell(boxes, boxes[k, 0], boxes[k, 1], size)
            right, high = _cell(boxes, boxes[k, 2], boxes[k, 3], size)
            entries += (right - left + 1.0) * (high - low + 1.0)
        if entries <= _MOST * count:
            return size, int(entries)
        size *= 2.0


@compiled
def _filled(boxes: Floats, size: float, entries: int) -> Cells:
    """Return where the entries of each used cell start, the edges in it, and its key."""
    number = np.empty(entries, dtype=np.int64)
    edge = np.empty(entries, dtype=np.int64)
    keys = np.empty(entries, dtype=np.uint64)
    table = np.full(table_size(entries), -1, dtype=np.int64)
    mask = np.uint64(len(table) - 1)
    used, count = 0, 0
    for k in range(len(boxes) - 1):
        left, low = _cell(boxes, boxes[k, 0], boxes[k, 1], size)
        right, high = _cell(boxes, boxes[k, 2], boxes[k, 3], size)
        for i in range(left, right + 1):
            for j in range(low, high + 1):
                key = np.uint64(i) << _WIDE | np.uint64(j)
                slot = slot_of(key, mask)
                while table[slot] >= 0 and keys[table[slot]] != key:
                    slot = (slot + np.uint64(1)) & mask
                if table[slot] < 0:
                    table[slot] = used
                    keys[used] = key
                    used += 1
                number[count], edge[count] = table[slot], k
                count += 1
    start, order = bucketed(number, used)
    return start, edge[order], keys


@compiled
def _pairs(boxes: Floats, shape: Index) -> Index:
    """Return pairs of edges of different shapes whose boxes meet, one after the other."""
    size, entries = _cells(boxes)
    start, held, keys = _filled(boxes, size, entries)
    made, count = np.empty(4 * len(boxes) + 16, dtype=np.int64), 0
    for k in range(len(start) - 1):
        for m in range(start[k], start[k + 1]):
            e = held[m]
            for n in range(m + 1, start[k + 1]):
                f = held[n]
                low, low_y = max(boxes[e, 0], boxes[f, 0]), max(boxes[e, 1], boxes[f, 1])
                if (
                    shape[e] == shape[f]
                    or low > min(boxes[e, 2], boxes[f, 2])
                    or low_y > min(boxes[e, 3], boxes[f, 3])
                ):
                    continue
                # Of all cells they share, the one that holds the low corner of what is common.
                i, j = _cell(boxes, low, low_y, size)
                if np.uint64(i) << _WIDE | np.uint64(j) != keys[k]:
                    continue
                if count + 2 > len(made):
                    made = grown(made, count)
                made[count], made[count + 1] = e, f
                count += 2
    return made[:count]


@compiled
def side_of(x: Floats, y: Floats, a: int, b: int, c: int) -> float:
    """Twice the area of triangle a b c: positive where c lies left of a -> b."""
    side: float = (x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a])
    return side


@compiled
def length_of(x: Floats, y: Floats, a: int, b: int) -> float:
    """Return the distance of two nodes."""
    dx, dy = x[b] - x[a], y[b] - y[a]
    return math.sqrt(dx * dx + dy * dy)


@compiled
def _place(x: Floats, y: Floats, a: int, b: int, node: int) -> float:
    """Return how far along an edge (0 to 1) a node lies; -1 for one of its ends."""
    if node in (a, b):
        return -1.0
    dx, dy = x[b] - x[a], y[b] - y[a]
    place: float = ((x[node] - x[a]) * dx + (y[node] - y[a]) * dy) / (dx * dx + dy * dy)
    return place


@compiled
def _noted(  # noqa: PLR0913, PLR0917  numba has no records
    events: Index,
    places: Floats,
    count: int,
    kind: int,
    one: int,
    other: int,
    at: float,
    at2: float,
) -> tuple[Index, Floats, int]:
    """Write an event behind the others, in longer arrays if need be."""
    if count == len(events):
        longer, more = np.empty((2 * count, 3), np.int64), np.empty((2 * count, 2), np.float64)
        longer[:count], more[:count] = events, places
        events, places = longer, more
    events[count, 0], events[count, 1], events[count, 2] = kind, one, other
    places[count, 0], places[count, 1] = at, at2
    return events, places, count + 1


@compiled
def _met(
    x: Floats, y: Floats, begin: Index, end: Index, pairs: Index, reach: Floats
) -> tuple[Index, Floats]:
    """Look at each pair of edges; return what happens where (crossings, touches, doubts)."""
    events, places, count = np.empty((1024, 3), np.int64), np.empty((1024, 2), np.float64), 0
    side, far = np.empty(4, np.float64), np.empty(4, np.float64)
    for p in range(0, len(pairs), 2):
        one, other = pairs[p], pairs[p + 1]
        a, b, c, d = begin[one], end[one], begin[other], end[other]
        side[0], side[1] = side_of(x, y, a, b, c), side_of(x, y, a, b, d)
        length = length_of(x, y, a, b)
        # An edge twice as far on one side of a line as doubt reaches meets nothing on it.
        clear = 2.0 * reach[1] * length
        if min(side[0], side[1]) > clear or max(side[0], side[1]) < -clear:
            continue
        side[2], side[3] = side_of(x, y, c, d, a), side_of(x, y, c, d, b)
        length_other = length_of(x, y, c, d)
        far[0], far[1] = abs(side[0]) / length, abs(side[1]) / length
        far[2], far[3] = abs(side[2]) / length_other, abs(side[3]) / length_other
        across = (side[0] > 0) != (side[1] > 0) and (side[2] > 0) != (side[3] > 0)
        for k in range(4):
            across = across and far[k] > reach[0]
            if far[k] > reach[1]:
                continue
            edge, node = (one if k < 2 else other), (c, d, a, b)[k]
            place = _place(x, y, begin[edge], end[edge], node)
            if 0 < place < 1:
                kind = TOUCH if far[k] <= reach[0] else DOUBT
                events, places, count = _noted(events, places, count, kind, edge, node, place, 0.0)
        if across:
            at, at2 = side[2] / (side[2] - side[3]), side[0] / (side[0] - side[1])
            events, places, count = _noted(events, places, count, CROSSING, one, other, at, at2)
    return events[:count], places[:count]


def events(
    points: Floats, begin: Index, end: Index, ring: Index, shape: Index, reach: Floats
) -> tuple[Index, Floats]:
    """Return where edges of different shapes cross, touch, or come too near to tell."""
    del ring
    if not len(begin):
        return np.empty((0, 3), np.int64), np.empty((0, 2), np.float64)
    x, y = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    pairs = _pairs(_boxes(x, y, begin, end), shape)
    return _met(x, y, begin, end, pairs, reach)
