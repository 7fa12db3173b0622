"""
Which coordinate is the northing, in which zone, on which datum a record was written.

X is the northing and Y the easting by the rule of the format; a zone number may stand before the
easting. What the coordinates themselves tell comes before what the header says, and every
difference between the two is a remark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from landuse.crs import grids
from landuse.exchange.grammar import half

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from landuse.crs.grids import Datum
    from landuse.exchange.grammar import Point

_NORTH = (1.0e6, 6.2e6)  # northings from 9° to 56° N, metres
_EAST = (1.0e5, 9.0e5)  # eastings of a 6° zone without zone number, metres
_LONGITUDE, _LATITUDE = (60.0, 140.0), (0.0, 60.0)  # degrees; no number is in both
_DATUMS: tuple[tuple[str, Datum], ...] = (
    ("2000", "CGCS2000"),
    ("80", "Xian 1980"),
    ("西安", "Xian 1980"),
    ("54", "Beijing 1954"),
    ("北京", "Beijing 1954"),
)
_FIRST_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Place:
    """
    How a record was written.

    `datum` is None where the header names none that is known, `zone` and `width` where neither
    header nor coordinates tell, and both are 0 for degrees.
    """

    datum: Datum | None
    width: int | None
    zone: int | None
    has_prefix: bool

    @property
    def crs(self) -> pyproj.CRS | None:
        """The reference system, None where something about it is not known."""
        if self.datum is None or self.zone is None or self.width is None:
            return None
        if self.width == 0:
            return pyproj.CRS.from_epsg(grids.GEOGRAPHIC[self.datum])
        return grids.Grid(self.datum, self.width, self.zone, self.has_prefix).crs


@dataclass(frozen=True)
class Header:
    """What a file says about its system: `zone` and `width` are None where it says nothing."""

    datum: Datum | None
    width: int | None
    zone: int | None
    zone_text: str


def header(about: Mapping[str, str]) -> Header:
    """Return what the section of attributes says; a zone that is none in China counts as none."""
    about = {key: half(value) for key, value in about.items()}
    system = about.get("坐标系", "")
    datum = next((datum for mark, datum in _DATUMS if mark in system), None)
    width = _number(about.get("几度分带") or about.get("分带") or "")
    text = about.get("带号", "").strip()
    zone = _number(text)
    known = None if zone is None else grids.width_of(zone)
    return Header(datum, width if width in grids.ZONES else None, zone if known else None, text)


def _number(text: str) -> int | None:
    """Return the first whole number in a text."""
    found = _FIRST_NUMBER.search(text)
    return int(found[0]) if found and len(found[0]) < 4 else None


def ordered(points: Sequence[Point]) -> tuple[bool | None, bool, int]:
    """
    Tell whether the first coordinate is the easting, and whether the two are degrees.

    Returns
    -------
    is_turned, is_degrees, line
        `is_turned` is None where the coordinates are neither metres of a grid of China nor
        degrees, or not all in one order; `line` then names the first point that does not fit.
    """
    first = np.array([point.first for point in points])
    second = np.array([point.second for point in points])
    if _is_usual(first, second):
        return False, False, 0
    forms = {
        (False, False): _in(first, _NORTH) & _is_easting(second),
        (True, False): _is_easting(first) & _in(second, _NORTH),
        (False, True): _in(first, _LATITUDE) & _in(second, _LONGITUDE),
        (True, True): _in(first, _LONGITUDE) & _in(second, _LATITUDE),
    }
    for (is_turned, is_degrees), fits in forms.items():
        if fits[0]:
            if fits.all():
                return is_turned, is_degrees, 0
            return None, False, points[int(np.argmin(fits))].line
    return None, False, points[0].line


def _is_usual(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Whether all points are metres, northing first and eastings of one zone, as the format has."""
    low, high = float(second.min()), float(second.max())
    zone = low // grids.PREFIX
    return bool(
        first.min() >= _NORTH[0]
        and first.max() <= _NORTH[1]
        and (
            (low >= _EAST[0] and high <= _EAST[1])
            or (zone == high // grids.PREFIX and grids.width_of(int(zone)) is not None)
        )
    )


def _in(values: NDArray[np.float64], span: tuple[float, float]) -> NDArray[np.bool_]:
    """Whether each value lies in a span."""
    return (values >= span[0]) & (values <= span[1])


def _is_easting(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each value can be an easting, with or without zone number."""
    prefix = np.floor(values / grids.PREFIX)
    has_zone = np.zeros(len(values), dtype=bool)
    for zones in grids.ZONES.values():
        has_zone |= (prefix >= zones[0]) & (prefix <= zones[-1])
    return _in(values, _EAST) | has_zone


def place(said: Header, eastings: NDArray[np.float64]) -> Place | None:
    """Return how metres were written, None where their zone numbers differ among themselves."""
    zone = int(eastings.min() // grids.PREFIX)
    if zone != int(eastings.max() // grids.PREFIX):
        return None
    if zone:
        return Place(said.datum, grids.width_of(zone), zone, has_prefix=True)
    if said.zone is None:
        return Place(said.datum, said.width, None, has_prefix=False)
    return Place(said.datum, grids.width_of(said.zone), said.zone, has_prefix=False)


def degrees(said: Header) -> Place:
    """Return how degrees were written."""
    return Place(said.datum, 0, 0, has_prefix=False)


def contradiction(said: Header, found: Place) -> bool:
    """Whether the header names another zone, or another width of zones, than the record shows."""
    if found.zone in {None, 0}:
        return False
    other_zone = said.zone is not None and said.zone != found.zone
    other_width = said.width is not None and said.width != found.width
    return other_zone or other_width
