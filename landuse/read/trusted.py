"""
Layers taken from web maps, recognised by laying them over layers that are not.

GCJ-02 and BD-09 look like degrees of CGCS2000 and lie 0.6 and 1.3 km away. Only another layer
tells: where undoing the shift makes boundaries coincide, or puts objects into their parcels, that
did not before. A layer whose `crs` is declared is never asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse import crs as crs_module
from landuse.crs import webmaps
from landuse.crs.declared import WEB_MAPS

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

_SAMPLE = 500  # vertices of a layer that are tried
_FEWEST = 10  # vertices or objects below which nothing is said
_REACH = 2000.0  # metres around a layer within which boundaries can be its own
_EDGES = (0.6, 0.3)  # share of vertices on a boundary: at least after, at most before
_INSIDE = (0.9, 0.6)  # share of objects inside a parcel: at least after, at most before


def web_map(
    geometries: NDArray[np.object_], trusted: NDArray[np.object_], target: pyproj.CRS
) -> tuple[str, float, float] | None:
    """
    Tell whether a layer was taken from a web map.

    Parameters
    ----------
    geometries
        The layer, read as degrees of CGCS2000 and brought into `target`; None is left out.
    trusted
        Geometry of layers that are known not to come from a web map, in `target`.
    target
        Projected system, metres.

    Returns
    -------
    found
        Name of the web map's system, and the share that coincides without and with undoing it;
        None if nothing was recognised.
    """
    layer = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    vertices = _sampled(shapely.get_coordinates(layer))
    objects = _sampled(shapely.get_coordinates(shapely.point_on_surface(layer)))
    near = _near(trusted, vertices)
    if not len(near) or len(vertices) < _FEWEST:
        return None
    is_area = shapely.get_dimensions(near) == 2
    edges = shapely.STRtree(np.where(is_area, shapely.boundary(near), near))
    parcels = shapely.STRtree(near[is_area])
    on_edge, inside = _on(edges, vertices), _within(parcels, objects)
    for system in WEB_MAPS:
        moved = _on(edges, _undone(vertices, system, target))
        if moved >= _EDGES[0] and on_edge <= _EDGES[1]:
            return system, on_edge, moved
        entered = _within(parcels, _undone(objects, system, target))
        if len(objects) >= _FEWEST and entered >= _INSIDE[0] and inside <= _INSIDE[1]:
            return system, inside, entered
    return None


def _sampled(points: Points) -> Points:
    """Return finite points, evenly thinned."""
    finite = points[np.isfinite(points).all(axis=1)]
    step = max(1, -(-len(finite) // _SAMPLE))
    return finite[::step]


def _near(trusted: NDArray[np.object_], points: Points) -> NDArray[np.object_]:
    """Return the trusted geometries around a layer."""
    if not len(points):
        return trusted[:0]
    (x0, y0), (x1, y1) = points.min(axis=0) - _REACH, points.max(axis=0) + _REACH
    west, south, east, north = shapely.bounds(trusted).T
    around = (west <= x1) & (east >= x0) & (south <= y1) & (north >= y0)
    found: NDArray[np.object_] = trusted[around & (shapely.get_dimensions(trusted) >= 1)]
    return found


def _on(edges: shapely.STRtree, points: Points) -> float:
    """Return the share of points within the accuracy of a web map of a boundary."""
    indices = edges.query(shapely.points(points), predicate="dwithin", distance=webmaps.ACCURACY)
    return len(np.unique(indices[0])) / len(points)


def _within(parcels: shapely.STRtree, points: Points) -> float:
    """Return the share of points inside a polygon."""
    indices = parcels.query(shapely.points(points), predicate="intersects")
    return len(np.unique(indices[0])) / max(len(points), 1)


def _undone(points: Points, system: str, target: pyproj.CRS) -> Points:
    """Return points with a web map's shift undone."""
    spots = shapely.points(points)
    degrees = crs_module.transformed(spots, target, crs_module.CGCS2000, "web map")
    lon, lat = shapely.get_coordinates(degrees).T
    moved = shapely.points(np.column_stack(webmaps.undone(system, lon, lat)))
    back = crs_module.transformed(moved, crs_module.CGCS2000, target, "web map")
    coordinates: Points = shapely.get_coordinates(back)
    return coordinates
