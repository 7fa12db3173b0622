"""
Which encoding the text of a file is in: declared, marked, proved, or taken and said.

GB2312 and GBK are read as GB18030, which contains both and the rare characters of names.
"""

from __future__ import annotations

import codecs
import struct
import zipfile
from typing import TYPE_CHECKING

from landuse import findings
from landuse.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTAINED = {"gb2312": "GB18030", "gbk": "GB18030", "cp936": "GB18030", "gb18030": "GB18030"}
_GBK_MARK = 0x4D  # language driver of a DBF: code page 936
_SAMPLED = 20_000  # records of a DBF whose text is tried


def named(encoding: str, where: str) -> str:
    """
    Return the codec of a declared encoding.

    Raises
    ------
    LayerError
        If Python has no such codec.
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError as err:
        message = f"{where}: encoding = {encoding!r} is unknown. Write e.g. UTF-8 or GB18030."
        raise LayerError(message) from err
    return _CONTAINED.get(name, name)


def text(path: Path, declared: str | None, where: str) -> tuple[str, str]:
    """
    Return the text of a file and the encoding it was read in.

    Raises
    ------
    LayerError
        If the declared encoding, or none of those tried, decodes every byte.
    """
    data = path.read_bytes()
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    tried = [named(declared, where)] if declared else [marked or "utf-8", "GB18030"]
    if declared and marked == "utf-8-sig" and tried == ["utf-8"]:
        tried = ["utf-8-sig"]
    for codec in tried:
        try:
            return data.decode(codec), _shown(codec)
        except UnicodeDecodeError as err:
            fault = err
    line = data[: fault.start].count(b"\n") + 1
    message = (
        f"{where}: {path.name} is not text in {' or '.join(_shown(c) for c in tried)}: "
        f"line {line} does not decode. Correct or leave out encoding, or save the file as UTF-8."
    )
    raise LayerError(message) from fault


def _shown(codec: str) -> str:
    """Return the name of a codec as people write it."""
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(codec, codec)


def of_shapefile(
    path: Path, declared: str | None, layer: str, where: str
) -> tuple[str | None, list[pd.DataFrame]]:
    """
    Return the encoding of a shapefile's attributes (None: leave it to the driver) and what to say.

    A `.cpg` is tried and verified, then the mark in the DBF, then the bytes themselves.
    """
    if declared:
        return named(declared, where), []
    parts = _dbf_parts(path)
    if parts is None:
        return None, []
    cells, mark, cpg = parts
    said: list[pd.DataFrame] = []
    if cpg:
        codec = _codec(cpg)
        if codec and _decodes(cells, codec):
            return codec, []
        said.append(findings.rows("encoding_contradicts", layer=layer, value=cpg, file=path.name))
    if mark == _GBK_MARK and _decodes(cells, "GB18030"):
        return "GB18030", said
    if all(cell.isascii() for cell in cells) or _decodes(cells, "utf-8"):
        return "UTF-8", said
    guessed = "GB18030" if _decodes(cells, "GB18030") else "ISO-8859-1"
    code = "encoding_inferred" if guessed == "GB18030" else "encoding_unknown"
    return guessed, [*said, findings.rows(code, layer=layer, value=guessed, file=path.name)]


def _codec(label: str) -> str | None:
    """Return the codec a .cpg names, or None if there is no such codec."""
    label = label.removeprefix("ANSI ").strip()
    try:
        name = codecs.lookup(f"cp{label}" if label.isdigit() and label != "65001" else label).name
    except LookupError:
        return "UTF-8" if label == "65001" else None
    return _CONTAINED.get(name, name)


def _decodes(cells: list[bytes], codec: str) -> bool:
    """Whether every cell is text of a codec; a character cut at the end of its field may be."""
    decoder = codecs.getincrementaldecoder(codec)
    try:
        return not any("\ufffd" in decoder().decode(cell, final=False) for cell in cells)
    except UnicodeDecodeError:
        return False


def _dbf_parts(path: Path) -> tuple[list[bytes], int, str] | None:
    """Return the text cells of a shapefile's DBF, its language mark and the text of its .cpg."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = {name.lower().rsplit(".", 1)[-1]: name for name in archive.namelist()}
            dbf = archive.read(names["dbf"]) if "dbf" in names else b""
            cpg = archive.read(names["cpg"]) if "cpg" in names else b""
    else:
        beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
        dbf = beside[".dbf"].read_bytes() if ".dbf" in beside else b""
        cpg = beside[".cpg"].read_bytes() if ".cpg" in beside else b""
    if len(dbf) < 33:
        return None
    return list(_dbf_cells(dbf)), dbf[29], cpg.decode("ascii", "replace").strip()


def _dbf_cells(dbf: bytes) -> Iterator[bytes]:
    """Yield the field names and text cells of a DBF as bytes."""
    count, head, length = struct.unpack("<IHH", dbf[4:12])
    start, spans = 1, []
    for at in range(32, max(head - 1, 32), 32):
        if dbf[at] == 0x0D:
            break
        width = dbf[at + 16]
        yield dbf[at : at + 11].split(b"\0")[0]
        if dbf[at + 11 : at + 12] == b"C":
            spans.append((start, start + width))
        start += width
    for record in range(min(count, _SAMPLED)):
        at = head + record * length
        yield from (dbf[at + a : at + b].rstrip() for a, b in spans)


def announced_records(path: Path) -> int:
    """Return how many records a shapefile's DBF says it holds, deleted ones left out."""
    beside = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem}
    dbf = beside[".dbf"].read_bytes() if ".dbf" in beside else b""
    if len(dbf) < 33:
        return 0
    count, head, length = struct.unpack("<IHH", dbf[4:12])
    if length == 0:
        return 0
    return int(count) - dbf[head : head + count * length : length].count(b"*")
