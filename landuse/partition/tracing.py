"""
Walk along edges: chains between junctions, and the cycles they close around faces.

Half-edge 2k is edge k walked forward, 2k + 1 backward; `h ^ 1` is its twin. A cycle has its face
on the left. All walking is pointer doubling on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
    origin = np.stack([edges.begin, edges.end], axis=1).ravel()
    half = np.arange(len(origin))
    target = origin[half ^ 1]
    degree = np.bincount(origin, minlength=len(edges.points))
    following = _following(edges, origin, degree)
    junction = degree != 2
    junction[edges.starts] = True
    last = junction[target]
    end, after = ranked(following, last, np.ones(len(origin), dtype=np.int64))
    ends = np.flatnonzero(last)
    number = np.empty(len(origin), dtype=np.int64)
    number[ends] = np.arange(len(ends))
    of = number[end]
    length = np.bincount(of, minlength=len(ends))
    start = np.cumsum(length) - length
    nodes = np.empty(len(origin), dtype=np.int64)
    nodes[start[of] + length[of] - 1 - after] = origin
    return Chains(of[following[ends]], of[ends ^ 1], start, length, nodes, last, of)


def _following(edges: Edges, origin: Index, degree: Index) -> Index:
    """Return for each half-edge the next one around the face on its left."""
    half = np.arange(len(origin))
    both = np.bincount(origin, half, minlength=len(degree)).astype(np.int64)
    following = np.empty(len(origin), dtype=np.int64)
    following[half ^ 1] = both[origin] - half
    crowded = np.flatnonzero(degree[origin] != 2)
    node = origin[crowded]
    way = edges.points[origin[crowded ^ 1]] - edges.points[node]
    order = _around_nodes(node, np.arctan2(way[:, 1], way[:, 0]))
    around, node = crowded[order], node[order]
    first = np.flatnonzero(np.diff(node, prepend=-1))
    before = np.roll(around, 1)
    before[first] = around[np.flatnonzero(np.diff(node, append=-1))]
    following[around ^ 1] = before
    return following


def _around_nodes(node: Index, angle: Floats) -> Index:
    """Order by node, then angle; one sort of a joint key where that tells all angles apart."""
    key = node + (angle + np.pi) / 7.0
    order = np.argsort(key)
    ordered = key[order]
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((angle, node))
    return order


def ranked(following: Index, last: NDArray[np.bool_], weight: Index) -> tuple[Index, Index]:
    """
    Return the last element of the sequence each is in, and the weight of those after it.

    Raises
    ------
    ArithmeticError
        If a sequence has no last element.
    """
    end = np.where(last, np.arange(len(last)), following)
    after = np.where(last, 0, weight[following])
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
    edge_of = np.repeat(np.arange(len(cycle)), chains.length)
    reference = np.empty(count, dtype=np.int64)
    reference[cycle] = chains.nodes[chains.start]
    here = points[chains.nodes] - points[reference[cycle]][edge_of]
    there = np.empty_like(here)
    there[:-1] = here[1:]
    ends = chains.start + chains.length - 1
    target = chains.nodes[chains.start[chains.twin]]
    there[ends] = points[target] - points[reference[cycle]]
    cross = here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]
    return np.bincount(cycle, np.add.reduceat(cross, chains.start), minlength=count) / 2


def rings(
    chains: Chains, kept: Index, following: Index, leader: Index
) -> tuple[Index, Index, Index]:
    """
    Return the nodes of the cycles that kept chains close.

    Parameters
    ----------
    kept
        Chains that take part.
    following, leader
        For each kept chain the position in `kept` of the next one, and of the lowest of its cycle.

    Returns
    -------
    nodes, ring, leaders
        Nodes in order, the ring (0, 1, ...) of each, and the position in `kept` of each leader.
    """
    length = chains.length[kept]
    _, after = ranked(following, leader[following] == following, length)
    leaders = np.flatnonzero(leader == np.arange(len(kept)))
    number = np.empty(len(kept), dtype=np.int64)
    number[leaders] = np.arange(len(leaders))
    ring = number[leader]
    size = np.bincount(ring, length, minlength=len(leaders)).astype(np.int64)
    start = (np.cumsum(size) - size)[ring] + size[ring] - after - length
    nodes = np.empty(length.sum(), dtype=np.int64)
    nodes[spread(start, length)] = chains.nodes[spread(chains.start[kept], length)]
    return nodes, np.repeat(np.arange(len(leaders)), size), leaders
