"""Which files a source layer means, that they lie in the workspace, and what they hash to."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from landuse.errors import LayerError, Phrase, phrase
from landuse.read import mosaics

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.layers import Source, Workspace

TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".jsonl", ".ndjson")
VECTORS: dict[str, tuple[str, ...]] = {
    ".gpkg": ("GPKG",),
    ".shp": ("ESRI Shapefile",),
    ".zip": ("ESRI Shapefile", "OpenFileGDB"),
    ".geojson": ("GeoJSON",),
    ".json": ("GeoJSON",),
    ".gdb": ("OpenFileGDB",),
    ".fgb": ("FlatGeobuf",),
    ".kml": ("KML", "LIBKML"),
    ".kmz": ("KML", "LIBKML"),
    ".dxf": ("DXF",),
    ".tab": ("MapInfo File",),
    ".mif": ("MapInfo File",),
    ".parquet": (),
    ".txt": (),
}
"""Ending of a vector file → drivers that may answer for it; no other driver is let near it."""
IN_PARTS = frozenset({".shp", ".tab", ".mif", ".dat", ".bsq", ".bil", ".bip", ""})
"""Endings of formats that lie in several files of one name."""
LARGEST = {".txt": 64 << 20, ".kml": 1 << 30, ".dxf": 1 << 30, ".mif": 1 << 30}
"""Ending of a format that is read as one text → bytes beyond which it is refused."""
RASTERS: dict[str, tuple[str, ...]] = {
    ".tif": ("GTiff",),
    ".tiff": ("GTiff",),
    ".img": ("HFA", "ENVI"),
    ".dat": ("ENVI",),
    ".bsq": ("ENVI",),
    ".bil": ("ENVI",),
    ".bip": ("ENVI",),
    "": ("ENVI",),
    ".vrt": ("VRT",),
    ".jp2": ("JP2OpenJPEG",),
}
"""Ending of an image → drivers that may answer for it."""

_BESIDE = frozenset({".hdr", ".tfw", ".tifw", ".j2w", ".wld", ".prj", ".aux", ".msk", ".ovr"})
"""Endings of what may lie beside an image of the same name."""
_CHUNK = 1 << 20


def found(workspace: Workspace, source: Source) -> list[Path]:
    """
    Return the files of a layer, sorted by name.

    Raises
    ------
    LayerError
        If there is none, one leads out of the workspace, or its ending is unknown.
    """
    where = f"layers/{source.name}.toml"
    folder = workspace.path / "layers"
    name = source.path.replace("\\", "/")
    endings = tuple(RASTERS) if source.role == "imagery" else (*TABLES, *VECTORS)
    literal = folder / name
    if literal.exists():
        paths = [literal]
    else:
        matches = _matched(folder, name) if any(c in name for c in "*?[") else []
        paths = [path for path in matches if path.suffix.lower() in endings]
    if not paths:
        raise LayerError(
            "read.names_nothing", where=where, file=source.path, beside=_beside(literal, folder)
        )
    for path in paths:
        _stay_inside(path, workspace.path, where)
        if path.suffix.lower() not in endings:
            raise LayerError("read.ending", where=where, file=path.name, known=[*endings])
    return paths


def _matched(folder: Path, name: str) -> list[Path]:
    """
    Return what a pattern means.

    Raises
    ------
    OSError
        If a folder it leads through may not be listed: a glob would pass over what lies in it.
    """
    matches = sorted(folder.glob(name))
    parts = PurePosixPath(name).parts
    for count in range(len(parts)):
        for place in folder.glob("/".join(parts[:count])) if count else [folder]:
            if place.is_dir():
                os.scandir(place).close()
    return matches


def masks(workspace: Workspace, source: Source) -> list[Path]:
    """
    Return the file that masks a scene, if its layer names one that is none of its images.

    Raises
    ------
    LayerError
        As `found` does.
    """
    if not source.mask:
        return []
    own = found(workspace, source)
    masked = found(workspace, dataclasses.replace(source, path=source.mask["file"]))
    return [path for path in masked if path not in own]


def _beside(literal: Path, folder: Path) -> Phrase:
    """Tell what lies where a file was looked for."""
    parent = literal.parent
    if not parent.is_dir():
        return phrase("read.folder_absent", folder=_shown(parent, folder))
    names = sorted(path.name for path in parent.iterdir())
    listed = [*names[:12], *(["…"] if len(names) > 12 else [])]
    return phrase("read.folder_holds", folder=_shown(parent, folder), names=listed)


def _shown(path: Path, folder: Path) -> str:
    """Return a path as seen from the workspace."""
    return (
        path.relative_to(folder.parent).as_posix()
        if path.is_relative_to(folder.parent)
        else path.name
    )


def members(path: Path) -> list[Path]:
    """Return every file that makes up a source: parts of one name, all of a folder or mosaic."""
    if path.suffix.lower() == ".vrt":
        return [path, *(part for file in mosaics.sources(path) for part in _image(file))]
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if not p.is_dir() and p.suffix != ".lock")
    beside = _image(path) if path.suffix.lower() in RASTERS else [path]
    if path.suffix.lower() not in IN_PARTS:
        return beside
    same = (p for p in path.parent.iterdir() if p.stem == path.stem and not p.is_dir())
    return sorted({*same, *beside})


def _image(path: Path) -> list[Path]:
    """Return an image and what lies beside it that GDAL reads with it: header, place, mask."""
    return sorted(
        p
        for p in path.parent.iterdir()
        if p == path
        or (not p.is_dir() and p.name.startswith(f"{path.name}."))
        or (not p.is_dir() and p.stem == path.stem and p.suffix.lower() in _BESIDE)
    )


def _stay_inside(path: Path, root: Path, where: str) -> None:
    """Refuse a file, or a part of one, that a link leads out of the workspace."""
    inside = root.resolve()
    for member in (path, *members(path)):
        if not (member.is_file() or member.is_dir()):
            raise LayerError("read.no_plain_file", where=where, name=member.name)
        if not member.resolve().is_relative_to(inside):
            raise LayerError("read.link_outside", where=where, name=member.name)


def refuse_larger(path: Path, where: str) -> None:
    """
    Refuse a text format whose file is larger than anything real.

    Raises
    ------
    LayerError
        If it is larger than `LARGEST` allows.
    """
    most = LARGEST.get(path.suffix.lower())
    size = path.stat().st_size
    if most is not None and size > most:
        raise LayerError(
            "read.too_large",
            where=where,
            file=path.name,
            size=size >> 20,
            ending=path.suffix,
            most=most >> 20,
        )


def sha256(path: Path) -> str:
    """Return the hash of a file; of a source of several files, the hash of their list of hashes."""
    parts = members(path)
    if parts == [path]:
        return _hash(path)
    base = path if path.is_dir() else path.parent
    listing = "".join(f"{p.relative_to(base).as_posix()}\0{_hash(p)}\n" for p in parts)
    return hashlib.sha256(listing.encode()).hexdigest()


def _hash(path: Path) -> str:
    """Return the hash of one file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
