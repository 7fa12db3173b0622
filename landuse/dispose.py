"""
How each case is disposed of: by which measures, by whom, by when, and what comes first.

The table of decisions is data (`decisions/measures.toml`); names of offices and the law behind a
measure are dated (`statutes/departments.toml`, `statutes/measures.toml`). Nothing here decides
what land is; that is `classify`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import units
from landuse.errors import AssetError
from landuse.terms import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from landuse.law import Statutes
    from landuse.texts import Lang

SEPARATOR = "；"
GRADES = ("A", "B", "C", "none")
CAUSES = ("government", "holder")

_DAYS_A_YEAR = 365.0  # a measure of weight, not of law: full years are counted by `units`


@dataclass(frozen=True)
class Line:
    """One row of the table: its conditions, and what follows where they all hold."""

    name: str
    status: tuple[str, ...]
    measures: tuple[str, ...]
    measures_en: tuple[str, ...]
    authority: tuple[str, ...]
    lead: str
    support: tuple[str, ...]
    grade: tuple[str, ...] = GRADES
    cause: tuple[str, ...] = CAUSES
    sealed: bool = False
    due: str = ""
    due_days: int = 0
    due_months: int = 0
    due_rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decisions:
    """The table of decisions with its weights, as the package ships it."""

    lines: tuple[Line, ...]
    always_government: frozenset[str]
    government_with_pauses: frozenset[str]
    priority: Mapping[str, Any] = field(repr=False)


@cache
def decisions() -> Decisions:
    """
    Return the table of decisions.

    Raises
    ------
    AssetError
        If the table is not written as it must be.
    """
    text = (files("landuse") / "decisions" / "measures.toml").read_text(encoding="utf-8")
    parsed = tomllib.loads(text)
    return Decisions(
        lines=tuple(_line(entry) for entry in parsed["row"]),
        always_government=frozenset(parsed["cause"]["always"]),
        government_with_pauses=frozenset(parsed["cause"]["with_pauses"]),
        priority=parsed["priority"],
    )


def _line(entry: dict[str, Any]) -> Line:
    """Read one row, refusing words nobody knows and a deadline that is none or two."""
    name = entry.get("name", "?")
    words: dict[str, set[str]] = {
        "status": {str(status) for status in Status},
        "grade": set(GRADES),
        "cause": set(CAUSES),
    }
    unknown = set(entry) - set(Line.__dataclass_fields__)
    for key, allowed in words.items():
        unknown |= set(entry.get(key, ())) - allowed
    deadlines = [key for key in ("due", "due_days", "due_months", "due_rules") if key in entry]
    is_known_due = entry.get("due", "clock") in {"clock", "year_end", "none"}
    if unknown or len(deadlines) != 1 or not is_known_due:
        message = (
            f"landuse/decisions/measures.toml, row '{name}': unknown words "
            f"{sorted(unknown)}, deadlines {deadlines}; exactly one deadline is needed."
        )
        raise AssetError(message)
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Line(**given)


def lines(cases: pd.DataFrame, sealed: Collection[str] = ()) -> pd.Series:
    """
    Name the row of the table that answers for each case.

    Parameters
    ----------
    cases
        Columns `case_id`, `status`, `grade` and `paused_days`.
    sealed
        `case_id` of land sealed by a court (查封).

    Returns
    -------
    lines
        Name of the first row whose conditions all hold, same index.

    Raises
    ------
    AssetError
        If the table has no answer for a case.
    """
    found = _matched(cases, sealed)
    names = np.array([line.name for line in decisions().lines], dtype=object)
    return pd.Series(names[found], index=cases.index, name="line", dtype="str")


def _matched(cases: pd.DataFrame, sealed: Collection[str]) -> NDArray[np.int64]:
    """Position of the first row of the table that holds for each case."""
    facts = pd.DataFrame(
        {
            "status": cases["status"].astype(object),
            "grade": _grade(cases),
            "cause": _cause(cases),
            "sealed": cases["case_id"].isin(list(sealed)),
        }
    )
    kinds = facts.drop_duplicates(ignore_index=True)
    answers = [_first(*kind) for kind in kinds.itertuples(index=False, name=None)]
    joined = facts.merge(kinds.assign(answer=answers), how="left")
    return joined["answer"].to_numpy(dtype=np.int64)


def _first(status: str, grade: str, cause: str, is_sealed: bool) -> int:
    """Position of the first row that holds for one combination."""
    for position, line in enumerate(decisions().lines):
        is_met = status in line.status and grade in line.grade and cause in line.cause
        if is_met and (is_sealed or not line.sealed):
            return position
    message = (
        f"landuse/decisions/measures.toml has no row for status '{status}', grade '{grade}', "
        f"cause '{cause}'. Add one."
    )
    raise AssetError(message)


def _grade(cases: pd.DataFrame) -> pd.Series:
    """Grade A, B or C; anything else counts as not graded."""
    return cases["grade"].where(cases["grade"].isin(GRADES[:3]), "none").astype(object)


def _cause(cases: pd.DataFrame) -> pd.Series:
    """Whether government or the holder answers for the delay, as the table says."""
    table = decisions()
    is_paused = cases["status"].isin(table.government_with_pauses) & (cases["paused_days"] > 0)
    is_government = cases["status"].isin(table.always_government) | is_paused
    return is_government.map({True: "government", False: "holder"}).astype(object)


def measures(
    cases: pd.DataFrame,
    *,
    on: date,
    statutes: Statutes,
    sealed: Collection[str] = (),
    lang: Lang = "zh",
) -> pd.DataFrame:
    """
    Say how each case is disposed of, by whom, by when, and how urgent it is.

    Parameters
    ----------
    cases
        Table of cases (contract section 6), one row each, areas in m². Not changed.
    on
        The day asked for.
    statutes
        The law in force on that day.
    sealed
        `case_id` of land sealed by a court; it goes another way (府院联动).
    lang
        Language of measures and offices.

    Returns
    -------
    cases
        Same index and columns, with `measures`, `lead`, `support`, `due_on` and `priority`
        filled and the law behind the measures added to `articles`. `due_on` is the deadline of
        the row of the table or the end of the year of `on`, whichever comes first; missing where
        no day can be named.

    Raises
    ------
    AssetError
        If the table of decisions has no answer for a case.
    LawError
        If no name of an office is known for the day.

    Notes
    -----
    闲置土地处置办法 第五、十二、十四条; 许集聚办〔2018〕3号 二（一）3 and annex.

    priority = Σ weight × part, 0–100, weights and limits in `decisions/measures.toml`:
    status (as listed there) · years = net_days (of approvals gross_days) / 365 up to `years_full`
    · area = area_m2 up to `area_full_m2` · grade (as listed) · urgency = 1 less days to the next
    status / `urgency_days`.
    A missing figure counts as 0.
    """
    found = _matched(cases, sealed)
    table = decisions().lines
    result = cases.copy()
    texts = [_joined(line.measures if lang == "zh" else line.measures_en) for line in table]
    leads = [_office(line.lead, statutes, lang) for line in table]
    supports = [_joined(_office(key, statutes, lang) for key in line.support) for line in table]
    for name, values in {"measures": texts, "lead": leads, "support": supports}.items():
        filled = pd.Series(np.array(values, dtype=object)[found], index=cases.index, dtype="str")
        result[name] = filled.mask(filled == "")
    result["articles"] = _cited(cases, found, statutes)
    result["due_on"] = _due(cases, found, on, statutes)
    result["priority"] = _priority(cases, on)
    return result


def _joined(words: Any) -> str:
    """Join words as the tables do."""
    return SEPARATOR.join(words)


def _office(key: str, statutes: Statutes, lang: Lang) -> str:
    """Name of an office on the day."""
    value = statutes[f"departments.{key}"]
    return str(value.amount) if lang == "zh" else value.label_en


def _cited(cases: pd.DataFrame, found: NDArray[np.int64], statutes: Statutes) -> pd.Series:
    """Articles of the case, followed by those behind its measures that are not there yet."""
    known = {value.key: value.citation for value in statutes.in_force()}
    added = [[known[key] for key in line.authority if key in known] for line in decisions().lines]
    before = cases["articles"].fillna("").astype(object)
    kinds = pd.DataFrame({"before": before.to_numpy(), "row": found})
    unique = kinds.drop_duplicates(ignore_index=True)
    joined = []
    for text, row in unique.itertuples(index=False, name=None):
        own = [part for part in text.split(SEPARATOR) if part]
        joined.append(_joined(dict.fromkeys([*own, *added[row]])))
    cited = kinds.merge(unique.assign(cited=joined), how="left")["cited"]
    result = pd.Series(cited.to_numpy(), index=cases.index, dtype="str")
    return result.mask(result == "")


def _due(cases: pd.DataFrame, found: NDArray[np.int64], on: date, statutes: Statutes) -> pd.Series:
    """Deadline of each case, at the latest the end of the year."""
    year_end = np.datetime64(f"{on.year}-12-31", "D")
    fixed = np.array([_fixed_day(line, on, statutes) for line in decisions().lines])
    due = np.fmin(fixed[found], year_end)
    is_clock = np.array([line.due == "clock" for line in decisions().lines])[found]
    last = units.days(cases["next_status_on"]) - np.timedelta64(1, "D")
    due = np.where(is_clock, np.fmin(last, year_end), due)
    is_open = np.array([line.due == "none" for line in decisions().lines])[found]
    due[is_open] = np.datetime64("NaT", "D")
    return pd.Series(due.astype("datetime64[s]"), index=cases.index)


def _fixed_day(line: Line, on: date, statutes: Statutes) -> np.datetime64:
    """Deadline of a row that does not depend on the case; missing where it has none."""
    day = np.datetime64(on, "D")
    known = {value.key: value.amount for value in statutes.in_force()}
    days = line.due_days + sum(known.get(key, 0) for key in line.due_rules)
    if days:
        return day + np.timedelta64(days, "D")
    if line.due_months:
        shifted = pd.Timestamp(on) + pd.DateOffset(months=line.due_months)
        return np.datetime64(shifted.date(), "D")
    return np.datetime64("NaT", "D")


def _priority(cases: pd.DataFrame, on: date) -> pd.Series:
    """Weigh the parts of urgency; the formula stands in `measures`."""
    rules = decisions().priority
    gap = units.days(cases["next_status_on"]) - np.datetime64(on, "D")
    days = pd.Series(gap.astype("timedelta64[D]").astype(float), index=cases.index)
    days = days.mask(np.isnat(gap))
    parts = {
        "status": cases["status"].map(rules["status"]).astype("float64"),
        "years": cases["net_days"].fillna(cases["gross_days"]) / _DAYS_A_YEAR / rules["years_full"],
        "area": cases["area_m2"] / rules["area_full_m2"],
        "grade": _grade(cases).map(rules["grade"]).astype("float64"),
        "urgency": 1 - days / rules["urgency_days"],
    }
    weighed = pd.DataFrame(
        {name: rules["weight"][name] * part.clip(0, 1).fillna(0) for name, part in parts.items()}
    )
    return weighed.sum(axis=1).astype("float64")
