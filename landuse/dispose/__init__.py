"""
How each case is disposed of: by which measures, by whom, by when, and what comes first.

The table of measures is data (`decisions/measures.toml`, a workspace's own `layers/measures/`);
names of offices and the law behind a measure are dated (`statutes/departments.toml`,
`statutes/measures.toml`). Nothing here decides what land is; that is `classify`.

Columns filled: `measures`, `lead`, `support`, `due_on`, `priority` of the contract, and beside
them `cause` (`causes.of`), `line` and `line_label` (which line of the table answered, for machines
and for people), `is_fee_due`, `bond` (eligible, not_eligible,
unknown; empty where no bond pays for the measure or no rule is in force), `supply_terms` (弹性年期
and others where the land is supplied again) and `priority_<part>` (points of each part of
`priority.PARTS`, adding up to `priority`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import amounts, schema, units
from landuse.dispose import causes, priority
from landuse.dispose.table import Decisions, Line, decisions, facts, matched
from landuse.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from landuse.law import Statutes, Value
    from landuse.texts import Lang

__all__ = ["Decisions", "Line", "decisions", "measures"]

SEPARATOR = "；"
BOND = ("eligible", "not_eligible", "unknown")
"""Whether special bonds (专项债券) may pay for taking land back."""

_NONE = {role: schema.empty(role) for role in ("supply", "approval", "pause")}


def measures(
    cases: pd.DataFrame,
    *,
    on: date,
    statutes: Statutes,
    tables: Mapping[str, pd.DataFrame] | None = None,
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
        The law in force on that day; its workspace's own table of measures is used.
    tables
        Tables `supply` (land sealed by a court goes another way, 府院联动; special bonds look at
        the day of signing), `approval` and `pause` (causes). Where one is not given, nothing is
        known of it.
    lang
        Language of measures and offices.

    Returns
    -------
    cases
        Same index and columns, with the columns this module names filled and the law behind
        the measures added to `articles`. `due_on` is the deadline of
        the row of the table or the end of the year of `on`, whichever comes first; missing where
        no day can be named.

    Raises
    ------
    AssetError
        If the table of decisions has no answer for a case, or takes a deadline from what is none.
    LawError
        If no name of an office is known for the day.

    Notes
    -----
    闲置土地处置办法 第五、十二、十四条; 许集聚办〔2018〕3号 二（一）3 and annex.
    """
    table = decisions(statutes.workspace)
    lines = table.lines
    known = {**_NONE, **(tables or {})}
    cause = causes.of(cases, known, table, on)
    found = matched(facts(cases, cause, statutes), table)
    result = cases.assign(cause=cause.astype("str"))
    told = {
        "measures": [_joined(row.measures if lang == "zh" else row.measures_en) for row in lines],
        "lead": [_office(row.lead, statutes, lang) for row in lines],
        "support": [_joined(_office(key, statutes, lang) for key in row.support) for row in lines],
        "line": [row.name for row in lines],
        "line_label": [row.label if lang == "zh" else row.label_en for row in lines],
        "supply_terms": [_terms(statutes) if row.resupply else "" for row in lines],
    }
    for name, values in told.items():
        filled = pd.Series(np.array(values, dtype=object)[found], index=cases.index, dtype="str")
        result[name] = filled.mask(filled == "")
    result["is_fee_due"] = pd.array([row.fee for row in lines], dtype="boolean")[found]
    result["articles"] = _cited(cases, found, lines, statutes)
    result["due_on"] = _due(cases, found, lines, on, statutes)
    result["bond"] = _bond(
        cases, np.array([row.bond for row in lines])[found], known["supply"], statutes
    )
    points = priority.points(cases, table, on)
    result[[f"priority_{name}" for name in points]] = points
    result["priority"] = points.sum(axis=1)
    return result


def _joined(words: Any) -> str:
    """Join words as the tables do."""
    return SEPARATOR.join(words)


def _office(key: str, statutes: Statutes, lang: Lang) -> str:
    """Name of an office on the day."""
    value = statutes[f"departments.{key}"]
    return str(value.amount) if lang == "zh" else value.label_en


def _terms(statutes: Statutes) -> str:
    """Return the flexible ways of supply, where a rule gives them on the day."""
    rule = statutes.find("measures.supply_terms")
    return "" if rule is None else _joined(rule.amount)


def _bond(
    cases: pd.DataFrame, pays: NDArray[np.bool_], supplies: pd.DataFrame, statutes: Statutes
) -> pd.Series:
    """
    Say whether special bonds may pay; empty where they do not come into question.

    自然资发〔2025〕45号: land supplied after the day of `bonds.eligible_until` is not eligible;
    自然资发〔2024〕242号 lets industrial land in by its other limbs, so eligible is 可以, not 应当.
    """
    rule = statutes.find("bonds.eligible_until")
    if rule is None:
        return pd.Series(np.nan, index=cases.index, dtype="str")
    signed = supplies.drop_duplicates("supply_id").set_index("supply_id")["signed_on"]
    day = signed.reindex(cases["case_id"]).set_axis(cases.index)
    until = pd.Timestamp(rule.amount)
    word = np.select([day <= until, day > until], BOND[:2], BOND[2])
    result = pd.Series(word, index=cases.index, dtype="str")
    return result.where(pays & (cases["kind"] == "supply").to_numpy())


def _cited(
    cases: pd.DataFrame, found: NDArray[np.int64], lines: tuple[Line, ...], statutes: Statutes
) -> pd.Series:
    """Articles of the case, followed by those behind its measures that are not there yet."""
    known = {value.key: value.citation for value in statutes.in_force()}
    added = [[known[key] for key in line.authority if key in known] for line in lines]
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


def _due(
    cases: pd.DataFrame,
    found: NDArray[np.int64],
    lines: tuple[Line, ...],
    on: date,
    statutes: Statutes,
) -> pd.Series:
    """Deadline of each case, at the latest the end of the year."""
    year_end = np.datetime64(f"{on.year}-12-31", "D")
    fixed = np.array([_fixed_day(line, on, statutes) for line in lines])
    due = np.fmin(fixed[found], year_end)
    is_clock = np.array([line.due == "clock" for line in lines])[found]
    last = units.days(cases["next_status_on"]) - np.timedelta64(1, "D")
    due = np.where(is_clock, np.fmin(last, year_end), due)
    is_open = np.array([line.due == "none" for line in lines])[found]
    due[is_open] = np.datetime64("NaT", "D")
    return pd.Series(due.astype("datetime64[s]"), index=cases.index)


def _fixed_day(line: Line, on: date, statutes: Statutes) -> np.datetime64:
    """Deadline of a row that does not depend on the case; missing where it has none."""
    day = np.datetime64(on, "D")
    rules = [value for value in statutes.in_force() if value.key in line.due_rules]
    wrong = [value.key for value in rules if not _is_in_days(value)]
    if wrong:
        raise AssetError("tables.due_rules", where="layers/measures", name=line.name, rules=wrong)
    days = line.due_days + sum(value.amount for value in rules)
    if days:
        return day + np.timedelta64(days, "D")
    if line.due_months:
        shifted = pd.Timestamp(on) + pd.DateOffset(months=line.due_months)
        return np.datetime64(shifted.date(), "D")
    return np.datetime64("NaT", "D")


def _is_in_days(value: Value) -> bool:
    """Whether a rule gives a number of days."""
    return value.unit in {"day", "workday"} and amounts.fits(value.amount, 1, value.unit)
