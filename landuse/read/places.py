"""
Geometry: in which system it was delivered, and how it comes into the workspace's.

A system is declared, read from the file, or inferred against the layers whose system is known;
never guessed between two that both fit. Nothing is repaired unless the layer asks for it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse import crs as crs_module
from landuse import findings, geometry
from landuse.crs import webmaps
from landuse.errors import CrsError, phrase
from landuse.read import inference
from landuse.read import trusted as trusted_module
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

    from landuse.layers import Source
    from landuse.read.inference import Box
    from landuse.read.raw import Ids

_log = logging.getLogger(__name__)

_POLYGONS_ONLY = frozenset(
    {Role.CLUSTER, Role.PARK, Role.APPROVAL, Role.SUPPLY, Role.CONSTRUCTION, Role.PLAN}
)

_PLANE = 2  # numbers a point of the plane has; heights and measures make it more


@dataclass(frozen=True)
class Delivered:
    """Geometry as a file holds it, with what findings about it must say."""

    source: Source
    file: str
    rows: NDArray[np.int64]
    ids: Ids
    geometry: NDArray[np.object_]
    crs: pyproj.CRS | None


@dataclass(frozen=True)
class Placed:
    """Geometry in the workspace's system, how it got there, and how many rows have any."""

    geometry: NDArray[np.object_]
    crs: str
    basis: str
    there: int
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
    spans = [shapely.bounds(each.geometry) for each in delivered]
    boxes = [_extent(each, span) for each, span in zip(delivered, spans, strict=True)]
    known = [_known(each, box) for each, box in zip(delivered, boxes, strict=True)]
    extents = [
        inference.lonlat(box, system)
        for box, (system, _, _) in zip(boxes, known, strict=True)
        if system is not None and box is not None
    ]
    study = [extent for extent in extents if extent is not None]
    taken = []
    for each, box, span, (system, basis, said) in zip(delivered, boxes, spans, known, strict=True):
        found, doubts = _inferred(each, box, target, study) if system is None else (system, [])
        taken.append(_Taken(found, basis, _absent(each, span), (*said, *doubts)))
    result = [_put(each, how, target) for each, how in zip(delivered, taken, strict=True)]
    return _off_web_maps(delivered, taken, result, target)


@dataclass(frozen=True)
class _Taken:
    """The system a file is taken to be in, why, which rows it leaves out, and what was said."""

    system: crs_module.Declared
    basis: str
    absent: NDArray[np.bool_]
    said: tuple[pd.DataFrame, ...]


def _put(each: Delivered, how: _Taken, target: pyproj.CRS) -> Placed:
    """Bring one file from the system it is taken to be in into the target."""
    moved, dropped = _moved(each, how.system, target)
    shaped, faults = _shaped(each, moved)
    name = how.system.web_map or name_of(how.system.crs)
    there = int((~how.absent & ~shapely.is_missing(shaped)).sum())
    return Placed(shaped, name, how.basis, there, (*how.said, *dropped, *faults))


def _off_web_maps(
    delivered: Sequence[Delivered],
    taken: Sequence[_Taken],
    result: list[Placed],
    target: pyproj.CRS,
) -> list[Placed]:
    """Undo web maps among layers in undeclared degrees, where another layer proves them."""
    doubtful = [place.basis != "declared" and _is_in_degrees(place.crs) for place in result]
    sure = [place.geometry for place, doubt in zip(result, doubtful, strict=True) if not doubt]
    if not any(doubtful) or not sure:
        return result
    trusted: NDArray[np.object_] = np.concatenate(sure)
    checked = []
    for each, how, place, doubt in zip(delivered, taken, result, doubtful, strict=True):
        told = trusted_module.web_map(place.geometry, trusted, target) if doubt else None
        if told is None:
            checked.append(place)
            continue
        system, before, after = told
        found = findings.rows(
            "web_map_recognised",
            layer=each.source.name,
            value=system,
            file=each.file,
            before=f"{before:.0%}",
            after=f"{after:.0%}",
        )
        shifted = replace(how.system, crs=crs_module.CGCS2000, web_map=system)
        taken_so = replace(how, system=shifted, basis="recognised", said=(*how.said, found))
        checked.append(_put(each, taken_so, target))
    return checked


