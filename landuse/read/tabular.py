"""
Ledgers: CSV, Excel and JSON lines.

A row whose fields do not fit the header is refused with its number; it is never shifted, because
a shifted date is a false fact about somebody's land.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import python_calamine

from landuse import findings
from landuse.errors import LayerError
from landuse.read import encodings, raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from landuse.layers import Source

_TOTALS = frozenset({"合计", "总计", "小计", "共计"})
_NOTES = ("注", "备注", "说明", "填表", "制表", "填报", "审核", "复核", "负责")
_NOTE = re.compile(rf"^(?:{'|'.join(_NOTES)})(?:人|单位|日期|时间)?\s*[:：]")
_LONGEST_FIELD = 1 << 24  # characters; a project description may exceed the csv module's default


@dataclass
class _Body:
    """Rows gathered from a file, and those that were refused."""

    layer: str
    kept: list[list[Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    findings: list[pd.DataFrame] = field(default_factory=list)
    refused: int = 0

    def keep(self, number: int, cells: list[Any]) -> None:
        """Take a row, unless it is blank, a sum of other rows or a note below the table."""
        filled = [str(c).strip() for c in cells if c is not None and str(c).strip()]
        if not filled:
            return
        code = _aside(filled[0])
        if code:
            self.refuse(code, number, filled[0])
            return
        self.kept.append(cells)
        self.numbers.append(number)

    def refuse(self, code: str, number: int, value: str, **details: Any) -> None:
        """Leave a row out and say so."""
        found = findings.rows(code, layer=self.layer, row=number, value=value, **details)
        self.findings.append(found)
        self.refused += not code.startswith("row_of_")


def _aside(first: str) -> str:
    """Return the code of a row that is no record, by its first filled cell; '' for a record."""
    if "".join(first.split()) in _TOTALS:
        return "row_of_totals"
    return "row_of_notes" if _NOTE.match(first) else ""


def opened(path: Path, source: Source) -> raw.Raw:
    """
    Read a ledger.

    Raises
    ------
    LayerError
        If the file, its sheet or its header row cannot be read as declared.
    """
    where = f"layers/{source.name}.toml"
    ending = path.suffix.lower()
    if ending in {".csv", ".tsv"}:
        return _csv(path, source, where)
    if ending in {".jsonl", ".ndjson"}:
        return _json_lines(path, source, where)
    return _sheet(path, source, where)


def _finished(body: _Body, headings: list[str], file: str, encoding: str = "") -> raw.Raw:
    """Return gathered rows under their headings; columns without heading are left out."""
    columns = list(zip(*body.kept, strict=True)) or [()] * len(headings)
    unnamed = [
        i
        for i, name in enumerate(headings)
        if not name and any(str(c).strip() for c in columns[i] if c is not None)
    ]
    for i in unnamed:
        values = [str(c).strip() for c in columns[i] if c is not None and str(c).strip()]
        found = findings.rows(
            "heading_empty", layer=body.layer, value=values[0], position=i + 1, file=file
        )
        body.findings.append(found)
    used = [i for i, name in enumerate(headings) if name]
    names = [headings[i] for i in used]
    cells = raw.frame(raw.unique(names), [columns[i] for i in used])
    said = (*raw.remarks(names, body.layer, file), *body.findings)
    rows = np.array(body.numbers, dtype=np.int64)
    return raw.Raw(cells, tuple(names), rows, encoding, findings=said, refused=body.refused)


def _have_header(lines: int, source: Source, file: str) -> None:
    """Refuse a file that ends before its header."""
    if lines < source.header_row:
        message = (
            f"layers/{source.name}.toml: {file} has only {lines} rows, "
            f"but its header should be row {source.header_row}. Correct header_row."
        )
        raise LayerError(message)


def _csv(path: Path, source: Source, where: str) -> raw.Raw:
    """Read delimited text."""
    text, encoding = encodings.text(path, source.encoding, where)
    lines = list(io.StringIO(text, newline=""))
    _have_header(len(lines), source, path.name)
    delimiter = _delimiter(lines[source.header_row - 1])
    records = _records(lines, source.header_row - 1, delimiter)
    _, first, _ = next(records)
    headings = [raw.heading(name) for name in first or []]
    while headings and not headings[-1]:
        headings.pop()
    body = _Body(source.name)
    for number, cells, value in records:
        if cells is None:
            body.refuse("row_unreadable", number, value)
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) < len(headings) or any(c.strip() for c in cells[len(headings) :]):
            body.refuse("row_width", number, value, fields=len(cells), expected=len(headings))
        else:
            body.keep(number, cells[: len(headings)])
    return _finished(body, headings, path.name, encoding)


def _delimiter(header: str) -> str:
    """Return what separates the fields of a header line."""
    return "," if "," in header else next((d for d in "\t;|" if d in header), ",")


def _records(
    lines: list[str], start: int, delimiter: str
) -> Iterator[tuple[int, list[str] | None, str]]:
    """
    Yield (line number, fields or None if unreadable, the line) of each record.

    An opening quote that is never closed, or swallows lines until the fields no longer fit, costs
    its own line and not the rest of the file.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    at, width = start, 0
    while at < len(lines):
        reader = csv.reader(_from(lines, at), delimiter=delimiter, strict=True)
        begun = at
        while at < len(lines):
            try:
                cells = next(reader)
            except (csv.Error, StopIteration):
                yield at + 1, None, lines[at].strip()
                at += 1
                break
            after = begun + reader.line_num
            if after - at > 1 and width and len(cells) != width:
                yield at + 1, None, lines[at].strip()
                at += 1
                break
            width = width or len(cells)
            yield at + 1, cells, lines[at].strip()
            at = after


