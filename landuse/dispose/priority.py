"""
Priority: what its parts are, what each is worth, and what would change it.

The weights are the office's own choice, not law; they stand in the table of measures and a
workspace may lay its own over them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import texts, units
from landuse.dispose.table import GRADES
from landuse.terms import Status, label

if TYPE_CHECKING:
    from datetime import date

    from landuse.dispose.table import Decisions
    from landuse.texts import Lang

PARTS = ("status", "years", "area", "grade", "urgency")
"""Parts of priority; a case holds the points of each in `priority_<part>`."""

_DAYS_A_YEAR = 365.0  # a measure of weight, not of law: full years are counted by `units`
_MONTH, _HECTARE = 30, 10_000.0


def points(cases: pd.DataFrame, table: Decisions, on: date) -> pd.DataFrame:
    """
    Return the points of each part; their sum is the priority, 0-100.

    Parameters
    ----------
    cases
        Columns `status`, `grade`, `net_days`, `gross_days`, `area_m2`, `next_status_on`.
    table
        Holds weights and limits.
    on
        The day asked for.

    Returns
    -------
    points
        Same index, one column a part: weight × part, each part cut to 0-1. status: as listed ·
        years: net_days (of approvals gross_days) / 365 up to `years_full` · area: area_m2 up to
        `area_full_m2` · grade: as listed · urgency: 1 less days to the next status /
        `urgency_days`. A missing figure counts as 0.
    """
    rules = table.priority
    gap = units.days(cases["next_status_on"]) - np.datetime64(on, "D")
    days = pd.Series(gap.astype("timedelta64[D]").astype(float), index=cases.index)
    days = days.mask(np.isnat(gap))
    grade = cases["grade"].where(cases["grade"].isin(GRADES[:3]), "none").astype(object)
    parts = {
        "status": cases["status"].map(rules["status"]).astype("float64"),
        "years": cases["net_days"].fillna(cases["gross_days"]) / _DAYS_A_YEAR / rules["years_full"],
        "area": cases["area_m2"] / rules["area_full_m2"],
        "grade": grade.map(rules["grade"]).astype("float64"),
        "urgency": 1 - days / rules["urgency_days"],
    }
    weighed = {n: rules["weight"][n] * part.clip(0, 1).fillna(0) for n, part in parts.items()}
    return pd.DataFrame(weighed, index=cases.index).astype("float64")


@dataclass(frozen=True)
class Part:
    """One part of a priority as people read it."""

    name: str
    points: float
    weight: float
    change: str


def explained(case: pd.Series, table: Decisions, on: date, lang: Lang = "zh") -> list[Part]:
    """
    Return the parts of one priority with what would change each.

    Parameters
    ----------
    case
        One row of the table of cases.
    table
        The table the case was judged by.
    on
        The day asked for.
    lang
        Language of names and sentences.

    Notes
    -----
    What is said to follow is computed: the same points are counted for the case as supposed.
    """
    frame = pd.DataFrame([case])
    now = points(frame, table, on).iloc[0]
    supposed = {
        "status": _next(case, frame, table, on, lang),
        "years": _say("years", lang, days=_MONTH, points=_more(frame, table, on, _days(case))),
        "area": _say("area", lang, points=_more(frame, table, on, {"area_m2": _HECTARE})),
        "grade": _grades(frame, table, on, lang),
        "urgency": _nearer(case, on, table, lang),
    }
    return [
        Part(
            _say(f"part_{n}", lang), float(now[n]), float(table.priority["weight"][n]), supposed[n]
        )
        for n in PARTS
    ]


def _say(key: str, lang: Lang, **values: object) -> str:
    """Return a sentence about priority."""
    return texts.say(f"measures.{key}", lang, **values)


def _days(case: pd.Series) -> dict[str, float]:
    """Return the column that counts the delay of a case, and a month of it."""
    return {"gross_days" if pd.isna(case["net_days"]) else "net_days": float(_MONTH)}


def _more(frame: pd.DataFrame, table: Decisions, on: date, added: dict[str, float]) -> str:
    """Return by how many points the priority grows where a figure grows."""
    changed = frame.assign(**{name: frame[name].fillna(0) + more for name, more in added.items()})
    gap = points(changed, table, on).iloc[0].sum() - points(frame, table, on).iloc[0].sum()
    return f"{gap:+.1f}"


def _next(case: pd.Series, frame: pd.DataFrame, table: Decisions, on: date, lang: Lang) -> str:
    """Say what the next status would add, and when it comes."""
    if pd.isna(case["next_status"]) or not case["next_status"] or pd.isna(case["next_status_on"]):
        return _say("no_next", lang)
    changed = frame.assign(status=case["next_status"])
    gap = points(changed, table, on)["status"].iloc[0] - points(frame, table, on)["status"].iloc[0]
    status = label(Status(case["next_status"]), lang)
    return _say(
        "next", lang, day=case["next_status_on"].date(), status=status, points=f"{gap:+.1f}"
    )


def _grades(frame: pd.DataFrame, table: Decisions, on: date, lang: Lang) -> str:
    """Say what each other grade would add or take."""
    own = points(frame, table, on)["grade"].iloc[0]
    told = []
    for grade in GRADES[:3]:
        if grade != frame["grade"].iloc[0]:
            gap = points(frame.assign(grade=grade), table, on)["grade"].iloc[0] - own
            told.append(_say("graded", lang, grade=grade, points=f"{gap:+.1f}"))
    return _say("comma", lang).join(told)


def _nearer(case: pd.Series, on: date, table: Decisions, lang: Lang) -> str:
    """Say how far the next status is off."""
    if pd.isna(case["next_status_on"]):
        return _say("no_next", lang)
    days = (case["next_status_on"] - pd.Timestamp(on)).days
    return _say("nearer", lang, days=days, limit=table.priority["urgency_days"])
