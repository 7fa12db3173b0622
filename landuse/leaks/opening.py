"""Files opened into parts that can be searched: texts, numbers in their order, shapes."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TAG = re.compile(r"<[^>]*>")
_VALUE = re.compile(r"<v>([^<]*)</v>")
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_DATA = re.compile(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)")
_ADDRESS = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
_SLOT = re.compile(r'<script type="application/octet-stream" id="landuse-package">([^<]*)</script>')
_WORLD = 2**28  # steps around the world in the map's web mercator


@dataclass(frozen=True)
class Part:
    """
    One part of a file.

    Attributes
    ----------
    where
        What part it is.
    text
        Its text; "" for none.
    numbers
        Its numbers in the order they stand.
    vertices, is_lonlat
        Vertices of its shapes, shape (n, 2), in metres of the workspace or in degrees.
    is_unread
        Whether it could not be looked into.
    """

    where: str
    text: str = ""
    numbers: Numbers = field(default_factory=lambda: np.empty(0))
    vertices: Numbers = field(default_factory=lambda: np.empty((0, 2)))
    is_lonlat: bool = False
    is_unread: bool = False


def parts(path: Path) -> Iterator[Part]:
    """Open one file; what cannot be opened is a part that says so."""
    opened = _OPENED.get(path.suffix.lower())
    if opened is None:
        yield Part("", is_unread=True)
        return
    try:
        yield from opened(path)
    except (OSError, ValueError, LookupError, zipfile.BadZipFile, sqlite3.Error, pa.ArrowException):
        yield Part("", is_unread=True)


def plain(content: bytes, where: str) -> Iterator[Part]:
    """Open bytes as text, in the encodings a Chinese name may be written in."""
    for encoding in ("utf-8", "utf-16-le", "gb18030"):
        text = content.decode(encoding, "replace")
        if encoding == "utf-8" or re.search("[\u3400-\u9fff]{2}", text):
            yield Part(where, text=text)


def _text(path: Path) -> Iterator[Part]:
    """Open a file of text."""
    text = path.read_text(encoding="utf-8-sig")
    yield Part("text", text=_unescaped(text), numbers=_numbers(text))


def _unescaped(text: str) -> str:
    """Return a text with what HTML, XML, JSON and addresses write otherwise."""
    plain_ = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    plain_ = _ADDRESS.sub(lambda match: unquote(match[0]), plain_)
    return html.unescape(plain_) + "\n" + plain_ if "&" in plain_ else plain_


def _numbers(text: str) -> Numbers:
    """Return the numbers of a text in their order."""
    return np.array([float(found.replace(",", "")) for found in _NUMBER.findall(text)], dtype=float)


def _page(path: Path) -> Iterator[Part]:
    """Open a page: its text, the pictures in it, and the package of a map."""
    text = path.read_text(encoding="utf-8")
    packed = _SLOT.search(text)
    shown = text if packed is None else text[: packed.start(1)] + text[packed.end(1) :]
    for number, picture in enumerate(_DATA.findall(shown)):
        yield from plain(base64.b64decode(picture), f"picture {number}")
    bare = _DATA.sub("", shown)
    yield Part("page", text=_unescaped(bare))
    body = _SCRIPT.sub(" ", bare)
    words = html.unescape(_TAG.sub("", body))  # words cut by tags
    yield Part("page", text=words, numbers=_numbers(html.unescape(_TAG.sub(" ", body))))
    told = re.search(r'id="landuse-settings">(.*?)</script>', bare, re.DOTALL)
    if told is not None:
        yield Part("settings", numbers=_numbers(told[1]))
    if packed is not None:
        yield from _package(packed[1])


def _package(packed: str) -> Iterator[Part]:
    """Open the package of a map: every byte as text, numbers of its tables, and its shapes."""
    raw = gzip.decompress(base64.b64decode(packed, validate=True))
    length = int.from_bytes(raw[:4], "little")
    head = json.loads(raw[4 : 4 + length])
    ends = np.cumsum([4 + length, *head["sizes"]])
    blocks = [raw[a:b] for a, b in pairwise(ends)]
    for number, block in enumerate(blocks):
        for part in plain(block, f"map, block {number}"):
            yield Part(part.where, text=_unescaped(part.text))
    for name, table in head["tables"].items():
        for column, told in table["columns"].items():
            numbers = _floats(told, blocks, table["rows"])
            if numbers is not None:
                yield Part(f"map, {name}.{column}", numbers=numbers)
        columns = table["columns"]
        if "east" in columns and "north" in columns:
            east, north = (
                _floats(columns[axis], blocks, table["rows"]) for axis in ("east", "north")
            )
            if east is not None and north is not None:
                yield Part(f"map, {name}", numbers=np.column_stack([east, north]).ravel())
    for name, told in head["shapes"].items():
        if not name.startswith("ground"):  # a basemap is no survey of ours
            steps = np.cumsum(_zagged(blocks[told["blocks"][2]]).reshape(-1, 2), axis=0)
            yield Part(f"map, shapes {name}", vertices=_degrees(steps), is_lonlat=True)


def _floats(told: dict[str, Any], blocks: list[bytes], rows: int) -> Numbers | None:
    """Return the numbers of a packed column; None where it holds none with fractions."""
    way = told["as"]
    if way == "float":
        planes = np.frombuffer(blocks[told["blocks"][1]], np.uint8).reshape(8, rows)
        return np.ascontiguousarray(planes.T).view("<f8").ravel()
    if way.startswith("decimal"):
        return _zagged(blocks[told["blocks"][1]]) / 10.0 ** int(way.removeprefix("decimal"))
    return None


def _zagged(content: bytes) -> NDArray[np.int64]:
    """Return the whole numbers of a block: seven bits a byte, sign in the lowest bit."""
    data = np.frombuffer(content, np.uint8)
    if not len(data):
        return np.empty(0, dtype=np.int64)
    ends = np.flatnonzero(data < 128)
    starts = np.concatenate([[0], ends[:-1] + 1])
    place = np.arange(len(data)) - np.repeat(starts, ends - starts + 1)
    septets = (data & 127).astype(np.uint64) << (7 * place).astype(np.uint64)
    values = np.add.reduceat(septets, starts)
    return ((values >> 1).astype(np.int64)) ^ -(values & 1).astype(np.int64)


def _degrees(steps: NDArray[np.int64]) -> Numbers:
    """Return steps of web mercator as degrees, east before north."""
    east = (steps[:, 0] / _WORLD - 0.5) * 360
    north = np.degrees(np.arcsin(np.tanh((0.5 - steps[:, 1] / _WORLD) * 2 * np.pi)))
    return np.column_stack([east, north])


def _zipped(path: Path) -> Iterator[Part]:
    """Open a workbook or a paper."""
    yield from _members(path.read_bytes(), "")


def _members(content: bytes, inside: str) -> Iterator[Part]:
    """Open a zip and the zips in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            where, data = f"{inside}{name}", book.read(name)
            yield Part(where, text=name)
            if data[:2] == b"PK":
                yield from _members(data, f"{where} > ")
            elif name.endswith((".xml", ".rels", ".vml")):
                text = data.decode("utf-8", "replace")
                yield Part(where, text=html.unescape(text), numbers=_numbers(_TAG.sub(" ", text)))
                yield Part(where, text=html.unescape(_TAG.sub("", text)))  # words cut by runs
                yield Part(where, numbers=_numbers(" ".join(_VALUE.findall(text))))
            else:
                yield from plain(data, where)


