"""
The tables as files other programs read: GeoParquet, GeoPackage, CSV and JSON.

The same tables give the same bytes: rows are ordered, and no file carries the time it was made.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyogrio

from landuse import findings

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import geopandas as gpd
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
    """
    table.to_parquet(folder / "pieces.parquet", compression="zstd")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{on.isoformat()}T00:00:00.000Z"})
    try:
        for name, layer in {"pieces": table, "slivers": slivers}.items():
            pyogrio.write_dataframe(
                layer,
                folder / "pieces.gpkg",
                layer=name,
                driver="GPKG",
                geometry_type="MultiPolygon",
                promote_to_multi=True,
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


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
    shown = findings.rendered(table, lang)
    for name in ("layer", "feature_id", "value", "message", "action"):
        text = shown[name].astype("str")
        shown[name] = text.mask(text.str.startswith(_TEXT_GUARD), "'" + text)
    shown.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
