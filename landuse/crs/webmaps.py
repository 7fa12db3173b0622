"""
GCJ-02 and BD-09: the shifted degrees of Chinese web maps, and the way back.

Both are obfuscations, not datums. The formulas are those in public use since 2012 (Krassowsky
axes, origin 105° E 35° N); their inverse here is exact to 10⁻⁵ m, the formulas themselves agree
with what a web map draws to a few metres (`ACCURACY`). They undo a layer taken from a web map;
they are not for survey data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from numpy.typing import NDArray

    Degrees = NDArray[np.float64]
    Shift = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

ACCURACY: Final = 5.0
"""Metres within which undone coordinates may be relied on."""

EXTENT: Final = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of the area in which web maps are shifted, degrees."""

_AXIS: Final = 6_378_245.0
_ECCENTRICITY: Final = 0.00669342162296594323
_BAIDU: Final = np.pi * 3000 / 180
_STEPS: Final = 8  # each divides the error of the inverse by a thousand


def undone(system: str, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """
    Return degrees of ``GCJ-02`` or ``BD-09`` as degrees of CGCS2000.

    Parameters
    ----------
    system
        ``GCJ-02`` or ``BD-09``.
    lon, lat
        Arrays of one shape, degrees, inside `EXTENT`.
    """
    if system == "BD-09":
        lon, lat = _inverse(_to_baidu, lon, lat)
    return _inverse(_to_gcj, lon, lat)


def shifted(system: str, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return degrees of CGCS2000 as ``GCJ-02`` or ``BD-09`` draws them."""
    lon, lat = _to_gcj(lon, lat)
    return _to_baidu(lon, lat) if system == "BD-09" else (lon, lat)


def _inverse(forward: Shift, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return what a shift made these degrees of, by fixed-point iteration."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_STEPS):
        there, up = forward(x, y)
        x, y = x + (lon - there), y + (lat - up)
    return x, y


def _to_gcj(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return shifted degrees of GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    waves = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    phi = np.radians(lat)
    curve = 1 - _ECCENTRICITY * np.sin(phi) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (curve * np.sqrt(curve))
    parallel = _AXIS / np.sqrt(curve) * np.cos(phi)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def _to_baidu(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return degrees of GCJ-02 shifted once more, to BD-09."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
