"""
Grades A, B, C of firms by composite score (企业分类综合评价), with reasons; unknown stays unknown.

豫集聚办〔2017〕11号 (trial) and the measure of 2019, as 郑州 and 安阳 published their cut; weights
and base values are the workspace's (`layers/grading/scheme.toml`), the packaged ones an example
(示例权重).
A grade that a source gives is never overwritten.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import units
from landuse.grading.scheme import RERANKED, Scheme, load, own

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

__all__ = ["Scheme", "cut", "filled", "graded", "load", "rounded"]

CITY = "city"
"""Group of firms below scale, which are ranked city-wide; those above scale by cluster."""
_HALF = Fraction(1, 2)


def rounded(share: Fraction, count: int) -> int:
    """Return a share of a number of firms, halves rounded up."""
    return int(share * count + _HALF)


def cut(
    scores: Sequence[float], best: Sequence[float], worst: Sequence[float], scheme: Scheme
) -> list[str]:
    """
    Cut one group into A, B, C.

    Parameters
    ----------
    scores
        Composite scores; firms in an order that breaks ties.
    best, worst
        What A is chosen by among the upper part, and C among the lower.
    scheme
        Gives the shares: A and C of all firms of the group, halves rounded up.

    Returns
    -------
    grades
        In the order given.
    """
    count = len(scores)
    order = sorted(range(count), key=lambda n: (-scores[n], n))
    upper, lower = np.split(np.array(order, dtype=int), [rounded(scheme.top, count)])
    grades = ["B"] * count
    chosen = sorted(upper.tolist(), key=lambda n: (-best[n], -scores[n], n))
    for n in chosen[: rounded(scheme.a_share, count)]:
        grades[n] = "A"
    last = sorted(lower.tolist(), key=lambda n: (worst[n], scores[n], -n))
    for n in last[: rounded(scheme.c_share, count)]:
        grades[n] = "C"
    return grades


def graded(
    enterprises: pd.DataFrame, supplies: pd.DataFrame, scheme: Scheme, on: date
) -> pd.DataFrame:
    """
    Grade firms.

    Parameters
    ----------
    enterprises
        Table of role `enterprise`: areas in m², money in yuan. Not changed.
    supplies
        Table of role `supply`; `production_on` tells which firms are new.
    scheme
        Indicators, weights and shares.
    on
        The day asked for.

    Returns
    -------
    grades
        Same index. `enterprise_id`, `group` (cluster, `city`, or empty), `score` (of firms
        above scale the sum of `score_<indicator>`, `score_bonus` and `score_deduction`: points of
        the table up to the caps of the scheme, none on record are none),
        `grade` (missing where not known), `source` (computed, excluded, veto, override, unknown),
        `why` (why a firm is not evaluated or its grade is not the computed one), `missing`
        (columns that are needed and not there).
    """
    table = enterprises.sort_values("enterprise_id", kind="stable")
    above = table["is_above_scale"]
    is_above = above.fillna(value=False).astype(bool)
    why = _excluded(table, supplies, scheme, on, is_above)
    missing = _missing(table, scheme, is_above)
    group = table["cluster_id"].where(is_above, CITY).fillna("")
    ranked = (why == "") & (missing == "")
    result = pd.DataFrame(
        {"enterprise_id": table["enterprise_id"], "group": group.where(ranked, "")}
    )
    result["why"], result["missing"] = why, missing.where(why == "", "")
    result["grade"] = pd.Series(np.nan, index=table.index, dtype="str")
    result["source"] = np.select([why != "", missing != ""], ["excluded", "unknown"], "computed")
    names = [f"score_{indicator.name}" for indicator in scheme.indicators]
    names += ["score_bonus", "score_deduction"]
    result[["score", *names]] = np.nan
    for name, members in result[ranked].groupby("group"):
        rows = table.loc[members.index]
        found = _group(rows, scheme, is_city=name == CITY)
        result.loc[members.index, found.columns] = found
    return _adjusted(result, scheme).reindex(enterprises.index)


def _excluded(
    table: pd.DataFrame, supplies: pd.DataFrame, scheme: Scheme, on: date, above: pd.Series
) -> pd.Series:
    """Say why a firm is not evaluated; empty where it is."""
    began = supplies.drop_duplicates("supply_id").set_index("supply_id")["production_on"]
    begins = began.reindex(table["supply_id"]).set_axis(table.index)
    years = units.full_years(units.days(begins), on)
    taken = {a.enterprise_id: a.reason for a in scheme.adjustments if a.kind == "exclude"}
    is_small = table["occupied_area"] < scheme.least_area_m2
    is_known_below = table["is_above_scale"].notna() & ~above
    word = np.select(
        [
            years < scheme.new_years,
            is_known_below & (scheme.variant == "2017"),
            is_known_below & is_small,
        ],
        ["new", "below_scale", "small"],
        "",
    )
    names = zip(table["enterprise_id"], word, strict=True)
    told = [taken.get(enterprise, reason) for enterprise, reason in names]
    return pd.Series(told, index=table.index, dtype=object)


def _missing(table: pd.DataFrame, scheme: Scheme, above: pd.Series) -> pd.Series:
    """Name the columns that are needed and not there, or that cannot be divided by."""
    told = pd.Series("", index=table.index, dtype=object)

    def add(name: str, lacks: pd.Series) -> None:
        told[lacks] = told[lacks].map(lambda text: f"{text}；{name}" if text else name)

    add("is_above_scale", table["is_above_scale"].isna())
    add("cluster_id", above & table["cluster_id"].isna())
    divisors = {indicator.per[1] for indicator in scheme.indicators}
    for name in sorted({column for i in scheme.indicators for column in i.per} - {"tax"}):
        lacks = table[name].isna()
        add(name, above & (lacks | (table[name] <= 0) if name in divisors else lacks))
    add("tax", table["tax"].isna())
    return told


def _group(rows: pd.DataFrame, scheme: Scheme, *, is_city: bool) -> pd.DataFrame:
    """Score and cut the firms that are ranked together."""
    if is_city:  # below scale: by 实缴税收 alone
        score = rows["tax"]
        grades = cut(score.tolist(), score.tolist(), score.tolist(), scheme)
        return pd.DataFrame({"score": score, "grade": grades}, index=rows.index)
    found = pd.DataFrame(index=rows.index)
    for indicator in scheme.indicators:
        figure, divisor = (rows[name] for name in indicator.per)
        base = indicator.baseline or figure.sum() / divisor.sum()
        ratio = figure / divisor / base if base > 0 else figure * 0.0
        found[f"score_{indicator.name}"] = ratio.clip(0, scheme.cap) * indicator.weight
    for column, cap in (("bonus", scheme.bonus_cap), ("deduction", scheme.deduction_cap)):
        found[f"score_{column}"] = rows[column].fillna(0.0).clip(0, cap)
    found["score_deduction"] *= -1
    found["score"] = found.sum(axis=1)
    best, worst = (
        found[[f"score_{name}" for name in names]].sum(axis=1).tolist()
        for names in RERANKED[scheme.variant]
    )
    found["grade"] = cut(found["score"].tolist(), best, worst, scheme)
    return found


def _adjusted(result: pd.DataFrame, scheme: Scheme) -> pd.DataFrame:
    """Put vetoes, then overrides, in the place of what was computed, with their reasons."""
    for kind in ("veto", "override"):
        for one in (a for a in scheme.adjustments if a.kind == kind):
            own_rows = result["enterprise_id"] == one.enterprise_id
            result.loc[own_rows, "grade"] = one.grade if kind == "override" else "C"
            result.loc[own_rows, "source"] = kind
            result.loc[own_rows, "why"] = f"{one.reason}{one.document}"
    return result


def filled(
    enterprises: pd.DataFrame, supplies: pd.DataFrame, workspace: Path, on: date
) -> pd.DataFrame:
    """
    Return the firms with missing grades computed, where the workspace has a scheme of its own.

    What follows from a grade (投而未达标, measures, priority) then follows from it too. A grade
    that the source gives stands.

    Raises
    ------
    AssetError
        If the scheme is not written as it must be.
    """
    if own(workspace) is None or enterprises.empty:
        return enterprises
    found = graded(enterprises, supplies, load(workspace), on)["grade"]
    return enterprises.assign(grade=enterprises["grade"].fillna(found))
