"""Who newly crossed a line since the last kept run, and who will within 30 and 90 days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from landuse import handout, history, outlook, pipeline, reclassify, texts, units
from landuse.terms import IDLE, INEFFICIENT, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from landuse.layers import Workspace
    from landuse.pipeline import Report, Run
    from landuse.texts import Lang

LINES = (
    IDLE | INEFFICIENT
    | {Status.LAPSED, Status.OCCUPIED, Status.OVERDUE, Status.COMPLETION_OVERDUE}
)  # fmt: skip
"""Statuses behind a line: late, suspected idle, inefficient, lapsed, or built on without supply."""

SOON, LATER = 30, 90
"""Horizons in days; the last day counts."""

_CROSSED = {
    "lead": "text", "case_id": "text", "from_status": "status", "to_status": "status",
    "area_mu": "mu", "due_on": "day", "measures": "text", "support": "text",
    "cluster_name": "text", "park_name": "text", "right_holder": "text", "project_name": "text",
}  # fmt: skip
_AHEAD = {
    "lead": "text", "day": "day", "horizon": "text", "case_id": "text", "from_status": "status",
    "to_status": "status", "area_mu": "mu", "fee_cny": "yuan", "certainty": "text",
    "cluster_name": "text", "park_name": "text", "right_holder": "text", "project_name": "text",
}  # fmt: skip


@dataclass(frozen=True)
class Alerts:
    """
    What an office must know.

    Attributes
    ----------
    workspace, on, lang
        Where, the day asked for, the language of texts.
    since
        Day of the kept run that was compared with; None where there is none, and then nothing can
        be called new.
    crossed
        Cases that stand behind a line and did not then: columns of `reclassify.WHO`, from_status
        ("" for a new case), to_status, area_m2, lead, support, measures, due_on.
    ahead
        Steps behind a line within 90 days, if nothing new happens (`outlook.forecast`), with
        `days` from the day asked for.
    """

    workspace: Workspace
    on: date
    lang: Lang
    since: date | None
    crossed: pd.DataFrame
    ahead: pd.DataFrame

    @property
    def is_urgent(self) -> bool:
        """Whether anything crossed a line or will within 30 days."""
        return bool(len(self.crossed) or (self.ahead["days"] <= SOON).any())


def alerts(
    workspace: str | Path, *, on: date, lang: Lang = "zh", report: Report | None = None
) -> Alerts:
    """
    Say who crossed a line since the last kept run of an earlier day, and who will soon.

    Parameters
    ----------
    workspace
        The workspace folder.
    on
        The day asked for.
    lang
        Language of offices and measures.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    CheckFailed
        If a finding forbids a result.
    LanduseError
        If the workspace, a rule, or a kept run cannot be used.
    """
    run = pipeline.run(workspace, on=on, lang=lang, report=report or (lambda *_: None))
    earlier = [kept for kept in history.runs(workspace) if kept.on < on]
    last = max(earlier, key=lambda kept: (kept.on, kept.number), default=None)
    before = None if last is None else history.load(workspace, last.number).cases
    return Alerts(
        workspace=run.workspace,
        on=on,
        lang=lang,
        since=None if last is None else last.on,
        crossed=_crossed(run, before),
        ahead=_ahead(run),
    )


def _crossed(run: Run, before: pd.DataFrame | None) -> pd.DataFrame:
    """Return the cases that stand behind a line and did not before."""
    cases = run.cases
    old = cases[:0] if before is None else before
    key = pd.MultiIndex.from_frame(cases[["kind", "case_id"]].astype(object))
    stood = old.set_index(pd.MultiIndex.from_frame(old[["kind", "case_id"]].astype(object)))
    was = stood["status"].astype(object).reindex(key).fillna("").to_numpy()
    is_new = cases["status"].isin(LINES) & (cases["status"].astype(object) != was)
    if before is None:
        is_new[:] = False
    found = reclassify.whose(run, cases.index[is_new])
    own = cases.loc[is_new, ["lead", "support", "measures", "due_on"]].reset_index(drop=True)
    statuses = {"from_status": was[is_new], "to_status": cases.loc[is_new, "status"].to_numpy()}
    return found.join(own).assign(**statuses).sort_values(["lead", "case_id"], ignore_index=True)


def _ahead(run: Run) -> pd.DataFrame:
    """Return the steps behind a line within the later horizon."""
    steps = outlook.forecast(run, months=4, lang=run.lang).crossings
    days = (steps["day"] - pd.Timestamp(run.on)).dt.days
    is_near = steps["to_status"].isin(LINES) & (days <= LATER)
    near = steps.assign(days=days)[is_near]
    return near.sort_values(["lead", "day", "case_id"], ignore_index=True)


def sheets(found: Alerts) -> list[handout.Sheet]:
    """Return both tables as people read them, grouped by the office that leads."""
    lang = found.lang
    said = reclassify.said(found)
    since = texts.say("history.alerts_first", lang) if found.since is None else found.since
    note = texts.say("history.alerts_note", lang, **said, since=since)
    near = texts.say("history.within_30", lang), texts.say("history.within_90", lang)
    ahead = found.ahead.assign(
        area_mu=units.mu(found.ahead["area_m2"]),
        horizon=[near[0] if days <= SOON else near[1] for days in found.ahead["days"]],
        certainty=[_certainty(sure, lang) for sure in found.ahead["is_certain"]],
    )
    crossed = found.crossed.assign(area_mu=units.mu(found.crossed["area_m2"]))
    mark = found.workspace.is_synthetic
    return [
        handout.sheet(f"history.{name}", table, kinds, lang, note=note, mark=mark)
        for name, table, kinds in (("crossed", crossed, _CROSSED), ("ahead", ahead, _AHEAD))
    ]


def record(found: Alerts) -> dict[str, object]:
    """Return the alerts as JSON can hold them."""
    since = None if found.since is None else found.since.isoformat()
    tables = {"crossed": found.crossed, "ahead": found.ahead}
    return handout.record_of(tables, {**reclassify.about(found), "since": since})


def summary(found: Alerts) -> str:
    """Return the whole in one sentence."""
    soon = int((found.ahead["days"] <= SOON).sum())
    later = len(found.ahead) - soon
    counts = {"crossed": len(found.crossed), "soon": soon, "later": later}
    return texts.say("history.alerts_summary", found.lang, **counts)


def text(found: Alerts) -> str:
    """Return the alerts as plain text a bureau can send, office by office."""
    lang = found.lang
    first = sheets(found)[0]
    lines = [handout.shown(first.note, "text"), summary(found)]
    offices = {**dict.fromkeys(found.crossed["lead"]), **dict.fromkeys(found.ahead["lead"])}
    for lead in offices:
        name = lead or texts.say("history.alerts_no_office", lang)
        lines += ["", texts.say("history.alerts_office", lang, lead=handout.shown(name, "text"))]
        lines += _lines(found.crossed[found.crossed["lead"] == lead], "crossed", lang)
        lines += _lines(found.ahead[found.ahead["lead"] == lead], "ahead", lang)
    return "\n".join(lines) + "\n"


def write(path: Path, found: Alerts) -> None:
    """
    Write the text of alerts to a file, in one step.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    handout.place(path, ("\ufeff" + text(found)).encode("utf-8"))


def _lines(rows: pd.DataFrame, name: str, lang: Lang) -> Iterator[str]:
    """Yield one line a case."""
    for row in rows.to_dict("records"):
        sure = row.get("is_certain", True)
        old, new = row["from_status"], row["to_status"]
        outside = texts.say("history.outside", lang)
        known = bool(row.get("is_determined"))
        yield texts.say(
            f"history.alerts_{name}_line",
            lang,
            case_id=handout.shown(row["case_id"], "text"),
            holder=handout.shown(row["right_holder"], "text"),
            cluster=handout.shown(row["cluster_name"], "text"),
            before=label(Status(old), lang, is_determined=known) if old else outside,
            status=label(Status(new), lang, is_determined=known),
            mu=f"{units.mu(row['area_m2']):,.2f}",
            day=handout.shown(row.get("day"), "day"),
            certainty=_certainty(sure, lang),
        )


def _certainty(is_certain: bool, lang: Lang) -> str:
    """Say where a day may move."""
    return "" if is_certain else texts.say("history.uncertain", lang)
