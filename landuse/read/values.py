"""
Cells to values: ids as text, days, numbers in stored units, yes and no.

What cannot be read with certainty is missing and a finding with the cell; nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import codes, findings
from landuse.read import bulk, dates, raw
from landuse.read.headings import UNIT_WORDS
from landuse.units import FACTORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from landuse.schema import Column

_BLANKS = frozenset(
    {"", "-", "--", "—", "——", "–", "/", "\\", "无", "null", "none", "n/a", "<null>"}
)
_CELL_ERRORS = frozenset({"#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!"})
_YES = frozenset({"true", "1", "1.0", "是", "y", "yes", "有"})
_NO = frozenset({"false", "0", "0.0", "否", "n", "no", "无"})
_NUMBERS = frozenset({"m2", "cny", "number", "share"})
_EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number
_USE_CODES = frozenset({"land_use_code", "plan_code"})
_MAY_BE_NEGATIVE = frozenset({"profit", "tax"})  # a loss, a refund

_DIGITS = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
_SHIELDED = re.compile(r"=\"(.*)\"|'(.*)")  # how exports keep Excel from taking an id for a number
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+\d{2,3}$")
_NUMBER = re.compile(
    r"^([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?)"
    rf"\s*({'|'.join(sorted(UNIT_WORDS, key=len, reverse=True))})?$",
    re.IGNORECASE,
)

_HALF = re.compile("[\ud800-\udfff]")  # half a sign: JSON can say it, no text can hold it
_COUNTED = re.compile(r"(?:年|人|吨标准煤|吨|tce|t)[;,。]?$")
"""What a number counts where its column can count nothing else."""


@dataclass(frozen=True)
class Cells:
    """One column of a file with what a finding about it must say."""

    values: pd.Series
    rows: NDArray[np.int64]
    ids: raw.Ids
    layer: str
    heading: str

    def at(self, where: NDArray[np.bool_]) -> Cells:
        """Return the cells of some rows."""
        return replace(self, values=self.values[where], rows=self.rows[where], ids=self.ids[where])


@dataclass(frozen=True)
class _Parsed:
    """A cell's value, or the code of its fault, and the unit word it carried."""

    value: Any
    fault: str = ""
    word: str = ""


_MISSING = _Parsed(None)


def converted(
    cells: Cells, column: Column, unit: str | None
) -> tuple[pd.Series, list[pd.DataFrame]]:
    """
    Convert a column to the type of the contract.

    Parameters
    ----------
    cells
        The file's column.
    column
        Our column.
    unit
        Unit of the source for areas and money; None is m² and yuan.

    Returns
    -------
    values, findings
        Series with cells' index and a dtype that `schema.conform` takes; areas in m², money in
        yuan. Each cell that could not be read is missing, with a finding.
    """
    is_number = column.kind in _NUMBERS
    if is_number and _is_plain(cells.values):
        return _plain_numbers(cells, column, FACTORS[unit] if unit else 1.0)
    sure = _sure(cells.values, column, FACTORS[unit] if unit else 1.0)
    if sure is not None and sure.where.all():
        return sure.values, []
    parsers: dict[str, Callable[[Any], _Parsed]] = {
        "id": _use_code if column.name in _USE_CODES else _id,
        "text": _text,
        "day": _day,
        "bool": _flag,
    }
    parser = parsers.get(column.kind) or _number_parser(column, unit)
    left = cells if sure is None else cells.at(~sure.where)
    places, distinct = bulk.distinct(left.values)
    values, said = _spread(left, column, places, [parser(cell) for cell in distinct])
    if sure is None:
        return values, said
    whole = sure.values.copy()
    whole[~sure.where] = values.array
    return whole, said


def _sure(values: pd.Series, column: Column, factor: float) -> bulk.Sure | None:
    """Return the cells of which nothing is in doubt, in the stored unit; None where all may be."""
    kind = "number" if column.kind in _NUMBERS else column.kind
    if kind not in {"id", "text", "number"} or column.name in _USE_CODES:
        return None
    found = bulk.sure(values, kind)
    if found is None or kind != "number":
        return found
    return bulk.Sure(found.values * factor, found.where)


