"""
The cases of a run classified again, on another day or by another law, on the same land.

The same code answers (`classify.supply_cases`, `classify.approval_cases`); the land is cut once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from landuse import classify, law, pipeline, texts
from landuse.classify import reasons
from landuse.errors import LanduseError
from landuse.flows import PLACES
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from landuse.law import Statutes
    from landuse.layers import Workspace
    from landuse.pipeline import Report, Run
    from landuse.texts import Lang

    Positions = NDArray[np.int64]

COLUMNS = (
    "status", "next_status", "next_status_on", "fee_cny", "follows", "grade", "paused_days",
)  # fmt: skip
"""What is asked of a case again; its area and places do not depend on day or law."""

WHO = (
    "case_id", "kind", "right_holder", "project_name", "is_determined", "cluster_id",
    "cluster_name", "park_id", "park_name",
)  # fmt: skip
"""Columns that say whose land a case is and where."""

_LAND = ("approval_id", "supply_id", "cluster_id", "park_id", "part", "area_m2", "occupied_m2")


class Answer(Protocol):
    """What every answer says of itself."""

    @property
    def workspace(self) -> Workspace: ...  # noqa: D102
    @property
    def on(self) -> date: ...  # noqa: D102
    @property
    def lang(self) -> Lang: ...  # noqa: D102


class Again:
    """Tables and pieces of a run, ready to be classified as often as needed."""

    def __init__(
        self, cases: pd.DataFrame, tables: Mapping[str, pd.DataFrame], pieces: pd.DataFrame
    ) -> None:
        self._supplies, self._approvals = (
            pd.Series(cases.index[cases["kind"] == kind], cases["case_id"][cases["kind"] == kind])
            for kind in ("supply", "approval")
        )
        self._tables = {role: pd.DataFrame(table) for role, table in tables.items()}
        approvals = self._tables["approval"]
        self._tables["approval"] = approvals[approvals["approval_id"].isin(self._approvals.index)]
        self._pieces = pd.DataFrame(pieces[list(_LAND)])
        supplies = self._tables["supply"]
        is_phase = supplies["phase_of"].isin(supplies["supply_id"])
        parcel = supplies["phase_of"].where(is_phase, supplies["supply_id"])
        self._parcels = pd.Series(parcel.to_numpy(), index=supplies["supply_id"].to_numpy())

    def at(self, on: date, statutes: Statutes, positions: Positions | None = None) -> pd.DataFrame:
        """
        Classify on a day by a law.

        Parameters
        ----------
        on
            The day asked for.
        statutes
            The law to judge by.
        positions
            Positions of the cases asked for in the run's cases; all if not given.

        Returns
        -------
        cases
            `COLUMNS` and `is_fee_unknown` (a fee is due and its base is not known), indexed by
            position, ascending; cases the tables do not hold are not there.

        Raises
        ------
        LawError
            If a rule that is needed is not in force.
        """
        tables, pieces = self._tables, self._pieces
        if positions is not None:
            tables, pieces = self._only(positions)
        found = []
        if len(tables["supply"]):
            cases = classify.supply_cases(tables, pieces, on=on, statutes=statutes)
            found.append(_placed(cases, self._supplies))
        if len(tables["approval"]):
            cases = classify.approval_cases(tables["approval"], pieces, on=on, statutes=statutes)
            found.append(_placed(cases, self._approvals))
        if not found:
            return pd.DataFrame(columns=[*COLUMNS, "is_fee_unknown"])
        whole = pd.concat(found).sort_index()
        return whole if positions is None else whole[whole.index.isin(positions)]

    def _only(self, positions: Positions) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
        """Return the rows that some cases are made of; phases hang on each other."""
        asked = self._supplies.index[self._supplies.isin(positions)]
        parcels = self._parcels[self._parcels.index.isin(asked)]
        supplies = self._parcels.index[self._parcels.isin(parcels)]
        approvals = self._approvals.index[self._approvals.isin(positions)]
        tables, pieces = self._tables, self._pieces
        mine = {
            role: tables[role][tables[role]["supply_id"].isin(supplies)]
            for role in ("supply", "pause", "enterprise")
        }
        mine["approval"] = tables["approval"][tables["approval"]["approval_id"].isin(approvals)]
        land = pieces["supply_id"].isin(supplies) | pieces["approval_id"].isin(approvals)
        return {**tables, **mine}, pieces[land]


def _placed(cases: pd.DataFrame, places: pd.Series) -> pd.DataFrame:
    """Index cases by their position; what the run had no case for is left out."""
    where = places.index.get_indexer(pd.Index(cases["case_id"]))
    words = dict.fromkeys(("status", "next_status", "follows", "grade"), object)
    plain = cases[list(COLUMNS)].astype(words)
    due = (plain["status"] == Status.IDLE_ONE_YEAR) & (plain["follows"] == "")
    plain["is_fee_unknown"] = due & plain["fee_cny"].isna()
    kept = plain[where >= 0]
    return kept.set_axis(pd.Index(places.to_numpy()[where[where >= 0]]))


def whose(run: Run, positions: Any) -> pd.DataFrame:
    """Return `WHO` and `area_m2` of cases by position, with the names of their places."""
    rows = run.cases.loc[positions].reset_index(drop=True)
    for place in ("cluster", "park"):
        names = _names(run, place)
        known = [names.get(name, "") for name in rows[f"{place}_id"]]
        rows[f"{place}_name"] = pd.Series(known, dtype="str")
    table: pd.DataFrame = rows[[*WHO, "area_m2"]]
    return table


def _names(run: Run, place: str) -> dict[str, str]:
    """Return the name of each cluster or park by its identifier."""
    rows = run.tables[place][[f"{place}_id", f"{place}_name"]].dropna()
    return dict(rows.itertuples(index=False, name=None))


def named(table: pd.DataFrame, run: Run) -> pd.DataFrame:
    """Return a table of flows with `place_name`: the city, the cluster or the park."""
    names = {("city", ""): run.workspace.name}
    for place in ("cluster", "park"):
        names |= {(place, key): name for key, name in _names(run, place).items()}
    keys = zip(table["place"], table["place_id"], strict=True)
    return table.assign(place_name=pd.Series([names.get(key, "") for key in keys], dtype="str"))


def places_shown(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return a table of flows with its places in words."""
    word = {place: texts.say(f"forecast.place_{place}", lang) for place in PLACES}
    nowhere = (table["place"] == "cluster") & (table["place_id"] == "")
    name = table["place_name"].mask(nowhere, texts.say("forecast.no_cluster", lang))
    return table.assign(place=table["place"].map(word), place_name=name)


