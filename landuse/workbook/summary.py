"""The summary: clusters, their parks, what lies outside, and the city, drawn from the totals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import entries, units
from landuse.terms import Role, State
from landuse.workbook import layout, rows
from landuse.workbook.ledger import say
from landuse.workbook.sheets import COLUMNS, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.texts import Lang
    from landuse.workbook.ledger import Results

_MISSING = float("nan")


def of(
    results: Results, lang: Lang, *, is_city: bool = True
) -> tuple[pd.DataFrame, list[layout.Sum]]:
    """
    Return the rows of the summary and its sum.

    Parameters
    ----------
    results
        What the workbook is made of; every figure is taken from its totals.
    lang
        Language of the words.
    is_city
        Whether the sum is that of the city, and not of one of its counties.

    Returns
    -------
    rows, sums
        One row a cluster of the cluster table (zeros where nothing lies in it), each followed by
        its parks; then what lies outside every cluster. Areas in ha and mu, unrounded.
    """
    totals = {entry["cluster_id"]: entry for entry in results.totals["clusters"]}
    parks: dict[str, list[Mapping[str, Any]]] = {}
    for entry in results.totals["parks"]:
        parks.setdefault(entry["cluster_id"] or "", []).append(entry)
    clusters = _clusters(results, totals)
    done = _Disposed(results)
    listed: list[dict[str, Any]] = []
    for number, (cluster_id, name, county) in enumerate(clusters, start=1):
        head = {"cluster": name, "county": rows.division(county, lang) if county else ""}
        total = totals.get(cluster_id)
        listed.append({"seq": number, **head, "variant": "strong", **_figures(total)})
        listed[-1] |= done.figures("cluster_id", cluster_id)
        listed.extend(_parks(parks.get(cluster_id, []), done, lang))
    outside = {"cluster": say("outside", lang), "variant": "strong"}
    listed.append(outside | _figures(totals.get("")) | done.figures("cluster_id", ""))
    listed.extend(_parks(parks.get("", []), done, lang))
    keys = [column.key for column in SUMMARY]
    table = pd.DataFrame(listed).reindex(columns=[*keys, "variant", "tone"])
    label = say("city_total" if is_city else "total", lang)
    city = layout.Sum(label, None, _figures(results.totals["city"]) | done.figures())
    return table, [city]


def _clusters(results: Results, totals: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return identifier, name and county of every cluster, by identifier."""
    table = results.tables[Role.CLUSTER].drop_duplicates("cluster_id")
    known = table[["cluster_id", "cluster_name", "division_code"]].fillna("")
    found = {
        str(key): (str(key), str(name), str(code))
        for key, name, code in known.itertuples(index=False, name=None)
    }
    for cluster_id, entry in totals.items():
        if cluster_id and cluster_id not in found:
            found[cluster_id] = (cluster_id, entry.get("cluster_name") or cluster_id, "")
    return [found[key] for key in sorted(found)]


class _Disposed:
    """How much of what is to be done is reported as done, by place."""

    def __init__(self, results: Results) -> None:
        self._cases = results.cases
        self._told = entries.disposal(results.entries, results.cases)

    def figures(self, place: str | None = None, name: str = "") -> dict[str, float]:
        """
        Return count and area in ha of what is done, and its share of the area of all duties.

        Missing where nobody of the place has reported anything yet.
        """
        inside = pd.Series(data=True, index=self._cases.index)
        if place is not None:
            inside = self._cases[place].fillna("") == name
        told, area = self._told[inside], self._cases.loc[inside, "area_m2"].fillna(0.0)
        if not told["is_reported"].any():
            return dict.fromkeys(("disposed_count", "disposed_ha", "disposal_rate"), _MISSING)
        done, duty = (math.fsum(area[told[name]]) for name in ("is_done", "is_duty"))
        return {
            "disposed_count": float(told["is_done"].sum()),
            "disposed_ha": units.ha(done),
            "disposal_rate": done / duty if duty else _MISSING,
        }


def _parks(parks: list[Mapping[str, Any]], done: _Disposed, lang: Lang) -> list[dict[str, Any]]:
    """Rows of the parks of one cluster, by identifier."""
    ordered = sorted(parks, key=lambda entry: entry["park_id"])
    return [
        {
            "park": say("of_which", lang, park=entry["park_name"] or entry["park_id"]),
            **_figures(entry),
            **done.figures("park_id", entry["park_id"]),
        }
        for entry in ordered
    ]


def _figures(total: Mapping[str, Any] | None) -> dict[str, float]:
    """Figures of one row; zeros where nothing is known to lie there."""
    states = total["states"] if total else {}
    parts = {state.value: states.get(state, {}) for state in State}
    parts |= {name: (total or {}).get(name, {}) for name in ("idle", "determined")}
    parts["all"] = total or {}
    figures: dict[str, float] = {}
    for name, part in parts.items():
        area = part.get("area_m2") or 0.0
        figures[f"{name}_count"] = part.get("count") or 0
        figures[f"{name}_ha"] = units.ha(area)
        figures[f"{name}_mu"] = units.mu(area)
    rates = (total or {}).get("rates") or {}
    for name in ("supply_rate", "built_rate", "idle_rate"):
        rate = rates.get(name)
        figures[name] = _MISSING if rate is None else rate
    return figures


def sums(sheet: str, table: pd.DataFrame, lang: Lang) -> list[layout.Sum]:
    """
    Return the rows of sums below a sheet of cases or findings.

    Parameters
    ----------
    sheet
        Key of the sheet.
    table
        Its rows, as from `rows.of`.
    lang
        Language of the labels.

    Returns
    -------
    sums
        Sums of unrounded values; a missing value adds nothing, and where all are missing the sum
        is missing. Inefficient land is told apart by where it is counted.
    """
    whole = [_added(sheet, table, say("total", lang))]
    if sheet != "inefficient":
        return whole
    muted = table["variant"] == "muted"
    return [
        *whole,
        _added(sheet, table[~muted], say("counted_here", lang)),
        _added(sheet, table[muted], say("counted_there", lang)),
    ]


def _added(sheet: str, table: pd.DataFrame, label: str) -> layout.Sum:
    """Add up the columns of a sheet that are added up."""
    keys = [column.key for column in COLUMNS[sheet] if column.is_summed]
    known = {key: table[key].dropna().astype(float) for key in keys}
    values = {key: math.fsum(part) for key, part in known.items() if len(part)}
    return layout.Sum(label, len(table), values, "finding" if sheet == "findings" else "case")
