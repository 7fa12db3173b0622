"""The sections of the bulletin, one function each, in the order they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from landuse import entries, findings, terms, texts, units
from landuse.papers import Bars, Table, Text
from landuse.terms import IDLE, Role, Severity, State, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from landuse.layers import Workspace
    from landuse.papers import Block
    from landuse.texts import Lang

_HORIZONS = (30, 90)
"""Days ahead that are looked at: a month for those who act, a quarter for those who plan."""

_LISTED = 40
"""Projects named one by one: as many as the plan of 2018 follows."""

DONE = "progress_7"
"""The choice of `choices` that says a case has been disposed of."""


class Results(Protocol):
    """What a run found (`pipeline.Run`), as far as the bulletin says it."""

    @property
    def workspace(self) -> Workspace: ...  # noqa: D102
    @property
    def on(self) -> date: ...  # noqa: D102
    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def cases(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def totals(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def entries(self) -> pd.DataFrame: ...  # noqa: D102


def _say(key: str, lang: Lang, **values: Any) -> str:
    """Return a sentence of the bulletin."""
    return texts.say(f"bulletin.{key}", lang, **values)


def _mu(area_m2: float) -> str:
    """Return an area in mu as a bulletin writes it."""
    return f"{units.mu(area_m2):,.2f}"


def _share(value: float | None) -> str:
    """Return a share in percent; a dash where it is unknown."""
    return "—" if value is None or not np.isfinite(value) else f"{value:.1%}"


def head(results: Results, lang: Lang) -> Iterator[Block]:
    """Title, mark of synthetic data, and what the bulletin is about."""
    on, name = results.on, results.workspace.name
    yield Text("title", _say("title", lang, place=name, year=on.year, month=on.month))
    if results.workspace.is_synthetic:
        yield Text("mark", _say("synthetic", lang))
    yield Text("line", _say("opening", lang, year=on.year, month=on.month, day=on.day))


def whole(results: Results, lang: Lang) -> Iterator[Block]:
    """Say of the city: its states, what is suspected idle, and the three rates."""
    city = results.totals["city"]
    yield Text("section", _say("section_whole", lang))
    yield Text(
        "line",
        _say(
            "whole",
            lang,
            clusters=len(_named(results)),
            parks=len(results.totals["parks"]),
            count=city["count"],
            mu=_mu(city["area_m2"]),
            **{f"{rate}": _share(value) for rate, value in city["rates"].items()},
        ),
    )
    idle, determined = city["idle"], city["determined"]
    parts = "，".join(
        _say("part", lang, name=label(status, lang), **_figures(results, status))
        for status in sorted(IDLE, key=list(Status).index)
    )
    yield Text(
        "line",
        _say(
            "idle",
            lang,
            count=idle["count"],
            mu=_mu(idle["area_m2"]),
            parts=parts,
            determined=determined["count"],
        ),
    )
    rows = [
        (
            label(state, lang),
            str(entry["count"]),
            f"{units.ha(entry['area_m2']):,.4f}",
            _mu(entry["area_m2"]),
            _share(entry["area_m2"] / city["area_m2"] if city["area_m2"] else None),
        )
        for state in State
        for entry in [city["states"][state.value]]
    ]
    area = city["area_m2"]
    rows.append(
        (_say("total", lang), str(city["count"]), f"{units.ha(area):,.4f}", _mu(area), "100.0%")
    )
    heads = tuple(_say(f"col_{key}", lang) for key in ("state", "count", "ha", "mu", "share"))
    yield Table(heads, tuple(rows), (0.26, 0.14, 0.22, 0.22, 0.16))


def _figures(results: Results, status: Status) -> dict[str, str]:
    """Count and mu of one status in the city."""
    state = results.totals["city"]["states"][terms.STATE_OF[status].value]
    entry = state["statuses"].get(status.value, {"count": 0, "area_m2": 0.0})
    return {"count": str(entry["count"]), "mu": _mu(entry["area_m2"])}


def _named(results: Results) -> list[Mapping[str, Any]]:
    """Return the totals of clusters, without what lies outside of all."""
    return [c for c in results.totals["clusters"] if c["cluster_id"]]


def clusters(results: Results, lang: Lang) -> Iterator[Block]:
    """Each cluster: a table, a bar, and who stands out."""
    listed = results.totals["clusters"]
    if not listed:
        return
    yield Text("section", _say("section_clusters", lang))
    inside = _named(results)
    known = [c for c in inside if c["rates"]["idle_rate"] is not None]
    worst = sorted(known, key=lambda c: (-c["rates"]["idle_rate"], c["cluster_id"]))[:3]
    named = "、".join(
        _say("named", lang, name=c["cluster_name"], share=_share(c["rates"]["idle_rate"]))
        for c in worst
        if c["rates"]["idle_rate"] > 0
    )
    free = "、".join(c["cluster_name"] for c in inside if c["count"] and not c["idle"]["count"])
    if named:
        yield Text("line", _say("worst", lang, named=named))
    if free:
        yield Text("line", _say("free", lang, named=free))
    heads = tuple(
        _say(f"col_{key}", lang)
        for key in (
            "cluster", "count", "unsupplied", "unbuilt", "unfinished", "idle", "supply_rate",
            "built_rate", "idle_rate",
        )
    )  # fmt: skip
    rows = [_cluster(c["cluster_name"] or _say("outside", lang), c) for c in listed]
    rows.append(_cluster(_say("city", lang), results.totals["city"]))
    widths = (0.2, 0.07, 0.13, 0.12, 0.12, 0.11, 0.085, 0.085, 0.08)
    yield Table(heads, tuple(rows), widths, is_dense=True)
    yield Text("caption", _say("bars", lang))
    bars = tuple(
        (c["cluster_name"], tuple(c["states"][s.value]["area_m2"] for s in State))
        for c in inside
        if c["area_m2"]
    )
    yield Bars(tuple(label(state, lang) for state in State), bars)


def _cluster(name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the row of a cluster, or of the city."""
    states, rates = entry["states"], entry["rates"]
    shown = (State.APPROVED_UNSUPPLIED, State.SUPPLIED_UNBUILT, State.BUILT_UNFINISHED)
    return (
        name,
        str(entry["count"]),
        *(_mu(states[state.value]["area_m2"]) for state in shown),
        _mu(entry["idle"]["area_m2"]),
        *(_share(rates[rate]) for rate in ("supply_rate", "built_rate", "idle_rate")),
    )


