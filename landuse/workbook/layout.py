"""
How a sheet looks: title, caption, heads, sums, signatures, and how it prints.

Cells are written from the top down and never again: the library keeps one row at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.cells import clean, short
from landuse.workbook import body, fillable
from landuse.workbook.book import VARIANTS
from landuse.workbook.ledger import area_shown, day_shown
from landuse.workbook.listing import COUNTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from landuse.workbook.book import Book
    from landuse.workbook.listing import Listing
    from landuse.workbook.page import Page
    from landuse.workbook.sheets import Column

_PAPER_A3 = 8
_FROZEN = 4  # number, county, cluster and park stay in sight


@dataclass(frozen=True)
class Sum:
    """A row of sums: label, number of rows and sums by column."""

    label: str
    count: float | None
    values: Mapping[str, float]
    unit: str = "case"


def table(
    book: Book,
    sheet: str,
    columns: Sequence[Column],
    rows: Listing,
    sums: Callable[[pd.DataFrame], Sequence[Sum]],
) -> pd.DataFrame:
    """
    Write a sheet of rows; what one cannot hold goes on in numbered ones, the sums on the last.

    Parameters
    ----------
    book
        The open workbook.
    sheet
        Key of the sheet; its words are `workbook.sheet_<key>` and `workbook.title_<key>`.
    columns
        The columns from left to right.
    rows
        Its rows.
    sums
        Returns the rows of sums below them, of what is kept.

    Returns
    -------
    kept
        One row each, in their order: the columns added up, and of `COUNTED` those there are.
    """
    starts = range(0, max(rows.count, 1), body.MOST_ROWS)
    kept: list[pd.DataFrame] = []
    for number, start in enumerate(starts, start=1):
        page = book.add(sheet, number)
        some = rows.between(start, min(start + body.MOST_ROWS, rows.count))
        below, parts = _rows(book, page, sheet, columns, some)
        kept += parts
        if len(starts) > 1:
            is_last = number == len(starts)
            other = book.named(sheet, 1 if is_last else number + 1)
            told = book.say("sums_of_all" if is_last else "goes_on", sheet=other)
            _across(page, below, (0, len(columns) - 1), told, book.format(align="left"))
            below += 1
        for entry in sums(_whole(kept)) if number == len(starts) else ():
            _sum(book, page, columns, entry, below)
            below += 1
        _signatures(book, page, below, len(columns))
    return _whole(kept)


def _whole(kept: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return parts as one table, those without rows left out where others have some."""
    return pd.concat([part for part in kept if len(part)] or kept[:1], ignore_index=True)


def _rows(
    book: Book,
    page: Page,
    sheet: str,
    columns: Sequence[Column],
    rows: Listing,
) -> tuple[int, list[pd.DataFrame]]:
    """Write title, heads and rows of one sheet; return the first row below, and what is kept."""
    needed = {*COUNTED, *(column.key for column in columns if column.is_summed)}
    for position, column in enumerate(columns):
        page.set_column(position, position, column.width, None, {"hidden": column.is_hidden})
    _title(book, page, sheet, len(columns))
    first = _heads(book, page, columns)
    if columns[-1].is_hidden:
        fillable.comment(book, page, columns, rows.keys, first)
    last, kept = first, []
    for part in rows.parts():
        kept.append(part[[name for name in part if name in needed]])
        last = body.write(book, page, columns, part, last) if len(part) else last
    if rows.count:
        last -= 1
        page.autofilter(first - 1, 0, last, len(columns) - 1)
    else:
        _across(page, first, (0, len(columns) - 1), book.say("no_rows"), book.cell(columns[1]))
    page.freeze_panes(first, _FROZEN)
    if columns[-1].is_hidden:
        fillable.controls(book, page, columns, rows.count, first)
    printed(book, page, first - 1)
    return last + 1, kept


def _title(book: Book, page: Worksheet, sheet: str, width: int) -> None:
    """Write the title over all columns and the caption below it."""
    results = book.results
    mark = book.say("synthetic_mark") if results.workspace.is_synthetic else ""
    title = book.say(f"title_{sheet}", place=book.place) + mark
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
    if has_groups:
        at = 0
        for group, members in groupby(columns, key=lambda column: column.group):
            wide = len(list(members))
            if group:
                _across(page, 2, (at, at + wide - 1), book.say(f"group_{group}"), style)
            else:
                for position, column in enumerate(columns[at : at + wide], start=at):
                    page.write_string(2, position, clean(column.shown(book.lang)), style)
            at += wide
    for position, column in enumerate(columns):
        if has_groups and not column.group:
            page.write_blank(3, position, None, style)
            page.merge_written(2, 3, position)
        else:
            page.write_string(bottom, position, clean(column.shown(book.lang)), style)
    return bottom + 1


def _sum(book: Book, page: Worksheet, columns: Sequence[Column], entry: Sum, row: int) -> None:
    """Write one row of sums."""
    label = book.format(border=1, align="center", text_wrap=True, **VARIANTS["sum"])
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
        row,
        6 + body.LINE * body.text_lines(entry.label, sum(c.width for c in columns[: _FROZEN - 1])),
    )
    unit = book.say(f"rows_unit_{entry.unit}")
    counted = book.format(border=1, align="center", num_format=f'0"{unit}"', **VARIANTS["sum"])
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
    own = book.results.workspace.marking
    mark = f"{own}　{mark}" if own else mark
    area = area_shown(book.results, book.lang)
    return mark + book.say("basis", area=area, day=book.results.on.isoformat(), sources=listed)


def printed(book: Book, page: Page, last_head: int, *, is_wide: bool = True) -> None:
    """Set how a sheet prints: A3 (A4 upright for prose), one page wide, heads on every page."""
    page.set_paper(_PAPER_A3 if is_wide else 9)
    if is_wide:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.center_horizontally()
    if is_wide:
        page.repeat_rows(0, last_head)
    day = book.results.on.isoformat()
    synthetic = book.say("synthetic") if book.results.workspace.is_synthetic else ""
    mark = f"{synthetic}  {_running(book.results.workspace.marking, 120)}".strip()
    page.run_above(f"{_running(book.place, 60)}  {day}", mark)
    page.set_footer(f"&C&9{book.say('page_numbers')}")


def _running(text: str, most: int) -> str:
    """Return text on one line, short enough for a header even where every sign stands twice."""
    line = " ".join(clean(text).split("\n"))
    return short(line, most // 2 if "&" in line else most)
