"""
Tables a person asked for, as files: CSV, JSON or an Excel workbook, whole or not at all.

Text stays text: what a spreadsheet would run gets an apostrophe in CSV and is never a formula in
xlsx. The same tables give the same bytes.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter

from landuse import folder, texts
from landuse.cells import clean, guarded
from landuse.errors import OutputError
from landuse.terms import Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from landuse.texts import Lang

FORMATS = ("csv", "json", "xlsx")

_NUMBER_FORMATS = {
    "count": "#,##0", "m2": "#,##0.00", "mu": "#,##0.00", "yuan": "#,##0.00", "rate": "0.0000",
}  # fmt: skip
_WIDTHS = {
    "text": 20, "long": 46, "day": 12, "count": 9, "m2": 15, "mu": 13, "yuan": 16, "rate": 9,
}  # fmt: skip
_DIGITS = {"count": 0, "rate": 4}  # shown; two of everything else
_TEXTS = ("text", "long")
_LINE, _NARROW = 17.0, 0x2E7F  # points of a line; last sign that is one wide
_MOST_ROWS = 1_048_576 - 3  # of a sheet, less title, note and headings
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}


@dataclass(frozen=True)
class Sheet:
    """
    One table as people read it.

    Attributes
    ----------
    name
        Short name; part of a file name.
    title, note
        What stands above the table: what it is, and on which day, by which data.
    kinds
        Heading → text, long (text that is wrapped), day, count, m2, mu, yuan or rate, in the
        order of the columns.
    cells
        Columns in the order of `kinds`. Text columns hold text, days are datetimes, the rest
        numbers; missing cells stay empty.
    mark
        Heading and text of one more column of a CSV, which has no head to say 示意数据 in.
    """

    name: str
    title: str
    note: str
    kinds: Mapping[str, str]
    cells: pd.DataFrame
    mark: tuple[str, str] | None = None

    def columns(self) -> Iterator[tuple[str, str, pd.Series]]:
        """Yield heading, kind and cells of each column."""
        for place, (heading, kind) in enumerate(self.kinds.items()):
            yield heading, kind, self.cells.iloc[:, place]


def sheet(
    name: str, table: pd.DataFrame, kinds: Mapping[str, str], lang: Lang, *, note: str, mark: bool
) -> Sheet:
    """
    Return a table as people read it.

    Parameters
    ----------
    name
        Section of the catalogue and name of the table, ``forecast.months``: its title is
        ``forecast.title_months``, a heading ``forecast.column_<column>``.
    table
        The table.
    kinds
        Columns to show → kind; ``status`` is shown by its label, as 闲置土地 only where
        `is_determined`.
    lang
        Language of title, headings and labels.
    note
        What stands below the title.
    mark
        Whether the data are a synthetic sample.
    """
    section, _, own = name.partition(".")
    cells = {}
    for column, kind in kinds.items():
        cells[column] = _labels(table, column, lang) if kind == "status" else table[column]
    return Sheet(
        name=own,
        title=texts.say(f"{section}.title_{own}", lang),
        note=note,
        kinds={
            texts.say(f"{section}.column_{column}", lang): "text" if kind == "status" else kind
            for column, kind in kinds.items()
        },
        cells=pd.DataFrame(cells),
        mark=(texts.say("handout.column_data", lang), texts.say("handout.synthetic", lang))
        if mark
        else None,
    )


def _labels(table: pd.DataFrame, column: str, lang: Lang) -> list[str]:
    """Return the labels of statuses."""
    no = pd.Series(data=False, index=table.index)
    determined = table.get("is_determined", no).fillna(value=False)
    return [
        label(Status(status), lang, is_determined=bool(is_determined)) if status else ""
        for status, is_determined in zip(table[column], determined, strict=True)
    ]


def shown(value: Any, kind: str) -> str:
    """Return a cell as people read it, on one line; "" where it is missing."""
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if kind == "day":
        return str(value.date())
    if kind in _TEXTS:
        return clean(str(value)).replace("\n", " ").replace("\t", " ")
    return f"{value:,.{_DIGITS.get(kind, 2)}f}"


def chosen(form: str | None, output: Path | None) -> str | None:
    """
    Return the format that is meant: as named, or by the name of the file; None for neither.

    Raises
    ------
    OutputError
        If the file name tells no format, or a workbook is asked for without a file.
    """
    if form is None and output is not None:
        form = output.suffix.lower().removeprefix(".")
        if form not in FORMATS:
            raise OutputError("output.which_format", path=output)
    if form == "xlsx" and output is None:
        raise OutputError("output.needs_output")
    return form


def text(form: str, sheets: Sequence[Sheet], record: Mapping[str, Any]) -> str:
    """
    Return what a format that is text holds.

    Parameters
    ----------
    form
        ``csv`` gives the first sheet, ``json`` the record.
    sheets
        The tables as people read them.
    record
        The tables and what is said about them, as `record_of` makes it.
    """
    if form == "csv":
        return _csv(sheets[0], "\n")
    return json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def write(
    path: Path,
    form: str,
    sheets: Sequence[Sheet],
    record: Mapping[str, Any],
    *,
    on: date,
) -> list[Path]:
    """
    Write tables to a file.

    Parameters
    ----------
    path
        File to write; what was there is replaced in one step.
    form
        One of `FORMATS`. CSV holds one table, so the second and later ones stand beside it as
        ``<stem>.<name>.csv``.
    sheets
        The tables as people read them.
    record
        What JSON holds.
    on
        The day asked for; it stands where the time of writing would.

    Returns
    -------
    paths
        The files written.

    Raises
    ------
    OutputError
        If a file cannot be written, or a sheet cannot hold its rows; what was there is untouched.
    """
    long = next((sheet for sheet in sheets if len(sheet.cells) > _MOST_ROWS), None)
    if form == "xlsx" and long is not None:
        raise OutputError("output.too_long", title=long.title, rows=len(long.cells))
    if form == "xlsx":
        contents = {path: _workbook(sheets, on)}
    elif form == "json":
        contents = {path: text(form, sheets, record).encode("utf-8")}
    else:
        beside = [path, *(path.with_suffix(f".{s.name}{path.suffix}") for s in sheets[1:])]
        contents = {
            target: b"\xef\xbb\xbf" + _csv(sheet, "\r\n").encode("utf-8")  # Excel needs the mark
            for target, sheet in zip(beside, sheets, strict=True)
        }
    for target, content in contents.items():
        place(target, content)
    return list(contents)


def place(path: Path, content: bytes) -> None:
    """
    Put a file in its place in one step.

    Raises
    ------
    OutputError
        If it cannot be written; what was there is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder.put(path, content)
    except OSError as err:
        raise OutputError("output.cannot_replace", path=path, reason=err) from err


