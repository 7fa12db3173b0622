"""
Geometry: in which system it was delivered, and how it comes into the workspace's.

A system is declared, read from the file, or inferred against the layers whose system is known;
never guessed between two that both fit. Nothing is repaired unless the layer asks for it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import ProjError

from landuse import crs as crs_module
from landuse import findings, geometry
from landuse.errors import CrsError
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.layers import Source

    Box = tuple[float, float, float, float]

_log = logging.getLogger(__name__)

CANDIDATES = (4490, 4525, 4526, 4527, 4546, 4547, 4548)
"""Systems tried for a layer that names none: CGCS2000 in degrees, 3° zones 37-39 of Henan."""

_POLYGONS_ONLY = frozenset(
    {Role.CLUSTER, Role.PARK, Role.APPROVAL, Role.SUPPLY, Role.CONSTRUCTION, Role.PLAN}
)
_MARGIN = 0.05  # degrees around the study area within which a layer counts as lying in it


@dataclass(frozen=True)
class Delivered:
    """Geometry as a file holds it, with what findings about it must say."""

    source: Source
    file: str
    rows: NDArray[np.int64]
    ids: NDArray[np.object_]
    geometry: NDArray[np.object_]
    crs: pyproj.CRS | None


@dataclass(frozen=True)
class Placed:
    """Geometry in the workspace's system, and how it got there."""

    geometry: NDArray[np.object_]
    crs: str
    basis: str
    findings: tuple[pd.DataFrame, ...]


def placed(delivered: Sequence[Delivered], target: pyproj.CRS) -> list[Placed]:
    """
    Bring geometries of several files into one system.

    Parameters
    ----------
    delivered
        One element a file; geometry in the file's own system.
    target
        The workspace's system, projected in metres.

    Returns
    -------
    placed
        One element a file, in the same order; polygons two-dimensional, in `target`.

    Raises
    ------
    CrsError
        If a layer's system is neither declared nor read nor told by exactly one candidate, or
        cannot be brought into `target` without guessing a datum shift.
    """
    known = [_known(each) for each in delivered]
    boxes = [
        _lonlat(_bounds(each.geometry), crs)
        for each, (crs, _, _) in zip(delivered, known, strict=True)
        if crs is not None and _bounds(each.geometry) is not None
    ]
    study = [box for box in boxes if box is not None]
    result = []
    for each, (system, basis, said) in zip(delivered, known, strict=True):
        crs, doubts = _inferred(each, target, study) if system is None else (system, [])
        moved, dropped = _moved(each, crs, target)
        shaped, faults = _shaped(each, moved)
        found = (*said, *doubts, *dropped, *faults)
        result.append(Placed(shaped, name_of(crs), basis, found))
    return result


def name_of(crs: pyproj.CRS) -> str:
    """Return the shortest name of a system."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


def _known(each: Delivered) -> tuple[pyproj.CRS | None, str, list[pd.DataFrame]]:
    """Return the declared or read system of a file, None where neither can be meant."""
    where = f"layers/{each.source.name}.toml"
    box = _bounds(each.geometry)
    if each.source.crs is not None:
        declared = crs_module.parse(each.source.crs, where)
        if not _is_plausible(declared, box):
            message = (
                f"{where}: crs = {each.source.crs!r} is in degrees, but coordinates reach {box}."
            )
            raise CrsError(message)
        if each.crs is None or _is_the_same(each.crs, declared):
            return declared, "declared", []
        found = findings.rows(
            "crs_overridden",
            layer=each.source.name,
            value=name_of(each.crs),
            file=each.file,
            used=name_of(declared),
        )
        return declared, "declared", [found]
    if each.crs is None or _is_plausible(each.crs, box):
        return each.crs, "read" if each.crs else "inferred", []
    found = findings.rows(
        "crs_implausible", layer=each.source.name, value=name_of(each.crs), file=each.file
    )
    return None, "inferred", [found]


def _is_the_same(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Whether two systems give a point the same numbers; GeoJSON calls CGCS2000 WGS 84."""
    alike = crs_module.are_alike(a, b) and a.is_geographic and b.is_geographic
    return alike or a == b or crs_module.is_same_code(a, b)


def _bounds(geometries: NDArray[np.object_]) -> Box | None:
    """Return the extent of all finite geometries, None where there is none."""
    finite = geometries[geometry.is_finite(geometries) & ~shapely.is_missing(geometries)]
    if shapely.is_empty(finite).all():
        return None
    x0, y0, x1, y1 = (float(v) for v in shapely.total_bounds(finite))
    return x0, y0, x1, y1


def _is_plausible(crs: pyproj.CRS, box: Box | None) -> bool:
    """Whether coordinates said to be degrees can be degrees."""
    if box is None or not crs.is_geographic:
        return True
    return box[0] >= -180 and box[2] <= 180 and box[1] >= -90 and box[3] <= 90


