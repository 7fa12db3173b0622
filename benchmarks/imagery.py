"""
What imagery tells, and how fast parcels are read from it.

`python -m benchmarks.imagery truth FOLDER` holds the change of squares of 150, 300 and 600 m
against labels of real cities (`rennes`, `nantes`, `taizhou` below FOLDER; `chongqing` has none and
only runs), beside the plain 4-band change magnitude and |NDVI - NDVI| of the same pixels, each as
the mean of a square and as the mean of its most changed quarter, which is how our own change is
made. Nothing is fitted on labels; that the method was chosen with these labels in sight is said in
the README. `python -m benchmarks.imagery speed FOLDER` makes a scene of 10,980 × 10,980
pixels and four bands in FOLDER, if it is not there, and takes the means of 100,000 parcels from it,
by us and by exactextract in raster-sequential order.
"""

from __future__ import annotations

import argparse
import resource
import time
import warnings
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
import shapely
from rasterio import Affine
from rasterio.errors import NotGeoreferencedWarning
from rasterio.warp import transform_bounds

from landuse.imagery import evaluating, measures, observing, pixels, scenes
from landuse.imagery.rasters import common

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.imagery.scenes import Scene

SIZES = (150, 300, 600)
_DATES = {
    "rennes": (date(2015, 8, 21), date(2017, 6, 21)),
    "nantes": (date(2015, 8, 21), date(2017, 10, 14)),
    "chongqing": (date(2017, 4, 14), date(2018, 4, 2)),
    "taizhou": (date(2000, 3, 17), date(2003, 2, 6)),
}
_FILES = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08", "swir1": "B11"}
_SIDE, _PARCELS, _BANDS = 10_980, 100_000, 4
_CORNER = (500_000.0, 3_800_000.0)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("what", choices=["truth", "speed"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", action="store_true", help="only exactextract")
    parser.add_argument("--ours", action="store_true", help="only ours")
    asked = parser.parse_args()
    if asked.what == "truth":
        _print_truth(asked.folder)
        return
    path = asked.folder / "scene.tif"
    shapes = parcels()
    if not path.is_file():
        make(path)
    if not asked.peer:
        _timed("ours", lambda: means(path, shapes))
    if not asked.ours:
        _timed("exactextract", lambda: _peer(path, shapes))


# what it tells


def city(folder: Path, name: str) -> list[Scene]:
    """Return both dates of a city."""
    made = []
    for number, on in enumerate(_DATES[name], start=1):
        if name == "taizhou":
            path = folder / name / ("2000TM", "2003TM")[number - 1]
            bands = dict(enumerate(_FILES, start=1))
            found = {band: scenes.opened(path, n, None, name) for n, band in bands.items()}
        else:
            images = folder / name / f"imgs_{number}"
            found = {
                band: scenes.opened(next(images.glob(f"*_{end}.tif")), 1, None, name)
                for band, end in _FILES.items()
            }
        made.append(scenes.Scene(f"{name} {on}", name, on, found))
    return made


def squares(made: Scene, size: float) -> tuple[NDArray[np.object_], pyproj.CRS]:
    """Return squares over a scene, in its UTM zone."""
    grid = made.grid
    corners = rasterio.transform.array_bounds(grid.height, grid.width, grid.transform)
    west, south, east, north = transform_bounds(grid.crs.to_wkt(), "EPSG:4326", *corners)
    zone = int(((west + east) / 2 + 180) // 6) + 1
    crs = pyproj.CRS.from_epsg(32600 + zone)
    left, bottom, right, top = transform_bounds("EPSG:4326", crs.to_wkt(), west, south, east, north)
    x, y = np.meshgrid(np.arange(left, right, size), np.arange(bottom, top, size))
    return shapely.box(x.ravel(), y.ravel(), x.ravel() + size, y.ravel() + size), crs


def truth(
    folder: Path, name: str, made: list[Scene], shapes: NDArray[np.object_], crs: pyproj.CRS
) -> pd.Series:
    """Return which squares changed by the labels; missing where they do not say."""
    if name != "taizhou":
        label = next((folder / "labels" / name / "cm").glob("*.tif"))
        return evaluating.changed(label, (2, 1), made, shapes, crs)
    told = []
    for file in ("change.bmp", "unchanged.bmp"):
        marked = evaluating.changed(folder / name / file, (255, 0), made, shapes, crs)
        told.append(marked)
    known = (told[0] == 1) | (told[1] == 1)
    return (told[0] == 1).astype(float).where(known)


def most_changed(made: list[Scene], shapes: NDArray[np.object_], crs: pyproj.CRS) -> pd.DataFrame:
    """Return the plain measures of the most changed quarter of each square's pixels."""
    grid = common(made)
    told = {name: np.full(len(shapes), np.nan) for name in ("magnitude_top", "ndvi_change_top")}
    for found in pixels.gathered(pixels.looks(made), grid, pixels.placed(shapes, crs, grid)):
        earlier, later = found.values
        squares: Any = sum((later[b] - earlier[b]) ** 2 for b in ("blue", "green", "red", "nir"))
        greens: list[Any] = [measures.index("ndvi", bands) for bands in found.values]
        told["magnitude_top"][found.parcels] = measures.top(found, np.sqrt(squares))
        green = np.abs(greens[1] - greens[0])
        told["ndvi_change_top"][found.parcels] = measures.top(found, green)
    return pd.DataFrame(told)


def judged_city(folder: Path, name: str, size: int) -> dict[str, Any]:
    """Return AUCs of squares of one size in one city."""
    made = city(folder, name)
    shapes, crs = squares(made[0], size)
    seen = observing.observed(made, shapes, crs, inner_m=0.0)
    score = evaluating.scores(seen, _DATES[name][0], len(shapes))
    score = score.join(most_changed(made, shapes, crs))
    told = truth(folder, name, made, shapes, crs)
    known = told.notna() & score.notna().all(axis=1)
    is_changed = told[known].to_numpy(bool)
    row: dict[str, Any] = {"city": name, "size": size, "squares": len(is_changed)}
    row["changed"] = int(is_changed.sum())
    for column in score:
        row[str(column)] = evaluating.auc(score.loc[known, column].to_numpy(), is_changed)
    best = score.loc[known, "change"].to_numpy()
    row["chance"] = evaluating.judged(best, is_changed, np.nan)["chance_auc"]
    return row


def _print_truth(folder: Path) -> None:
    """Print AUCs of all cities with labels, and that the one without runs."""
    rows = [judged_city(folder, name, n) for name in ("rennes", "nantes", "taizhou") for n in SIZES]
    print(pd.DataFrame(rows).round(3).to_string(index=False, line_width=200))
    made = city(folder, "chongqing")
    shapes, crs = squares(made[0], 300)
    seen = observing.observed(made, shapes, crs, inner_m=0.0)
    score = seen.changes["change"].dropna()
    spread = 1.4826 * (score - score.median()).abs().median()
    beyond = int((score > score.median() + 3 * spread).sum())
    print(
        f"chongqing, no labels: {len(score)} squares of 300 m, median change {score.median():.2f},"
    )
    print(f"{beyond} beyond three robust deviations")


# how fast


def parcels() -> gpd.GeoDataFrame:
    """Return parcels of about 20 mu all over the scene, seeded."""
    random = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(_PARCELS)))
    step = _SIDE * 10.0 / side
    number = np.arange(_PARCELS)
    x = _CORNER[0] + (number % side + 0.5) * step
    y = _CORNER[1] - (number // side + 0.5) * step
    turns = np.linspace(0, 2 * np.pi, 22, endpoint=False)
    reach = random.uniform(45.0, 85.0, (_PARCELS, len(turns)))
    ring = np.stack([x[:, None] + reach * np.cos(turns), y[:, None] + reach * np.sin(turns)], -1)
    return gpd.GeoDataFrame(geometry=shapely.polygons(ring), crs="EPSG:4547")


def make(path: Path) -> None:
    """Write the scene: uint16, tiled by 512, zstd, about as compressible as a real one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(11)
    form = {
        "driver": "GTiff", "dtype": "uint16", "count": _BANDS, "width": _SIDE, "height": _SIDE,
        "crs": "EPSG:4547", "transform": Affine(10, 0, _CORNER[0], 0, -10, _CORNER[1]),
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "zstd", "predictor": 2,
        "interleave": "band",
    }  # fmt: skip
    with rasterio.open(path, "w", **form) as image:
        for top in range(0, _SIDE, 512):
            rows = min(512, _SIDE - top)
            smooth = np.kron(random.integers(300, 4000, (rows // 64 + 1, _SIDE // 64 + 1)),
                             np.ones((64, 64), int))[:rows, :_SIDE]  # fmt: skip
            window = rasterio.windows.Window(0, top, _SIDE, rows)
            for band in range(1, _BANDS + 1):
                noise = random.integers(0, 128, smooth.shape)
                image.write(
                    (smooth * (3 + band) // 5 + noise).astype(np.uint16), band, window=window
                )


def means(path: Path, shapes: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return means of all bands of all parcels, by us."""
    names = ("blue", "green", "red", "nir")
    bands = {name: scenes.opened(path, n, None, "") for n, name in enumerate(names, start=1)}
    made = scenes.Scene("scene", "scene", date(2018, 5, 13), bands)
    grid = common([made])
    polygons = pixels.placed(shapes.geometry.to_numpy(), shapes.crs, grid)
    told = np.full((len(shapes), len(names)), np.nan)
    for found in pixels.gathered(pixels.looks([made]), grid, polygons):
        for column, name in enumerate(names):
            told[found.parcels, column], _ = measures.mean(found, found.values[0][name])
    return told


def _peer(path: Path, shapes: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the same by exactextract, raster-sequential."""
    from exactextract import exact_extract

    told = exact_extract(str(path), shapes, ["mean"], output="pandas", strategy="raster-sequential")
    return told.to_numpy(float)


def _timed(name: str, work: Any) -> None:
    """Print CPU, wall and memory of one contender, and sums that must agree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        before = time.process_time(), time.perf_counter()
        told = work()
        cpu, wall = time.process_time() - before[0], time.perf_counter() - before[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sums = " ".join(f"{value:.6f}" for value in np.nanmean(told, axis=0))
    print(f"{name:14} cpu {cpu:7.2f} s  wall {wall:7.2f} s  peak {peak:6.0f} MB  means {sums}")


if __name__ == "__main__":
    main()
