"""The grades of a workspace as one paper: firms with score and reason, counts, policy by grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import schema, texts
from landuse.grading.scheme import GRADES, Scheme
from landuse.papers.blocks import Document, Table, Text, document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landuse.law import Statutes
    from landuse.papers.blocks import Block
    from landuse.texts import Lang

_OFFICES = {
    "evaluation": (
        "reform", "land", "environment", "tax", "statistics", "industry", "science", "water",
        "safety", "banking", "market",
    ),
    "allocation": (
        "reform", "science", "industry", "finance", "land", "environment", "water", "banking",
        "power",
    ),
}  # fmt: skip
"""Who evaluates and who allots by grade, lead first: 许集聚办〔2018〕3号 annex 一-1, 一-2."""

_REASONS = ("new", "below_scale", "small")


def paper(
    enterprises: pd.DataFrame,
    grades: pd.DataFrame,
    scheme: Scheme,
    statutes: Statutes,
    lang: Lang = "zh",
) -> Document:
    """
    Compose the paper.

    Parameters
    ----------
    enterprises
        Table of role `enterprise`, with the grades of the source.
    grades
        What `landuse.grading.graded` found, same index.
    scheme
        The scheme the grades were computed by.
    statutes
        The law of the day asked for; names the offices.
    lang
        Language of the paper.
    """
    blocks = _blocks(enterprises, grades, scheme, statutes, lang)
    return document("grading", statutes.on.isoformat(), lang, blocks)


def _say(key: str, lang: Lang, **values: object) -> str:
    """Return a text of the paper."""
    return texts.say(f"grading.{key}", lang, **values)


def _blocks(
    enterprises: pd.DataFrame,
    grades: pd.DataFrame,
    scheme: Scheme,
    statutes: Statutes,
    lang: Lang,
) -> Iterator[Block]:
    """Yield weights, counts, firms and the policy of each grade."""
    yield Text("title", _say("title", lang))
    yield Text("subtitle", _say("subtitle", lang, on=statutes.on, label=scheme.label))
    yield Text("line", _say(f"variant_{scheme.variant}", lang))
    yield Text("warning", _say("caution", lang))
    yield Table(
        (_say("indicator", lang), _say("weight", lang)),
        tuple(
            (i.label if lang == "zh" else i.label_en, f"{i.weight:g}") for i in scheme.indicators
        ),
        (0.6, 0.4),
    )
    caps = {name: f"{getattr(scheme, name):g}" for name in ("bonus_cap", "deduction_cap")}
    yield Text("line", _say("points", lang, **caps))
    known = grades["grade"].fillna("")
    said = {f"n_{grade}": int((known == grade).sum()) for grade in GRADES}
    sources = grades["source"].value_counts()
    said |= {name: int(sources.get(name, 0)) for name in ("excluded", "unknown")}
    yield Text("lead", _say("counts", lang, **said))
    names = ("id", "name", "group", "score", "points", "computed", "given", "why")
    rows = tuple(_rows(enterprises, grades, lang))
    widths = (0.11, 0.22, 0.13, 0.09, 0.08, 0.08, 0.08, 0.21)
    yield Table(tuple(_say(f"head_{name}", lang) for name in names), rows, widths, is_dense=True)
    yield Text("section", _say("policy", lang))
    policies = tuple((p["field"], *(p[grade] for grade in GRADES)) for p in scheme.policies)
    yield Table((_say("field", lang), *GRADES), policies, (0.28, 0.24, 0.24, 0.24))
    for task, offices in _OFFICES.items():
        lead, *support = (_office(key, statutes, lang) for key in offices)
        named = _say("comma", lang).join(support)
        yield Text("note", _say(f"offices_{task}", lang, lead=lead, support=named))


def _office(key: str, statutes: Statutes, lang: Lang) -> str:
    """Name of an office on the day."""
    value = statutes[f"departments.{key}"]
    return str(value.amount) if lang == "zh" else value.label_en


def _rows(enterprises: pd.DataFrame, grades: pd.DataFrame, lang: Lang) -> Iterator[tuple[str, ...]]:
    """Yield one row a firm, by group, score and identifier."""
    joined = grades.assign(
        name=enterprises["enterprise_name"].fillna(""),
        given=enterprises["grade"].fillna(""),
        told=enterprises["points_reason"].fillna(""),
        points=grades["score_bonus"] + grades["score_deduction"],
    )
    order = ["group", "score", "enterprise_id"]
    ranked = joined.sort_values(order, ascending=[True, False, True], kind="stable")
    for row in ranked.to_dict("records"):
        yield (
            str(row["enterprise_id"]),
            str(row["name"]),
            _say("city", lang) if row["group"] == "city" else str(row["group"]),
            "" if pd.isna(row["score"]) else f"{row['score']:,.2f}",
            "" if pd.isna(row["points"]) or not row["points"] else f"{row['points']:+,.2f}",
            _say("unknown", lang) if pd.isna(row["grade"]) else str(row["grade"]),
            str(row["given"]),
            _why(row, lang),
        )


def _why(row: Mapping[Any, Any], lang: Lang) -> str:
    """Say why a firm has no computed grade, or another than the computed one, and its points."""
    why, told = str(row["why"]), []
    if why:
        told.append(_say(f"why_{why}", lang) if why in _REASONS else why)
    columns = [name for name in str(row["missing"]).split("；") if name]
    if columns and not why:
        names = [schema.heading("enterprise", name, lang) for name in columns]
        told.append(_say("missing", lang, names=_say("comma", lang).join(names)))
    if row["points"] and not pd.isna(row["points"]):
        told.append(str(row["told"]) or _say("no_points_reason", lang))
    return _say("semicolon", lang).join(told)
