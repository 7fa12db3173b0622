"""
Who crosses which line in the coming months, if nothing new happens.

The facts of the day are held still (`frozen`), the same classification is asked on later days
(`walk`), and what changed is counted by month, cluster and park (`tables`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from landuse import flows, law, reclassify
from landuse.outlook import calendar, frozen, tables
from landuse.outlook.walk import Walk
from landuse.reclassify import Again

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from landuse.layers import Workspace
    from landuse.pipeline import Report, Run
    from landuse.texts import Lang

__all__ = ["Forecast", "forecast"]


@dataclass(frozen=True)
class Forecast:
    """
    What a forecast found; areas in m², money in yuan, days as calendar days.

    Attributes
    ----------
    workspace, on, until, lang
        Where, from which day, up to which day, and the language of the offices.
    crossings
        One row a step: day, month, case_id, kind, right_holder, project_name, cluster_id,
        cluster_name, park_id, park_name, from_status, to_status, area_m2, fee_cny,
        is_fee_unknown, is_certain, lead. `fee_cny` is the idle-land fee due from that day,
        missing where none is due or its base is unknown; the latter has `is_fee_unknown`.
        `is_certain` is False where the step is another if an open pause ends.
    months
        One row a period, place and status: month, first_day, last_day, place (city, cluster,
        park), place_id, place_name, status, and counts and m² at the start, in, out and at the
        end (start + in - out = end), fees of the steps in (known yuan, number unknown), and how
        many stand there only while a pause goes on (`unsettled_count`, `unsettled_m2`).
    unsettled
        Cases whose later steps hang on a pause that is open: case_id … area_m2, status,
        earliest_on and earliest_status (if the pause ended on the first day), lead. The day
        itself is unknown.
    """

    workspace: Workspace
    on: date
    until: date
    lang: Lang
    crossings: pd.DataFrame
    months: pd.DataFrame
    unsettled: pd.DataFrame


def forecast(
    path_or_run: str | Path | Run,
    *,
    on: date | None = None,
    months: int = 12,
    lang: Lang = "zh",
    report: Report | None = None,
) -> Forecast:
    """
    Say who crosses which line in the coming months.

    Parameters
    ----------
    path_or_run
        A workspace folder, or what `landuse.run` returned.
    on
        The day from which to look ahead; needed for a folder, and the run's own for a run. Facts
        dated later do not exist.
    months
        How far, 1 to 120 months.
    lang
        Language of the offices and of errors.
    report
        Called with each stage of a run and its number of rows.

    Returns
    -------
    forecast
        Tables under one assumption: no new event. Law that comes into force in between counts
        from its day. A pause that is open goes on, and what hangs on it is listed as unsettled.

    Raises
    ------
    LanduseError
        If `months` is out of range, or the day is missing or another than that of the run.
    CheckFailed
        If a finding forbids a result.
    WorkspaceError, LayerError, CrsError, LawError
        If the workspace, a layer or a rule cannot be used.

    Examples
    --------
    >>> ahead = landuse.forecast(found, months=6)
    >>> ahead.until
    datetime.date(2018, 12, 31)
    """
    if on is not None:
        calendar.ends(on, months)  # a wrong number is refused before the long work
    found = reclassify.found(path_or_run, on, lang, report)
    ends = calendar.ends(found.on, months)
    law_at = cache(lambda day: law.on(day, found.workspace.path))
    facts = frozen.tables(found.tables, found.on)
    again = Again(found.cases, facts, found.land)
    start = again.at(found.on, law_at(found.on))
    ahead = Walk(again, law_at, None).through(found.on, start, ends)
    ended = Again(found.cases, frozen.pauses_ended(facts, found.on), found.land)
    is_open = (found.cases["kind"] == "supply") & found.cases["case_id"].isin(
        frozen.open_supplies(facts)
    )
    hangs = start.index[is_open.loc[start.index]].to_numpy(dtype=np.int64)
    other = Walk(ended, law_at, hangs).through(found.on, start.loc[hangs], ends)
    share = flows.shares(found.cases, found.land)
    drawn = tables.Drawn(found, ends, ahead, other, lang)
    return Forecast(
        workspace=found.workspace,
        on=found.on,
        until=ends[-1],
        lang=lang,
        crossings=drawn.crossings(),
        months=drawn.months(share),
        unsettled=drawn.unsettled(),
    )
