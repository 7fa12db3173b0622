"""The table of a shapefile in bytes: its mark, its text, how many records it announces."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = 32
_DELETED = b"*"


@dataclass(frozen=True)
class Table:
    """A DBF: where it lies, its header, and its language mark."""

    path: Path
    head: bytes
    count: int
    length: int
    mark: int

    def cells(self, most: int) -> Iterator[bytes]:
        """Yield the names of the fields, and the text of up to `most` records."""
        start, spans = 1, []
        for at in range(_HEADER, len(self.head) - _HEADER + 1, _HEADER):
            if self.head[at] == 0x0D:
                break
            width = self.head[at + 16]
            yield self.head[at : at + 11].split(b"\0")[0]
            if self.head[at + 11 : at + 12] == b"C":
                spans.append((start, start + width))
            start += width
        with self.path.open("rb") as stream:
            stream.seek(len(self.head))
            for _ in range(min(self.count, most)):
                record = stream.read(self.length)
                if not record:
                    return
                yield from (record[a:b].rstrip() for a, b in spans)

    def announced(self) -> int:
        """Return how many records the header says there are, deleted ones left out."""
        if self.length == 0:
            return 0
        size = self.path.stat().st_size
        with self.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=1) as data:
            end = min(len(self.head) + self.count * self.length, size)
            return self.count - data[len(self.head) : end : self.length].count(_DELETED)


def part(path: Path, ending: str) -> Path | None:
    """Return the part of a shapefile with an ending, in whatever case it is written."""
    names = [p for p in path.parent.iterdir() if p.stem == path.stem]
    return next((p for p in sorted(names) if p.suffix.lower() == ending), None)


def opened(path: Path, ending: str = ".dbf") -> Table | None:
    """Return the table beside a shapefile (or a MapInfo table's `.dat`), None if it has none."""
    table = part(path, ending)
    if table is None:
        return None
    with table.open("rb") as stream:
        start = stream.read(_HEADER)
        if len(start) < _HEADER:
            return None
        count, head, length = struct.unpack("<IHH", start[4:12])
        rest = stream.read(max(head - _HEADER, 0))
    return Table(table, start + rest, int(count), int(length), start[29])
