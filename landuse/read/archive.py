"""
Zipped deliveries: unpacked beside nothing, within limits, under their Chinese names.

Only what a layer can be made of is unpacked. Sizes are counted while unpacking, as an archive may
lie about them.
"""

from __future__ import annotations

import stat
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from landuse import folder
from landuse.errors import LayerError
from landuse.packed import FAULTS, MOST_MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_UNPACKED = 4 << 30
"""Bytes its layers may take unpacked."""

UNPACKING = ".landuse-unpacking-"
"""How the folders begin in which archives are unpacked; others of that name are swept."""

_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg", ".kml"})
_DATASETS = (".gdb", ".kml", ".shp")
_UTF8_NAME = 0x800
_CHUNK = 1 << 20


@contextmanager
def unpacked(path: Path, where: str) -> Iterator[list[tuple[str, Path]]]:
    """
    Give the datasets of an archive, as (name, path), until the block ends.

    Parameters
    ----------
    path
        A zip file.
    where
        TOML named in the error.

    Raises
    ------
    LayerError
        If the archive is damaged, encrypted, larger than the limits, leads outside itself, or
        holds no shapefile, geodatabase or KML.
    """
    with folder.growing(Path(tempfile.gettempdir()), UNPACKING) as root:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, root, f"{where}: {path.name}")
        except FAULTS as err:
            raise LayerError("read.not_unpacked", where=where, file=path.name, reason=err) from err
        found = _datasets(root)
        if not found:
            raise LayerError("read.archive_empty", where=where, file=path.name)
        yield found


def _unpack(archive: zipfile.ZipFile, root: Path, what: str) -> None:
    """Unpack what a layer can be made of."""
    members = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(members) > MOST_MEMBERS:
        raise LayerError("read.archive_many", what=what, count=len(members), most=MOST_MEMBERS)
    left = LARGEST_UNPACKED
    for info in members:
        name = _name(info)
        _refuse_leading_out(info, name, what)
        if not _is_wanted(name):
            continue
        if info.flag_bits & 1:
            raise LayerError("read.encrypted", what=what)
        target = root.joinpath(*name.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as packed, target.open("wb") as stream:
            while chunk := packed.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise LayerError("read.unpacks_large", what=what, size=LARGEST_UNPACKED >> 30)
                stream.write(chunk)


def _name(info: zipfile.ZipInfo) -> PurePosixPath:
    """Return a member's name; without a mark of UTF-8 it is usually GBK."""
    name = info.orig_filename if info.flag_bits & _UTF8_NAME else _decoded(info.orig_filename)
    return PurePosixPath(name.replace("\\", "/"))


def _decoded(name: str) -> str:
    """Return a name that was taken for code page 437 in the encoding it is in."""
    stored = name.encode("cp437", "replace")
    for codec in ("utf-8", "gb18030"):
        try:
            return stored.decode(codec)
        except UnicodeDecodeError:
            continue
    return name


def _refuse_leading_out(info: zipfile.ZipInfo, name: PurePosixPath, what: str) -> None:
    """Refuse a member that is a link, or whose path leads out of the archive."""
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if is_link or name.is_absolute() or ".." in name.parts or ":" in str(name) or not name.parts:
        raise LayerError("read.leads_outside", what=what, name=str(name))


def _is_wanted(name: PurePosixPath) -> bool:
    """Whether a member is part of a layer; what macOS adds is not."""
    if "__MACOSX" in name.parts or name.name.startswith("._"):
        return False
    in_geodatabase = any(part.lower().endswith(".gdb") for part in name.parts[:-1])
    return in_geodatabase or name.suffix.lower() in _PARTS


def _datasets(root: Path) -> list[tuple[str, Path]]:
    """Return the datasets unpacked; two of one name are told apart by their folders."""
    paths = sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in _DATASETS
        and not any(parent.suffix.lower() == ".gdb" for parent in path.parents)
        and path.is_dir() == (path.suffix.lower() == ".gdb")
    )
    stems = [path.stem for path in paths]
    return [
        (
            path.stem
            if stems.count(path.stem) == 1
            else path.relative_to(root).with_suffix("").as_posix(),
            path,
        )
        for path in paths
    ]
