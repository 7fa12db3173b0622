"""
What would change the answer: other papers, laid before the same law that decided the case.

Which papers are worth asking about follows from the status; what they would do is never said here.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import units
from landuse.decision import asking
from landuse.decision.search import Question
from landuse.decision.trial import Change
from landuse.terms import IDLE, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    from landuse.brief.view import View

    Ask = Callable[[View], list[Question]]

_OTHER_ACTS = "G6"  # 第八条第六项
_DELIVERY = "G1"  # 第八条第一项
_PROOF = "1"  # the number of a document that is supposed to exist
_CENTS = 100  # developed area is asked in hundredths of a square metre
_MOST_OCCUPIED = 1000


def questions(view: View) -> list[Question]:
    """
    Return the questions whose answers may differ from the present one.

    Parameters
    ----------
    view
        The case; nothing is asked where it is 待核实 (`possible` does).
    """
    return [question for ask in _ASKED.get(view.status, ()) for question in ask(view)]


def _commenced(view: View) -> list[Question]:
    """Suppose proof of a start."""
    low = asking.known_day(view, "signed_on") or units.BLANK_BEFORE.toordinal()
    change = asking.facts("commenced_on")
    return [asking.days(view, "turn_commenced", change, (low, view.on.toordinal()))]


def _completed(view: View) -> list[Question]:
    """Suppose proof of completion."""
    low = asking.known_day(view, "commenced_on", "signed_on")
    change = asking.facts("completed_on")
    first = low or units.BLANK_BEFORE.toordinal()
    return [asking.days(view, "turn_completed", change, (first, view.on.toordinal()))]


def _paused(view: View) -> list[Question]:
    """Suppose one more lawful pause, from the first day of the clock that none covers."""
    if pd.isna(view.case["clock_from"]):
        return []
    begins = _first_free(view)
    longest = view.on.toordinal() - begins + 1

    def change(length: int) -> Change:
        ends = asking.day(begins + length - 1)
        pause = {"cause": _OTHER_ACTS, "begins_on": asking.day(begins), "ends_on": ends}
        pause["document_number"] = _PROOF
        return Change(pauses=(pause,))

    def say(low: int, high: int) -> str:
        key = "length_least" if high == longest else "length_between"
        length = view.say(key, low=low, high=high)
        return view.say("turn_paused", begins=asking.day(begins).date(), length=length)

    return [Question(change, say, 1, longest)]


def _first_free(view: View) -> int:
    """Return the first day after the clock's start that no pause on record covers."""
    free = asking.ordinal(view.case["clock_from"]) + 1
    for row in view.pauses.to_dict("records"):
        begins, ends = row["begins_on"], row["ends_on"]
        if pd.isna(begins) or asking.ordinal(begins) > free:
            continue
        end = view.on.toordinal() if pd.isna(ends) else asking.ordinal(ends)
        free = max(free, end + 1)
    return free


def _extended(view: View) -> list[Question]:
    """Suppose an extension agreed before the start was due: at most what 第十二条第一项 allows."""
    rule = view.rule("idle_land.extension_years")
    if rule is None or view.case["clock_basis"] not in {"agreed_commencement_on", "delivered_on"}:
        return []
    start = view.case["clock_from"]
    last = units.add_years(units.days([start]), rule.amount)[0]

    def change(day: pd.Timestamp) -> Change:
        return Change(facts={"extended_commencement_on": day, "extension_signed_on": start})

    limits = (asking.ordinal(start) + 1, asking.ordinal(last))
    return [asking.days(view, "turn_extended", change, limits, signed=start.date())]


def _renewed(view: View) -> list[Question]:
    """Suppose that a new start is agreed on the day, as 第十二条第一项 allows."""
    rule = view.rule("idle_land.extension_years")
    if rule is None:
        return []
    on = pd.Timestamp(view.on).as_unit("s")
    last = units.add_years(np.array([view.on], dtype="datetime64[D]"), rule.amount)[0]

    def change(day: pd.Timestamp) -> Change:
        return Change(facts={"extended_commencement_on": day, "extension_signed_on": on})

    limits = (asking.ordinal(on), asking.ordinal(last))
    return [asking.days(view, "turn_renewed", change, limits)]


