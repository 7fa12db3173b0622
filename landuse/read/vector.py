"""
Vector files: which dataset and which layers of it are meant, and each as it stands.

What a file's ending does not promise is not opened; what points elsewhere is refused.
"""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCrsError
from shapely.errors import ShapelyError

from landuse import findings, offline, schema
from landuse.errors import CrsError, LayerError, phrase
from landuse.read import (
    archive,
    blocks,
    dbf,
    drawings,
    encodings,
    exchange,
    features,
    flatgeobuf,
    pointers,
    raw,
    wkb,
    zeros,
)
from landuse.read.files import VECTORS, refuse_larger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from landuse.layers import Source

_ARCHIVES = {".zip", ".kmz"}
_OWN_ENCODING = {".shp", ".tab", ".mif"}  # formats that do not fix that of their text
_PATTERN = "*?["


@dataclass(frozen=True)
class _Layer:
    """One layer of a dataset, under the name it can be asked for by."""

    name: str
    dataset: Path
    layer: str
    has_geometry: bool


def opened(path: Path, source: Source) -> raw.Raw:
    """
    Read the layers of a vector file that a source means.

    Raises
    ------
    LayerError
        If the file, or its layer, cannot be opened as its ending says, leads elsewhere, or is
        larger than the limits.
    CrsError
        If the file names a reference system that PROJ does not know.
    """
    where = f"layers/{source.name}.toml"
    ending = path.suffix.lower()
    if ending == ".txt":
        return exchange.opened(path, source)
    if ending == ".parquet":
        return _parquet(path, source, where)
    if ending in _ARCHIVES:
        with archive.unpacked(path, where) as datasets:
            return _read(datasets, path, source, where)
    return _read([(path.stem, path)], path, source, where)


def _read(datasets: Sequence[tuple[str, Path]], path: Path, source: Source, where: str) -> raw.Raw:
    """Read the layers that are meant, as one."""
    there = [layer for name, dataset in datasets for layer in _layers(name, dataset, where)]
    names = [layer.name for layer in there]
    if len(set(names)) < len(names):
        there = [replace(each, name=f"{each.dataset.stem}/{each.name}") for each in there]
    picked = _picked(there, path, source, where)
    parts = [_one(layer, source, where) for layer in picked]
    return parts[0] if len(parts) == 1 else _joined(picked, parts, path, source, where)


def _layers(name: str, path: Path, where: str) -> list[_Layer]:
    """List the layers of a dataset; refuse what its ending does not promise."""
    refuse_larger(path, where)
    if offline.is_address(path):
        raise LayerError("read.address", where=where, file=path.name)
    pointers.refuse(path, where)
    _refuse_unreadable_system(path, where)
    if path.suffix.lower() == ".dxf":
        blocks.refuse_unfolding(path, where)
    # any encoding will do here: a wrong .cpg must not stand in the way of asking
    plain = "ISO-8859-1" if path.suffix.lower() in _OWN_ENCODING else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # reading says it again
            listed = [(str(layer), bool(kind)) for layer, kind in pyogrio.list_layers(path)]
            told = pyogrio.read_info(path, layer=listed[0][0], encoding=plain) if listed else {}
    except features.FAULTS as err:
        raise LayerError("read.not_opened", where=where, file=path.name, reason=err) from err
    driver, allowed = told.get("driver", ""), VECTORS[path.suffix.lower()]
    if driver not in allowed:
        raise LayerError(
            "read.disguised",
            where=where,
            file=path.name,
            expected=[*allowed],
            driver=driver or phrase("read.empty"),
        )
    if len(listed) == 1 and path.suffix.lower() in _OWN_ENCODING:
        return [_Layer(name, path, listed[0][0], listed[0][1])]
    return [_Layer(layer, path, layer, has_geometry) for layer, has_geometry in listed]


