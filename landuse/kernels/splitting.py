"""Split edges at the nodes along them, one edge after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels.compiled import bucketed, compiled
from landuse.kernels.hashing import slot_of, table_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Index = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_WIDE = np.uint64(32)
_FEW = 32  # cuts of an edge that are put in order one by one


@compiled
def along_edges(edge: Index, place: Floats, node: Index, count: int) -> Index:
    """Return the order of cuts by edge, place and node."""
    start, order = bucketed(edge, count)
    for k in range(count):
        if start[k + 1] - start[k] > _FEW:
            held = order[start[k] : start[k + 1]].copy()
            order[start[k] : start[k + 1]] = held[np.argsort(place[held], kind="mergesort")]
        for m in range(start[k] + 1, start[k + 1]):
            cut, at = order[m], m
            while at > start[k] and (place[order[at - 1]], node[order[at - 1]]) > (
                place[cut],
                node[cut],
            ):
                order[at] = order[at - 1]
                at -= 1
            order[at] = cut
    return order


@compiled
def _whole(begin: Index, end: Index, cut: Index, node: Index) -> tuple[Index, Index, Index]:
    """Return the ends of all parts edge by edge, none of no length, and where each edge starts."""
    first = np.empty(len(begin) + len(cut), dtype=np.int64)
    last = np.empty(len(first), dtype=np.int64)
    start = np.empty(len(begin) + 1, dtype=np.int64)
    filled, c = 0, 0
    for k in range(len(begin)):
        start[k] = filled
        here = begin[k]
        while c < len(cut) and cut[c] == k:
            if here != node[c]:
                first[filled], last[filled] = here, node[c]
                filled += 1
            here = node[c]
            c += 1
        if here != end[k]:
            first[filled], last[filled] = here, end[k]
            filled += 1
    start[len(begin)] = filled
    return first[:filled], last[:filled], start


@compiled
def _distinct(first: Index, last: Index) -> tuple[Index, Index, Index, Flags]:
    """Return distinct undirected edges, the number of each part, and whether it runs that way."""
    table = np.full(table_size(len(first)), -1, dtype=np.int64)
    mask = np.uint64(len(table) - 1)
    begin, end = np.empty(len(first), dtype=np.int64), np.empty(len(first), dtype=np.int64)
    number = np.empty(len(first), dtype=np.int64)
    same = np.empty(len(first), dtype=np.bool_)
    found = 0
    for k in range(len(first)):
        a, b = first[k], last[k]
        slot = slot_of(np.uint64(min(a, b)) << _WIDE | np.uint64(max(a, b)), mask)
        while table[slot] >= 0:
            e = table[slot]
            if (begin[e] == a and end[e] == b) or (begin[e] == b and end[e] == a):
                break
            slot = (slot + np.uint64(1)) & mask
        if table[slot] < 0:
            table[slot] = found
            begin[found], end[found] = a, b
            found += 1
        number[k] = table[slot]
        same[k] = begin[number[k]] == a
    return begin[:found].copy(), end[:found].copy(), number, same


@compiled
def parts(
    begin: Index, end: Index, edge: Index, cut: Index, node: Index
) -> tuple[Index, Index, Index, Index, Flags]:
    """Split edges and what uses them; see the plain function."""
    first, last, start = _whole(begin, end, cut, node)
    new_begin, new_end, number, same = _distinct(first, last)
    total = 0
    for k in range(len(edge)):
        total += start[edge[k] + 1] - start[edge[k]]
    made = np.empty(total, dtype=np.int64)
    owner = np.empty(total, dtype=np.int64)
    same_way = np.empty(total, dtype=np.bool_)
    filled = 0
    for k in range(len(edge)):
        for m in range(start[edge[k]], start[edge[k] + 1]):
            made[filled], owner[filled], same_way[filled] = number[m], k, same[m]
            filled += 1
    return new_begin, new_end, made, owner, same_way
