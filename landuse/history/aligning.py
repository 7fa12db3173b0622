"""
Two lists of cases row beside row, and where they differ: columns at once, no row by row.

Kept lists are ordered by kind and identifier, so a row stands where it stood but for the rows that
came and went before it; what is not found there is looked up.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from landuse.terms import STATE_OF, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    Positions = NDArray[np.int64]
    Codes = NDArray[np.int32]
    Mask = NDArray[np.bool_]

WORDS = ("kind", "status", "measures")
"""Columns of few values; they are compared by number."""

COLUMNS = (*WORDS, "case_id", "area_m2")
LEAST_M2 = 0.01
"""A smaller difference of area is rounding of the overlay and no change."""

_STATUSES = frozenset(STATE_OF)
_BLOCK = 64  # rows that are taken to have moved together
_CHUNK = _BLOCK << 12  # rows looked at in one go
THREADS = 2


@dataclass(frozen=True)
class Compared:
    """
    Two lists of cases row beside row.

    Attributes
    ----------
    old, new
        Positions of the cases that are in both, in the order of the earlier list.
    gone, added
        Positions in the earlier list of cases only it has, and in the later one likewise.
    changed
        What is in both and differs, by `state`, `status` (the state being the same), `area` and
        `measure`: whether each pair of `old` and `new` does.
    """

    old: Positions
    new: Positions
    gone: Positions
    added: Positions
    changed: dict[str, Mask]


def columns(cases: pd.DataFrame) -> pa.Table:
    """Return the columns of cases that are compared, as Arrow, words as numbers."""
    plain = pa.Table.from_pandas(cases[list(COLUMNS)], preserve_index=False)
    return numbered(plain)


def both(before: Path, after: Path) -> tuple[pa.Table, pa.Table]:
    """Return the compared columns of two kept lists, read beside each other (`columns`)."""
    with _system_memory(), ThreadPoolExecutor(THREADS) as pool:
        one, two = pool.map(_read, (before, after))
    return one, two


@contextmanager
def _system_memory() -> Iterator[None]:
    """
    Let Arrow take memory from the system's allocator for the length of a block.

    It is given back and taken anew at once here; Arrow's own holds on to it and takes fresh pages,
    which costs twice the work. Another thread meanwhile is served as rightly.
    """
    usual = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)


def _read(path: Path) -> pa.Table:
    """Return the columns of kept cases that are compared, and nothing else of them."""
    # one thread a file and no map of it: fresh pages cost more than decoding
    lean = {"use_threads": False, "memory_map": False, "pre_buffer": False}
    table = pq.read_table(path, columns=list(COLUMNS), read_dictionary=list(WORDS), **lean)
    return numbered(table)


def numbered(table: pa.Table) -> pa.Table:
    """Return a table whose words are numbered alike in every chunk."""
    for name in WORDS:
        column = table[name]
        if not pa.types.is_dictionary(column.type):
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, column.dictionary_encode())
    return table.unify_dictionaries().combine_chunks()


def compared(before: pa.Table, after: pa.Table) -> Compared:
    """
    Compare two lists of cases.

    Parameters
    ----------
    before, after
        `columns` of each; areas in m². A case is named once in a list.
    """
    words = {name: codes(before[name], after[name]) for name in WORDS}
    with _system_memory():
        old, new = _pairs(before["case_id"], after["case_id"], *words["kind"][:2])
    differs = {name: words[name][0][old] != words[name][1][new] for name in WORDS[1:]}
    moved = np.flatnonzero(differs["status"])
    states = _states(words["status"][2])
    other = states[words["status"][0][old[moved]]] != states[words["status"][1][new[moved]]]
    state = np.zeros(len(old), dtype=bool)
    state[moved[other]] = True
    one, two = areas(before)[old], areas(after)[new]
    gap = np.abs((one - two).round(6))
    both_missing = np.isnan(one) & np.isnan(two)
    return Compared(
        old=old,
        new=new,
        gone=_without(len(before), old),
        added=_without(len(after), new),
        changed={
            "state": state,
            "status": differs["status"] & ~state,
            "area": ~both_missing & ~(gap < LEAST_M2),
            "measure": differs["measures"],
        },
    )


def _states(statuses: list[str]) -> NDArray[np.object_]:
    """Return the state that each status refines; a word that is no status is its own."""
    return np.array([STATE_OF.get(Status(s)) if s in _STATUSES else s for s in statuses], object)


def _pairs(
    before: pa.ChunkedArray,
    after: pa.ChunkedArray,
    old_kinds: Codes,
    new_kinds: Codes,
) -> tuple[Positions, Positions]:
    """Return the positions of cases that are in both lists."""
    found = []
    for kind in np.flatnonzero(np.bincount(old_kinds, minlength=1)):
        mine, theirs = (np.flatnonzero(kinds == kind) for kinds in (old_kinds, new_kinds))
        place = aligned(_at(before, mine), _at(after, theirs))
        is_there = place >= 0
        found.append((mine[is_there], theirs[place[is_there]]))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    old, new = (np.concatenate(side) for side in zip(*found, strict=True))
    order = np.argsort(old, kind="stable") if len(found) > 1 else slice(None)
    return old[order], new[order]


def _at(names: pa.ChunkedArray, positions: Positions) -> pa.Array:
    """Return names by position; a run of neighbours is not copied."""
    whole = names.combine_chunks() if names.num_chunks != 1 else names.chunk(0)
    if len(positions) and positions[-1] - positions[0] == len(positions) - 1:
        return whole.slice(int(positions[0]), len(positions))
    return whole.take(pa.array(positions))


def aligned(before: pa.Array, after: pa.Array) -> Positions:
    """
    Return where each name of one list stands in another; -1 where it does not.

    Parameters
    ----------
    before, after
        Names, each once in a list. Ordered lists are the fast case; any order is right.
    """
    if not len(before) or not len(after):
        return np.full(len(before), -1, dtype=np.int64)
    starts = np.arange(0, len(before), _BLOCK)
    shifts = _lower_bounds(after, before.take(pa.array(starts))) - starts
    then = np.append(shifts[1:], len(after) - len(before))
    # fresh memory costs more than the work: small arrays are used again
    with ThreadPoolExecutor(THREADS) as pool:
        parts = pool.map(
            lambda at: _guessed(before, after, at, shifts, then),
            range(0, len(before), _CHUNK),
        )
        place = np.concatenate(list(parts))
    open_ = np.flatnonzero(place < 0)
    if len(open_):
        left = _without(len(after), place[place >= 0])
        found = pc.index_in(before.take(pa.array(open_)), value_set=after.take(pa.array(left)))
        where = found.fill_null(-1).to_numpy(zero_copy_only=False)
        place[open_] = np.where(where >= 0, left[where] if len(left) else -1, -1)
    return place


def _guessed(
    before: pa.Array, after: pa.Array, at: int, shifts: Positions, then: Positions
) -> Positions:
    """
    Return where the names of one chunk stand if they moved as a neighbour did; -1 where not.

    Parameters
    ----------
    before, after
        The names.
    at
        First row of the chunk, a multiple of the block.
    shifts, then
        By how much the first name of each block moved, and that of the next.
    """
    names = before.slice(at, _CHUNK)
    rows = np.arange(at, at + len(names), dtype=np.int64)
    place = np.full(len(names), -1, dtype=np.int64)
    blocks = slice(at // _BLOCK, at // _BLOCK + -(-len(names) // _BLOCK))
    for shift in (shifts[blocks], then[blocks]):
        open_ = place < 0
        guess = (rows + np.repeat(shift, _BLOCK)[: len(names)])[open_]
        np.clip(guess, 0, len(after) - 1, out=guess)
        wanted = names if len(guess) == len(names) else names.filter(pa.array(open_))
        same = pc.equal(wanted, after.take(pa.array(guess))).to_numpy(zero_copy_only=False)
        place[np.flatnonzero(open_)[same]] = guess[same]
        if same.all():
            break
    return place


def _lower_bounds(names: pa.Array, wanted: pa.Array) -> Positions:
    """Return before which position each wanted name would stand in an ordered list."""
    low = np.zeros(len(wanted), dtype=np.int64)
    high = np.full(len(wanted), len(names), dtype=np.int64)
    while (high > low).any():
        middle = (low + high) // 2
        at = names.take(pa.array(np.minimum(middle, len(names) - 1)))
        less = pc.less(at, wanted).to_numpy(zero_copy_only=False) & (low < high)
        low, high = np.where(less, middle + 1, low), np.where(less, high, middle)
    return low


def _without(length: int, positions: Positions) -> Positions:
    """Return every position of a list but some."""
    is_left = np.ones(length, dtype=bool)
    is_left[positions] = False
    return np.flatnonzero(is_left)


def codes(before: pa.ChunkedArray, after: pa.ChunkedArray) -> tuple[Codes, Codes, list[str]]:
    """Return two columns of words by the same numbers, and the words; a missing one is ""."""
    sides = [column.combine_chunks() for column in (before, after)]
    dictionaries = [side.dictionary.cast(pa.large_string()) for side in sides]
    words = pa.concat_arrays([*dictionaries, pa.array([""], pa.large_string())]).unique()
    found = []
    for side, own in zip(sides, dictionaries, strict=True):
        numbers = pc.index_in(own, value_set=words).to_numpy(zero_copy_only=False)
        blank = words.index("").as_py()
        table = np.append(numbers, blank).astype(np.int32)
        indices = side.indices.fill_null(len(own)) if side.null_count else side.indices
        found.append(table[indices.to_numpy(zero_copy_only=False)])
    return found[0], found[1], words.to_pylist()


def areas(cases: pa.Table) -> NDArray[np.float64]:
    """Return the areas of cases in m², NaN where missing."""
    found: NDArray[np.float64] = cases["area_m2"].to_numpy().astype(np.float64, copy=False)
    return found
