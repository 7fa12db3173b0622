"""A difference of two days as people read it: sheets, one sentence, and the record JSON holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import handout, reclassify, texts, units
from landuse.history.comparing import SEPARATOR
from landuse.terms import STATE_OF, Status, label

if TYPE_CHECKING:
    from landuse.history import Diff, Snapshot
    from landuse.texts import Lang

_CHANGES = {
    "case_id": "text", "change": "text", "from_status": "status", "to_status": "status",
    "area_before_mu": "mu", "area_after_mu": "mu", "causes": "text", "effect": "text",
    "detail": "text", "cluster_id": "text", "park_id": "text", "right_holder": "text",
    "project_name": "text", "measures_before": "text", "measures_after": "text",
}  # fmt: skip
_STOCK = {
    "status": "status", "before_count": "count", "in_count": "count", "out_count": "count",
    "after_count": "count", "before_mu": "mu", "in_mu": "mu", "out_mu": "mu", "after_mu": "mu",
}  # fmt: skip
_FACTS = dict.fromkeys(
    ("role", "feature_id", "case_id", "column", "before", "after", "cause"), "text"
)
_PRINTED = tuple(_CHANGES)[:9]


def sheets(found: Diff) -> list[handout.Sheet]:
    """Return changes, stock, the matrix in 宗 and in 亩, and the facts that changed."""
    return [
        _sheet(found, "changes", _changes(found), _CHANGES),
        _stock(found),
        matrix(found, "count"),
        matrix(found, "mu"),
        _sheet(found, "facts", _facts(found), _FACTS),
    ]


def printed(found: Diff) -> list[handout.Sheet]:
    """Return what a terminal has room for."""
    narrow = {name: _CHANGES[name] for name in _PRINTED}
    return [_sheet(found, "changes", _changes(found), narrow), _stock(found)]


def summary(found: Diff) -> str:
    """Return the whole in one sentence."""
    counts = found.changes["change"].value_counts(sort=False)
    kinds = [f"{texts.say(f'history.change_{k}', found.lang)} {n}" for k, n in counts.items()]
    return texts.say(
        "history.diff_summary",
        found.lang,
        cases=len(found.changes[["kind", "case_id"]].drop_duplicates()),
        changes=len(found.changes),
        kinds="、".join(kinds) or "—",
    )


def record(found: Diff) -> dict[str, Any]:
    """Return the difference as JSON can hold it, identifiers untranslated, figures unrounded."""
    tables = {
        "changes": found.changes,
        "stock": found.stock,
        "matrix": found.matrix,
        "facts": found.facts,
    }
    ends = {"before": _end(found.before), "after": _end(found.after), "rules": found.rules}
    return handout.record_of(tables, {**reclassify.about(found), **ends})


def _end(one: Snapshot) -> dict[str, Any]:
    """Return which snapshot was compared."""
    made_on = None if one.made_on is None else one.made_on.isoformat()
    return {"on": one.on.isoformat(), "made_on": made_on, "number": one.number}


def known(one: Snapshot, lang: Lang) -> str:
    """Say on which day a snapshot was known."""
    if one.made_on is None:
        return texts.say("history.known_now", lang)
    return texts.say("history.known_made", lang, day=one.made_on, number=one.number)


def note(found: Diff) -> str:
    """Say what was compared."""
    ends = {
        name: f"{one.on} {known(one, found.lang)}"
        for name, one in (("before", found.before), ("after", found.after))
    }
    said = reclassify.said(found)
    return texts.say(
        "history.diff_note", found.lang, mark=said["mark"], place=said["place"], **ends
    )


def _sheet(
    found: Diff, name: str, table: pd.DataFrame, kinds: dict[str, str], own: str = ""
) -> handout.Sheet:
    """Return one table with what must stand above it."""
    mark = found.workspace.is_synthetic
    return handout.sheet(
        f"history.{name}", table, kinds, found.lang, note=own or note(found), mark=mark
    )


def _changes(found: Diff) -> pd.DataFrame:
    """Return the changes with words for identifiers."""
    table, lang = found.changes, found.lang
    said = {name: words(table[name], name.removesuffix("s"), lang) for name in
            ("change", "causes", "effect")}  # fmt: skip
    areas = {f"area_{n}_mu": units.mu(table[f"area_{n}_m2"]) for n in ("before", "after")}
    return table.assign(**said, **areas)


def words(cells: pd.Series, kind: str, lang: Lang) -> list[str]:
    """Return identifiers, joined or single, as people read them."""
    return [
        SEPARATOR.join(
            texts.say(f"history.{kind}_{word}", lang) for word in str(cell).split(SEPARATOR) if word
        )
        for cell in cells
    ]


def _stock(found: Diff) -> handout.Sheet:
    """Return the stock of every status that occurs, in 宗 and 亩, checked against the totals."""
    table = found.stock
    gaps = {
        unit: table[[f"gap_before_{unit}", f"gap_after_{unit}"]].abs().to_numpy().max()
        for unit in ("count", "m2")
    }
    own = texts.say(
        "history.stock_note", found.lang, count=int(gaps["count"]), area=f"{gaps['m2']:.3f}"
    )
    flows = ("before", "in", "out", "after")
    occurs = table[[f"{n}_{unit}" for n in flows for unit in ("count", "m2")]].any(axis=1)
    shown = table.assign(**{f"{name}_mu": units.mu(table[f"{name}_m2"]) for name in flows})
    return _sheet(found, "stock", shown[occurs], _STOCK, f"{note(found)} {own}")


def _facts(found: Diff) -> pd.DataFrame:
    """Return the facts that changed with words for the kind of change."""
    return found.facts.assign(cause=words(found.facts["cause"], "cause", found.lang))


def matrix(found: Diff, unit: str) -> handout.Sheet:
    """
    Return the transition matrix: a row a status before, a column a status after, and sums.

    Parameters
    ----------
    found
        The difference.
    unit
        ``count`` (宗) or ``mu`` (亩).
    """
    flows, lang = found.matrix, found.lang
    values = flows["count"] if unit == "count" else units.mu(flows["area_m2"])
    wide = flows.assign(value=values).pivot_table(
        index="from_status", columns="to_status", values="value", aggfunc="sum", fill_value=0
    )
    order = [*[status.value for status in STATE_OF], ""]
    wide = wide.reindex([s for s in order if s in wide.index])
    wide = wide[[s for s in order if s in wide.columns]]
    outside = texts.say("history.outside", lang)
    names = [label(Status(s), lang) if s else outside for s in wide.columns]
    total = texts.say("history.total", lang)
    cells = wide.set_axis(names, axis=1).assign(**{total: wide.sum(axis=1)})
    cells.loc["=sum"] = cells.sum(axis=0)
    rows = [label(Status(str(s)), lang) if s else outside for s in wide.index]
    heading = texts.say("history.from_to", lang)
    cells.insert(0, heading, pd.Series([*rows, total], index=cells.index, dtype=object))
    mark = (texts.say("handout.column_data", lang), texts.say("handout.synthetic", lang))
    return handout.Sheet(
        name=f"matrix_{unit}",
        title=texts.say(f"history.title_matrix_{unit}", lang),
        note=note(found),
        kinds={heading: "text", **dict.fromkeys([*names, total], unit)},
        cells=cells.reset_index(drop=True).replace({0: np.nan}),
        mark=mark if found.workspace.is_synthetic else None,
    )
