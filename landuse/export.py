"""
The tables as files other programs read: GeoParquet, GeoPackage, CSV and JSON.

The same tables give the same bytes: rows are ordered, and no file carries the time it was made.
"""

from __future__ import annotations

import errno
import itertools
import json
import math
import os
import sqlite3
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from landuse import cells, findings, geometry
from landuse.errors import OutputError
from landuse.folder import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from landuse.texts import Lang


class Parts(Protocol):
    """A partition, as far as it is written: pieces with shapes in WKB, their CRS, and slivers."""

    @property
    def packed(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def crs(self) -> Any: ...  # noqa: D102
    @property
    def slivers(self) -> gpd.GeoDataFrame: ...  # noqa: D102


def pieces(
    folder: Path, parts: Parts, described: Callable[[], Iterator[pd.DataFrame]], on: date
) -> None:
    """
    Write `pieces.parquet` and `pieces.gpkg` (layers `pieces` and `slivers`).

    Parameters
    ----------
    folder
        Where to write.
    parts
        The partition in the workspace CRS; areas in m².
    described
        Yields the pieces with all that is to be written with them, shapes in WKB, some rows at a
        time so that memory is bounded, and at least one table.
    on
        The day asked for; it stands in the GeoPackage where the time of writing would.

    Raises
    ------
    OSError
        If a file cannot be written whole.
    """
    rows = described()
    first = next(rows)
    schema = _schema(geometry.opened(first.iloc[:1], parts.crs), parts.packed["geometry"])
    with pq.ParquetWriter(folder / "pieces.parquet", schema, compression="zstd") as file:
        for table in itertools.chain([first], rows):
            block = pa.Table.from_pandas(table, preserve_index=False).cast(schema)
            file.write_table(block, row_group_size=max(len(first), 1))
    path, slivers = folder / "pieces.gpkg", geometry.closed(parts.slivers)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{on.isoformat()}T00:00:00.000Z"})
    try:
        _layer(path, "pieces", described(), parts.crs)
        _layer(path, "slivers", iter([slivers]), parts.slivers.crs)
    except (DataSourceError, DataLayerError) as err:
        raise OSError(str(err)) from err
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    _counted(path, {"pieces": parts.packed["geometry"], "slivers": slivers["geometry"]})


def _schema(first: gpd.GeoDataFrame, shapes: pd.Series) -> pa.Schema:
    """Return the schema of a GeoParquet with the columns of `first` and these packed shapes."""
    small = BytesIO()
    first.to_parquet(small)
    schema = pq.read_schema(BytesIO(small.getvalue()))
    notes = {name: json.loads(schema.metadata[name]) for name in (b"geo", b"pandas")}
    told = notes[b"geo"]["columns"]["geometry"]
    kinds, box = _extent(shapes)
    told["geometry_types"] = kinds
    told.pop("bbox", None)
    if all(map(math.isfinite, box)):
        told["bbox"] = box
    notes[b"pandas"]["index_columns"][0]["stop"] = len(shapes)
    packed = {name: json.dumps(note).encode() for name, note in notes.items()}
    return schema.with_metadata({**schema.metadata, **packed})


def _extent(shapes: pd.Series) -> tuple[list[str], list[float]]:
    """Return the kinds of packed shapes there are, and west, south, east and north of all."""
    kinds: set[str] = set()
    boxes = np.full((1, 4), np.nan)
    for some in geometry.in_blocks(shapes):
        _, first = np.unique(shapely.get_type_id(some), return_index=True)
        kinds |= set(gpd.GeoSeries(some[first]).geom_type.dropna())
        boxes = np.vstack([boxes, shapely.total_bounds(some)])
    return sorted(kinds), [*np.fmin.reduce(boxes[:, :2]), *np.fmax.reduce(boxes[:, 2:])]


def _layer(path: Path, name: str, parts: Iterator[pd.DataFrame], crs: Any) -> None:
    """Add a layer of multipolygons to a GeoPackage; its parts are taken one after the other."""
    tables = map(_multiple, parts)
    first = next(tables)
    batches = (batch for each in itertools.chain([first], tables) for batch in each.to_batches())
    known = crs.to_epsg()
    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(first.schema, batches),
        path,
        layer=name,
        driver="GPKG",
        geometry_name="geometry",
        geometry_type="MultiPolygon",
        crs=f"EPSG:{known}" if known else crs.to_wkt("WKT1_GDAL"),
    )


