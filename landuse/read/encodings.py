"""
Which encoding the text of a file is in: declared, marked, proved, or taken and said.

GB2312 and GBK are read as GB18030, which contains both and the rare characters of names.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from landuse import findings
from landuse.errors import LayerError
from landuse.read import dbf

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTAINED = {"gb2312": "GB18030", "gbk": "GB18030", "cp936": "GB18030", "gb18030": "GB18030"}
_MARKED = {0x4D: "GB18030", 0x4F: "cp950"}  # language driver of a DBF → codec
_TELLING = 12  # bytes beyond ASCII from which text tells its encoding
_CHARSET = re.compile(rb'(?i)charset\s+"?([A-Za-z0-9-]+)')
_DRIVEN = frozenset({"WindowsSimpChinese", "WindowsTradChinese"})
_NEUTRAL = frozenset({"Neutral", "UTF-8"})
_HEAD = 1 << 16
_SAMPLED = 20_000  # records of a DBF whose text is tried


def named(encoding: str, where: str) -> str:
    """
    Return the codec of a declared encoding.

    Raises
    ------
    LayerError
        If Python has no such codec for text.
    """
    name = _codec(encoding)
    if name is None:
        raise LayerError("read.encoding", where=where, encoding=encoding)
    return name


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
    raise LayerError(
        "read.not_text", where=where, file=path.name, codecs=[_shown(c) for c in tried], line=line
    ) from fault


def _shown(codec: str) -> str:
    """Return the name of a codec as people write it."""
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(codec, codec)


def of_shapefile(
    path: Path, declared: str | None, layer: str, where: str
) -> tuple[str | None, list[pd.DataFrame]]:
    """
    Return the encoding of a shapefile's attributes (None: leave it to the driver) and what to say.

    A `.cpg` is tried and verified against the bytes, then the mark in the DBF, then the bytes
    themselves. Text that is UTF-8 is UTF-8 whatever a mark says: no other text looks like it.
    """
    if declared:
        return named(declared, where), []
    table = dbf.opened(path)
    if table is None:
        return None, []
    cells, cpg = list(table.cells(_SAMPLED)), _label(path)
    said: list[pd.DataFrame] = []
    is_utf8 = _decodes(cells, "utf-8")
    wide = [cell for cell in cells if not cell.isascii()]
    if cpg:
        codec = _codec(cpg)
        if codec and _decodes(cells, codec) and not _is_surely_utf8(wide, codec):
            return codec, []
        said.append(findings.rows("encoding_contradicts", layer=layer, value=cpg, file=path.name))
    marked = _MARKED.get(table.mark)
    if marked and _decodes(cells, marked) and not _is_surely_utf8(wide, marked):
        return marked, said
    if is_utf8:
        return "UTF-8", said
    guessed = _guessed(cells, wide)
    code = "encoding_unknown" if guessed == "ISO-8859-1" else "encoding_inferred"
    return guessed, [*said, findings.rows(code, layer=layer, value=guessed, file=path.name)]


def of_mapinfo(
    path: Path, declared: str | None, layer: str, where: str
) -> tuple[str | None, list[pd.DataFrame]]:
    """
    Return the encoding of a MapInfo table's text (None: the driver knows it) and what to say.

    A character set named in the file is followed by the driver; where it is neutral, the
    declaration, and else the bytes, tell.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    found = _CHARSET.search(head)
    charset = found[1].decode("ascii", "replace") if found else "Neutral"
    if charset in _DRIVEN:
        return None, []
    if declared and charset in _NEUTRAL:
        return named(declared, where), []
    cells = [head, *_mapinfo_text(path)]
    if all(cell.isascii() for cell in cells):
        return None, []
    if charset not in _NEUTRAL:
        unsure = {"layer": layer, "value": charset, "file": path.name}
        return None, [findings.rows("encoding_unknown", **unsure)]
    if _decodes(cells, "utf-8"):
        return None, []
    said = findings.rows("encoding_inferred", layer=layer, value="GB18030", file=path.name)
    return "GB18030", [said]


def _mapinfo_text(path: Path) -> list[bytes]:
    """Return text of a MapInfo table, as much as tells its encoding."""
    table = dbf.opened(path, ".dat")
    if table is not None:
        return list(table.cells(_SAMPLED))
    text = dbf.part(path, ".mid")
    if text is None:
        return []
    with text.open("rb") as stream:
        return stream.readlines(_HEAD * 16)


def _is_surely_utf8(wide: list[bytes], codec: str) -> bool:
    """Whether text said to be in another codec is UTF-8: so much of it is by no chance."""
    if codec.lower().replace("-", "") == "utf8" or sum(map(len, wide)) < _TELLING:
        return False
    return _decodes(wide, "utf-8")


def _guessed(cells: list[bytes], wide: list[bytes]) -> str:
    """
    Return the encoding that bytes are most likely in.

    Big5 decodes as GB18030 too, into characters that hardly anybody uses; the share of those that
    GB 2312 has, and of the common ones of Big5, tells the two apart.
    """
    simplified = _decodes(cells, "GB18030")
    if _decodes(cells, "cp950") and sum(map(len, wide)) >= _TELLING:
        text = b"".join(wide)
        common = _share(text.decode("gb18030", "ignore"), "gb2312", (0xB0, 0xF7))
        other = _share(text.decode("cp950", "ignore"), "big5", (0xA4, 0xC6))
        if not simplified or (common < 0.85 and other > 0.95):
            return "cp950"
    return "GB18030" if simplified else "ISO-8859-1"


def _share(text: str, codec: str, span: tuple[int, int]) -> float:
    """Return the share of characters beyond ASCII whose first byte in a codec lies in a span."""
    signs = [sign.encode(codec, "ignore") for sign in text if not sign.isascii()]
    return sum(len(s) == 2 and span[0] <= s[0] <= span[1] for s in signs) / max(len(signs), 1)


def _codec(label: str) -> str | None:
    """Return the codec a .cpg or a TOML names, or None if there is no such codec for text."""
    label = label.removeprefix("ANSI ").strip()
    if label == "65001":
        return "utf-8"
    try:
        name = codecs.lookup(f"cp{label}" if label.isdigit() else label).name
        b"".decode(name)  # codecs that make no text of bytes, such as zip, refuse
    except (LookupError, ValueError):
        return None
    return _CONTAINED.get(name, name)


def _decodes(cells: list[bytes], codec: str) -> bool:
    """Whether every cell is text of a codec; a character cut at the end of its field may be."""
    decoder = codecs.getincrementaldecoder(codec)
    try:
        return not any("\ufffd" in decoder().decode(cell, final=False) for cell in cells)
    except UnicodeError:
        return False


def _label(path: Path) -> str:
    """Return what the .cpg beside a shapefile says."""
    label = dbf.part(path, ".cpg")
    return "" if label is None else label.read_bytes()[:64].decode("ascii", "replace").strip()
