"""What moved since the run kept before: stock, in, out, stock, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landuse import texts
from landuse.bulletin.saying import day, heads, mu, say
from landuse.papers import Table, Text
from landuse.terms import IDLE, STATE_OF, State, Status, label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pandas as pd

    from landuse.bulletin.saying import Moved, Results
    from landuse.papers import Block
    from landuse.texts import Lang

_MOST = 12
"""Ways named one by one: what fits on half a page."""


def moves(results: Results, lang: Lang) -> Iterator[Block]:
    """Say what entered and left each state, and the ways most land went."""
    moved = results.past.moved
    yield Text("section", say("section_moves", lang))
    if moved is None:
        yield Text("line", say("no_past", lang))
        return
    yield from _stocks(moved, lang)
    yield from _ways(moved, lang)


def _stocks(moved: Moved, lang: Lang) -> Iterator[Block]:
    """Say what stood where before, what came, what went, and what stands there now."""
    flows = moved.diff.matrix
    groups: list[tuple[str, Collection[str]]] = [
        (label(state, lang), {s.value for s in Status if STATE_OF[s] is state}) for state in State
    ]
    groups.append((say("of_which_idle", lang), {status.value for status in IDLE}))
    rows = [(name, *_stock(flows, members)) for name, members in groups]
    was, came, went, now, *_ = rows[-1][1:]
    yield Text(
        "line",
        say("moved", lang, since=day(moved.since, lang), was=was, came=came, went=went, now=now),
    )
    columns = ("state", "before", "in", "out", "after", "mu_before", "mu_after")
    yield Table(heads(lang, *columns), tuple(rows), (0.22, 0.11, 0.11, 0.11, 0.11, 0.17, 0.17))


def _stock(flows: pd.DataFrame, members: Collection[str]) -> tuple[str, ...]:
    """Return stock, in, out and stock in cases, and both stocks in mu."""
    out, into = flows["from_status"].isin(members), flows["to_status"].isin(members)
    counts = [int(flows.loc[rows, "count"].sum()) for rows in (out, into & ~out, out & ~into, into)]
    areas = [mu(float(flows.loc[rows, "area_m2"].sum())) for rows in (out, into)]
    return (*(str(count) for count in counts), *areas)


def _ways(moved: Moved, lang: Lang) -> Iterator[Block]:
    """Name the ways most cases went, with their causes."""
    ways = moved.transitions
    ways = ways[ways["count"] > 0].sort_values(["count", "area_m2"], ascending=False, kind="stable")
    if ways.empty:
        return
    rows = [
        (_status(a, lang), _status(b, lang), str(count), mu(area), _causes(causes, lang))
        for a, b, causes, count, area in ways.head(_MOST).itertuples(index=False, name=None)
    ]
    rest = len(ways) - len(rows)
    yield Text("line", say("ways_rest" if rest else "ways", lang, rest=rest))
    columns = ("from", "to", "count", "mu", "cause")
    yield Table(heads(lang, *columns), tuple(rows), (0.25, 0.25, 0.1, 0.17, 0.23), is_dense=True)


def _status(status: str, lang: Lang) -> str:
    """Return the label of a status; of none, that the case was not there."""
    return label(Status(status), lang) if status else say("not_there", lang)


def _causes(causes: str, lang: Lang) -> str:
    """Return causes in words."""
    words = [texts.say(f"history.cause_{name}", lang) for name in causes.split("；") if name]
    return "、".join(words) if lang == "zh" else ", ".join(words)
