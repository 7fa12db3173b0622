"""
Whole columns at once: the cells of which nothing is in doubt, as a cell by cell reading has them.

What is recognised here is deliberately narrow. Every other cell is read by itself in `values`,
with its findings; a test holds the two readings to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HAN = r"\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}"
_SIGN = rf"[0-9A-Za-z{_HAN}〔〕()._-]"
_WORD = rf"[0-9A-Za-z{_HAN}〔〕（）《》“”，。、；：·()._/-]"
_SURE = {
    # a digit tells an id from all words for nothing; no sign a spreadsheet could have put there
    "id": rf"^{_SIGN}*[0-9]{_SIGN}*$",
    # at least two signs, one of them a digit or an ideograph: no word for nothing is like that
    "text": rf"^(?:[0-9{_HAN}]{_WORD}+|{_WORD}+[0-9{_HAN}]{_WORD}*)$",
    "number": r"^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$",
}
"""Kind of a column → how a cell is written that can be read in one way only (RE2)."""

_LONGER_THAN_NOTHING = 5  # bytes; of the words for nothing only those with other signs are longer
_KEPT = np.zeros(256, dtype=bool)
_KEPT[[ord(sign) for sign in "().-_"]] = True
for _first, _last in (("0", "9"), ("A", "Z"), ("a", "z")):
    _KEPT[ord(_first) : ord(_last) + 1] = True
_KEPT[0x80:0xC0] = True  # the second and third byte of a sign
_KEPT[0xE4:0xEA] = True  # the first byte of U+4000 to U+9FFF: nothing there is a blank or a digit
_BOTH_KEPT = (_KEPT[:, None] & _KEPT[None, :]).ravel()  # of two bytes looked up as one number


@dataclass(frozen=True)
class Sure:
    """A column's certain cells, missing elsewhere, and which they are."""

    values: pd.Series
    where: NDArray[np.bool_]


def sure(cells: pd.Series, kind: str) -> Sure | None:
    """
    Read the certain cells of a column of texts.

    Parameters
    ----------
    cells
        A column as the file has it.
    kind
        ``id``, ``text`` or ``number``.

    Returns
    -------
    sure
        Values with the index of the cells and dtype ``str`` or ``float64``; None if the column
        holds anything but texts.
    """
    held = _texts(cells)
    if held is None:
        return None
    if kind != "number" and isinstance(cells.dtype, pd.StringDtype) and _is_plain(held):
        return Sure(cells, np.ones(len(cells), dtype=bool))
    matches = pc.match_substring_regex(held, _SURE[kind])
    told = pc.fill_null(matches, fill_value=True)  # a missing cell is surely missing
    where: NDArray[np.bool_] = told.to_numpy().astype(bool)
    kept = held if where.all() else pc.if_else(told, held, pa.scalar(None, held.type))
    if kind == "number":
        return Sure(pd.Series(kept.cast(pa.float64()).to_numpy(), index=cells.index), where)
    if kept is held and isinstance(cells.dtype, pd.StringDtype):
        return Sure(cells, where)
    return Sure(pd.Series(pd.array(kept, dtype="str"), index=cells.index), where)


def _is_plain(held: pa.ChunkedArray) -> bool:
    """Whether every byte of a column of texts is one that stays as it is, and no cell is short."""
    shortest = pc.min(pc.binary_length(held)).as_py()
    if shortest is not None and shortest < _LONGER_THAN_NOTHING:
        return False
    return all(_all_kept(_bytes(chunk)) for chunk in held.chunks if len(chunk))


def _all_kept(held: NDArray[np.uint8]) -> bool:
    """Whether every byte stays as it is; two are looked up at once."""
    even = len(held) // 2 * 2
    return bool(_KEPT[held[even:]].all() and _BOTH_KEPT[held[:even].view(np.uint16)].all())


def _bytes(chunk: Any) -> NDArray[np.uint8]:
    """Return the bytes of all texts of an array of large strings."""
    _, places, held = chunk.buffers()
    if held is None:
        return np.empty(0, dtype=np.uint8)
    ends = np.frombuffer(places, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
    return np.frombuffer(held, dtype=np.uint8)[ends[0] : ends[-1]]


def _texts(cells: pd.Series) -> pa.ChunkedArray | None:
    """Return a column of texts as an arrow array, None if it is no such column."""
    given: Any
    if isinstance(cells.dtype, pd.StringDtype):
        given = cells.array
    elif cells.dtype == object and pd.api.types.infer_dtype(cells, skipna=True) == "string":
        given = cells.to_numpy()
    else:
        return None
    try:
        held = pa.array(given, type=pa.large_string(), from_pandas=True)
    except (pa.ArrowException, UnicodeError):  # half a surrogate pair is no text
        return None
    return held if isinstance(held, pa.ChunkedArray) else pa.chunked_array([held])


def distinct(cells: pd.Series) -> tuple[NDArray[np.intp], list[Any]]:
    """
    Return which distinct cell each cell is, -1 where missing, and these.

    A True is not taken for the 1 it equals, nor a whole number for the text of its digits.
    """
    if cells.dtype != object:
        places, found = pd.factorize(cells)
        return places, found.tolist()
    missing = cells.isna().to_numpy()
    typed = np.empty(len(cells), dtype=object)
    typed[:] = [
        None if gone else (type(cell).__name__, cell)
        for cell, gone in zip(cells, missing, strict=True)
    ]
    places, pairs = pd.factorize(typed, use_na_sentinel=True)
    return places, [cell for _, cell in pairs]


def repeated(text: str, count: int) -> pd.Series:
    """Return a column that says the same in every row."""
    one = text.encode("utf-8")
    ends = pa.py_buffer(np.arange(count + 1, dtype=np.int64) * len(one))
    made = pa.LargeStringArray.from_buffers(count, ends, pa.py_buffer(one * count))
    return pd.Series(pd.array(made, dtype="str"))
