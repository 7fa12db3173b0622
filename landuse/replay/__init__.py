"""
Days judged again: from the facts of today, or from what a kept run knew.

The same acts answer as in `pipeline.run`; that they do is proved by hash (`proof`).
"""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from typing import TYPE_CHECKING

from landuse import history, law, pipeline
from landuse.errors import LanduseError
from landuse.judging import Judge
from landuse.replay.again import judging

if TYPE_CHECKING:
    from pathlib import Path

    from landuse.history import Diff, Snapshot
    from landuse.pipeline import Report
    from landuse.texts import Lang

__all__ = ["Judge", "diff", "known", "snapshot"]

_POINT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:@(now|\d{4}-\d{2}-\d{2}))?|#?(\d{1,6})")


def known(workspace: str | Path, on: date, made_by: date, lang: Lang = "zh") -> Snapshot:
    """
    Return what was known of a day on another day.

    Parameters
    ----------
    workspace
        The workspace folder.
    on
        The day asked for.
    made_by
        What was kept by the end of this day counts.
    lang
        Language of texts where the day has to be judged again.

    Returns
    -------
    snapshot
        The newest run of that day made by then; if there is none, the day judged from the inputs
        and the law of the newest run of any day made by then.

    Raises
    ------
    LanduseError
        If no run was kept by then, or a kept file is damaged.
    LawError
        If a rule that is needed is not in force on the day.
    """
    kept = history.runs(workspace)
    exact = history.known(kept, on=on, made_by=made_by)
    if exact is not None:
        return history.load(workspace, exact.number)
    latest = history.known(kept, made_by=made_by)
    if latest is None:
        raise LanduseError("history.nothing_known", day=made_by, path=workspace)
    facts = history.load(workspace, latest.number)
    with judging(history.Store(workspace).record(latest.number)):
        cases, totals, _ = Judge().everything(
            facts.workspace, facts.tables, on, law.Statutes(on, facts.layers), lang
        )
    return dataclasses.replace(facts, on=on, lang=lang, cases=cases, totals=totals)


def snapshot(
    workspace: str | Path, point: str, lang: Lang = "zh", report: Report | None = None
) -> Snapshot:
    """
    Return the snapshot that a person names.

    Parameters
    ----------
    workspace
        The workspace folder.
    point
        ``2018-06-30``: the newest kept run of that day, or the day judged from today's facts if
        none was kept. ``2018-06-30@2018-07-05``: the day as it was known on 5 July.
        ``2018-06-30@now``: the day judged from today's facts. ``#3``: run number 3.
    lang
        Language of texts.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    LanduseError
        If the point cannot be read, or nothing was kept that answers.
    CheckFailed, WorkspaceError, LayerError, CrsError, LawError
        If today's facts cannot be judged.
    """
    found = _POINT.fullmatch(point.strip())
    try:
        days = [found and found[n] and found[n] != "now" and _day(found[n]) for n in (1, 2)]
    except ValueError:
        found = None
    if found is None:
        raise LanduseError("history.bad_point", given=point)
    if found[3]:
        return history.load(workspace, int(found[3]))
    on, made_by = days
    assert on  # the pattern has a day here
    if made_by:
        return known(workspace, on, made_by, lang)
    kept = history.known(history.runs(workspace), on=on) if found[2] is None else None
    if kept is not None:
        return history.load(workspace, kept.number)
    run = pipeline.run(workspace, on=on, lang=lang, report=report or (lambda *_: None))
    return history.of(run)


def _day(text: str) -> date:
    """Read a day."""
    return date.fromisoformat(text)


def diff(
    workspace: str | Path,
    before: str,
    after: str,
    lang: Lang = "zh",
    report: Report | None = None,
) -> Diff:
    """
    Say what moved between two days or runs, and why.

    Parameters
    ----------
    workspace
        The workspace folder.
    before, after
        What is compared (`snapshot`).
    lang
        Language of texts.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    LanduseError
        If a point cannot be read or nothing was kept that answers.
    CheckFailed, WorkspaceError, LayerError, CrsError, LawError
        If today's facts cannot be judged.
    """
    old = snapshot(workspace, before, lang, report)
    new = snapshot(workspace, after, lang, report)
    with judging(history.Store(workspace).root):
        return history.diff(old, new, Judge().cases, lang)
