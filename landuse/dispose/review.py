"""The table of measures as one paper a lawyer can review, with the cases each line answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse import texts
from landuse.dispose.table import WORDS, Decisions, Line, decisions
from landuse.papers.blocks import Document, Table, Text, document
from landuse.terms import Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from landuse.law import Statutes
    from landuse.papers.blocks import Block
    from landuse.texts import Lang

_WIDTHS = (0.17, 0.28, 0.24, 0.15, 0.16)


def paper(statutes: Statutes, lang: Lang = "zh", cases: pd.DataFrame | None = None) -> Document:
    """
    Compose the table of measures as it stands on the day of the law.

    Parameters
    ----------
    statutes
        The law of the day, with the workspace whose own lines stand before the packaged ones.
    lang
        Language of the paper.
    cases
        Cases of a run with their `line`; the number of cases is shown where given.

    Raises
    ------
    AssetError
        If the table is not written as it must be.
    LawError
        If no name of an office is known for the day.
    """
    blocks = _blocks(decisions(statutes.workspace), statutes, lang, cases)
    return document("measures", statutes.on.isoformat(), lang, blocks)


def _blocks(
    table: Decisions, statutes: Statutes, lang: Lang, cases: pd.DataFrame | None
) -> Iterator[Block]:
    """Yield title, how to read the table, the table, and the weights of priority."""
    yield Text("title", _say("title", lang))
    yield Text("subtitle", _say("subtitle", lang, on=statutes.on))
    yield Text("line", _say("how", lang))
    counts = {} if cases is None else cases["line"].value_counts().to_dict()
    heads = ["line", "measures", "authority", "offices", "more"]
    head = [_say(f"head_{name}", lang) for name in heads]
    rows = [_row(n, line, statutes, lang) for n, line in enumerate(table.lines, start=1)]
    widths: tuple[float, ...] = _WIDTHS
    if cases is not None:
        head.append(_say("head_count", lang))
        rows = [
            (*row, str(counts.get(line.name, 0)))
            for row, line in zip(rows, table.lines, strict=True)
        ]
        widths = (*(width * 0.93 for width in _WIDTHS), 0.07)
    yield Table(tuple(head), tuple(rows), widths, is_dense=True)
    if cases is not None:
        yield Text("line", _say("counted", lang, count=len(cases)))
    yield Text("section", _say("weights", lang))
    weights = table.priority["weight"].items()
    yield Text("line", _say("weights_are", lang))
    yield Table(
        (_say("head_part", lang), _say("head_weight", lang)),
        tuple((_say(f"part_{name}", lang), f"{weight:g}") for name, weight in weights),
        (0.5, 0.5),
    )


def _say(key: str, lang: Lang, **values: object) -> str:
    """Return a text of the paper."""
    return texts.say(f"measures.{key}", lang, **values)


def _row(number: int, line: Line, statutes: Statutes, lang: Lang) -> tuple[str, ...]:
    """Return one line of the table as people read it."""
    measures = line.measures if lang == "zh" else line.measures_en
    known = {value.key: value.citation for value in statutes.in_force()}
    cited = dict.fromkeys(known[key] for key in line.authority if key in known)
    support = _say("comma", lang).join(_office(key, statutes, lang) for key in line.support)
    lead = _office(line.lead, statutes, lang)
    return (
        f"{number}. {_conditions(line, lang)}〔{line.name}〕",
        " ".join(f"({n}) {measure}" for n, measure in enumerate(measures, start=1)),
        _say("semicolon", lang).join(cited) or _say("none", lang),
        _say("offices", lang, lead=lead, support=support) if support else lead,
        _say("semicolon", lang).join([_say("by", lang, due=_due(line, lang)), _more(line, lang)]),
    )


def _conditions(line: Line, lang: Lang) -> str:
    """Say when a line holds; a condition that holds always is left out."""
    if len(line.status) > 1:
        whole = _say("several", lang, count=len(line.status))
    else:
        whole = label(Status(line.status[0]), lang)
    told = [whole]
    for name, words in WORDS.items():
        own = getattr(line, name)
        if name != "status" and set(own) != set(words):
            told.append(_say("or", lang).join(_say(f"{name}_{word}", lang) for word in own))
    if line.sealed:
        told.append(_say("sealed", lang))
    return _say("comma", lang).join(told)


def _office(key: str, statutes: Statutes, lang: Lang) -> str:
    """Name of an office on the day."""
    value = statutes[f"departments.{key}"]
    return str(value.amount) if lang == "zh" else value.label_en


def _due(line: Line, lang: Lang) -> str:
    """Say the deadline of a line."""
    if line.due_rules:
        return _say("due_rules", lang)
    if line.due_days:
        return _say("due_days", lang, days=line.due_days)
    if line.due_months:
        return _say("due_months", lang, months=line.due_months)
    return _say(f"due_{line.due}", lang)


def _more(line: Line, lang: Lang) -> str:
    """Say whether a fee is due, bonds may pay, and the land is supplied again."""
    told = [_say("fee" if line.fee else "no_fee", lang)]
    told += [_say(name, lang) for name in ("bond", "resupply") if getattr(line, name)]
    return _say("semicolon", lang).join(told)
