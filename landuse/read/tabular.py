"""
Ledgers: CSV, Excel and JSON lines.

A row whose fields do not fit the header is refused with its number; it is never shifted, because
a shifted date is a false fact about somebody's land.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse import findings, packed, parsing
from landuse.errors import LayerError
from landuse.read import encodings, header, raw, records, shifted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from landuse.layers import Source

_LONGEST_FIELD = 1 << 24  # characters; a project description may exceed the csv module's default


@dataclass
class _Body:
    """Rows gathered from a file, and those that were refused."""

    layer: str
    headings: list[str]
    kept: list[list[Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    findings: list[pd.DataFrame] = field(default_factory=list)
    too_long: list[list[str]] = field(default_factory=list)
    refused: int = 0
    begun: bool = False

    def keep(self, number: int, cells: list[Any]) -> None:
        """Take a row, unless it is blank, a sum of other rows, a note or a header once more."""
        if not any(str(cell).strip() for cell in cells if cell is not None):
            return
        code, value = records.aside(cells, self.headings, is_first=not self.begun)
        self.begun = True
        if code:
            self.refuse(code, number, value)
            return
        self.kept.append(cells)
        self.numbers.append(number)

    def refuse(self, code: str, number: int, value: str, **details: Any) -> None:
        """Leave a row out and say so."""
        found = findings.rows(code, layer=self.layer, row=number, value=value, **details)
        self.findings.append(found)
        self.refused += not code.startswith("row_of_")


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


def _finished(body: _Body, file: str, encoding: str = "", units: tuple[str, ...] = ()) -> raw.Raw:
    """Return gathered rows under their headings; columns without heading are left out."""
    headings = body.headings
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
    return raw.Raw(
        cells, tuple(names), rows, encoding, findings=said, refused=body.refused, units=units
    )


def _csv(path: Path, source: Source, where: str) -> raw.Raw:
    """Read delimited text."""
    text, encoding = encodings.text(path, source.encoding, where)
    lines = list(io.StringIO(text, newline=""))
    at, said = header.row(_top(lines, header.reach(source)), source, path.name)
    rows = _records(lines, at, _delimiter(lines[at]))
    _, first, _ = next(rows)
    headings = [raw.heading(name) for name in first or []]
    while headings and not headings[-1]:
        headings.pop()
    body = _Body(source.name, headings, findings=said)
    for number, cells, value in rows:
        if cells is None:
            body.refuse("row_unreadable", number, value)
        elif not any(cell.strip() for cell in cells):
            continue
        elif len(cells) < len(headings) or any(c.strip() for c in cells[len(headings) :]):
            body.refuse("row_width", number, value, fields=len(cells), expected=len(headings))
            body.too_long += [cells] if len(_trimmed(cells)) == len(headings) + 1 else []
        else:
            body.keep(number, cells[: len(headings)])
    if body.refused == len(body.too_long) and not body.kept:
        body.findings += shifted.missing_heading(headings, body.too_long, source.name, path.name)
    return _finished(body, path.name, encoding)


def _top(lines: list[str], reach: int) -> list[list[str]]:
    """Return the fields of the first lines, to look for a header; none where no record begins."""
    top = lines[:reach]
    fields: list[list[str]] = [[] for _ in top]
    delimiter = max(",\t;|", key="".join(top).count)
    for number, cells, _ in _records(top, 0, delimiter):
        fields[number - 1] = cells or []
    return fields


def _trimmed(cells: list[str]) -> list[str]:
    """Return fields without the empty ones at the end."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return cells[:width]


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
    grid, merged = _grid(path, source, where)
    head = header.of_grid(grid, merged, source, path.name)
    body = _Body(source.name, head.headings, findings=list(head.findings))
    for number, cells in enumerate(grid[head.last + 1 :], start=head.last + 2):
        body.keep(number, cells)
    return _finished(body, path.name, units=head.units)


def _grid(path: Path, source: Source, where: str) -> tuple[list[list[Any]], header.Merged]:
    """Return all cells of the declared sheet, or of the only one that is not empty, and merges."""
    try:
        with packed.workbook(path, where) as book:
            names = book.sheet_names
            if source.layer is not None and source.layer not in names:
                raise LayerError(
                    "read.no_sheet", where=where, file=path.name, sheet=source.layer, names=[*names]
                )
            wanted = names if source.layer is None else [source.layer]
            sheets = {name: book.get_sheet_by_name(name) for name in wanted}
            read = {n: sheet.to_python(skip_empty_area=False) for n, sheet in sheets.items()}
            merges = {name: sheet.merged_cell_ranges or [] for name, sheet in sheets.items()}
    except packed.Unreadable as err:
        raise LayerError("read.not_workbook", where=where, file=path.name, reason=err) from err
    filled = {name: grid for name, grid in read.items() if grid}
    if len(filled) > 1:
        listed = ", ".join(filled)
        raise LayerError("read.many_sheets", where=where, file=path.name, names=listed)
    name = next(iter(filled), "")
    return filled.get(name, []), merges.get(name, [])


def _json_lines(path: Path, source: Source, where: str) -> raw.Raw:
    """Read one object a line; a list's brackets and trailing commas are let pass."""
    text, encoding = encodings.text(path, source.encoding, where)
    body = _Body(source.name, [])
    parsed: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip().rstrip(",").strip()
        if not bare.strip("[], "):
            continue
        record = _object(bare)
        if record is None:
            body.refuse("row_unreadable", number, bare)
        else:
            parsed.append((number, record))
    headings = list(dict.fromkeys(name for _, record in parsed for name in record))
    body.headings = [raw.heading(name) for name in headings]
    for number, record in parsed:
        body.keep(number, [record.get(name) for name in headings])
    return _finished(body, path.name, encoding)


def _object(line: str) -> dict[str, Any] | None:
    """Return a JSON object with its numbers as written and what is nested as text, or None."""
    try:
        parsed = parsing.jsons(line, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
        for name, value in parsed.items()
    }
