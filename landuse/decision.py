"""
The decision sheet of one case: facts and source, dates written out, articles, what is missing.

It repeats what `classify` found and decides nothing itself.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from landuse import schema, texts, units
from landuse.errors import LanduseError
from landuse.terms import PAUSE_CAUSES, State, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from landuse.law import Statutes
    from landuse.layers import Workspace
    from landuse.texts import Lang


class Found(Protocol):
    """What a run found (`pipeline.Run`)."""

    @property
    def workspace(self) -> Workspace: ...  # noqa: D102
    @property
    def on(self) -> date: ...  # noqa: D102
    @property
    def statutes(self) -> Statutes: ...  # noqa: D102
    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def cases(self) -> pd.DataFrame: ...  # noqa: D102


def sheet(found: Found, case_id: str, lang: Lang = "zh") -> str:
    """
    Return the decision sheet of a supply or an unsupplied approval as plain text.

    Parameters
    ----------
    found
        What a run found.
    case_id
        The supply_id or approval_id.
    lang
        Language of the sheet.

    Raises
    ------
    LanduseError
        If no case has this id; close ids are named.
    """
    matches = found.cases[found.cases["case_id"] == case_id]
    if matches.empty:
        near = difflib.get_close_matches(case_id, list(found.cases["case_id"]), n=3, cutoff=0.5)
        raise LanduseError(
            texts.say(
                "explain.absent",
                lang,
                workspace=found.workspace.name,
                case_id=case_id,
                on=found.on,
                near="、".join(near) or "—",
            )
        )
    return "\n".join(_lines(found, matches.iloc[0], lang)) + "\n"


def _lines(found: Found, case: pd.Series, lang: Lang) -> Iterator[str]:
    """Yield the sheet line by line."""

    def say(key: str, **values: Any) -> str:
        return texts.say(f"explain.{key}", lang, **values)

    yield say("title", workspace=found.workspace.name, case_id=case["case_id"], on=found.on)
    if found.workspace.is_synthetic:
        yield say("synthetic")
    yield from ("", say("conclusion"))
    determined = bool(case["is_determined"])
    status = label(Status(case["status"]), lang, is_determined=determined)
    yield say("state", state=label(State(case["state"]), lang), status=status)
    yield str(case["reason"])
    yield from ("", say("facts"), *_facts(found, case, lang))
    yield from ("", say("dates"), *_dates(found, case, lang))
    yield from ("", say("articles"), *_articles(found.statutes, case, lang))
    yield from ("", say("missing"), _missing(case, lang) or say("nothing"))
    yield from ("", say("evidence"), str(case["evidence"]) or say("nothing"))
    yield from ("", say("disposal"), *_disposal(case, lang))
    yield from ("", say("caution"))


def _facts(found: Found, case: pd.Series, lang: Lang) -> Iterator[str]:
    """Yield every filled fact of the source row, and where the row stands."""
    role = str(case["kind"])
    table = found.tables[role]
    row = table[table[f"{role}_id"] == case["case_id"]].iloc[0]
    for column in schema.columns(role):
        value = row[column.name]
        if pd.isna(value) or value == "":
            continue
        is_event = column.kind == "day" and not column.name.startswith(("agreed", "extended"))
        later = is_event and value > pd.Timestamp(found.on)
        heading = schema.heading(role, column.name, lang)
        key = "explain.unknown_day" if later else "explain.fact"
        yield texts.say(key, lang, heading=heading, value=_shown(value, column.kind, lang))
    source = next(s for s in found.workspace.sources if s.name == row["source_layer"])
    yield texts.say(
        "explain.origin",
        lang,
        title=source.title,
        file=row["source_file"],
        row=row["source_row"],
        as_of=source.as_of,
    )


def _shown(value: Any, kind: str = "", lang: Lang = "zh") -> str:
    """Return a cell as people read it, with its unit."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if kind == "bool":
        return texts.say("explain.yes" if value else "explain.no", lang)
    if kind == "m2":
        return texts.say("explain.area", lang, m2=f"{value:,.2f}", mu=f"{units.mu(value):,.2f}")
    if kind == "cny":
        return texts.say("explain.money", lang, yuan=f"{value:,.2f}")
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def _dates(found: Found, case: pd.Series, lang: Lang) -> Iterator[str]:
    """Yield the arithmetic of the clock, its pauses and the next step."""
    if pd.isna(case["clock_from"]) or pd.isna(case["gross_days"]):
        yield texts.say("explain.no_clock", lang)
    else:
        basis = schema.heading(str(case["kind"]), str(case["clock_basis"]), lang)
        clock, gross = _shown(case["clock_from"]), int(case["gross_days"])
        yield texts.say("explain.clock", lang, clock=clock, basis=basis, on=found.on, gross=gross)
        paused, net, years = (int(case[n]) for n in ("paused_days", "net_days", "full_years"))
        yield texts.say("explain.deduction", lang, paused=paused, net=net, years=years)
    pauses = found.tables["pause"]
    for row in pauses[pauses["supply_id"] == case["case_id"]].sort_values("begins_on").itertuples():
        ends = texts.say("explain.open", lang) if pd.isna(row.ends_on) else _shown(row.ends_on)
        yield texts.say(
            "explain.pause",
            lang,
            cause=row.cause,
            label=PAUSE_CAUSES.get(str(row.cause), ("—", "—"))[lang == "en"],
            begins="—" if pd.isna(row.begins_on) else _shown(row.begins_on),
            ends=ends,
            document="—" if pd.isna(row.document_number) else row.document_number,
        )
    if case["next_status"]:
        status = label(Status(case["next_status"]), lang)
        yield texts.say("explain.next", lang, day=_shown(case["next_status_on"]), status=status)


def _articles(statutes: Statutes, case: pd.Series, lang: Lang) -> Iterator[str]:
    """Yield each rule the case leans on, with its text where it was read."""
    cited = set(str(case["articles"]).split("；"))
    rules = [value for value in statutes.in_force() if value.citation in cited]
    for rule in rules:
        amount = "、".join(rule.amount) if isinstance(rule.amount, list) else rule.amount
        name = rule.label if lang == "zh" else rule.label_en
        yield texts.say("explain.article", lang, citation=rule.citation, label=name, amount=amount)
        if rule.text:
            yield texts.say("explain.quote", lang, text=rule.text)
        if not rule.verified:
            yield texts.say("explain.unverified", lang)
    if not rules:
        yield texts.say("explain.no_article", lang)


def _missing(case: pd.Series, lang: Lang) -> str:
    """Headings of what the case lacks."""
    role = str(case["kind"])
    names = [name for name in str(case["missing"]).split("；") if name]
    shown = [schema.heading(role, n, lang) if n in schema.names(role) else n for n in names]
    return "、".join(shown)


def _disposal(case: pd.Series, lang: Lang) -> Iterator[str]:
    """Yield what to do, who leads, by when, and the fee where one is due and known."""
    due = "—" if pd.isna(case["due_on"]) else _shown(case["due_on"])
    yield texts.say("explain.measures", lang, measures=case["measures"] or "—")
    lead, support = case["lead"] or "—", case["support"] or "—"
    yield texts.say("explain.office", lang, lead=lead, support=support, due=due)
    if pd.notna(case["fee_cny"]):
        yield texts.say("explain.fee", lang, fee=f"{case['fee_cny']:,.2f}")
