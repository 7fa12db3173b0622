"""
Drawings (DXF) whose blocks unfold into more than anybody drew: counted before they are read.

A block may be inserted in rows and columns and may hold other blocks, so that some hundred bytes
stand for billions of entities, each of which GDAL would make.
"""

from __future__ import annotations

import mmap
import re
from collections import defaultdict
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from landuse.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

MOST = 1_000_000
"""Entities the blocks of a drawing may unfold into, all together."""

# a line of 0 alone is followed by letters only where it begins an entity
_ENTITY = re.compile(rb"^[ \t]*0[ \t]*\r?\n[ \t]*([A-Za-z]\w*)[ \t]*\r?$", re.MULTILINE)
_OF_BLOCKS = (b"INSERT", b"DIMENSION", b"ACAD_TABLE")
_NAME, _COLUMNS, _ROWS = b"2", b"70", b"71"


class _Insert(NamedTuple):
    """How often a block is inserted by one entity."""

    block: bytes
    times: int


def refuse_unfolding(path: Path, where: str) -> None:
    """
    Refuse a drawing whose blocks unfold into more entities than `MOST`.

    Raises
    ------
    LayerError
        If they do.
    """
    if not path.stat().st_size:
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as held:
        if held.find(b"INSERT") < 0:
            return
        plain, inserts = _counted(held)
    total = 0
    known: dict[bytes, int] = {}
    for insert in inserts[b""]:
        total += insert.times * _size(insert.block, plain, inserts, known, ())
    if total > MOST:
        raise LayerError("read.drawing_unfolds", where=where, file=path.name, most=f"{MOST:,}")


def _counted(held: mmap.mmap) -> tuple[dict[bytes, int], dict[bytes, list[_Insert]]]:
    """Return entities and insertions by the block they stand in; b"" is the drawing itself."""
    plain: dict[bytes, int] = defaultdict(int)
    inserts: dict[bytes, list[_Insert]] = defaultdict(list)
    block = b""
    for found, following in pairwise(chain(_ENTITY.finditer(held), [None])):
        if found is None:
            break
        end = len(held) if following is None else following.start()
        kind = found.group(1).upper()
        if kind == b"BLOCK":
            block = _codes(held[found.end() : end]).get(_NAME, b"")
        elif kind in {b"ENDBLK", b"ENDSEC"}:
            block = b""
        elif kind in _OF_BLOCKS:
            codes = _codes(held[found.end() : end])
            arranged = kind == b"INSERT"
            times = _number(codes, _COLUMNS) * _number(codes, _ROWS) if arranged else 1
            inserts[block].append(_Insert(codes.get(_NAME, b""), times))
        else:
            plain[block] += 1
    return plain, inserts


def _codes(body: bytes) -> dict[bytes, bytes]:
    """Return the first value of each group code of an entity."""
    lines = [line.strip() for line in body.split(b"\n")[1:]]
    codes: dict[bytes, bytes] = {}
    for code, value in zip(lines[::2], lines[1::2], strict=False):
        codes.setdefault(code, value)
    return codes


def _number(codes: dict[bytes, bytes], code: bytes) -> int:
    """Return a count of rows or columns; what is none is one, as GDAL has it."""
    try:
        return max(int(codes.get(code, b"1")), 1)
    except ValueError:
        return 1


def _size(
    block: bytes,
    plain: dict[bytes, int],
    inserts: dict[bytes, list[_Insert]],
    known: dict[bytes, int],
    within: tuple[bytes, ...],
) -> int:
    """Return into how many entities a block unfolds; one within itself is not followed."""
    if block in within or not block or len(within) > 100:
        return 1
    if block not in known:
        inner = (*within, block)
        parts = (i.times * _size(i.block, plain, inserts, known, inner) for i in inserts[block])
        known[block] = max(plain[block] + sum(parts), 1)
    return known[block]