def _refuse_unreadable_system(path: Path, where: str) -> None:
    """Refuse a shapefile whose .prj is no UTF-8: no library opens it, and none says why."""
    words = dbf.part(path, ".prj") if path.suffix.lower() == ".shp" else None
    if words is None:
        return
    try:
        words.read_bytes().decode("utf-8")
    except UnicodeDecodeError as err:
        raise LayerError("read.prj_not_text", where=where, file=words.name) from err


def _picked(there: list[_Layer], path: Path, source: Source, where: str) -> list[_Layer]:
    """Return the declared layers, or the only one."""
    if path.suffix.lower() == ".dxf":
        return there  # a drawing has its layers inside
    if source.layer is None:
        if len(there) == 1:
            return there
        shapes = [layer for layer in there if layer.has_geometry]
        if len(shapes) == 1 and schema.may_have_geometry(source.role):
            return shapes
        asked = phrase("read.several_layers")
    else:
        picked = [layer for layer in there if layer.name == source.layer]
        if not picked and any(sign in source.layer for sign in _PATTERN):
            picked = [layer for layer in there if fnmatchcase(layer.name, source.layer)]
        if picked:
            return picked
        asked = phrase("read.no_layer", name=source.layer)
    names = [layer.name for layer in there]
    raise LayerError("read.which_layer", where=where, file=path.name, asked=asked, names=names)


def _one(asked: _Layer, source: Source, where: str) -> raw.Raw:
    """Read one layer, with what the driver remarked on the way."""
    path, layer = asked.dataset, asked.layer
    encoding, said = _encoding(path, source, where)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        read = features.read(path, source, layer, encoding)
        told = features.described(path, layer, encoding)
        crs = _crs(told["crs"], where)
    said += [
        findings.rows("reader_remark", layer=source.name, value=text) for text in _texts(heard)
    ]
    said += _cut(path, layer, source)
    said += _lost(path, source, int(told["features"]), len(read.rows) + read.refused)
    if path.suffix.lower() == ".dxf":
        read = drawings.of(read, source, path.name)
    headings = [raw.heading(name) for name in read.cells.columns]
    cells = read.cells.set_axis(raw.unique(headings), axis=1)
    said += [*raw.remarks(headings, source.name, path.name), *read.findings]
    return replace(
        read,
        cells=cells,
        headings=tuple(headings),
        encoding=encoding or "",
        crs=crs,
        findings=tuple(said),
    )


def _joined(
    picked: list[_Layer], parts: list[raw.Raw], path: Path, source: Source, where: str
) -> raw.Raw:
    """Return several layers as one; rows are counted on from one layer to the next."""
    systems = {part.crs.to_wkt() if part.crs else "" for part in parts}
    if len(systems) > 1 and source.crs is None:
        raise LayerError("read.mixed_systems", where=where, file=path.name)
    ends = np.cumsum([int(part.rows.max(initial=0)) for part in parts])
    starts = np.array([0, *ends[:-1]], dtype=np.int64)
    ranges = "; ".join(
        f"{layer.name} {start + 1}–{end}"
        for layer, start, end in zip(picked, starts, ends, strict=True)
    )
    facts = {"layer": source.name, "file": path.name, "value": source.layer or ""}
    said = findings.rows("layers_joined", **facts, ranges=ranges)
    cells = pd.concat([part.cells.astype(object) for part in parts], ignore_index=True)
    shapes = [_shapes(part) for part in parts]
    return raw.Raw(
        cells,
        tuple(str(name) for name in cells.columns),
        np.concatenate([part.rows + start for part, start in zip(parts, starts, strict=True)]),
        ", ".join(sorted({part.encoding for part in parts} - {""})),
        np.concatenate(shapes) if any(part.geometry is not None for part in parts) else None,
        parts[0].crs,
        (said, *(found for part in parts for found in part.findings)),
        sum(part.refused for part in parts),
    )


def _shapes(part: raw.Raw) -> NDArray[np.object_]:
    """Return the geometries of a layer, None for each row where it has none."""
    if part.geometry is not None:
        return part.geometry
    return np.full(len(part.rows), None, dtype=object)


