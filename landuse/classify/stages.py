"""Supplies by how far they have come: completed, being built, waiting; each with its clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from landuse.classify import clock, coded
from landuse.classify.known import moved

if TYPE_CHECKING:
    import pandas as pd

    from landuse.classify.clock import Paused
    from landuse.classify.coded import Codes, Rows
    from landuse.classify.known import Known
    from landuse.law import Statutes
    from landuse.units import Days


@dataclass(frozen=True)
class Waiting:
    """Land on which works have not begun; arrays of the supplies at `rows`."""

    k: Known
    rows: Rows
    start: Days
    basis: Codes
    pauses: Paused

    @cached_property
    def moved(self) -> Days:
        """The start of each clock, moved forward by its paused days."""
        return moved(self.start, self.pauses.days)


@dataclass(frozen=True)
class Works:
    """Land on which works have begun and are not complete; arrays of the supplies at `rows`."""

    k: Known
    rows: Rows
    finish: Days
    pauses: Paused

    @cached_property
    def moved(self) -> Days:
        """Each agreed completion, moved forward by the lawful pauses of the works."""
        return moved(self.finish, self.pauses.days)


def divided(k: Known, pauses: pd.DataFrame, statutes: Statutes) -> tuple[Rows, Waiting, Works]:
    """
    Divide supplies into completed, waiting and being built.

    Every pause belongs to one clock: that of the start while works have not begun, that of the
    works since.

    Parameters
    ----------
    k
        What is known of all supplies.
    pauses
        Table of role `pause`.
    statutes
        The law in force on the day.

    Raises
    ------
    LawError
        If a rule of the clock is not in force on the day.
    """
    begun, done = (~np.isnat(k.day(name)) for name in ("commenced_on", "completed_on"))
    waiting, working = np.flatnonzero(~begun & ~done), np.flatnonzero(begun & ~done)
    wait, works = k.at(waiting), k.at(working)
    start, basis = clock.start(wait, statutes)
    finish = works.day("agreed_completion_on")
    clock_from = np.concatenate([start, works.day("commenced_on")])
    idle_from = np.concatenate([start, finish])
    rows = np.concatenate([waiting, working])
    position = coded.positions(pauses["supply_id"], k.supplies["supply_id"].iloc[rows])
    found = clock.paused(pauses, position, clock_from, k.on, statutes, idle_from=idle_from)
    split = len(waiting)
    return (
        np.flatnonzero(done),
        Waiting(wait, waiting, start, basis, found.at(slice(split))),
        Works(works, working, finish, found.at(slice(split, None))),
    )
