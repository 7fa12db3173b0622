"""The visit list (核查清单): where papers and imagery part, sorted by what a visit would decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import reclassify, texts
from landuse.reclassify import Again
from landuse.terms import IDLE, Agreement, Seen, Status, label

if TYPE_CHECKING:
    from landuse.pipeline import Run
    from landuse.texts import Lang

COLUMNS = (
    "rank", "case_id", "kind", "right_holder", "project_name", "cluster_name", "park_name",
    "area_m2", "status", "status_if", "fee_cny", "fee_if_cny", "decides", "grade", "seen",
    "confidence", "since", "on", "whole_pixels", "sentence",
)  # fmt: skip
"""Columns of a visit list."""
_UNDONE = ("commenced_on", "completed_on", "suspended_on", "resumed_on", "earlier_suspended_on")
_WORKS = (Seen.BUILT, Seen.BUILDING)


def visits(run: Run, evidence: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """
    Return the cases worth a visit, the one that would decide most first.

    Parameters
    ----------
    run
        The run; not changed.
    evidence
        What is seen of its cases (`imagery.evidence`).
    lang
        Language of what is said.

    Returns
    -------
    visits
        `COLUMNS`: conflicts, doubts, and cases of which the papers say nothing and the imagery
        does. `status_if` and `fee_if_cny` are what the same law gives if the visit confirms what
        is seen. First come cases that would become or cease to be 疑似闲置, then those whose
        status would change otherwise, then the rest; within each conflicts before doubts, then by
        area times confidence.

    Raises
    ------
    LawError
        If a rule that is needed is not in force.
    """
    is_silent = (evidence["papers"] == "unknown") & (evidence["source"] != "")
    listed = evidence["grade"].isin([Agreement.CONFLICT, Agreement.DOUBT]) | is_silent
    chosen = evidence[listed]
    keys = pd.MultiIndex.from_frame(run.cases[["kind", "case_id"]])
    position = keys.get_indexer(pd.MultiIndex.from_frame(chosen[["kind", "case_id"]]))
    table = reclassify.whose(run, position).set_axis(chosen.index)
    facts = ["grade", "seen", "confidence", "since", "on", "whole_pixels", "sentence"]
    table = table.join(chosen[facts])
    judged = run.cases.loc[position, ["status", "fee_cny"]].set_axis(chosen.index)
    table = table.join(judged).join(_judged_again(run, chosen, position))
    table["on"] = table["on"].fillna(chosen["map_on"])
    told = [_decides(row, lang) for row in table.itertuples()]
    table["decides"] = pd.Series(told, index=table.index, dtype="str")
    return _ranked(table)[list(COLUMNS)]


def _judged_again(run: Run, chosen: pd.DataFrame, position: Any) -> pd.DataFrame:
    """Return status and fee of the listed cases if what is seen is so."""
    supplies = run.tables["supply"].copy()
    row = pd.Series(np.arange(len(supplies)), index=supplies["supply_id"].to_numpy())
    row = row[~row.index.duplicated()]
    listed = chosen[(chosen["kind"] == "supply") & chosen["case_id"].isin(row.index)]
    for place, case in zip(row[listed["case_id"]], listed.itertuples(), strict=True):
        _confirm(supplies, int(place), case)
    tables = {**run.tables, "supply": supplies}
    again = Again(run.cases, tables, run.land).at(run.on, run.statutes, position)
    found = again.reindex(position)[["status", "fee_cny"]].set_axis(chosen.index)
    found.columns = pd.Index(["status_if", "fee_if_cny"])
    is_occupied = (chosen["kind"] == "approval") & (chosen["seen"] == Seen.BUILT)
    found.loc[is_occupied, "status_if"] = Status.OCCUPIED.value
    return found


def _confirm(supplies: pd.DataFrame, row: int, case: Any) -> None:
    """Put into the facts of a supply what is seen on it."""
    day = case.map_on if pd.isna(case.on) else case.on
    index = supplies.index[row]
    if case.seen not in _WORKS:
        supplies.loc[index, list(_UNDONE)] = pd.NaT
        return
    if pd.isna(supplies["commenced_on"].iloc[row]):
        supplies.loc[index, "commenced_on"] = day
    if case.seen == Seen.BUILDING:
        supplies.loc[index, "completed_on"] = pd.NaT


def _decides(row: Any, lang: Lang) -> str:
    """Return what a visit would decide."""
    if pd.isna(row.status_if) or row.status_if == row.status:
        return texts.say("imagery.decides_evidence", lang)
    before = label(Status(row.status), lang)
    return texts.say(
        "imagery.decides", lang, before=before, after=label(Status(row.status_if), lang)
    )


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return visits in their order, numbered."""
    after = table["status_if"].fillna(table["status"])
    crosses = table["status"].isin(IDLE) != after.isin(IDLE)
    group = np.select([crosses, after != table["status"]], [0, 1], 2)
    order = table.assign(
        group=group,
        is_doubt=table["grade"] != Agreement.CONFLICT,
        weight=-table["area_m2"] * table["confidence"].fillna(0.0),
    ).sort_values(["group", "is_doubt", "weight", "case_id"])
    ranked: pd.DataFrame = order.reset_index(drop=True)
    return ranked.assign(rank=np.arange(1, len(ranked) + 1))