def _is_plain(values: pd.Series) -> bool:
    """Whether a column is numbers already."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _plain_numbers(
    cells: Cells, column: Column, factor: float
) -> tuple[pd.Series, list[pd.DataFrame]]:
    """Convert a column of numbers."""
    numbers = cells.values.to_numpy(dtype="float64", na_value=np.nan) * factor
    infinite = np.isinf(numbers)
    negative = (numbers < 0) & ~infinite
    if column.name in _MAY_BE_NEGATIVE:
        negative[:] = False
    said = [
        _faults(cells, column, mask, code)
        for mask, code in ((infinite, "number_not_finite"), (negative, "number_negative"))
    ]
    numbers = np.where(infinite | negative, np.nan, numbers)
    return pd.Series(numbers, index=cells.values.index), said


def _spread(
    cells: Cells, column: Column, places: NDArray[np.intp], parsed: list[_Parsed]
) -> tuple[pd.Series, list[pd.DataFrame]]:
    """Give every cell the result of its distinct value, and every fault a finding."""
    results = [*parsed, _MISSING]  # place -1, a missing cell, takes the last
    dtype = {"day": "datetime64[s]", "bool": "boolean", "id": "str", "text": "str"}.get(
        column.kind, "float64"
    )
    known = pd.Series([p.value for p in results], dtype=dtype).array.take(places)
    values = pd.Series(known, index=cells.values.index)
    said = []
    for code in sorted({p.fault for p in parsed} - {""}):
        said.append(_faults(cells, column, _are(results, places, "fault", code), code))
    if column.kind in {"m2", "cny", "number"}:
        said += _numbers_as_text(cells, column, values.notna().to_numpy())
    for word in sorted({p.word for p in parsed} - {""}):
        said.append(_unit_words(cells, column, _are(results, places, "word", word), word))
    return values, said


def _are(
    results: list[_Parsed], places: NDArray[np.intp], name: str, value: str
) -> NDArray[np.bool_]:
    """Return which cells have a fault or a unit word."""
    which = np.array([getattr(result, name) == value for result in results], dtype=bool)
    return which[places]


def _faults(cells: Cells, column: Column, where: NDArray[np.bool_], code: str) -> pd.DataFrame:
    """Return a finding for each cell of a fault."""
    if not where.any():
        return findings.none()
    return findings.rows(
        code,
        layer=cells.layer,
        row=cells.rows[where],
        feature_id=cells.ids[where],
        column=column.name,
        value=list(cells.values[where]),
        heading=cells.heading,
    )


def _unit_words(cells: Cells, column: Column, where: NDArray[np.bool_], word: str) -> pd.DataFrame:
    """Return one finding that a column's cells bring their own unit."""
    return findings.rows(
        "unit_from_cells",
        layer=cells.layer,
        row=int(cells.rows[where][0]),
        column=column.name,
        value=word,
        heading=cells.heading,
        count=int(where.sum()),
    )


def _numbers_as_text(
    cells: Cells, column: Column, is_read: NDArray[np.bool_]
) -> list[pd.DataFrame]:
    """Say once that some numbers of a column are stored as text beside others that are not."""
    is_text = np.array([isinstance(cell, str) for cell in cells.values], dtype=bool)
    mixed = is_text & is_read
    if not mixed.any() or is_text[is_read].all():
        return []
    return [
        findings.rows(
            "numbers_as_text",
            layer=cells.layer,
            row=int(cells.rows[mixed][0]),
            column=column.name,
            value=cells.values[mixed].iloc[0],
            heading=cells.heading,
            count=int(mixed.sum()),
        )
    ]


def _use_code(cell: Any) -> _Parsed:
    """Read a land-use code; a zero in front that a spreadsheet took off is put back and said."""
    parsed = _id(cell)
    if parsed.value is None or parsed.fault:
        return parsed
    whole = codes.restored(pd.Series([parsed.value], dtype="str")).iloc[0]
    return parsed if whole == parsed.value else _Parsed(whole, "zero_restored")


def _nothing(text: str) -> _Parsed | None:
    """Return what a blank or an error of Excel reads as, None for any other text."""
    if text.lower() in _BLANKS:
        return _MISSING
    return _Parsed(None, "cell_error") if text.lower() in _CELL_ERRORS else None


