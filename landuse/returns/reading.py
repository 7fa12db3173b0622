"""Find the rows and fields of a list in a workbook, wherever people moved them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from landuse import packed, slip, texts
from landuse.errors import EntryError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COMMAND = "landuse return"
"""What asks for a workbook, in errors."""

_CLOSING = ("total", "city_total", "filled_by", "checked_by", "headed_by", "filled_on")
_BLOCK = 2_000  # rows looked at together
_HEADS_WITHIN = 12  # rows from the top in which the heads of a sheet are looked for


@dataclass(frozen=True)
class Cell:
    """A field of a row that says something else than the list did, and if that can be read."""

    sheet: str
    row: int
    slip: slip.Slip
    field: str
    value: str
    is_readable: bool = True


@dataclass(frozen=True)
class Notice:
    """Something about a workbook a person should know; `key` is `returns.notice_<key>`."""

    key: str
    sheet: str = ""
    row: int = 0
    what: str | EntryError = ""


@dataclass
class Returned:
    """What a workbook holds: edited cells, notices, and the cases it went out with."""

    name: str
    workspace: str = ""
    cells: list[Cell] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Sheet:
    """A sheet of rows: values, first row below the heads, and where its columns stand."""

    name: str
    rows: Sequence[Sequence[Any]]
    first: int
    slip: int
    number: int | None
    fields: dict[str, int]


def read(path: Path) -> Returned:
    """
    Read what staff filled in.

    Parameters
    ----------
    path
        A workbook of ours (`.xlsx`), saved by any office program.

    Raises
    ------
    EntryError
        If the file is no workbook, or no list of ours.
    """
    found = Returned(path.name)
    try:
        with packed.workbook(path, COMMAND) as book:
            for name in book.sheet_names:
                _take(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False), found)
    except packed.Unreadable as err:
        raise EntryError("entries.not_workbook", path=path, reason=err) from err
    if not found.seen and not found.listed:
        raise EntryError("entries.not_list", path=path)
    return found


def _take(name: str, rows: Sequence[Sequence[Any]], found: Returned) -> None:
    """Take what one sheet holds: the register of cases, or rows that were filled in."""
    if rows and slip.REGISTER in rows[0]:
        place = list(rows[0]).index(slip.REGISTER)
        column = [slip.shown_text(_at(row, place)) for row in rows]
        found.workspace = "".join(column[2:3])
        found.listed |= {key for key in column[4:] if key}
        return
    sheet = _sheet(name, rows, found)
    if sheet is not None:
        _rows(sheet, found)


def _sheet(name: str, rows: Sequence[Sequence[Any]], found: Returned) -> _Sheet | None:
    """Find the heads of a sheet by the head of its slips; None if it has none."""
    marks = {texts.say("workbook.col_slip", lang) for lang in ("zh", "en")}
    for number, row in enumerate(rows[:_HEADS_WITHIN]):
        places = [n for n, cell in enumerate(row) if isinstance(cell, str) and cell in marks]
        if not places:
            continue
        below = rows[number + 1] if number + 1 < len(rows) else ()
        is_double = not _at(below, places[0]) and not _is_number(_at(below, 0))
        first = number + (2 if is_double else 1)
        heads = _heads(rows[number:first], len(row))
        fields = _fields(name, heads, found)
        numbers = [n for n, head in enumerate(heads) if head & slip.headings("seq")]
        return _Sheet(name, rows, first, places[0], numbers[0] if numbers else None, fields)
    return None


def _is_number(cell: Any) -> bool:
    """Whether a cell counts a row."""
    return isinstance(cell, int | float)


def _is_slip(cell: Any) -> bool:
    """Whether a cell looks like a slip."""
    return isinstance(cell, str) and cell[8:9] == "{"


def _at(row: Sequence[Any], place: int) -> Any:
    """Return a cell, None beyond the end of the row."""
    return row[place] if place < len(row) else None


def _heads(rows: Sequence[Sequence[Any]], width: int) -> list[set[str]]:
    """Return the texts that stand over each column."""
    return [{slip.shown_text(_at(row, n)) for row in rows} for n in range(width)]


def _fields(name: str, heads: list[set[str]], found: Returned) -> dict[str, int]:
    """Find the column of each field; one that stands twice is left out and told."""
    fields = {}
    for key in slip.FIELDS:
        places = [n for n, head in enumerate(heads) if head & slip.headings(key)]
        if len(places) == 1:
            fields[key] = places[0]
        elif places:
            found.notices.append(Notice("column_twice", name, what=key))
    return fields


def _rows(sheet: _Sheet, found: Returned) -> None:
    """Take the edits of every row, a block at a time."""
    missing: set[str] = set()
    for start in range(sheet.first, len(sheet.rows), _BLOCK):
        missing |= _block(sheet, start, found)
    for key in sorted(missing):
        found.notices.append(Notice("column_missing", sheet.name, what=key))


def _block(sheet: _Sheet, start: int, found: Returned) -> set[str]:
    """Take the edits of some rows; return fields the list had and the sheet has no more."""
    body = sheet.rows[start : start + _BLOCK]
    columns = list(zip(*body, strict=True))
    apart = {sheet.slip, sheet.number, *sheet.fields.values()}
    facts = [cells for n, cells in enumerate(columns) if n not in apart]
    marks = slip.facts_marks(facts, len(body))
    said = {key: _said(columns[place], key) for key, place in sheet.fields.items()}
    missing: set[str] = set()
    for number, (row, mark) in enumerate(zip(body, marks, strict=True), start=start + 1):
        about = _about(sheet, row, number, found)
        if about is None:
            continue
        found.seen.add(f"{about.kind}:{about.case_id}")
        given = about.given
        missing |= given.keys() - sheet.fields.keys()
        if mark != about.facts:
            found.notices.append(Notice("facts_altered", sheet.name, number, about.case_id))
        for key, values in said.items():
            value, is_readable = values[row[sheet.fields[key]]]
            if value != given.get(key, "") or not is_readable:
                found.cells.append(Cell(sheet.name, number, about, key, value, is_readable))
    return missing


def _said(cells: Sequence[Any], key: str) -> dict[Any, tuple[str, bool]]:
    """Return what each content of a field says, and whether that can be read."""
    return {cell: _read(cell, key) for cell in set(cells)}


def _about(sheet: _Sheet, row: Sequence[Any], number: int, found: Returned) -> slip.Slip | None:
    """Return what a row is about; None, and a notice where need be, if it does not say."""
    text = row[sheet.slip]
    if not _is_slip(text):
        if text != slip.POINTER and _is_added(sheet, row):
            found.notices.append(Notice("row_added", sheet.name, number, _words(sheet, row)))
        return None
    try:
        return slip.parsed(text)
    except EntryError as err:
        found.notices.append(Notice("slip_altered", sheet.name, number, err))
    except (AttributeError, ValueError, KeyError, TypeError):
        altered = EntryError("entries.mark_altered")
        found.notices.append(Notice("slip_altered", sheet.name, number, altered))
    return None


def _read(cell: Any, key: str) -> tuple[str, bool]:
    """Return what a cell of a field says, and whether that can be read."""
    try:
        return slip.value(cell, slip.FIELDS[key]), True
    except EntryError:
        return slip.shown_text(cell), False


def _is_added(sheet: _Sheet, row: Sequence[Any]) -> bool:
    """Whether a row without a slip was filled in, and is none of the sums and signatures."""
    stated = [text for text in (slip.shown_text(cell) for cell in row) if text]
    filled = any(slip.shown_text(_at(row, place)) for place in sheet.fields.values())
    return filled and len(stated) > 2 and not any(text.startswith(_closing()) for text in stated)


def _closing() -> tuple[str, ...]:
    """Return how the cells of sums and signatures begin."""
    known = texts.section("workbook")
    return tuple(known[key][lang] for key in _CLOSING for lang in ("zh", "en"))


def _words(sheet: _Sheet, row: Sequence[Any]) -> str:
    """Return the first words of a row."""
    said = [slip.shown_text(cell) for n, cell in enumerate(row) if n != sheet.slip]
    return " ".join(text for text in said if text)[:60]