def _undelivered(view: View) -> list[Question]:
    """Suppose that the land was never handed over, where no delivery is on record."""
    if pd.notna(view.row["delivered_on"]) or pd.isna(view.case["clock_from"]):
        return []
    begins = asking.day(asking.ordinal(view.case["clock_from"]) + 1)
    pause = {"cause": _DELIVERY, "begins_on": begins, "ends_on": pd.NaT}
    pause["document_number"] = _PROOF
    return [asking.supposed(view, "turn_undelivered", Change(pauses=(pause,)))]


def _ended(view: View) -> list[Question]:
    """Suppose that the land has been handed over, or that another running cause has ended."""
    running = view.pauses[view.pauses["ends_on"].isna()]
    begins = running["begins_on"].dropna()
    if begins.empty:
        return []
    low = asking.ordinal(begins.max())

    def change(day: pd.Timestamp) -> Change:
        return Change(running={"ends_on": day})

    is_undelivered = view.status == Status.NOT_DELIVERED
    key = "turn_delivered" if is_undelivered else "turn_ended"
    return [asking.days(view, key, change, (low, view.on.toordinal()))]


def _unproven(view: View) -> list[Question]:
    """Suppose that the causes on record are not proven, so that nothing is deducted."""
    if view.pauses.empty:
        return []
    return [asking.supposed(view, "turn_unproven", Change(kept_pauses=0))]


def _determined(view: View) -> list[Question]:
    """Suppose a determination letter: 第九条."""
    if view.status not in IDLE or bool(view.case["is_determined"]):
        return []
    change = Change(facts={"determination_number": _PROOF})
    return [asking.supposed(view, "turn_determined", change)]


def _suspended(view: View) -> list[Question]:
    """Suppose proof that works have stopped."""
    low = asking.known_day(view, "commenced_on") or units.BLANK_BEFORE.toordinal()

    def change(day: pd.Timestamp) -> Change:
        return Change(facts={"suspended_on": day, "resumed_on": pd.NaT})

    return [asking.days(view, "turn_suspended", change, (low, view.on.toordinal()))]


def _resumed(view: View) -> list[Question]:
    """Suppose proof that works have been taken up again."""
    low = asking.known_day(view, "suspended_on")
    if low is None:
        return []
    change = asking.facts("resumed_on")
    return [asking.days(view, "turn_resumed", change, (low, view.on.toordinal()))]


def _postponed(view: View) -> list[Question]:
    """Suppose that a later completion was agreed."""
    low = asking.known_day(view, "agreed_completion_on")
    if low is None:
        return []
    change = asking.facts("agreed_completion_on")
    return [asking.days(view, "turn_postponed", change, (low + 1, None))]


def _money(view: View) -> list[Question]:
    """Suppose that more has been invested, up to the plan; then with the area complete too."""
    planned = view.row["planned_investment"]
    if pd.isna(planned) or planned <= 0:
        return []
    done = view.row["invested"]
    low = 0 if pd.isna(done) else math.floor(done)
    area = _least_area(view)
    plain = _amounts(view, low, {}, "turn_money")
    if area is None:
        return [plain]
    cells = {"developed_area": area}
    both = _amounts(view, low, cells, "turn_money_area", area=f"{area:,.2f}")
    return [plain, replace(both, otherwise=True)]


def _amounts(view: View, low: int, cells: dict[str, Any], key: str, **values: Any) -> Question:
    """Return the question over yuan invested, other cells put in beside."""
    planned = view.row["planned_investment"]
    includes = view.row["invested_includes_land"]
    land = view.row["price"] if pd.notna(includes) and includes else 0.0
    rules = [view.rule(name) for name in _MONEY_LIMITS]
    limits: list[Fraction] = [rule.amount for rule in rules if rule is not None]
    hints = tuple(
        math.ceil((planned - land) * limit.numerator / limit.denominator + land)
        for limit in limits
        if pd.notna(land)
    )

    def change(yuan: int) -> Change:
        return Change(facts={"invested": float(yuan), **cells})

    def say(least: int, most: int) -> str:
        del most
        return view.say(key, amount=_wan(least), **values)

    return Question(change, say, low, math.ceil(planned), hints, group="shares")


_MONEY_LIMITS = ("idle_land.invested_share", "inefficient.underperforming_share")


def _wan(yuan: int) -> str:
    """Whole yuan as 万元 with no figure lost."""
    whole = f"{yuan / 10_000:,.4f}"
    return whole.rstrip("0").rstrip(".")


