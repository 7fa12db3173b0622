"""
How a sheet looks: title, caption, heads, rows, sums, signatures, and how it prints.

Text is written as text and never as a formula or a link, whatever it begins with; what a
spreadsheet cannot hold is replaced or cut with a mark one can see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.cells import clean
from landuse.errors import OutputError
from landuse.workbook import fillable
from landuse.workbook.ledger import area_shown, day_shown, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from landuse.texts import Lang
    from landuse.workbook.ledger import Results
    from landuse.workbook.sheets import Column

NUMBER_FORMATS = {
    "count": "0",
    "days": "0",
    "ha": "#,##0.0000",
    "mu": "#,##0.00",
    "m2": "#,##0.00",
    "wan": "#,##0.00##",
    "share": "0.0%",
    "day": "yyyy-mm-dd",
}
"""Style of a column → how its unrounded values are shown."""

ALIGNMENTS = {"text": "left", "center": "center", "status": "center", "day": "center"}
"""Style of a column → how its text stands; `slip` is plain, it is never seen."""

_TONES: dict[str, dict[str, Any]] = {
    "grave": {"bg_color": "#F2B8A2", "bold": True},
    "idle": {"bg_color": "#F9DDB1", "bold": True},
    "government": {"bg_color": "#DCE6F2", "italic": True, "bold": True},
    "late": {"bg_color": "#FFF6D5"},
    "inefficient": {"bg_color": "#E6E0EE", "italic": True},
}
_VARIANTS: dict[str, dict[str, Any]] = {
    "strong": {"bold": True, "bg_color": "#F2F2F2"},
    "muted": {"italic": True, "font_color": "#595959"},
    "sum": {"bold": True, "bg_color": "#E7E6E6"},
}
_FILL_IN = {"bg_color": "#FFFEF2", "locked": False}
_PAPER_A3 = 8
_LINE = 13.0  # points a line of text takes
_TALLEST = 409.0  # points a row can be high
_LAST_ROW = 1_048_576  # rows a sheet can hold
_LAST_DAY = 2_958_465  # 9999-12-31 as a spreadsheet counts days
_EPOCH = np.datetime64("1899-12-30", "D")
_FROZEN = 4  # number, county, cluster and park stay in sight


@dataclass(frozen=True)
class Sum:
    """A row of sums: label, number of rows and sums by column."""

    label: str
    count: float | None
    values: Mapping[str, float]
    unit: str = "case"


@dataclass
class Book:
    """An open workbook with the formats made so far."""

    file: xlsxwriter.Workbook
    results: Results
    lang: Lang
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties, made once."""
        whole = {
            "font_name": self.say("font_text"),
            "font_size": 10,
            "valign": "vcenter",
            **properties,
        }
        key = tuple(sorted(whole.items()))
        if key not in self.formats:
            self.formats[key] = self.file.add_format(whole)
        return self.formats[key]

    def cell(self, column: Column, variant: str = "", tone: str = "") -> Format:
        """Return the format of a cell of a column."""
        style = column.style
        properties: dict[str, Any] = {
            "border": 1,
            "text_wrap": style in ALIGNMENTS,
            "align": ALIGNMENTS.get(style, "center" if style in {"count", "days"} else "right"),
        }
        if style in NUMBER_FORMATS:
            properties["num_format"] = NUMBER_FORMATS[style]
        filled_in = _FILL_IN if column.is_filled_in and not variant else {}
        return self.format(
            **properties, **(filled_in | _VARIANTS.get(variant, {}) | _TONES.get(tone, {}))
        )

    def say(self, key: str, **values: Any) -> str:
        """Return a sentence of the workbook in its language."""
        return say(key, self.lang, **values)


def table(
    book: Book, sheet: str, columns: Sequence[Column], rows: pd.DataFrame, sums: Sequence[Sum]
) -> None:
    """
    Write a sheet of rows.

    Parameters
    ----------
    book
        The open workbook.
    sheet
        Key of the sheet; its words are `workbook.sheet_<key>` and `workbook.title_<key>`.
    columns
        The columns from left to right.
    rows
        Table with the keys of `columns`, `tone` and `variant`, in the units shown.
    sums
        Rows of sums below it.

    Raises
    ------
    OutputError
        If a sheet cannot hold that many rows.
    """
    if len(rows) > _LAST_ROW - 50:
        message = (
            f"sheet '{sheet}' would have {len(rows)} rows; a workbook holds {_LAST_ROW} a sheet. "
            "Split the workspace, for instance one a county."
        )
        raise OutputError(message)
    page = book.file.add_worksheet(book.say(f"sheet_{sheet}"))
    for position, column in enumerate(columns):
        page.set_column(position, position, column.width, None, {"hidden": column.is_hidden})
    _title(book, page, sheet, len(columns))
    first = _heads(book, page, columns)
    last = _body(book, page, columns, rows, first)
    below = last + 1
    for entry in sums:
        _sum(book, page, columns, entry, below)
        below += 1
    _signatures(book, page, below, len(columns))
    page.freeze_panes(first, _FROZEN)
    if len(rows):
        page.autofilter(first - 1, 0, last, len(columns) - 1)
    if columns[-1].is_hidden:
        fillable.controls(book, page, columns, rows, first)
    printed(book, page, first - 1)


