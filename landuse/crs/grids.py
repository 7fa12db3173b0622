"""
Gauss-Krüger grids of China: which EPSG code a datum, a zone and its width make, and back.

The ranges were checked code by code against the EPSG register that PROJ carries. Grids written
with the number of their zone before the easting (38 481 500 m) and without it (481 500 m) are
different systems there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pyproj

if TYPE_CHECKING:
    from typing import Final

Datum = Literal["CGCS2000", "Xian 1980", "Beijing 1954"]

ZONES: Final = {3: range(25, 46), 6: range(13, 24)}
"""Width of a zone in degrees → numbers of the zones that cover China; no number is in both."""

PREFIX: Final = 1_000_000.0
"""Metres by which one zone number moves the easting."""

GEOGRAPHIC: Final[dict[Datum, int]] = {"CGCS2000": 4490, "Xian 1980": 4610, "Beijing 1954": 4214}
_BEFORE_ZONE: Final[dict[tuple[Datum, int, bool], int]] = {
    ("CGCS2000", 3, True): 4488,
    ("CGCS2000", 3, False): 4509,
    ("CGCS2000", 6, True): 4478,
    ("CGCS2000", 6, False): 4489,
    ("Xian 1980", 3, True): 2324,
    ("Xian 1980", 3, False): 2345,
    ("Xian 1980", 6, True): 2314,
    ("Xian 1980", 6, False): 2325,
    ("Beijing 1954", 3, True): 2376,
    ("Beijing 1954", 3, False): 2397,
    ("Beijing 1954", 6, True): 21400,
    ("Beijing 1954", 6, False): 21440,
}


@dataclass(frozen=True)
class Grid:
    """A grid: datum, width of its zone (3 or 6 degrees), its number, and whether it is written."""

    datum: Datum
    width: int
    zone: int
    has_prefix: bool

    @property
    def code(self) -> int:
        """EPSG code of the grid."""
        return _BEFORE_ZONE[self.datum, self.width, self.has_prefix] + self.zone

    @property
    def crs(self) -> pyproj.CRS:
        """The grid as a reference system."""
        return pyproj.CRS.from_epsg(self.code)

    @property
    def meridian(self) -> int:
        """Central meridian, degrees east."""
        return 3 * self.zone if self.width == 3 else 6 * self.zone - 3


def width_of(zone: int) -> int | None:
    """Return the width of the zones a number belongs to, None if it is no zone of China."""
    return next((width for width, zones in ZONES.items() if zone in zones), None)


def of(crs: pyproj.CRS) -> Grid | None:
    """Return a reference system as a grid of China, None if it is none."""
    code = crs.to_epsg()
    if code is None:
        return None
    for (datum, width, has_prefix), before in _BEFORE_ZONE.items():
        if code - before in ZONES[width]:
            return Grid(datum, width, code - before, has_prefix)
    return None


def around(longitude: float) -> list[pyproj.CRS]:
    """
    Return the systems of CGCS2000 in which land at a longitude may have been written.

    Degrees, the 3° zone of the longitude and its two neighbours, the nearer 6° zones; with and
    without zone number. Of grids whose numbers are the same (a 3° and a 6° zone of one meridian,
    both without zone number) only the 3° one is listed.
    """
    narrow, wide = round(longitude / 3), longitude / 6 + 0.5
    zones = [(3, narrow + step) for step in (-1, 0, 1)]
    zones += [(6, number) for number in sorted({round(wide), round(wide + 0.5), round(wide - 0.5)})]
    grids = [
        Grid("CGCS2000", width, zone, has_prefix)
        for has_prefix in (True, False)
        for width, zone in zones
        if zone in ZONES[width]
    ]
    narrow_meridians = {grid.meridian for grid in grids if grid.width == 3}
    kept = [
        grid
        for grid in grids
        if grid.has_prefix or grid.width == 3 or grid.meridian not in narrow_meridians
    ]
    return [pyproj.CRS.from_epsg(GEOGRAPHIC["CGCS2000"]), *(grid.crs for grid in kept)]
