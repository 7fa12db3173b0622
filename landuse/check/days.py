"""Days of supplies that contradict each other, the law or the day the source shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from landuse import facts, findings, law, units
from landuse.check import about
from landuse.errors import LawError
from landuse.terms import Role

if TYPE_CHECKING:
    from datetime import date

    from landuse.layers import Workspace

_ORDER = (
    ("start_agreed_before_signing", "agreed_commencement_on", "signed_on"),
    ("delivery_agreed_before_signing", "agreed_delivery_on", "signed_on"),
    ("completion_agreed_before_start", "agreed_completion_on", "agreed_commencement_on"),
    ("start_before_permit", "commenced_on", "permit_on"),
    ("start_before_delivery", "commenced_on", "delivered_on"),
    ("delivered_before_signing", "delivered_on", "signed_on"),
    ("permit_before_signing", "permit_on", "signed_on"),
    ("extension_before_signing", "extension_signed_on", "signed_on"),
    ("extension_before_agreed", "extended_commencement_on", "agreed_commencement_on"),
    ("resumed_before_suspended", "resumed_on", "suspended_on"),
    ("production_before_completion", "production_on", "completed_on"),
)
"""Code → a day that comes too early, and the day it should not precede."""

_HISTORY = ("signed_on", *facts.EVENTS)  # days a source can only know once they have passed


def blanks(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name every day that is how a system writes an empty cell (before 1950)."""
    return [
        about.rows("day_blank", role, table, facts.is_blank_day(table[name]), name)
        for role, table in tables.items()
        if role != Role.IMAGERY
        for name in facts.day_columns(role)
    ]


def of_supplies(
    tables: dict[str, pd.DataFrame], workspace: Workspace, on: date
) -> list[pd.DataFrame]:
    """Name contradictions among the days of supplies, as they were known on the day."""
    supplies = tables[Role.SUPPLY]
    known = facts.known(supplies, on)
    contradicted = facts.contradictions(known)
    pairs = [(code, *pair, contradicted[code]) for code, pair in facts.CONTRADICTIONS.items()]
    pairs += [(code, a, b, known[a] < known[b]) for code, a, b in _ORDER]
    said = [
        about.rows(code, Role.SUPPLY, known, where, early, late=known[late])
        for code, early, late, where in pairs
    ]
    said += _extensions(known, workspace, on)
    said += _suspensions(known)
    said.append(_without_clock(known))
    return said


def _extensions(known: pd.DataFrame, workspace: Workspace, on: date) -> list[pd.DataFrame]:
    """Name extensions that are backdated, unsigned or longer than the law allows."""
    extended, signed = known["extended_commencement_on"], known["extension_signed_on"]
    column = "extended_commencement_on"
    backdated = facts.backdated_extension(known)
    said = [
        about.rows("extension_backdated", Role.SUPPLY, known, backdated, column, late=signed),
        about.rows(
            "extension_unsigned", Role.SUPPLY, known, extended.notna() & signed.isna(), column
        ),
    ]
    try:
        longest = law.on(on, workspace.path)["idle_land.extension_years"]
    except LawError:
        return said  # no limit was in force on that day
    agreed = known["agreed_commencement_on"]
    limit = pd.Series(units.add_years(units.days(agreed), longest.amount), index=known.index)
    limit = limit.astype("datetime64[s]")
    found = about.rows(
        "extension_too_long",
        Role.SUPPLY,
        known,
        extended > limit,
        column,
        agreed=agreed,
        limit=limit,
        years=longest.amount,
        article=longest.citation,
    )
    return [*said, found]


def _suspensions(known: pd.DataFrame) -> list[pd.DataFrame]:
    """Name stops and restarts of works that do not fit together."""
    stopped, resumed, done = known["suspended_on"], known["resumed_on"], known["completed_on"]
    lone = resumed.notna() & stopped.isna()
    late = (stopped > done) & done.notna()
    unbegun = stopped.notna() & known["commenced_on"].isna()
    return [
        about.rows("resumed_without_stop", Role.SUPPLY, known, lone, "resumed_on"),
        about.rows(
            "suspended_after_completion", Role.SUPPLY, known, late, "suspended_on", late=done
        ),
        about.rows("suspended_without_start", Role.SUPPLY, known, unbegun, "suspended_on"),
        about.rows(
            "completed_without_start",
            Role.SUPPLY,
            known,
            done.notna() & known["commenced_on"].isna(),
            "completed_on",
        ),
    ]


