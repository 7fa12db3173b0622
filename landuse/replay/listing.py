"""A list of cases as it was known, and the tables of runs and proofs, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import handout, reclassify, texts, units
from landuse.replay import shown
from landuse.replay.proof import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.history import Kept, Snapshot
    from landuse.replay.proof import Proof
    from landuse.texts import Lang

_RUNS = {
    "number": "count", "on": "text", "made_on": "text", "case_count": "count",
    "input_count": "count", "version": "text", "rules": "text",
}  # fmt: skip
_LIST = {
    "case_id": "text", "status": "status", "mu": "mu", "measures": "text", "lead": "text",
    "due_on": "day", "cluster_id": "text", "park_id": "text", "right_holder": "text",
    "project_name": "text",
}  # fmt: skip
_SHORT = 12  # characters of a hash that a person compares


def runs(kept: Sequence[Kept], place: str, lang: Lang) -> handout.Sheet:
    """Return the kept runs as one table."""
    rows = [
        (run.number, str(run.on), str(run.made_on), run.case_count, len(run.inputs), run.version,
         run.rules[:_SHORT])
        for run in kept
    ]  # fmt: skip
    note = texts.say("history.runs_note", lang, place=place)
    table = pd.DataFrame(rows, columns=list(_RUNS))
    return handout.sheet("history.runs", table, _RUNS, lang, note=note, mark=False)


def proofs(found: Sequence[Proof], lang: Lang) -> handout.Sheet:
    """Return what became of each run made again."""
    words = {name: texts.say(f"history.verdict_{name}", lang) for name in VERDICTS}
    rows = [(one.number, words[one.verdict], one.detail) for one in found]
    kinds = {"number": "count", "verdict": "text", "detail": "text"}
    same = sum(one.verdict == "same" for one in found)
    note = texts.say("history.verified", lang, count=len(rows), same=same)
    table = pd.DataFrame(rows, columns=list(kinds))
    return handout.sheet("history.proofs", table, kinds, lang, note=note, mark=False)


def sheets(one: Snapshot) -> list[handout.Sheet]:
    """Return the list of cases as it was known."""
    said = {**reclassify.said(one), "known": shown.known(one, one.lang)}
    table = one.cases.assign(mu=units.mu(one.cases["area_m2"]))
    note = texts.say("history.list_note", one.lang, **said)
    mark = one.workspace.is_synthetic
    return [handout.sheet("history.list", table, _LIST, one.lang, note=note, mark=mark)]


printed = sheets


def record(one: Snapshot) -> dict[str, Any]:
    """Return the list and the totals as JSON can hold them."""
    made_on = None if one.made_on is None else one.made_on.isoformat()
    about = {**reclassify.about(one), "made_on": made_on, "totals": one.totals}
    return handout.record_of({"cases": one.cases}, about)


def summary(one: Snapshot) -> str:
    """Return what the list is in one sentence."""
    return sheets(one)[0].note
