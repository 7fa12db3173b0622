"""
A filled-in list comes back: what was edited cell by cell, then what is accepted of it.

`planned` reads workbooks and says what they would change; `accepted` turns the rows a person
chose into entries. Nothing a workbook says reaches the facts: an accepted value stands beside
them, with who, when and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse import entries
from landuse.errors import EntryError
from landuse.returns.paper import is_plan, read, write
from landuse.returns.planning import ACCEPT, VERDICTS, Plan, planned

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

__all__ = ["ACCEPT", "VERDICTS", "Plan", "accepted", "is_plan", "planned", "read", "write"]


def accepted(
    workspace: Path, changes: pd.DataFrame, *, by: str, why: str, on: date
) -> pd.DataFrame:
    """
    Accept the changes a person chose, as one file of entries.

    Parameters
    ----------
    workspace
        The workspace folder.
    changes
        Rows of a plan; those whose `decision` is `ACCEPT` are taken.
    by, why
        Who accepts, and on which ground; both must say something.
    on
        The day of acceptance.

    Returns
    -------
    accepted
        The entries written; empty if nothing was chosen or everything holds already.

    Raises
    ------
    EntryError
        If by or why is empty, two values are chosen for one field, or what holds has changed
        since the plan was made.
    """
    if not by.strip() or not why.strip():
        raise EntryError("entries.no_name")
    chosen = changes[changes["decision"] == ACCEPT].copy()
    twice = chosen[chosen.duplicated(entries.KEY, keep=False)]
    if len(twice):
        row = twice.iloc[0]
        values = [repr(v) for v in twice[twice["case_id"] == row["case_id"]]["value"]]
        raise EntryError(
            "entries.two_values", field=row["field"], case=row["case_id"], values=values
        )
    holds = entries.latest(entries.read(workspace)).set_index(entries.KEY)["value"]
    keys = list(chosen[entries.KEY].itertuples(index=False, name=None))
    now = pd.Series([holds.get(key) for key in keys], index=chosen.index, dtype=object)
    is_new = now != chosen["value"]
    chosen, now = chosen[is_new], now[is_new].fillna("")
    stale = [str(case) for case in chosen.loc[now != chosen["held"], "case_id"]]
    if stale:
        raise EntryError("entries.stale", cases=[*stale[:3]])
    chosen = chosen.assign(accepted_by=by.strip(), accepted_on=on.isoformat(), why=why.strip())
    if len(chosen):
        entries.append(workspace, chosen)
    return chosen[list(entries.COLUMNS)].reset_index(drop=True)
