"""
What lies under the parcels, as a map's TOML asks for it: files of the workspace, or an address.

Without `[[basemaps]]` a map has none and connects to nothing. A file is cut to the map and put
into the page. An address makes the page connect to exactly the hosts it names, nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from landuse.errors import MapError, kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landuse.texts import Lang

PICTURES = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".webp")
OUTLINES = (".geojson", ".gpkg", ".fgb", ".shp", ".parquet")
TILES = (".mbtiles",)
TIANDITU = ("vec", "img", "ter")
"""Kinds of 天地图: streets, imagery, terrain; each with its names."""

_KEYS = {
    "title": str, "title_en": str, "hidden": bool, "file": str, "bounds": list, "label": str,
    "imagery": str, "online": str, "token": str, "layer": str, "shifted": bool,
}  # fmt: skip
_HOST = re.compile(r"https?://[A-Za-z0-9{}.-]+(:[0-9]{1,5})?/")
_WMTS = {"{TileMatrix}": "{z}", "{TileCol}": "{x}", "{TileRow}": "{y}"}
_TIANDITU = (
    "https://t{s}.tianditu.gov.cn/%s_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=%s"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=%s"
)
_GAODE = (
    "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8"
    "&x={x}&y={y}&z={z}"
)


@dataclass(frozen=True)
class Basemap:
    """
    One basemap: a `file` below the workspace, a layer of `imagery`, or something `online`.

    `imagery` names a source layer of that role, `online` is `tianditu`, `gaode` or an address.

    `bounds` is west, south, east, north in degrees, for a picture that does not know where it
    lies. `label` is the column of names of outlines. `token` is the bureau's own for 天地图, whose
    tiles lie on CGCS2000 and need no shift. `shifted` says that the reader of the map accepts
    高德's GCJ-02 tiles moved back by formula, good to about 5 m.
    """

    title: str = ""
    title_en: str = ""
    hidden: bool = False
    file: str = ""
    imagery: str = ""
    bounds: tuple[float, ...] = ()
    label: str = ""
    online: str = ""
    token: str = ""
    layer: str = "vec"
    shifted: bool = False

    def heading(self, lang: Lang) -> str:
        """Return what the legend calls it."""
        own, other = (self.title, self.title_en) if lang == "zh" else (self.title_en, self.title)
        return own or other or self.file or self.imagery or self.online

    def addresses(self) -> list[str]:
        """Return the addresses of its tiles as Leaflet fills them, the lowest first."""
        if self.online == "tianditu":
            names = (self.layer, f"c{self.layer[0]}a")
            return [_TIANDITU % (name, name, self.token) for name in names]
        if self.online == "gaode":
            return [_GAODE]
        address = self.online
        for theirs, ours in _WMTS.items():
            address = address.replace(theirs, ours)
        return [address]

    def subdomains(self) -> str:
        """Return what stands for `{s}` in its addresses."""
        return {"tianditu": "01234567", "gaode": "1234"}.get(self.online, "")

    def hosts(self) -> list[str]:
        """Return the hosts the page must be allowed to load pictures from."""
        if not self.online:
            return []
        wanted = [
            address.replace("{s}", letter)
            for address in self.addresses()
            for letter in self.subdomains() or "-"
        ]
        return sorted({f"{urlsplit(a).scheme}://{urlsplit(a).netloc}" for a in wanted})


def parsed(given: Iterable[Any], where: str) -> tuple[Basemap, ...]:
    """
    Return the basemaps of a specification.

    Parameters
    ----------
    given
        The tables of `[[basemaps]]`.
    where
        The specification's file, for errors.

    Raises
    ------
    MapError
        If one cannot be meant as written.
    """
    return tuple(_one(each, f"{where}: basemaps[{number}]") for number, each in enumerate(given))


def _one(given: Any, where: str) -> Basemap:
    """Return one basemap."""
    if not isinstance(given, dict):
        raise MapError("maps.basemap_table", where=where)
    unknown = sorted(set(given) - set(_KEYS))
    if unknown:
        raise MapError("workspace.unknown_key", where=where, names=[*unknown], known=[*_KEYS])
    for key, value in given.items():
        if not isinstance(value, _KEYS[key]):
            raise MapError(
                "workspace.kind", where=where, name=key, given=value, expected=kind(_KEYS[key])
            )
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    made = Basemap(**values)
    _refuse(made, where)
    return made


def _refuse(made: Basemap, where: str) -> None:
    """Refuse a basemap that cannot be drawn as written."""
    if sum(map(bool, (made.file, made.imagery, made.online))) != 1:
        raise MapError("maps.one_basemap", where=where)
    if not made.online:
        if made.file:
            _refuse_file(made, where)
        return
    if made.online == "tianditu":
        _refuse_tianditu(made, where)
        return
    if made.online == "gaode" and not made.shifted:
        raise MapError("maps.gaode", where=where)
    address = made.addresses()[0]
    if not _HOST.match(address) or not all(part in address for part in ("{x}", "{y}", "{z}")):
        raise MapError("maps.online", where=where, given=made.online)


def _refuse_tianditu(made: Basemap, where: str) -> None:
    """Refuse a basemap of 天地图 that cannot be asked for."""
    if not re.fullmatch(r"[\w-]+", made.token):
        raise MapError("maps.token", where=where)
    if made.layer not in TIANDITU:
        raise MapError("maps.word", where=where, name="layer", given=made.layer, known=[*TIANDITU])


def _refuse_file(made: Basemap, where: str) -> None:
    """Refuse a basemap from a file that may not be one."""
    known = (*PICTURES, *OUTLINES, *TILES)
    parts = re.split(r"[/\\]", made.file)
    if ".." in parts or not parts[0] or ":" in made.file:
        raise MapError("maps.basemap_leads_out", where=where, file=made.file)
    if not made.file.lower().endswith(known):
        raise MapError("maps.basemap_ending", where=where, file=made.file, known=known)
    is_box = len(made.bounds) == 4 and all(isinstance(n, int | float) for n in made.bounds)
    if made.bounds and not (
        is_box and made.bounds[0] < made.bounds[2] and made.bounds[1] < made.bounds[3]
    ):
        raise MapError("maps.basemap_bounds", where=where)
