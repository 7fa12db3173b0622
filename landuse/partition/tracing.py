"""
Walk along edges: chains between junctions, and the cycles they close around faces.

Half-edge 2k is edge k walked forward, 2k + 1 backward; `h ^ 1` is its twin. A cycle has its face
on the left. All walking is pointer doubling on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels import TINY, twin
from landuse.partition.noding import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.noding import Edges, Floats
    from landuse.partition.overlay import Index


@dataclass(frozen=True)
class Chains:
    """
    Chains of half-edges from junction to junction.

    Chain c is followed by chain `following[c]` around the face on its left and walked back by
    `twin[c]`. Its nodes, without the last, are `nodes[start[c] : start[c] + length[c]]`.
    `last[h]` tells whether half-edge h ends its chain, `of[h]` which chain it is in.
    """

    following: Index
    twin: Index
    start: Index
    length: Index
    nodes: Index
    last: NDArray[np.bool_]
    of: Index


def chained(edges: Edges) -> Chains:
    """Return the chains of edges; a ring without a junction gets one at its first node."""
    made = _walked(edges.begin, edges.end, edges.points, edges.starts)
    following, ends, start, length, nodes, last, of = made
    return Chains(of[following[ends]], of[ends ^ 1], start, length, nodes, last, of)


@twin("walking")
def _walked(
    begin: Index, end: Index, points: Floats, starts: Index
) -> tuple[Index, Index, Index, Index, Index, NDArray[np.bool_], Index]:
    """
    Walk along edges around the faces on their left.

    Parameters
    ----------
    begin, end, points
        Edges between points.
    starts
        Nodes at which a chain ends, as at every node that not just two edges meet.

    Returns
    -------
    following
        For each half-edge the next one around the face on its left.
    ends, start, length, nodes, last, of
        The last half-edge of each chain, and what `Chains` holds.

    Raises
    ------
    ArithmeticError
        If a ring has no junction.
    """
    origin = np.stack([begin, end], axis=1).ravel()
    half = np.arange(len(origin))
    target = origin[half ^ 1]
    degree = np.bincount(origin, minlength=len(points))
    following = _following(points, origin, degree)
    junction = degree != 2
    junction[starts] = True
    last = junction[target]
    final, after = ranked(following, last)
    ends = np.flatnonzero(last)
    number = np.empty(len(origin), dtype=np.int64)
    number[ends] = np.arange(len(ends))
    of = number[final]
    length = np.bincount(of, minlength=len(ends))
    start = np.cumsum(length) - length
    nodes = np.empty(len(origin), dtype=np.int64)
    nodes[start[of] + length[of] - 1 - after] = origin
    return following, ends, start, length, nodes, last, of


def _following(points: Floats, origin: Index, degree: Index) -> Index:
    """Return for each half-edge the next one around the face on its left."""
    half = np.arange(len(origin))
    both = np.bincount(origin, half, minlength=len(degree)).astype(np.int64)
    following = np.empty(len(origin), dtype=np.int64)
    following[half ^ 1] = both[origin] - half
    crowded = np.flatnonzero(degree[origin] != 2)
    node = origin[crowded]
    order = _around_nodes(node, _bearing(*(points[origin[crowded ^ 1]] - points[node]).T))
    around, node = crowded[order], node[order]
    first = np.flatnonzero(np.diff(node, prepend=-1))
    before = np.roll(around, 1)
    before[first] = around[np.flatnonzero(np.diff(node, append=-1))]
    following[around ^ 1] = before
    return following


def _bearing(x: Floats, y: Floats) -> Floats:
    """Return numbers from 0 to 4 that grow with the angle of directions from the west."""
    across = x / np.maximum(np.abs(x) + np.abs(y), TINY)
    bearing: Floats = np.where(y < 0, 1.0 + across, 3.0 - across)
    return bearing


def _around_nodes(node: Index, bearing: Floats) -> Index:
    """Order by node, then bearing; one sort of a joint key where that tells all apart."""
    key = node + bearing / 5.0
    order = np.argsort(key)
    ordered = key[order]
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((bearing, node))
    return order


def ranked(following: Index, last: NDArray[np.bool_]) -> tuple[Index, Index]:
    """
    Return the last element of the sequence each is in, and the number of those after it.

    Raises
    ------
    ArithmeticError
        If a sequence has no last element.
    """
    end = np.where(last, np.arange(len(last)), following)
    after = np.where(last, 0, 1)
    open_ = np.flatnonzero(~last[end])
    for _ in range(64):
        if not len(open_):
            return end, after
        ahead = end[open_]
        after[open_] += after[ahead]
        end[open_] = end[ahead]
        open_ = open_[~last[end[open_]]]
    message = "edges close a ring without a junction"
    raise ArithmeticError(message)


@twin("walking")
def cycles(following: Index) -> Index:
    """
    Return the lowest element of the cycle each element is in.

    Raises
    ------
    ArithmeticError
        If the elements form no cycles.
    """
    lowest, ahead = np.arange(len(following)), following
    for _ in range(64):
        if np.array_equal(lowest, lowest[following]):
            return lowest
        lowest = np.minimum(lowest, lowest[ahead])
        ahead = ahead[ahead]
    message = "chains close no ring"
    raise ArithmeticError(message)


def signed_areas(chains: Chains, points: Floats, cycle: Index, count: int) -> Floats:
    """Return the area within each cycle (0 to count - 1) in m², negative if walked clockwise."""
    ahead = chains.nodes[chains.start[chains.twin]]
    return _areas_around(points, chains.nodes, chains.start, chains.length, ahead, cycle, count)


@twin("walking")
def _areas_around(  # noqa: PLR0913, PLR0917  plain arrays, as a compiled function takes them
    points: Floats,
    nodes: Index,
    start: Index,
    length: Index,
    ahead: Index,
    cycle: Index,
    count: int,
) -> Floats:
    """Return the signed area within each cycle of chains; `ahead` is the node after each."""
    of = np.repeat(cycle, length)
    reference = np.empty(count, dtype=np.int64)
    reference[cycle] = nodes[start]
    here = points.take(nodes, axis=0) - points.take(reference[of], axis=0)
    there = np.empty_like(here)
    there[:-1] = here[1:]
    there[start + length - 1] = points[ahead] - points[reference[cycle]]
    cross = here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]
    total: Floats = np.bincount(of, cross, minlength=count) / 2
    return total


@twin("walking")
def outlines(
    left: Index, other: Index, following: Index, twin: Index
) -> tuple[Index, Index, Index]:
    """
    Return the outlines of faces of one key, ring by ring.

    Parameters
    ----------
    left, other
        The key of the face on the left and on the right of each chain; 0 is outside.
    following, twin
        As in `Chains`.

    Returns
    -------
    chains, ring, key
        Chains in the order they are walked, the ring (0, 1, ...) of each, the key of each ring.
    """
    border = left != other
    kept = np.flatnonzero(border & (left > 0))
    ahead = following[kept]
    while not border[ahead].all():
        inside = np.flatnonzero(~border[ahead])
        ahead[inside] = following[twin[ahead[inside]]]
    place = np.empty(len(left), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    ahead = place[ahead]
    leader = cycles(ahead)
    _, after = ranked(ahead, leader[ahead] == ahead)
    leaders = np.flatnonzero(leader == np.arange(len(kept)))
    number = np.empty(len(kept), dtype=np.int64)
    number[leaders] = np.arange(len(leaders))
    ring = number[leader]
    size = np.bincount(ring, minlength=len(leaders))
    order = np.empty(len(kept), dtype=np.int64)
    order[np.cumsum(size)[ring] - after - 1] = kept
    return order, np.repeat(np.arange(len(leaders)), size), left[kept[leaders]]


@twin("walking")
def closed(
    points: Floats, nodes: Index, start: Index, length: Index, kept: Index, ring: Index
) -> tuple[Floats, Index]:
    """
    Return the points of rings of chains, the first of each ring once more behind its last.

    Parameters
    ----------
    points, nodes, start, length
        Points, and the nodes of chains, as in `Chains`.
    kept, ring
        Chains ring by ring, and the ring (0, 1, ...) of each.

    Returns
    -------
    points, start
        Ring k has the points from `start[k]` to before `start[k + 1]`.
    """
    number = length[kept]
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    size = np.bincount(ring, number, minlength=len(first)).astype(np.int64)
    begin = np.append(0, np.cumsum(size + 1))
    walked = nodes[spread(start[kept], number)]
    made = np.empty(begin[-1], dtype=np.int64)
    made[np.arange(len(walked)) + np.repeat(np.arange(len(first)), size)] = walked
    made[begin[1:] - 1] = nodes[start[kept[first]]]
    return points.take(made, axis=0), begin


@twin("walking")
def picked(points: Floats, start: Index, order: Index) -> tuple[Floats, Index]:
    """Return rings (as `closed` does) in another order, or some of them."""
    size = np.diff(start)[order]
    return points.take(spread(start[order], size), axis=0), np.append(0, np.cumsum(size))


@twin("walking")
def ring_areas(points: Floats, start: Index) -> Floats:
    """Return the signed area in m² of rings (as `closed` returns them)."""
    ring = np.repeat(np.arange(len(start) - 1), np.diff(start))
    local = points - points.take(start[ring], axis=0)
    cross = np.zeros(len(points))
    cross[:-1] = local[:-1, 0] * local[1:, 1] - local[:-1, 1] * local[1:, 0]
    cross[start[1:] - 1] = 0.0
    area: Floats = np.bincount(ring, cross, minlength=len(start) - 1) / 2
    return area