def _is_in_degrees(name: str) -> bool:
    """Whether a system's name is that of degrees a web map can be mistaken for."""
    return name in {"EPSG:4326", "EPSG:4490", "OGC:CRS84", "WGS 84 (CRS84)"}


def name_of(crs: pyproj.CRS) -> str:
    """Return the shortest name of a system."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else crs.name


def _known(
    each: Delivered, box: Box | None
) -> tuple[crs_module.Declared | None, str, list[pd.DataFrame]]:
    """Return the declared or read system of a file, None where neither can be meant."""
    if each.source.crs is not None:
        return _declared(each, each.source.crs, box)
    if each.crs is None:
        return None, "inferred", []
    system, said = _as_it_lies(each, crs_module.Declared(each.crs), box)
    if system is not None and (system.is_swapped or _is_plausible(system, box)):
        return system, "read", said
    found = findings.rows(
        "crs_implausible", layer=each.source.name, value=name_of(each.crs), file=each.file
    )
    return None, "inferred", [found]


def _declared(
    each: Delivered, text: str, box: Box | None
) -> tuple[crs_module.Declared, str, list[pd.DataFrame]]:
    """Return the declared system, and what to say where the file contradicts it."""
    where = f"layers/{each.source.name}.toml"
    system, said = _as_it_lies(each, crs_module.declared(text, where), box)
    if system is None:
        raise CrsError("crs.zone", where=where, text=text, box=box)
    if not _is_plausible(system, box):
        raise CrsError("crs.not_degrees", where=where, text=text, box=box)
    if each.crs is not None and not _is_the_same(each.crs, system.crs):
        found = findings.rows(
            "crs_overridden",
            layer=each.source.name,
            value=name_of(each.crs),
            file=each.file,
            used=name_of(system.crs),
        )
        said = [*said, found]
    return system, "declared", said


def _as_it_lies(
    each: Delivered, system: crs_module.Declared, box: Box | None
) -> tuple[crs_module.Declared | None, list[pd.DataFrame]]:
    """
    Return a system with the zone number and the order of axes the coordinates show, and say so.

    None where they bear the number of another zone.
    """
    facts = {"layer": each.source.name, "value": name_of(system.crs), "file": each.file}
    said = []
    written = inference.as_written(system.crs, box)
    if written is None:
        return None, []
    if written != system.crs:
        said.append(findings.rows("zone_number_contradicts", **facts, used=name_of(written)))
        system = replace(system, crs=written)
    if not system.web_map and not system.is_swapped and inference.is_turned(system.crs, box):
        said.append(findings.rows("axes_swapped", **facts))
        system = replace(system, is_swapped=True)
    return system, said


def _is_the_same(a: pyproj.CRS, b: pyproj.CRS) -> bool:
    """Whether two systems give a point the same numbers; GeoJSON calls CGCS2000 WGS 84."""
    alike = crs_module.are_alike(a, b) and a.is_geographic and b.is_geographic
    return alike or a == b or crs_module.is_same_code(a, b)


def _extent(each: Delivered, spans: NDArray[np.float64]) -> Box | None:
    """Return the extent of all finite geometries of a file, None where there is none."""
    there = ~np.isnan(spans[:, 0])
    kept = spans if there.all() else spans[there]
    if not (np.abs(kept) < geometry.FARTHEST).all():
        finite = geometry.is_finite(each.geometry) & there
        kept = spans[finite]
    if not len(kept):
        return None
    x0, y0 = (float(v) for v in kept[:, :2].min(axis=0))
    x1, y1 = (float(v) for v in kept[:, 2:].max(axis=0))
    return x0, y0, x1, y1


def _absent(each: Delivered, spans: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each row has no geometry or an empty one; what has an extent is not asked."""
    absent: NDArray[np.bool_] = np.isnan(spans[:, 0])
    doubtful = each.geometry[absent]
    absent[absent] = shapely.is_missing(doubtful) | shapely.is_empty(doubtful)
    return absent


