"""
One layer of a vector file: in bulk through pyogrio, record by record where that fails.

One bad record costs that record, with its number, and not the file.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from fiona.errors import FionaError
from shapely.errors import ShapelyError

from landuse import findings
from landuse.errors import LayerError
from landuse.read import flatgeobuf, raw, unmade, wkb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from landuse.layers import Source

FAULTS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pa.ArrowException,
    ShapelyError,
    UnicodeDecodeError,
    OSError,
)
"""What a damaged record raises while everything else of its file can be read."""

_RECORD_FAULTS = (
    FionaError,
    ShapelyError,
    ValueError,
    TypeError,
    RuntimeError,
    OSError,
    SystemError,  # what fiona makes of a record whose bytes are no text
)


def read(path: Path, source: Source, layer: str, encoding: str | None) -> raw.Raw:
    """
    Read one layer.

    Raises
    ------
    LayerError
        If it cannot be read at all, not even record by record.
    """
    try:
        made = _bulk(path, source, layer, encoding)
    except MemoryError:  # arrow's is one of its faults, and no fault of the file
        raise
    except FAULTS:
        made = _one_by_one(path, source, layer, encoding)
        made = replace(made, findings=(*made.findings, *_cut(path, source)))
    return replace(made, findings=(*made.findings, _damaged(path, source, layer, made)))


def _cut(path: Path, source: Source) -> list[pd.DataFrame]:
    """Say where a FlatGeobuf holds U+0000: read record by record, a text ends there."""
    count = flatgeobuf.with_zero(path) if path.suffix.lower() == ".fgb" else 0
    if not count:
        return []
    return [findings.rows("text_cut_at_zero", layer=source.name, file=path.name, count=count)]


def described(path: Path, layer: str, encoding: str | None) -> dict[str, Any]:
    """
    Return what the driver says about a layer, its records counted.

    Raises
    ------
    LayerError
        If it cannot describe the layer.
    """
    try:
        told: dict[str, Any] = pyogrio.read_info(
            path, layer=layer, encoding=encoding, force_feature_count=True
        )
    except FAULTS as err:
        raise LayerError("read.not_described", file=path.name, layer=layer, reason=err) from err
    return told


def reason(err: BaseException) -> str:
    """Return what an error of a library says, to stand inside a sentence."""
    return str(err).strip().rstrip(".")


def _bulk(path: Path, source: Source, layer: str, encoding: str | None) -> raw.Raw:
    """Read a whole layer at once."""
    is_recoded = encoding in {None, "UTF-8"} or path.suffix.lower() == ".shp"
    read, geometry = _arrow(path, layer, encoding) if is_recoded else _plain(path, layer, encoding)
    rows = np.arange(1, len(read) + 1, dtype=np.int64)
    said = []
    for name, cells in read.items():
        if isinstance(cells.dtype, pd.StringDtype):
            read[name], bad = _decoded(cells)
            said.append(
                findings.rows(
                    "text_undecodable",
                    layer=source.name,
                    row=rows[list(bad)],
                    value=list(bad.values()),
                    heading=str(name),
                )
            )
    return raw.Raw(read, (), rows, geometry=geometry, findings=tuple(said))


def _damaged(path: Path, source: Source, layer: str, made: raw.Raw) -> pd.DataFrame:
    """Say which rows have a shape in the file and none of the driver's."""
    found = np.empty(0, dtype=np.int64)
    if made.geometry is not None:
        missing = np.zeros(len(made.rows) + made.refused, dtype=bool)
        missing[made.rows - 1] = shapely.is_missing(made.geometry)
        found = unmade.rows(path, layer, missing)
    return findings.rows("geometry_damaged", layer=source.name, row=found)


