"""
The character zero in texts: the driver that reads them ends them there and says nothing.

That of FlatGeobuf keeps it, unless it is read record by record (`features`).
"""

from __future__ import annotations

import mmap
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # an escape whose backslash is not escaped


def counted(path: Path, layer: str) -> int:
    """Return in how many places a GeoJSON, or a table of a GeoPackage, holds U+0000; else 0."""
    ending = path.suffix.lower()
    if ending in {".geojson", ".json"}:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            return sum(1 for _ in _ESCAPED.finditer(held))
    return _in_table(path, layer) if ending == ".gpkg" else 0


def _in_table(path: Path, layer: str) -> int:
    """Return how many cells of a table hold it; a view could be without end and is not asked."""
    table = layer.replace('"', '""')
    try:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as book:
            is_table = "SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'table' AND rootpage"
            if book.execute(is_table, (layer,)).fetchone() is None:
                return 0
            kinds = book.execute(f'PRAGMA table_info("{table}")').fetchall()
            texts = [name.replace('"', '""') for _, name, kind, *_ in kinds if _is_text(kind)]
            holds = [f'ifnull(instr("{name}", char(0)) > 0, 0)' for name in texts]
            asked = f'SELECT sum({" + ".join(holds) or 0}) FROM "{table}"'
            return int(book.execute(asked).fetchone()[0] or 0)
    except sqlite3.Error:
        return 0  # the driver that reads it tells what is wrong with it


def _is_text(kind: str) -> bool:
    """Whether a column of a table is declared as text."""
    return any(word in kind.upper() for word in ("TEXT", "CHAR"))
