"""
The pixels of parcels on every date, with the share of each that a parcel covers.

Parcels are taken tile by tile. Their coverage is worked out once and serves every band of every
date, so that the time goes into decoding the files. In memory are the pixels of one tile and the
windows of the next, which is read meanwhile.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import shapely
from rasterio.windows import Window

from landuse import coverage
from landuse import crs as crs_module
from landuse.imagery.rasters import CACHE, Grid, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    import pyproj
    from numpy.typing import NDArray

    from landuse.imagery.scenes import Scene

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]
    _Raw = dict[str | None, tuple[NDArray[Any], NDArray[np.bool_]]]

MOST = 1 << 24
"""Pixels of the box of one parcel beyond which it is not looked at."""
_SIDE, _FEWEST_SIDE = 2048, 512  # pixels along a tile where few bands are read, and many


@dataclass(frozen=True)
class Look:
    """All scenes of one day, to be read as one: where the first has no pixels the next may."""

    on: date
    scenes: tuple[Scene, ...]

    @property
    def bands(self) -> tuple[str, ...]:
        """Bands that any of its scenes has."""
        return tuple(dict.fromkeys(band for scene in self.scenes for band in scene.bands))


@dataclass(frozen=True)
class Pixels:
    """
    Pixels of some parcels.

    Attributes
    ----------
    parcels
        Positions of the parcels.
    owner
        For each pixel the position in `parcels`, ascending.
    share
        Share of the pixel that the parcel covers.
    values
        For each look band -> value, scaled; NaN where nothing is seen (nodata, cloud, outside).
    """

    parcels: Ints
    owner: Ints
    share: NDArray[np.float64]
    values: list[dict[str, Floats]]

    @cached_property
    def starts(self) -> Ints:
        """Where the pixels of each parcel that has any begin."""
        return np.flatnonzero(np.diff(self.owner, prepend=-1))


def looks(scenes: Sequence[Scene]) -> list[Look]:
    """Return scenes by day."""
    ordered = sorted(scenes, key=lambda scene: (scene.observed_on, scene.name))
    return [Look(on, tuple(group)) for on, group in groupby(ordered, lambda s: s.observed_on)]


def placed(
    shapes: NDArray[np.object_], crs: pyproj.CRS, grid: Grid, *, inner_m: float = 0.0
) -> NDArray[np.object_]:
    """
    Return parcels in pixels of a grid.

    Parameters
    ----------
    shapes
        Valid polygons; None stays None. Not changed.
    crs
        Their system, in metres.
    grid
        Where they are put.
    inner_m
        Metres taken off all around first, against what neighbours leave in a border pixel.

    Raises
    ------
    CrsError
        If there is no way from one system into the other.
    """
    if inner_m:
        shapes = shapely.buffer(shapes, -inner_m, quad_segs=2, join_style="mitre")
    moved = crs_module.transformed(shapes, crs, grid.crs, "imagery")
    inverse = ~grid.transform
    turn = np.array([[inverse.a, inverse.b], [inverse.d, inverse.e]])
    shift = np.array([inverse.c, inverse.f])
    whole: NDArray[np.object_] = shapely.transform(moved, lambda points: points @ turn.T + shift)
    return whole


def gathered(seen: Sequence[Look], grid: Grid, polygons: NDArray[np.object_]) -> Iterator[Pixels]:
    """
    Yield the pixels of parcels, tile by tile.

    Parameters
    ----------
    seen
        Days whose bands are read.
    grid
        Grid they are read on.
    polygons
        Parcels in pixels of the grid (`placed`). Those without area, or larger than `MOST`, are
        in no tile.
    """
    amount = sum(len(look.bands) for look in seen)
    side = max(_FEWEST_SIDE, min(_SIDE, int(_SIDE * math.sqrt(4 / max(amount, 1)))))
    with rasterio.Env(GDAL_CACHEMAX=CACHE, GDAL_NUM_THREADS="ALL_CPUS"), ExitStack() as stack:
        readers = [
            [stack.enter_context(_SceneReader(scene, grid)) for scene in look.scenes]
            for look in seen
        ]
        tiles = list(_tiles(polygons, side))
        with ThreadPoolExecutor(max_workers=1) as ahead:  # files are read while others are counted
            coming = [ahead.submit(_read, readers, window) for _, window in tiles[:1]]
            for number, (members, window) in enumerate(tiles):
                raw = coming.pop().result()
                coming += [
                    ahead.submit(_read, readers, following)
                    for _, following in tiles[number + 1 : number + 2]
                ]
                yield _chosen(seen, readers, raw, polygons, members, window)


def _tiles(polygons: NDArray[np.object_], side: int) -> Iterator[tuple[Ints, Window]]:
    """Yield positions of parcels that begin in one tile, and the window that holds them all."""
    box = coverage.boxes(polygons)
    size = box[:, 2:] - box[:, :2]
    usable = np.flatnonzero((size.min(axis=1) > 0) & (size.prod(axis=1) <= MOST))
    alone = np.where((size > side).any(axis=1), np.arange(len(box)) + 1, 0)
    keys = np.column_stack([box[:, 1] // side, box[:, 0] // side, alone])[usable]
    order = np.lexsort(keys.T[::-1])
    ends = np.flatnonzero((np.diff(keys[order], axis=0) != 0).any(axis=1)) + 1
    for chosen in np.split(usable[order], ends):
        if len(chosen):
            left, top = box[chosen, :2].min(axis=0)
            right, bottom = box[chosen, 2:].max(axis=0)
            yield chosen, Window(left, top, right - left, bottom - top)


def _read(readers: list[list[_SceneReader]], window: Window) -> list[list[_Raw]]:
    """Return a window of every band of every scene."""
    return [[reader.read(window) for reader in scenes] for scenes in readers]


def _chosen(
    seen: Sequence[Look],
    readers: list[list[_SceneReader]],
    raw: list[list[_Raw]],
    polygons: NDArray[np.object_],
    members: Ints,
    window: Window,
) -> Pixels:
    """Return the pixels of the parcels of one tile."""
    found = coverage.fractions(polygons[members])
    cell = (found.row - window.row_off) * window.width + found.column - window.col_off
    values = []
    for look, scenes, windows in zip(seen, readers, raw, strict=True):
        told: dict[str, Floats] = {}
        for scene, read in zip(scenes, windows, strict=True):
            for name, fresh in scene.chosen(read, cell).items():
                known = told.get(name)
                told[name] = fresh if known is None else np.where(np.isnan(known), fresh, known)
        values.append({name: told[name] for name in look.bands})
    return Pixels(members, found.owner, found.share, values)


class _SceneReader:
    """Reads chosen pixels of every band of a scene; a context manager."""

    def __init__(self, scene: Scene, grid: Grid) -> None:
        self._scene = scene
        self._bands = {
            name: Reader(band, grid, nodata=scene.nodata, is_class=name == "class")
            for name, band in scene.bands.items()
        }
        mask = scene.mask
        self._mask = None if mask is None else Reader(mask.band, grid, nodata=None, is_class=True)
        self._stack = ExitStack()

    def __enter__(self) -> _SceneReader:
        for reader in (*self._bands.values(), self._mask):
            if reader is not None:
                self._stack.enter_context(reader)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, window: Window) -> _Raw:
        """Return a window of every band, and of the mask under the name of none."""
        raw: _Raw = {name: reader.read(window) for name, reader in self._bands.items()}
        if self._mask is not None:
            raw[None] = self._mask.read(window)
        return raw

    def chosen(self, raw: _Raw, cell: Ints) -> dict[str, Floats]:
        """Return band -> values of pixels of a window, NaN where nothing is seen."""
        hidden = self._hidden(raw[None], cell) if None in raw else None
        told = {}
        for name, band in self._scene.bands.items():
            read, valid = raw[name]
            values = read.ravel()[cell].astype(np.float32)
            if (band.scale, band.offset) != (1.0, 0.0):
                values = values * np.float32(band.scale) + np.float32(band.offset)
            if not valid.all():
                values[~valid.ravel()[cell]] = np.nan
            if hidden is not None:
                values[hidden] = np.nan
            told[name] = values
        return told

    def _hidden(self, raw: tuple[NDArray[Any], NDArray[np.bool_]], cell: Ints) -> NDArray[np.bool_]:
        """Return which pixels the mask hides, or does not reach."""
        read, valid = raw
        mask = self._scene.mask
        values = read.ravel()[cell]
        hidden: NDArray[np.bool_] = ~valid.ravel()[cell]
        if mask is None or (not mask.values and not mask.bits):
            hidden |= values != 0
            return hidden
        if mask.values:
            hidden |= np.isin(values, mask.values)
        for bit in mask.bits:
            hidden |= (values.astype(np.int64) >> bit & 1) == 1
        return hidden