def _id(cell: Any) -> _Parsed:
    """Read a cell as an id."""
    if isinstance(cell, str) and _HALF.search(cell):
        return _Parsed(None, "text_undecodable")
    if isinstance(cell, bool | date | timedelta):
        return _Parsed(str(cell), "id_unreliable")
    if isinstance(cell, float | np.floating):
        return _float_id(float(cell))
    kept = raw.trimmed(str(cell))
    text = " ".join(raw.half_width(kept).split())
    shield = _SHIELDED.fullmatch(text)
    text = (shield[1] or shield[2]).strip() if shield else text
    nothing = _nothing(text)
    if nothing is not None:
        return nothing
    unseen = "invisible_removed" if raw.has_unseen(str(cell), kept) else ""
    return _Parsed(text, "id_unreliable" if _SCIENTIFIC.match(text) else unseen)


def _float_id(number: float) -> _Parsed:
    """Read a floating-point cell as an id."""
    if not np.isfinite(number):
        return _Parsed(None, "number_not_finite")
    if not number.is_integer():
        return _Parsed(repr(number))
    return _Parsed(f"{number:.0f}", "id_unreliable" if abs(number) >= _EXACT else "")


def _text(cell: Any) -> _Parsed:
    """Read a cell as text; full-width digits become digits, other signs stay as written."""
    if isinstance(cell, str) and _HALF.search(cell):
        return _Parsed(None, "text_undecodable")
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return _Parsed(f"{cell:.0f}")
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == datetime.min.time() else cell
    kept = raw.trimmed(str(cell))
    text = kept.translate(_DIGITS)
    nothing = _nothing(text)
    if nothing is not None:
        return nothing
    return _Parsed(text, "invisible_removed" if raw.has_unseen(str(cell), kept) else "")


def _day(cell: Any) -> _Parsed:
    """Read a cell as a day."""
    if isinstance(cell, str):
        nothing = _nothing(raw.half_width(raw.trimmed(cell)))
        if nothing is not None:
            return nothing
    return _Parsed(*dates.day(cell))


def _flag(cell: Any) -> _Parsed:
    """Read a cell as yes or no."""
    text = raw.half_width(raw.trimmed(str(cell))).lower()
    if text in _YES or text in _NO:
        return _Parsed(text in _YES)
    return _MISSING if text in _BLANKS else _Parsed(None, "flag_unreadable")


def _number_parser(column: Column, unit: str | None) -> Callable[[Any], _Parsed]:
    """Return a reader of numbers in the unit of the source; a cell's own unit comes first."""
    may_be_negative = column.name in _MAY_BE_NEGATIVE

    def stored(number: float, word: str = "") -> _Parsed:
        if not np.isfinite(number):
            return _Parsed(None, "number_not_finite")
        if number < 0 and not may_be_negative:
            return _Parsed(None, "number_negative")
        used = UNIT_WORDS[word] if word else unit
        return _Parsed(number * (FACTORS[used] if used else 1.0), "", word)

    def read(cell: Any) -> _Parsed:
        if isinstance(cell, bool | date | timedelta):
            return _Parsed(None, "number_unreadable")
        if isinstance(cell, int | float | np.number):
            return stored(float(cell))
        text = raw.half_width(raw.trimmed(str(cell)))
        nothing = _nothing(text)
        if nothing is not None:
            return nothing
        if text.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
            return _Parsed(None, "number_not_finite")
        parts = _NUMBER.match(_COUNTED.sub("", text) if column.kind == "number" else text)
        word = (parts[2] or "").lower() if parts else ""
        if parts is None or not _is_number(parts[1]) or not _fits(word, column.kind):
            return _Parsed(None, "number_unreadable")
        return stored(float(parts[1].replace(",", "")), word)

    return read


def _is_number(text: str) -> bool:
    """Whether the digits a cell begins with are a number."""
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _fits(word: str, kind: str) -> bool:
    """Whether a unit word measures what a column holds."""
    return not word or kind == ("cny" if word.endswith("元") else "m2")
