"""
Why a case is late or unsupplied, as one word the table of measures can ask for.

Only what stands on record counts: lawful pauses (闲置土地处置办法 第八条), a seizure, and the cause
that a ledger names in words that are known. Nothing is read out of other words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse.terms import HOLDER_CAUSES, PAUSE_CAUSES, UNSUPPLIED_CAUSES, Status, cause_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from landuse.dispose.table import Decisions

_COLUMNS = {
    "supply": ("delay_cause", HOLDER_CAUSES),
    "approval": ("unsupplied_cause", UNSUPPLIED_CAUSES),
}


def of(
    cases: pd.DataFrame, tables: Mapping[str, pd.DataFrame], table: Decisions, on: date
) -> pd.Series:
    """
    Return the cause of each case, a word of `table.CAUSES`.

    Parameters
    ----------
    cases
        Columns `case_id`, `kind`, `status`, `clock_from` and `paused_days` (lawful days deducted).
    tables
        Tables `supply` (`is_seized`, `delay_cause`), `approval` (`unsupplied_cause`) and `pause`.
    table
        Says which statuses are late through government.
    on
        The day asked for.

    Notes
    -----
    The first that holds: sealed or E4 by the ledger · government or force majeure, by the cause
    whose days on record are most (ties by code) · lawful days deducted with a delay left ·
    the cause of the ledger · none on record · unknown.
    """
    status, paused = cases["status"], cases["paused_days"]
    stated = _stated(cases, tables)
    is_government = status.isin(table.always_government)
    is_government |= status.isin(table.government_with_pauses) & (paused > 0)
    leading = _leading(cases, tables["pause"], on)
    leading = leading.mask(status == Status.NOT_DELIVERED, "G1")
    chosen = np.select(
        [stated == "E4", is_government, paused > 0, stated != "", paused.notna()],
        [stated, leading, "mixed", stated, "holder"],
        "unknown",
    )
    return pd.Series(chosen, index=cases.index, dtype=object)


def _stated(cases: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Return the cause that ledger or seizure names, "" for none; a seizure comes first."""
    ids = cases["case_id"].astype(object)
    found = pd.Series("", index=cases.index, dtype=object)
    for kind, (column, known) in _COLUMNS.items():
        table = tables[kind].dropna(subset=[column]).drop_duplicates(f"{kind}_id")
        codes = {text: cause_code(str(text), known) for text in table[column].unique()}
        named = dict(zip(table[f"{kind}_id"], table[column].map(codes), strict=True))
        told = [named.get(key, "") for key in ids]
        found = found.mask(cases["kind"] == kind, pd.Series(told, cases.index, dtype=object))
    supplies = tables["supply"]
    is_seized = supplies["is_seized"].fillna(value=False).astype(bool)
    sealed = supplies.loc[is_seized, "supply_id"]
    return found.mask((cases["kind"] == "supply") & cases["case_id"].isin(sealed), "E4")


def _leading(cases: pd.DataFrame, pauses: pd.DataFrame, on: date) -> pd.Series:
    """Return the lawful cause of most days from the clock to the day; G where none is known."""
    day = pd.Timestamp(on)
    lawful = pauses[pauses["cause"].isin(list(PAUSE_CAUSES)) & (pauses["begins_on"] <= day)]
    if lawful.empty:
        return pd.Series("G", cases.index, dtype=object)
    clock = cases.drop_duplicates("case_id").set_index("case_id")["clock_from"]
    start = lawful["supply_id"].map(clock)
    begins = lawful["begins_on"].where(~(start > lawful["begins_on"]), start)
    ends = lawful["ends_on"].where(lawful["ends_on"] < day, day)
    days = ((ends - begins).dt.days + 1).clip(lower=0)
    sums = lawful.assign(days=-days).groupby(["supply_id", "cause"])["days"].sum()
    order = ["supply_id", "days", "cause"]
    first = sums.reset_index().sort_values(order).drop_duplicates("supply_id")
    known = dict(zip(first["supply_id"], first["cause"], strict=True))
    return pd.Series([known.get(key, "G") for key in cases["case_id"]], cases.index, dtype=object)
