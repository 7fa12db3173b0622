"""
How approved land was used up: by years of approval, over five years, and against a baseline.

批而未供 is counted by area: what of an approval is supplied has left the stock, what lapsed or was
withdrawn has left it too, the rest is the stock.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import facts, units
from landuse.errors import LawError
from landuse.terms import Status

if TYPE_CHECKING:
    from datetime import date

    from landuse.law import Statutes

OTHER = "other"
"""Approvals of no declared cohort, or without a day."""
_COHORT = re.compile(r"(\d{4})-(\d{4})?")
_PARTS = ("supplied_m2", "unsupplied_m2", "lapsed_m2", "sliver_m2")


def days(approvals: pd.DataFrame) -> pd.DataFrame:
    """Return the days of approvals by `approval_id`, without those that stand for a blank."""
    table = approvals.set_index("approval_id")[["approved_on", "withdrawn_on"]]
    known: pd.DataFrame = table.apply(lambda day: day.mask(facts.is_blank_day(day)))
    return known


def figures(
    approved_on: pd.DataFrame,
    pieces: pd.DataFrame,
    slivers: pd.DataFrame,
    statutes: Statutes,
    *,
    is_city: bool,
) -> dict[str, Any]:
    """
    Return what became of the approvals of one place.

    Parameters
    ----------
    approved_on
        The days of all approvals of the workspace (`days`).
    pieces, slivers
        Those of the place, with `kind` and `status` of their case; areas in m².
    statutes
        The law in force on the day; `approvals.baseline_stock` of the workspace, where declared,
        gives the stock from which disposal is measured.
    is_city
        Whether the place is the whole workspace: a baseline is declared for it alone.

    Returns
    -------
    figures
        `cohorts` (with `baseline_m2`, `disposed_m2` and `disposal_rate`, None where no baseline is
        declared), `five_year`, `expropriated_overdue`, `partly_supplied` and `withdrawn`. Only
        approvals with a usable outline have areas; rates are None where nothing was approved.

    Raises
    ------
    LawError
        If cohorts or baseline are not written as they must be.

    Notes
    -----
    供地率 = Σ supplied ÷ Σ approved of the last five full years, 国土资发〔2014〕119号; 处置率 =
    disposed ÷ baseline, disposed being what of the baseline is no longer in the stock.
    """
    table = _accounts(approved_on, pieces, slivers)
    return {
        "cohorts": _cohorts(table, statutes, is_city=is_city),
        "five_year": _five_year(table, statutes),
        "expropriated_overdue": _expropriated_overdue(table, statutes),
        "partly_supplied": _listed(
            table, (table["supplied_m2"] > 0) & (table["unsupplied_m2"] > 0)
        ),
        "withdrawn": _listed(table, table["withdrawn_on"] <= pd.Timestamp(statutes.on)),
    }


def _accounts(
    approved_on: pd.DataFrame, pieces: pd.DataFrame, slivers: pd.DataFrame
) -> pd.DataFrame:
    """One row an approval with land in the place: its days and where its area went, m²."""
    inside = pieces[pieces["approval_id"] != ""]
    supplied = inside["kind"] == "supply"
    lapsed = ~supplied & (inside["status"] == Status.LAPSED)
    parts = {
        "supplied_m2": inside[supplied],
        "unsupplied_m2": inside[~supplied],
        "lapsed_m2": inside[lapsed],
        "expropriated_m2": inside[~supplied & (inside["status"] == Status.EXPROPRIATED)],
        "sliver_m2": slivers,
    }
    sums = {
        name: part.groupby("approval_id")["area_m2"].agg(math.fsum) for name, part in parts.items()
    }
    table = pd.DataFrame(sums).fillna(0.0)
    return table.join(approved_on).sort_index()


def _sum(values: pd.Series) -> float:
    """Sum without regard to order."""
    return math.fsum(values.dropna())


def _rated(table: pd.DataFrame) -> dict[str, Any]:
    """Count and areas of some approvals with their supply rate."""
    supplied, unsupplied, lapsed, sliver = (_sum(table[name]) for name in _PARTS)
    approved = math.fsum([supplied, unsupplied, sliver])
    return {
        "count": len(table),
        "approved_m2": approved,
        "supplied_m2": supplied,
        "unsupplied_m2": unsupplied,
        "lapsed_m2": lapsed,
        "stock_m2": unsupplied - lapsed,
        "supply_rate": supplied / approved if approved else None,
    }


def _listed(table: pd.DataFrame, mask: pd.Series) -> dict[str, Any]:
    """Count and unsupplied area of the approvals of a mask."""
    return {"count": int(mask.sum()), "area_m2": _sum(table.loc[mask, "unsupplied_m2"])}


def _cohorts(table: pd.DataFrame, statutes: Statutes, *, is_city: bool) -> list[dict[str, Any]]:
    """Figures by years of approval; what is in no cohort comes last, so that all add up."""
    rule = statutes.find("approvals.cohorts")
    names = [] if rule is None else list(rule.amount)
    year = table["approved_on"].dt.year
    masks = {name: year.between(*_bounds(name)).to_numpy() for name in names}
    masks[OTHER] = ~np.logical_or.reduce([*masks.values(), np.zeros(len(table), dtype=bool)])
    baseline = _baseline(statutes, names) if is_city else None
    return [
        {"cohort": name, **_rated(table[mask]), **_disposal(table[mask], name, baseline)}
        for name, mask in masks.items()
    ]


def _bounds(cohort: str) -> tuple[int, int]:
    """Return first and last year of a cohort such as 2009-2018 or 2019-."""
    found = _COHORT.fullmatch(cohort)
    if found is None:
        raise LawError("law.cohort", cohort=cohort)
    return int(found[1]), int(found[2] or 9999)


def _baseline(statutes: Statutes, cohorts: list[str]) -> tuple[date, dict[str, float]] | None:
    """Return the day and the stock by cohort, m², from which disposal is measured."""
    rule = statutes.find("approvals.baseline_stock")
    if rule is None:
        return None
    factor = units.FACTORS.get(rule.unit) if rule.unit in {"m2", "ha", "mu", "km2"} else None
    if factor is None or not isinstance(rule.amount, dict) or set(rule.amount) - set(cohorts):
        raise LawError("law.baseline", cohort=cohorts[0] if cohorts else "2009-2018")
    return rule.in_force, {name: float(area) * factor for name, area in rule.amount.items()}


def _disposal(
    table: pd.DataFrame, cohort: str, baseline: tuple[date, dict[str, float]] | None
) -> dict[str, float | None]:
    """Return the baseline, what of it has left the stock, and its share; None where undeclared."""
    if baseline is None or cohort not in baseline[1]:
        return {"baseline_m2": None, "disposed_m2": None, "disposal_rate": None}
    day, stock = baseline[0], baseline[1][cohort]
    counted = table[table["approved_on"] <= pd.Timestamp(day)]
    disposed = stock - (_sum(counted["unsupplied_m2"]) - _sum(counted["lapsed_m2"]))
    return {
        "baseline_m2": stock,
        "disposed_m2": disposed,
        "disposal_rate": disposed / stock if stock else None,
    }


def _five_year(table: pd.DataFrame, statutes: Statutes) -> dict[str, Any]:
    """Supply rate of the approvals of the last years, beside the rate below which quota stops."""
    years, limit = (
        statutes.find(f"approvals.{key}") for key in ("supply_rate_years", "five_year_supply_rate")
    )
    span = 5 if years is None else int(years.amount)
    since = units.add_years(np.array([statutes.on], dtype="datetime64[D]"), -span)[0]
    recent = (table["approved_on"] > pd.Timestamp(since)).to_numpy()
    found = {"after": str(since), **_rated(table[recent])}
    threshold = None if limit is None else Fraction(limit.amount)
    return {
        **found,
        "threshold": None if threshold is None else float(threshold),
        "is_below": _is_short(found, threshold),
    }


def _is_short(found: dict[str, Any], share: Fraction | None) -> bool | None:
    """Whether less than a share was supplied; exactly, since no float is three fifths."""
    if share is None or found["supply_rate"] is None:
        return None
    return Fraction(found["supplied_m2"]) < share * Fraction(found["approved_m2"])


def _expropriated_overdue(table: pd.DataFrame, statutes: Statutes) -> dict[str, Any]:
    """Count and area of land expropriated so long ago that next year's quota is cut."""
    rule = statutes.find("measures.expropriated_unsupplied_years")
    if rule is None:
        return {"count": None, "area_m2": None}
    aged = units.full_years(units.days(table["approved_on"]), statutes.on) >= rule.amount
    overdue = table[aged & (table["expropriated_m2"] > 0)]
    return {"count": len(overdue), "area_m2": _sum(overdue["expropriated_m2"])}
