"""Questions in the words of a sheet: a day between two days, at least an amount."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import units
from landuse.decision.search import Question
from landuse.decision.trial import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from landuse.brief.view import View

_HINT_YEARS = (0, 1, 2, 3)
_AHEAD = 366


def day(number: int) -> pd.Timestamp:
    """Return the day of an ordinal number."""
    return pd.Timestamp(date.fromordinal(number)).as_unit("s")


def ordinal(value: Any) -> int:
    """Return the ordinal number of a day."""
    return pd.Timestamp(value).date().toordinal()


def known_day(view: View, *names: str) -> int | None:
    """Return the first of these days that is filled, real and not after the day asked for."""
    for name in names:
        value = view.row[name]
        is_real = pd.notna(value) and value.date() >= units.BLANK_BEFORE
        if is_real and value.date() <= view.on:
            return ordinal(value)
    return None


def supposed(view: View, key: str, change: Change, **values: Any) -> Question:
    """Return a question of one supposition."""
    text = view.say(key, **values)
    return Question(change=lambda _: change, say=lambda *_: text)


def days(
    view: View,
    key: str,
    change: Callable[[pd.Timestamp], Change],
    limits: tuple[int, int | None],
    **values: Any,
) -> Question:
    """
    Return a question over days; the sentence of `key` has the place {range}.

    Parameters
    ----------
    view
        The case.
    key
        Name of the sentence.
    change
        What is supposed of a day.
    limits
        First and last day as ordinal numbers. Without a last day the question runs to a year past
        the day asked for, and a stretch that reaches it is told as open; so is one from the first
        day the land market can know.
    values
        Other places of the sentence.
    """
    low, last = limits
    high = view.on.toordinal() + _AHEAD if last is None else last

    def say(begin: int, end: int) -> str:
        is_open = (begin <= units.BLANK_BEFORE.toordinal(), last is None and end >= high)
        told = _range(view, day(begin).date().isoformat(), day(end).date().isoformat(), is_open)
        return view.say(key, range=told, **values)

    return Question(lambda n: change(day(n)), say, low, high, _anniversaries(view.on))


def facts(name: str) -> Callable[[pd.Timestamp], Change]:
    """Return the supposition that a column of the case's own row holds a day."""
    return lambda value: Change(facts={name: value})


def _range(view: View, begin: str, end: str, is_open: tuple[bool, bool]) -> str:
    """Say from when to when."""
    if is_open == (True, True):
        return view.say("range_any")
    if is_open[0]:
        return view.say("range_to", end=end)
    if is_open[1]:
        return view.say("range_from", begin=begin)
    if begin == end:
        return view.say("range_one", day=begin)
    return view.say("range_between", begin=begin, end=end)


def _anniversaries(on: date) -> tuple[int, ...]:
    """Return the days some full years ago, where answers tend to turn."""
    here = np.full(len(_HINT_YEARS), on, dtype="datetime64[D]")
    past = units.add_years(here, [-n for n in _HINT_YEARS])
    return tuple(ordinal(value) for value in past)
