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
        is_foreign = "://" in name or name.startswith("/vsi") or Path(name).is_absolute()
        if is_foreign or ":" in name or not file.is_file():
            message = (
                f"{path.name} is made of {name!r}; a mosaic may only name files beside or below "
                "it (build it again with relative paths)."
            )
            raise LayerError(message)
        with file.open("rb") as stream:
            if stream.read(256).lstrip().startswith(b"<"):
                message = f"{path.name} is made of {name!r}, which is itself XML and no image."
                raise LayerError(message)
        found.append(file)
    return found


def _names(path: Path) -> set[str]:
    """Return the names a mosaic's XML holds."""
    content = path.read_bytes()[: _LARGEST + 1]
    if len(content) > _LARGEST or b"<!" in content:
        message = f"{path.name} is too large for a mosaic, or declares entities; it is not read."
        raise LayerError(message)
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as err:
        message = f"{path.name} is no VRT mosaic: {err}."
        raise LayerError(message) from err
    if any(element.tag.startswith("PixelFunction") for element in root.iter()):
        message = f"{path.name} computes its pixels by a function; deliver the result instead."
        raise LayerError(message)
    return {
        (element.text or "").strip().replace("\\", "/")
        for element in root.iter()
        if element.tag in _HOLDERS
    }