def _from(lines: list[str], start: int) -> Iterator[str]:
    """Yield lines from one on, without walking past those before it."""
    for at in range(start, len(lines)):
        yield lines[at]


def _sheet(path: Path, source: Source, where: str) -> raw.Raw:
    """Read a sheet of an Excel workbook, old or new."""
    grid = _grid(path, source, where)
    _have_header(len(grid), source, path.name)
    headings = [raw.heading(name) for name in grid[source.header_row - 1]]
    body = _Body(source.name)
    for number, cells in enumerate(grid[source.header_row :], start=source.header_row + 1):
        body.keep(number, cells)
    return _finished(body, headings, path.name)


def _grid(path: Path, source: Source, where: str) -> list[list[Any]]:
    """Return all cells of the declared sheet, or of the only one that is not empty."""
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            if source.layer is not None and source.layer not in names:
                message = (
                    f"{where}: {path.name} has no sheet {source.layer!r}. "
                    f"It has: {', '.join(names)}."
                )
                raise LayerError(message)
            wanted = names if source.layer is None else [source.layer]
            read = {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in wanted}
    except (python_calamine.CalamineError, OSError, ValueError) as err:
        message = (
            f"{where}: {path.name} cannot be opened as an Excel workbook: {str(err).rstrip('.')}."
        )
        raise LayerError(message) from err
    filled = {name: grid for name, grid in read.items() if grid}
    if len(filled) > 1:
        listed = ", ".join(filled)
        message = f"{where}: {path.name} has several sheets: {listed}. Name one: layer = …"
        raise LayerError(message)
    return next(iter(filled.values()), [])


def _json_lines(path: Path, source: Source, where: str) -> raw.Raw:
    """Read one object a line; a list's brackets and trailing commas are let pass."""
    text, encoding = encodings.text(path, source.encoding, where)
    body = _Body(source.name)
    records: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip().rstrip(",").strip()
        if not bare.strip("[], "):
            continue
        record = _object(bare)
        if record is None:
            body.refuse("row_unreadable", number, bare)
        else:
            records.append((number, record))
    headings = list(dict.fromkeys(name for _, record in records for name in record))
    for number, record in records:
        body.keep(number, [record.get(name) for name in headings])
    return _finished(body, [raw.heading(name) for name in headings], path.name, encoding)


def _object(line: str) -> dict[str, Any] | None:
    """Return a JSON object with its numbers as written and what is nested as text, or None."""
    try:
        parsed = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
        for name, value in parsed.items()
    }