def _cut(path: Path, layer: str, source: Source) -> list[pd.DataFrame]:
    """Say where a file holds U+0000: its driver ends a text there."""
    count = zeros.counted(path, layer)
    if not count:
        return []
    return [findings.rows("text_cut_at_zero", layer=source.name, file=path.name, count=count)]


def _lost(path: Path, source: Source, announced: int, read: int) -> list[pd.DataFrame]:
    """Say where a file announces more records than came: it was cut short."""
    if path.suffix.lower() == ".shp":
        table = dbf.opened(path)
        announced = max(announced, table.announced() if table else 0)
    if path.suffix.lower() == ".fgb":
        announced = max(announced, flatgeobuf.announced(path))
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


def _encoding(path: Path, source: Source, where: str) -> tuple[str | None, list[pd.DataFrame]]:
    """Return the encoding to hand to the driver, only where its format leaves that open."""
    ending = path.suffix.lower()
    if ending == ".shp":
        return encodings.of_shapefile(path, source.encoding, source.name, where)
    if ending in {".tab", ".mif"}:
        return encodings.of_mapinfo(path, source.encoding, source.name, where)
    return None, []


def _crs(text: str | None, where: str) -> pyproj.CRS | None:
    """Return the reference system a file names."""
    if not text:
        return None
    try:
        return pyproj.CRS.from_user_input(text)
    except ProjCrsError as err:
        raise CrsError("crs.not_understood", where=where) from err


def _parquet(path: Path, source: Source, where: str) -> raw.Raw:
    """Read GeoParquet, or Parquet without geometry as a table."""
    try:
        described = pq.read_schema(path).metadata or {}
        if b"geo" not in described:
            read: pd.DataFrame = pq.read_table(path).to_pandas(integer_object_nulls=True)
            geometry, crs, damaged = None, None, np.empty(0, dtype=np.int64)
        else:
            _refuse_nested(path)
            placed, damaged = _placed(path)
            geometry, crs = placed.geometry.to_numpy(), placed.crs
            read = pd.DataFrame(placed.drop(columns=placed.geometry.name))
    except (pa.ArrowException, OSError, ValueError, ShapelyError) as err:
        raise LayerError("read.not_parquet", where=where, file=path.name, reason=err) from err
    read = read.reset_index(drop=True)
    headings = [raw.heading(name) for name in read.columns]
    rows: NDArray[np.int64] = np.arange(1, len(read) + 1, dtype=np.int64)
    said = findings.rows("geometry_damaged", layer=source.name, row=damaged)
    told = (*raw.remarks(headings, source.name, path.name), said)
    cells = read.set_axis(raw.unique(headings), axis=1)
    return raw.Raw(cells, tuple(headings), rows, "", geometry, crs, told)


def _placed(path: Path) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """Return a GeoParquet, and the numbers of the rows whose shape is damaged: they have none."""
    try:
        return gpd.read_parquet(path), np.empty(0, dtype=np.int64)
    except ShapelyError:
        table = pq.read_table(path)
    column = json.loads(table.schema.metadata[b"geo"])["primary_column"]
    held = table[column].to_pandas()
    is_damaged = held.notna().to_numpy() & shapely.is_missing(
        shapely.from_wkb(held.to_numpy(), on_invalid="ignore")
    )
    place = table.schema.get_field_index(column)
    kept = pa.array(held.mask(is_damaged), table.schema.field(place).type, from_pandas=True)
    stream = io.BytesIO()
    pq.write_table(table.set_column(place, table.schema.field(place), kept), stream)
    return gpd.read_parquet(stream), np.flatnonzero(is_damaged) + 1


def _refuse_nested(path: Path) -> None:
    """Refuse a Parquet whose shapes are nested without end, part by part."""
    file = pq.ParquetFile(path)
    for name in [each.name for each in file.schema_arrow if pa.types.is_binary(each.type)]:
        for batch in file.iter_batches(columns=[name]):
            wkb.refuse_nested(pa.chunked_array([batch.column(0)]), path.name)
