"""The words in the rows of cases: labels, spans of time, causes, what is missing, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import schema, terms, texts, units
from landuse.terms import IDLE, INEFFICIENT, Severity, State, Status
from landuse.workbook.ledger import looked_up, say

if TYPE_CHECKING:
    from datetime import date

    from landuse.texts import Lang

TONES: dict[str, frozenset[str]] = {
    "grave": frozenset({Status.IDLE_TWO_YEARS, Status.LAPSED, Severity.FORBIDS}),
    "idle": frozenset({Status.IDLE_ONE_YEAR, Status.IDLE_SUSPENDED, Severity.ERROR}),
    "government": frozenset({Status.IDLE_GOVERNMENT, Status.NOT_DELIVERED, Status.OCCUPIED}),
    "late": frozenset(
        {Status.OVERDUE, Status.COMPLETION_OVERDUE, Status.SUSPENDED, Severity.WARNING}
    ),
    "inefficient": INEFFICIENT,
}
"""How strongly a status is shown: a fill together with bold or italic, so that grey prints read."""

_STOPPED = (Status.SUSPENDED, Status.IDLE_SUSPENDED, Status.SUSPENDED_INEFFICIENT)


def tones() -> dict[str, str]:
    """Return the tone of every status and severity that has one."""
    return {str(word): tone for tone, members in TONES.items() for word in members}


def clock(on: date, cases: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """
    Say how long each case is late, idle or stopped, in days and as years and days.

    `cases` are described cases with the days of their supplies; the result has their index.
    """
    stopped = cases["status"].isin(_STOPPED)
    late = units.days_between(units.days(cases["agreed_completion_on"]), on)
    halt = pd.Series(units.days_between(units.days(cases["suspended_on"]), on), index=cases.index)
    unbuilt = cases["state"] == State.SUPPLIED_UNBUILT
    return pd.DataFrame(
        {
            "days_late": cases["gross_days"].where(unbuilt),
            "gross": duration(cases["gross_days"].where(unbuilt), on, lang),
            "net": duration(cases["net_days"].where(unbuilt | stopped), on, lang),
            "completion_days_late": pd.Series(late, index=cases.index),
            "suspended": duration(halt.where(stopped), on, lang),
        }
    )


def duration(days: pd.Series, on: date, lang: Lang) -> pd.Series:
    """
    Return numbers of days that end on `on` as full years and days.

    Years are counted as the law counts them (`units.full_years`); none or missing days stay
    blank.
    """
    counts = days[days > 0].drop_duplicates().astype("int64")
    start = np.datetime64(on, "D") - counts.to_numpy().astype("timedelta64[D]")
    years = units.full_years(start, on).astype("int64")
    rest = units.days_between(units.add_years(start, years), on).astype("int64")
    shown = [
        say("duration" if year else "duration_days", lang, years=year, days=left)
        for year, left in zip(years, rest, strict=True)
    ]
    return days.map(dict(zip(counts.astype(float), shown, strict=True)))


def described(causes: pd.Series, cases: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """
    Put every case into words and into the units shown.

    `causes` are those of pauses by supply (`known.Known`). `cases` carry what their supply,
    approval and cluster tell; the result has their index, areas in ha and mu and money in 10,000
    yuan, unrounded.
    """
    yes = {True: say("yes", lang), False: say("no", lang)}
    toned = tones()
    kinds = {"supply": say("kind_supply", lang), "approval": say("kind_approval", lang)}
    is_completed = cases["state"] == State.COMPLETED
    homes = {True: say("sheet_inefficient", lang), False: say("sheet_unfinished", lang)}
    return pd.DataFrame(
        {
            "status_word": _labels(cases, lang),
            "is_occupied": (cases["status"] == Status.OCCUPIED).map(yes),
            "is_commenced": cases["commenced_on"].notna().map(yes),
            "counted_in": is_completed.map(homes),
            "area_ha": units.ha(cases["area_m2"]),
            "area_mu": units.mu(cases["area_m2"]),
            "is_fee_due_word": cases["is_fee_due"].map(yes),
            "bond_word": cases["bond"].map(_bonds(lang)),
            "priority_parts": _parts(cases, lang),
            "fee_wan": cases["fee_cny"] / units.FACTORS["wan_yuan"],
            "cause_word": _causes(causes, cases, lang),
            "signed_or_approved_on": cases["signed_on"].fillna(cases["approved_on"]),
            "kind_word": cases["kind"].map(kinds),
            "missing_word": _missing(cases, lang),
            "remark": _remarks(cases, lang),
            "tone": [toned.get(status, "") for status in cases["status"]],
            "variant": "",
        }
    )


def _bonds(lang: Lang) -> dict[str, str]:
    """Return what may be said of special bonds in words; nothing where they play no part."""
    return {key: say(f"bond_{key}", lang) for key in ("eligible", "not_eligible", "unknown")}


def _parts(cases: pd.DataFrame, lang: Lang) -> list[str]:
    """Name the points a priority is made of, those of none left out."""
    names = [name for name in cases.columns if str(name).startswith("priority_")]
    heads = [texts.say(f"measures.part_{name.removeprefix('priority_')}", lang) for name in names]
    rows = cases[names].to_numpy(dtype=float, na_value=0.0).round(1).tolist()
    return [
        "、".join(f"{head}{points:g}" for head, points in zip(heads, row, strict=True) if points)
        for row in rows
    ]


def _labels(cases: pd.DataFrame, lang: Lang) -> pd.Series:
    """Label of each status; 闲置土地 only where a determination stands."""
    determined = cases["is_determined"].fillna(False).astype(bool)
    plain = {str(word): terms.label(word, lang) for word in Status}
    proven = {str(word): terms.label(word, lang, is_determined=True) for word in Status}
    return cases["status"].map(plain).mask(determined, cases["status"].map(proven))


def _causes(causes: pd.Series, cases: pd.DataFrame, lang: Lang) -> pd.Series:
    """Lawful pauses on record; for idle land without any, that there are none."""
    found = looked_up(causes, cases["case_id"])
    none_on_record = cases["status"].isin([str(word) for word in IDLE]) & found.isna()
    return found.mask(none_on_record, say("no_cause", lang))


def caused(told: pd.Series, causes: dict[str, tuple[str, str]], lang: Lang) -> pd.Series:
    """Return causes of a ledger as the list offers them; other words as they are."""
    column = 0 if lang == "zh" else 1
    shown = {}
    for text in told.dropna().unique():
        code = terms.cause_code(str(text), causes)
        shown[text] = f"{code} {causes[code][column]}" if code else text
    return told.map(shown)


def _missing(cases: pd.DataFrame, lang: Lang) -> pd.Series:
    """Headings of the columns whose facts are missing or contradict each other."""
    pairs = cases[["kind", "missing"]].fillna("").drop_duplicates()
    shown = {
        (kind, names): "；".join(
            schema.spoken(kind, name, lang) for name in names.split("；") if name
        )
        for kind, names in pairs.itertuples(index=False, name=None)
    }
    keys = zip(cases["kind"].fillna(""), cases["missing"].fillna(""), strict=True)
    return pd.Series([shown[key] for key in keys], index=cases.index, dtype="str")


def _remarks(cases: pd.DataFrame, lang: Lang) -> pd.Series:
    """Say what the clerk must know first: missing price or shape, low trust, duties."""
    is_supply = cases["kind"] == "supply"
    is_unbuilt = cases["state"] == State.SUPPLIED_UNBUILT
    facts = {
        "note_fee_unknown": (cases["status"] == Status.IDLE_ONE_YEAR) & cases["fee_cny"].isna(),
        "note_no_shape": is_supply & ~cases["has_shape"].astype(bool),
        "note_low_trust": is_unbuilt & (cases["clock_basis"] == "agreed_delivery_on"),
        "note_from_delivery": is_unbuilt & (cases["clock_basis"] == "delivered_on"),
        "note_sealed": cases["is_seized"].fillna(False).astype(bool),
        "note_mortgaged": cases["is_mortgaged"].fillna(False).astype(bool),
        "note_phase": cases["phase_of"].notna(),
    }
    remark = pd.Series("", index=cases.index, dtype=object)
    for key, holds in facts.items():
        remark = remark.mask(holds, remark + say(key, lang) + "；")
    return remark.str.removesuffix("；")
