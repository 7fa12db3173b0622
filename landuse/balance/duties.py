"""What is to be done by a day: cases with a deadline, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from datetime import date

    from landuse.balance.rows import Rows


def figures(cases: Rows, on: date) -> dict[str, Any]:
    """
    Return how many cases have a deadline, and by which office.

    Parameters
    ----------
    cases
        Cases of a place: `due_on`, `lead` ("" where nobody leads), `area_m2`.
    on
        The day asked for.

    Returns
    -------
    figures
        `count`, `area_m2` (of whole cases, where most of them lies), `this_year` (due by
        31 December), and the same by lead office in `leads`. A case without a deadline is no duty.
    """
    open_ = cases.where(~np.isnat(cases["due_on"]))
    offices = open_["lead"]
    leads = {name: _part(open_.where(offices == name), on) for name in sorted(set(offices))}
    return {**_part(open_, on), "leads": leads}


def _part(cases: Rows, on: date) -> dict[str, Any]:
    """Return count, area, and how many are due this year."""
    is_soon = cases["due_on"] <= np.datetime64(f"{on.year:04}-12-31")
    return {
        "count": len(cases),
        "area_m2": cases.sum("area_m2"),
        "this_year": int(is_soon.sum()),
    }
