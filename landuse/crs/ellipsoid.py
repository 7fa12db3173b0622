"""
Area on the ellipsoid of CGCS2000 by the formula of the land surveys.

国土调查办发〔2008〕32号, 图幅理论面积与图斑椭球面积计算公式及要求: every edge of an outline
closes a trapezoid with a meridian, its area follows from a series in latitude, and the signed areas
add up. An edge is taken as straight in latitude and longitude. The document gives the constants of
the ellipsoid of 1980; those of CGCS2000 are computed here from its axes by the same series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from typing import Final

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_AXIS: Final = 6_378_137.0
_FLATTENING: Final = 1 / 298.257222101
_POLAR: Final = _AXIS * (1 - _FLATTENING)
_E2: Final = _FLATTENING * (2 - _FLATTENING)
_POWERS: Final = _E2 ** np.arange(5)
SERIES: Final = (
    float(np.dot(_POWERS, (1, 3 / 6, 30 / 80, 35 / 112, 630 / 2304))),
    float(np.dot(_POWERS, (0, 1 / 6, 15 / 80, 21 / 112, 420 / 2304))),
    float(np.dot(_POWERS, (0, 0, 3 / 80, 7 / 112, 180 / 2304))),
    float(np.dot(_POWERS, (0, 0, 0, 1 / 112, 45 / 2304))),
    float(np.dot(_POWERS, (0, 0, 0, 0, 5 / 2304))),
)
"""The factors A, B, C, D and E of the document."""


def areas(geometries: Any) -> Numbers:
    """
    Areas of polygons by the formula of document 32 of 2008.

    Parameters
    ----------
    geometries
        Array of polygons and multipolygons in degrees of CGCS2000, longitude first; rings may run
        either way. None has area NaN, any other kind of geometry 0.

    Returns
    -------
    areas
        Square metres, one a geometry.
    """
    given = np.asarray(geometries, dtype=object)
    parts, owner = shapely.get_parts(given, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[polygons], owner[polygons]
    rings, part = shapely.get_rings(parts, return_index=True)
    inside = np.zeros(len(rings), dtype=bool)
    inside[1:] = part[1:] == part[:-1]  # the first ring of a polygon is its shell
    signed = np.where(inside, -1.0, 1.0) * _rings(rings)
    summed = np.bincount(owner[part], weights=signed, minlength=len(given))
    return np.where(shapely.is_missing(given), np.nan, summed)


def _rings(rings: NDArray[np.object_]) -> Numbers:
    """Return the area that each closed ring runs around, m²."""
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return np.zeros(len(rings))
    lon, lat = np.radians(points).T
    first = np.searchsorted(ring, ring)
    lon = lon - lon[first]  # from the meridian of the ring's first point: any would do
    edge = ring[1:] == ring[:-1]
    width = (lon[1:] + lon[:-1])[edge] / 2
    rise, middle = (lat[1:] - lat[:-1])[edge], (lat[1:] + lat[:-1])[edge] / 2
    band = np.zeros(len(width))
    for n, factor in enumerate(SERIES):
        odd = 2 * n + 1
        band += (-1) ** n * factor * np.sin(odd * rise / 2) * np.cos(odd * middle)
    trapezoids = 2 * _POLAR**2 * width * band
    return np.abs(np.bincount(ring[1:][edge], weights=trapezoids, minlength=len(rings)))
