"""
Stock and flow: what stood where on two days, and what went from where to where.

A case flows with the smaller of its two areas; what it lost leaves and what it gained enters, so
each row sums to the stock of the earlier day and each column to that of the later one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse.history import aligning
from landuse.terms import STATE_OF

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from landuse.history.aligning import Codes, Compared

OUTSIDE = ""
"""Stands for where new cases come from, gone ones go to, and areas grow from and shrink to."""

_GRAIN = 256.0
_KEY = ["kind", "case_id"]
_STATUSES = [status.value for status in STATE_OF]


def steps(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """
    Return what each case did: from which status to which, as one case or as a part of its land.

    Parameters
    ----------
    before, after
        Cases of the two days, areas in m².

    Returns
    -------
    steps
        `kind`, `case_id`, `from_status`, `to_status` (`OUTSIDE` for none), `count` (1 for the
        case, 0 for land it gained or lost), `area_m2`.
    """
    one, two = aligning.columns(before), aligning.columns(after)
    parts, words = _parts(one, two, aligning.compared(one, two))
    names = np.array([OUTSIDE, *words], dtype=object)
    tables = [
        (before if part.is_old else after)[_KEY]
        .iloc[part.place]
        .assign(
            from_status=names[part.start],
            to_status=names[part.end],
            count=part.count,
            area_m2=part.area_m2,
        )
        for part in parts
    ]
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class _Part:
    """Steps of one kind as numbers: statuses by their place in the words, 0 for none."""

    start: Codes
    end: Codes
    count: int
    area_m2: NDArray[np.float64]
    is_old: bool
    place: NDArray[np.int64]


def _parts(before: pa.Table, after: pa.Table, found: Compared) -> tuple[list[_Part], list[str]]:
    """Return the steps of two lists that were compared, and the words of their statuses."""
    one, two, words = aligning.codes(before["status"], after["status"])
    one, two = one + np.int32(1), two + np.int32(1)
    old_m2, new_m2 = (np.nan_to_num(aligning.areas(table)) for table in (before, after))
    was, now = old_m2[found.old], new_m2[found.new]
    lost, gained = (np.flatnonzero(side) for side in (was > now, now > was))
    nowhere = [np.zeros(len(rows), np.int32) for rows in (found.gone, found.added, lost, gained)]
    less, more = found.old[lost], found.new[gained]
    return [
        _Part(one[found.old], two[found.new], 1, np.minimum(was, now), True, found.old),
        _Part(one[found.gone], nowhere[0], 1, old_m2[found.gone], True, found.gone),
        _Part(nowhere[1], two[found.added], 1, new_m2[found.added], False, found.added),
        _Part(one[less], nowhere[2], 0, (was - now)[lost], True, less),
        _Part(nowhere[3], two[more], 0, (now - was)[gained], False, more),
    ], words


def matrix(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """
    Return flows from status to status.

    Parameters
    ----------
    before, after
        Cases of the two days, areas in m².

    Returns
    -------
    matrix
        `from_status`, `to_status` (`OUTSIDE` for none), `count`, `area_m2`, in the order of the
        statuses; only flows that occur.
    """
    one, two = aligning.columns(before), aligning.columns(after)
    return matrix_of(one, two, aligning.compared(one, two))


def matrix_of(before: pa.Table, after: pa.Table, found: Compared) -> pd.DataFrame:
    """
    Return the same flows of two lists that were compared already.

    Parameters
    ----------
    before, after
        `aligning.columns` of both.
    found
        What `aligning.compared` said of them.
    """
    parts, words = _parts(before, after, found)
    size = len(words) + 1
    rows, counts, areas = (np.zeros(size * size) for _ in range(3))
    for part in parts:
        pair = part.start * np.int32(size) + part.end
        own = np.bincount(pair, minlength=size * size)
        rows += own
        counts += own * part.count
        areas += _sums(pair, part.area_m2, size * size)
    there = np.flatnonzero(rows)
    names = np.array([OUTSIDE, *words], dtype=object)
    table = {
        "from_status": names[there // size],
        "to_status": names[there % size],
        "count": counts[there].astype(np.int64),
        "area_m2": areas[there],
    }
    return ordered(pd.DataFrame(table))


def _sums(pair: Codes, area_m2: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """
    Sum areas by a number, whatever their order: what is coarse without error, the rest apart.

    Multiples of 1/256 m² add up exactly to 3.5e13 m²; the rests are so small that their sum is
    off by less than 1e-9 m².
    """
    coarse = np.rint(area_m2 * _GRAIN) / _GRAIN
    parts = [np.bincount(pair, weights=w, minlength=size) for w in (coarse, area_m2 - coarse)]
    return np.add(*parts).astype(np.float64)


def ordered(flows: pd.DataFrame) -> pd.DataFrame:
    """Return flows in the order of the statuses, `OUTSIDE` last."""
    place = {status: n for n, status in enumerate([*_STATUSES, OUTSIDE])}
    return flows.sort_values(
        ["from_status", "to_status"],
        key=lambda names: names.map(place),
        kind="stable",
        ignore_index=True,
    )


def stock(
    before: pd.DataFrame,
    after: pd.DataFrame,
    totals_before: Mapping[str, Any],
    totals_after: Mapping[str, Any],
) -> pd.DataFrame:
    """
    Return stock, in, out and stock of each status, held against the totals of both days.

    Parameters
    ----------
    before, after
        Cases of the two days, areas in m².
    totals_before, totals_after
        Totals of the two days (`totals.json`).

    Returns
    -------
    stock
        One row a status: before_count, in_count, out_count, after_count and the same in m²
        (before + in - out = after); `gap_before_m2`, `gap_after_m2`, `gap_before_count`,
        `gap_after_count`: what the totals say less that, 0 but for rounding.
    """
    flows = matrix(before, after)
    rows = []
    for status in _STATUSES:
        out, into = flows["from_status"] == status, flows["to_status"] == status
        row: dict[str, Any] = {"status": status}
        for unit, column in (("count", "count"), ("m2", "area_m2")):
            row[f"before_{unit}"] = math.fsum(flows.loc[out, column])
            row[f"in_{unit}"] = math.fsum(flows.loc[into & ~out, column])
            row[f"out_{unit}"] = math.fsum(flows.loc[out & ~into, column])
            row[f"after_{unit}"] = math.fsum(flows.loc[into, column])
            for side, totals in (("before", totals_before), ("after", totals_after)):
                said = _said(totals, status, column)
                row[f"gap_{side}_{unit}"] = said - row[f"{side}_{unit}"]
        rows.append(row)
    table = pd.DataFrame(rows)
    whole = [name for name in table.columns if name.endswith("_count")]
    return table.astype(dict.fromkeys(whole, "int64"))


def _said(totals: Mapping[str, Any], status: str, column: str) -> float:
    """Return what the totals of the city say of a status."""
    states = totals["city"]["states"].values()
    return float(next(s["statuses"][status][column] for s in states if status in s["statuses"]))
