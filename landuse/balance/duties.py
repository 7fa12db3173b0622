"""What is to be done by a day: cases with a deadline, and by whom."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from datetime import date


def figures(cases: pd.DataFrame, on: date) -> dict[str, Any]:
    """
    Return how many cases have a deadline, and by which office.

    Parameters
    ----------
    cases
        Cases of a place: `due_on`, `lead`, `area_m2`.
    on
        The day asked for.

    Returns
    -------
    figures
        `count`, `area_m2` (of whole cases, where most of them lies), `this_year` (due by
        31 December), and the same by lead office in `leads`. A case without a deadline is no duty.
    """
    open_ = cases[cases["due_on"].notna()]
    by_lead = open_.groupby(open_["lead"].fillna(""))
    leads = {str(lead): _part(rows, on) for lead, rows in by_lead}
    return {**_part(open_, on), "leads": leads}


def _part(cases: pd.DataFrame, on: date) -> dict[str, Any]:
    """Return count, area, and how many are due this year."""
    is_soon = cases["due_on"] <= pd.Timestamp(on.year, 12, 31)
    return {
        "count": len(cases),
        "area_m2": math.fsum(cases["area_m2"].dropna()),
        "this_year": int(is_soon.sum()),
    }
