"""Walk along edges and chains one step after the other, where plain arrays double pointers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels import TINY
from landuse.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Index = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@compiled
def is_counterclockwise(points: Floats, start: Index) -> Flags:
    """Whether each closed ring of points, the first at `start`, is walked counter-clockwise."""
    made = np.empty(len(start), dtype=np.bool_)
    for k in range(len(start)):
        end = start[k + 1] if k + 1 < len(start) else len(points)
        x, y = points[start[k], 0], points[start[k], 1]
        total = 0.0
        for p in range(start[k], end - 1):
            here_x, here_y = points[p, 0] - x, points[p, 1] - y
            there_x, there_y = points[p + 1, 0] - x, points[p + 1, 1] - y
            total += here_x * there_y - here_y * there_x
        made[k] = total > 0
    return made


@compiled
def bearing(x: float, y: float) -> float:
    """Return a number from 0 to 4 that grows with the angle of a direction from the west."""
    across = x / max(abs(x) + abs(y), TINY)
    return 1.0 + across if y < 0 else 3.0 - across


@compiled
def _following(begin: Index, end: Index, points: Floats, degree: Index) -> Index:
    """Return for each half-edge the next one around the face on its left."""
    count = 2 * len(begin)
    following = np.empty(count, dtype=np.int64)
    both = np.zeros(len(points), dtype=np.int64)
    for k in range(len(begin)):
        both[begin[k]] += 2 * k
        both[end[k]] += 2 * k + 1
    place = np.zeros(len(points) + 1, dtype=np.int64)
    for node in range(len(points)):
        place[node + 1] = place[node] + (degree[node] if degree[node] != 2 else 0)
    start = place[:-1].copy()
    around = np.empty(place[-1], dtype=np.int64)
    for half in range(count):
        node = end[half // 2] if half % 2 else begin[half // 2]
        if degree[node] == 2:
            following[half ^ 1] = both[node] - half
        else:
            around[start[node]] = half
            start[node] += 1
    angle = np.empty(len(around), dtype=np.float64)
    for node in range(len(points)):
        first, stop = place[node], place[node + 1]
        for m in range(first, stop):
            half = around[m]
            other = begin[half // 2] if half % 2 else end[half // 2]
            turn = bearing(points[other, 0] - points[node, 0], points[other, 1] - points[node, 1])
            at = m
            while at > first and angle[at - 1] > turn:
                angle[at], around[at] = angle[at - 1], around[at - 1]
                at -= 1
            angle[at], around[at] = turn, half
        for m in range(first, stop):
            following[around[m] ^ 1] = around[m - 1 if m > first else stop - 1]
    return following


@compiled
def _chains(
    begin: Index, end: Index, following: Index, junction: Flags
) -> tuple[Index, Index, Index, Index, Flags, Index]:
    """Return the ends of chains, their starts, lengths and nodes, what ends, and what is where."""
    count = 2 * len(begin)
    last = np.empty(count, dtype=np.bool_)
    ends = np.empty(count, dtype=np.int64)
    of = np.full(count, -1, dtype=np.int64)
    made = 0
    for half in range(count):
        last[half] = junction[begin[half // 2] if half % 2 else end[half // 2]]
        if last[half]:
            ends[made], of[half] = half, made
            made += 1
    before = np.empty(count, dtype=np.int64)
    for half in range(count):
        before[following[half]] = half
    start, length = np.zeros(made, dtype=np.int64), np.zeros(made, dtype=np.int64)
    nodes = np.empty(count, dtype=np.int64)
    filled = 0
    for chain in range(made):
        number, half = 1, ends[chain]
        while not last[before[half]]:
            half = before[half]
            number += 1
        start[chain], length[chain] = filled, number
        for _ in range(number):
            of[half] = chain
            nodes[filled] = end[half // 2] if half % 2 else begin[half // 2]
            filled += 1
            half = following[half]
    return ends[:made].copy(), start, length, nodes[:filled], last, of


def walked(
    begin: Index, end: Index, points: Floats, starts: Index
) -> tuple[Index, Index, Index, Index, Index, Flags, Index]:
    """
    Return half-edges after half-edges, and the chains they form.

    Raises
    ------
    ArithmeticError
        If a ring has no junction.
    """
    degree = np.bincount(begin, minlength=len(points)) + np.bincount(end, minlength=len(points))
    junction = degree != 2
    junction[starts] = True
    following = _following(begin, end, points, degree)
    made = _chains(begin, end, following, junction)
    if len(made[3]) < len(following):
        message = "edges close a ring without a junction"
        raise ArithmeticError(message)
    return following, *made


@compiled
def _cycles(following: Index) -> Index:
    lowest = np.full(len(following), -1, dtype=np.int64)
    for first in range(len(following)):
        element = first
        while lowest[element] < 0:
            lowest[element] = first
            element = following[element]
        if element != first:  # it ran into a cycle it is not in
            lowest[0] = -1
            return lowest
    return lowest


def cycles(following: Index) -> Index:
    """
    Return the lowest element of the cycle each element is in.

    Raises
    ------
    ArithmeticError
        If the elements form no cycles.
    """
    lowest = _cycles(following)
    if len(lowest) and lowest[0] < 0:
        message = "chains close no ring"
        raise ArithmeticError(message)
    return lowest


@compiled
def areas_around(  # noqa: PLR0913, PLR0917  numba has no records
    points: Floats,
    nodes: Index,
    start: Index,
    length: Index,
    ahead: Index,
    cycle: Index,
    count: int,
) -> Floats:
    """Return the signed area within each cycle of chains in m²."""
    reference = np.empty(count, dtype=np.int64)
    for chain in range(len(start)):
        reference[cycle[chain]] = nodes[start[chain]]
    total = np.zeros(count, dtype=np.float64)
    for chain in range(len(start)):
        x, y = points[reference[cycle[chain]], 0], points[reference[cycle[chain]], 1]
        node = nodes[start[chain]]
        here_x, here_y = points[node, 0] - x, points[node, 1] - y
        for k in range(1, length[chain] + 1):
            node = nodes[start[chain] + k] if k < length[chain] else ahead[chain]
            there_x, there_y = points[node, 0] - x, points[node, 1] - y
            total[cycle[chain]] += here_x * there_y - here_y * there_x
            here_x, here_y = there_x, there_y
    return total / 2


@compiled
def outlines(
    left: Index, other: Index, following: Index, twin: Index
) -> tuple[Index, Index, Index]:
    """Return the chains of outlines ring by ring, the ring of each, and the key of each ring."""
    kept = np.empty(len(left), dtype=np.int64)
    ring = np.empty(len(left), dtype=np.int64)
    keys = np.empty(len(left), dtype=np.int64)
    done = np.zeros(len(left), dtype=np.bool_)
    filled, rings = 0, 0
    for first in range(len(left)):
        if done[first] or left[first] <= 0 or left[first] == other[first]:
            continue
        chain = first
        while not done[chain]:
            done[chain] = True
            kept[filled], ring[filled] = chain, rings
            filled += 1
            chain = following[chain]
            while left[chain] == other[chain]:
                chain = following[twin[chain]]
        keys[rings] = left[first]
        rings += 1
    return kept[:filled], ring[:filled], keys[:rings]


@compiled
def closed(
    points: Floats, nodes: Index, start: Index, length: Index, kept: Index, ring: Index
) -> tuple[Floats, Index]:
    """Return the closed rings of chains; see the plain function."""
    rings, total = 0, 0
    for k in range(len(kept)):
        total += length[kept[k]]
        if k == 0 or ring[k] != ring[k - 1]:
            rings += 1
    made = np.empty((total + rings, 2), dtype=np.float64)
    begin = np.zeros(rings + 1, dtype=np.int64)
    filled = 0
    for k in range(len(kept)):
        for m in range(start[kept[k]], start[kept[k]] + length[kept[k]]):
            made[filled, 0], made[filled, 1] = points[nodes[m], 0], points[nodes[m], 1]
            filled += 1
        if k + 1 == len(kept) or ring[k + 1] != ring[k]:
            first = begin[ring[k]]
            made[filled, 0], made[filled, 1] = made[first, 0], made[first, 1]
            filled += 1
            begin[ring[k] + 1] = filled
    return made, begin


@compiled
def picked(points: Floats, start: Index, order: Index) -> tuple[Floats, Index]:
    """Return rings in another order, or some of them."""
    begin = np.zeros(len(order) + 1, dtype=np.int64)
    for k in range(len(order)):
        begin[k + 1] = begin[k] + start[order[k] + 1] - start[order[k]]
    made = np.empty((begin[-1], 2), dtype=np.float64)
    for k in range(len(order)):
        shift = start[order[k]] - begin[k]
        for m in range(begin[k], begin[k + 1]):
            made[m, 0], made[m, 1] = points[m + shift, 0], points[m + shift, 1]
    return made, begin


@compiled
def ring_areas(points: Floats, start: Index) -> Floats:
    """Return the signed area of closed rings in m²."""
    made = np.empty(len(start) - 1, dtype=np.float64)
    for k in range(len(start) - 1):
        x, y = points[start[k], 0], points[start[k], 1]
        total = 0.0
        for p in range(start[k], start[k + 1] - 1):
            here_x, here_y = points[p, 0] - x, points[p, 1] - y
            there_x, there_y = points[p + 1, 0] - x, points[p + 1, 1] - y
            total += here_x * there_y - here_y * there_x
        made[k] = total / 2
    return made