def duties(results: Results, lang: Lang) -> Iterator[Block]:
    """Say what is to be done by whom, and how far it has come."""
    open_ = results.cases[results.cases["due_on"].notna()]
    yield Text("section", _say("section_duties", lang))
    year_end = pd.Timestamp(results.on.year, 12, 31)
    done = _done(results, lang)
    finished = open_["case_id"].isin(done)
    due = open_["due_on"] <= year_end
    yield Text(
        "line",
        _say(
            "duties",
            lang,
            count=len(open_),
            mu=_mu(open_["area_m2"].sum()),
            due=int(due.sum()),
            year=results.on.year,
            done=int(finished.sum()),
            rate=_share(finished.sum() / len(open_) if len(open_) else None),
        ),
    )
    rows = [
        (
            str(lead),
            str(len(group)),
            _mu(group["area_m2"].sum()),
            str(int(due[group.index].sum())),
            str(int(finished[group.index].sum())),
        )
        for lead, group in open_.groupby("lead")
    ]
    rows.sort(key=lambda row: (-int(row[1]), row[0]))
    heads = tuple(_say(f"col_{key}", lang) for key in ("lead", "count", "mu", "due", "done"))
    if rows:
        yield Table(heads, tuple(rows), (0.36, 0.14, 0.2, 0.16, 0.14))


def _done(results: Results, lang: Lang) -> set[str]:
    """Return the cases whose accepted progress says that they have been disposed of."""
    latest = entries.latest(results.entries)
    words = {texts.say(f"choices.{DONE}", tongue) for tongue in ("zh", "en", lang)}
    is_done = (latest["field"] == "progress") & latest["value"].isin(words)
    return set(latest.loc[is_done, "case_id"])


