"""
What `crs = "…"` of a layer may say beyond a reference system.

========================================  =========================================================
``EPSG:4547``                             a system that PROJ knows
``EPSG:4547 +axis=neu``                   the file holds north before east
``EPSG:2383 +bursa=dx,dy,dz,rx,ry,rz,m``  seven parameters to CGCS2000: metres, arc-seconds, ppm;
                                          Bursa-Wolf as Chinese software has it (coordinate frame)
``EPSG:2383 +towgs84=dx,dy,dz,rx,ry,rz,m``  the same as PROJ has it (position vector: the opposite
                                          signs of the rotations); three values are shifts alone
``EPSG:2383 +plane=dn,de,r,k``            four parameters in the plane: metres north and east,
                                          rotation in arc-seconds, scale such as 1.000012
``GCJ-02``, ``BD-09``                     degrees taken from a web map
========================================  =========================================================

Parameters of Xian 1980 and Beijing 1954 are not public and are never shipped; without them such
a layer is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from landuse.crs import grids, systems, webmaps
from landuse.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Points = NDArray[np.float64]
    Move = Callable[[Points], Points]

WEB_MAPS = ("GCJ-02", "BD-09")
_ADDED = re.compile(r"\s+\+(axis|bursa|towgs84|plane)=(\S*)")
_VALUES = {"bursa": (7,), "towgs84": (3, 7), "plane": (4,)}
_FURTHEST = 2000.0  # metres; a real change of datum in China is below 200


@dataclass(frozen=True)
class Declared:
    """A declared system: with axes to swap, parameters of a datum shift, or a web map's name."""

    crs: pyproj.CRS
    is_swapped: bool = False
    shift: str = ""
    parameters: tuple[float, ...] = ()
    web_map: str = ""


def declared(text: str, where: str) -> Declared:
    """
    Return what a layer's `crs` declares.

    Raises
    ------
    CrsError
        If PROJ does not know the system, or an addition to it cannot be meant as written;
        `where` says which file to correct.
    """
    name = text.strip().upper().replace("GCJ02", "GCJ-02").replace("BD09", "BD-09")
    if name in WEB_MAPS:
        return Declared(systems.CGCS2000, web_map=name)
    added = dict(_ADDED.findall(text))
    crs = systems.parse(_ADDED.sub("", text).strip() if added else text, where)
    axis = added.pop("axis", None)
    if axis not in {None, "neu", "ne"}:
        raise CrsError("crs.axis", where=where, text=text, axis=axis)
    if len(added) > 1:
        raise CrsError("crs.two_shifts", where=where, text=text, given=[*added])
    for shift, values in added.items():
        numbers = _numbers(shift, values, text, where)
        if shift == "plane" and grids.of(crs) is None:
            raise CrsError("crs.plane_by_code", where=where, text=text)
        return Declared(crs, axis is not None, shift, numbers)
    return Declared(crs, axis is not None)


def _numbers(shift: str, values: str, text: str, where: str) -> tuple[float, ...]:
    """Return the parameters of a shift."""
    try:
        numbers = tuple(float(value) for value in values.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in _VALUES[shift] or not np.isfinite(numbers).all():
        counts = " or ".join(str(n) for n in _VALUES[shift])
        raise CrsError("crs.shift_numbers", where=where, text=text, shift=shift, counts=counts)
    return numbers


def brought(
    geometries: NDArray[np.object_], source: Declared, target: pyproj.CRS, where: str
) -> tuple[NDArray[np.object_], float]:
    """
    Bring geometries from what a layer declares into a reference system, east before north.

    Parameters
    ----------
    geometries
        Array of shapely geometries, axes as the file has them; None stays None. Not changed.
    source
        What the layer declares.
    target
        System wanted.
    where
        Layer named in the error.

    Returns
    -------
    geometries, displacement
        In `target`; and how far a datum shift or an undone web map moved them, in metres
        (median; 0 where neither was asked for).

    Raises
    ------
    CrsError
        If PROJ knows no operation between the two datums and no parameters were declared, if
        the parameters move the layer further than any datum of China lies from another, or if
        a web map's degrees lie where web maps are not shifted.
    """
    if source.is_swapped:
        geometries = shapely.transform(geometries, lambda xy: xy[:, ::-1])
    if not source.shift and not source.web_map:
        return systems.transformed(geometries, source.crs, target, where), 0.0
    if source.web_map:
        moved = shapely.transform(geometries, lambda xy: _off_web_map(xy, source.web_map, where))
        distance = _displacement(geometries, moved, systems.CGCS2000)
        return systems.transformed(moved, systems.CGCS2000, target, where), distance
    if source.shift == "plane":
        moved, arrived = _in_plane(geometries, source)
        distance = _displacement(geometries, moved, arrived)
    else:
        down, step = _to_degrees(source.crs), _bursa(source)
        start = shapely.transform(geometries, lambda xy: _through(xy, down))
        moved, arrived = shapely.transform(start, lambda xy: _through(xy, step)), systems.CGCS2000
        distance = _displacement(start, moved, arrived)
    if distance > _FURTHEST:
        raise CrsError("crs.shift_far", where=where, distance=distance)
    return systems.transformed(moved, arrived, target, where), distance


def _through(points: Points, step: pyproj.Transformer) -> Points:
    """Return points after one step, east before north."""
    x, y = step.transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y])


