"""
Basemaps put into the page: outlines packed, pictures and tiles cut to the map.

A picture is brought to web mercator and written as WebP; tiles of an MBTiles file are taken as they
are, from the coarsest zoom on, until they would make the page too heavy.
"""

from __future__ import annotations

import base64
import logging
import sqlite3
import warnings
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from landuse import crs, offline, texts
from landuse.errors import MapError, phrase
from landuse.maps import basemap
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landuse.layers import Source
    from landuse.maps.basemap import Basemap
    from landuse.maps.codec import Package
    from landuse.maps.scene import Scene
    from landuse.maps.spec import Spec

HEAVIEST = 24_000_000
"""Bytes of tiles a page may hold."""

_PIXELS = 2_048
_ROUND = 20_037_508.342789244  # metres from the middle of web mercator to its edge
_MIMES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
_DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".png": "PNG", ".webp": "WEBP"}
_DRIVERS |= {".jpg": "JPEG", ".jpeg": "JPEG"}
_log = logging.getLogger(__name__)

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def told(scene: Scene, spec: Spec, bounds: Any, package: Package) -> list[dict[str, Any]]:
    """
    Return what the page is told of its basemaps, the lowest first.

    Parameters
    ----------
    scene, spec
        Workspace and language; the basemaps asked for.
    bounds
        What the map shows when it opens, as Leaflet takes it; files are cut to a little more.
    package
        Grows by the outlines.

    Raises
    ------
    MapError
        If a file is missing, cannot be read, or does not know where it lies.
    """
    (south, west), (north, east) = bounds
    x, y = (east - west) * 0.15, (north - south) * 0.15
    extent = (west - x, south - y, east + x, north + y)
    found = []
    for number, asked in enumerate(spec.basemaps):
        entry = {"label": asked.heading(scene.lang), "hidden": asked.hidden}
        if asked.online:
            found.append(entry | _online(asked, scene))
            continue
        if asked.imagery:
            found += [entry | photo for photo in _imagery(asked, scene, extent)]
            continue
        file = _file(scene.workspace.path, asked)
        if file.suffix.lower() in basemap.PICTURES:
            photo = picture(file, extent, asked.bounds)
            if photo is None:
                raise MapError("maps.basemap_outside", file=file.name)
            found.append(entry | photo)
        elif file.suffix.lower() in basemap.TILES:
            found.append(entry | tiles(file, extent))
        else:
            found.append(entry | _outlines(file, asked, extent, f"ground.{number}", package))
    return found


def _online(asked: Basemap, scene: Scene) -> dict[str, Any]:
    """Return tiles that are fetched while the map is looked at."""
    is_gaode = asked.online == "gaode"
    return {
        "kind": "online",
        "urls": asked.addresses(),
        "subdomains": asked.subdomains(),
        "isShifted": is_gaode,
        "note": texts.say("map.gaode_note" if is_gaode else "map.online_note", scene.lang),
    }


def _file(workspace: Path, asked: Basemap) -> Path:
    """Return the file of a basemap, which must lie in the workspace."""
    root = workspace.resolve()
    file = (root / asked.file).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise MapError("maps.basemap_absent", file=asked.file, workspace=workspace)
    if offline.is_xml(file):
        raise MapError("maps.basemap_xml", file=asked.file)
    return file


def _imagery(asked: Basemap, scene: Scene, extent: Bounds) -> Iterator[dict[str, Any]]:
    """Yield each file of a layer of imagery that reaches into the map, named by its day."""
    known = {source.name: source for source in scene.workspace.sources_of(Role.IMAGERY)}
    source = known.get(asked.imagery)
    if source is None:
        raise MapError("maps.no_imagery", name=asked.imagery, known=", ".join(known) or "none")
    table = scene.table(Role.IMAGERY)
    files = table.loc[table["source_layer"] == source.name, "source_file"]
    title = asked.title if scene.lang == "zh" else asked.title_en or asked.title
    for name in sorted(files):
        file = scene.workspace.path / name
        mark = f"（{file.stem}）" if len(files) > 1 else ""
        label = f"{title or source.title} {source.observed_on}{mark}"
        photo = picture(file, extent, bands=_colours(source), crs_of=source.crs)
        if photo is not None:
            yield {"label": label, **photo}


def _colours(source: Source) -> tuple[int, ...]:
    """Return the bands shown as red, green and blue: the true ones, else infrared, red, green."""
    for names in (("red", "green", "blue"), ("nir", "red", "green")):
        bands = [source.bands[name] for name in names if name in source.bands]
        numbers = tuple(band for band in bands if isinstance(band, int))
        if len(numbers) < len(bands):
            raise MapError("maps.bands_apart", name=source.name)
        if len(numbers) == len(names):
            return numbers
    return ()


