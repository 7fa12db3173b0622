"""
Scenes over the sample workspace, drawn from what its papers say, with lies that are known.

`python -m benchmarks.scenery FOLDER [--clusters XC03 XC07]` copies the sample workspace and adds
two dates of five bands (one GeoTIFF a cluster, joined by a VRT), a cloud mask of the later date
and a class map. About 3 % of the papers lie: begun on paper and untouched on the ground, or the
other way round. `truth.csv` says of which. Everything is seeded and nothing of it is real.
"""

from __future__ import annotations

import argparse
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.features import rasterize

import landuse
from landuse.imagery import parcels

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from landuse.pipeline import Run

    Pixels = NDArray[Any]

ROOT = Path(__file__).parents[1]
ON = date(2018, 6, 30)
DATES = (date(2016, 5, 8), date(2018, 5, 13))
BANDS = ("blue", "green", "red", "nir", "swir1")
PIXEL = 10.0
LIES = 0.03
_SPECTRA = {
    "crop": (420, 720, 560, 3400, 1900),
    "fallow": (1050, 1350, 1800, 2500, 3000),
    "roof": (1700, 1850, 1950, 2150, 2050),
    "yard": (950, 1050, 1150, 1400, 1500),
}
_LIGHT = ((1.0, 0.0), (1.12, 120.0))  # gain and haze of each date


