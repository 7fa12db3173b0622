"""The sections of the bulletin, one function each, in the order they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import findings, terms, texts, units
from landuse.bulletin.saying import mu, say, share
from landuse.papers import Bars, Table, Text
from landuse.terms import IDLE, Severity, State, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landuse.bulletin.saying import Results
    from landuse.papers import Block
    from landuse.texts import Lang

_HORIZONS = (30, 90)
"""Days ahead that are looked at: a month for those who act, a quarter for those who plan."""


def head(results: Results, lang: Lang) -> Iterator[Block]:
    """Title, mark of synthetic data, and what the bulletin is about."""
    on, name = results.on, results.workspace.name
    yield Text("title", say("title", lang, place=name, year=on.year, month=on.month))
    if results.workspace.is_synthetic:
        yield Text("mark", say("synthetic", lang))
    if results.workspace.marking:
        yield Text("mark", results.workspace.marking)
    yield Text("address", say("address", lang))
    yield Text("line", say("opening", lang, year=on.year, month=on.month, day=on.day))


def whole(results: Results, lang: Lang) -> Iterator[Block]:
    """Say of the city: its states, what is suspected idle, and the three rates."""
    city = results.totals["city"]
    yield Text("section", say("section_whole", lang))
    yield Text(
        "line",
        say(
            "whole",
            lang,
            clusters=len(_named(results)),
            parks=len(results.totals["parks"]),
            count=city["count"],
            mu=mu(city["area_m2"]),
            **{f"{rate}": share(value) for rate, value in city["rates"].items()},
        ),
    )
    idle, determined = city["idle"], city["determined"]
    parts = "，".join(
        say("part", lang, name=label(status, lang), **_figures(results, status))
        for status in sorted(IDLE, key=list(Status).index)
    )
    yield Text(
        "line",
        say(
            "idle",
            lang,
            count=idle["count"],
            mu=mu(idle["area_m2"]),
            parts=parts,
            determined=determined["count"],
        ),
    )
    rows = [
        (
            label(state, lang),
            str(entry["count"]),
            f"{units.ha(entry['area_m2']):,.4f}",
            mu(entry["area_m2"]),
            share(entry["area_m2"] / city["area_m2"] if city["area_m2"] else None),
        )
        for state in State
        for entry in [city["states"][state.value]]
    ]
    area = city["area_m2"]
    rows.append(
        (say("total", lang), str(city["count"]), f"{units.ha(area):,.4f}", mu(area), "100.0%")
    )
    heads = tuple(say(f"col_{key}", lang) for key in ("state", "count", "ha", "mu", "share"))
    yield Table(heads, tuple(rows), (0.26, 0.14, 0.22, 0.22, 0.16))


def _figures(results: Results, status: Status) -> dict[str, str]:
    """Count and mu of one status in the city."""
    state = results.totals["city"]["states"][terms.STATE_OF[status].value]
    entry = state["statuses"].get(status.value, {"count": 0, "area_m2": 0.0})
    return {"count": str(entry["count"]), "mu": mu(entry["area_m2"])}


def _named(results: Results) -> list[Mapping[str, Any]]:
    """Return the totals of clusters, without what lies outside of all."""
    return [c for c in results.totals["clusters"] if c["cluster_id"]]


def clusters(results: Results, lang: Lang) -> Iterator[Block]:
    """Each cluster: a table, a bar, and who stands out."""
    listed = results.totals["clusters"]
    if not listed:
        return
    yield Text("section", say("section_clusters", lang))
    inside = _named(results)
    known = [c for c in inside if c["rates"]["idle_rate"] is not None]
    worst = sorted(known, key=lambda c: (-c["rates"]["idle_rate"], c["cluster_id"]))[:3]
    named = "、".join(
        say("named", lang, name=c["cluster_name"], share=share(c["rates"]["idle_rate"]))
        for c in worst
        if c["rates"]["idle_rate"] > 0
    )
    free = "、".join(c["cluster_name"] for c in inside if c["count"] and not c["idle"]["count"])
    if named:
        yield Text("line", say("worst", lang, named=named))
    if free:
        yield Text("line", say("free", lang, named=free))
    heads = tuple(
        say(f"col_{key}", lang)
        for key in (
            "cluster", "count", "unsupplied", "unbuilt", "unfinished", "idle", "supply_rate",
            "built_rate", "idle_rate",
        )
    )  # fmt: skip
    rows = [_cluster(c["cluster_name"] or say("outside", lang), c) for c in listed]
    rows.append(_cluster(say("city", lang), results.totals["city"]))
    widths = (0.2, 0.07, 0.13, 0.12, 0.12, 0.11, 0.085, 0.085, 0.08)
    yield Table(heads, tuple(rows), widths, is_dense=True)
    yield Text("caption", say("bars", lang))
    bars = tuple(
        (c["cluster_name"], tuple(c["states"][s.value]["area_m2"] for s in State))
        for c in inside
        if c["area_m2"]
    )
    yield Bars(tuple(label(state, lang) for state in State), bars, title=say("bars", lang))
    yield from _idle(inside, lang)


def _idle(inside: list[Mapping[str, Any]], lang: Lang) -> Iterator[Block]:
    """Show where suspected idle land lies, by status."""
    order = sorted(IDLE, key=list(Status).index)
    bars = tuple(
        (
            c["cluster_name"],
            tuple(
                units.mu(c["states"][terms.STATE_OF[s].value]["statuses"][s.value]["area_m2"])
                for s in order
            ),
        )
        for c in sorted(inside, key=lambda c: (-c["idle"]["area_m2"], c["cluster_id"]))
        if c["idle"]["area_m2"]
    )
    if bars:
        title = say("chart_idle", lang)
        yield Text("caption", title)
        yield Bars(tuple(label(status, lang) for status in order), bars, "amounts", title)


def _cluster(name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the row of a cluster, or of the city."""
    states, rates = entry["states"], entry["rates"]
    shown = (State.APPROVED_UNSUPPLIED, State.SUPPLIED_UNBUILT, State.BUILT_UNFINISHED)
    return (
        name,
        str(entry["count"]),
        *(mu(states[state.value]["area_m2"]) for state in shown),
        mu(entry["idle"]["area_m2"]),
        *(share(rates[rate]) for rate in ("supply_rate", "built_rate", "idle_rate")),
    )


