"""
Vector files: in bulk through pyogrio, record by record through fiona where bulk reading fails.

One bad record costs that record, with its number, and not the file.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import fiona
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from fiona.errors import FionaError
from pyproj.exceptions import CRSError as ProjCrsError
from shapely.errors import ShapelyError

from landuse import findings
from landuse.errors import CrsError, LayerError
from landuse.read import encodings, raw
from landuse.read.files import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from landuse.layers import Source

# What a damaged record raises while everything else of its file can be read.
_BULK_FAULTS = (
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
_RECORD_FAULTS = (FionaError, ShapelyError, ValueError, TypeError, RuntimeError, OSError)
_VIRTUAL = (b"<OGRVRTDataSource", b"<VRTDataset")
_OPEN_ENCODING = {".shp", ".zip"}  # formats that do not fix the encoding of their text


def opened(path: Path, source: Source) -> raw.Raw:
    """
    Read one layer of a vector file.

    Raises
    ------
    LayerError
        If the file, or its layer, cannot be opened as its ending says.
    CrsError
        If the file names a reference system that PROJ does not know.
    """
    where = f"layers/{source.name}.toml"
    if path.suffix.lower() == ".parquet":
        return _parquet(path, source, where)
    layer = _layer(path, source, where)
    encoding, said = _encoding(path, source, where)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            read = _bulk(path, source, layer, encoding)
        except _BULK_FAULTS:
            read = _one_by_one(path, source, layer, encoding)
        told = _described(path, layer, encoding)
        crs = _crs(told["crs"], where)
    said += [
        findings.rows("reader_remark", layer=source.name, value=text) for text in _texts(heard)
    ]
    said += _lost(path, source, int(told["features"]), len(read.rows) + read.refused)
    headings = [raw.heading(name) for name in read.cells.columns]
    cells = read.cells.set_axis(raw.unique(headings), axis=1)
    return raw.Raw(
        cells,
        tuple(headings),
        read.rows,
        encoding or "",
        read.geometry,
        crs,
        (*said, *raw.remarks(headings, source.name, path.name), *read.findings),
        read.refused,
    )


def _lost(path: Path, source: Source, announced: int, read: int) -> list[pd.DataFrame]:
    """Say where a file announces more records than came: it was cut short."""
    if path.suffix.lower() == ".shp":
        announced = max(announced, encodings.announced_records(path))
    if announced <= read:
        return []
    return [
        findings.rows(
            "records_lost", layer=source.name, file=path.name, announced=announced, read=read
        )
    ]


def _texts(heard: list[warnings.WarningMessage]) -> list[str]:
    """Return what the driver said about the data, each sentence once."""
    spoken = [w for w in heard if not issubclass(w.category, DeprecationWarning | FutureWarning)]
    return sorted({str(w.message) for w in spoken})


def _layer(path: Path, source: Source, where: str) -> str:
    """Return the declared layer, or the only one; refuse what its ending does not promise."""
    if any(mark in _head(path) for mark in _VIRTUAL):
        message = f"{where}: {path.name} is virtual and points elsewhere; deliver the data itself."
        raise LayerError(message)
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        # any encoding will do here: a wrong .cpg must not stand in the way of asking
        plain = "ISO-8859-1" if path.suffix.lower() in _OPEN_ENCODING else None
        told = pyogrio.read_info(path, layer=layers[0], encoding=plain) if layers else {}
        driver = told.get("driver", "")
    except _BULK_FAULTS as err:
        message = f"{where}: {path.name} cannot be opened: {_reason(err)}. Is it complete?"
        raise LayerError(message) from err
    allowed = VECTORS[path.suffix.lower()]
    if driver not in allowed:
        message = f"{where}: {path.name} is no {' or '.join(allowed)} but {driver or 'empty'}."
        raise LayerError(message)
    if source.layer is None and len(layers) == 1:
        return layers[0]
    if source.layer is None or source.layer not in layers:
        asked = "has several layers" if source.layer is None else f"has no layer {source.layer!r}"
        message = f"{where}: {path.name} {asked}. It has: {', '.join(layers)}. Name one: layer = …"
        raise LayerError(message)
    return source.layer


def _head(path: Path) -> bytes:
    """Return how a file begins; nothing for a folder."""
    if path.is_dir():
        return b""
    with path.open("rb") as stream:
        return stream.read(4096)


def _encoding(path: Path, source: Source, where: str) -> tuple[str | None, list[pd.DataFrame]]:
    """Return the encoding to hand to the driver, only where its format leaves that open."""
    if path.suffix.lower() in _OPEN_ENCODING:
        return encodings.of_shapefile(path, source.encoding, source.name, where)
    return None, []


def _crs(text: str | None, where: str) -> pyproj.CRS | None:
    """Return the reference system a file names."""
    if not text:
        return None
    try:
        return pyproj.CRS.from_user_input(text)
    except ProjCrsError as err:
        message = f"{where}: the file's own reference system is not understood. Declare it: crs = …"
        raise CrsError(message) from err


def _decoded(cells: pd.Series) -> tuple[pd.Series, dict[int, str]]:
    """Return text cells as objects, and the bytes of those that are no text, by position."""
    try:
        return cells.astype(object), {}
    except (
        UnicodeDecodeError,
        pa.ArrowException,
    ):  # arrow lets bad bytes pass until they are looked at
        stored = pa.array(cells.array).cast(pa.large_binary()).to_pylist()
    bad: dict[int, str] = {}
    texts: list[str | None] = []
    for position, cell in enumerate(stored):
        try:
            texts.append(None if cell is None else cell.decode("utf-8"))
        except UnicodeDecodeError:
            texts.append(None)
            bad[position] = cell.hex(" ")
    return pd.Series(texts, index=cells.index, dtype=object), bad


def _bulk(path: Path, source: Source, layer: str, encoding: str | None) -> raw.Raw:
    """Read a whole layer at once."""
    read = pyogrio.read_dataframe(
        path,
        layer=layer,
        encoding=encoding,
        use_arrow=True,
        datetime_as_string=True,
        arrow_to_pandas_kwargs={"integer_object_nulls": True},
    )
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
    if not isinstance(read, gpd.GeoDataFrame):
        return raw.Raw(read, (), rows, findings=tuple(said))
    geometry = read.geometry.to_numpy()
    cells = pd.DataFrame(read.drop(columns=read.geometry.name))
    return raw.Raw(cells, (), rows, geometry=geometry, findings=tuple(said))


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
            count = int(_described(path, layer, encoding)["features"])
            for number, record in enumerate(_stepped(records, count), start=1):
                if isinstance(record, str):
                    refused.append((number, record))
                else:
                    kept.append((number, *record))
    except FionaError as err:
        message = f"{where}: {path.name} cannot be read, not even record by record: {_reason(err)}."
        raise LayerError(message) from err
    found = findings.rows(
        "feature_unreadable",
        layer=source.name,
        row=[number for number, _ in refused],
        value=[reason for _, reason in refused],
    )
    columns = [[record.get(name) for _, record, _ in kept] for name in headings]
    geometry = np.empty(len(kept), dtype=object)
    geometry[:] = [shape for _, _, shape in kept]
    rows = np.array([number for number, _, _ in kept], dtype=np.int64)
    cells = raw.frame(headings, columns)
    return raw.Raw(cells, (), rows, geometry=geometry, findings=(found,), refused=len(refused))


def _described(path: Path, layer: str, encoding: str | None) -> dict[str, Any]:
    """Return what the driver says about a layer, its records counted."""
    told: dict[str, Any] = pyogrio.read_info(
        path, layer=layer, encoding=encoding, force_feature_count=True
    )
    return told


def _reason(err: BaseException) -> str:
    """Return what an error of a library says, to stand inside a sentence."""
    return str(err).strip().rstrip(".")


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
            yield _reason(err)


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


def _parquet(path: Path, source: Source, where: str) -> raw.Raw:
    """Read GeoParquet, or Parquet without geometry as a table."""
    try:
        described = pq.read_schema(path).metadata or {}
        if b"geo" not in described:
            read: pd.DataFrame = pq.read_table(path).to_pandas(integer_object_nulls=True)
            geometry, crs = None, None
        else:
            placed = gpd.read_parquet(path)
            geometry, crs = placed.geometry.to_numpy(), placed.crs
            read = pd.DataFrame(placed.drop(columns=placed.geometry.name))
    except (pa.ArrowException, OSError, ValueError, ShapelyError) as err:
        message = f"{where}: {path.name} cannot be read as GeoParquet: {_reason(err)}."
        raise LayerError(message) from err
    read = read.reset_index(drop=True)
    headings = [raw.heading(name) for name in read.columns]
    rows: NDArray[np.int64] = np.arange(1, len(read) + 1, dtype=np.int64)
    said = tuple(raw.remarks(headings, source.name, path.name))
    cells = read.set_axis(raw.unique(headings), axis=1)
    return raw.Raw(cells, tuple(headings), rows, "", geometry, crs, said)