def _least_area(view: View) -> float | None:
    """Return the developed area that is not short of its limit, m²; None where none is known."""
    required, rule = view.required, view.rule("idle_land.developed_share")
    if pd.isna(required) or required <= 0 or rule is None:
        return None
    limit: Fraction = rule.amount
    cents: int = math.ceil(required * _CENTS * limit.numerator / limit.denominator)
    return cents / _CENTS


def _area(view: View) -> list[Question]:
    """Suppose that more of the area has been developed, up to all of it."""
    least = _least_area(view)
    if least is None:
        return []
    done = view.row["developed_area"]
    low = 0 if pd.isna(done) else math.floor(done * _CENTS)

    def change(cents: int) -> Change:
        return Change(facts={"developed_area": cents / _CENTS})

    def say(low: int, high: int) -> str:
        del high
        return view.say("turn_area", area=f"{low / _CENTS:,.2f}")

    high = math.ceil(view.required * _CENTS)
    return [Question(change, say, low, high, (round(least * _CENTS),), group="shares")]


def _producing(view: View) -> list[Question]:
    """Suppose that production has begun."""
    change = Change(facts={"production_on": pd.Timestamp(view.on)})
    return [asking.supposed(view, "turn_producing", change)]


def _restarted(view: View) -> list[Question]:
    """Suppose that the firms on the land produce again."""
    return [asking.supposed(view, "turn_restarted", Change(firms={"halted_on": pd.NaT}))]


def _graded(view: View) -> list[Question]:
    """Suppose a better grade of the firms on the land."""
    return [asking.supposed(view, "turn_graded", Change(firms={"grade": "B"}))]


def _compensated(view: View) -> list[Question]:
    """Suppose that compensation is complete, or is not."""
    return [
        asking.supposed(view, f"turn_{word}", Change(facts={"compensation_done": value}))
        for word, value in (("compensated", True), ("uncompensated", False))
    ]


def _withdrawn(view: View) -> list[Question]:
    """Suppose that the approval is withdrawn."""
    change = Change(facts={"withdrawn_on": pd.Timestamp(view.on)})
    return [asking.supposed(view, "turn_withdrawn", change)]


def _cleared(view: View) -> list[Question]:
    """Suppose that other footprints stand on the remainder."""

    def say(low: int, high: int) -> str:
        key = "occupied_least" if high == _MOST_OCCUPIED else "occupied_most"
        return view.say(key, low=low, high=high)

    return [Question(lambda n: Change(occupied_m2=float(n)), say, 0, _MOST_OCCUPIED)]


_WAITING: tuple[Ask, ...] = (
    _commenced, _paused, _unproven, _extended, _undelivered, _determined,
)  # fmt: skip
_WORKING: tuple[Ask, ...] = (_completed, _postponed, _suspended, _unproven)
_STILL: tuple[Ask, ...] = (_resumed, _money, _area, _completed, _determined)
_APPROVED: tuple[Ask, ...] = (_compensated, _cleared, _withdrawn)

_ASKED: dict[Status, tuple[Ask, ...]] = {
    Status.NOT_DUE: (_commenced,),
    Status.NOT_DELIVERED: (_ended, _unproven, _renewed, _commenced),
    Status.OVERDUE: _WAITING,
    Status.IDLE_ONE_YEAR: _WAITING,
    Status.IDLE_TWO_YEARS: _WAITING,
    Status.IDLE_GOVERNMENT: (
        _commenced,
        _unproven,
        _ended,
        _renewed,
        _undelivered,
        _determined,
    ),
    Status.IN_PROGRESS: _WORKING,
    Status.COMPLETION_OVERDUE: _WORKING,
    Status.COMPLETION_OVERDUE_TWO_YEARS: _WORKING,
    Status.SUSPENDED: _STILL,
    Status.IDLE_SUSPENDED: _STILL,
    Status.SUSPENDED_INEFFICIENT: (_resumed, _completed),
    Status.NOT_IN_PRODUCTION: (_producing,),
    Status.HALTED: (_restarted,),
    Status.UNDERPERFORMING: (_money, _graded),
    Status.UNEXPROPRIATED: _APPROVED,
    Status.EXPROPRIATED: _APPROVED,
    Status.LAPSED: _APPROVED,
    Status.OCCUPIED: _APPROVED,
    Status.UNSUPPLIED: (_cleared, _withdrawn),
}