def _arrow(
    path: Path, layer: str, encoding: str | None
) -> tuple[pd.DataFrame, NDArray[np.object_] | None]:
    """Read cells and geometry through arrow, each column copied once."""
    meta, table = pyogrio.read_arrow(path, layer=layer, encoding=encoding, datetime_as_string=True)
    name, shapes, count = meta["geometry_name"] or "wkb_geometry", None, table.num_rows
    if name in table.column_names:
        held = _stored(table[name])
        wkb.refuse_nested(held, path.name)
        shapes = shapely.from_wkb(held.to_numpy())
        table = table.drop_columns([name])
    stored = pa.table([_stored(column) for column in table.columns], table.column_names)
    made: pd.DataFrame = stored.to_pandas(
        integer_object_nulls=True, date_as_object=False, split_blocks=True
    )
    # a layer of shapes alone has rows and no column
    return (made if len(made.columns) else pd.DataFrame(index=pd.RangeIndex(count))), shapes


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as what it is stored as: WKB of shapes, the text of a nested JSON value."""
    if not isinstance(column.type, pa.BaseExtensionType):
        return column
    chunks = [chunk.storage for chunk in column.chunks]
    return pa.chunked_array(chunks, column.type.storage_type)


def _plain(
    path: Path, layer: str, encoding: str | None
) -> tuple[pd.DataFrame, NDArray[np.object_] | None]:
    """Read cells and geometry of text that only the driver can decode."""
    read = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, datetime_as_string=True)
    if not isinstance(read, gpd.GeoDataFrame):
        return read, None
    return pd.DataFrame(read.drop(columns=read.geometry.name)), read.geometry.to_numpy()


def _decoded(cells: pd.Series) -> tuple[pd.Series, dict[int, str]]:
    """Return text cells without those that are no text, and the bytes of these, by position."""
    held = pa.array(cells.array)
    try:
        held.validate(full=True)  # arrow lets bad bytes pass until they are looked at
        return cells, {}
    except pa.ArrowException:
        stored = held.cast(pa.large_binary()).to_pylist()
    bad: dict[int, str] = {}
    texts: list[str | None] = []
    for position, cell in enumerate(stored):
        try:
            texts.append(None if cell is None else cell.decode("utf-8"))
        except UnicodeDecodeError:
            texts.append(None)
            bad[position] = cell.hex(" ")
    return pd.Series(texts, index=cells.index, dtype=object), bad


def _one_by_one(path: Path, source: Source, layer: str, encoding: str | None) -> raw.Raw:
    """Read record by record; what cannot be read is left out with its number."""
    kept: list[tuple[int, dict[str, Any], Any]] = []
    refused: list[tuple[int, str]] = []
    where = f"layers/{source.name}.toml"
    try:
        with fiona.open(
            path, layer=layer, encoding=encoding, allow_unsupported_drivers=True
        ) as records:
            headings = list(records.schema["properties"])
            count = int(described(path, layer, encoding)["features"])
            for number, record in enumerate(_stepped(records, count), start=1):
                if isinstance(record, str):
                    refused.append((number, record))
                else:
                    kept.append((number, *record))
    except _RECORD_FAULTS as err:
        raise LayerError("read.no_records", where=where, file=path.name, reason=err) from err
    found = findings.rows(
        "feature_unreadable",
        layer=source.name,
        row=[number for number, _ in refused],
        value=[why for _, why in refused],
    )
    columns = [[record.get(name) for _, record, _ in kept] for name in headings]
    geometry = np.empty(len(kept), dtype=object)
    geometry[:] = [shape for _, _, shape in kept]
    rows = np.array([number for number, _, _ in kept], dtype=np.int64)
    cells = raw.frame(headings, columns)
    return raw.Raw(cells, (), rows, geometry=geometry, findings=(found,), refused=len(refused))


def _stepped(records: Any, count: int) -> Iterator[tuple[dict[str, Any], Any] | str]:
    """Yield each of `count` records as (cells, geometry), or why it cannot be read."""
    steps = iter(records)
    for _ in range(count):
        try:
            record = next(steps)
            yield _cells(record.properties), _shape(record.geometry)
        except StopIteration:
            return
        except _RECORD_FAULTS as err:
            yield reason(err)


def _cells(properties: Any) -> dict[str, Any]:
    """Return the attributes of a record, lists and objects as text."""
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
        for name, value in properties.items()
    }


def _shape(geometry: Any) -> Any:
    """Return a record's geometry; a ring that is not closed is a fault, not closed in passing."""
    if geometry is None:
        return None
    mapping = geometry.__geo_interface__
    parts = {"Polygon": [mapping["coordinates"]], "MultiPolygon": mapping.get("coordinates")}
    for rings in parts.get(mapping["type"]) or []:
        if any(len(ring) < 4 or tuple(ring[0]) != tuple(ring[-1]) for ring in rings):
            message = "a ring of the polygon is not closed or has fewer than four points"
            raise ValueError(message)
    return shapely.geometry.shape(mapping)
