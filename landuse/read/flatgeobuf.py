"""How many records a FlatGeobuf says it holds, and how many follow its head in truth."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = 8  # bytes before the size of the head
_COUNT, _NODE = 8, 9  # fields of the head: records, and how many a node of the index has
_ITEM = 40  # bytes of an item of the index


def announced(path: Path) -> int:
    """
    Return how many records a FlatGeobuf should give; 0 where its head cannot be followed.

    The larger of what the head says and what lies behind it, as a false number makes the driver
    look for records where there are none, or stop before the last.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held:
        try:
            (size,) = struct.unpack_from("<I", held, _MAGIC)
            count = _field(held, _COUNT, "<Q", 0)
            index = _indexed(count, _field(held, _NODE, "<H", 16))
            return max(count, _followed(held, _MAGIC + 4 + size + index))
        except (struct.error, IndexError, OverflowError):
            return 0


def _field(held: mmap.mmap, number: int, form: str, absent: int) -> int:
    """Return a field of the head, as a flatbuffer holds it."""
    start = _MAGIC + 4
    table = start + struct.unpack_from("<I", held, start)[0]
    slots = table - struct.unpack_from("<i", held, table)[0]
    at = 4 + 2 * number
    if at >= struct.unpack_from("<H", held, slots)[0]:
        return absent
    (offset,) = struct.unpack_from("<H", held, slots + at)
    return int(struct.unpack_from(form, held, table + offset)[0]) if offset else absent


def _indexed(count: int, node: int) -> int:
    """Return how many bytes the index takes."""
    if not count or node < 2:
        return 0
    level = total = count
    while level > 1:
        level = -(-level // node)
        total += level
    return _ITEM * (total + (count == 1))


def _followed(held: mmap.mmap, at: int) -> int:
    """Return how many whole records follow a place; 0 unless the last ends where the file does."""
    count = 0
    while at < len(held):
        at += 4 + struct.unpack_from("<I", held, at)[0]
        count += 1
    return count if at == len(held) else 0