def _outlines(
    file: Path, asked: Basemap, extent: Bounds, name: str, package: Package
) -> dict[str, Any]:
    """Pack lines and polygons that reach into the map, with their names."""
    if offline.is_address(file):
        raise MapError("maps.basemap_address", file=asked.file)
    try:
        frame = gpd.read_parquet(file) if file.suffix == ".parquet" else gpd.read_file(file)
    except Exception as err:
        raise MapError("maps.basemap_unreadable", file=asked.file, reason=err) from err
    if frame.crs is None or (asked.label and asked.label not in frame):
        lack = (
            phrase("maps.a_system")
            if frame.crs is None
            else phrase("maps.a_column", name=asked.label)
        )
        raise MapError("maps.basemap_lacks", file=asked.file, lack=lack, known=[*map(str, frame)])
    source = pyproj.CRS.from_user_input(frame.crs)
    shapes = crs.transformed(frame.geometry.to_numpy(), source, crs.CGCS2000, asked.file)
    is_drawn = shapely.intersects(shapes, shapely.box(*extent))
    is_drawn &= np.isin(shapely.get_type_id(shapes), (1, 3, 5, 6))
    package.add_shapes(name, shapes[is_drawn])
    names = frame.loc[is_drawn, asked.label].fillna("").astype("str") if asked.label else []
    points = shapely.get_coordinates(shapely.point_on_surface(shapes[is_drawn])).round(6)
    is_line = np.isin(shapely.get_type_id(shapes[is_drawn]), (1, 5)).all()
    return {
        "kind": "outlines",
        "shapes": name,
        "isLine": bool(is_line),
        "names": [*names],
        "at": points[:, ::-1].tolist() if asked.label else [],
    }


