"""
The dates, shares and amounts of a case, written out step by step.

Every result is the case's own or the law's answer to a version of it; what is written between is
the calendar of `units`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import facts, units
from landuse.decision.search import Question
from landuse.decision.trial import Change
from landuse.papers.blocks import Table, Text
from landuse.terms import PAUSE_CAUSES, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landuse.brief.view import View
    from landuse.decision.record import Origins
    from landuse.decision.search import Stretch
    from landuse.papers.blocks import Block

_DERIVED = {
    "delivered_on": "idle_land.start_after_delivery_years",
    "agreed_delivery_on": "idle_land.start_after_delivery_years",
    "signed_on": "idle_land.start_after_contract_years",
}
"""Days a start is derived from where none was agreed, with the rule that does it."""


def questions(view: View) -> list[Question]:
    """Return one question a pause: how many days are taken off with it and those before it."""
    if pd.isna(view.case["paused_days"]) or view.role != "supply":
        return []

    def change(kept: int) -> Question:
        return Question(lambda _: Change(kept_pauses=kept), lambda *_: "")

    return [change(kept) for kept in range(len(view.pauses) + 1)]


def dates(view: View, answers: list[list[Stretch]], origins: Origins) -> Iterator[Block]:
    """Yield the clock of the case, its pauses and its next step."""
    case = view.case
    if pd.isna(case["clock_from"]) or pd.isna(case["gross_days"]):
        yield Text("line", view.say("no_clock"))
        yield from _pauses(view, answers, origins)
    else:
        yield Text("item", _start(view))
        yield Text("item", _gross(view))
        yield from _pauses(view, answers, origins)
        yield Text("item", _net(view))
        yield from _anniversaries(view)
    if case["next_status"]:
        status = view.label(Status(case["next_status"]))
        day = view.shown(case["next_status_on"])
        yield Text("item", view.say("next", day=day, status=status))


def _start(view: View) -> str:
    """Say from which day the clock runs and what gives it."""
    case = view.case
    name = str(case["clock_basis"])
    clock, basis = view.shown(case["clock_from"]), view.heading(name)
    rule = view.rule(_DERIVED.get(name, ""))
    if rule is not None and pd.notna(view.row[name]):
        return view.say(
            "start_derived" if rule.amount else "start_same_day",
            basis=basis,
            day=view.shown(view.row[name]),
            years=rule.amount,
            clock=clock,
            citation=rule.citation,
        )
    return view.say("start", basis=basis, clock=clock)


def _gross(view: View) -> str:
    """Say how many days have passed, the first not counted."""
    clock = view.case["clock_from"]
    first = (clock + pd.Timedelta(days=1)).date()
    gross = int(view.case["gross_days"])
    key = "gross" if gross else "gross_none"
    return view.say(key, clock=clock.date(), first=first, on=view.on, gross=gross)


def _pauses(view: View, answers: list[list[Stretch]], origins: Origins) -> Iterator[Block]:
    """Yield the pauses with their documents and the days each takes off."""
    if view.pauses.empty:
        return
    totals = [stretches[0].answer.paused_days for stretches in answers]
    rows = []
    for n, pause in enumerate(view.pauses.to_dict("records")):
        label = PAUSE_CAUSES.get(str(pause["cause"]), ("—", "—"))[view.lang == "en"]
        is_open = pd.isna(pause["ends_on"]) or bool(
            facts.is_blank_day(pd.Series([pause["ends_on"]])).iloc[0]
        )
        ends = view.say("open") if is_open else view.shown(pause["ends_on"])
        counted = f"{totals[n + 1] - totals[n]:.0f}" if totals else "—"
        rows.append(
            (
                f"{view.shown(pause['cause'])} {label}",
                view.say("span", begins=view.shown(pause["begins_on"]), ends=ends),
                view.shown(pause["document_number"]),
                view.say("days", days=counted),
                origins.mark(pause),
            )
        )
    names = ("cause", "span", "document", "counted", "mark")
    head = tuple(view.say(f"column_{name}") for name in names)
    yield Table(head, tuple(rows), (0.28, 0.26, 0.21, 0.14, 0.11))
    yield Text("line", view.say("pauses_counted"))


def _net(view: View) -> str:
    """Say what is left after the pauses, and to which day the clock is moved by them."""
    gross, paused, net = (
        int(view.case[name]) for name in ("gross_days", "paused_days", "net_days")
    )
    key = "net" if paused else "net_plain"
    return view.say(key, gross=gross, paused=paused, net=net, moved=_moved(view).astype(str)[0])


def _moved(view: View) -> units.Days:
    """Return the day the clock runs from once the pauses are taken off."""
    return units.days([view.case["clock_from"]]) + np.timedelta64(
        int(view.case["paused_days"]), "D"
    )


def _anniversaries(view: View) -> Iterator[Block]:
    """Yield the ends of the full years that have passed, and of the one that has not."""
    moved, years = _moved(view), int(view.case["full_years"])
    for n in range(max(years - 1, 1), years + 2):
        key = "year_passed" if n <= years else "year_open"
        end = units.add_years(moved, n)[0]
        first = units.first_day_past(moved, n)[0]
        yield Text("item", view.say(key, n=n, end=end, first=first, on=view.on))


def shares(view: View) -> Iterator[Block]:
    """Yield the two shares of 第二条第二款 and the fee, each with the figures it comes from."""
    row = view.row
    if view.role != "supply":
        return
    required, developed = view.required, row["developed_area"]
    if pd.notna(required) and pd.notna(developed) and required > 0:
        yield Text(
            "item",
            view.say(
                "share_area_reserved" if view.reserved else "share_area",
                part=f"{developed:,.2f}",
                whole=f"{row['required_area']:,.2f}",
                reserved=f"{view.reserved:,.2f}",
                share=f"{developed / required:.2%}",
                limit=view.found.statutes["idle_land.developed_share"].amount,
            ),
        )
    if pd.notna(view.case["invested_share"]):
        yield Text("item", _invested(view))
    rule = view.rule("idle_land.fee_share")
    if pd.notna(view.case["fee_cny"]) and rule is not None:
        price, fee = f"{row['price']:,.2f}", f"{view.case['fee_cny']:,.2f}"
        yield Text("item", view.say("fee", price=price, share=view.share(rule.amount), fee=fee))


def _invested(view: View) -> str:
    """Say how much of the investment is made; land price taken off where it was included."""
    row = view.row
    includes = pd.notna(row["invested_includes_land"]) and bool(row["invested_includes_land"])
    return view.say(
        "share_money_land" if includes else "share_money",
        part=f"{row['invested']:,.2f}",
        whole=f"{row['planned_investment']:,.2f}",
        land=f"{row['price']:,.2f}",
        share=f"{view.case['invested_share']:.2%}",
        limit=view.share(view.found.statutes["idle_land.invested_share"].amount),
    )
