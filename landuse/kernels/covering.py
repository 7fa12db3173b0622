"""Flood the faces of each shape from its boundary inwards, one shape after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels.compiled import bucketed, compiled, grown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Index = NDArray[np.int64]


@compiled
def _grown(
    held: Index,
    count: int,
    seen: Index,
    barred: Index,
    shape: int,
    around: tuple[Index, Index, Index, Index],
) -> int:
    """Add the cycles across chains of held cycles that do not bound a shape; return how many."""
    start, chains, cycle, twin = around
    held_before = count
    for k in range(held_before):
        for m in range(start[held[k]], start[held[k] + 1]):
            chain = chains[m]
            beyond = cycle[twin[chain]]
            if barred[chain] != shape and seen[beyond] != shape:
                seen[beyond] = shape
                held[count] = beyond
                count += 1
    return count


@compiled
def _begun(held: Index, seen: Index, faces: Index, order: Index, shape: int) -> int:
    """Hold the distinct faces a shape is known to cover; return how many."""
    count = 0
    for k in order:
        if seen[faces[k]] != shape:
            seen[faces[k]] = shape
            held[count] = faces[k]
            count += 1
    return count


@compiled
def _covering(
    known: tuple[Index, Index],
    bound: tuple[Index, Index],
    cycle: Index,
    twin: Index,
    sizes: tuple[Floats, Floats, float],
) -> tuple[Index, Index]:
    """Return (cycle, shape) of all faces of shapes, ordered by shape."""
    area, whole, equal = sizes
    around_start, around = bucketed(cycle, len(area))
    known_start, known_order = bucketed(known[1], len(whole))
    bound_start, bound_order = bucketed(bound[1], len(whole))
    seen = np.full(len(area), -1, dtype=np.int64)
    barred = np.full(len(cycle), -1, dtype=np.int64)
    held = np.empty(len(area), dtype=np.int64)
    made, filled = np.empty(4 * len(whole) + 16, dtype=np.int64), 0
    for shape in range(len(whole)):
        for k in range(bound_start[shape], bound_start[shape + 1]):
            barred[bound[0][bound_order[k]]] = shape
        known_here = known_order[known_start[shape] : known_start[shape + 1]]
        count = _begun(held, seen, known[0], known_here, shape)
        while True:
            total = 0.0
            for k in range(count):
                total += area[held[k]]
            if abs(total - whole[shape]) <= equal:
                break
            before = count
            count = _grown(held, count, seen, barred, shape, (around_start, around, cycle, twin))
            if count == before:
                break
        while filled + 2 * count > len(made):
            made = grown(made, filled)
        for k in range(count):
            made[filled], made[filled + 1] = held[k], shape
            filled += 2
    return made[:filled:2].copy(), made[1:filled:2].copy()


@compiled
def _by_cycle(cycle: Index, shape: Index, count: int) -> tuple[Index, Index]:
    """Return pairs ordered by cycle, then shape; they come ordered by shape."""
    _, order = bucketed(cycle, count)
    return cycle[order], shape[order]


def flooded(  # noqa: PLR0913, PLR0917  the arguments of the plain function
    known: tuple[Index, Index],
    bound: tuple[Index, Index],
    cycle: Index,
    twin: Index,
    area: Floats,
    whole: Floats,
    equal: float,
) -> tuple[Index, Index]:
    """Return (cycle, shape) for every shape that covers the face of a cycle, ordered."""
    made = _covering(known, bound, cycle, twin, (area, whole, equal))
    return _by_cycle(*made, len(area))