def _parquet(path: Path) -> Iterator[Part]:
    """Open a Parquet file: its notes, its columns, its shapes."""
    table = pq.read_table(path)
    for key, value in (table.schema.metadata or {}).items():
        yield Part("notes", text=f"{key.decode()} {value.decode('utf-8', 'replace')}")
    numbers = []
    for name in table.column_names:
        cells = table[name]
        yield Part(name, text=name)
        if pa.types.is_floating(cells.type):
            numbers.append(cells.to_numpy())
        elif pa.types.is_binary(cells.type) or pa.types.is_large_binary(cells.type):
            held = [cell for cell in cells.to_pylist() if cell is not None]
            yield Part(name, vertices=_shaped(held))
            yield from plain(b"\n".join(cell for cell in held if not _is_shape(cell)), name)
        else:
            yield Part(name, text="\n".join(map(str, cells.unique().to_pylist())))
    if numbers:
        yield Part("numbers", numbers=np.column_stack(numbers).ravel())


def _shaped(cells: Sequence[bytes]) -> Numbers:
    """Return the vertices of those cells that are shapes as WKB."""
    shapes = shapely.from_wkb(np.array(cells, dtype=object), on_invalid="ignore")
    found: Numbers = shapely.get_coordinates(shapes)
    return found


def _is_shape(cell: bytes) -> bool:
    """Whether bytes are a shape as WKB."""
    return shapely.from_wkb(cell, on_invalid="ignore") is not None


def _database(path: Path) -> Iterator[Part]:
    """Open a GeoPackage table by table."""
    with closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)) as book:
        listed = book.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        yield Part("commands", text="\n".join(f"{name}\n{sql}" for _, name, sql in listed))
        for name in [name for kind, name, _ in listed if kind == "table"]:
            cells = [cell for row in book.execute(f'SELECT * FROM "{name}"') for cell in row]
            text = "\n".join(dict.fromkeys(cell for cell in cells if isinstance(cell, str)))
            numbers = np.array([cell for cell in cells if isinstance(cell, float)], dtype=float)
            yield Part(f"table {name}", text=f"{name}\n{text}", numbers=numbers)
            blobs = [cell for cell in cells if isinstance(cell, bytes)]
            shapes = [_bare(blob) if blob[:2] == b"GP" else blob for blob in blobs]
            if shapes and not name.startswith("rtree_"):
                yield Part(f"table {name}", vertices=_shaped(shapes))
            if not name.startswith("rtree_"):  # boxes of the shapes, rounded
                for blob in blobs:
                    yield from plain(blob, f"table {name}") if blob[:2] != b"GP" else ()


def _bare(cell: bytes) -> bytes:
    """Return the WKB of a GeoPackage's geometry."""
    envelope = (0, 32, 48, 48, 64)[(cell[3] >> 1) & 7]
    return cell[8 + envelope :]


_OPENED: dict[str, Callable[[Path], Iterator[Part]]] = {
    ".json": _text,
    ".csv": _text,
    ".html": _page,
    ".xlsx": _zipped,
    ".docx": _zipped,
    ".parquet": _parquet,
    ".gpkg": _database,
}
