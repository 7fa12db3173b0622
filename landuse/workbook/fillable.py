"""What staff fill in: accepted entries shown, slips, lists to choose from, comments, locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import entries, slip, terms, texts, units
from landuse.cells import clean, short
from landuse.workbook import body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter.worksheet import Worksheet

    from landuse.workbook.book import Book
    from landuse.workbook.sheets import Column

_CAUSES = {"unsupplied_cause": terms.UNSUPPLIED_CAUSES, "delay_cause": terms.HOLDER_CAUSES}
_MAY = {
    "autofilter": True,
    "sort": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}


def overlaid(cases: pd.DataFrame, accepted: pd.DataFrame) -> pd.DataFrame:
    """
    Show in each field what was accepted for it, beside the facts, which stay as they are.

    Parameters
    ----------
    cases
        One row a case with `kind` and `case_id`; fields of `slip.FIELDS` are missing or computed.
    accepted
        Entries (`entries.read`).
    """
    shown = cases.copy()
    keys = pd.MultiIndex.from_frame(cases[["kind", "case_id"]].astype(str))
    for field, found in entries.latest(accepted).groupby("field"):
        kind = slip.FIELDS[str(field)]
        values = found.set_index(["kind", "case_id"])["value"].reindex(keys).to_numpy()
        has = pd.notna(values)
        before = shown[field].to_numpy(dtype=object) if field in shown else [None] * len(shown)
        typed = [_typed(v, kind) if ok else b for v, ok, b in zip(values, has, before, strict=True)]
        shown[field] = pd.Series(typed, index=shown.index, dtype=_DTYPES[kind])
    return shown


_DTYPES: dict[str, Any] = {"text": object, "day": "datetime64[s]", "number": "float64"}


def _typed(value: str, kind: str) -> Any:
    """Return the value of an entry as a cell of its kind; missing where it was emptied."""
    if not value:
        return None
    if kind == "day":
        return pd.Timestamp(value)
    return float(value) if kind == "number" else value


def slips(cases: pd.DataFrame, columns: Sequence[Column], on: str) -> list[str]:
    """Return the slip of each row; `slip.POINTER` for rows that only point to another sheet."""
    filled = [c for c in columns if c.is_filled_in]
    facts = [c for c in columns if not (c.is_filled_in or c.is_hidden or c.key == "seq")]
    marks = slip.facts_marks((_cells(cases, c) for c in facts), len(cases))
    given = [[slip.shown_text(cell) for cell in _cells(cases, c)] for c in filled]
    keys = [c.key for c in filled]
    named = zip(cases["kind"].tolist(), cases["case_id"].tolist(), cases["variant"].tolist(),
                marks, zip(*given, strict=True), strict=True)  # fmt: skip
    return [
        slip.POINTER
        if variant == "muted"
        else slip.written(
            slip.Slip(str(kind), str(case_id), on, dict(zip(keys, said, strict=True)), mark)
        )
        for kind, case_id, variant, mark, said in named
    ]


def _cells(cases: pd.DataFrame, column: Column) -> list[Any]:
    """Return the cells of a column as they come back, days as ISO text, None where empty."""
    if column.key not in cases:
        return [None] * len(cases)
    cells = cases[column.key]
    if column.style == "day":
        days = units.days(cells)
        texts = np.datetime_as_string(days, unit="D").tolist()
        return [None if text == "NaT" else text for text in texts]
    held = cells.tolist()
    known = {text: clean(text) for text in {cell for cell in held if cell.__class__ is str}}
    return [
        None if gone else known[cell] if cell.__class__ is str else cell
        for cell, gone in zip(held, cells.isna().tolist(), strict=True)
    ]


def controls(
    book: Book, page: Worksheet, columns: Sequence[Column], count: int, first: int
) -> None:
    """Add lists to choose from and locks to a sheet of so many cases."""
    last = first + count - 1
    for position, column in enumerate(columns):
        if column.key in slip.CHOICES and count:
            page.data_validation(first, position, last, position, _list(book, column.key))
        if column.style == "day" and column.is_filled_in and count:
            page.data_validation(first, position, last, position, _days(book))
    page.protect("", _MAY)


def _list(book: Book, field: str) -> dict[str, Any]:
    """Return a list to choose from; other words are allowed with a question."""
    return {
        "validate": "list",
        "source": _words(field, book),
        "error_type": "information",
        "error_title": book.say("choice_title"),
        "error_message": book.say("choice_message"),
    }


def _days(book: Book) -> dict[str, Any]:
    """Return the rule that asks for a day."""
    return {
        "validate": "date",
        "criteria": ">=",
        "value": "=DATE(2000,1,1)",
        "error_type": "warning",
        "error_title": book.say("day_title"),
        "error_message": book.say("day_message"),
    }


def _words(field: str, book: Book) -> list[str]:
    """Return what a field offers, in order; causes with their codes."""
    if field in _CAUSES:
        column = 0 if book.lang == "zh" else 1
        return [f"{code} {told[column]}" for code, told in _CAUSES[field].items()]
    keys = [key for key in texts.section("choices") if key.startswith(f"{field}_")]
    return [texts.say(f"choices.{key}", book.lang) for key in keys]


def comment(
    book: Book,
    page: Worksheet,
    columns: Sequence[Column],
    keys: Sequence[str | None],
    first: int,
) -> None:
    """
    Say beside each accepted value who accepted it, when, why, and what stood there.

    To be called before the rows are written.
    """
    accepted = entries.latest(book.results.entries)
    if accepted.empty:
        return
    position = {column.key: n for n, column in enumerate(columns) if column.is_filled_in}
    place = {key: n for n, key in enumerate(keys) if key is not None}
    for entry in accepted.itertuples():
        row = place.get(f"{entry.kind}:{entry.case_id}")
        if row is None or entry.field not in position:
            continue
        text = book.say(
            "accepted",
            by=entry.accepted_by,
            on=entry.accepted_on,
            why=entry.why,
            given=entry.given or "—",
        )
        page.write_comment(first + row, position[str(entry.field)], short(clean(text), 1000))


def register(book: Book, tables: Mapping[str, pd.DataFrame]) -> None:
    """List the cases of the workbook on a sheet nobody sees, so that deleted rows are missed."""
    keys = [key for table in tables.values() if "case_key" in table for key in table["case_key"]]
    listed = [key for key in keys if isinstance(key, str)]
    about = (slip.REGISTER, str(slip.VERSION), book.results.workspace.name)
    for number, start in enumerate(range(0, max(len(listed), 1), body.MOST_ROWS), start=1):
        page = book.add("register", number)
        page.very_hidden()
        some = listed[start : start + body.MOST_ROWS]
        page.write_texts([clean(text) for text in (*about, book.results.on.isoformat(), *some)])