def picture(
    file: Path,
    extent: Bounds,
    bounds: tuple[float, ...] = (),
    *,
    bands: tuple[int, ...] = (),
    crs_of: str | None = None,
) -> dict[str, Any] | None:
    """
    Return a picture cut to an extent, in web mercator, as a data: address; None where it is not.

    Parameters
    ----------
    file
        GeoTIFF, or PNG, JPEG, WebP with a world file or with `bounds`.
    extent
        What is wanted of it, degrees.
    bounds
        Where the picture lies, degrees, if it does not say so itself.
    bands
        Red, green and blue; the first three (or the only one) where none are given.
    crs_of
        Its reference system, if the file does not say or says it wrong.

    Raises
    ------
    MapError
        If it cannot be read or does not know where it lies.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            warnings.simplefilter("ignore", PendingDeprecationWarning)  # rasterio's own affine
            driver = _DRIVERS.get(file.suffix.lower())  # others are imagery, read before
            with rasterio.open(file, driver=driver) as opened, ExitStack() as stack:
                placed = _placed(opened, bounds, stack) if bounds else opened
                cut = _cut(placed, extent, file.name, bands, crs_of)
                if cut is None:
                    return None
                pixels, box = cut
                data = _webp(pixels)
    except RasterioError as err:
        raise MapError("maps.not_picture", file=file.name, reason=err) from err
    return {
        "kind": "picture",
        "url": "data:image/webp;base64," + base64.b64encode(data).decode("ascii"),
        "bounds": [[box[1], box[0]], [box[3], box[2]]],
    }


def _placed(opened: Any, bounds: tuple[float, ...], stack: ExitStack) -> Any:
    """Return a raster in memory that lies where its bounds say."""
    from rasterio.io import MemoryFile
    from rasterio.transform import from_bounds

    place = from_bounds(*bounds, opened.width, opened.height)
    form = {"driver": "GTiff", "width": opened.width, "height": opened.height}
    form |= {"count": opened.count, "dtype": opened.dtypes[0], "transform": place}
    memory = stack.enter_context(MemoryFile())
    with memory.open(**form, crs="EPSG:4490") as made:
        made.write(opened.read())
    return stack.enter_context(memory.open())


def _cut(
    opened: Any, extent: Bounds, name: str, bands: tuple[int, ...], crs_of: str | None
) -> tuple[Any, Bounds] | None:
    """Return red, green, blue and alpha of a part of a raster, and where the part lies."""
    from rasterio.enums import ColorInterp
    from rasterio.vrt import WarpedVRT
    from rasterio.windows import from_bounds as window_of

    source = pyproj.CRS.from_user_input(crs_of).to_wkt() if crs_of else opened.crs
    if source is None:
        raise MapError("maps.no_place", file=name)
    is_cut_out = ColorInterp.alpha in opened.colorinterp
    with WarpedVRT(opened, src_crs=source, crs="EPSG:3857", add_alpha=not is_cut_out) as warped:
        low, high = _metres(*extent[:2]), _metres(*extent[2:])
        held = warped.bounds
        box = (
            max(low[0], held.left),
            max(low[1], held.bottom),
            min(high[0], held.right),
            min(high[1], held.top),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            return None
        window = window_of(*box, transform=warped.transform)
        shrink = max(1.0, window.width / _PIXELS, window.height / _PIXELS)
        shape = (max(1, round(window.height / shrink)), max(1, round(window.width / shrink)))
        colours = bands or ((1, 2, 3) if opened.count >= 3 else (1, 1, 1))
        mask = opened.colorinterp.index(ColorInterp.alpha) + 1 if is_cut_out else warped.count
        pixels = warped.read([*colours, mask], window=window, out_shape=(4, *shape))
    return _stretched(pixels), (*_degrees(*box[:2]), *_degrees(*box[2:]))


def _stretched(pixels: Any) -> Any:
    """Return bands as bytes; wider numbers are spread between their 2nd and 98th hundredth."""
    alpha = (pixels[3] > 0).astype(np.uint8) * 255
    if pixels.dtype != np.uint8:
        colours = pixels[:3].astype("float64")
        seen = colours[:, alpha > 0]
        low, high = np.percentile(seen, [2, 98]) if seen.size else (0.0, 1.0)
        pixels = np.clip((colours - low) / max(high - low, 1e-9) * 255, 0, 255).astype(np.uint8)
    return np.concatenate([pixels[:3], alpha[None]])


def _webp(pixels: Any) -> bytes:
    """Return bands of bytes as a WebP file."""
    from rasterio.io import MemoryFile

    form = {"driver": "WEBP", "count": 4, "height": pixels.shape[1], "width": pixels.shape[2]}
    with MemoryFile() as memory:
        with memory.open(**form, dtype="uint8", QUALITY=82) as target:
            target.write(pixels)
        content: bytes = memory.read()
        return content


def tiles(file: Path, extent: Bounds) -> dict[str, Any]:
    """
    Return the tiles of an MBTiles file that meet an extent, as data: addresses.

    Raises
    ------
    MapError
        If it is no MBTiles file of pictures, or has no tile there.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as base:
            known = dict(base.execute("SELECT name, value FROM metadata"))
            mime = _MIMES.get(str(known.get("format", "png")).lower())
            if mime is None:
                raise MapError("maps.not_pictures", file=file.name, format=known.get("format"))
            held = dict(_held(base, extent, file.name))
    except sqlite3.Error as err:
        raise MapError("maps.not_mbtiles", file=file.name, reason=err) from err
    if not held:
        raise MapError("maps.no_tile", file=file.name)
    zooms = [int(key.split("/")[0]) for key in held]
    return {"kind": "tiles", "mime": mime, "tiles": held, "zooms": [min(zooms), max(zooms)]}


def _held(base: sqlite3.Connection, extent: Bounds, name: str) -> Iterator[tuple[str, str]]:
    """Yield tiles as z/x/y and base64, whole zooms only, until they are too heavy."""
    total = 0
    for (zoom,) in base.execute("SELECT DISTINCT zoom_level FROM tiles ORDER BY 1").fetchall():
        size = 2**zoom
        (left, low), (right, high) = (
            [(part / _ROUND + 1) / 2 * size for part in _metres(*corner)]
            for corner in (extent[:2], extent[2:])
        )
        box = (zoom, int(left), int(right), int(low), int(high))  # MBTiles count rows from below
        where = "zoom_level = ? AND tile_column BETWEEN ? AND ? AND tile_row BETWEEN ? AND ?"
        query = f"SELECT tile_column, tile_row, tile_data FROM tiles WHERE {where} ORDER BY 1, 2"
        rows = base.execute(query, box).fetchall()
        total += sum(len(data) for _, _, data in rows)
        if total > HEAVIEST:
            _log.warning("%s: zooms from %d on would make the map too heavy", name, zoom)
            return
        for column, row, data in rows:
            yield f"{zoom}/{column}/{size - 1 - row}", base64.b64encode(data).decode("ascii")


def _metres(lon: float, lat: float) -> tuple[float, float]:
    """Return degrees as metres of web mercator."""
    sine = np.sin(np.radians(lat))
    return lon / 180 * _ROUND, float(np.arctanh(sine) / np.pi * _ROUND)


def _degrees(x: float, y: float) -> tuple[float, float]:
    """Return metres of web mercator as degrees."""
    lat = float(np.degrees(np.arctan(np.sinh(y / _ROUND * np.pi))))
    return round(x / _ROUND * 180, 7), round(lat, 7)
