"""
Tables as bytes that depend on what they say and on nothing else, and back.

A table is Parquet without the writer's own notes; its dtypes stand in the file, because Parquet
has no whole seconds and no missing truth values of its own.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landuse import geometry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

_NOTE = b"landuse"


def packed(table: pd.DataFrame) -> bytes:
    """
    Return a table without geometry as Parquet.

    Parameters
    ----------
    table
        Columns of one dtype each; its index is not kept.
    """
    arrow = pa.Table.from_pandas(pd.DataFrame(table), preserve_index=False)
    dtypes = {str(name): str(dtype) for name, dtype in table.dtypes.items()}
    arrow = arrow.replace_schema_metadata({_NOTE: json.dumps(dtypes).encode()})
    return _bytes(arrow)


def unpacked(content: bytes) -> pd.DataFrame:
    """Return the table that `packed` made bytes of, with a RangeIndex."""
    arrow = pq.read_table(pa.BufferReader(content))
    dtypes: dict[str, Any] = json.loads(arrow.schema.metadata[_NOTE])
    table: pd.DataFrame = arrow.replace_schema_metadata(None).to_pandas()
    return table.astype(dtypes)[list(dtypes)]


def digests(shapes: NDArray[np.object_]) -> tuple[list[bytes | None], dict[bytes, bytes]]:
    """
    Return the SHA-256 of each geometry, None where there is none, and the geometry by it.

    Parameters
    ----------
    shapes
        Geometries, shape (n,). Two are the same where every coordinate is, in the same order.
    """
    found: dict[bytes, bytes] = {}
    own: list[bytes | None] = []
    for content in shapely.to_wkb(shapes, output_dimension=3, include_srid=False):
        key = None if content is None else hashlib.sha256(content).digest()
        own.append(key)
        if key is not None:
            found[key] = content
    return own, found


def fingerprint(parts: Iterable[pd.DataFrame]) -> str:
    """
    Return one SHA-256 of every cell and coordinate of a table, in the order of its rows.

    Parameters
    ----------
    parts
        The table, some rows at a time, `geometry` in WKB (`geometry.packed`).
    """
    whole = hashlib.sha256()
    for part in parts:
        whole.update(packed(part.drop(columns="geometry")))
        for shape in geometry.contents(part["geometry"]):
            whole.update(b"\0" if shape is None else hashlib.sha256(shape).digest())
    return whole.hexdigest()


def packed_keys(keys: Sequence[bytes | None]) -> bytes:
    """Return the digests of a column of geometry as Parquet."""
    return _bytes(pa.table({"digest": pa.array(keys, pa.binary(32))}))


def unpacked_keys(content: bytes) -> list[bytes | None]:
    """Return the digests that `packed_keys` made bytes of."""
    keys: list[bytes | None] = pq.read_table(pa.BufferReader(content))["digest"].to_pylist()
    return keys


def packed_shapes(shapes: Mapping[bytes, bytes]) -> bytes:
    """Return geometries by digest as Parquet, ordered by digest."""
    keys = sorted(shapes)
    columns = {
        "digest": pa.array(keys, pa.binary(32)),
        "wkb": pa.array([shapes[key] for key in keys], pa.large_binary()),
    }
    return _bytes(pa.table(columns))


def unpacked_shapes(content: bytes, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """
    Return some of the geometries that `packed_shapes` made bytes of, by digest.

    Raises
    ------
    ValueError
        If one is not what its digest says.
    """
    table = pq.read_table(pa.BufferReader(content))
    pack = zip(table["digest"].to_pylist(), table["wkb"].to_pylist(), strict=True)
    found = {key: shape for key, shape in pack if key in wanted}
    for key, shape in found.items():
        if hashlib.sha256(shape).digest() != key:
            message = f"geometry {key.hex()}"
            raise ValueError(message)
    return found


def with_geometry(
    table: pd.DataFrame,
    keys: Sequence[bytes | None],
    shapes: Mapping[bytes, bytes],
    crs: Any,
    place: int,
) -> gpd.GeoDataFrame:
    """
    Return a table with its geometry put back as the column it was.

    Parameters
    ----------
    table
        The table without geometry.
    keys
        Digest of the geometry of each row.
    shapes
        Geometry (WKB) by digest.
    crs
        Reference system of the geometry.
    place
        Position of the column.
    """
    found = np.full(len(keys), None, dtype=object)
    for n, key in enumerate(keys):
        found[n] = None if key is None else shapes[key]
    column = gpd.GeoSeries(shapely.from_wkb(found), index=table.index, crs=crs)
    names = [str(name) for name in table.columns]
    names.insert(place, "geometry")
    return gpd.GeoDataFrame(table, geometry=column)[names]


def _bytes(table: pa.Table) -> bytes:
    """Return an Arrow table as Parquet."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content
