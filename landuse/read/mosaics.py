"""VRT mosaics: the files they are made of; none may lie elsewhere or be more than pixels."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from landuse.errors import LayerError

_LARGEST = 16 << 20  # bytes of a mosaic's XML
_HOLDERS = ("SourceFilename", "SourceDataset")


def sources(path: Path) -> list[Path]:
    """
    Return the files a mosaic is made of, each once, sorted.

    Parameters
    ----------
    path
        A .vrt file.

    Raises
    ------
    LayerError
        If it is no XML of a mosaic, runs code, names an address or an absolute path, or is made
        of mosaics. GDAL would follow all of these.
    """
    names = _names(path)
    found = []
    for name in sorted(names):
        file = path.parent / name
        is_foreign = ":" in name or name.startswith("/vsi") or Path(name).is_absolute()
        if is_foreign or not _is_there(file):
            raise LayerError("imagery.mosaic_foreign", file=path.name, name=name)
        with file.open("rb") as stream:
            if stream.read(256).lstrip().startswith(b"<"):
                raise LayerError("imagery.mosaic_xml", file=path.name, name=name)
        found.append(file)
    return found


def _is_there(file: Path) -> bool:
    """Whether a file is there; one whose name is too long for the system is not."""
    try:
        return file.is_file()
    except OSError:
        return False


def _names(path: Path) -> set[str]:
    """Return the names a mosaic's XML holds."""
    content = path.read_bytes()[: _LARGEST + 1]
    if len(content) > _LARGEST or b"<!" in content:
        raise LayerError("imagery.mosaic_large", file=path.name)
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as err:
        raise LayerError("imagery.not_mosaic", file=path.name, reason=err) from err
    if any(element.tag.startswith("PixelFunction") for element in root.iter()):
        raise LayerError("imagery.mosaic_function", file=path.name)
    return {
        (element.text or "").strip().replace("\\", "/")
        for element in root.iter()
        if element.tag in _HOLDERS
    }
