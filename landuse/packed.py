"""
Workbooks that would not fit: refused before they are opened.

A reader of workbooks lays a sheet out from its first filled cell to its last, so that two cells
of a file of five kilobytes can ask for half a terabyte. Sizes are counted while unpacking, as an
archive may lie about them.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import python_calamine

from landuse.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_MEMBERS = 10_000
"""Files an archive may hold."""

LARGEST_UNPACKED = 1 << 30
"""Bytes a workbook may take unpacked."""

MOST_CELLS = 1 << 25
"""Cells between the first and the last filled cell of a sheet; a million rows of 32 columns."""

FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What a damaged archive raises."""

_BOOK_FAULTS = (python_calamine.CalamineError, *FAULTS)
_PANIC = "PanicException"  # what Rust code raises of itself; no Exception, and not to be imported
_CHUNK = 1 << 20
_SHEET = re.compile(r"xl/worksheets/.*\.xml", re.IGNORECASE)
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_COLUMN = re.compile(rb'\sr="([A-Z]{1,3})\d')
_FAR_ROW = re.compile(rb'\sr="[A-Z]{0,3}(\d{6,7})"')
_NEAR_ROWS = 99_999  # rows with fewer digits than those `_FAR_ROW` looks for
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')


class Unreadable(Exception):  # noqa: N818  says why, for the error of whoever reads
    """A workbook its reader cannot open or follow."""


@contextmanager
def workbook(path: Path, where: str) -> Iterator[python_calamine.CalamineWorkbook]:
    """
    Open a workbook that somebody else wrote.

    Parameters
    ----------
    path
        An Excel workbook, old or new.
    where
        What asks for it, named in the error.

    Raises
    ------
    LayerError
        If it is larger than the limits, or declares entities (`refuse`).
    Unreadable
        If it cannot be opened, or a sheet asked for in the block cannot be read.
    """
    refuse(path, where)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            yield book
    except BaseException as err:
        if not isinstance(err, _BOOK_FAULTS) and type(err).__name__ != _PANIC:
            raise
        raise Unreadable(str(err).rstrip(".")) from err


def refuse(path: Path, where: str) -> None:
    """
    Refuse a workbook that is a bomb, whatever its ending says; one of the old format is let pass.

    Raises
    ------
    LayerError
        If it unpacks to more than the limits, its sheets reach further than the limits, or it
        declares entities.
    """
    if not zipfile.is_zipfile(path):
        return
    what = f"{where}: {path.name}"
    try:
        with zipfile.ZipFile(path) as book:
            members = book.infolist()
            if len(members) > MOST_MEMBERS:
                raise LayerError(
                    "read.book_parts", what=what, count=len(members), most=MOST_MEMBERS
                )
            left = LARGEST_UNPACKED
            for info in members:
                left = _measured(book, info, left, what)
    except FAULTS as err:
        raise LayerError("read.book_broken", what=what, reason=err) from err


def _measured(book: zipfile.ZipFile, info: zipfile.ZipInfo, left: int, what: str) -> int:
    """Return how many bytes may still come after one part of a workbook."""
    is_sheet = _SHEET.fullmatch(info.filename) is not None
    columns: set[bytes] = set()
    rows, widest = _NEAR_ROWS, 0
    for part in _rows(book, info):
        left -= len(part)
        if left < 0:
            size = LARGEST_UNPACKED >> 30
            raise LayerError("read.unpacks_large", what=what, size=size)
        if any(mark in part for mark in _DECLARATIONS):
            raise LayerError("read.book_entities", what=what)
        if is_sheet:
            columns.update(_COLUMN.findall(part))
            rows = max(rows, *map(int, set(_FAR_ROW.findall(part))), 0)
            widest = max(widest, *(len(_CELL.findall(row)) for row in _unnumbered(part)), 0)
    across = max(widest, *map(_number, columns), 0)
    if is_sheet and rows * across > MOST_CELLS:
        _refuse_far(book, info, widest, what)
    return left


def _rows(book: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of a part, cut before rows only, so that no mark is cut in two."""
    rest = b""
    with book.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            cut = max(text.rfind(b"<row"), text.rfind(b":row ") - 16, len(text) - _CHUNK)
            yield text[:cut]
            rest = text[cut:]
    yield rest


def _unnumbered(part: bytes) -> list[bytes]:
    """Return the rows of a part that has cells which do not say where they are."""
    numbered = len(_COLUMN.findall(part))
    return part.split(b"row") if len(_CELL.findall(part)) > numbered else []


def _refuse_far(book: zipfile.ZipFile, info: zipfile.ZipInfo, widest: int, what: str) -> None:
    """Refuse a sheet whose filled cells reach too far; formats without contents do not count."""
    last_row, last_column = 0, widest
    for part in _rows(book, info):
        for column, row in _FILLED.findall(part):
            last_row = max(last_row, int(row))
            last_column = max(last_column, _number(column))
    if last_row * last_column > MOST_CELLS:
        raise LayerError(
            "read.book_far", what=what, row=last_row, column=last_column, most=MOST_CELLS >> 20
        )


def _number(column: bytes) -> int:
    """Return the number of a column, 1 for A."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number
