"""
Shapes in WKB that hold each other without end, told before they are made.

GEOS follows shapes into each other as deep as they are nested, until its stack is used up and the
program with it. Nobody draws a shape of shapes a thousand deep.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.errors import LayerError

DEEPEST = 1_000
"""Shapes that hold shapes a record may have; GEOS has room for ten times as many."""

_HEAD = 5  # bytes of a head: order of bytes and kind
_SMALLEST = 9  # bytes of a shape that holds others: head and count
_ALONE = [
    head for kind in (1, 2, 3) for head in (bytes([1, kind, 0, 0, 0]), bytes([0, 0, 0, 0, kind]))
]


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
        If a record holds more than `DEEPEST` shapes that hold others.
    """
    row = 0
    for chunk in held.chunks:
        heads = pc.binary_slice(chunk, 0, _HEAD)
        is_alone = pc.is_in(heads, pa.array(_ALONE, heads.type))
        is_large = pc.greater(pc.binary_length(chunk), DEEPEST * _SMALLEST)
        doubtful = pc.fill_null(pc.and_(is_large, pc.invert(is_alone)), fill_value=False)
        for at in np.flatnonzero(doubtful.to_numpy(zero_copy_only=False)):
            if sum(1 for _ in _HOLDERS.finditer(chunk[int(at)].as_py())) > DEEPEST:
                raise LayerError(
                    "read.nested", file=file, row=row + int(at) + 1, most=f"{DEEPEST:,}"
                )
        row += len(chunk)


def _heads() -> re.Pattern[bytes]:
    """Return what finds the heads of shapes that hold others, in either order of bytes."""
    plain = rb"[\x04-\x07\x09-\x0c]"
    pairs = (
        (b"\x00", plain),
        (rb"\x03", rb"[\xec-\xef\xf1-\xf4]"),
        (rb"\x07", rb"[\xd4-\xd7\xd9-\xdc]"),
        (rb"\x0b", rb"[\xbc-\xbf\xc1-\xc4]"),
    )
    flags = rb"[\x00\x20\x40\x60\x80\xa0\xc0\xe0]"
    little = b"|".join(rb"\x01" + low + high + rb"\x00" + flags for high, low in pairs)
    big = b"|".join(rb"\x00" + flags + rb"\x00" + high + low for high, low in pairs)
    return re.compile(b"(?s)" + little + b"|" + big)


_HOLDERS = _heads()
