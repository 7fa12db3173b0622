"""
Tables and shapes packed for the page: columns, not rows; small whole numbers, not text.

The bytes are one JSON header and the blocks it lists, gzipped without a date and written in
base64. `assets/codec.js` reads them. Shapes are rounded to steps of web mercator (in China 0.11
to 0.15 m, so a place is within 0.08 m east and north), which is for looking only: areas travel as
numbers of their own, exact to the last bit.
"""

from __future__ import annotations

import base64
import gzip
import json
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


@dataclass
class Package:
    """Blocks of bytes that grow, and the header that tells where each one lies."""

    tables: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, Any] = field(default_factory=dict)
    pictures: list[int] = field(default_factory=list)
    blocks: list[bytes] = field(default_factory=list)
    _known: dict[bytes, int] = field(default_factory=dict)

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
            columns[column] = {"as": way, "blocks": [self._block(part) for part in parts]}
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
        raw = b"".join([len(head).to_bytes(4, "little"), head, *self.blocks])
        return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode("ascii")

    def _block(self, content: bytes) -> int:
        """Keep a block and return its number; what is there already is not kept twice."""
        number = self._known.setdefault(content, len(self.blocks))
        if number == len(self.blocks):
            self.blocks.append(content)
        return number


def _text(values: pd.Series) -> tuple[str, list[bytes]]:
    """
    Pack texts as the list of the different ones in order of appearance, and a number a row.

    The number is 0 where the text is missing, 1 where it is the next of the list, and otherwise
    its place in the list + 2.
    """
    codes, different = pd.factorize(values.astype(object), sort=False)
    listed = json.dumps([str(text) for text in different], ensure_ascii=False)
    first = np.full(len(different), -1)
    known = np.flatnonzero(codes >= 0)
    first[codes[known[::-1]]] = known[::-1]
    numbers = np.where(codes < 0, 0, codes + 2)
    numbers[first] = 1
    # a lone surrogate becomes its own JSON escape, so nothing is lost on the way
    return "text", [listed.encode("utf-8", "backslashreplace"), _varints(numbers.astype(np.uint64))]


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
    parts, of_shape = shapely.get_parts(geometries, return_index=True)
    is_drawn = ~shapely.is_empty(parts)
    parts, of_shape = parts[is_drawn], of_shape[is_drawn]
    if np.isin(shapely.get_type_id(parts), (3,)).any():
        parts, of_part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
        of_shape = of_shape[of_part]
    points, of_ring = shapely.get_coordinates(parts, return_index=True)
    is_closing = np.zeros(len(points), dtype=bool)
    is_ring = shapely.get_type_id(parts) == 2
    last = np.cumsum(np.bincount(of_ring, minlength=len(parts))) - 1
    is_closing[last[is_ring]] = True
    steps = _steps(points[~is_closing])
    differences = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    rings = np.bincount(of_shape, minlength=len(geometries))
    lengths = np.bincount(of_ring[~is_closing], minlength=len(parts))
    return _zigzag(rings), _zigzag(lengths), _zigzag(differences.ravel())


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
    if len(wide) and np.abs(wide).max() >= _LIMIT:
        message = f"{np.abs(wide).max()} does not fit in the map's 32 bits."
        raise ValueError(message)
    return ((wide << 1) ^ (wide >> 63)).astype(np.uint64)


def _varints(values: Array) -> bytes:
    """Write unsigned numbers seven bits a byte, lowest first; a set top bit says more follow."""
    shifts = np.arange(0, 35, 7, dtype=np.uint64)
    septets = values[:, None] >> shifts
    used = septets > 0
    used[:, 0] = True
    follows = np.zeros_like(used)
    follows[:, :-1] = used[:, 1:]
    written = (septets & np.uint64(0x7F)).astype(np.uint8) | (follows.astype(np.uint8) << 7)
    return written[used].tobytes()
