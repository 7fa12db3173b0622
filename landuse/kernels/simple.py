"""Prove rings simple, edge against edge; what cannot be proved in float64 is left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Index = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_LONG = 2_048  # edges of a ring at most; longer ones are left open
_RUN = 4  # edges that are held against others together
_DOUBT = 4.0e-16  # of the products: more than rounding can change a sign (Shewchuk 1997: 3.3e-16)


@compiled
def _sign(points: Floats, a: int, b: int, c: int) -> int:
    """Return 1 if c lies left of a -> b, -1 if right, 0 if that is not sure."""
    left = (points[a, 0] - points[c, 0]) * (points[b, 1] - points[c, 1])
    right = (points[a, 1] - points[c, 1]) * (points[b, 0] - points[c, 0])
    if abs(left - right) <= _DOUBT * (abs(left) + abs(right)):
        return 0
    return 1 if left > right else -1


@compiled
def _apart(points: Floats, i: int, j: int) -> bool:
    """Whether the edges from points i and j surely have no point in common."""
    for axis in range(2):
        a, b, c, d = points[i, axis], points[i + 1, axis], points[j, axis], points[j + 1, axis]
        if max(a, b) < min(c, d) or max(c, d) < min(a, b):
            return True
    one = _sign(points, i, i + 1, j)
    if one != 0 and one == _sign(points, i, i + 1, j + 1):
        return True
    one = _sign(points, j, j + 1, i)
    return one != 0 and one == _sign(points, j, j + 1, i + 1)


@compiled
def _ranges(points: Floats, first: int, last: int, ranges: Floats) -> None:
    """Write west, south, east, north of each run of edges of a ring."""
    for run in range((last - first + _RUN - 1) // _RUN):
        begin, end = first + run * _RUN, min(first + (run + 1) * _RUN, last)
        for axis in range(2):
            low = high = points[begin, axis]
            for k in range(begin + 1, end + 1):
                low, high = min(low, points[k, axis]), max(high, points[k, axis])
            ranges[run, axis], ranges[run, axis + 2] = low, high


@compiled
def _runs_apart(points: Floats, first: int, last: int, one: int, other: int) -> bool:
    """Whether the edges of one run surely meet none of another (or the same), but next to next."""
    for i in range(first + one * _RUN, min(first + (one + 1) * _RUN, last)):
        for j in range(first + other * _RUN, min(first + (other + 1) * _RUN, last)):
            is_next = j <= i + 1 or (i == first and j == last - 1)
            if not is_next and not _apart(points, i, j):
                return False
    return True


@compiled
def _simple(points: Floats, first: int, last: int, ranges: Floats) -> bool:
    """Whether the closed ring of points from first to last is proved simple."""
    for i in range(first, last):
        if _sign(points, i, i + 1, i + 2 if i + 1 < last else first + 1) == 0:
            return False
    _ranges(points, first, last, ranges)
    for one in range((last - first + _RUN - 1) // _RUN):
        for other in range(one, (last - first + _RUN - 1) // _RUN):
            if (
                ranges[one, 0] <= ranges[other, 2]
                and ranges[other, 0] <= ranges[one, 2]
                and ranges[one, 1] <= ranges[other, 3]
                and ranges[other, 1] <= ranges[one, 3]
                and not _runs_apart(points, first, last, one, other)
            ):
                return False
    return True


@compiled
def surely_simple(points: Floats, start: Index) -> Flags:
    """Whether each closed ring of points is proved to meet itself nowhere and to hold area."""
    made = np.zeros(len(start) - 1, dtype=np.bool_)
    ranges = np.empty((_LONG // _RUN + 1, 4), dtype=np.float64)
    for ring in range(len(start) - 1):
        first, last = start[ring], start[ring + 1] - 1
        if 3 <= last - first <= _LONG:
            made[ring] = _simple(points, first, last, ranges)
    return made
