"""
Polygons that may be measured and laid over each other.

Knows no act and repairs nothing by itself: it says what is wrong and where, and offers the
repair that a layer may ask for.
"""

from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from landuse import kernels, rings
from landuse.errors import CrsMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """Whether each finite polygon or multipolygon is valid, asked of blocks side by side."""
    blocks = np.array_split(polygons, max(1, len(polygons) // _VALID_BLOCK))
    return np.concatenate(kernels.beside(_is_valid, blocks))


_VALID_BLOCK = 10_000
"""Shapes whose validity one thread looks at in one go, at least."""


def _is_valid(polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each is valid; GEOS says if nothing simpler does."""
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


def same_crs(*frames: gpd.GeoDataFrame) -> None:
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


def packed(shapes: NDArray[np.object_]) -> pd.Series:
    """Return polygonal shapes in WKB, as a column that takes a third of the room they take."""
    plane = is_polygonal(shapes).all() and not shapely.has_z(shapes).any()
    if kernels.on() and sys.byteorder == "little" and plane:
        several = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
        content, begins = rings.taken(shapes).wkb(several)
        buffers = [None, pa.py_buffer(begins), pa.py_buffer(content)]
        wkb = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(shapes), buffers)
    else:
        wkb = pa.array(shapely.to_wkb(shapes), pa.large_binary())
    return pd.Series(wkb, dtype=pd.ArrowDtype(pa.large_binary()))


def stacked(columns: Sequence[pd.Series]) -> pa.Array:
    """Return columns kept by Arrow as one, in one piece: of several, all are copied each time."""
    chunks = [chunk for one in columns for chunk in pa.chunked_array(pa.array(one)).chunks]
    return pa.concat_arrays(chunks) if chunks else pa.array([], columns[0].array.type)


def opened(table: pd.DataFrame, crs: Any) -> gpd.GeoDataFrame:
    """
    Return a table whose column `geometry` is packed, with shapes.

    Parameters
    ----------
    table
        WKB in `geometry` (`packed`). Not changed.
    crs
        Their reference system.
    """
    shapes = gpd.GeoSeries(unpacked(table["geometry"]), index=table.index, crs=crs)
    return gpd.GeoDataFrame(table.assign(geometry=shapes))


def closed(table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a table with its shapes packed, as `opened` takes it."""
    wkb = packed(table.geometry.to_numpy())
    return pd.DataFrame(table).assign(geometry=wkb.set_axis(table.index))


def unpacked(column: pd.Series) -> NDArray[np.object_]:
    """Return the shapes of a packed column."""
    shapes: NDArray[np.object_] = shapely.from_wkb(contents(column))
    return shapes


def contents(column: pd.Series) -> NDArray[np.object_]:
    """Return the WKB of each row of a packed column, None where there is none."""
    wkb: NDArray[np.object_] = pa.chunked_array(pa.array(column)).to_numpy()
    return wkb


def in_blocks(column: pd.Series) -> Iterator[NDArray[np.object_]]:
    """Yield the shapes of a packed column, some at a time, so that memory stays bounded."""
    for start in range(0, len(column), BLOCK):
        yield unpacked(column.iloc[start : start + BLOCK])


BLOCK = 100_000
"""Shapes unpacked at a time."""


def multiple(column: pd.Series) -> pa.ChunkedArray:
    """Return polygons and multipolygons of a packed column as multipolygons, in WKB still."""
    wkb = pa.chunked_array(pa.array(column))
    kind = pc.binary_slice(wkb, 0, 5)
    polygon = pa.scalar(_POLYGON, kind.type)
    made = pc.binary_join_element_wise(
        pa.scalar(_ONE_OF_MANY, wkb.type), wkb, pa.scalar(b"", wkb.type)
    )
    return pc.if_else(pc.equal(kind, polygon), made, wkb)


_POLYGON = struct.pack("<BI", 1, 3)
_ONE_OF_MANY = struct.pack("<BII", 1, 6, 1)
_NO_RINGS = len(_ONE_OF_MANY)


def is_drawn(column: pd.Series) -> NDArray[np.bool_]:
    """Whether there is a shape in each row of a packed column, with at least one ring."""
    long = pc.fill_null(pc.binary_length(pa.chunked_array(pa.array(column))), 0)
    drawn: NDArray[np.bool_] = long.to_numpy() > _NO_RINGS
    return drawn
