"""
Where a table begins: its header row or rows, merged cells, and a unit written above it.

Only a header row that is declared, or that stands in the first rows and names columns of the
role, is a header; nothing is taken for one because it looks like text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landuse import findings
from landuse.errors import LayerError
from landuse.read import headings, raw

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from landuse.layers import Source

    Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]

_SEARCHED = 12  # rows from the top in which a header may stand
_ENOUGH = 2  # known headings that make a row a header
_DEEPEST = 4  # rows of one header
_UNIT_LINE = re.compile(r"单\s*位\s*[::]\s*(.+)")
_UNIT = re.compile("|".join(sorted(headings.UNIT_WORDS, key=len, reverse=True)))


@dataclass(frozen=True)
class Header:
    """The headings of a table, the row (from 0) they end in, and units named above them."""

    headings: list[str]
    last: int
    units: tuple[str, ...]
    findings: tuple[pd.DataFrame, ...]


def reach(source: Source) -> int:
    """Return how many rows from the top tell where the header is."""
    return max(_SEARCHED, source.header_row)


def row(texts: Sequence[Sequence[Any]], source: Source, file: str) -> tuple[int, list[Any]]:
    """
    Return which row (from 0) is the header.

    Parameters
    ----------
    texts
        The first rows of the file.
    source
        Its declaration; a declared `header_row` other than 1 is followed.
    file
        For the finding.

    Returns
    -------
    row, findings
        Row 1 unless it names no column of the role and one of the first twelve rows names two or
        more; that is said.

    Raises
    ------
    LayerError
        If the file ends before its header.
    """
    declared = source.header_row - 1
    if len(texts) <= declared:
        raise LayerError(
            "read.header_beyond",
            where=source.name,
            file=file,
            rows=len(texts),
            row=source.header_row,
        )
    known = headings.known(source)
    counts = [sum(_is_known(cell, known) for cell in cells) for cells in texts[:_SEARCHED]]
    if declared or counts[0] or max(counts) < _ENOUGH:
        return declared, []
    best = counts.index(max(counts))
    found = findings.rows(
        "header_found", layer=source.name, row=best + 1, value=counts[best], file=file
    )
    return best, [found]


def of_grid(grid: list[list[Any]], merged: Merged, source: Source, file: str) -> Header:
    """
    Return the header of a sheet.

    Parameters
    ----------
    grid
        All cells, row by row.
    merged
        Ranges of merged cells ((row, column), (row, column)), from 0, ends included.
    source, file
        Its declaration, and its name for the findings.

    Raises
    ------
    LayerError
        If the sheet ends before its header.
    """
    at, said = row(grid[: reach(source)], source, file)
    last = min(_last(at, merged), len(grid) - 1)
    levels = [_filled(grid, merged, n) for n in range(at, last + 1)]
    names = _joined(levels, headings.known(source))
    if last > at:
        found = findings.rows(
            "header_of_rows", layer=source.name, row=at + 1, value=last - at + 1, file=file
        )
        said.append(found)
    units = _units_above(grid[:at])
    return Header(names, last, units, tuple(said))


def _is_known(cell: Any, known: frozenset[str]) -> bool:
    """Whether a cell is one of the headings a role knows."""
    name = raw.heading(cell)
    return bool({headings.key(name), headings.key(headings.split(name)[0])} & known)


def _last(at: int, merged: Merged) -> int:
    """Return the last row of a header that begins in a row, as its merged cells tell."""
    begun = [(low, high) for low, high in merged if low[0] == at]
    across = any(low[0] == high[0] for low, high in begun)
    down = max((high[0] for _, high in begun), default=at)
    return min(max(down, at + across), at + _DEEPEST - 1)


def _filled(grid: list[list[Any]], merged: Merged, number: int) -> list[Any]:
    """Return a row with every cell of a merged range holding the range's value."""
    cells = list(grid[number])
    for (top, left), (bottom, right) in merged:
        if top <= number <= bottom:
            width = min(right + 1, len(cells))
            cells[left:width] = [grid[top][left]] * (width - left)
    return cells


def _joined(levels: list[list[Any]], known: frozenset[str]) -> list[str]:
    """Return one heading a column: the known one of what stands over it, else all of it."""
    columns = [[raw.heading(cell) for cell in cells] for cells in zip(*levels, strict=True)]
    if len(levels) == 1:
        return [names[0] for names in columns]
    stacked = [list(dict.fromkeys(name for name in names if name)) for names in columns]
    lowest = [names[-1] if names else "" for names in stacked]
    found = []
    for names in stacked:
        if len(names) > 1 and _UNIT.fullmatch(names[-1].strip("()[]")):
            found.append(f"{''.join(names[:-1])}({names[-1].strip('()[]')})")
            continue
        whole = "".join(names)
        alone = len(names) > 1 and lowest.count(names[-1]) == 1 and _is_known(names[-1], known)
        found.append(names[-1] if alone and not _is_known(whole, known) else whole)
    return found


def _units_above(rows: list[list[Any]]) -> tuple[str, ...]:
    """Return the units a line such as 单位: 公顷、万元 above the header names."""
    for cells in rows:
        for cell in cells:
            line = _UNIT_LINE.search(raw.half_width(str(cell)))
            if line:
                return tuple(headings.UNIT_WORDS[word] for word in _UNIT.findall(line[1]))
    return ()
