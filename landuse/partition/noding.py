"""
Split the edges of polygons where they cross, so that they meet in nodes only.

Edges that neighbours share vertex by vertex become one edge. Plain float64 arithmetic: crossings
that rounding makes ambiguous are left to the certificate of `faces`, which sends what does not
add up to GEOS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse import rings
from landuse.kernels import CROSSING, DOUBT, TOUCH, twin
from landuse.partition.crowding import settled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Index, Shapes

    Floats = NDArray[np.float64]

RUN = 10
"""Edges of a ring that are looked up together; a longer run finds more neighbours in vain."""

REACH = 4
"""Units in the last place of the largest coordinate within which a node lies on an edge: at
coordinates of 4e7 m that is 3e-8 m, or less than 1e-6 m2 along thirty metres."""

UNSURE = 8
"""Up to this many times the reach, a node is neither on an edge nor safely off it."""

_PRIME_X, _PRIME_Y = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True)
class Edges:
    """
    Edges between nodes, each once, and which shapes they bound.

    `begin` and `end` index `points`; shape `shape[k]` has edge `edge[k]` on its boundary, its
    interior on the left if the edge is walked forward (`forward[k]`), on the right otherwise.
    `starts` holds one node of each ring, `unsure` nodes where rounding may have changed what
    lies left and right of what.
    """

    points: Floats
    begin: Index
    end: Index
    edge: Index
    shape: Index
    forward: NDArray[np.bool_]
    starts: Index
    unsure: Index

    def unsure_shapes(self, count: int) -> NDArray[np.bool_]:
        """Whether each of `count` shapes has an unsure node on its boundary."""
        node = np.zeros(len(self.points), dtype=bool)
        node[self.unsure] = True
        found = np.zeros(count, dtype=bool)
        found[self.shape[(node[self.begin] | node[self.end])[self.edge]]] = True
        return found


def noded(shapes: Shapes) -> Edges:
    """
    Return the boundaries of shapes as edges that meet in nodes only.

    Parameters
    ----------
    shapes
        Valid polygons of one projected CRS in metres; they may overlap in any way.
    """
    taken = rings.taken(shapes)
    first_of_ring, ring = (
        taken.start[:-1],
        np.repeat(np.arange(len(taken.shape)), np.diff(taken.start)),
    )
    inside_left = is_counterclockwise(taken.points, first_of_ring) != taken.is_hole
    points, node = _numbered(taken.points)
    walked = np.flatnonzero((ring[1:] == ring[:-1]) & (node[1:] != node[:-1]))
    begin, end = node[walked], node[walked + 1]
    first, edge = _distinct(begin, end, len(points))
    forward = (begin == begin[first][edge]) == inside_left[ring[walked]]
    shape = taken.shape[ring[walked]]
    starts, none = node[first_of_ring], np.empty(0, dtype=np.int64)
    whole = Edges(points, begin[first], end[first], edge, shape, forward, starts, none)
    reach = REACH * np.spacing(np.abs(points).max(initial=0.0))
    cuts = _cuts(whole, ring[walked][first], shape[first], reach)
    return _split(whole, cuts, reach)


@twin("walking")
def is_counterclockwise(points: Floats, start: Index) -> NDArray[np.bool_]:
    """Whether each closed ring of points, the first at `start`, is walked counter-clockwise."""
    ring = np.repeat(np.arange(len(start)), np.diff(start, append=len(points)))
    local = points - points.take(start[ring], axis=0)
    cross = np.zeros(len(points))
    cross[:-1] = local[:-1, 0] * local[1:, 1] - local[:-1, 1] * local[1:, 0]
    cross[start[1:] - 1] = 0.0  # from the end of a ring to the next ring
    positive: NDArray[np.bool_] = np.bincount(ring, cross, minlength=len(start)) > 0
    return positive


@twin("hashing")
def _numbered(points: Floats) -> tuple[Floats, Index]:
    """Return the distinct points, and the number of each given point among them."""
    points = points + 0.0  # a negative zero is a zero
    bits = np.ascontiguousarray(points).view(np.uint64)
    key = (bits[:, 0] * _PRIME_X) ^ ((bits[:, 1] + _PRIME_X) * _PRIME_Y)
    key ^= key >> np.uint64(29)
    first, number = grouped(key)
    if not np.array_equal(points.take(first[number], axis=0), points):  # two points share a key
        _, first, number = np.unique(points, axis=0, return_index=True, return_inverse=True)
    return points[first], number.ravel()


@twin("hashing")
def grouped(key: NDArray[Any]) -> tuple[Index, Index]:
    """Return the first place of each distinct key in order of appearance, and key numbers."""
    number, found = pd.factorize(key)
    first = np.empty(len(found), dtype=np.int64)
    first[number[::-1]] = np.arange(len(key) - 1, -1, -1)
    return first, number


def _distinct(begin: Index, end: Index, nodes: int) -> tuple[Index, Index]:
    """Return the first place of each undirected edge in order of appearance, and edge numbers."""
    return grouped(np.minimum(begin, end) * nodes + np.maximum(begin, end))


@dataclass(frozen=True)
class Cuts:
    """Edges to split, places along them (0 to 1), nodes; points of new nodes; unsure old nodes."""

    edge: Index
    place: Floats
    node: Index
    made: Floats
    unsure: Index


def _cuts(edges: Edges, ring: Index, shape: Index, reach: float) -> Cuts:
    """Find where edges cross each other, and where nodes lie on edges."""
    reaches = np.array([reach, UNSURE * reach])
    found, place = _events(edges.points, edges.begin, edges.end, ring, shape, reaches)
    crossing, touch, doubt = (np.flatnonzero(found[:, 0] == k) for k in (CROSSING, TOUCH, DOUBT))
    crossing = crossing[np.argsort(found[crossing, 1] * len(edges.begin) + found[crossing, 2])]
    one, other = found[crossing, 1:].T
    a, b = edges.points[edges.begin[one]], edges.points[edges.end[one]]
    made = a + place[crossing, :1] * (b - a)
    number = len(edges.points) + np.arange(len(made))
    beside, corner = found[doubt, 1:].T
    return Cuts(
        np.concatenate([one, other, found[touch, 1]]),
        np.concatenate([place[crossing, 0], place[crossing, 1], place[touch, 0]]),
        np.concatenate([number, number, found[touch, 2]]),
        made,
        np.concatenate([edges.begin[beside], edges.end[beside], corner]),
    )


@twin("crossing")
def _events(
    points: Floats, begin: Index, end: Index, ring: Index, shape: Index, reach: Floats
) -> tuple[Index, Floats]:
    """
    Find where edges of different shapes cross, touch, or come too near to tell.

    Parameters
    ----------
    points, begin, end
        Distinct edges between points.
    ring, shape
        One ring and one shape each edge bounds; edges of a ring follow each other.
    reach
        How far in m a node may be off an edge it lies on, and up to where that is in doubt.

    Returns
    -------
    found, place
        One row an event, in any order: `CROSSING`, edge, other edge, and how far along each (0 to
        1); `TOUCH` or `DOUBT`, edge, node, and how far along the edge.
    """
    x, y = points.T
    one, other = _candidates(begin, end, ring, shape, _boxes(x, y, begin, end))
    a, b, c, d = begin[one], end[one], begin[other], end[other]
    side = (
        side_of(x, y, a, b, c),
        side_of(x, y, a, b, d),
        side_of(x, y, c, d, a),
        side_of(x, y, c, d, b),
    )
    length = length_of(x, y, a, b), length_of(x, y, c, d)
    off = [np.abs(side[k]) / length[k // 2] for k in range(4)]
    across = (side[0] > 0) != (side[1] > 0)
    across &= (side[2] > 0) != (side[3] > 0)
    found = []
    for far, edge, node in zip(off, (one, one, other, other), (c, d, a, b), strict=True):
        across &= far > reach[0]
        near = np.flatnonzero(far <= reach[1])
        kind = np.where(far[near] <= reach[0], TOUCH, DOUBT)
        found.append(_along(x, y, begin, end, np.stack([kind, edge[near], node[near]])))
    share = side[2][across] / (side[2] - side[3])[across]
    share_other = side[0][across] / (side[0] - side[1])[across]
    crossing = np.stack([np.full(len(share), CROSSING), one[across], other[across]])
    found.append((crossing, np.stack([share, share_other])))
    events, places = (np.concatenate(part, axis=1).T for part in zip(*found, strict=True))
    return events, places


def side_of(x: Floats, y: Floats, a: Index, b: Index, c: Index) -> Floats:
    """Twice the area of triangle a b c: positive where c lies left of a -> b."""
    return (x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a])


def length_of(x: Floats, y: Floats, a: Index, b: Index) -> Floats:
    """Return the distance of nodes."""
    dx, dy = x[b] - x[a], y[b] - y[a]
    length: Floats = np.sqrt(dx * dx + dy * dy)
    return length


def _along(x: Floats, y: Floats, begin: Index, end: Index, near: Index) -> tuple[Index, Floats]:
    """Return the events (kind, edge, node) whose node lies between the ends of its edge."""
    _, edge, node = near
    a, b = begin[edge], end[edge]
    dx, dy = x[b] - x[a], y[b] - y[a]
    place = ((x[node] - x[a]) * dx + (y[node] - y[a]) * dy) / (dx * dx + dy * dy)
    within = (place > 0) & (place < 1) & (node != a) & (node != b)
    return near[:, within], np.stack([place[within], np.zeros(within.sum())])


def _boxes(x: Floats, y: Floats, begin: Index, end: Index) -> Floats:
    """Return west, south, east, north of each edge, shape (4, edges)."""
    bx, by, ex, ey = x[begin], y[begin], x[end], y[end]
    return np.stack(
        [np.minimum(bx, ex), np.minimum(by, ey), np.maximum(bx, ex), np.maximum(by, ey)]
    )


def _candidates(
    begin: Index, end: Index, ring: Index, shape: Index, boxes: Floats
) -> tuple[Index, Index]:
    """Return pairs of edges of different shapes whose bounding boxes meet."""
    count = len(ring)
    broken = np.ones(count, dtype=bool)
    broken[1:] = (ring[1:] != ring[:-1]) | (begin[1:] != end[:-1])
    since = np.arange(count) - np.maximum.accumulate(np.where(broken, np.arange(count), 0))
    start = np.flatnonzero(since % RUN == 0)
    number = np.diff(start, append=count)
    low = np.minimum.reduceat(boxes[:2], start, axis=1)
    high = np.maximum.reduceat(boxes[2:], start, axis=1)
    runs = shapely.box(*low, *high)
    left, right = shapely.STRtree(runs).query(runs)
    keep = (left < right) & (shape[start[left]] != shape[start[right]])
    left, right = left[keep], right[keep]
    around = np.concatenate(
        [np.maximum(low[:, left], low[:, right]), np.minimum(high[:, left], high[:, right])]
    )
    one = _in_box(boxes, start[left], number[left], around)
    other = _in_box(boxes, start[right], number[right], around)
    pair, edge = one
    at = np.searchsorted(other[0], np.arange(len(left) + 1))
    many = np.diff(at)[pair]
    first, second = np.repeat(edge, many), other[1][spread(at[pair], many)]
    meet = _meet(boxes, first, boxes, second)
    return first[meet], second[meet]


def _in_box(boxes: Floats, start: Index, number: Index, around: Floats) -> tuple[Index, Index]:
    """Return (pair, edge) for the edges of a run that reach into the box of its pair."""
    pair = np.repeat(np.arange(len(start)), number)
    edge = spread(start, number)
    meet = _meet(boxes, edge, around, pair)
    return pair[meet], edge[meet]


def _meet(one: Floats, i: Index, other: Floats, j: Index) -> NDArray[np.bool_]:
    """Whether boxes meet, box `i[k]` of one set and `j[k]` of the other."""
    meet: NDArray[np.bool_] = one[0][i] <= other[2][j]
    meet &= other[0][j] <= one[2][i]
    meet &= one[1][i] <= other[3][j]
    meet &= other[1][j] <= one[3][i]
    return meet


def among(keys: Index, ascending: Index) -> NDArray[np.bool_]:
    """Whether each key is one of the ascending ones."""
    if not len(ascending):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[place] == keys
    return found


def spread(start: Index, number: Index) -> Index:
    """Return start[k], start[k] + 1, ... of `number[k]` elements for each k, in one array."""
    ends = np.cumsum(number)
    offset = np.repeat(start - ends + number, number)
    return np.asarray(offset + np.arange(len(offset)), dtype=np.int64)


def _split(edges: Edges, cuts: Cuts, reach: float) -> Edges:
    """Return the edges split at nodes along them; new nodes are numbered after the old."""
    old = len(edges.points)
    made, number_made = _numbered(cuts.made)
    points = np.concatenate([edges.points, made])
    now, crowded = settled(points, old, reach, 2 * UNSURE * reach)
    unsure = np.concatenate([cuts.unsure, crowded])
    if not len(cuts.edge):
        return replace(edges, unsure=unsure)
    now = now[np.concatenate([np.arange(old), old + number_made])]
    order = _along_edges(cuts.edge, cuts.place, cuts.node, len(edges.begin))
    cut, node = cuts.edge[order], now[cuts.node[order]]
    begin, end, edge, owner, same_way = _parts(edges.begin, edges.end, edges.edge, cut, node)
    shape, forward = edges.shape[owner], edges.forward[owner] == same_way
    return Edges(points, begin, end, edge, shape, forward, edges.starts, unsure)


@twin("splitting")
def _along_edges(edge: Index, place: Floats, node: Index, count: int) -> Index:
    """Return the order of cuts by edge (below `count`), then place along it, then node."""
    del count
    return np.lexsort((node, place, edge))


@twin("splitting")
def _parts(
    begin: Index, end: Index, edge: Index, cut: Index, node: Index
) -> tuple[Index, Index, Index, Index, NDArray[np.bool_]]:
    """
    Split edges and what uses them.

    Parameters
    ----------
    begin, end
        Distinct edges between nodes.
    edge
        The edge each user has.
    cut, node
        Edges to split, ascending, and the nodes along each, in order.

    Returns
    -------
    begin, end
        The distinct edges after the split, in order of appearance.
    edge, owner, same_way
        One row a part of a user: its edge, the user, and whether that edge is walked as this part.
    """
    number = np.bincount(cut, minlength=len(begin)) + 1
    start = np.cumsum(number) - number
    at = np.arange(len(cut)) + cut
    first, last = np.empty(number.sum(), np.int64), np.empty(number.sum(), np.int64)
    first[start], last[start + number - 1] = begin, end
    last[at], first[at + 1] = node, node
    part = spread(start[edge], number[edge])
    owner = np.repeat(np.arange(len(edge)), number[edge])
    real = first != last
    index = np.cumsum(real) - 1
    owner, part = owner[real[part]], index[part[real[part]]]
    first, last = first[real], last[real]
    kept, distinct = _distinct(first, last, int(max(first.max(), last.max())) + 1)
    same_way = first == first[kept][distinct]
    return first[kept], last[kept], distinct[part], owner, same_way[part]