def _without_clock(known: pd.DataFrame) -> pd.DataFrame:
    """Name supplies not begun for which nothing tells the day of start; once where none is told."""
    basis = (
        "extended_commencement_on",
        "agreed_commencement_on",
        "delivered_on",
        "agreed_delivery_on",
    )
    nothing = known[list(basis)].isna().all(axis=1)
    begun = known[["commenced_on", "completed_on"]].notna().any(axis=1)
    whole = nothing.groupby(known["source_layer"]).transform("all")
    counted = known[whole].groupby("source_layer", sort=True).size()
    column = "agreed_commencement_on"
    each = about.rows("clock_unknown", Role.SUPPLY, known, nothing & ~begun & ~whole, column)
    once = findings.rows(
        "clock_unknown_layer", layer=list(counted.index), column=column, count=list(counted)
    )
    return findings.gather([each, once])


def against_sources(
    tables: dict[str, pd.DataFrame], workspace: Workspace, on: date
) -> list[pd.DataFrame]:
    """Name days a source cannot have known yet, and what lies after the day asked for."""
    supplies = tables[Role.SUPPLY]
    as_of = supplies["source_layer"].map(
        {source.name: pd.Timestamp(source.as_of) for source in workspace.sources}
    )
    as_of = as_of.astype("datetime64[s]")
    said = [
        about.rows(
            "day_after_as_of", Role.SUPPLY, supplies, supplies[name] > as_of, name, as_of=as_of
        )
        for name in _HISTORY
    ]
    later = pd.Timestamp(on)
    said.append(
        about.rows(
            "signed_after_on",
            Role.SUPPLY,
            supplies,
            (supplies["signed_on"] > later) & (supplies["signed_on"] <= as_of),
            "signed_on",
            on=on.isoformat(),
        )
    )
    said += [
        _hindsight(supplies, name, on) for name in facts.EVENTS if (supplies[name] > later).any()
    ]
    return said


def _hindsight(supplies: pd.DataFrame, name: str, on: date) -> pd.DataFrame:
    """Say once a layer how many events of a kind were not known on the day."""
    after = supplies.loc[supplies[name] > pd.Timestamp(on)]
    counted = after.groupby("source_layer", sort=True).size()
    return findings.rows(
        "event_after_on",
        layer=list(counted.index),
        column=name,
        count=list(counted),
        on=on.isoformat(),
    )


def of_approvals(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name approvals withdrawn before they were given."""
    approvals = tables[Role.APPROVAL]
    early = approvals["withdrawn_on"] < approvals["approved_on"]
    return [
        about.rows(
            "withdrawn_before_approved",
            Role.APPROVAL,
            approvals,
            early & ~facts.is_blank_day(approvals["withdrawn_on"]),
            "withdrawn_on",
            late=approvals["approved_on"],
        )
    ]


def of_pauses(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name pauses whose days deduct nothing, or are counted once only."""
    pauses = tables[Role.PAUSE]
    blank = ["begins_on", "ends_on"]
    pauses = pauses.assign(**{n: pauses[n].mask(facts.is_blank_day(pauses[n])) for n in blank})
    begins, ends = pauses["begins_on"], pauses["ends_on"]
    role = Role.PAUSE
    return [
        about.rows("pause_without_begin", role, pauses, begins.isna(), "begins_on"),
        about.rows("pause_ends_before_begin", role, pauses, ends < begins, "ends_on", late=begins),
        about.rows(
            "pause_undocumented", role, pauses, pauses["document_number"].isna(), "document_number"
        ),
        about.rows("pauses_overlap", role, pauses, _overlapping(pauses), "begins_on"),
    ]


def _overlapping(pauses: pd.DataFrame) -> pd.Series:
    """Whether a pause begins before an earlier one of the same supply has ended."""
    usable = pauses[pauses["begins_on"].notna()].sort_values(["supply_id", "begins_on", "ends_on"])
    ends = usable["ends_on"].fillna(pd.Timestamp("2262-01-01"))
    latest = ends.groupby(usable["supply_id"]).cummax().groupby(usable["supply_id"]).shift()
    overlap = usable["begins_on"] <= latest
    return overlap.reindex(pauses.index, fill_value=False)