def ahead(results: Results, lang: Lang) -> Iterator[Block]:
    """Which lines will be crossed if nothing happens."""
    yield Text("section", _say("section_ahead", lang))
    cases = results.cases[results.cases["next_status"] != ""]
    days = (cases["next_status_on"] - pd.Timestamp(results.on)).dt.days
    rows = [
        (
            label(Status(str(status)), lang),
            *(str(int(((days > 0) & (days <= n))[group.index].sum())) for n in _HORIZONS),
            _mu(group.loc[(days <= _HORIZONS[-1])[group.index], "area_m2"].sum()),
        )
        for status, group in cases.groupby("next_status")
        if ((days > 0) & (days <= _HORIZONS[-1]))[group.index].any()
    ]
    if not rows:
        yield Text("line", _say("nothing_ahead", lang, days=_HORIZONS[-1]))
        return
    rows.sort(key=lambda row: (-int(row[2]), row[0]))
    total = sum(int(row[2]) for row in rows)
    yield Text("line", _say("ahead", lang, days=_HORIZONS[-1], count=total))
    heads = tuple(_say(f"col_{key}", lang) for key in ("becomes", "in_30", "in_90", "mu"))
    yield Table(heads, tuple(rows), (0.46, 0.17, 0.17, 0.2))


def projects(results: Results, lang: Lang) -> Iterator[Block]:
    """Say how projects go, where a layer of projects is there."""
    table = results.tables[Role.PROJECT].sort_values("project_id", kind="stable")
    if table.empty:
        return
    late = table["target_on"].notna() & (table["target_on"] < pd.Timestamp(results.on))
    yield Text("section", _say("section_projects", lang))
    yield Text(
        "line",
        _say(
            "projects",
            lang,
            count=len(table),
            mu=_mu(table["area_needed"].sum()),
            yi=_yi(table["investment"].sum()),
            late=int(late.sum()),
        ),
    )
    stage = table["progress"].fillna("—").astype(str)
    rows = [
        (
            str(name),
            str(len(group)),
            _mu(group["area_needed"].sum()),
            _yi(group["investment"].sum()),
        )
        for name, group in table.groupby(stage)
    ]
    heads = tuple(_say(f"col_{key}", lang) for key in ("progress", "number", "mu", "yi"))
    yield Table(heads, tuple(rows), (0.34, 0.16, 0.26, 0.24))
    soon = table["target_on"] <= pd.Timestamp(results.on) + pd.Timedelta(days=_HORIZONS[-1])
    urgent = table[soon].sort_values(["target_on", "project_id"]).head(_LISTED)
    target = urgent["target_on"].dt.strftime("%Y-%m-%d")
    names, stages = urgent["project_name"].astype(str), stage[urgent.index]
    if len(urgent):
        yield Text("line", _say("urgent", lang, days=_HORIZONS[-1], count=len(urgent)))
        heads = tuple(_say(f"col_{key}", lang) for key in ("project", "progress", "target"))
        yield Table(heads, tuple(zip(names, stages, target, strict=True)), (0.54, 0.24, 0.22))


def _yi(yuan: float) -> str:
    """Return money in 100 million yuan."""
    return f"{yuan / units.FACTORS['yi_yuan']:,.2f}"


def data(results: Results, lang: Lang) -> Iterator[Block]:
    """Say what is wrong with the data, and what stays unknown because of it."""
    shown = findings.rendered(results.findings, lang)
    yield Text("section", _say("section_data", lang))
    counts = {rank.value: int((shown["severity"] == rank.value).sum()) for rank in Severity}
    unknown = results.totals["city"]["states"][State.UNDETERMINED.value]
    yield Text(
        "line",
        _say(
            "data",
            lang,
            errors=counts["error"] + counts["forbids"],
            warnings=counts["warning"],
            unknown=unknown["count"],
            mu=_mu(unknown["area_m2"]),
        ),
    )
    grave = shown[shown["severity"].isin(["forbids", "error"])]
    rows = [
        (str(who), str(len(group)), str(group["action"].mode().iloc[0]))
        for who, group in grave.groupby("responsible")
    ]
    heads = tuple(_say(f"col_{key}", lang) for key in ("responsible", "number", "action"))
    if rows:
        yield Table(heads, tuple(rows), (0.24, 0.12, 0.64))


def basis(results: Results, lang: Lang) -> Iterator[Block]:
    """Say what the figures rest on."""
    workspace = results.workspace
    sources = "、".join(f"{s.title} {s.as_of.isoformat()}" for s in workspace.sources)
    method = texts.say(f"workbook.area_{workspace.area_method}", lang)
    yield Text("note", _say("basis", lang, on=results.on, method=method, sources=sources))
    yield Text("note", _say("caution", lang))