def record_of(tables: Mapping[str, pd.DataFrame], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables and what is said about them as JSON can hold it; missing is null."""
    return {**about, **{name: _rows(table) for name, table in tables.items()}}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as a list of objects."""
    names = [str(name) for name in table.columns]
    plain = table.itertuples(index=False, name=None)
    return [{n: _plain(v) for n, v in zip(names, row, strict=True)} for row in plain]


def _plain(value: Any) -> Any:
    """Return a cell as a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.item() if hasattr(value, "item") else value


def _csv(sheet: Sheet, end: str) -> str:
    """Return a table as CSV with headings; numbers rounded as shown, without separators."""
    columns = {
        heading: [_guarded(shown(value, kind), kind) for value in cells]
        for heading, kind, cells in sheet.columns()
    }
    if sheet.mark is not None:
        heading, said = sheet.mark
        columns[heading] = [said] * len(sheet.cells)
    stream = io.StringIO()
    pd.DataFrame(columns).to_csv(stream, index=False, lineterminator=end)
    return stream.getvalue()


def _guarded(cell: str, kind: str) -> str:
    """Return a cell no spreadsheet runs: an apostrophe before text, no separators in numbers."""
    if kind in _TEXTS:
        return guarded(cell)
    return cell.replace(",", "")


def _workbook(sheets: Sequence[Sheet], on: date) -> bytes:
    """Return a workbook with one sheet a table."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, _OPTIONS)
    created = datetime.combine(on, time.min, tzinfo=UTC).replace(tzinfo=None)
    book.set_properties({"title": clean(sheets[0].title), "created": created})
    for sheet in sheets:
        _draw(book, sheet)
    book.close()
    return stream.getvalue()


def _draw(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    """Draw one table: title, note, headings, rows; ready to filter and to print."""
    page = book.add_worksheet(sheet.title[:31])
    page.write_string(0, 0, clean(sheet.title), book.add_format({"bold": True, "font_size": 14}))
    page.write_string(1, 0, clean(sheet.note))
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"})
    for column, (heading, kind, cells) in enumerate(sheet.columns()):
        page.write_string(2, column, heading, head)
        style = {"border": 1, "num_format": _NUMBER_FORMATS.get(kind, "@"), "valign": "vcenter"}
        style["text_wrap"] = kind == "long"
        form = book.add_format(style | ({"num_format": "yyyy-mm-dd"} if kind == "day" else {}))
        page.set_column(column, column, _WIDTHS[kind])
        for row, value in enumerate(cells, start=3):
            _cell(page, row, column, value, kind, form)
    for row, lines in enumerate(_lines(sheet), start=3):
        if lines > 1:  # not every office program does it by itself
            page.set_row(row, _LINE * lines)
    last = len(sheet.cells) + 2
    page.freeze_panes(3, 0)
    page.autofilter(2, 0, last, len(sheet.kinds) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(2)


def _lines(sheet: Sheet) -> list[int]:
    """Return how many lines the wrapped text of each row takes; a Chinese sign is two wide."""
    most = [1] * len(sheet.cells)
    for _, kind, cells in sheet.columns():
        for row, value in enumerate(cells if kind == "long" else ()):
            wide = sum(2 if ord(sign) > _NARROW else 1 for sign in str(value))
            most[row] = max(most[row], -(-wide // (_WIDTHS["long"] - 2)))
    return most


def _cell(page: Any, row: int, column: int, value: Any, kind: str, form: Any) -> None:
    """Write one cell by its kind."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        page.write_blank(row, column, None, form)
    elif kind in _TEXTS:
        page.write_string(row, column, clean(str(value)), form)
    elif kind == "day":
        page.write_datetime(row, column, value.to_pydatetime(), form)
    else:
        page.write_number(row, column, float(value), form)
