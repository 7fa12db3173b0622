"""The table of measures as one page a lawyer can review, with the cases each line answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse import texts
from landuse.dispose.table import GOVERNMENT, WORDS, Decisions, Line, decisions
from landuse.papers.blocks import Document, Table, Text, document
from landuse.terms import HOLDER_CAUSES, PAUSE_CAUSES, STATE_OF, UNSUPPLIED_CAUSES, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from landuse.law import Statutes
    from landuse.papers.blocks import Block
    from landuse.texts import Lang

_AXES = tuple(WORDS)[1:]
_HEADS = (
    "number", "state", "line", "status", "cause", "duration", "grade", "share", "measures",
    "authority", "offices", "due", "more", "count",
)  # fmt: skip
_WIDTHS = (
    0.016, 0.033, 0.08, 0.084, 0.04, 0.028, 0.026, 0.032, 0.317, 0.05, 0.175, 0.044, 0.052, 0.023,
)  # fmt: skip
_MARK = "（条文待核对）"


def paper(statutes: Statutes, lang: Lang = "zh", cases: pd.DataFrame | None = None) -> Document:
    """
    Compose the table of measures as it stands on the day of the law, on one page A3.

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
    return document("measures", statutes.on.isoformat(), lang, blocks, "a3")


def _blocks(
    table: Decisions, statutes: Statutes, lang: Lang, cases: pd.DataFrame | None
) -> Iterator[Block]:
    """Yield title, how to read the table, the table, and what its numbers and codes mean."""
    yield Text("title", _say("title", lang))
    yield Text("subtitle", _say("subtitle", lang, on=statutes.on))
    yield Text("line", _say("how", lang))
    sources = _sources(table.lines, statutes)
    rows = [_row(n, table.lines, sources, statutes, lang) for n in range(len(table.lines))]
    heads: tuple[str, ...] = _HEADS
    widths: tuple[float, ...] = _WIDTHS
    if cases is None:
        heads, widths = heads[:-1], (*widths[:8], widths[8] + widths[-1], *widths[9:-1])
    else:
        counts = cases["line"].value_counts().to_dict()
        counted = [str(counts.get(line.name, 0)) for line in table.lines]
        rows = [(*row, count) for row, count in zip(rows, counted, strict=True)]
    named = tuple(_say(f"head_{name}", lang) for name in heads)
    yield Table(named, tuple(rows), widths, is_dense=True)
    if cases is not None:
        yield Text("note", _say("counted", lang, count=len(cases)))
    yield from _keys(table, sources, lang)


def _keys(table: Decisions, sources: Mapping[str, int], lang: Lang) -> Iterator[Block]:
    """Say what stands behind the numbers, the codes and the points."""
    listed = _say("semicolon", lang).join(
        f"{number} {citation.replace(_MARK, '*')}" for citation, number in sources.items()
    )
    yield Text("note", _say("key_authority", lang, listed=listed))
    column = 0 if lang == "zh" else 1
    codes = PAUSE_CAUSES | HOLDER_CAUSES | UNSUPPLIED_CAUSES
    told = _say("semicolon", lang).join(f"{code} {words[column]}" for code, words in codes.items())
    yield Text("note", _say("key_cause", lang, listed=told))
    for number, line in enumerate(table.lines, start=1):
        if len(line.status) > 1:
            names = _say("list", lang).join(label(Status(word), lang) for word in line.status)
            yield Text("note", _say("key_several", lang, number=number, names=names))
    weights = _say("list", lang).join(
        f"{_say(f'part_{name}', lang)} {weight:g}"
        for name, weight in table.priority["weight"].items()
    )
    yield Text("note", _say("key_weights", lang, weights=weights))


def _say(key: str, lang: Lang, **values: object) -> str:
    """Return a text of the paper."""
    return texts.say(f"measures.{key}", lang, **values)


def _sources(lines: Sequence[Line], statutes: Statutes) -> dict[str, int]:
    """Return the number of each citation, in the order in which the lines lean on them."""
    known = {value.key: value.citation for value in statutes.in_force()}
    keys = [key for line in lines for key in (*line.authority, *line.due_rules)]
    cited = dict.fromkeys(known[key] for key in keys if key in known)
    return {citation: number for number, citation in enumerate(cited, start=1)}


def _row(
    at: int, lines: Sequence[Line], sources: Mapping[str, int], statutes: Statutes, lang: Lang
) -> tuple[str, ...]:
    """Return one line of the table as people read it."""
    line = lines[at]
    measures = line.measures if lang == "zh" else line.measures_en
    known = {value.key: value.citation for value in statutes.in_force()}
    cited = sorted({sources[known[key]] for key in line.authority if key in known})
    support = _say("list", lang).join(_office(key, statutes, lang) for key in line.support)
    lead = _office(line.lead, statutes, lang)
    states = {STATE_OF[Status(word)] for word in line.status}
    several = _say("several", lang, count=len(line.status))
    return (
        str(at + 1),
        label(next(iter(states)), lang) if len(states) == 1 else _say("any", lang),
        line.label if lang == "zh" else line.label_en,
        label(Status(line.status[0]), lang) if len(line.status) == 1 else several,
        *(_condition(name, at, lines, lang) for name in _AXES),
        _say("semicolon", lang).join(measures),
        _say("list", lang).join(map(str, cited)) or _say("none", lang),
        _say("offices", lang, lead=lead, support=support) if support else lead,
        _due(line, lang),
        _more(line, lang),
    )


def _condition(name: str, at: int, lines: Sequence[Line], lang: Lang) -> str:
    """Return the words one condition allows: all of them, or those no line before has taken."""
    words: tuple[str, ...] = getattr(lines[at], name)
    if name == "cause" and set(GOVERNMENT) <= set(words) < set(WORDS[name]):
        words = ("G", *(word for word in words if word not in GOVERNMENT))
    if set(words) != set(WORDS[name]):
        return _say("list", lang).join(_word(name, word, lang) for word in words)
    before = [line for line in lines[:at] if set(line.status) & set(lines[at].status)]
    is_rest = any(set(getattr(line, name)) != set(WORDS[name]) for line in before)
    return _say("rest" if is_rest else "all", lang)


def _word(name: str, word: str, lang: Lang) -> str:
    """Return a word of a condition; codes of causes stand for themselves."""
    is_code = name == "cause" and word not in {"mixed", "holder", "unknown", "G"}
    return word if is_code else _say(f"{name}_{word}", lang)


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
    told = [_say(name, lang) for name in ("fee", "bond", "resupply") if getattr(line, name)]
    return _say("list", lang).join(told) or _say("no_more", lang)
