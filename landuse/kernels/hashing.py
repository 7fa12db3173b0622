"""Number points and keys in order of appearance, by open addressing; equal means equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Index = NDArray[np.int64]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_OTHER = np.uint64(0xC2B2AE3D27D4EB4F)
_HALF = np.uint64(32)


@compiled
def slot_of(key: Any, mask: Any) -> Any:
    """Return the slot of a table where the search for a key begins."""
    key ^= key >> np.uint64(29)
    key *= _ODD
    return (key ^ (key >> _HALF)) & mask


@compiled
def table_size(count: int) -> int:
    """Return the size of a table at most half full: a power of two."""
    size = 16
    while size < 2 * count:
        size *= 2
    return size


@compiled
def _grouped(key: NDArray[np.uint64]) -> tuple[Index, Index]:
    count = len(key)
    size = table_size(count)
    mask = np.uint64(size - 1)
    table = np.full(size, -1, dtype=np.int64)
    number = np.empty(count, dtype=np.int64)
    first = np.empty(count, dtype=np.int64)
    found = 0
    for k in range(count):
        slot = slot_of(key[k], mask)
        while table[slot] >= 0 and key[first[table[slot]]] != key[k]:
            slot = (slot + np.uint64(1)) & mask
        if table[slot] < 0:
            table[slot] = found
            first[found] = k
            found += 1
        number[k] = table[slot]
    return first[:found].copy(), number


@compiled
def _numbered(points: Floats, bits: NDArray[np.uint64]) -> tuple[Floats, Index]:
    count = len(points)
    size = table_size(count)
    mask = np.uint64(size - 1)
    table = np.full(size, -1, dtype=np.int64)
    number = np.empty(count, dtype=np.int64)
    first = np.empty(count, dtype=np.int64)
    found = 0
    for k in range(count):
        x, y = bits[k, 0], bits[k, 1]
        slot = slot_of(x * _ODD ^ (y + _ODD) * _OTHER, mask)
        while table[slot] >= 0:
            other = first[table[slot]]
            if bits[other, 0] == x and bits[other, 1] == y:
                break
            slot = (slot + np.uint64(1)) & mask
        if table[slot] < 0:
            table[slot] = found
            first[found] = k
            found += 1
        number[k] = table[slot]
    made = np.empty((found, 2), dtype=np.float64)
    for k in range(found):
        made[k, 0], made[k, 1] = points[first[k], 0], points[first[k], 1]
    return made, number


def grouped(key: NDArray[Any]) -> tuple[Index, Index]:
    """Return the first place of each distinct key in order of appearance, and key numbers."""
    return _grouped(np.ascontiguousarray(key).view(np.uint64))


def numbered(points: Floats) -> tuple[Floats, Index]:
    """Return the distinct points, and the number of each given point among them."""
    points = np.ascontiguousarray(points + 0.0)  # a negative zero is a zero
    return _numbered(points, points.view(np.uint64))
