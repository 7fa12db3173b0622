"""
Words as whole numbers: what a million rows say is held as codes and written out at the end.

Comparing and choosing codes is many times faster than comparing text; each closed set of words is
one tuple, its first the word for "nothing".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Codes = NDArray[np.integer[Any]]
    Rows = NDArray[np.int64]

STATUSES = ("", *(status.value for status in Status))
"""Every status; "" where there is none."""

CODE = {status: STATUSES.index(status.value) for status in Status}
"""Status -> its code."""

_LONGEST = 64  # bytes of a key that is held as whole numbers
_ODD, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)


def words(codes: NDArray[Any], known: Sequence[str]) -> pd.Categorical[Any]:
    """Return codes as the words they stand for."""
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(known)), validate=False)


def of(values: pd.Series) -> Codes:
    """Return the codes of a column of words."""
    codes: Codes = values.cat.codes.to_numpy()
    return codes


def numbered(values: NDArray[Any]) -> tuple[NDArray[np.int32], list[int]]:
    """Return small whole numbers ≥ 0 counted through without gaps, and which there are."""
    there = np.flatnonzero(np.bincount(values, minlength=1))
    place = np.zeros(there.max(initial=0) + 1, dtype=np.int32)
    place[there] = np.arange(len(there))
    return place[values], there.tolist()


def repeated(word: str, count: int) -> pd.Categorical[Any]:
    """Return one word for every row."""
    return words(np.zeros(count, dtype=np.int8), (word,))


def is_any(codes: Codes, statuses: Sequence[Status]) -> NDArray[np.bool_]:
    """Whether each code is that of one of some statuses."""
    table = np.zeros(len(STATUSES), dtype=bool)
    table[[CODE[status] for status in statuses]] = True
    return table[codes]


def text(values: pd.Series) -> pa.Array:
    """Return a column of text as Arrow holds it; missing values are null."""
    found = pa.array(values.array, type=pa.large_string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def written(values: Any) -> pd.Series:
    """Return Arrow text as a column."""
    return pd.Series(pd.array(values, dtype="str"))


def decoded(values: pd.Series) -> pa.Array:
    """Return a column of words, coded or not, as Arrow text."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return text(values)
    code = of(values)
    known = pa.array(values.cat.categories, type=pa.large_string())
    return pc.take(known, pa.array(code, mask=code < 0))


def filled(values: pd.Series) -> pa.Array:
    """Return a column of words as Arrow text; missing values are empty."""
    found = decoded(values)
    return pc.fill_null(found, "") if found.null_count else found


def either(first: pd.Series, second: pd.Series) -> pd.Series:
    """Return a column of words, filled from a column of text where it is missing."""
    if first.isna().all():
        return second
    return written(pc.coalesce(decoded(first), text(second))).set_axis(first.index)


def order(keys: pd.Series) -> Rows | None:
    """Return the rows in the order of their keys; None where they stand in it already."""
    found = text(keys)
    if not found.null_count and pc.all(pc.less_equal(found[:-1], found[1:])).as_py() is not False:
        return None
    rows: Rows = pc.sort_indices(found).to_numpy(zero_copy_only=False).astype(np.int64)
    return rows


def has_text(values: pd.Series) -> NDArray[np.bool_]:
    """Whether each cell holds more than blanks."""
    if values.isna().all():
        return np.zeros(len(values), dtype=bool)
    trimmed = pc.utf8_trim_whitespace(text(values))
    return _mask(pc.not_equal(trimmed, ""))


def holds(values: pd.Series, *parts: str) -> NDArray[np.bool_]:
    """Whether each cell holds one of some parts; a missing cell holds none."""
    found = np.zeros(len(values), dtype=bool)
    if values.isna().all():
        return found
    column = text(values)
    for part in parts:
        found |= _mask(pc.match_substring(column, part))
    return found


def is_true(values: pd.Series) -> NDArray[np.bool_]:
    """Whether a fact is known to hold."""
    known: NDArray[np.bool_] = values.fillna(value=False).to_numpy(dtype=bool)
    return known


def positions(keys: pd.Series, among: pd.Series) -> Rows:
    """Return the position of each key among unique keys; -1 where it is not among them."""
    if keys.empty or among.empty:
        return np.full(len(keys), -1, dtype=np.int64)
    wanted, there = text(keys), text(among)
    found = _among_one_length(wanted, there)
    return _among_any(wanted, there) if found is None else found


def _among_one_length(wanted: pa.Array, there: pa.Array) -> Rows | None:
    """
    Return positions among keys of one length, as registers give them; None if they are others.

    Keys are found by a number mixed of their bytes, then compared byte by byte.
    """
    length = _lengths(there)
    if there.null_count or length.min() != length.max() or not 0 < length[0] <= _LONGEST:
        return None
    alike = _lengths(wanted) == length[0]
    alike &= pc.is_valid(wanted).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(alike)
    found = np.full(len(wanted), -1, dtype=np.int64)
    if not len(rows):
        return found
    asked, known = _packed(wanted if alike.all() else wanted.take(pa.array(rows))), _packed(there)
    table = pd.Index(_mixed(known))
    if not table.is_unique:
        return None
    place = table.get_indexer(pd.Index(_mixed(asked)))
    for column in range(known.shape[1]):
        place[known[:, column][place] != asked[:, column]] = -1
    found[rows] = place
    return found


def _lengths(keys: pa.Array) -> NDArray[np.int64]:
    """Return the length of each key in bytes; what stands for a missing one is not said."""
    ends = np.frombuffer(keys.buffers()[1], dtype=np.int64)
    return np.diff(ends[keys.offset : keys.offset + len(keys) + 1])


def _packed(keys: pa.Array) -> NDArray[np.uint64]:
    """Return keys of one length, none missing, as rows of whole numbers, eight bytes each."""
    _, ends, data = keys.buffers()
    first, last = np.frombuffer(ends, dtype=np.int64)[[keys.offset, keys.offset + len(keys)]]
    held = np.frombuffer(data, dtype=np.uint8)[first:last].reshape(len(keys), -1)
    short = -held.shape[1] % 8
    wide = np.pad(held, ((0, 0), (0, short))) if short else held
    return np.ascontiguousarray(wide).view(np.uint64)


def _mixed(packed: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return one number a row, seldom the same for different rows."""
    mixed = packed[:, 0] * _ODD
    for column in packed.T[1:]:
        mixed = (mixed ^ (mixed >> _HALF) ^ column) * _ODD
    return mixed ^ (mixed >> _HALF)


def _among_any(wanted: pa.Array, there: pa.Array) -> Rows:
    """Return positions among keys of any length; the smaller of the two goes into a table."""
    if len(wanted) >= len(there):
        return _filled(pc.index_in(wanted, value_set=there, skip_nulls=True))
    encoded = pc.dictionary_encode(wanted)
    hit = _filled(pc.index_in(there, value_set=encoded.dictionary, skip_nulls=True))
    rows = np.flatnonzero(hit >= 0)
    place = np.full(len(encoded.dictionary) + 1, -1, dtype=np.int64)  # the last: no key
    place[hit[rows]] = rows
    return place[_filled(encoded.indices)]


def _filled(found: pa.Array) -> Rows:
    """Return positions as Arrow found them; -1 where it found none."""
    filled: Rows = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return filled


def _mask(found: Any) -> NDArray[np.bool_]:
    """Return a boolean Arrow column; null is False."""
    mask: NDArray[np.bool_] = pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False)
    return mask
