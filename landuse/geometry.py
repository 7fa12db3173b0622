"""
Polygons that may be measured and laid over each other.

Knows no act and repairs nothing by itself: it says what is wrong and where, and offers the
repair that a layer may ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landuse import kernels, rings
from landuse.errors import CrsMismatchError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

_EXTENDED = (
    shapely.GeometryType.LINESTRING,
    shapely.GeometryType.MULTILINESTRING,
    shapely.GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOLYGON,
)
FARTHEST = 1e9
"""Metres from the origin of a system beyond which no coordinate of any system reaches."""
POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def is_polygonal(geometries: Any) -> NDArray[np.bool_]:
    """Whether each geometry is a polygon or multipolygon that holds at least one ring."""
    kinds = shapely.get_type_id(geometries)
    polygonal: NDArray[np.bool_] = (kinds == POLYGONAL[0]) | (kinds == POLYGONAL[1])
    polygonal &= ~shapely.is_empty(geometries)
    return polygonal


def is_finite(geometries: Any) -> NDArray[np.bool_]:
    """Whether every coordinate is a number of a place on earth, in metres; True for no geometry."""
    geometries = np.asarray(geometries, dtype=object)
    # a length adds up all coordinates of lines and rings, and is soon taken
    finite: NDArray[np.bool_] = shapely.length(geometries) < FARTHEST
    finite &= np.isin(shapely.get_type_id(geometries), _EXTENDED)
    doubtful = np.flatnonzero(~finite)
    coordinates, owner = shapely.get_coordinates(geometries[doubtful], return_index=True)
    finite[doubtful] = True
    finite[doubtful[owner[~(np.abs(coordinates) < FARTHEST).all(axis=1)]]] = False
    return finite


def is_usable(geometries: Any) -> NDArray[np.bool_]:
    """
    Whether each geometry may enter an overlay: polygonal, finite, valid.

    Parameters
    ----------
    geometries
        Array of shapely geometries or None, any CRS.

    Returns
    -------
    usable
        Boolean array of the same length; False for None and empty.
    """
    geometries = np.asarray(geometries, dtype=object)
    usable = is_polygonal(geometries) & is_finite(geometries)
    usable[usable] = is_valid(geometries[usable])
    return usable


def is_valid(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each finite polygon or multipolygon is valid; GEOS says if nothing simpler does."""
    if kernels.on():
        valid = rings.taken(polygons).surely_valid(len(polygons))
    else:
        valid = np.zeros(len(polygons), dtype=bool)
    open_ = np.flatnonzero(~valid)
    valid[open_] = shapely.is_valid(polygons[open_])
    return valid


def repaired(geometries: Any) -> NDArray[np.object_]:
    """
    Polygonal parts of each geometry made valid by the structure method.

    The meaning of an area can change (a bow-tie becomes two triangles), so a caller records
    every repair as a finding with the area before and after.
    """
    valid = shapely.make_valid(geometries, method="structure", keep_collapsed=False)
    return np.array([_polygonal_part(geometry) for geometry in valid], dtype=object)


def _polygonal_part(geometry: Any) -> Any:
    """Return the polygons of a geometry, or None if it has none."""
    if geometry is None or geometry.is_empty:
        return None
    if geometry.geom_type in {"Polygon", "MultiPolygon"}:
        return geometry
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(parts) if parts else None


def same_crs(*frames: GeoDataFrame) -> None:
    """
    Make sure that tables to be laid over each other share one projected reference system.

    Raises
    ------
    CrsMismatchError
        If two tables differ, or one has none.
    """
    systems = [frame.crs for frame in frames]
    if any(crs is None for crs in systems):
        raise CrsMismatchError("crs.none")
    for crs in systems[1:]:
        if crs != systems[0]:
            raise CrsMismatchError("crs.mixed", one=systems[0].to_string(), other=crs.to_string())