def _to_degrees(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the step from a system to degrees of its own datum."""
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _bursa(source: Declared) -> pyproj.Transformer:
    """Return the step from degrees of one datum to degrees of CGCS2000 by 3 or 7 parameters."""
    names = ("x", "y", "z", "rx", "ry", "rz", "s")[: len(source.parameters)]
    values = " ".join(f"+{n}={v!r}" for n, v in zip(names, source.parameters, strict=True))
    rotated = "coordinate_frame" if source.shift == "bursa" else "position_vector"
    convention = f" +convention={rotated}" if len(source.parameters) == 7 else ""
    ellipsoid = source.crs.ellipsoid
    axes = (
        f"+a={ellipsoid.semi_major_metre!r} +rf={ellipsoid.inverse_flattening!r}"
        if ellipsoid is not None
        else "+ellps=GRS80"
    )
    return pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart {axes} +step +proj=helmert {values}{convention} "
        "+step +inv +proj=cart +a=6378137 +rf=298.257222101 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def _in_plane(
    geometries: NDArray[np.object_], source: Declared
) -> tuple[NDArray[np.object_], pyproj.CRS]:
    """
    Return geometries after a similarity in the plane, in CGCS2000's grid of the same zone.

    Raises CrsError if the source is no such grid.

    north' = dn + k (north cos r - east sin r), east' = de + k (north sin r + east cos r), with
    eastings without zone number.
    """
    grid = grids.of(source.crs)
    if grid is None:
        raise CrsError("crs.plane_grid", name=source.crs.name)
    north, east, seconds, scale = source.parameters
    angle = np.radians(seconds / 3600)
    prefix = grid.zone * grids.PREFIX if grid.has_prefix else 0.0

    def move(points: Points) -> Points:
        e, n = points[:, 0] - prefix, points[:, 1]
        return np.column_stack(
            [
                prefix + east + scale * (n * np.sin(angle) + e * np.cos(angle)),
                north + scale * (n * np.cos(angle) - e * np.sin(angle)),
            ]
        )

    moved: NDArray[np.object_] = shapely.transform(geometries, move)
    return moved, grids.Grid("CGCS2000", grid.width, grid.zone, grid.has_prefix).crs


def _off_web_map(points: Points, system: str, where: str) -> Points:
    """Return degrees of a web map as degrees of CGCS2000."""
    west, south, east, north = webmaps.EXTENT
    lon, lat = points[:, 0], points[:, 1]
    if ((lon < west) | (lon > east) | (lat < south) | (lat > north)).any():
        low, high = (lon.min(), lat.min()), (lon.max(), lat.max())
        raise CrsError("crs.web_map", where=where, text=system, low=low, high=high)
    return np.column_stack(webmaps.undone(system, lon, lat))


def _displacement(
    before: NDArray[np.object_], after: NDArray[np.object_], crs: pyproj.CRS
) -> float:
    """Return the median distance in metres between the points of two sets of geometries."""
    a, b = shapely.get_coordinates(before), shapely.get_coordinates(after)
    if not len(a):
        return 0.0
    if crs.is_geographic:
        geod = pyproj.Geod(ellps="GRS80")
        _, _, far = geod.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    else:
        far = np.hypot(*(b - a).T)
    far = np.asarray(far, dtype=np.float64)
    return float(np.median(far[np.isfinite(far)])) if np.isfinite(far).any() else 0.0
