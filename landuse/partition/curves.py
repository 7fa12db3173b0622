"""
Boundaries of groups of polygons: where they cross, and what they lie in, as far as that is sure.

A group is a polygon and what is laid over it. Crossings are found with the ends of each edge in
one order, so that neighbours who share an edge, and zones that share one, share the point too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse import rings
from landuse.kernels import ROUNDING, twin
from landuse.partition.noding import is_counterclockwise, length_of, side_of, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.noding import Floats
    from landuse.partition.overlay import Index, Shapes

    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Curves:
    """
    Boundaries, the interior on their left.

    Ring r is closed and has the points from `start[r]` to before `start[r + 1]`; shape s has
    `rings[s]` rings from `ring[s]` on, and the box `boxes[s]`. Curve c is the boundary of shape
    `shape[c]`; group g has the curves from `first[g]` to before `first[g + 1]`, its own boundary
    first.
    """

    points: Floats
    start: Index
    ring: Index
    rings: Index
    boxes: Floats
    shape: Index
    first: Index

    @property
    def group(self) -> Index:
        """The group of each curve."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def curves_of(shapes: Shapes, which: Index, what: Index, others: Shapes) -> Curves:
    """Take the boundaries of groups."""
    distinct, other = np.unique(what, return_inverse=True)
    pool = np.concatenate([shapes, others[distinct]])
    taken = rings.taken(pool)
    first_of_ring, number = taken.start[:-1], np.diff(taken.start)
    backwards = is_counterclockwise(taken.points, first_of_ring) == taken.is_hole
    here = np.arange(len(taken.points))
    mirrored = np.repeat(taken.start[:-1] + taken.start[1:] - 1, number) - here
    points = taken.points.take(np.where(np.repeat(backwards, number), mirrored, here), axis=0)
    ring = np.empty(len(pool), dtype=np.int64)
    ring[taken.shape[::-1]] = np.arange(len(taken.shape) - 1, -1, -1)
    count = np.bincount(taken.shape, minlength=len(pool))
    place = np.arange(len(shapes))
    first = np.searchsorted(which, np.arange(len(shapes) + 1)) + np.append(place, len(shapes))
    shape = np.empty(len(shapes) + len(which), dtype=np.int64)
    shape[first[:-1]] = place
    shape[np.arange(len(which)) + which + 1] = len(shapes) + other
    return Curves(points, taken.start, ring, count, shapely.bounds(pool), shape, first)


@dataclass(frozen=True)
class Events:
    """
    Crossings: `met[n]` is (curve, edge, other curve, its edge), curves of one group ascending.

    `places[n]` is how far along each edge (0 to 1) and the point (x, y) in m; `inwards[n]` tells
    whether the curve goes into the other, which then goes out of it.
    """

    met: Index
    places: Floats
    inwards: Flags


def crossings(curves: Curves, near: float, skipped: Flags) -> tuple[Events, Flags]:
    """
    Return where the curves of groups cross, and the groups of which that is not sure.

    Parameters
    ----------
    curves
        Boundaries in m.
    near
        m. What comes as near as this without crossing, or crosses this near to a node, is doubt.
    skipped
        Groups that are in doubt anyway.
    """
    met, places, inwards, doubt = _crossings(*_flat(curves), near, skipped)
    clean = ~doubt[curves.group[met[:, 0]]]
    return Events(met[clean], places[clean], inwards[clean]), doubt


def around(curves: Curves, skipped: Flags) -> tuple[Index, Index, Flags]:
    """
    Tell what of its group the first point of each ring of each curve lies in.

    Parameters
    ----------
    curves
        Boundaries.
    skipped
        Groups that are not asked about.

    Returns
    -------
    within, depth
        Ring by ring, curve by curve: 1 in the polygon of the group (0 for its own rings), and how
        many of the others.
    doubt
        Groups in which a point may be on a boundary.
    """
    return _around(*_flat(curves), skipped)


def _flat(curves: Curves) -> tuple[Floats, Index, Index, Index, Floats, Index, Index]:
    """Return plain arrays, as compiled functions take them."""
    c = curves
    return c.points, c.start, c.ring, c.rings, c.boxes, c.shape, c.first


