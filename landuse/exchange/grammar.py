"""
From text to records: sections, heads and points, each with the line it stands on.

Nothing is placed or judged as geometry here. A line that cannot be what its place asks for is a
remark and makes its record unusable; it is never skipped as if it were not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

PARCELS = "地块坐标"
ABOUT = "属性描述"
PROJECT = "项目信息"
HEAD = ("地块编号", "地块名称", "记录图形属性", "图幅号", "地块用途", "地类编码", "描述")
"""Columns of a head beside the number of points and the area."""

COUNT, AREA = "界址点数", "地块面积"
POLYGON = "面"
KINDS = ("点", "线", POLYGON)

_NEWLINE = re.compile(r"\r\n|\r|\n")
_DECIMAL = r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
_NUMBER = re.compile(rf"{_DECIMAL}$")
_POINT = re.compile(rf"([^,]*),\s*0*([0-9]+)\s*,\s*({_DECIMAL})\s*,\s*({_DECIMAL})\s*,*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_HALF = _WIDE | {0x3000: 0x20, 0x3010: 0x5B, 0x3011: 0x5D, 0xA0: 0x20}  # blanks, 【 and 】
_ANCHOR_FROM = 2  # the kind of geometry stands third in the shortest head
_USUAL = 4  # and fifth in a whole one, whose number or name may be such a word too


class Point(NamedTuple):
    """A boundary point as written: its line, number, ring, and the two coordinates in order."""

    line: int
    number: str
    ring: str
    first: float
    second: float


@dataclass(frozen=True)
class Remark:
    """Something found: a code of `wording/findings_read.toml`, the line, and facts."""

    code: str
    line: int
    value: str = ""
    facts: dict[str, str] = field(default_factory=dict)


@dataclass
class Record:
    """One parcel: the line of its head, the fields of the head as text, and its points."""

    line: int
    head: dict[str, str]
    points: list[Point] = field(default_factory=list)
    is_broken: bool = False


@dataclass
class Document:
    """A whole file: what it says about itself, its records, and what could not be read."""

    about: dict[str, str] = field(default_factory=dict)
    project: dict[str, str] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def is_text(text: str) -> bool:
    """Whether a decoded file holds no control characters but a mark of its end."""
    return _CONTROL.search(text.rstrip("\x1a")) is None


def half(text: str) -> str:
    """Return text with the signs that carry meaning half width."""
    return text.translate(_HALF)


def parsed(text: str) -> Document:
    """
    Read the text of a file.

    Parameters
    ----------
    text
        Decoded content; lines end in CRLF, LF or a lone CR, signs may be full width.

    Returns
    -------
    document
        Every line is in a section, a record or a remark.
    """
    document = Document()
    section = PARCELS  # a file may hold nothing but points
    stray: list[int] = []
    for number, raw in enumerate(_NEWLINE.split(text.lstrip("\ufeff").rstrip("\x1a")), start=1):
        # nearly every line is a point in plain digits, and is taken without further questions
        if section == PARCELS and document.records and raw.isascii() and (p := _POINT.match(raw)):
            document.records[-1].points.append(_point(number, p))
            continue
        line = half(raw).strip()
        if not line:
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section == PARCELS or _is_head(line):
            section = PARCELS
            _take(document, number, raw, line, stray)
        else:
            _describe(document, section, number, raw, line)
    if stray:
        lines = f"{stray[0]}–{stray[-1]}"
        document.remarks.append(Remark("exchange_points_without_head", stray[0], lines))
    return document


def _is_head(line: str) -> bool:
    """Whether a line of another section is the head of a parcel: it ends in @, and is no entry."""
    return line.rstrip(",").endswith("@") and "=" not in line.partition(",")[0]


def _describe(document: Document, section: str, number: int, raw: str, line: str) -> None:
    """Keep one `key = value` line of a section; keys nobody knows are kept too."""
    key, sign, _ = line.partition("=")
    if not sign:
        _unreadable(document, number, raw)
        return
    value = raw[len(raw) - len(raw.lstrip()) :]
    value = value[len(key) + 1 :].strip().strip("\u3000")
    kept = document.project if section == PROJECT else document.about
    kept[key.strip()] = value


def _take(document: Document, number: int, raw: str, line: str, stray: list[int]) -> None:
    """Take one line of the parcels: a head, or a point of the record before it."""
    found = _POINT.match(line)
    if "@" in line and not found:
        record = Record(number, {})
        document.records.append(record)
        if not _head(record, raw):
            document.remarks.append(Remark("exchange_head_unclear", number, raw.strip()))
        return
    if not document.records:
        if found:
            stray.append(number)
        else:
            _unreadable(document, number, raw)
        return
    record = document.records[-1]
    if found:
        record.points.append(_point(number, found))
        return
    record.is_broken = True
    fields = [part.strip() for part in line.rstrip(",").split(",")]
    if len(fields) != 4 or not fields[1].isdecimal():
        _unreadable(document, number, raw)
        return
    wrong = [axis for axis, text in zip("XY", fields[2:], strict=True) if not _NUMBER.match(text)]
    facts = {"axis": "、".join(wrong)}
    document.remarks.append(Remark("exchange_point_not_number", number, raw.strip(), facts))


def _point(number: int, found: re.Match[str]) -> Point:
    """Return the point a line is."""
    label, ring, first, second = found.groups()
    return Point(number, label.strip().upper(), ring, float(first), float(second))


def _unreadable(document: Document, number: int, raw: str) -> None:
    """Remark on a line that is nothing; lines that follow each other share one remark."""
    last = document.remarks[-1] if document.remarks else None
    if last is not None and last.code == "exchange_line_unreadable":
        count = int(last.facts["count"])
        if last.line + count == number:
            document.remarks[-1] = replace(last, facts={"count": str(count + 1)})
            return
    document.remarks.append(Remark("exchange_line_unreadable", number, raw.strip(), {"count": "1"}))


def _head(record: Record, raw: str) -> bool:
    """
    Assign the fields of a head; False where that is not certain.

    The kind of geometry (点, 线, 面) is the anchor: names may hold commas, and heads of 4, 8, 9
    and 10 fields occur. Values are kept as written, only the signs between them are read half
    width.
    """
    line = half(raw)
    end = line.rindex("@")
    cuts = [i for i, sign in enumerate(line[:end]) if sign == ","]
    bounds = [-1, *cuts]
    fields = [
        raw[a + 1 : b].strip().strip("\u3000").strip()
        for a, b in zip(bounds, [*cuts, end], strict=True)
    ]
    if fields and not fields[-1]:
        fields.pop()
    signs = [raw[i] for i in cuts]
    anchors = [i for i, text in enumerate(fields) if text in KINDS and i >= _ANCHOR_FROM]
    if anchors:
        place = _USUAL if _USUAL in anchors else anchors[0]
        return _anchored(record.head, fields, signs, place)
    if len(fields) == 8:
        return _anchored(record.head, fields, signs, _USUAL)
    record.head["地块名称"] = ",".join(fields)
    return False


def _anchored(head: dict[str, str], fields: list[str], signs: list[str], at: int) -> bool:
    """Assign fields before and after the kind of geometry; a name keeps its own commas."""
    before, after = fields[:at], fields[at + 1 :]
    if half(before[0]).isdecimal():
        head[COUNT] = half(before.pop(0))
    has_area = bool(before) and len(before) > 1
    if has_area:
        head[AREA] = half(before.pop(0))
    if len(before) > 1:
        head["地块编号"] = before.pop(0)
    between = signs[at - len(before) : at - 1]
    head["地块名称"] = (
        "".join(part + sign for part, sign in zip(before, [*between, ""], strict=True))
        if before
        else ""
    )
    head["记录图形属性"] = fields[at]
    names = HEAD[3:] if has_area else HEAD[4:]  # the short head has no sheet number
    head.update(zip(names, after, strict=False))
    return len(after) <= len(names) and COUNT in head
