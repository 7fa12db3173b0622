"""
From records to parcels: polygons in one system, their areas compared with what was declared.

A record that is wrong stays a row: its text is there, its geometry is not, and a remark names the
line. Nothing is made valid here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse import crs as crs_module
from landuse.errors import CrsError
from landuse.exchange import placing, rings
from landuse.exchange.grammar import AREA, COUNT, Remark
from landuse.units import FACTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import NDArray

    from landuse.exchange.grammar import Document, Point, Record

_UNITS = {"公顷": "ha", "平方米": "m2", "㎡": "m2", "m2": "m2", "亩": "mu", "ha": "ha"}
_AMOUNT = re.compile(r"(\d{1,15}(?:\.\d*)?)\s*(\S*)")
_NEAREST = 1.0  # m², and
_SHARE = {False: 1e-4, True: 1e-3}  # of the area: in metres, and in degrees (on the ellipsoid)


@dataclass(frozen=True)
class Parcel:
    """One record: its geometry east before north, None where it is wrong, and its area in m²."""

    record: Record
    geometry: Any = None
    place: placing.Place | None = None
    declared_area: float = np.nan


@dataclass(frozen=True)
class Parcels:
    """All records of a file, geometry in `crs`; None: the file does not tell its system."""

    document: Document
    parcels: tuple[Parcel, ...]
    crs: pyproj.CRS | None
    remarks: tuple[Remark, ...]


@dataclass
class _Notes:
    """Remarks of a file; those of one kind that say the same are counted, not repeated."""

    remarks: list[Remark] = field(default_factory=list)
    counted: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def add(self, code: str, line: int, value: str = "", **facts: str) -> None:
        self.remarks.append(Remark(code, line, value, facts))

    def count(self, code: str, line: int, value: str = "", times: int = 1) -> None:
        first, before = self.counted.get((code, value), (line, 0))
        self.counted[code, value] = first, before + times

    def all(self) -> tuple[Remark, ...]:
        together = [
            Remark(code, line, value, {"count": str(times)})
            for (code, value), (line, times) in self.counted.items()
        ]
        return (*self.remarks, *together)


def made(document: Document) -> Parcels:
    """
    Make the parcels of a file.

    Returns
    -------
    parcels
        One a record, in file order. Records in another zone than the first are brought into the
        first's; where the header names no datum they lose their geometry instead.
    """
    notes = _Notes(list(document.remarks))
    said = placing.header(document.about)
    if said.zone is None and said.zone_text:
        notes.add("exchange_zone_unknown", 1, said.zone_text)
    parcels = [_parcel(record, said, notes) for record in document.records]
    placed = [parcel.place for parcel in parcels if parcel.place is not None]
    first = placed[0] if placed else None
    joined = tuple(_joined(parcel, first, notes) for parcel in parcels)
    return Parcels(document, joined, first.crs if first else None, notes.all())


def _parcel(record: Record, said: placing.Header, notes: _Notes) -> Parcel:
    """Make the parcel of one record."""
    declared = record.head.get(AREA, "")
    unplaced = Parcel(record, declared_area=_square_metres(declared, None)[0])
    if record.is_broken:
        return unplaced
    if not record.points:
        notes.add("exchange_ring_too_short", record.line)
        return unplaced
    is_turned, is_degrees, line = placing.ordered(record.points)
    if is_turned is None:
        notes.add("exchange_coordinates_unclear", line)
        return unplaced
    if is_turned and not is_degrees:
        notes.count("exchange_axes_swapped", record.line)
    eastings = np.array([p.first if is_turned else p.second for p in record.points])
    place = placing.degrees(said) if is_degrees else placing.place(said, eastings)
    if place is None:
        notes.add("exchange_zone_mixed", record.line)
        return unplaced
    if placing.contradiction(said, place):
        readings = f"{said.zone_text or '-'}/{said.width or '-'}° ≠ {place.zone}/{place.width}°"
        notes.count("exchange_zone_conflict", record.line, readings)
    shape = _shape(record, slice(None, None, 1 if is_turned else -1), notes)
    if shape is None:
        return unplaced
    return Parcel(record, shape, place, _compared(record, shape, is_degrees, notes))


def _shape(record: Record, order: slice, notes: _Notes) -> Any:
    """Return the geometry of a record, None where its rings are wrong; `order` puts east first."""
    kind = record.head.get("记录图形属性", "面")
    if kind == "点":
        return shapely.MultiPoint([_pair(point, order) for point in record.points])
    if kind == "线":
        return _lines(record, order, notes)
    found, wrong = rings.cut(record.points)
    notes.remarks += wrong
    _count(record, found, notes)
    short = [ring.line for ring in found if rings.is_too_short(ring)]
    for line in short:
        notes.add("exchange_ring_too_short", line)
    if len(found) > rings.MOST_RINGS:
        notes.add(
            "exchange_rings_too_many", record.line, str(len(found)), most=str(rings.MOST_RINGS)
        )
    if wrong or short or len(found) > rings.MOST_RINGS:
        return None
    for ring in found:
        if not ring.was_closed:
            notes.count("exchange_rings_closed", ring.line)
        if ring.repeated:
            notes.count("exchange_points_repeated", ring.line, times=ring.repeated)
    shape = rings.polygon([ring.coordinates[:, order] for ring in found])
    if not shape.is_valid:
        notes.add("exchange_geometry_invalid", record.line, shapely.is_valid_reason(shape))
    return shape


def _pair(point: Point, order: slice) -> tuple[float, ...]:
    """Return the coordinates of a point in an order."""
    both: tuple[float, ...] = (point.first, point.second)
    return both[order]


def _lines(record: Record, order: slice, notes: _Notes) -> Any:
    """Return the lines of a record, one a ring number."""
    parts: dict[str, list[tuple[float, ...]]] = {}
    for point in record.points:
        parts.setdefault(point.ring, []).append(_pair(point, order))
    if any(len(part) < 2 for part in parts.values()):
        notes.add("exchange_ring_too_short", record.line)
        return None
    return shapely.MultiLineString(list(parts.values()))


def _count(record: Record, found: Sequence[rings.Ring], notes: _Notes) -> None:
    """Compare the number of points a head announces with the rows that follow."""
    announced = record.head.get(COUNT, "")
    rows = len(record.points)
    closing = sum(ring.was_closed for ring in found)
    if announced and announced.lstrip("0") not in {str(rows), str(rows - closing)}:
        notes.add("exchange_count_differs", record.line, announced, rows=str(rows))


def _compared(record: Record, shape: Any, is_degrees: bool, notes: _Notes) -> float:
    """Return the declared area in m²; a remark where no unit makes it the area of the polygon."""
    text = record.head.get(AREA, "")
    if not shape.is_valid or shapely.get_dimensions(shape) < 2:
        return _square_metres(text, None)[0]
    area = float(
        crs_module.areas([shape], crs_module.CGCS2000, "ellipsoid")[0] if is_degrees else shape.area
    )
    slack = max(_NEAREST, _SHARE[is_degrees] * area)
    declared, unit = _square_metres(text, (area, slack))
    if not np.isfinite(declared):
        return declared
    if abs(declared - area) > slack:
        facts = {"declared": f"{declared:.2f}", "area": f"{area:.2f}"}
        notes.add("exchange_area_differs", record.line, text, **facts)
    elif unit != "ha":
        notes.count("exchange_area_unit", record.line, unit)
    return declared


def _square_metres(text: str, fits: tuple[float, float] | None) -> tuple[float, str]:
    """
    Return a declared area in m² and the unit it is in.

    Without a unit of its own it is in hectares, as the format has it, unless `fits` (the area of
    the polygon and the slack allowed) is met by square metres or mu only.
    """
    found = _AMOUNT.fullmatch(text.strip())
    amount = float(found[1]) if found else 0.0
    if not found or amount == 0:
        return np.nan, ""
    if found[2]:
        unit = _UNITS.get(found[2], "")
        return (amount * FACTORS[unit], unit) if unit else (np.nan, "")
    if fits is not None:
        for unit in ("ha", "m2", "mu"):
            if abs(amount * FACTORS[unit] - fits[0]) <= fits[1]:
                return amount * FACTORS[unit], unit
    return amount * FACTORS["ha"], "ha"


def _joined(parcel: Parcel, first: placing.Place | None, notes: _Notes) -> Parcel:
    """Return a parcel in the system of the first one of its file."""
    if first is None or parcel.place is None or parcel.place == first:
        return parcel
    own, common = parcel.place.crs, first.crs
    value = f"{parcel.place.zone} → {first.zone}"
    if own is None or common is None:
        notes.count("exchange_zones_unknown", parcel.record.line, value)
        return Parcel(parcel.record, declared_area=parcel.declared_area)
    try:
        moved = crs_module.transformed(_array(parcel.geometry), own, common, "TXT")[0]
    except CrsError:
        notes.count("exchange_zones_unknown", parcel.record.line, value)
        return Parcel(parcel.record, declared_area=parcel.declared_area)
    notes.count("exchange_zones_differ", parcel.record.line, value)
    return Parcel(parcel.record, moved, first, parcel.declared_area)


def _array(shape: Any) -> NDArray[np.object_]:
    """Return one geometry as an array."""
    held: NDArray[np.object_] = np.empty(1, dtype=object)
    held[0] = shape
    return held
