"""
The status of approved land that is not supplied (批而未供).

批而未供 has no statute of its own; the clock of lapse comes from ministry policy and the rule that
land built on without papers still counts as unsupplied from its published reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import facts, units
from landuse.classify import coded
from landuse.terms import Status

if TYPE_CHECKING:
    from datetime import date

    from landuse.law import Statutes

MISSING = ("", "compensation_done", "approved_on", "approval_id", "geometry")
"""What a case may lack: names of columns."""


def statuses(
    approvals: pd.DataFrame, occupied_m2: pd.Series, on: date, statutes: Statutes
) -> pd.DataFrame:
    """
    Give the unsupplied remainder of every approval exactly one status.

    Parameters
    ----------
    approvals
        Table of role `approval`, those with a remainder.
    occupied_m2
        Area of built footprints on each remainder, m², same index; missing where unknown.
    on
        The day asked for.
    statutes
        The law in force on it.

    Returns
    -------
    statuses
        Same index: `status`, `missing`, the clock since approval, `next_status` and its day.

    Raises
    ------
    LawError
        If the rule of lapse is not in force on the day.

    Notes
    -----
    A withdrawn approval has lapsed whatever stands on it. Land built on stays 批而未供 and is
    marked 实际已用. Lapse after years without use or compensation: 自然资规〔2018〕1号 （二）.
    """
    approved = units.days(
        approvals["approved_on"].mask(facts.is_blank_day(approvals["approved_on"]))
    )
    years = statutes["approvals.lapse_years"].amount
    least = statutes["inefficient.occupied_min_area"].amount
    withdrawal = approvals["withdrawn_on"].mask(facts.is_blank_day(approvals["withdrawn_on"]))
    withdrawn = (withdrawal <= pd.Timestamp(on)).to_numpy()
    paid = approvals["compensation_done"]
    is_paid = paid.fillna(value=False).to_numpy(dtype=bool)
    is_unpaid = (~paid.fillna(value=True)).to_numpy(dtype=bool)
    occupied = (occupied_m2 >= least).to_numpy()
    aged = units.full_years(approved, on) >= years
    status = np.select(
        [withdrawn, occupied, is_paid, is_unpaid & np.isnat(approved), is_unpaid & aged, is_unpaid],
        [
            Status.LAPSED.value,
            Status.OCCUPIED.value,
            Status.EXPROPRIATED.value,
            Status.UNDETERMINED.value,
            Status.LAPSED.value,
            Status.UNEXPROPRIATED.value,
        ],
        Status.UNSUPPLIED.value,
    ).astype(object)
    missing = np.where(status == Status.UNSUPPLIED, "compensation_done", "").astype(object)
    missing[status == Status.UNDETERMINED] = "approved_on"
    if "is_conflicting" in approvals:
        conflicting = approvals["is_conflicting"].to_numpy(dtype=bool)
        status[conflicting], missing[conflicting] = Status.UNDETERMINED.value, "approval_id"
    lapses = status == Status.UNEXPROPRIATED
    nothing = np.datetime64("NaT", "D")
    gross = units.days_between(approved, on)
    return pd.DataFrame(
        {
            "status": pd.Categorical(status, categories=coded.STATUSES),
            "missing": pd.Categorical(missing, categories=MISSING),
            "withdrawn_on": withdrawal.where(withdrawn),
            "clock_from": approved.astype("datetime64[s]"),
            "clock_basis": coded.words((~np.isnat(approved)).astype(np.int8), ("", "approved_on")),
            "gross_days": gross,
            "paused_days": np.where(np.isnat(approved), np.nan, 0.0),
            "net_days": gross,
            "full_years": units.full_years(approved, on),
            "next_status": coded.words(lapses * coded.CODE[Status.LAPSED], coded.STATUSES),
            "next_status_on": np.where(
                lapses, units.first_day_past(approved, years), nothing
            ).astype("datetime64[s]"),
        },
        index=approvals.index,
    )
