"""Imagery: that the file opens, tells where it lies, and has the bands its TOML names."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from landuse import crs as crs_module
from landuse import findings
from landuse.errors import LayerError
from landuse.read import places
from landuse.read.files import RASTERS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from landuse.layers import Source


def checked(path: Path, source: Source) -> tuple[str, list[pd.DataFrame]]:
    """
    Check one raster and return its reference system's name ("" where it has none).

    Raises
    ------
    LayerError
        If the file is no raster, has no observed_on in its TOML, or lacks a declared band.
    """
    where = f"layers/{source.name}.toml"
    if source.observed_on is None:
        raise LayerError("imagery.no_day", where=where)
    count, crs = _opened(path, where)
    numbers = {name: band for name, band in source.bands.items() if isinstance(band, int)}
    beyond = {name: band for name, band in numbers.items() if not 1 <= band <= count}
    if beyond:
        named = ", ".join(f"{name} = {band}" for name, band in beyond.items())
        raise LayerError(
            "imagery.bands_beyond", where=where, bands=named, file=path.name, count=count
        )
    if crs is None and source.crs is None:
        return "", [findings.rows("raster_without_crs", layer=source.name, file=path.name)]
    used = crs_module.parse(source.crs or crs.to_wkt(), where)
    return places.name_of(used), []


def _refuse_elsewhere(image: Any, path: Path, where: str) -> None:
    """Refuse an image that names another file, or an address, for its overviews."""
    told = [image.tags(ns="OVERVIEWS"), *(image.tags(n, ns="OVERVIEWS") for n in image.indexes)]
    named = next((tags["OVERVIEW_FILE"] for tags in told if "OVERVIEW_FILE" in tags), None)
    if named is not None:
        raise LayerError("imagery.overviews_elsewhere", where=where, file=path.name, name=named)


def _opened(path: Path, where: str) -> tuple[int, Any]:
    """Return the number of bands and the reference system, by the drivers of the file's ending."""
    faults: list[Exception] = []
    for driver in RASTERS[path.suffix.lower()]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                with rasterio.open(path, driver=driver) as image:
                    _refuse_elsewhere(image, path, where)
                    return image.count, image.crs
        except (RasterioError, UnicodeDecodeError) as err:
            faults.append(err)
    raise LayerError("imagery.not_opened", where=where, file=path.name, reasons=faults)