def _title(book: Book, page: Worksheet, sheet: str, width: int) -> None:
    """Write the title over all columns and the caption below it."""
    results = book.results
    mark = book.say("synthetic_mark") if results.workspace.is_synthetic else ""
    title = book.say(f"title_{sheet}", place=results.workspace.name) + mark
    style = book.format(font_size=20, bold=True, align="center")
    page.set_row(0, 36)
    _across(page, 0, (0, width - 1), title, style)
    third = max(width // 3, 2)
    spans = ((0, third - 1), (third, width - third - 1), (width - third, width - 1))
    texts = (
        book.say("reporting_unit"),
        book.say(
            "as_of_day",
            day=day_shown(results.on, book.lang),
            as_of=max(source.as_of for source in results.workspace.sources).isoformat(),
        ),
        "" if sheet == "findings" else book.say("units"),
    )
    page.set_row(1, 20)
    for span, text, align in zip(spans, texts, ("left", "center", "right"), strict=True):
        _across(page, 1, span, text, book.format(font_size=11, align=align))


def _across(page: Worksheet, row: int, span: tuple[int, int], text: str, style: Format) -> None:
    """Write text over several columns of one row."""
    first, last = span
    if first == last:
        page.write_string(row, first, clean(text), style)
    else:
        page.merge_range(row, first, row, last, "", style)
        page.write_string(row, first, clean(text), style)


def _heads(book: Book, page: Worksheet, columns: Sequence[Column]) -> int:
    """Write heads of one or two levels; return the first row below them."""
    style = book.format(
        font_name=book.say("font_heads"),
        border=1,
        align="center",
        text_wrap=True,
        bg_color="#D9E1E8",
        bold=True,
    )
    has_groups = any(column.group for column in columns)
    bottom = 3 if has_groups else 2
    page.set_row(2, 20 if has_groups else 32)
    if has_groups:
        page.set_row(3, 42)
    at = 0
    for group, members in groupby(columns, key=lambda column: column.group):
        wide = list(members)
        if group:
            _across(page, 2, (at, at + len(wide) - 1), book.say(f"group_{group}"), style)
        for position, column in enumerate(wide, start=at):
            if not group and has_groups:
                page.merge_range(2, position, bottom, position, "", style)
            page.write_string(
                bottom if group else 2, position, clean(column.shown(book.lang)), style
            )
        at += len(wide)
    return bottom + 1


def _body(
    book: Book, page: Worksheet, columns: Sequence[Column], rows: pd.DataFrame, first: int
) -> int:
    """Write the rows column by column; return the last row written."""
    if not len(rows):
        _across(page, first, (0, len(columns) - 1), book.say("no_rows"), book.cell(columns[1]))
        return first
    variants, tones = (
        [word if isinstance(word, str) else "" for word in rows[key]] for key in ("variant", "tone")
    )
    for position, column in enumerate(columns):
        values = shown_values(rows[column.key], column.style)
        is_status = column.style == "status"
        keys = list(zip(variants, tones if is_status else [""] * len(rows), strict=True))
        styles = {key: book.cell(column, *key) for key in dict.fromkeys(keys)}
        write = page.write_number if column.style in NUMBER_FORMATS else page.write_string
        for offset, (value, key) in enumerate(zip(values, keys, strict=True)):
            if value is None:
                page.write_blank(first + offset, position, None, styles[key])
            else:
                write(first + offset, position, value, styles[key])
    for offset, lines in enumerate(_lines(columns, rows)):
        page.set_row(first + offset, min(max(_LINE * lines + 6, 20), _TALLEST))
    return first + len(rows) - 1


def _lines(columns: Sequence[Column], rows: pd.DataFrame) -> list[int]:
    """Lines the tallest text of each row takes; a spreadsheet does not measure wrapped text."""
    most = [1] * len(rows)
    for column in columns:
        if column.style not in {"text", "center", "status"}:
            continue
        texts = rows[column.key].tolist()
        needed = (text_lines(t, column.width) if isinstance(t, str) else 1 for t in texts)
        most = [max(pair) for pair in zip(most, needed, strict=True)]
    return most


def text_lines(text: str, width: float) -> int:
    """
    Return the lines a text takes in a column.

    A Chinese character takes two of the columns a width is given in, and three bytes, which is
    the quickest way to count it.
    """
    per_line = max(int(width - 0.5) // 2 * 2, 2)
    lines = text.split("\n")
    return sum(
        max(1, -(-(len(t.encode(errors="replace")) + len(t)) // 2 // per_line)) for t in lines
    )


def shown_values(values: pd.Series, style: str) -> list[Any]:
    """
    Return cells as they are written: numbers, serial days or clean text; None where missing.

    Parameters
    ----------
    values
        One column of a sheet.
    style
        Style of the column; days become the serial numbers of a spreadsheet.
    """
    if style == "day":
        serial = (values.to_numpy(dtype="datetime64[D]") - _EPOCH).astype("timedelta64[D]")
        numbers = serial.astype("int64")
        held = ~np.isnat(serial) & (numbers > 0) & (numbers <= _LAST_DAY)
        return [int(n) if ok else None for n, ok in zip(numbers, held, strict=True)]
    if style in NUMBER_FORMATS:
        floats = values.to_numpy(dtype="float64", na_value=np.nan)
        return [float(n) if ok else None for n, ok in zip(floats, np.isfinite(floats), strict=True)]
    known = values.notna().tolist()
    texts = [clean(str(v)) if ok else "" for v, ok in zip(values.tolist(), known, strict=True)]
    return [text or None for text in texts]


def _sum(book: Book, page: Worksheet, columns: Sequence[Column], entry: Sum, row: int) -> None:
    """Write one row of sums."""
    label = book.format(border=1, align="center", text_wrap=True, **_VARIANTS["sum"])
    page.set_row(row, 20)
    for position, column in enumerate(columns):
        value = entry.values.get(column.key)
        style = book.cell(column, "sum")
        if value is None or not np.isfinite(value):
            page.write_blank(row, position, None, style)
        else:
            page.write_number(row, position, value, style)
    if entry.count is None:
        _across(page, row, (0, _FROZEN - 1), entry.label, label)
        return
    _across(page, row, (0, _FROZEN - 2), entry.label, label)
    page.set_row(
        row, 6 + _LINE * text_lines(entry.label, sum(c.width for c in columns[: _FROZEN - 1]))
    )
    unit = book.say(f"rows_unit_{entry.unit}")
    counted = book.format(border=1, align="center", num_format=f'0"{unit}"', **_VARIANTS["sum"])
    page.write_number(row, _FROZEN - 1, entry.count, counted)


def _signatures(book: Book, page: Worksheet, row: int, width: int) -> None:
    """Write who fills in, checks and answers, and what the figures rest on."""
    page.set_row(row, 30)
    quarter = max(width // 4, 1)
    style = book.format(font_size=11, align="left", locked=False)
    for number, key in enumerate(("filled_by", "checked_by", "headed_by", "filled_on")):
        last = width - 1 if number == 3 else (number + 1) * quarter - 1
        _across(page, row, (number * quarter, last), book.say(key), style)
    small = book.format(font_size=9, align="left", font_color="#404040", text_wrap=True)
    page.set_row(row + 1, 28)
    _across(page, row + 1, (0, width - 1), basis(book), small)


def basis(book: Book) -> str:
    """Return the line every sheet ends with: area method, day, and the day of each source."""
    sources = book.results.workspace.sources
    listed = "、".join(f"{source.title} {source.as_of.isoformat()}" for source in sources)
    mark = book.say("synthetic_line") if book.results.workspace.is_synthetic else ""
    area = area_shown(book.results, book.lang)
    return mark + book.say("basis", area=area, day=book.results.on.isoformat(), sources=listed)


def printed(book: Book, page: Worksheet, last_head: int, *, is_wide: bool = True) -> None:
    """Set how a sheet prints: A3 (A4 upright for prose), one page wide, heads on every page."""
    page.set_paper(_PAPER_A3 if is_wide else 9)
    if is_wide:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.center_horizontally()
    if is_wide:
        page.repeat_rows(0, last_head)
    place = clean(book.results.workspace.name)[:60].replace("&", "&&")
    mark = book.say("synthetic") if book.results.workspace.is_synthetic else ""
    page.set_header(f"&L&9{place}  {book.results.on.isoformat()}&R&9{mark}")
    page.set_footer(f"&C&9{book.say('page_numbers')}")
