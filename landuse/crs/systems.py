"""
Reference systems: what may be computed in, and how coordinates are brought there.

A guessed datum shift is never applied: where PROJ has no operation of known accuracy the layer
is refused. CGCS2000 and WGS 84 are treated as identical (they differ by 0.1 mm in latitude at
34°, and by plate motion that no map of parcels shows), and that is said. So a datum of another
country comes to CGCS2000 where PROJ knows how far it lies from WGS 84.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCrsError
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from landuse.crs import ellipsoid
from landuse.errors import CrsError

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

CGCS2000 = pyproj.CRS.from_epsg(4490)
_WGS84 = pyproj.CRS.from_epsg(4326)
_ALIKE = frozenset(
    {"China 2000", "World Geodetic System 1984", "World Geodetic System 1984 ensemble"}
)


def parse(text: str, where: str) -> pyproj.CRS:
    """
    Return the reference system that a TOML names.

    Raises
    ------
    CrsError
        If PROJ does not know it; `where` says which file to correct.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except ProjCrsError as err:
        raise CrsError("crs.unknown", where=where, text=text) from err


def computable(text: str, where: str) -> pyproj.CRS:
    """
    Return the one system everything is computed in: projected, in metres.

    Raises
    ------
    CrsError
        If it is geographic, a web mercator, or not in metres: areas would be wrong.
    """
    crs = parse(text, where)
    axes = {axis.unit_name for axis in crs.axis_info}
    if not crs.is_projected or axes != {"metre"}:
        raise CrsError("crs.not_metres", where=where, text=text)
    if crs.to_epsg() == 3857 or "Pseudo-Mercator" in crs.name:
        raise CrsError("crs.web_mercator", where=where, text=text)
    return crs


def are_alike(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Whether two datums are CGCS2000 and WGS 84, which are treated as identical."""
    names = {_datum(a), _datum(b)}
    return len(names) == 2 and names <= _ALIKE


def _datum(crs: pyproj.CRS) -> str:
    """Name of a system's datum."""
    geodetic = crs.geodetic_crs
    return "" if geodetic is None or geodetic.datum is None else str(geodetic.datum.name)


def is_same_code(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Whether two systems are one EPSG code written in two ways, as a .prj and its code are."""
    code = a.to_epsg()
    return code is not None and code == b.to_epsg()


def transformed(
    geometries: NDArray[np.object_], source: pyproj.CRS, target: pyproj.CRS, where: str
) -> NDArray[np.object_]:
    """
    Bring geometries from one system into another, east before north throughout.

    Parameters
    ----------
    geometries
        Array of shapely geometries in `source`; None stays None. Not changed.
    source, target
        Reference systems.
    where
        Layer named in the error.

    Raises
    ------
    CrsError
        If PROJ knows no operation between the two datums (Xian 1980 and Beijing 1954 need the
        bureau's own parameters, which are not public).
    """
    if source == target or is_same_code(source, target):
        return geometries
    apart = _apart(source, target)
    if apart is not None:
        shifted: NDArray[np.object_] = shapely.transform(geometries, lambda points: points + apart)
        return shifted
    steps = _steps(source, target, where)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = points[:, 0], points[:, 1]
        for step in steps:
            x, y = step.transform(x, y)
        return np.column_stack([x, y])

    moved: NDArray[np.object_] = shapely.transform(geometries, move)
    return moved


_FALSE_ORIGIN = ("8806", "8807")  # EPSG's codes of false easting and false northing


def _by_code(crs: pyproj.CRS) -> pyproj.CRS:
    """Return a system as EPSG defines it where it has a code; a .prj names the same otherwise."""
    code = crs.to_epsg()
    return crs if code is None else pyproj.CRS.from_epsg(code)


def _apart(source: pyproj.CRS, target: pyproj.CRS) -> NDArray[np.float64] | None:
    """
    Return what to add to east and north where two systems are one projection of one datum.

    A zone number in front of the easting is such a difference. To add it is exact, where leaving
    a projection and entering it again is not. None for any other two systems.
    """
    source, target = _by_code(source), _by_code(target)
    one, other = source.coordinate_operation, target.coordinate_operation
    if one is None or other is None or source.geodetic_crs != target.geodetic_crs:
        return None
    is_metric = {axis.unit_name for crs in (source, target) for axis in crs.axis_info} == {"metre"}
    ours, theirs = ({p.code: (p.value, p.unit_name) for p in o.params} for o in (one, other))
    same = {code for code in ours if ours[code] == theirs.get(code)}
    if not is_metric or one.method_code != other.method_code or ours.keys() != theirs.keys():
        return None
    if ours.keys() - same - set(_FALSE_ORIGIN) or not ours.keys() >= set(_FALSE_ORIGIN):
        return None
    return np.array([float(theirs[code][0]) - float(ours[code][0]) for code in _FALSE_ORIGIN])


def _steps(source: pyproj.CRS, target: pyproj.CRS, where: str) -> list[pyproj.Transformer]:
    """Return the operations that lead from one system to the other without guessing a shift."""
    options: dict[str, Any] = {"always_xy": True, "allow_ballpark": False}
    try:
        if are_alike(source, target):
            # same numbers on either datum: leave one projection, enter the other
            down = pyproj.Transformer.from_crs(source, source.geodetic_crs, **options)
            up = pyproj.Transformer.from_crs(target.geodetic_crs, target, **options)
            return [down, up]
        if _is_foreign(source) and _datum(target) == _datum(CGCS2000):
            down = pyproj.Transformer.from_crs(source, _WGS84, **options)
            up = pyproj.Transformer.from_crs(target.geodetic_crs, target, **options)
            return [down, up]
        return [pyproj.Transformer.from_crs(source, target, **options)]
    except ProjError as err:
        raise CrsError("crs.no_shift", where=where, source=source.name, target=target.name) from err


def _is_foreign(crs: pyproj.CRS) -> bool:
    """Whether a datum is of another country: shifts of China's old ones hold at sea only."""
    return _datum(crs) not in {_datum(CGCS2000), "Beijing 1954", "New Beijing", "Xian 1980"}


def accuracy(source: pyproj.CRS, target: pyproj.CRS) -> tuple[float, float] | None:
    """
    Return the best and the worst accuracy (m) PROJ states of the shifts between two datums.

    None where both are one datum, or taken as one.
    """
    if _datum(source) == _datum(target) or are_alike(source, target):
        return None
    beyond = _WGS84 if _datum(target) == _datum(CGCS2000) else target
    group = TransformerGroup(source, beyond, always_xy=True, allow_ballpark=False)
    stated = [step.accuracy for step in group.transformers if step.accuracy >= 0]
    return (min(stated), max(stated)) if stated else None


def areas(geometries: Any, crs: pyproj.CRS, method: str) -> NDArray[np.float64]:
    """
    Areas in m² by the workspace's declared method.

    Parameters
    ----------
    geometries
        Array of polygons in `crs` (projected, metres); None has area NaN.
    crs
        Their reference system.
    method
        ``plane`` (cadastre: area in the projection) or ``ellipsoid`` (land survey: area on the
        ellipsoid of CGCS2000 by the formula of 国土调查办发〔2008〕32号, see `ellipsoid.areas`).
    """
    geometries = np.asarray(geometries, dtype=object)
    if method == "plane":
        plane: NDArray[np.float64] = shapely.area(geometries)
        return plane
    lonlat = transformed(geometries, crs, crs.geodetic_crs or CGCS2000, "area")
    return ellipsoid.areas(lonlat)
