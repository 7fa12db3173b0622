"""
Cells to days.

A day is read only where one reading is possible: year first, with signs, in words or as a serial
number of Excel. Everything else is a fault with its reason.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from landuse.read import raw

_EPOCH = date(1899, 12, 30)  # Excel's day 0 for serials after its invented 1900-02-29
_SERIALS = (18_264, 73_050)  # 1950-01-01 … 2099-12-31
_YEARS = (1800, 2200)

_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_TIME = r"(?:[ T]\s*\d{1,2}:\d{2}.*)?$"
_DAY = re.compile(rf"^(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_CHINESE_DAY = re.compile(rf"^(\d{{4}})\s*年\s*(\d{{1,2}})\s*月\s*(\d{{1,2}})\s*日?{_TIME}")
_COMPACT_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\d{6})?$")
_SHORT_YEAR = re.compile(rf"^\d{{1,2}}([-/.])\d{{1,2}}\1\d{{1,4}}{_TIME}")
_NO_DAY = re.compile(r"^(?:19|20)\d{2}(?:[-/.年]?\s*(?:\d{1,2}月?)?)?$")

_NUMERALS = {sign: str(n) for n, sign in enumerate(("〇", *"一二三四五", *"六七八九"))} | {
    "零": "0", "○": "0", "O": "0", "元": "1",
}  # fmt: skip
_SIGNS = "".join(_NUMERALS)
_WORDS = re.compile(rf"^([{_SIGNS}]{{4}})年([{_SIGNS}十]{{1,3}})月([{_SIGNS}十廿卅]{{1,4}})日?$")


def day(cell: Any) -> tuple[np.datetime64 | None, str]:
    """
    Read a cell that is neither blank nor missing as a day.

    Parameters
    ----------
    cell
        A day, a number (a serial of Excel, or 20180606) or a text.

    Returns
    -------
    day, fault
        ``datetime64[s]`` and ``""``, or None and one of ``day_unreadable``, ``day_ambiguous``
        (several days are meant by it) and ``day_incomplete`` (only a year or a month).
    """
    if isinstance(cell, datetime):
        return np.datetime64(cell.date(), "s"), ""
    if isinstance(cell, date):
        return np.datetime64(cell, "s"), ""
    if isinstance(cell, np.datetime64):
        return cell.astype("datetime64[D]").astype("datetime64[s]"), ""
    if isinstance(cell, int | float | np.number) and not isinstance(cell, bool):
        return _of_number(float(cell))
    return _of_text(raw.half_width(raw.trimmed(str(cell))))


def _of_number(number: float) -> tuple[np.datetime64 | None, str]:
    """Read a number as a day: an Excel serial, or year, month and day written together."""
    if not np.isfinite(number):
        return None, "day_unreadable"
    if _SERIALS[0] <= number <= _SERIALS[1]:
        return np.datetime64(_EPOCH + timedelta(days=int(number)), "s"), ""
    if number in {1.0, 2.0}:  # how Excel shows the blanks 1900-01-01 of a database
        return np.datetime64("1900-01-01", "s"), ""
    return _year_first(f"{number:.0f}") if number.is_integer() else (None, "day_unreadable")


def _of_text(text: str) -> tuple[np.datetime64 | None, str]:
    """Read a day written year first, in words, or an Excel serial exported as text."""
    return _of_number(float(text)) if _SERIAL.fullmatch(text) else _year_first(text)


def _year_first(text: str) -> tuple[np.datetime64 | None, str]:
    """Read a day written year first, in digits or in words."""
    if _SHORT_YEAR.match(text) or _NO_DAY.match(text):
        return None, "day_ambiguous" if _SHORT_YEAR.match(text) else "day_incomplete"
    try:
        found = date(*_parts(text))
    except ValueError:
        return None, "day_unreadable"
    if _YEARS[0] <= found.year <= _YEARS[1]:
        return np.datetime64(found, "s"), ""
    return None, "day_unreadable"


def _parts(text: str) -> tuple[int, int, int]:
    """Return year, month and day of a text; ValueError if it is no day."""
    dotted = _DAY.match(text)
    if dotted:
        return int(dotted[1]), int(dotted[3]), int(dotted[4])
    words = _WORDS.match("".join(text.split()))
    if words:
        return int(_digits(words[1])), int(_counted(words[2])), int(_counted(words[3]))
    parts = _CHINESE_DAY.match(text) or _COMPACT_DAY.match(text)
    if parts is None:
        raise ValueError(text)
    return int(parts[1]), int(parts[2]), int(parts[3])


def _digits(text: str) -> str:
    """Return numerals that stand for one digit each as those digits."""
    return "".join(_NUMERALS.get(sign, "") for sign in text)


def _counted(text: str) -> str:
    """Return a counted numeral such as 十二, 二十, 三十一 or 廿六 as digits."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _digits(text)
    return f"{_digits(tens) or '1'}{_digits(ones) or '0'}"