def _is_plausible(system: crs_module.Declared, box: Box | None) -> bool:
    """Whether coordinates said to be degrees can be degrees."""
    if box is None or not system.crs.is_geographic:
        return True
    turned = (box[1], box[0], box[3], box[2])
    return inference.is_degrees(turned if system.is_swapped else box)


def _inferred(
    each: Delivered, box: Box | None, target: pyproj.CRS, study: list[Box]
) -> tuple[crs_module.Declared, list[pd.DataFrame]]:
    """Return the one candidate in which a layer lies where the known layers lie."""
    if box is None:
        return crs_module.Declared(target), []
    found = inference.fitting(box, target, study)
    if len(found) == 1:
        name = name_of(found[0].crs)
        _log.warning("%s: no reference system, %s inferred", each.file, name)
        facts = {"layer": each.source.name, "value": name, "file": each.file}
        said = [findings.rows("crs_inferred", **facts)]
        if found[0].is_swapped:
            said.append(findings.rows("axes_swapped", **facts))
        return found[0], said
    if not study:
        why = phrase("crs.no_other_layer")
    elif found:
        names = sorted({name_of(system.crs) for system in found})
        why = phrase("crs.fit_alike", names=names)
    else:
        why = phrase("crs.none_near")
    raise CrsError(
        "crs.not_inferred",
        where=f"layers/{each.source.name}.toml",
        file=each.file,
        box=[round(v, 3) for v in box],
        why=why,
    )


def _moved(
    each: Delivered, source: crs_module.Declared, target: pyproj.CRS
) -> tuple[NDArray[np.object_], list[pd.DataFrame]]:
    """Return geometries in two dimensions and in the target system."""
    solid = shapely.get_coordinate_dimension(each.geometry) > _PLANE
    said = []
    facts = {"layer": each.source.name, "file": each.file}
    if solid.any():
        said.append(findings.rows("heights_dropped", **facts, count=int(solid.sum())))
    flat: NDArray[np.object_] = shapely.force_2d(each.geometry) if solid.any() else each.geometry
    where = f"layers/{each.source.name}.toml"
    moved, distance = crs_module.brought(flat, source, target, where)
    if source.web_map:
        metres = {"metres": f"{distance:.0f}", "accuracy": f"{webmaps.ACCURACY:.0f}"}
        said.append(findings.rows("web_map_undone", **facts, value=source.web_map, **metres))
    elif source.shift:
        shift = {"value": name_of(source.crs), "metres": f"{distance:.2f}"}
        said.append(findings.rows("datum_shifted", **facts, **shift))
    elif crs_module.are_alike(source.crs, target):
        names = {"value": name_of(source.crs), "used": name_of(target)}
        said.append(findings.rows("datums_taken_as_one", **facts, **names))
    else:
        stated = crs_module.accuracy(source.crs, target)
        if stated is not None:
            names = {"value": name_of(source.crs), "used": name_of(target)}
            reach = "–".join(f"{metres:g}" for metres in sorted(set(stated)))
            said.append(findings.rows("datum_by_proj", **facts, **names, metres=reach))
    return moved, said


def _shaped(
    each: Delivered, moved: NDArray[np.object_]
) -> tuple[NDArray[np.object_], list[pd.DataFrame]]:
    """Return geometries of the kind the role asks for, repaired only where the layer says so."""
    if each.source.role not in _POLYGONS_ONLY:
        return moved, []
    kinds_there = shapely.get_type_id(moved)
    polygonal = np.isin(kinds_there, geometry.POLYGONAL)
    wrong = ~polygonal & (kinds_there >= 0)
    wrong[wrong] = ~shapely.is_empty(moved[wrong])
    shaped = moved.copy() if wrong.any() or each.source.repair else moved
    if wrong.any():
        shaped[wrong] = None
    kinds = [g.geom_type for g in moved[wrong]]
    said = [_found("geometry_wrong_kind", each, wrong, value=kinds)] if wrong.any() else []
    if not each.source.repair:
        return shaped, said
    broken = polygonal & geometry.is_finite(moved)
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
