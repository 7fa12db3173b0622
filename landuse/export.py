"""
The tables as files other programs read: GeoParquet, GeoPackage, CSV and JSON.

The same tables give the same bytes: rows are ordered, and no file carries the time it was made.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from landuse import findings
from landuse.errors import OutputError
from landuse.folder import MARK

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from landuse.texts import Lang

_TEXT_GUARD = ("=", "+", "-", "@", "\t", "\r")  # a cell that a spreadsheet would run


def pieces(folder: Path, table: gpd.GeoDataFrame, slivers: gpd.GeoDataFrame, on: date) -> None:
    """
    Write `pieces.parquet` and `pieces.gpkg` (layers `pieces` and `slivers`).

    Parameters
    ----------
    folder
        Where to write.
    table, slivers
        Pieces and slivers in the workspace CRS; areas in m².
    on
        The day asked for; it stands in the GeoPackage where the time of writing would.

    Raises
    ------
    OSError
        If a file cannot be written whole.
    """
    table.to_parquet(folder / "pieces.parquet", compression="zstd")
    path = folder / "pieces.gpkg"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{on.isoformat()}T00:00:00.000Z"})
    try:
        for name, layer in {"pieces": table, "slivers": slivers}.items():
            pyogrio.write_dataframe(
                _multiple(layer),
                path,
                layer=name,
                driver="GPKG",
                geometry_type="MultiPolygon",
                use_arrow=True,
            )
    except (DataSourceError, DataLayerError) as err:
        raise OSError(str(err)) from err
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    _counted(path, {"pieces": table, "slivers": slivers})


def _multiple(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer of multipolygons alone: columns are handed over whole only for one type."""
    shapes = layer.geometry.to_numpy().astype(object)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    shapes[single] = shapely.multipolygons(shapes[single][:, None])
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))


def _counted(path: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    """
    See that a GeoPackage holds its rows and their index; GDAL says nothing of a disk that fills up.

    Raises
    ------
    OSError
        If it does not.
    """
    try:
        with closing(sqlite3.connect(path)) as book:
            for name, layer in layers.items():
                drawn = int((~(layer.geometry.isna() | layer.geometry.is_empty)).sum())
                for table, count in ((name, len(layer)), (f"rtree_{name}_geom", drawn)):
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
    texts = ("layer", "feature_id", "value", "message", "action")
    _csv(path, findings.rendered(table, lang), texts)


def _csv(path: Path, table: pd.DataFrame, texts: tuple[str, ...]) -> None:
    """Write a table for spreadsheets, none of the texts a formula."""
    shown = table.copy()
    for name in texts:
        text = shown[name].astype("str")
        shown[name] = text.mask(text.str.startswith(_TEXT_GUARD), "'" + text)
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
