"""
The fields of the list that staff fill in, and the slip that travels with each row.

A slip is a short text in a hidden column: which case the row is about, what its fields said when
the list went out, and a mark of the facts beside them. It finds its case again wherever the row
is sorted, copied or moved to, and tells an edit from a value that was there.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from zlib import crc32

import numpy as np

from landuse import parsing, texts
from landuse.errors import EntryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

Kind = Literal["text", "day", "number"]

FIELDS: dict[str, Kind] = {
    "measures": "text",
    "lead": "text",
    "support": "text",
    "person": "text",
    "due_on": "day",
    "progress": "text",
    "site_check": "text",
    "unsupplied_cause": "text",
    "delay_cause": "text",
    "verified_result": "text",
    "floor_area": "number",
    "remark": "text",
}
"""Field → what it holds; its heading is `workbook.col_<field>`."""

CHOICES = ("progress", "site_check", "unsupplied_cause", "delay_cause")
"""Fields with a list to choose from: causes by code, the others `choices.<field>_<n>`."""

POINTER = "—"
"""Stands for a slip in rows that only point to a row of another sheet."""

VERSION = 2
REGISTER = "landuse-list"
"""Head of the hidden column that lists the cases of a list, below version, workspace and day."""

_EPOCH = date(1899, 12, 30)
_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?")
_MOST_DIGITS = 15  # what a spreadsheet keeps of a number; longer texts are names
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


class Slip(NamedTuple):
    """What a row of the list is about, and what it said when the list went out."""

    kind: str
    case_id: str
    on: str
    given: Mapping[str, str]
    facts: str


def written(slip: Slip) -> str:
    """Return a slip as the text of a cell."""
    content = {
        "v": VERSION,
        "kind": slip.kind,
        "case": slip.case_id,
        "on": slip.on,
        "given": {name: value for name, value in slip.given.items() if value},
        "facts": slip.facts,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{_digest(text)}{text}"


def parsed(text: str) -> Slip:
    """
    Read a slip back.

    Raises
    ------
    EntryError
        If it was altered or cut, or is of a later version of the list.
    """
    mark, content = text[:8], text[8:]
    if _digest(content) != mark:
        raise EntryError("entries.mark_altered")
    loaded = parsing.jsons(content)
    if loaded["v"] != VERSION:
        raise EntryError("entries.mark_version", theirs=loaded["v"], ours=VERSION)
    made = Slip(loaded["kind"], loaded["case"], loaded["on"], loaded["given"], loaded["facts"])
    for said in (made.kind, made.case_id, made.on, made.facts, *dict(made.given).values()):
        said.encode()  # whoever forges a mark may write numbers and halves of characters
    return made


def facts_marks(columns: Iterable[Sequence[Any]], rows: int) -> list[str]:
    """
    Return a mark of the facts of each row, whatever the order of its columns.

    Numbers count as they are shown, to four places; a number or a day typed as text counts as
    that number or day.

    Parameters
    ----------
    columns
        Cells of each column, `rows` of them.
    rows
        Number of rows.
    """
    marks = np.zeros(rows, dtype=np.uint64)
    for cells in columns:
        marks += _marks(cells)
    return [f"{mark:016x}" for mark in marks.tolist()]


def _marks(cells: Sequence[Any]) -> NDArray[np.uint64]:
    """Return a mark of each cell of a column, 0 where it is empty; each content is read once."""
    kinds = set(map(type, cells))
    if kinds == {float}:
        return _number_marks(np.array(cells))
    others = {cell for cell in cells if cell.__class__ is not float} if float in kinds else {*cells}
    known = {cell: _text_mark(shown_text(cell)) for cell in others}
    if float not in kinds:
        return np.fromiter(map(known.__getitem__, cells), np.uint64, len(cells))
    numbers = np.array([cell if cell.__class__ is float else np.nan for cell in cells])
    marks = np.array([known.get(cell, 0) for cell in cells], dtype=np.uint64)
    return np.where(np.isnan(numbers), marks, _number_marks(numbers))


def _text_mark(text: str) -> int:
    """Return the mark of a text, that of the number where it is one."""
    if len(text) <= _MOST_DIGITS and _NUMBER.fullmatch(text):
        return int(_number_marks(np.array([float(text)]))[0])
    return crc32(text.encode(errors="replace"))


def _number_marks(numbers: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return a mark of each number."""
    # halves are common in what people write and would fall to either side, other places are not
    places = np.floor(numbers * 10_000 + 0.4637) + 0.0
    bits = places.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed: NDArray[np.uint64] = bits >> np.uint64(32)
    return mixed


def shown_text(cell: Any) -> str:
    """Return a cell as one text: days as ISO, numbers to ten digits, "" where empty."""
    if cell is None or cell == "" or cell != cell:  # noqa: PLR0124  NaN and NaT differ from themselves
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float):
        return f"{float(cell):.10g}"
    return str(cell).replace("\r\n", "\n").replace("\r", "\n").strip()


def value(cell: Any, kind: Kind) -> str:
    """
    Return what a cell of a field says, as an entry holds it.

    Parameters
    ----------
    cell
        A cell as a spreadsheet library gives it.
    kind
        What the field holds. Days are also read from text (2018.12.31, 2018年12月31日, 20181231)
        and from serial numbers of a spreadsheet.

    Raises
    ------
    EntryError
        If a day or a number cannot be understood; nothing is guessed.
    """
    text = shown_text(cell)
    if not text or kind == "text":
        return text
    plain = unicodedata.normalize("NFKC", text)
    if kind == "number":
        try:
            return f"{float(plain.replace(',', '')):.10g}"
        except ValueError as err:
            raise EntryError("entries.no_number", text=text) from err
    return _day(plain, cell).isoformat()


def _day(text: str, cell: Any) -> date:
    """Read a day from text or a serial number."""
    if isinstance(cell, int | float) and 20_000 <= cell <= 80_000:
        return _EPOCH + timedelta(days=int(cell))
    found = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise EntryError("entries.no_day", text=text)


def headings(field: str) -> set[str]:
    """Return the headings of a field in both languages."""
    return {texts.say(f"workbook.col_{field}", lang) for lang in ("zh", "en")}


def _digest(text: str) -> str:
    """Return eight digits that tell an altered text; no guard against forgery."""
    return f"{crc32(text.encode(errors='replace')):08x}"
