"""A trial of another law as people read it: sheets, one sentence, and the record JSON holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landuse import handout, reclassify, texts, units

if TYPE_CHECKING:
    import pandas as pd

    from landuse.trial import WhatIf

_MOVES = {
    "case_id": "text", "from_status": "status", "to_status": "status", "rules": "text",
    "effect": "text", "area_m2": "m2", "area_mu": "mu", "fee_before_cny": "yuan",
    "fee_after_cny": "yuan", "fee_change_cny": "yuan", "fee_note": "text", "fee_rules": "text",
    "fee_effect": "text", "cluster_name": "text", "park_name": "text", "right_holder": "text",
    "project_name": "text",
}  # fmt: skip
_TOTALS = {
    "place": "text", "place_name": "text", "status": "status", "before_count": "count",
    "in_count": "count", "out_count": "count", "after_count": "count", "before_m2": "m2",
    "in_m2": "m2", "out_m2": "m2", "after_m2": "m2", "before_fee_cny": "yuan",
    "after_fee_cny": "yuan", "before_fee_unknown": "count", "after_fee_unknown": "count",
}  # fmt: skip
_RULES = {
    "key": "text", "label": "text", "before": "text", "after": "text", "is_used": "text",
    "moved_alone": "count", "citation_before": "text", "citation_after": "text",
}  # fmt: skip
_PRINTED = {
    "rules": ("key", "before", "after", "is_used", "moved_alone"),
    "moves": (
        "case_id", "from_status", "to_status", "rules", "effect", "area_mu", "fee_change_cny",
        "fee_note", "fee_rules", "cluster_name",
    ),
    "totals": (
        "status", "before_count", "in_count", "out_count", "after_count", "before_m2",
        "after_m2", "before_fee_cny", "after_fee_cny", "after_fee_unknown",
    ),
}  # fmt: skip


def sheets(found: WhatIf) -> list[handout.Sheet]:
    """Return all three tables: cases that move, totals before and after, rules that differ."""
    kinds = {"moves": _MOVES, "totals": _TOTALS, "rules": _RULES}
    return [_sheet(found, name, _tables(found)[name], kinds[name]) for name in kinds]


def printed(found: WhatIf) -> list[handout.Sheet]:
    """Return what a terminal has room for: fewer columns, totals of the city."""
    every = {**_MOVES, **_TOTALS, **_RULES}
    tables = _tables(found)
    totals = tables["totals"]
    tables["totals"] = totals[totals["place"] == texts.say("forecast.place_city", found.lang)]
    return [
        _sheet(found, name, tables[name], {column: every[column] for column in columns})
        for name, columns in _PRINTED.items()
    ]


def summary(found: WhatIf) -> str:
    """Return the whole in one sentence."""
    moves = found.moves
    moved = int((moves["from_status"] != moves["to_status"]).sum())
    return texts.say(
        "whatif.summary",
        found.lang,
        count=len(moves),
        mu=f"{units.mu(moves['area_m2'].sum()):,.2f}",
        moved=moved,
        fee=len(moves) - moved,
    )


def record(found: WhatIf) -> dict[str, Any]:
    """Return the trial as JSON can hold it, identifiers untranslated, figures unrounded."""
    tables = {"rules": found.rules, "moves": found.moves, "totals": found.totals}
    about = {**reclassify.about(found), "remembered": _remembered(found)}
    return handout.record_of(tables, about)


def _remembered(found: WhatIf) -> list[str]:
    """Return the remembered law that the statuses of moved cases lean on."""
    return reclassify.remembered(found, {*found.moves["from_status"], *found.moves["to_status"]})


def _sheet(found: WhatIf, name: str, table: pd.DataFrame, kinds: dict[str, str]) -> handout.Sheet:
    """Return one table with what must stand above it."""
    note = texts.say("whatif.note", found.lang, **reclassify.said(found))
    note = reclassify.with_remembered(note, _remembered(found), found.lang)
    mark = found.workspace.is_synthetic
    return handout.sheet(f"whatif.{name}", table, kinds, found.lang, note=note, mark=mark)


def _tables(found: WhatIf) -> dict[str, pd.DataFrame]:
    """Return the tables with the columns people read beside those that are stored."""
    moves, lang = found.moves, found.lang
    effects = {
        "": "",
        **{n: texts.say(f"whatif.effect_{n}", lang) for n in ("alone", "each", "together")},
    }
    unknown = moves["is_fee_unknown_before"] | moves["is_fee_unknown_after"]
    said = texts.say("forecast.fee_unknown", lang)
    answers = {True: texts.say("whatif.yes", lang), False: texts.say("whatif.no", lang)}
    return {
        "moves": moves.assign(
            area_mu=units.mu(moves["area_m2"]),
            effect=moves["effect"].map(effects),
            fee_effect=moves["fee_effect"].map(effects),
            fee_note=unknown.map({True: said, False: ""}),
        ),
        "totals": reclassify.places_shown(found.totals, lang),
        "rules": found.rules.assign(is_used=found.rules["is_used"].map(answers)),
    }