@twin("curves")
def _crossings(  # noqa: PLR0913, PLR0917  plain arrays, as a compiled function takes them
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
    """
    Return events (met, places, inwards), in any order, and groups in doubt; see `crossings`.

    Parameters
    ----------
    points, start, ring, rings, boxes, shape, first
        As in `Curves`.
    near, skipped
        As in `crossings`.
    """
    group = np.repeat(np.arange(len(first) - 1), np.diff(first))
    rest = np.where(skipped[group], 0, first[1:][group] - np.arange(len(shape)) - 1)
    one = np.repeat(np.arange(len(shape)), rest)
    other = spread(np.arange(len(shape)) + 1, rest)
    meet = _meet(boxes[shape[one]], boxes[shape[other]], near)
    one, other = one[meet], other[meet]
    of_edge = _edge_boxes(points, start)
    pair, e, f = _pairs(
        of_edge,
        _close(of_edge, _edges(start, ring, rings, shape[one]), boxes[shape[other]], near),
        _close(of_edge, _edges(start, ring, rings, shape[other]), boxes[shape[one]], near),
        near,
    )
    across, sure, places, inwards = _crossed(points, e, f, near)
    doubt = skipped.copy()
    doubt[group[one[pair[~sure]]]] = True
    pair, e, f = pair[across], e[across], f[across]
    return np.stack([one[pair], e, other[pair], f], axis=1), places, inwards, doubt


def _close(
    of_edge: Floats, edges: tuple[Index, Index], boxes: Floats, near: float
) -> tuple[Index, Index]:
    """Return those pairs (position, edge) whose edge comes near to the box of the position."""
    position, edge = edges
    meet = _meet(of_edge[edge], boxes[position], near)
    return position[meet], edge[meet]


def _pairs(
    of_edge: Floats, mine: tuple[Index, Index], theirs: tuple[Index, Index], near: float
) -> tuple[Index, Index, Index]:
    """Join edges of one position that come near to each other: position, one, other."""
    position, edge = mine
    at = np.searchsorted(theirs[0], np.arange(int(position.max(initial=-1)) + 2))
    many = np.diff(at)[position]
    position, e = np.repeat(position, many), np.repeat(edge, many)
    f = theirs[1][spread(at[mine[0]], many)]
    meet = _meet(of_edge[e], of_edge[f], near)
    return position[meet], e[meet], f[meet]


def _crossed(points: Floats, e: Index, f: Index, near: float) -> tuple[Index, Flags, Floats, Flags]:
    """Return which edges cross, which surely do or do not, and where and how those that cross."""
    x, y = points.T
    (a, b, turned), (c, d, turned_other) = _ascending(x, y, e), _ascending(x, y, f)
    side = [side_of(x, y, *ends) for ends in ((a, b, c), (a, b, d), (c, d, a), (c, d, b))]
    clear = near * length_of(x, y, a, b), near * length_of(x, y, c, d)
    apart, clean = np.zeros(len(e), dtype=bool), np.ones(len(e), dtype=bool)
    for one, two, least in ((*side[:2], clear[0]), (*side[2:], clear[1])):
        apart |= (np.minimum(one, two) > least) | (np.maximum(one, two) < -least)
        clean &= np.minimum(np.abs(one), np.abs(two)) > least
    across = np.flatnonzero(~apart & clean)
    side = [each[across] for each in side]
    share, share_other = side[2] / (side[2] - side[3]), side[0] / (side[0] - side[1])
    begin, end = points[a[across]], points[b[across]]
    node = begin + share[:, None] * (end - begin)
    turned, turned_other = turned[across], turned_other[across]
    along = np.where(turned, 1.0 - share, share)
    along_other = np.where(turned_other, 1.0 - share_other, share_other)
    inwards = (np.where(turned, side[3], side[2]) < 0) != turned_other
    return across, apart | clean, np.column_stack([along, along_other, node]), inwards


def _meet(one: Floats, other: Floats, near: float) -> Flags:
    """Whether boxes (west, south, east, north), row by row, come as near as that."""
    meet: Flags = (one[:, 0] <= other[:, 2] + near) & (other[:, 0] <= one[:, 2] + near)
    meet &= (one[:, 1] <= other[:, 3] + near) & (other[:, 1] <= one[:, 3] + near)
    return meet


def _edge_boxes(points: Floats, start: Index) -> Floats:
    """Return the box of the edge from each point to the next; from the last of a ring none."""
    made = np.empty((len(points), 4))
    made[:-1, :2] = np.minimum(points[:-1], points[1:])
    made[:-1, 2:] = np.maximum(points[:-1], points[1:])
    made[start[1:] - 1] = [np.inf, np.inf, -np.inf, -np.inf]
    return made


def _edges(start: Index, ring: Index, rings: Index, shape: Index) -> tuple[Index, Index]:
    """Return (position in `shape`, point that begins an edge) for the boundaries of shapes."""
    begin = start[ring[shape]]
    number = start[ring[shape] + rings[shape]] - begin
    return np.repeat(np.arange(len(shape)), number), spread(begin, number)


def _ascending(x: Floats, y: Floats, edge: Index) -> tuple[Index, Index, Flags]:
    """Return both ends of edges, the lower in x, then y, first; and whether that turned them."""
    end = edge + 1
    turned = (x[edge] > x[end]) | ((x[edge] == x[end]) & (y[edge] > y[end]))
    return np.where(turned, end, edge), np.where(turned, edge, end), turned


@twin("curves")
def _around(  # noqa: PLR0913, PLR0917  plain arrays, as a compiled function takes them
    points: Floats,
    start: Index,
    ring: Index,
    rings: Index,
    boxes: Floats,
    shape: Index,
    first: Index,
    skipped: Flags,
) -> tuple[Index, Index, Flags]:
    """
    Tell what the first point of each ring lies in; see `around`.

    Parameters
    ----------
    points, start, ring, rings, boxes, shape, first
        As in `Curves`.
    skipped
        As in `around`.
    """
    curve = np.repeat(np.arange(len(shape)), rings[shape])
    node = start[spread(ring[shape], rings[shape])]
    group = np.repeat(np.arange(len(first) - 1), np.diff(first))[curve]
    rest = np.where(skipped[group], 0, np.diff(first)[group])
    asked = np.repeat(np.arange(len(curve)), rest)
    other = spread(first[:-1][group], rest)
    x, y = points[node[asked]].T
    box = boxes[shape[other]].T
    keep = (box[0] <= x) & (x <= box[2]) & (box[1] <= y) & (y <= box[3]) & (other != curve[asked])
    asked, other = asked[keep], other[keep]
    pair, edge = _edges(start, ring, rings, shape[other])
    is_edge = np.ones(len(points), dtype=bool)
    is_edge[start[1:] - 1] = False
    y = points[node[asked[pair]], 1]
    up = np.append(points[1:, 1], 0.0)[edge] > y
    level = is_edge[edge] & ((points[edge, 1] > y) != up)
    pair, edge, up = pair[level], edge[level], up[level]
    side = _sign(points, edge, node[asked[pair]])
    doubt = skipped.copy()
    doubt[group[asked[pair[side == 0]]]] = True
    number = np.bincount(pair[(side > 0) == up], minlength=len(asked))
    inside = number % 2 == 1
    asked, own = asked[inside], np.isin(other[inside], first[:-1])
    within = np.bincount(asked[own], minlength=len(curve))
    return within, np.bincount(asked[~own], minlength=len(curve)), doubt


def _sign(points: Floats, edge: Index, node: Index) -> Index:
    """Return 1 where a point lies left of an edge, -1 where right, 0 where that is not sure."""
    a, b, c = points[edge], points[edge + 1], points[node]
    left = (a[:, 0] - c[:, 0]) * (b[:, 1] - c[:, 1])
    right = (a[:, 1] - c[:, 1]) * (b[:, 0] - c[:, 0])
    unsure = np.abs(left - right) <= ROUNDING * (np.abs(left) + np.abs(right))
    return np.where(unsure, 0, np.where(left > right, 1, -1))
