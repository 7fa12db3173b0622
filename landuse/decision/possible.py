"""
Which answers remain possible where a fact is missing or contradictory.

Every value the missing fact could have is laid before the same law that decides the case; what it
says of each is told with the supposition. Limits taken from the statutes only say where to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import facts as paper
from landuse import schema, units
from landuse.decision import asking
from landuse.decision.trial import Change

if TYPE_CHECKING:
    from fractions import Fraction

    from landuse.brief.view import View
    from landuse.decision.search import Question

_AREA = ("required_area", "developed_area")
_MONEY = ("planned_investment", "invested")
_EXAMPLE_PRICE = 1_000_000.0


def questions(view: View) -> list[Question]:
    """
    Return the questions that show which answers remain possible.

    Parameters
    ----------
    view
        The case; nothing is asked where `missing` is empty.

    Returns
    -------
    questions
        None for a fact whose values cannot be listed, such as a geometry.
    """
    names = view.missing
    if not names:
        return []
    if names[0] == f"{view.role}_id":
        change = Change(facts={"is_conflicting": False})
        return [asking.supposed(view, "if_this_row", change)]
    if names == ["signed_on"]:
        change = Change(facts={"signed_on": pd.Timestamp(view.on)})
        return [asking.supposed(view, "if_signed", change)]
    if set(names) & {*_AREA, *_MONEY}:
        return _shares(view, names)
    known = [name for name in names if name in schema.names(view.role)]
    if known and all(pd.notna(view.row[name]) for name in known):
        return [_blank(view, name) for name in known]
    return [question for name in known for question in _absent(view, name)]


def _blank(view: View, name: str) -> Question:
    """Suppose that one of two contradictory facts is wrong and unknown."""
    shown = view.shown(view.row[name], schema.column(view.role, name).kind)
    change = Change(facts={name: pd.NA if isinstance(view.row[name], str) else None})
    return asking.supposed(view, "if_wrong", change, heading=view.heading(name), value=shown)


def _absent(view: View, name: str) -> list[Question]:
    """Suppose every value a missing fact can have."""
    kind = schema.column(view.role, name).kind
    heading = view.heading(name)
    if kind == "day":
        is_event = name in paper.EVENTS
        signed = asking.known_day(view, "signed_on") if is_event else None
        low = signed or units.BLANK_BEFORE.toordinal()
        is_past = is_event or view.role == "approval"
        limits = (low, view.on.toordinal() if is_past else None)
        return [asking.days(view, "if_day", asking.facts(name), limits, heading=heading)]
    if kind == "bool":
        return [
            asking.supposed(
                view,
                "if_value",
                Change(facts={name: value}),
                heading=heading,
                value=view.say("yes" if value else "no"),
            )
            for value in (True, False)
        ]
    if name == "price":
        change = Change(facts={name: _EXAMPLE_PRICE})
        return [asking.supposed(view, "if_price", change, amount=f"{_EXAMPLE_PRICE / 1e4:,.0f}")]
    return []


def _shares(view: View, names: list[str]) -> list[Question]:
    """Suppose each unknown share of 第二条第二款 to be short of its limit, or not short of it."""
    area = _sides(view, _AREA, "idle_land.developed_share", "area")
    money = _sides(view, _MONEY, "idle_land.invested_share", "money")
    chosen = [side for side, own in ((area, _AREA), (money, _MONEY)) if set(own) & set(names)]
    joined: list[tuple[str, dict[str, Any]]] = [("", {})]
    for sides in chosen:
        joined = [
            (view.say("and", first=text, second=more) if text else more, {**cells, **added})
            for text, cells in joined
            for more, added in sides
        ]
    return [
        asking.supposed(view, "if_shares", Change(facts=cells), shares=text)
        for text, cells in joined
    ]


def _sides(
    view: View, columns: tuple[str, str], key: str, word: str
) -> list[tuple[str, dict[str, Any]]]:
    """Return the two sides of one limit: its words, and cells that lie on that side."""
    limit: Fraction = view.found.statutes[key].amount
    whole, part = float(limit.denominator) * 1e6, float(limit.numerator) * 1e6
    plain = "invested_includes_land" if columns == _MONEY else "is_reserve_agreed"
    return [
        (
            view.say(f"share_{word}_{side}", limit=view.share(limit)),
            {columns[0]: whole, columns[1]: value, plain: False},
        )
        for side, value in (("short", part - 1.0), ("enough", part))
    ]