def about(answer: Answer) -> dict[str, Any]:
    """Return what is said of an answer as JSON: city, day, the data's own days, sample or not."""
    workspace = answer.workspace
    return {
        "workspace": workspace.name,
        "is_synthetic": workspace.is_synthetic,
        "on": answer.on.isoformat(),
        "as_of": {source.name: source.as_of.isoformat() for source in workspace.sources},
        "declared": {
            source.name: {name: str(value) for name, value in source.values.items()}
            for source in workspace.sources
            if source.values
        },
    }


def remembered(answer: Answer, statuses: Iterable[str], until: date | None = None) -> list[str]:
    """
    Return the citations of rules that statuses lean on and nobody read in an official text.

    Parameters
    ----------
    answer
        What was asked again; the law of its day counts.
    statuses
        Statuses that are shown.
    until
        A later day whose law counts too.
    """
    keys = {key for status in set(statuses) for key in reasons.rules_of(Status(status))}
    days = {answer.on, until or answer.on}
    in_force = [law.on(day, answer.workspace.path).find(k) for day in sorted(days) for k in keys]
    return sorted({rule.citation for rule in in_force if rule is not None and not rule.verified})


def with_remembered(note: str, rules: list[str], lang: Lang) -> str:
    """Return what stands above a table, with the remembered law it leans on."""
    if not rules:
        return note
    joined = ("、" if lang == "zh" else ", ").join(rules)
    space = "" if lang == "zh" else " "
    return f"{note}{space}{texts.say('forecast.remembered', lang, rules=joined)}"


def said(answer: Answer) -> dict[str, str]:
    """Return the same as words for the line above a table."""
    days = sorted(source.as_of.isoformat() for source in answer.workspace.sources)
    mark = f"[{texts.say('handout.synthetic', answer.lang)}] "
    declared = answer.workspace.declared(answer.lang)
    own = texts.say("layers.aside", answer.lang, values=declared) if declared else ""
    span = days[0] if days else "—"
    if days and days[0] != days[-1]:
        span = texts.say("map.as_of_range", answer.lang, first=days[0], last=days[-1])
    return {
        "mark": mark if answer.workspace.is_synthetic else "",
        "place": answer.workspace.name,
        "on": answer.on.isoformat(),
        "as_of": f"{span}{own}",
    }


def found(
    path_or_run: str | Path | Run, on: date | None, lang: Lang, report: Report | None = None
) -> Run:
    """
    Return the run that was given, or make it.

    Parameters
    ----------
    path_or_run
        A workspace folder, or what `landuse.run` returned.
    on
        The day asked for; of a run, its own day.
    lang
        Language of what people read.
    report
        Called with each stage and its number of rows.

    Raises
    ------
    LanduseError
        If no day is given for a folder, or another day than that of the run.
    CheckFailed
        If a finding forbids a result.
    WorkspaceError, LayerError, CrsError, LawError
        If the workspace, a layer or a rule cannot be used.
    """
    if isinstance(path_or_run, pipeline.Run):
        if on is not None and on != path_or_run.on:
            raise LanduseError("asked.other_day", on=on, run=path_or_run.on)
        return path_or_run
    if on is None:
        raise LanduseError("asked.no_day_given")
    return pipeline.run(path_or_run, on=on, lang=lang, report=report or (lambda *_: None))
