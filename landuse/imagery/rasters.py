"""
Pixels of bands, window by window, on one grid that all dates share.

A band that lies on the grid is read as it is; any other is brought onto it (averaged where it is
finer, interpolated where it is coarser, taken as it is where it holds classes).
"""

from __future__ import annotations

import math
import warnings
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import rasterio
from rasterio import Affine
from rasterio.dtypes import dtype_rev, typename_fwd
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from landuse.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import pyproj
    from numpy.typing import NDArray

    from landuse.imagery.scenes import Band, Scene

CACHE = 256 << 20
"""Bytes of decoded blocks that GDAL keeps."""
_SAME = 1e-6  # of a pixel; grids nearer to each other are one


@dataclass(frozen=True)
class Grid:
    """Rows and columns over the ground; `transform` brings (column, row) to the CRS."""

    crs: pyproj.CRS
    transform: Affine
    height: int
    width: int
    pixel_m: float


def common(scenes: Sequence[Scene]) -> Grid:
    """
    Return the grid of the coarsest scene, widened to where any scene has pixels.

    Raises
    ------
    LayerError
        If one lies where the reference system of the coarsest does not reach.
    """
    coarsest = max(scenes, key=lambda scene: scene.grid.pixel_m).grid
    inverse = ~coarsest.transform
    reach = []
    for band in (scene.grid for scene in scenes):
        corners = rasterio.transform.array_bounds(band.height, band.width, band.transform)
        around = transform_bounds(band.crs.to_wkt(), coarsest.crs.to_wkt(), *corners)
        if not np.isfinite(around).all():
            raise LayerError("imagery.no_place", where=band.path.name, file=band.path.name)
        reach += [inverse @ (x, y) for x in around[::2] for y in around[1::2]]
    columns, rows = np.array(reach).T.round(6)
    left, top = math.floor(columns.min()), math.floor(rows.min())
    size = (math.ceil(rows.max()) - top, math.ceil(columns.max()) - left)
    moved = coarsest.transform @ Affine.translation(left, top)
    return Grid(coarsest.crs, moved, *size, coarsest.pixel_m)


class Reader:
    """Reads windows of one band on a grid; a context manager."""

    def __init__(
        self, band: Band, grid: Grid, *, nodata: float | None, is_class: bool = False
    ) -> None:
        self._band, self._grid, self._nodata, self._is_class = band, grid, nodata, is_class
        self._stack = ExitStack()

    def __enter__(self) -> Reader:
        try:
            with warnings.catch_warnings():  # where it lies is known already
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                self._open()
        except RasterioError as err:
            self._stack.close()
            raise self._fault(err) from err
        return self

    def _open(self) -> None:
        """Open the file, and see how its grid lies to that which is asked for."""
        self._image = self._stack.enter_context(rasterio.open(self._band.path))
        if self._nodata is None:
            self._nodata = self._image.nodatavals[self._band.index - 1]
        offset = ~self._band.transform @ self._grid.transform
        self._shift = (round(offset.c), round(offset.f))
        on_grid = np.allclose(
            offset[:6], (1, 0, self._shift[0], 0, 1, self._shift[1]), rtol=0, atol=_SAME
        )
        self._is_plain = on_grid and self._band.crs == self._grid.crs
        self._source: Any = self._image if self._is_plain else self._warped()

    def _fault(self, err: RasterioError) -> LayerError:
        """Return what is told of a file that cannot be read."""
        return LayerError(
            "imagery.not_read", file=self._band.path.name, reason=err.__cause__ or err
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _warped(self) -> Any:
        """Return the band brought onto the grid."""
        is_finer = self._band.pixel_m < 0.75 * self._grid.pixel_m
        way = Resampling.average if is_finer else Resampling.bilinear
        if self._is_class:
            way = Resampling.mode if is_finer else Resampling.nearest
        given = {} if self._nodata is None else {"src_nodata": self._nodata, "nodata": self._nodata}
        alone = rasterio.open(_alone(self._band, self._image), driver="VRT")
        warped = WarpedVRT(
            self._stack.enter_context(alone),
            src_crs=self._band.crs.to_wkt(),
            crs=self._grid.crs.to_wkt(),
            transform=self._grid.transform,
            height=self._grid.height,
            width=self._grid.width,
            resampling=way,
            add_alpha=self._nodata is None,
            **given,
        )
        return self._stack.enter_context(warped)

    def read(self, window: Window) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """
        Return raw values and where there are any, for a window that may reach beyond the file.

        Parameters
        ----------
        window
            In pixels of the grid.

        Raises
        ------
        LayerError
            If the file is damaged there.
        """
        top, left = int(window.row_off), int(window.col_off)
        shift = self._shift if self._is_plain else (0, 0)
        rows, columns = top + shift[1], left + shift[0]
        size = (int(window.height), int(window.width))
        r0, c0 = max(rows, 0), max(columns, 0)
        r1 = min(rows + size[0], self._source.height)
        c1 = min(columns + size[1], self._source.width)
        kind = self._image.dtypes[self._band.index - 1]
        if r1 <= r0 or c1 <= c0:
            return np.zeros(size, kind), np.zeros(size, np.bool_)
        inner = Window(c0, r0, c1 - c0, r1 - r0)
        try:
            values = self._source.read(self._band.index if self._is_plain else 1, window=inner)
            valid = self._valid(values, inner)
        except RasterioError as err:
            raise self._fault(err) from err
        if values.shape == size:
            return values, valid
        whole, seen = np.zeros(size, kind), np.zeros(size, np.bool_)
        place = np.s_[r0 - rows : r1 - rows, c0 - columns : c1 - columns]
        whole[place], seen[place] = values, valid
        return whole, seen

    def _valid(self, values: NDArray[Any], inner: Window) -> NDArray[np.bool_]:
        """Return where values are no nodata and were reached by the file."""
        valid = np.ones(values.shape, np.bool_)
        if values.dtype.kind == "f":
            valid &= np.isfinite(values)
        if self._nodata is not None:
            valid &= values != self._nodata
        elif not self._is_plain:
            valid &= self._source.read(2, window=inner) > 0
        if self._is_plain and self._band.is_masked:
            valid &= self._image.read_masks(self._band.index, window=inner) > 0
        return valid


def _alone(band: Band, image: Any) -> str:
    """
    Return a band of an open file, with the mask of that file, as a mosaic of one.

    So one band is brought onto a grid and not all of the file, and what the file calls its bands
    (transparent, say) does not matter.
    """
    file = str(band.path.resolve())
    kind = typename_fwd[dtype_rev[image.dtypes[band.index - 1]]]
    size = {"rasterXSize": str(band.width), "rasterYSize": str(band.height)}
    whole = Element("VRTDataset", size)
    SubElement(whole, "GeoTransform").text = ",".join(map(repr, band.transform.to_gdal()))
    drawn = [(SubElement(whole, "VRTRasterBand", dataType=kind, band="1"), f"{band.index}")]
    if band.is_masked:
        mask = SubElement(SubElement(whole, "MaskBand"), "VRTRasterBand", dataType="Byte")
        drawn += [(mask, f"mask,{band.index}")]
    for element, number in drawn:
        source = SubElement(element, "SimpleSource")
        SubElement(source, "SourceFilename").text = file
        SubElement(source, "SourceBand").text = number
    return tostring(whole, encoding="unicode")
