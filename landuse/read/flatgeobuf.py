"""
How many records a FlatGeobuf says it holds, how many follow its head, and zeros in their texts.

What cannot be followed is passed over: the driver that reads the file tells what is wrong with it.
"""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAGIC = 8  # bytes before the size of the head
_COLUMNS, _COUNT, _NODE = 7, 8, 9  # fields of the head; how many a node of the index has
_PROPERTIES = 1  # field of a record
_TYPE = 1  # field of a column
_ITEM = 40  # bytes of an item of the index
_SIZES = (1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8)  # bytes of a value by its type; others tell their own
_TEXT = {11, 12}  # types: text, and JSON as text
_LOST = (struct.error, IndexError, OverflowError)


def announced(path: Path) -> int:
    """
    Return how many records a FlatGeobuf should give; 0 where its head cannot be followed.

    The larger of what the head says and what lies behind it, as a false number makes the driver
    look for records where there are none, or stop before the last.
    """
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held:
        try:
            start, count = _records(held)
            return max(count, _followed(held, start))
        except _LOST:
            return 0


def with_zero(path: Path) -> int:
    """Return how many texts of the records hold U+0000."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held:
        try:
            kinds = _kinds(held)
            at, count = _records(held)[0], 0
            while at < len(held):
                count += _zeros(held, at + 4, kinds)
                at += 4 + _number(held, at)
        except _LOST:
            return 0
        return count


def _records(held: mmap.mmap) -> tuple[int, int]:
    """Return where the first record starts, and how many there are by the head."""
    head = _MAGIC + 4
    at_count, at_node = (_field(held, head, number) for number in (_COUNT, _NODE))
    count = _number(held, at_count, "<Q") if at_count else 0
    node = _number(held, at_node, "<H") if at_node else 16
    return head + _number(held, _MAGIC) + _indexed(count, node), count


def _kinds(held: mmap.mmap) -> list[int]:
    """Return the type of each column."""
    vector = _pointed(held, _field(held, _MAGIC + 4, _COLUMNS))
    found = []
    for number in range(_number(held, vector)):
        at = _field(held, vector + 4 + 4 * number, _TYPE)
        found.append(held[at] if at else 0)
    return found


def _zeros(held: mmap.mmap, record: int, kinds: list[int]) -> int:
    """Return how many texts of a record hold U+0000; 0 of one that cannot be followed."""
    try:
        return sum(b"\0" in text for text in _texts(held, record, kinds))
    except _LOST:
        return 0


def _texts(held: mmap.mmap, record: int, kinds: list[int]) -> Iterator[bytes]:
    """Yield the texts of a record."""
    place = _field(held, record, _PROPERTIES)
    if not place:
        return
    vector = _pointed(held, place)
    at, end = vector + 4, vector + 4 + _number(held, vector)
    while at < end:
        kind = kinds[_number(held, at, "<H")]
        at += 2
        if kind < len(_SIZES):
            at += _SIZES[kind]
            continue
        size = _number(held, at)
        if kind in _TEXT:
            yield held[at + 4 : at + 4 + size]
        at += 4 + size


def _field(held: mmap.mmap, start: int, number: int) -> int:
    """Return where a field of a table lies; 0 where it is absent."""
    table = _pointed(held, start)
    slots = table - _number(held, table, "<i")
    at = 4 + 2 * number
    if at >= _number(held, slots, "<H"):
        return 0
    offset = _number(held, slots + at, "<H")
    return table + offset if offset else 0


def _pointed(held: mmap.mmap, at: int) -> int:
    """Return the place that a number points to, counted from itself."""
    return at + _number(held, at)


def _number(held: mmap.mmap, at: int, form: str = "<I") -> int:
    """Return a number of the file."""
    return int(struct.unpack_from(form, held, at)[0])


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
        at += 4 + _number(held, at)
        count += 1
    return count if at == len(held) else 0
