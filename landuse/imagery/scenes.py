"""
Scenes of a workspace: which band means what, on which day, in which file.

Opens files only far enough to know their grid; pixels are read in `rasters`.
"""

from __future__ import annotations

import math
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from landuse import crs as crs_module
from landuse import texts
from landuse.errors import LayerError
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import pyproj

    from landuse.layers import Source, Workspace
    from landuse.texts import Lang

OFFERS = {
    "ndvi": ("red", "nir"),
    "ndbi": ("nir", "swir1"),
    "bsi": ("blue", "red", "nir", "swir1"),
    "brightness": ("green", "red"),
    "light": ("light",),
    "class": ("class",),
}
"""What is offered where a scene has these bands."""


@dataclass(frozen=True)
class Band:
    """
    Where the pixels of one meaning lie.

    `is_masked` tells that the file itself says where it has nothing: by a mask, or a band of
    transparency.
    """

    path: Path
    index: int
    crs: pyproj.CRS
    transform: Any
    height: int
    width: int
    scale: float = 1.0
    offset: float = 0.0
    is_masked: bool = False

    @property
    def pixel_m(self) -> float:
        """Side of a pixel in metres, about; of a geographic grid at the middle of the band."""
        step = math.sqrt(abs(self.transform.determinant))
        if not self.crs.is_geographic:
            return step * float(self.crs.axis_info[0].unit_conversion_factor)
        _, north = self.transform @ (self.width / 2, self.height / 2)
        return step * 111_320.0 * math.sqrt(math.cos(math.radians(north)))


@dataclass(frozen=True)
class Mask:
    """What of a scene is not seen: pixels of these values or bits; if none are given, all but 0."""

    band: Band
    values: tuple[int, ...] = ()
    bits: tuple[int, ...] = ()


@dataclass(frozen=True)
class Scene:
    """One source of role imagery: bands by meaning, all of one day."""

    name: str
    title: str
    observed_on: date
    bands: Mapping[str, Band]
    nodata: float | None = None
    mask: Mask | None = None
    classes: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def grid(self) -> Band:
        """The finest of its bands."""
        return min(self.bands.values(), key=lambda band: (band.pixel_m, band.index))

    def offers(self, what: str) -> bool:
        """Whether its bands suffice for one of `OFFERS`."""
        return all(band in self.bands for band in OFFERS[what])

    def narrowed(self, lang: Lang) -> str:
        """Return what is not offered and which bands that would take; "" where all is."""
        reflective = [what for what in ("ndvi", "ndbi", "bsi") if not self.offers(what)]
        if not reflective or not {"red", "nir", "green"} & self.bands.keys():
            return ""
        lacking = sorted({b for what in reflective for b in OFFERS[what]} - self.bands.keys())
        what = ", ".join(what.upper() for what in reflective)
        return texts.say("imagery.narrowed", lang, what=what, bands=", ".join(lacking))


def scenes(workspace: Workspace) -> list[Scene]:
    """
    Return the scenes of a workspace, by day and name.

    Raises
    ------
    LayerError
        If a band names no file or several, a file has no georeference, or lacks a band.
    """
    found = [_scene(workspace, source) for source in workspace.sources_of(Role.IMAGERY)]
    return sorted(found, key=lambda scene: (scene.observed_on, scene.name))


def opened(
    path: Path, index: int, crs: str | None, where: str, *, taken: Collection[int] = ()
) -> Band:
    """
    Return a band of a file.

    Parameters
    ----------
    path
        Any raster GDAL reads.
    index
        Number of the band, from 1.
    crs
        Reference system that is declared for it; None takes the file's own.
    where
        What the error names.
    taken
        Numbers of the bands that are read for what they hold: none of them is transparency, which
        a file often calls its fourth, near infrared or not.

    Raises
    ------
    LayerError
        If it cannot be opened, has no reference system or no grid, or not that band.
    """
    with image(path, where) as held:
        return _band(held, path, index, crs, where, {index, *taken})


@contextmanager
def image(path: Path, where: str) -> Iterator[Any]:
    """
    Open a raster.

    Raises
    ------
    LayerError
        If it cannot be opened.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            with rasterio.open(path) as held:
                yield held
        except (RasterioError, UnicodeDecodeError) as err:
            raise LayerError(
                "imagery.not_opened", where=where, file=path.name, reasons=[err]
            ) from err


def _band(held: Any, path: Path, index: int, crs: str | None, where: str, taken: set[int]) -> Band:
    """Return a band of an open file."""
    if not 1 <= index <= held.count:
        raise LayerError(
            "imagery.band_range", where=where, file=path.name, count=held.count, band=index
        )
    place = held.transform
    is_grid = not place.is_identity and all(map(math.isfinite, place)) and place.determinant
    if (held.crs is None and crs is None) or not is_grid:
        raise LayerError("imagery.no_place", where=where, file=path.name)
    clear = [n for n, kind in enumerate(held.colorinterp, 1) if kind == ColorInterp.alpha]
    is_masked = MaskFlags.per_dataset in held.mask_flag_enums[index - 1] and not taken & {*clear}
    return Band(
        path,
        index,
        crs_module.parse(crs or held.crs.to_wkt(), where),
        place,
        held.height,
        held.width,
        held.scales[index - 1],
        held.offsets[index - 1],
        is_masked,
    )


def _scene(workspace: Workspace, source: Source) -> Scene:
    """Return the scene of one source."""
    where = f"layers/{source.name}.toml"
    folder = workspace.path / "layers"
    if source.observed_on is None or not source.bands:
        raise LayerError("imagery.not_declared", where=where)
    bands = {
        name: _declared(_file(folder, source, wanted, where), wanted, source, where)
        for name, wanted in source.bands.items()
    }
    mask = None
    if source.mask:
        at = opened(folder / source.mask["file"], 1, source.crs, where)
        mask = Mask(at, tuple(source.mask.get("values", ())), tuple(source.mask.get("bits", ())))
    return Scene(
        name=source.name,
        title=source.title,
        observed_on=source.observed_on,
        bands=bands,
        nodata=source.nodata,
        mask=mask,
        classes=source.classes,
    )


def _declared(path: Path, wanted: int | str, source: Source, where: str) -> Band:
    """Return a band with the scale and offset its layer declares, else those of the file."""
    index = wanted if isinstance(wanted, int) else 1
    taken = [number for number in source.bands.values() if isinstance(number, int)]
    band = opened(path, index, source.crs, where, taken=taken)
    scale = band.scale if source.scale is None else source.scale
    offset = band.offset if source.offset is None else source.offset
    return replace(band, scale=scale, offset=offset)


def _file(folder: Path, source: Source, wanted: int | str, where: str) -> Path:
    """Return the file that holds a band: the only one, or the one whose name holds the text."""
    literal = folder / source.path
    files = [literal] if literal.exists() else sorted(folder.glob(source.path))
    named = [f for f in files if isinstance(wanted, int) or wanted in f.stem]
    if len(named) == 1:
        return named[0]
    shown = ", ".join(file.name for file in (named or files)[:8])
    raise LayerError("imagery.which_file", where=where, band=wanted, names=shown)
