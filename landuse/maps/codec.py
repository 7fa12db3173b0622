"""
Tables and shapes packed for the page: columns, not rows; small whole numbers, not text.

The bytes are one JSON header and the blocks it lists, as one gzip file without a date, written in
base64. `assets/codec.js` reads them. Shapes are rounded to steps of web mercator (in China 0.11
to 0.15 m, so a place is within 0.08 m east and north), which is for looking only: areas travel as
numbers of their own, exact to the last bit.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Packing = Literal["text", "whole", "float"]

WORLD = 2**28
"""Steps around the world in web mercator."""

_EDGE = 85.05
"""Degrees of latitude to which web mercator reaches."""

_LIMIT = 2**31

_GZIP = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
"""How a gzip file begins: deflate, no name, no date, no system."""

_JOIN = zlib.Z_SYNC_FLUSH
"""Ends a part at a whole byte, so that another can follow."""


@dataclass
class Package:
    """Blocks of bytes that grow, and the header that tells where each one lies."""

    tables: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, Any] = field(default_factory=dict)
    pictures: list[int] = field(default_factory=list)
    blocks: list[bytes] = field(default_factory=list)
    _known: dict[bytes, int] = field(default_factory=dict)
    _lists: set[int] = field(default_factory=set)

    def add_table(self, name: str, frame: pd.DataFrame, packings: dict[str, Packing]) -> None:
        """
        Pack the columns of a table.

        Parameters
        ----------
        name
            How the page asks for it.
        frame
            Any index; only its order counts. Not changed.
        packings
            Column -> `text` (missing stays missing), `whole` (integers and days since 1970,
            missing allowed) or `float` (exact, NaN is missing).

        Raises
        ------
        ValueError
            If a whole number does not fit in 32 bits.
        """
        packers = {"text": _text, "whole": _whole, "float": _float}
        columns = {}
        for column, packing in packings.items():
            way, parts = packers[packing](frame[column])
            lists = (way == "text", False)
            blocks = [
                self._block(part, is_list=flag) for part, flag in zip(parts, lists, strict=True)
            ]
            columns[column] = {"as": way, "blocks": blocks}
        self.tables[name] = {"rows": len(frame), "columns": columns}

    def add_shapes(self, name: str, geometries: Any) -> None:
        """
        Pack polygons or lines.

        Parameters
        ----------
        name
            How the page asks for them.
        geometries
            Array of (multi)polygons or (multi)lines in degrees, east before north; None and
            empty have no rings. Outer rings come out turning one way and holes the other.
        """
        parts = _rings(np.asarray(geometries, dtype=object))
        self.shapes[name] = {
            "rows": len(geometries),
            "blocks": [self._block(_varints(part)) for part in parts],
        }

    def add_picture(self, content: bytes) -> int:
        """Keep a file as it is and return its number among the pictures."""
        self.pictures.append(self._block(content))
        return len(self.pictures) - 1

    def base64(self) -> str:
        """Return everything as one text of the base64 alphabet; same content, same text."""
        sizes = [*map(len, self.blocks)]
        header = {"tables": self.tables, "shapes": self.shapes, "pictures": self.pictures}
        header["sizes"] = sizes
        head = json.dumps(header, separators=(",", ":")).encode("utf-8")
        parts = [len(head).to_bytes(4, "little") + head, *self.blocks]
        return base64.b64encode(_gzipped(parts, {0, *(n + 1 for n in self._lists)})).decode("ascii")

    def _block(self, content: bytes, *, is_list: bool = False) -> int:
        """Keep a block and return its number; what is there already is not kept twice."""
        number = self._known.setdefault(content, len(self.blocks))
        if number == len(self.blocks):
            self.blocks.append(content)
        if is_list:
            self._lists.add(number)
        return number


def _gzipped(parts: list[bytes], texts: set[int]) -> bytes:
    """
    Return parts one after the other as a gzip file.

    Each part is packed by itself, texts by what repeats in them and numbers by how often each byte
    comes; so numbers cost no search for repetitions, and each part has the codes that fit it.
    """
    check, packed = 0, [_GZIP]
    for number, part in enumerate(parts):
        way = zlib.Z_DEFAULT_STRATEGY if number in texts else zlib.Z_RLE
        packer = zlib.compressobj(5, zlib.DEFLATED, -15, 9, way)
        is_last = number == len(parts) - 1
        packed += [packer.compress(part), packer.flush(zlib.Z_FINISH if is_last else _JOIN)]
        check = zlib.crc32(part, check)
    size = sum(map(len, parts)) & 0xFFFFFFFF
    return b"".join([*packed, check.to_bytes(4, "little"), size.to_bytes(4, "little")])


def _text(values: pd.Series) -> tuple[str, list[bytes]]:
    """
    Pack texts as the list of the different ones in order of appearance, and a number a row.

    The number is 0 where the text is missing, 1 where it is the next of the list, and otherwise
    its place in the list + 2.
    """
    codes, different = pd.factorize(values)
    texts = [str(text) for text in np.asarray(different, dtype=object)]
    listed = json.dumps(texts, ensure_ascii=False)
    first = np.full(len(different), -1)
    known = np.flatnonzero(codes >= 0)
    first[codes[known[::-1]]] = known[::-1]
    numbers = np.where(codes < 0, 0, codes + 2)
    numbers[first] = 1
    # a lone surrogate becomes its own JSON escape, so nothing is lost on the way
    return "text", [listed.encode("utf-8", "backslashreplace"), _varints(numbers.astype(np.uint32))]


def _whole(values: pd.Series) -> tuple[str, list[bytes]]:
    """Pack whole numbers as a bitmap of the missing ones and differences to the row before."""
    missing = values.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.astype("datetime64[s]").astype("int64") // 86_400
    whole = values.where(~missing, 0).astype("int64").to_numpy()
    return "whole", [_bitmap(missing), _varints(_zigzag(np.diff(whole, prepend=0)))]


def _float(values: pd.Series) -> tuple[str, list[bytes]]:
    """
    Pack numbers as a bitmap of the missing ones and what is left.

    That is whole numbers of units, tenths, hundredths … where each number is exactly one, and the
    bytes of the numbers, first bytes first, where not.
    """
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    missing = np.isnan(numbers)
    exact = np.where(missing, 0.0, numbers)
    for digits in (0, 2, 4):
        scaled = _scaled(exact, 10.0**digits)
        if scaled is not None:
            return f"decimal{digits}", [_bitmap(missing), _varints(_zigzag(scaled))]
    planes = exact.astype("<f8").view(np.uint8).reshape(-1, 8).T
    return "float", [_bitmap(missing), planes.tobytes()]


def _scaled(exact: Array, factor: float) -> Array | None:
    """Return numbers as whole parts of a unit, None where that would lose the last bit of one."""
    with np.errstate(over="ignore", invalid="ignore"):
        whole = np.rint(exact * factor)
        is_same = (whole / factor == exact) & (np.abs(whole) < _LIMIT)
    is_same &= ~(np.signbit(exact) & (exact == 0))
    return whole.astype(np.int64) if is_same.all() else None


def _bitmap(flags: Array) -> bytes:
    """Return one bit a row, lowest bit first."""
    return np.packbits(flags, bitorder="little").tobytes()


def _rings(geometries: Array) -> tuple[Array, Array, Array]:
    """Return rings a shape, points a ring and differences of coordinates, all zigzagged."""
    of_shape, sizes, turns = _lines(geometries)
    points = shapely.get_coordinates(geometries)
    steps = _steps(points)
    ends = np.cumsum(sizes)
    of_ring = np.repeat(np.arange(len(sizes)), sizes)
    order = np.arange(len(steps))
    # outer rings turn one way and holes the other
    is_wrong = turns * _turns(points, of_ring, ends - sizes) < 0
    order = np.where(is_wrong[of_ring], (2 * ends - sizes - 1)[of_ring] - order, order)
    is_kept = np.ones(len(steps), dtype=bool)
    is_kept[ends[turns != 0] - 1] = False  # a ring's last point is its first
    differences = np.diff(steps[order[is_kept]], axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    rings = np.bincount(of_shape, minlength=len(geometries))
    return _zigzag(rings), _zigzag(sizes - (turns != 0)), _zigzag(differences.ravel())


def _lines(geometries: Array) -> tuple[Array, Array, Array]:
    """
    Return of each ring or line the shape it is of, its number of points, and which way it turns.

    Outer rings turn by 1 (anticlockwise), holes by -1, lines by 0; in the order of coordinates.
    """
    sizes = shapely.get_num_coordinates(geometries)
    is_plain = shapely.get_type_id(geometries) == 3
    is_plain &= shapely.get_num_interior_rings(geometries) == 0
    rest = np.flatnonzero(~is_plain & (sizes > 0))
    plain = np.flatnonzero(is_plain & (sizes > 0))
    parts, of_part = shapely.get_parts(geometries[rest], return_index=True)
    is_area = shapely.get_type_id(parts) == 3
    rings, of_ring = shapely.get_rings(parts[is_area], return_index=True)
    is_outer = np.diff(of_ring, prepend=-1) > 0
    areas, lines = np.flatnonzero(is_area)[of_ring], np.flatnonzero(~is_area)
    found = [
        (plain, np.zeros(len(plain)), sizes[plain], np.ones(len(plain))),
        (rest[of_part[areas]], areas, shapely.get_num_coordinates(rings), 2 * is_outer - 1),
        (rest[of_part[lines]], lines, shapely.get_num_coordinates(parts[lines]), 0 * lines),
    ]
    shapes, places, points, turns = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((places, shapes))
    return shapes[order], points[order].astype(np.int64), turns[order].astype(np.int64)


def _turns(points: Array, of_ring: Array, begins: Array) -> Array:
    """Return twice the area of each ring, below 0 where it turns clockwise."""
    x, y = (points - points[begins[of_ring]]).T if len(points) else points.T
    across = x[:-1] * y[1:] - x[1:] * y[:-1]
    across[of_ring[:-1] != of_ring[1:]] = 0
    return np.bincount(of_ring[:-1], across, minlength=len(begins))


def _steps(degrees: Array) -> Array:
    """Return degrees, east before north, as steps of web mercator, east and south."""
    sine = np.sin(np.radians(np.clip(degrees[:, 1], -_EDGE, _EDGE)))
    x = degrees[:, 0] / 360 + 0.5
    y = 0.5 - np.arctanh(sine) / (2 * np.pi)
    steps: Array = np.rint(np.column_stack([x, y]) * WORLD).astype(np.int64)
    return steps


def _zigzag(values: Array) -> Array:
    """Return whole numbers as unsigned ones, small stays small."""
    wide = np.asarray(values, dtype=np.int64)
    if len(wide) and max(wide.max(), -wide.min()) >= _LIMIT:
        message = f"{np.abs(wide).max()} does not fit in the map's 32 bits."
        raise ValueError(message)
    return ((wide << 1) ^ (wide >> 63)).astype(np.uint32)


def _varints(values: Array) -> bytes:
    """Write unsigned numbers seven bits a byte, lowest first; a set top bit says more follow."""
    sizes = np.ones(len(values), dtype=np.int64)
    for bits in (7, 14, 21, 28):
        sizes += values >= 1 << bits
    begins = np.cumsum(sizes) - sizes
    written = np.empty(sizes.sum(), dtype=np.uint8)
    at = np.arange(len(values))
    for place in range(5):
        follows = (sizes[at] > place + 1).astype(np.uint8) << 7
        septets = (values[at] >> np.uint32(7 * place)).astype(np.uint8) & np.uint8(0x7F)
        written[begins[at] + place] = septets | follows
        at = at[follows > 0]
    return written.tobytes()
