"""What went from where to where since the run kept before, by cause."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from landuse.errors import LanduseError
from landuse.history import comparing, flow, keeping, reel

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from landuse.history.comparing import Diff, Judge
    from landuse.history.keeping import Found

COLUMNS = ("from_status", "to_status", "causes", "count", "area_m2")
_KEY = ["kind", "case_id"]


@dataclass(frozen=True)
class Moved:
    """
    What moved since the run kept before; areas in m².

    Attributes
    ----------
    since, number
        The day asked for of that run, and its number.
    diff
        Everything that changed, case by case, with causes (`diff`).
    """

    since: date
    number: int
    diff: Diff

    @cached_property
    def transitions(self) -> pd.DataFrame:
        """Transitions by cause (`transitions`)."""
        return transitions(self.diff)


def moved(workspace: str | Path, run: Found, judge: Judge) -> Moved | None:
    """
    Say what moved since the newest kept run of the day before the run's own.

    Parameters
    ----------
    workspace
        The workspace folder.
    run
        A run just made (`landuse.run`).
    judge
        Returns the cases of tables on a day by a law (`comparing.diff`).

    Returns
    -------
    moved
        None where no earlier day was kept whole.

    Raises
    ------
    LawError
        If a rule that is needed is not in force.
    """
    for kept in reversed(reel.of(workspace, run).frames):
        try:
            before = keeping.load(workspace, kept.number)
        except LanduseError:  # damaged; the run before it answers
            continue
        return Moved(kept.on, kept.number, comparing.diff(before, keeping.of(run), judge, run.lang))
    return None


def transitions(found: Diff) -> pd.DataFrame:
    """
    Return how many cases and how much land went from status to status, and why.

    Parameters
    ----------
    found
        A difference of two snapshots.

    Returns
    -------
    transitions
        `COLUMNS`: statuses (`flow.OUTSIDE` for none), causes of that step (`comparing.CAUSES`,
        joined; "" for what is rounding of the overlay), 宗, m². What stayed in its status is not
        here: with it, rows sum to the stock before, columns to the stock after (`flow.matrix`).
    """
    steps = flow.steps(found.before.cases, found.after.cases)
    steps = steps[steps["from_status"] != steps["to_status"]]
    changes = found.changes
    is_area = changes["change"] == "area"
    whole = changes[~is_area & (changes["change"] != "measure")]
    causes = {
        is_whole: rows.set_index(_KEY)["causes"]
        for is_whole, rows in ((True, whole), (False, changes[is_area]))
    }
    keys = pd.MultiIndex.from_frame(steps[_KEY])
    named = causes[True].reindex(keys).where((steps["count"] > 0).to_numpy())
    other = causes[False].reindex(keys)
    steps = steps.assign(causes=named.fillna(other).fillna("").to_numpy())
    if steps.empty:
        return pd.DataFrame(columns=list(COLUMNS)).astype({"count": "int64", "area_m2": "float64"})
    by = steps.groupby(["from_status", "to_status", "causes"], sort=False)
    table = by.agg(count=("count", "sum"), area_m2=("area_m2", math.fsum)).reset_index()
    return flow.ordered(table)[list(COLUMNS)]
