"""
Where a layer lies that does not say it, or says it wrongly.

Magnitudes tell the zone, the zone number and the order of the axes; they never tell CGCS2000
from the datums of 1980 and 1954, which every inference therefore says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
from pyproj.exceptions import ProjError

from landuse import crs as crs_module
from landuse.crs import grids

if TYPE_CHECKING:
    from collections.abc import Sequence

    Box = tuple[float, float, float, float]

_MARGIN = 0.05  # degrees around the study area within which a layer counts as lying in it
_BEYOND = 5.0  # degrees outside its area of use to which a system is still used
_WEB_MERCATOR = 3857
_LARGEST_NORTHING = 6.2e6  # metres, at the northern end of China
_ZONES = frozenset(zone for zones in grids.ZONES.values() for zone in zones)


def fitting(box: Box, target: pyproj.CRS, study: Sequence[Box]) -> list[crs_module.Declared]:
    """
    Return every system, with the order of its axes, that puts a layer where the others lie.

    Parameters
    ----------
    box
        Extent of the layer as its file has it.
    target
        The workspace's system; tried beside those usual at the study area.
    study
        Extents of the layers whose system is known, in degrees.
    """
    if not study:
        return []
    candidates = [
        crs_module.Declared(crs, is_swapped)
        for is_swapped in (False, True)
        for crs in _candidates(target, study)
    ]
    return [each for each in candidates if _lies_in(lonlat(box, each), study)]


def _candidates(target: pyproj.CRS, study: Sequence[Box]) -> list[pyproj.CRS]:
    """Return the systems tried, each once."""
    middle = (min(box[0] for box in study) + max(box[2] for box in study)) / 2
    usual = [*grids.around(middle), pyproj.CRS.from_epsg(_WEB_MERCATOR)]
    return usual if target in usual else [*usual, target]


def as_written(crs: pyproj.CRS, box: Box | None) -> pyproj.CRS | None:
    """
    Return a grid of China as the eastings of a layer show it, with or without zone number.

    Any other system is returned as it is; None where the eastings bear the number of another zone.
    """
    grid = grids.of(crs)
    if grid is None or box is None:
        return crs
    # a northing is never mistaken for an easting with zone number: no zone of China is below 13
    numbers = {int(value // grids.PREFIX) for value in box} & _ZONES
    if not numbers:
        is_bare = max(box) < _LARGEST_NORTHING
        return replace(grid, has_prefix=False).crs if grid.has_prefix and is_bare else crs
    if numbers != {grid.zone}:
        return None
    return crs if grid.has_prefix else replace(grid, has_prefix=True).crs


def is_turned(crs: pyproj.CRS, box: Box | None) -> bool:
    """Whether a layer lies where its system is used only if its axes are taken as swapped."""
    if box is None:
        return False
    as_is = lonlat(box, crs_module.Declared(crs))
    turned = lonlat(box, crs_module.Declared(crs, is_swapped=True))
    return turned is not None and _is_in_use(crs, turned) and not _is_in_use(crs, as_is)


def _is_in_use(crs: pyproj.CRS, box: Box | None) -> bool:
    """Whether an extent in degrees lies near the area a system is made for."""
    code = crs.to_epsg()
    area = pyproj.CRS.from_epsg(code).area_of_use if code else crs.area_of_use
    if box is None or area is None:
        return box is not None
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return (
        area.west - _BEYOND <= x <= area.east + _BEYOND
        and area.south - _BEYOND <= y <= area.north + _BEYOND
    )


def is_degrees(box: Box) -> bool:
    """Whether coordinates can be degrees, longitude first."""
    return box[0] >= -180 and box[2] <= 180 and box[1] >= -90 and box[3] <= 90


def lonlat(box: Box, system: crs_module.Declared) -> Box | None:
    """Return an extent in degrees of its own datum, None where the system cannot hold it."""
    if system.is_swapped:
        box = (box[1], box[0], box[3], box[2])
    if system.crs.is_geographic:
        return box if is_degrees(box) else None
    geodetic = system.crs.geodetic_crs
    if geodetic is None:
        return None
    try:
        step = pyproj.Transformer.from_crs(system.crs, geodetic, always_xy=True)
        west, south, east, north = step.transform_bounds(*box)
    except ProjError:
        return None
    return (west, south, east, north) if np.isfinite([west, south, east, north]).all() else None


def _lies_in(box: Box | None, study: Sequence[Box]) -> bool:
    """Whether an extent meets the surroundings of the study area."""
    if box is None:
        return False
    west, south = min(b[0] for b in study) - _MARGIN, min(b[1] for b in study) - _MARGIN
    east, north = max(b[2] for b in study) + _MARGIN, max(b[3] for b in study) + _MARGIN
    return box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south
