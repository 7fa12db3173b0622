"""The articles a case leans on, and the steps of the law that follow from its status."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import dispose
from landuse.brief.view import SEPARATOR
from landuse.papers.blocks import Text
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landuse.brief.view import Found, View
    from landuse.law import Value
    from landuse.papers.blocks import Block

_OPENING = ("idle_land.investigation_days", "idle_land.answer_days")
_MORTGAGE = "measures.mortgagee_notice"
_DETERMINED = ("idle_land.determination", "idle_land.publication", "idle_land.restrictions")
_HEARING = ("measures.hearing", "idle_land.hearing_days")
_MENU = (
    "idle_land.disposal_menu", "idle_land.extension_years", "idle_land.temporary_use_years",
    "idle_land.swap_conditions", "idle_land.disposal_menu_approval",
    "idle_land.restart_after_disposal",
)  # fmt: skip

_STEPS: dict[Status, tuple[str, ...]] = {
    Status.IDLE_ONE_YEAR: (
        *_OPENING, *_DETERMINED, _MORTGAGE, *_HEARING, "idle_land.fee_share",
        "idle_land.fee_share_real_estate", "idle_land.fee_payment_days",
    ),
    Status.IDLE_TWO_YEARS: (
        *_OPENING, *_DETERMINED, _MORTGAGE, *_HEARING, "idle_land.recovery_years",
        "idle_land.recovery_years_real_estate", "idle_land.recovery_approval",
        "idle_land.handover_days", "idle_land.recovered_use",
    ),
    Status.IDLE_GOVERNMENT: (
        *_OPENING, "idle_land.evidence_of_cause", *_DETERMINED, _MORTGAGE, *_MENU,
    ),
    Status.IDLE_SUSPENDED: (
        *_OPENING, "idle_land.suspended_years", *_DETERMINED[1:], _MORTGAGE, *_MENU,
        "permits.recheck_years",
    ),
    Status.NOT_DELIVERED: ("idle_land.net_land",),
    Status.NOT_DUE: ("permits.start_months",),
    Status.OVERDUE: ("permits.start_months",),
    Status.SUSPENDED: ("permits.stop_report_months",),
    Status.SUSPENDED_INEFFICIENT: ("permits.recheck_years",),
    Status.UNEXPROPRIATED: ("approvals.lapse_years",),
    Status.LAPSED: ("approvals.lapse_years", "approvals.lapse_effect"),
    Status.EXPROPRIATED: (
        "measures.expropriated_unsupplied_years", "approvals.withdrawal_conditions",
    ),
    Status.OCCUPIED: ("approvals.occupied_is_unsupplied",),
}  # fmt: skip
"""Steps in their order; those without a rule in force on the day are left out."""

_DONE = {
    "idle_land.investigation_days": "investigation_number",
    "idle_land.determination": "determination_number",
    "idle_land.suspended_years": "determination_number",
}
"""Steps a number on file shows to be taken."""

_SINCE = {"permits.start_months": "permit_on", "permits.stop_report_months": "suspended_on"}
"""Steps whose months run from a day that is on file; without it there is no such step."""

_SEALED = "measures.sealed_not_transferable"
_FEE = "idle_land.fee_share"


COLUMNS = frozenset({
    "case_id", "kind", "status", "articles", "line", "is_determined", "fee_cny",
    "is_seized", "is_mortgaged", *_DONE.values(), *_SINCE.values(),
})  # fmt: skip
"""What articles and steps are told from, of a case and its own row."""


def having_steps(found: Found) -> pd.DataFrame:
    """Return the cases of a run whose status the law follows with a step."""
    return found.cases[found.cases["status"].isin(list(_STEPS))]


def cited(view: View) -> Iterator[Block]:
    """Yield each article the case leans on, with its text where read and how certain it is."""
    in_force = view.found.statutes.in_force()
    named = [part for part in str(view.case["articles"]).split(SEPARATOR) if part]
    measures = _behind_measures(view)
    rules = {
        citation: _meant([r for r in in_force if r.citation == citation], measures)
        for citation in named
    }
    for citation, own in rules.items():
        told = view.say("semicolon").join(_rule(view, rule) for rule in own)
        yield Text("item", view.say("article", citation=citation, told=told) if own else citation)
        for text in _longest([rule.text for rule in own]):
            yield Text("quote", view.say("quote", text=text))
        yield from _certainty(view, own)
    if not rules:
        yield Text("line", view.say("no_article"))


def _behind_measures(view: View) -> set[str]:
    """Return the keys of the rules that stand behind the measures of the case."""
    table = dispose.decisions(view.found.statutes.workspace)
    lines = [line for line in table.lines if line.name == view.case["line"]]
    return {key for line in lines for key in line.authority}


def _meant(rules: list[Value], measures: set[str]) -> list[Value]:
    """Leave out rules of a document without articles that the case does not lean on."""
    named = [rule for rule in rules if rule.article or rule.key in measures]
    return named or rules


def _rule(view: View, rule: Value) -> str:
    """Say in short what a rule gives, with its amount and what it takes the place of."""
    name = rule.label if view.lang == "zh" else rule.label_en
    told = amount(view, rule)
    below = rule.replaces
    if below is not None and below.amount != rule.amount:
        instead = view.say("instead", citation=below.citation, amount=amount(view, below))
        told = f"{told}{instead}"
    return view.say("rule", label=name, amount=told) if told else name


def _longest(written: list[str]) -> list[str]:
    """Return texts without those that stand word for word in another."""
    texts = list(dict.fromkeys(filter(None, written)))
    return [t for t in texts if not any(t != other and t in other for other in texts)]


def _certainty(view: View, rules: list[Value]) -> Iterator[Block]:
    """Say when an article was compared with a source, or that it never was."""
    days = [rule.verified for rule in rules if rule.verified]
    if len(days) < len(rules) or not rules:
        yield Text("warning", view.say("unverified"))
    else:
        yield Text("line", view.say("verified", day=min(days)))
    for note in dict.fromkeys(rule.note for rule in rules if rule.note and view.lang == "zh"):
        yield Text("line", view.say("note", note=note))


def amount(view: View, rule: Value) -> str:
    """
    Return the amount of a rule with its unit; empty where the rule is a plain yes.

    Of a list by cause only the causes on record are told.
    """
    if isinstance(rule.amount, bool) or rule.amount is None:
        return ""
    if isinstance(rule.amount, dict):
        own = view.causes & set(rule.amount) or set(rule.amount)
        told = [view.say("pair", heading=k, value=v) for k, v in rule.amount.items() if k in own]
        return view.say("semicolon").join(told)
    if isinstance(rule.amount, list):
        return view.say("comma").join(map(str, rule.amount))
    if rule.key == "idle_land.shortfall_reading":
        return view.say(f"reading_{rule.amount}")
    if rule.unit in {"year", "month", "day", "workday", "m2"}:
        return view.say(f"unit_{rule.unit}", amount=rule.amount)
    return view.share(rule.amount) if isinstance(rule.amount, Fraction) else str(rule.amount)


def steps(view: View, known: dict[Any, Text] | None = None) -> Iterator[Block]:
    """
    Yield the steps of the law from the status of the day, with their days; 应当 or 可以 kept.

    What is `known` of other cases of the run, in the language, is not put into words again.
    """
    known = {} if known is None else known
    keys = list(_STEPS.get(view.status, ()))
    if _is(view, "is_seized", unknown=False):
        keys.append(_SEALED)
    if view.role == "supply" and not _is(view, "is_mortgaged", unknown=True):
        keys = [key for key in keys if key != _MORTGAGE]
    if bool(view.case["is_determined"]):
        keys = [key for key in keys if key not in _OPENING]
    keys = [key for key in keys if key not in _SINCE or pd.notna(view.row[_SINCE[key]])]
    rules = [rule for key in keys if (rule := view.rule(key)) is not None]
    for rule in rules:
        key = rule.key, *_of_case(view, rule)
        if key not in known:
            step = view.say("step", step=_step(view, rule), citation=rule.citation)
            known[key] = Text("item", step)
        yield known[key]
    if not rules:
        yield Text("line", view.say("no_step"))


def _is(view: View, name: str, *, unknown: bool) -> bool:
    """Whether a yes-or-no fact of the row is yes; `unknown` where it is not known."""
    value = view.row.get(name)
    return unknown if pd.isna(value) else bool(value)


def _of_case(view: View, rule: Value) -> tuple[Any, ...]:
    """Return everything of a case that `_step` tells."""
    number = view.row.get(_DONE.get(rule.key, ""))
    done = number if isinstance(number, str) and number.strip() else None
    since = view.row[_SINCE[rule.key]] if rule.key in _SINCE else None
    fee = view.shown(view.case["fee_cny"]) if rule.key == _FEE else None
    return done, since, fee, view.causes if isinstance(rule.amount, dict) else None


def _step(view: View, rule: Value) -> str:
    """Say one step, or that it has been taken."""
    name = rule.key.rpartition(".")[2]
    number, since, *_ = _of_case(view, rule)
    if number is not None:
        return view.say(f"done_{_DONE[rule.key]}", number=number)
    values: dict[str, Any] = {
        "modal": "" if rule.modality == "defined" else view.say(f"modal_{rule.modality}"),
        "amount": amount(view, rule),
    }
    if name == "investigation_days":
        values["until"] = np.datetime64(view.on, "D") + rule.amount
    if rule.key in _SINCE:
        values["since"] = view.shown(since)
        values["until"] = view.shown(since + pd.DateOffset(months=rule.amount))
    if rule.key == _FEE:
        fee = view.case["fee_cny"]
        values["fee"] = view.say("fee_unknown" if pd.isna(fee) else "fee_known", fee=f"{fee:,.2f}")
    return view.say(f"step_{name}", **values)