def _multiple(layer: pd.DataFrame) -> pa.Table:
    """Return a layer with shapes in WKB as multipolygons alone."""
    told = pa.Table.from_pandas(layer.drop(columns="geometry"), preserve_index=False)
    wkb = geometry.multiple(layer["geometry"])
    return told.append_column("geometry", wkb).replace_schema_metadata(None)


def _counted(path: Path, layers: dict[str, pd.Series]) -> None:
    """
    See that a GeoPackage holds its rows and their index; GDAL says nothing of a disk that fills up.

    Raises
    ------
    OSError
        If it does not.
    """
    try:
        with closing(sqlite3.connect(path)) as book:
            for name, shapes in layers.items():
                drawn = int(geometry.is_drawn(shapes).sum())
                for table, count in ((name, len(shapes)), (f"rtree_{name}_geom", drawn)):
                    (found,) = book.execute(f'SELECT count(*) FROM "{table}"').fetchone()
                    if found != count:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    except sqlite3.Error as err:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from err


def cases(folder: Path, table: pd.DataFrame) -> None:
    """Write `cases.parquet`."""
    table.to_parquet(folder / "cases.parquet", compression="zstd", index=False)


def series(folder: Path, table: pd.DataFrame) -> None:
    """Write `series.parquet`."""
    table.to_parquet(folder / "series.parquet", compression="zstd", index=False)


def totals(folder: Path, figures: dict[str, Any]) -> None:
    """Write `totals.json`."""
    _json(folder / "totals.json", figures)


def manifest(folder: Path, record: dict[str, Any]) -> None:
    """Write `manifest.json`, last of all outputs."""
    _json(folder / "manifest.json", record)


def _json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON a person can read, refusing what JSON cannot hold."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def findings_csv(path: Path, table: pd.DataFrame, lang: Lang) -> None:
    """
    Write findings as CSV that Excel and WPS open with Chinese intact.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    texts = ("layer", "feature_id", "column", "value", "message", "action")
    _csv(path, findings.rendered(table, lang), texts)


def _csv(path: Path, table: pd.DataFrame, texts: tuple[str, ...]) -> None:
    """Write a table for spreadsheets, none of the texts a formula."""
    shown = table.copy()
    for name in texts:
        text = shown[name].astype("str")
        shown[name] = text.mask(text.str.match(cells.RUNS), "'" + text)
    shown.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def checked(folder: Path, found: pd.DataFrame, scores: pd.DataFrame, lang: Lang) -> None:
    """
    Write what a check found: `findings.csv`, and `scores.csv` of each source and office.

    Parameters
    ----------
    folder
        Where to write; made if need be. Each file takes its place in one step.
    found, scores
        Findings, and the scorecard of `check.scorecard`.
    lang
        Language of what people read.

    Raises
    ------
    OutputError
        If the folder holds the outputs of a run, whose manifest names its own findings, or
        cannot be written.
    """
    if (folder / MARK).is_file():
        raise OutputError("output.holds_outputs", folder=folder)
    growing = {name: folder / f".{name}" for name in ("findings.csv", "scores.csv")}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        findings_csv(growing["findings.csv"], found, lang)
        _csv(growing["scores.csv"], scores, ("layer", "source", "responsible"))
        for name, path in growing.items():
            path.replace(folder / name)
    except OSError as err:
        raise OutputError("output.folder_in_use", folder=folder, reason=err) from err
