"""What the page must know to say a place in the survey's own coordinates: a transverse Mercator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyproj

_PARTS = {
    "Longitude of natural origin": "meridian",
    "Latitude of natural origin": "latitude",
    "Scale factor at natural origin": "scale",
    "False easting": "east",
    "False northing": "north",
}


def told(crs: pyproj.CRS) -> dict[str, Any] | None:
    """Return ellipsoid and parameters of a Gauss-Krueger system, None for any other kind."""
    operation = crs.coordinate_operation
    ellipsoid = crs.ellipsoid
    if operation is None or ellipsoid is None or operation.method_name != "Transverse Mercator":
        return None
    found = {_PARTS[p.name]: p.value for p in operation.params if p.name in _PARTS}
    axes = {"axis": ellipsoid.semi_major_metre, "flattening": 1 / ellipsoid.inverse_flattening}
    return {"name": crs.name, **axes, **found}
