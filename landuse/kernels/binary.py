"""Shapes written as WKB into one row of bytes, straight from their rings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse.kernels.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Index = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@compiled
def _write_number(out: Bytes, at: int, number: int) -> None:
    """Write a number in four bytes, the lowest first."""
    for k in range(4):
        out[at + k] = (number >> (8 * k)) & 255


@compiled
def wkb(
    places: Bytes, start: Index, polygon: Index, shape: Index, several: Flags
) -> tuple[Bytes, Index]:
    """Return all shapes in WKB, and where each begins and the last ends."""
    count = len(several)
    begins = np.zeros(count + 1, dtype=np.int64)
    begins[1:] = 9
    is_first = np.ones(len(shape), dtype=np.bool_)
    for ring in range(len(shape)):
        is_first[ring] = ring == 0 or polygon[ring] != polygon[ring - 1]
        begins[shape[ring] + 1] += 4 + 16 * (start[ring + 1] - start[ring])
        if several[shape[ring]] and is_first[ring]:
            begins[shape[ring] + 1] += 9
    for number in range(count):
        begins[number + 1] += begins[number]
    out = np.zeros(begins[count], dtype=np.uint8)
    at, parts, rings_of = begins[:count] + 9, np.zeros(count, np.int64), np.zeros(count, np.int64)
    head = begins[:count].copy()  # of the polygon that is written
    for number in range(count):
        out[begins[number]] = 1
        out[begins[number] + 1] = 6 if several[number] else 3
    for ring in range(len(shape)):
        own = shape[ring]
        if several[own] and is_first[ring]:
            head[own] = at[own]
            out[head[own]], out[head[own] + 1] = 1, 3
            at[own] += 9
            parts[own] += 1
            rings_of[own] = 0
            _write_number(out, begins[own] + 5, parts[own])
        rings_of[own] += 1
        _write_number(out, head[own] + 5, rings_of[own])
        _write_number(out, at[own], start[ring + 1] - start[ring])
        begin, first, size = at[own] + 4, 16 * start[ring], 16 * (start[ring + 1] - start[ring])
        for k in range(size):
            out[begin + k] = places[first + k]
        at[own] = begin + size
    return out, begins
