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
from landuse.balance.rows import Rows
from landuse.errors import LawError
from landuse.terms import Status

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

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


def coded(
    approved_on: pd.DataFrame, pieces: pd.DataFrame, slivers: pd.DataFrame
) -> tuple[Rows, Rows, Rows]:
    """
    Give every approval that has land a number.

    Parameters
    ----------
    approved_on
        The days of all approvals of the workspace (`days`).
    pieces, slivers
        Those of the workspace, with `approval_id`; pieces with `kind` and `status` of their case.

    Returns
    -------
    days, pieces, slivers
        One row of days an approval, and the land with its place among them as `approval`; -1 for
        land that was not approved.
    """
    inside = pieces["approval_id"] != ""
    ids = pd.Index(
        pd.concat([pieces.loc[inside, "approval_id"], slivers["approval_id"]]).dropna().unique()
    )
    land = pieces.assign(
        approval=np.where(inside, ids.get_indexer(pieces["approval_id"]), -1),
        is_supply=pieces["kind"] == "supply",
        is_lapsed=pieces["status"] == Status.LAPSED,
        is_expropriated=pieces["status"] == Status.EXPROPRIATED,
    )
    rest = slivers.assign(approval=ids.get_indexer(slivers["approval_id"]))
    kept = ["approval", "is_supply", "is_lapsed", "is_expropriated", "area_m2"]
    return (
        Rows.of(approved_on.reindex(ids)),
        Rows.of(land[kept]),
        Rows.of(rest[["approval", "area_m2"]]),
    )


def figures(
    days: Rows, pieces: Rows, slivers: Rows, statutes: Statutes, *, is_city: bool
) -> dict[str, Any]:
    """
    Return what became of the approvals of one place.

    Parameters
    ----------
    days
        The days of all approvals that have land (`coded`).
    pieces, slivers
        Those of the place (`coded`); areas in m².
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
    table = _accounts(days, pieces, slivers)
    return {
        "cohorts": _cohorts(table, statutes, is_city=is_city),
        "five_year": _five_year(table, statutes),
        "expropriated_overdue": _expropriated_overdue(table, statutes),
        "partly_supplied": _listed(
            table, (table["supplied_m2"] > 0) & (table["unsupplied_m2"] > 0)
        ),
        "withdrawn": _listed(table, table["withdrawn_on"] <= np.datetime64(statutes.on)),
    }


def _accounts(days: Rows, pieces: Rows, slivers: Rows) -> Rows:
    """One row an approval with land in the place: its days and where its area went, m²."""
    there = np.unique(np.r_[pieces["approval"], slivers["approval"]])
    there = there[there >= 0]
    pieces, slivers = (
        Rows({**rows.columns, "at": _places(rows["approval"], there)}, len(rows))
        for rows in (pieces, slivers)
    )
    supplied = pieces["is_supply"]
    parts = {
        "supplied_m2": pieces.where(supplied),
        "unsupplied_m2": pieces.where(~supplied),
        "lapsed_m2": pieces.where(~supplied & pieces["is_lapsed"]),
        "expropriated_m2": pieces.where(~supplied & pieces["is_expropriated"]),
        "sliver_m2": slivers,
    }
    sums = {name: part.sums("area_m2", "at", len(there)) for name, part in parts.items()}
    return Rows({**sums, **days.take(there).columns}, len(there))


def _places(codes: NDArray[np.int64], there: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each code among those that are there; -1 for none."""
    return np.where(codes >= 0, np.searchsorted(there, codes), -1)


def _rated(table: Rows) -> dict[str, Any]:
    """Count and areas of some approvals with their supply rate."""
    supplied, unsupplied, lapsed, sliver = (table.sum(name) for name in _PARTS)
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


def _listed(table: Rows, mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Count and unsupplied area of the approvals of a mask."""
    return {"count": int(mask.sum()), "area_m2": table.sum("unsupplied_m2", mask)}


def _cohorts(table: Rows, statutes: Statutes, *, is_city: bool) -> list[dict[str, Any]]:
    """Figures by years of approval; what is in no cohort comes last, so that all add up."""
    rule = statutes.find("approvals.cohorts")
    names = [] if rule is None else list(rule.amount)
    year = table["approved_on"].astype("datetime64[Y]").astype(np.int64) + 1970  # NaT: no year
    masks = {}
    for name in names:
        first, last = _bounds(name)
        masks[name] = (year >= first) & (year <= last)
    masks[OTHER] = ~np.logical_or.reduce([*masks.values(), np.zeros(len(table), dtype=bool)])
    baseline = _baseline(statutes, names) if is_city else None
    return [
        {"cohort": name, **_rated(part), **_disposal(part, name, baseline)}
        for name, part in ((name, table.where(mask)) for name, mask in masks.items())
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
    table: Rows, cohort: str, baseline: tuple[date, dict[str, float]] | None
) -> dict[str, float | None]:
    """Return the baseline, what of it has left the stock, and its share; None where undeclared."""
    if baseline is None or cohort not in baseline[1]:
        return {"baseline_m2": None, "disposed_m2": None, "disposal_rate": None}
    day, stock = baseline[0], baseline[1][cohort]
    counted = table.where(table["approved_on"] <= np.datetime64(day))
    disposed = stock - (counted.sum("unsupplied_m2") - counted.sum("lapsed_m2"))
    return {
        "baseline_m2": stock,
        "disposed_m2": disposed,
        "disposal_rate": disposed / stock if stock else None,
    }


def _five_year(table: Rows, statutes: Statutes) -> dict[str, Any]:
    """Supply rate of the approvals of the last years, beside the rate below which quota stops."""
    years, limit = (
        statutes.find(f"approvals.{key}") for key in ("supply_rate_years", "five_year_supply_rate")
    )
    span = 5 if years is None else int(years.amount)
    since = units.add_years(np.array([statutes.on], dtype="datetime64[D]"), -span)[0]
    recent = table["approved_on"] > since
    found = {"after": str(since), **_rated(table.where(recent))}
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


def _expropriated_overdue(table: Rows, statutes: Statutes) -> dict[str, Any]:
    """Count and area of land expropriated so long ago that next year's quota is cut."""
    rule = statutes.find("measures.expropriated_unsupplied_years")
    if rule is None:
        return {"count": None, "area_m2": None}
    aged = units.full_years(units.days(table["approved_on"]), statutes.on) >= rule.amount
    overdue = table.where(aged & (table["expropriated_m2"] > 0))
    return {"count": len(overdue), "area_m2": overdue.sum("expropriated_m2")}
