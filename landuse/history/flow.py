"""
Stock and flow: what stood where on two days, and what went from where to where.

A case flows with the smaller of its two areas; what it lost leaves and what it gained enters, so
each row sums to the stock of the earlier day and each column to that of the later one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse.terms import STATE_OF

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTSIDE = ""
"""Stands for where new cases come from, gone ones go to, and areas grow from and shrink to."""

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
    columns = [*_KEY, "status", "area_m2"]
    joined = before[columns].merge(after[columns], on=_KEY, how="outer", suffixes=("_a", "_b"))
    old, new = (joined[f"area_m2_{side}"].fillna(0.0) for side in "ab")
    one, two = (joined[f"status_{side}"].astype(object).fillna(OUTSIDE) for side in "ab")
    stays = old.where(old < new, new)
    is_both = (one != OUTSIDE) & (two != OUTSIDE)
    who = {name: joined[name] for name in _KEY}

    def part(start: Any, end: Any, count: int, area: pd.Series) -> pd.DataFrame:
        said = {"from_status": start, "to_status": end, "count": count, "area_m2": area}
        return pd.DataFrame({**who, **said})

    whole = [
        part(one, two, 1, stays.where(is_both, old + new)),
        part(one, OUTSIDE, 0, old - stays)[is_both],
        part(OUTSIDE, two, 0, new - stays)[is_both],
    ]
    table = pd.concat(whole, ignore_index=True)
    moves: pd.DataFrame = table[(table["count"] > 0) | (table["area_m2"] > 0)]
    return moves.reset_index(drop=True)


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
    by = steps(before, after).groupby(["from_status", "to_status"])
    return ordered(by.agg(count=("count", "sum"), area_m2=("area_m2", math.fsum)).reset_index())


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
