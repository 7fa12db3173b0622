"""
Files that say where data are instead of holding them, and XML that unfolds: refused.

A layer is what its file holds. Nothing is followed to another file or to the network, and no
entity of an XML file is expanded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landuse import offline
from landuse.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

_VIRTUAL = (b"<OGRVRTDataSource", b"<VRTDataset")
_XML = (
    b"<!DOCTYPE", b"<!ENTITY", b"<NetworkLink",
    b"opengis.net/gml", b"opengis.net/wfs", b"<OGR", b"<csw:",  # of drivers that ask a server
)  # fmt: skip
_TABLE = re.compile(rb'(?i)create\s+view|open\s+table|isseamless|file\s+"[^"]*[\\/:]')
_HEAD = 4096
_CHUNK = 1 << 20
_OVERLAP = 64  # bytes by which chunks overlap, so that no mark is cut in two
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def refuse(path: Path, where: str) -> None:
    """
    Refuse a dataset that points elsewhere.

    Raises
    ------
    LayerError
        If it is a virtual dataset, XML in disguise, a KML with entities, network links or the marks
        of a service, or a MapInfo table that is a view of others.
    """
    if path.is_dir():
        return
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if any(mark in head for mark in _VIRTUAL):
        raise LayerError("read.virtual", where=where, file=path.name)
    if path.suffix.lower() == ".kml" and (mark := _mark(path, head)):
        raise LayerError("read.kml_links", where=where, file=path.name, mark=mark)
    if path.suffix.lower() != ".kml" and offline.is_xml(path):
        raise LayerError("read.xml", where=where, file=path.name)
    if path.suffix.lower() == ".tab" and _TABLE.search(head):
        raise LayerError("read.tab_view", where=where, file=path.name)


def _mark(path: Path, head: bytes) -> str:
    """Return what in an XML file would lead elsewhere, read in whatever width its letters have."""
    is_wide = head.startswith(_WIDE) or b"\0" in head
    rest = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + (chunk.replace(b"\0", b"") if is_wide else chunk)
            for mark in _XML:
                if mark in text:
                    return mark.decode()
            rest = text[-_OVERLAP:]
    return ""