def main() -> None:
    """Write the workspace and say where."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clusters", nargs="*")
    asked = parser.parse_args()
    truth, _ = write(asked.folder, asked.clusters)
    print(f"{asked.folder}: {len(truth)} parcels, {truth['is_lie'].sum()} whose papers lie")
    print(f"python -m landuse observe {asked.folder} --on {ON}")


def write(folder: Path, clusters: list[str] | None = None) -> tuple[pd.DataFrame, Run]:
    """Copy the sample to a folder that does not exist and add scenes; return truth and run."""
    folder.mkdir(parents=True)
    for name in ("layers", "maps"):
        shutil.copytree(ROOT / name, folder / name)
    run = landuse.run(folder, on=ON)
    land = parcels.parcels(run.cases, run.pieces, run.tables["supply"])
    truth = draw(folder, land, run.tables["cluster"], clusters)
    truth.to_csv(folder / "truth.csv", index=False)
    return truth, run


def draw(
    folder: Path, land: GeoDataFrame, places: GeoDataFrame, clusters: list[str] | None = None
) -> pd.DataFrame:
    """Write scenes of some clusters into `folder/layers`, and return what was drawn."""
    data = folder / "layers" / "data" / "imagery"
    data.mkdir(parents=True)
    random = np.random.default_rng(20180513)
    real = pd.DataFrame({"case_id": land["case_id"], "kind": land["kind"]})
    real["is_lie"] = random.random(len(land)) < LIES
    for on in DATES:
        said = parcels.papers(land, pd.Series(pd.Timestamp(on), index=land.index))
        real[str(on)] = [
            _turned(word) if lie else word for word, lie in zip(said, real["is_lie"], strict=True)
        ]
    green = random.random(len(land)) < 0.55
    chosen = places if not clusters else places[places["cluster_id"].isin(clusters)]
    tiles: dict[str, list[Path]] = {}
    for place in chosen.itertuples():
        box = np.array(place.geometry.bounds) // PIXEL * PIXEL + (-200, -200, 200, 200)
        for name, path in _tiles(data, place.cluster_id, box, land, real, green, random):
            tiles.setdefault(name, []).append(path)
    for name, paths in tiles.items():
        (data / f"{name}.vrt").write_text(_mosaic(paths), encoding="utf-8")
    _declare(folder)
    return real


def _turned(said: str) -> str:
    """Return what is really there where the papers lie."""
    return {"not_started": "completed", "started": "not_started", "completed": "not_started"}.get(
        said, said
    )


def _tiles(  # noqa: PLR0913, PLR0917  one place of one city
    data: Path,
    cluster: str,
    box: Pixels,
    land: GeoDataFrame,
    real: pd.DataFrame,
    green: Pixels,
    random: np.random.Generator,
) -> list[tuple[str, Path]]:
    """Write the tiles of one cluster: both dates, mask and class map."""
    shape = (int((box[3] - box[1]) / PIXEL), int((box[2] - box[0]) / PIXEL))
    here = rasterio.Affine(PIXEL, 0, box[0], 0, -PIXEL, box[3])
    near = np.flatnonzero(shapely.intersects(land.geometry.to_numpy(), shapely.box(*box)))
    fields = _noise(random, shape, 14)
    roofs = _noise(random, shape, 3)
    written = []
    classes = np.full(shape, 1, np.uint8)
    for number, on in enumerate(DATES):
        ground = np.where(fields > 0.25, 0, 1)
        for stage, values in _STAGES.items():
            rows = near[(real[str(on)].to_numpy()[near] == stage)]
            for is_green in (True, False):
                own = land.geometry.to_numpy()[rows[green[rows] == is_green]]
                if len(own):
                    inside = rasterize(own, out_shape=shape, transform=here).astype(bool)
                    ground = np.where(inside, values(roofs, is_green), ground)
        spectra = np.array(list(_SPECTRA.values()), float)[ground].transpose(2, 0, 1)
        rough = 1 + 0.05 * random.standard_normal((1, *shape)) + 0.1 * (fields - 0.5)
        gain, haze = _LIGHT[number]
        noise = 25 * random.standard_normal((len(BANDS), *shape))
        picture = np.clip((spectra * rough + noise) * gain + haze, 1, 10000).astype(np.uint16)
        name = f"s{on:%Y%m%d}"
        written.append((name, _save(data / f"{name}_{cluster}.tif", picture, here)))
        classes = np.array([3, 2, 1, 1], np.uint8)[ground]
    cloud = (_noise(random, shape, 60) > 0.93).astype(np.uint8)
    written.append(("cloud", _save(data / f"cloud_{cluster}.tif", cloud[None], here)))
    written.append(("cover", _save(data / f"cover_{cluster}.tif", classes[None], here)))
    return written


_STAGES = {
    "not_started": lambda _roofs, is_green: 0 if is_green else 1,
    "unknown": lambda _roofs, is_green: 0 if is_green else 1,
    "started": lambda roofs, _green: np.where(roofs > 0.85, 2, 1),
    "completed": lambda roofs, _green: np.where(roofs > 0.55, 2, np.where(roofs < 0.08, 0, 3)),
}


def _noise(random: np.random.Generator, shape: tuple[int, int], side: int) -> Pixels:
    """Return blocks of uniform noise."""
    small = random.random((shape[0] // side + 1, shape[1] // side + 1))
    return np.kron(small, np.ones((side, side)))[: shape[0], : shape[1]]


def _save(path: Path, values: Pixels, transform: Any) -> Path:
    """Write one GeoTIFF; 0 is nodata but in a mask."""
    form = {"driver": "GTiff", "crs": "EPSG:4547", "transform": transform, "compress": "deflate"}
    size = {"count": len(values), "height": values.shape[1], "width": values.shape[2]}
    with rasterio.open(path, "w", dtype=values.dtype, predictor=2, **form, **size) as image:
        image.write(values)
    return path


def _mosaic(paths: list[Path]) -> str:
    """Return the XML of a mosaic of tiles."""
    images = []
    for path in paths:
        with rasterio.open(path) as image:
            images.append((path.name, image.bounds, image.shape, image.count, image.dtypes[0]))
    left = min(bounds.left for _, bounds, *_ in images)
    top = max(bounds.top for _, bounds, *_ in images)
    right = max(bounds.right for _, bounds, *_ in images)
    bottom = min(bounds.bottom for _, bounds, *_ in images)
    kind = {"uint16": "UInt16", "uint8": "Byte"}[images[0][4]]
    size = f'rasterXSize="{(right - left) / PIXEL:.0f}" rasterYSize="{(top - bottom) / PIXEL:.0f}"'
    lines = [
        f"<VRTDataset {size}><SRS>EPSG:4547</SRS>",
        f"<GeoTransform>{left}, {PIXEL}, 0, {top}, 0, {-PIXEL}</GeoTransform>",
    ]
    for band in range(1, images[0][3] + 1):
        lines.append(f'<VRTRasterBand dataType="{kind}" band="{band}">')
        lines.append("<NoDataValue>0</NoDataValue>" if kind == "UInt16" else "")
        for name, bounds, (height, width), *_ in images:
            x, y = (bounds.left - left) / PIXEL, (top - bounds.top) / PIXEL
            extent = f'xSize="{width}" ySize="{height}"'
            lines.append(
                f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename>'
                f'<SourceBand>{band}</SourceBand><SrcRect xOff="0" yOff="0" {extent}/>'
                f'<DstRect xOff="{x:.0f}" yOff="{y:.0f}" {extent}/></SimpleSource>'
            )
        lines.append("</VRTRasterBand>")
    return "\n".join([*lines, "</VRTDataset>"])


def _declare(folder: Path) -> None:
    """Write the TOML of each scene."""
    bands = "\n".join(f"{name} = {n}" for n, name in enumerate(BANDS, start=1))
    mask = '[mask]\nfile = "data/imagery/cloud.vrt"\nvalues = [1]\n'
    classes = "[bands]\nclass = 1\n[classes]\nvegetation = [3]\nbare = [2]\nbuilt = [1]\n"
    for n, on in enumerate(DATES):
        more = f"scale = 0.0001\n[bands]\n{bands}\n" + (mask if n else "")
        _layer(folder, f"s{on:%Y%m%d}", "示意影像", on, more)
    _layer(folder, "cover", "示意地表覆盖分类", DATES[-1], classes)


def _layer(folder: Path, name: str, title: str, on: date, more: str) -> None:
    """Write one layer file."""
    head = f'role = "imagery"\ntitle = "{title}"\nfile = "data/imagery/{name}.vrt"\n'
    days = f"as_of = {on}\nobserved_on = {on}\n"
    (folder / "layers" / f"{name}.toml").write_text(head + days + more, encoding="utf-8")


if __name__ == "__main__":
    main()