def ahead(results: Results, lang: Lang) -> Iterator[Block]:
    """Which lines will be crossed if nothing happens."""
    yield Text("section", say("section_ahead", lang))
    cases = results.cases[results.cases["next_status"] != ""]
    days = (cases["next_status_on"] - pd.Timestamp(results.on)).dt.days
    rows = [
        (
            label(Status(str(status)), lang),
            *(str(int(((days > 0) & (days <= n))[group.index].sum())) for n in _HORIZONS),
            mu(group.loc[(days <= _HORIZONS[-1])[group.index], "area_m2"].sum()),
        )
        for status, group in cases.groupby("next_status")
        if ((days > 0) & (days <= _HORIZONS[-1]))[group.index].any()
    ]
    if not rows:
        yield Text("line", say("nothing_ahead", lang, days=_HORIZONS[-1]))
        return
    rows.sort(key=lambda row: (-int(row[2]), row[0]))
    total = sum(int(row[2]) for row in rows)
    yield Text("line", say("ahead", lang, days=_HORIZONS[-1], count=total))
    heads = tuple(say(f"col_{key}", lang) for key in ("becomes", "in_30", "in_90", "mu"))
    yield Table(heads, tuple(rows), (0.46, 0.17, 0.17, 0.2))


def data(results: Results, lang: Lang) -> Iterator[Block]:
    """Say what is wrong with the data, and what stays unknown because of it."""
    shown = findings.rendered(results.findings, lang)
    yield Text("section", say("section_data", lang))
    counts = {rank.value: int((shown["severity"] == rank.value).sum()) for rank in Severity}
    unknown = results.totals["city"]["states"][State.UNDETERMINED.value]
    yield Text(
        "line",
        say(
            "data",
            lang,
            errors=counts["error"] + counts["forbids"],
            warnings=counts["warning"],
            unknown=unknown["count"],
            mu=mu(unknown["area_m2"]),
        ),
    )
    grave = shown[shown["severity"].isin(["forbids", "error"])]
    rows = [
        (str(who), str(len(group)), str(group["action"].mode().iloc[0]))
        for who, group in grave.groupby("responsible")
    ]
    heads = tuple(say(f"col_{key}", lang) for key in ("responsible", "number", "action"))
    if rows:
        yield Table(heads, tuple(rows), (0.24, 0.12, 0.64))


def basis(results: Results, lang: Lang) -> Iterator[Block]:
    """Say what the figures rest on."""
    workspace = results.workspace
    sources = "、".join(f"{s.title} {s.as_of.isoformat()}" for s in workspace.sources)
    method = texts.say(f"workbook.area_{workspace.area_method}", lang)
    yield Text("note", say("basis", lang, on=results.on, method=method, sources=sources))
    declared = workspace.declared(lang)
    if declared:
        yield Text("note", texts.say("layers.all", lang, values=declared))
    yield Text("note", say("caution", lang))


def signature(_: Results, lang: Lang) -> Iterator[Block]:
    """Leave room for who issues the bulletin and when; neither is ours to write."""
    yield Text("signature", say("issued_by", lang))
    yield Text("signature", say("issued_on", lang))
