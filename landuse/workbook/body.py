"""
The rows of a sheet, written in their order and a block at a time, so that memory stays bounded.

Text is written as text and never as a formula or a link, whatever it begins with; what a
spreadsheet cannot hold is replaced or cut with a mark one can see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from landuse.cells import all_clean, clean
from landuse.workbook.book import NUMBER_FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.workbook.book import Book
    from landuse.workbook.page import Page
    from landuse.workbook.sheets import Column

MOST_ROWS = 1_048_576 - 50  # rows a sheet can hold, less those of heads and sums
LINE = 13.0  # points a line of text takes
_TALLEST = 409.0  # points a row can be high
_BLOCK = 4_000  # rows held in the form in which they are written
_LAST_DAY = 2_958_465  # 9999-12-31 as a spreadsheet counts days
_EPOCH = np.datetime64("1899-12-30", "D")
_WRAPPED = frozenset({"text", "center", "status"})


def write(book: Book, page: Page, columns: Sequence[Column], rows: pd.DataFrame, first: int) -> int:
    """
    Write rows below the heads; return the row after the last.

    Parameters
    ----------
    book, page
        The open workbook and the sheet.
    columns
        The columns from left to right.
    rows
        At least one row, with the keys of `columns`, `tone` and `variant`.
    first
        Where the first row goes, counted from 0.
    """
    looks = _keys(rows)
    formats = {key: _formats(book, columns, *key) for key in dict.fromkeys(looks)}
    for start in range(0, len(rows), _BLOCK):
        block = rows.iloc[start : start + _BLOCK]
        cells = [shown_values(block[column.key], column.style) for column in columns]
        heights = _heights(columns, cells)
        page.write_rows(first + start, cells, heights, looks[start : start + _BLOCK], formats)
    return first + len(rows)


def _keys(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return variant and tone of each row, "" for none."""
    variants, tones = (
        [word if isinstance(word, str) else "" for word in rows[key]] for key in ("variant", "tone")
    )
    return list(zip(variants, tones, strict=True))


def _formats(book: Book, columns: Sequence[Column], variant: str, tone: str) -> list[Any]:
    """Return the format of each cell of a row; only the status shows a tone."""
    return [book.cell(c, variant, tone if c.style == "status" else "") for c in columns]


def _heights(columns: Sequence[Column], cells: Sequence[Sequence[Any]]) -> list[float]:
    """Return the height of each row in points; a spreadsheet does not measure wrapped text."""
    lines = np.ones(len(cells[0]), dtype=np.int64)
    for column, values in zip(columns, cells, strict=True):
        if column.style in _WRAPPED:
            np.maximum(lines, _lines(values, column.width), out=lines)
    heights: list[float] = np.clip(LINE * lines + 6, 20, _TALLEST).tolist()
    return heights


def _lines(values: Sequence[Any], width: float) -> NDArray[np.int64]:
    """Return the lines each text of a column takes (`text_lines`), most of them at once."""
    texts = pa.array(values, pa.large_string())
    long = pc.utf8_length(texts).fill_null(0).to_numpy()
    halves = pc.binary_length(texts).fill_null(0).to_numpy() + long
    per_line = _per_line(width)
    made = np.where(2 * long <= per_line, 1, -(-halves // 2 // per_line)).astype(np.int64)
    several = pc.match_substring(texts, "\n").fill_null(False).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(several).tolist():
        made[row] = text_lines(values[row], width)
    return made


def text_lines(text: str, width: float) -> int:
    """
    Return the lines a text takes in a column.

    A Chinese character takes two of the columns a width is given in, and three bytes, which is
    the quickest way to count it.
    """
    per_line = _per_line(width)
    if 2 * len(text) <= per_line and "\n" not in text:
        return 1
    lines = text.split("\n")
    return sum(
        max(1, -(-(len(t.encode(errors="replace")) + len(t)) // 2 // per_line)) for t in lines
    )


def _per_line(width: float) -> int:
    """Return how many columns of text a line holds: whole Chinese characters, two each."""
    return max(int(width - 0.5) // 2 * 2, 2)


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
        return [n if ok else None for n, ok in zip(numbers.tolist(), held.tolist(), strict=True)]
    if style in NUMBER_FORMATS:
        floats = values.to_numpy(dtype="float64", na_value=np.nan)
        held = np.isfinite(floats)
        return [n if ok else None for n, ok in zip(floats.tolist(), held.tolist(), strict=True)]
    held = values.to_numpy(dtype=np.object_, na_value=cast("Any", None)).tolist()
    texts = [cell if cell.__class__ is str or cell is None else str(cell) for cell in held]
    distinct = {text for text in texts if text is not None}
    if all_clean(distinct):
        return [text or None for text in texts]
    known: dict[str | None, str | None] = {text: clean(text) or None for text in distinct}
    return [known.get(text) for text in texts]
