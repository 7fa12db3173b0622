"""Small pictures of parcels, before and after, with their outline: for a card, not to measure."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.windows import Window

from landuse.imagery import pixels
from landuse.imagery.rasters import CACHE, Reader, common

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pyproj
    from numpy.typing import NDArray

    from landuse.imagery.rasters import Grid
    from landuse.imagery.scenes import Scene

    Values = NDArray[Any]

SIDE = 132
"""Pixels along a side of a picture."""
_AROUND = 0.35  # of the parcel's longer side is shown on every side of it
_FEWEST = 24  # pixels of the scene along a side, however small the parcel
_MOST = 1024  # pixels of the scene along a side, however large the parcel
_STRETCH = (2.0, 98.0)  # percentiles of what is around the parcels that become black and white
_LINE = (255, 216, 0)
_COLOURS = (("red", "green", "blue"), ("nir", "red", "green"))
QUALITY = 80


def chips(
    scenes: Sequence[Scene],
    shapes: Mapping[str, Any],
    crs: pyproj.CRS,
    days: Mapping[str, Sequence[date]],
) -> dict[str, list[tuple[date, str, bytes]]]:
    """
    Return pictures of parcels.

    Parameters
    ----------
    scenes
        Scenes with bands of reflected light.
    shapes
        Parcel by case.
    crs
        Their system, in metres.
    days
        Days that are shown of each case, in this order; days without a scene are left out.

    Returns
    -------
    chips
        Case -> day, name of the scene, JPEG of `SIDE` pixels: true colour, else nir, red, green,
        else one band in grey. All pictures of one scene share one stretch; black is not seen.

    Raises
    ------
    CrsError
        If there is no way from the parcels' system into that of a scene.
    """
    made: dict[str, list[tuple[date, str, bytes]]] = {case: [] for case in days}
    cases = list(days)
    for scene in scenes:
        wanted = [case for case in cases if scene.observed_on in days[case]]
        if not wanted:
            continue
        grid = common([scene])
        polygons = pixels.placed(np.array([shapes[case] for case in wanted], object), crs, grid)
        pictures = _pictures(scene, grid, polygons)
        for case, picture in zip(wanted, pictures, strict=True):
            if picture is not None:
                made[case].append((scene.observed_on, scene.title, picture))
    return {case: sorted(found, key=lambda chip: chip[0]) for case, found in made.items() if found}


def _pictures(scene: Scene, grid: Grid, polygons: Values) -> list[bytes | None]:
    """Return the picture of each parcel, None where the scene does not reach it."""
    bands = next((c for c in _COLOURS if set(c) <= scene.bands.keys()), None)
    chosen = bands or (next(iter(scene.bands)),)
    crops: list[Any] = []
    with rasterio.Env(GDAL_CACHEMAX=CACHE), ExitStack() as stack:
        readers = [
            stack.enter_context(Reader(scene.bands[name], grid, nodata=scene.nodata))
            for name in chosen
        ]
        for polygon in polygons:
            window = _window(polygon)
            read = [reader.read(window) for reader in readers] if window is not None else []
            is_there = any(valid.any() for _, valid in read)
            parts = (np.stack(part) for part in zip(*read, strict=True))
            crops.append((window, *parts) if is_there else None)
    limits = _limits([crop for crop in crops if crop is not None])
    return [
        None if crop is None else _picture(crop, polygon, limits)
        for crop, polygon in zip(crops, polygons, strict=True)
    ]


def _window(polygon: Any) -> Window | None:
    """Return a square around a parcel."""
    if polygon is None or polygon.is_empty:
        return None
    left, top, right, bottom = polygon.bounds
    side = max(right - left, bottom - top) * (1 + 2 * _AROUND)
    side = int(np.ceil(np.clip(side, _FEWEST, _MOST)))
    column, row = int((left + right - side) / 2), int((top + bottom - side) / 2)
    return Window(column, row, side, side)


def _limits(crops: Sequence[Any]) -> Values:
    """Return black and white of each band."""
    if not crops:
        return np.zeros((1, 2))
    count = crops[0][1].shape[0]
    limits = np.empty((count, 2))
    for band in range(count):
        seen = np.concatenate([values[band][valid[band]] for _, values, valid in crops])
        limits[band] = np.percentile(seen, _STRETCH) if len(seen) else (0, 1)
    return limits


def _picture(crop: Any, polygon: Any, limits: Values) -> bytes:
    """Return one picture."""
    window, values, valid = crop
    low, high = limits[:, 0, None, None], limits[:, 1, None, None]
    shade = np.clip((values - low) / np.maximum(high - low, 1e-9), 0, 1) ** 0.8
    shade = np.where(valid, shade * 255, 0).astype(np.uint8)
    colour = np.repeat(shade, 3, axis=0)[:3] if len(shade) == 1 else shade
    place = np.arange(SIDE) * window.height // SIDE
    picture = colour[:, place][:, :, place]
    scale = SIDE / window.height
    corner = np.array([window.col_off, window.row_off])
    line = shapely.transform(polygon.boundary, lambda points: (points - corner) * scale)
    drawn = rasterize([line], out_shape=(SIDE, SIDE), all_touched=True).astype(bool)
    picture = np.where(drawn, np.array(_LINE, np.uint8)[:, None, None], picture)
    with MemoryFile() as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a picture needs no place
        form = {"driver": "JPEG", "count": 3, "dtype": "uint8", "quality": QUALITY}
        with memory.open(width=SIDE, height=SIDE, **form) as image:
            image.write(picture)
        return bytes(memory.read())