def _lonlat(box: Box | None, crs: pyproj.CRS) -> Box | None:
    """Return an extent in degrees of its own datum, None where the system cannot hold it."""
    if box is None or not _is_plausible(crs, box):
        return None
    if crs.is_geographic:
        return box
    geodetic = crs.geodetic_crs
    if geodetic is None:
        return None
    try:
        step = pyproj.Transformer.from_crs(crs, geodetic, always_xy=True)
        west, south, east, north = step.transform_bounds(*box)
    except ProjError:
        return None
    return (west, south, east, north) if np.isfinite([west, south, east, north]).all() else None


def _inferred(
    each: Delivered, target: pyproj.CRS, study: list[Box]
) -> tuple[pyproj.CRS, list[pd.DataFrame]]:
    """Return the one candidate in which a layer lies where the known layers lie."""
    box = _bounds(each.geometry)
    if box is None:
        return target, []
    fitting = [crs for crs in _candidates(target) if _lies_in(_lonlat(box, crs), study)]
    where = f"layers/{each.source.name}.toml"
    if len(fitting) == 1:
        _log.warning("%s: no reference system, %s inferred", each.file, name_of(fitting[0]))
        found = findings.rows(
            "crs_inferred", layer=each.source.name, value=name_of(fitting[0]), file=each.file
        )
        return fitting[0], [found]
    if not study:
        why = "no other layer tells where the study area is"
    elif fitting:
        why = f"{' and '.join(name_of(crs) for crs in fitting)} fit equally well"
    elif any(_lies_in(_lonlat(_swapped(box), crs), study) for crs in _candidates(target)):
        why = "none fits, but they would if north and east were swapped"
    else:
        why = "none of the systems usual here puts it near the other layers"
    message = (
        f"{where}: {each.file} names no reference system and none can be inferred: coordinates "
        f"reach {tuple(round(v, 3) for v in box)}; {why}. Ask the supplier and declare it: crs = …"
    )
    raise CrsError(message)


def _candidates(target: pyproj.CRS) -> list[pyproj.CRS]:
    """Return the systems tried, each once."""
    usual = [pyproj.CRS.from_epsg(code) for code in CANDIDATES]
    return usual if target in usual else [*usual, target]


def _swapped(box: Box) -> Box:
    """Return an extent with its axes swapped."""
    return box[1], box[0], box[3], box[2]


def _lies_in(box: Box | None, study: list[Box]) -> bool:
    """Whether an extent meets the surroundings of the study area."""
    if box is None or not study:
        return False
    west, south = min(b[0] for b in study) - _MARGIN, min(b[1] for b in study) - _MARGIN
    east, north = max(b[2] for b in study) + _MARGIN, max(b[3] for b in study) + _MARGIN
    return box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south


def _moved(
    each: Delivered, source: pyproj.CRS, target: pyproj.CRS
) -> tuple[NDArray[np.object_], list[pd.DataFrame]]:
    """Return geometries in two dimensions and in the target system."""
    solid = shapely.has_z(each.geometry) | shapely.has_m(each.geometry)
    said = []
    if solid.any():
        found = findings.rows(
            "heights_dropped", layer=each.source.name, file=each.file, count=int(solid.sum())
        )
        said.append(found)
    flat: NDArray[np.object_] = shapely.force_2d(each.geometry) if solid.any() else each.geometry
    where = f"layers/{each.source.name}.toml"
    return crs_module.transformed(flat, source, target, where), said


def _shaped(
    each: Delivered, moved: NDArray[np.object_]
) -> tuple[NDArray[np.object_], list[pd.DataFrame]]:
    """Return geometries of the kind the role asks for, repaired only where the layer says so."""
    if each.source.role not in _POLYGONS_ONLY:
        return moved, []
    there = ~shapely.is_missing(moved) & ~shapely.is_empty(moved)
    wrong = there & ~geometry.is_polygonal(moved)
    shaped = moved.copy()
    shaped[wrong] = None
    kinds = [g.geom_type for g in moved[wrong]]
    said = [_found("geometry_wrong_kind", each, wrong, value=kinds)] if wrong.any() else []
    if not each.source.repair:
        return shaped, said
    broken = there & ~wrong & geometry.is_finite(moved)
    broken[broken] = ~shapely.is_valid(moved[broken])
    if not broken.any():
        return shaped, said
    before = moved[broken]
    after = geometry.repaired(before)
    shaped[broken] = after
    found = _found(
        "geometry_repaired",
        each,
        broken,
        value=list(shapely.is_valid_reason(before)),
        before=[f"{abs(area):.2f}" for area in shapely.area(before)],
        after=["0.00" if g is None else f"{g.area:.2f}" for g in after],
    )
    return shaped, [*said, found]


def _found(
    code: str, each: Delivered, where: NDArray[np.bool_], **details: list[str]
) -> pd.DataFrame:
    """Return a finding for each geometry of a fault."""
    return findings.rows(
        code,
        layer=each.source.name,
        row=each.rows[where],
        feature_id=each.ids[where],
        column="geometry",
        **details,
    )
