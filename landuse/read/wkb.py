"""
Shapes in WKB that hold each other without end, told before they are made.

GEOS follows shapes into each other as deep as they are nested, until its stack is used up and the
program with it. Nobody draws a shape of shapes a thousand deep.
"""

from __future__ import annotations

import struct

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.errors import LayerError

DEEPEST = 1_000
"""Shapes within shapes a record may have; GEOS has room for ten times as many."""

_HEAD = 5  # bytes of a head: order of bytes and kind
_SMALLEST = 9  # bytes of a shape that holds others: head and count
_ALONE = [
    head for kind in (1, 2, 3) for head in (bytes([1, kind, 0, 0, 0]), bytes([0, 0, 0, 0, kind]))
]
_POINT, _LINES, _RINGS, _HOLDERS = {1}, {2, 8}, {3, 17}, {4, 5, 6, 7, 9, 10, 11, 12, 15, 16}
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000  # flags of the extended form


def refuse_nested(held: pa.ChunkedArray, file: str) -> None:
    """
    Refuse shapes that are nested without end.

    Parameters
    ----------
    held
        WKB of the shapes of a layer.
    file
        Named in the error.

    Raises
    ------
    LayerError
        If a record holds shapes within shapes more than `DEEPEST` deep.
    """
    row = 0
    for chunk in held.chunks:
        heads = pc.binary_slice(chunk, 0, _HEAD)
        is_alone = pc.is_in(heads, pa.array(_ALONE, heads.type))
        is_large = pc.greater(pc.binary_length(chunk), DEEPEST * _SMALLEST)
        doubtful = pc.fill_null(pc.and_(is_large, pc.invert(is_alone)), fill_value=False)
        for at in np.flatnonzero(doubtful.to_numpy(zero_copy_only=False)):
            if _is_deep(chunk[int(at)].as_py()):
                raise LayerError(
                    "read.nested", file=file, row=row + int(at) + 1, most=f"{DEEPEST:,}"
                )
        row += len(chunk)


def _is_deep(record: bytes) -> bool:
    """Whether shapes are nested deeper than allowed, as far as the record can be followed."""
    at, left = 0, [1]
    try:
        while left:
            if not left[-1]:
                left.pop()
                continue
            left[-1] -= 1
            at, count = _past(record, at)
            if count:
                left.append(count)
            if len(left) - 1 > DEEPEST:
                return True
    except (struct.error, IndexError):  # cut short: whoever makes the shape says so
        return False
    return False


def _past(record: bytes, at: int) -> tuple[int, int]:
    """Return where what a shape holds begins and how many that is; where it ends, and 0."""
    order = "<" if record[at] else ">"
    (kind,) = struct.unpack_from(f"{order}I", record, at + 1)
    base = kind & ~(_Z | _M | _SRID)
    has_z, has_m = kind & _Z or base // 1000 in {1, 3}, kind & _M or base // 1000 in {2, 3}
    size = 8 * (2 + bool(has_z) + bool(has_m))
    at += _HEAD + (4 if kind & _SRID else 0)
    code = base % 1000
    if code in _POINT:
        return at + size, 0
    (count,) = struct.unpack_from(f"{order}I", record, at)
    at += 4
    if code in _HOLDERS:
        return at, count
    if code in _LINES:
        return at + size * count, 0
    if code not in _RINGS:
        raise struct.error(code)
    for _ in range(count):
        (corners,) = struct.unpack_from(f"{order}I", record, at)
        at += 4 + size * corners
    return at, 0
