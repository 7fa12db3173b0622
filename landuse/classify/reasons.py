"""
Why a case has its status, in one sentence, with the articles and the evidence beside it.

Every number in a sentence comes from the case or from the statutes in force on the day.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import schema, texts, units
from landuse.classify import remarks
from landuse.terms import IDLE, STATE_OF, State, Status

if TYPE_CHECKING:
    from datetime import date

    from landuse.law import Statutes
    from landuse.texts import Lang

_ARTICLES: dict[Status, tuple[str, ...]] = {
    Status.UNEXPROPRIATED: ("approvals.lapse_years",),
    Status.LAPSED: ("approvals.lapse_years",),
    Status.OCCUPIED: ("approvals.occupied_is_unsupplied",),
    Status.NOT_DELIVERED: ("idle_land.government_causes",),
    Status.NOT_DUE: ("idle_land.not_commenced_years",),
    Status.OVERDUE: ("idle_land.not_commenced_years",),
    Status.IDLE_ONE_YEAR: ("idle_land.not_commenced_years", "idle_land.fee_share"),
    Status.IDLE_TWO_YEARS: ("idle_land.not_commenced_years", "idle_land.recovery_years"),
    Status.IDLE_GOVERNMENT: (
        "idle_land.not_commenced_years",
        "idle_land.government_causes",
        "idle_land.disposal_menu",
    ),
    Status.COMPLETION_OVERDUE_TWO_YEARS: ("inefficient.completion_overdue_years",),
    Status.SUSPENDED: ("idle_land.suspended_years",),
    Status.IDLE_SUSPENDED: ("idle_land.suspended_years", "idle_land.disposal_menu"),
    Status.SUSPENDED_INEFFICIENT: ("idle_land.suspended_years",),
    Status.UNDERPERFORMING: ("inefficient.underperforming_share",),
}
"""Rules a status leans on; what leans on no rule of law names none."""

_DELIVERY_BASES = ("delivered_on", "agreed_delivery_on")
_CONTRADICTED = {"signed_on": "undetermined_unsigned", "supply_id": "undetermined_conflict"}


def articles(cases: pd.DataFrame, statutes: Statutes) -> pd.Series:
    """
    Return the documents and articles each case leans on, joined by ；.

    Raises
    ------
    LawError
        If one of them is not in force on the day.
    """
    by_status = {
        status: "；".join(statutes[key].citation for key in _ARTICLES.get(Status(status), ()))
        for status in cases["status"].unique()
    }
    cited = cases["status"].map(by_status).astype("str")
    derived = cases["clock_basis"].isin(_DELIVERY_BASES)
    if derived.any():
        rule = statutes["idle_land.start_after_delivery_years"].citation
        cited = cited.mask(derived, cited + "；" + rule)
    kinds = [kind for kind in cases["remarks"].unique() if kind]
    for code in remarks.RULES:
        noting = [kind for kind in kinds if code in kind.split(remarks.SEPARATOR)]
        added = remarks.citation(code, statutes) if noting else ""
        if added:
            cited = cited.mask(cases["remarks"].isin(noting), cited + "；" + added)
    return cited.str.strip("；")


def sentences(cases: pd.DataFrame, on: date, statutes: Statutes, lang: Lang) -> list[str]:
    """
    Return one sentence a case.

    Raises
    ------
    LawError
        If a rule whose number a sentence names is not in force on the day.
    """
    law = _numbers(statutes)
    open_end = (cases["status"] == Status.IN_PROGRESS) & cases["clock_from"].isna()
    keys = cases["status"].mask(open_end, "in_progress_open")
    undetermined = keys == Status.UNDETERMINED
    keys = keys.mask(undetermined, _undetermined_key(cases["missing"]))
    templates = {key: texts.template(f"reason.{key}", lang) for key in keys.unique()}
    columns = [cases[name] for name in _USED]
    plain = [
        templates[key].format_map(_values(dict(zip(_USED, row, strict=True)), on, law, lang))
        for key, *row in zip(keys, *columns, strict=True)
    ]
    return [
        _extended(sentence, noted, follows, lang)
        for sentence, noted, follows in zip(plain, cases["remarks"], cases["follows"], strict=True)
    ]


def _extended(sentence: str, noted: str, follows: str, lang: Lang) -> str:
    """Add the remarks of a case to its sentence, and the phase or parcel it is decided with."""
    if noted:
        stop = "。" if lang == "zh" else "."
        link = "；" if lang == "zh" else "; "
        clauses = [texts.say(f"reason.remark_{code}", lang) for code in noted.split("；")]
        sentence = link.join([sentence.removesuffix(stop), *clauses]) + stop
    if follows:
        return texts.say("reason.follows", lang, follows=follows, sentence=sentence)
    return sentence


_USED = (
    "status", "kind", "clock_from", "clock_basis", "gross_days", "paused_days", "full_years",
    "area_m2", "footprint_share", "developed_share", "invested_share", "missing", "is_determined",
    "determination_number", "causes",
)  # fmt: skip


def _undetermined_key(missing: pd.Series) -> pd.Series:
    """Name the sentence that says why there is no answer."""
    chosen = [_CONTRADICTED.get(name, "undetermined") for name in missing]
    return pd.Series(chosen, index=missing.index, dtype=object)


def _numbers(statutes: Statutes) -> dict[str, Any]:
    """Return the numbers of the law that sentences name."""
    return {
        "one": statutes["idle_land.not_commenced_years"].amount,
        "two": statutes["idle_land.recovery_years"].amount,
        "halt": statutes["idle_land.suspended_years"].amount,
        "third": statutes["idle_land.developed_share"].amount,
        "quarter": statutes["idle_land.invested_share"].amount,
        "late": statutes["inefficient.completion_overdue_years"].amount,
        "lapse": statutes["approvals.lapse_years"].amount,
    }


def _values(row: dict[str, Any], on: date, law: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """Return what the placeholders of one sentence stand for."""
    clock = "—" if pd.isna(row["clock_from"]) else row["clock_from"].date().isoformat()
    days = 0 if pd.isna(row["paused_days"]) else int(row["paused_days"])
    return {
        **law,
        "on": on.isoformat(),
        "clock": clock,
        "approved": clock,
        "basis": _heading("supply", row["clock_basis"], lang) if row["kind"] == "supply" else "",
        "gross": "—" if pd.isna(row["gross_days"]) else int(row["gross_days"]),
        "years": "—" if pd.isna(row["full_years"]) else int(row["full_years"]),
        "days": days,
        "causes": row["causes"],
        "paused": texts.say("reason.paused_days", lang, days=days, causes=row["causes"])
        if days
        else "",
        "area": f"{units.mu(row['area_m2']):.2f}",
        "share": _percent(row["footprint_share"]),
        "short": _short(row, law, lang),
        "missing": _missing(row, lang),
        "word": _word(row, lang),
    }


@cache
def _heading(role: str, name: str, lang: Lang) -> str:
    """Heading of a column, or the name itself where the role has none."""
    return schema.heading(role, name, lang) if name in schema.names(role) else name


def _missing(row: dict[str, Any], lang: Lang) -> str:
    """Headings of the columns a case lacks."""
    names = [name for name in str(row["missing"]).split("；") if name]
    return ("、" if lang == "zh" else ", ").join(_heading(row["kind"], n, lang) for n in names)


def _percent(share: float) -> str:
    """Share as a percentage with one decimal, for sentences."""
    return "—" if pd.isna(share) else f"{share:.1%}"


def _short(row: dict[str, Any], law: dict[str, Any], lang: Lang) -> str:
    """Name which of the two tests of 第二条第二款 is short."""
    if row["status"] != Status.IDLE_SUSPENDED:
        return ""
    parts = []
    if row["developed_share"] < law["third"]:
        share = _percent(row["developed_share"])
        parts.append(texts.say("reason.short_area", lang, third=law["third"], developed=share))
    if row["invested_share"] < law["quarter"]:
        share = _percent(row["invested_share"])
        parts.append(texts.say("reason.short_money", lang, quarter=law["quarter"], invested=share))
    return "；".join(parts)


def _word(row: dict[str, Any], lang: Lang) -> str:
    """疑似闲置, or 闲置土地 where a determination letter is on file: 办法 第九条."""
    if row["status"] not in IDLE:
        return ""
    if row["is_determined"]:
        return texts.say("reason.word_determined", lang, number=row["determination_number"])
    return texts.say("reason.word_suspected", lang)


def evidence(cases: pd.DataFrame, lang: Lang, least_m2: float) -> pd.Series:
    """
    Say whether built footprints agree with the papers; they change no status.

    Parameters
    ----------
    cases
        Cases with `footprint_share` (missing where nothing was measured) and `area_m2`.
    lang
        Language of the sentence.
    least_m2
        Footprint in m² below which nothing is said to stand.
    """
    share = cases["footprint_share"]
    stands = share * cases["area_m2"] >= least_m2
    state = cases["status"].map({s.value: state.value for s, state in STATE_OF.items()})
    key = pd.Series("evidence_papers", index=cases.index)
    seen = share.notna() & (state != State.UNDETERMINED) & (cases["kind"] == "supply")
    key = key.mask(seen, "evidence_agree")
    key = key.mask(seen & stands & (state == State.SUPPLIED_UNBUILT), "evidence_built")
    key = key.mask(seen & ~stands & (state == State.COMPLETED), "evidence_bare")
    shown = {name: texts.template(f"reason.{name}", lang) for name in key.unique()}
    return pd.Series(
        [shown[k].format_map({"share": _percent(s)}) for k, s in zip(key, share, strict=True)],
        index=cases.index,
        dtype="str",
    )
