"""One list: its sheets from left to right, in a file that never holds half of them in memory."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from landuse.cells import clean, short
from landuse.errors import OutputError
from landuse.workbook import fillable, layout, notes, offered, rows, summary
from landuse.workbook.book import Book
from landuse.workbook.ledger import say
from landuse.workbook.listing import Listing
from landuse.workbook.sheets import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.texts import Lang
    from landuse.workbook.ledger import Results

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
}


def write(
    path: Path, results: Results, *, lang: Lang = "zh", place: str = "", plan: Any = None
) -> None:
    """
    Write the disposal workbook.

    Parameters
    ----------
    path
        File to write (`.xlsx`); its folder exists. The same results give the same bytes.
    results
        What the workbook is made of. Areas in m², money in yuan; shown in ha (4 places),
        mu (2 places, m² × 0.0015) and 10,000 yuan, rounded by the cell's number format only.
    lang
        Language of every word that is not data.
    place
        What the titles name; the workspace if not given.
    plan
        What land can be offered and who is placed on it (`planning.Plan`): adds two sheets.

    Raises
    ------
    OutputError
        If the file cannot be written, or a sheet cannot hold its rows.
    """
    if not path.parent.is_dir():
        raise OutputError("output.no_folder", path=path)
    options = _OPTIONS | {"tmpdir": str(path.parent)}  # nothing of the list lies elsewhere
    file = xlsxwriter.Workbook(str(path), options)
    book = Book(file, results, lang, place or results.workspace.name)
    try:
        _fill(book, plan)
        book.file.close()
    except (FileCreateError, OSError) as err:
        raise OutputError("output.in_use", path=path, reason=err) from err
    finally:
        book.discard()


def _fill(book: Book, plan: Any) -> None:
    """Write every sheet, from left to right."""
    results, lang = book.results, book.lang
    name = clean(say("title_summary", lang, place=book.place))
    created = datetime.combine(results.on, time.min, tzinfo=UTC).replace(tzinfo=None)
    book.file.set_properties({"title": short(name, 255), "created": created})
    is_city = book.place == results.workspace.name
    table, city = summary.of(results, lang, is_city=is_city)
    layout.table(book, "summary", COLUMNS["summary"], Listing.of(table), lambda _: city)
    listed = {}
    for sheet, found in rows.of(results, lang):
        sums = partial(summary.sums, sheet, lang=lang)
        listed[sheet] = layout.table(book, sheet, COLUMNS[sheet], found, sums)
    if plan is not None:
        offered.write(book, plan)
    notes.write(book, listed, plan)
    fillable.register(book, listed)
