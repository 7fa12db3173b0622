"""A forecast as people read it: sheets with headings and labels, and the record JSON holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landuse import handout, reclassify, texts, units

if TYPE_CHECKING:
    import pandas as pd

    from landuse.outlook import Forecast

_CROSSINGS = {
    "day": "day", "case_id": "text", "from_status": "status", "to_status": "status",
    "area_m2": "m2", "area_mu": "mu", "fee_cny": "yuan", "fee_note": "text",
    "certainty": "text", "cluster_name": "text", "park_name": "text", "right_holder": "text",
    "project_name": "text", "lead": "text",
}  # fmt: skip
_MONTHS = {
    "month": "text", "first_day": "day", "last_day": "day", "place": "text", "place_name": "text",
    "status": "status", "start_count": "count", "in_count": "count", "out_count": "count",
    "end_count": "count", "start_m2": "m2", "in_m2": "m2", "out_m2": "m2", "end_m2": "m2",
    "end_mu": "mu", "in_fee_cny": "yuan", "in_fee_unknown": "count", "unsettled_count": "count",
}  # fmt: skip
_UNSETTLED = {
    "case_id": "text", "status": "status", "earliest_on": "day", "earliest_status": "status",
    "area_m2": "m2", "area_mu": "mu", "cluster_name": "text", "park_name": "text",
    "right_holder": "text", "project_name": "text", "lead": "text",
}  # fmt: skip
_PRINTED = {
    "crossings": (
        "day", "case_id", "from_status", "to_status", "area_mu", "fee_cny", "fee_note",
        "certainty", "cluster_name", "lead",
    ),
    "months": (
        "month", "status", "start_count", "in_count", "out_count", "end_count", "in_mu",
        "in_fee_cny", "in_fee_unknown",
    ),
    "unsettled": (
        "case_id", "status", "earliest_on", "earliest_status", "area_mu", "cluster_name", "lead",
    ),
}  # fmt: skip


def sheets(found: Forecast) -> list[handout.Sheet]:
    """Return all three tables: crossings, months, and cases that hang on open pauses."""
    kinds = {"crossings": _CROSSINGS, "months": _MONTHS, "unsettled": _UNSETTLED}
    return [_sheet(found, name, _tables(found)[name], kinds[name]) for name in kinds]


def printed(found: Forecast) -> list[handout.Sheet]:
    """Return what a terminal has room for: fewer columns, months of the city that move."""
    every = {**_CROSSINGS, **_MONTHS, **_UNSETTLED, "in_mu": "mu"}
    tables = _tables(found)
    months = tables["months"]
    moving = (months["in_count"] > 0) | (months["out_count"] > 0)
    is_city = months["place"] == texts.say("forecast.place_city", found.lang)
    tables["months"] = months[is_city & moving]
    return [
        _sheet(found, name, tables[name], {column: every[column] for column in columns})
        for name, columns in _PRINTED.items()
    ]


def summary(found: Forecast) -> str:
    """Return the whole in one sentence."""
    table = found.crossings
    return texts.say(
        "forecast.summary",
        found.lang,
        count=len(table),
        fee=f"{table['fee_cny'].sum():,.2f}",
        unknown=int(table["is_fee_unknown"].sum()),
        unsettled=len(found.unsettled),
    )


def record(found: Forecast) -> dict[str, Any]:
    """Return the forecast as JSON can hold it, identifiers untranslated, figures unrounded."""
    tables = {
        "crossings": found.crossings, "months": found.months, "unsettled": found.unsettled,
    }  # fmt: skip
    about = {
        **reclassify.about(found),
        "until": found.until.isoformat(),
        "remembered": _remembered(found),
    }
    return handout.record_of(tables, about)


def _remembered(found: Forecast) -> list[str]:
    """Return the remembered law that the lines crossed lean on."""
    shown = {*found.crossings["to_status"], *found.unsettled["status"]}
    return reclassify.remembered(found, shown, found.until)


def _sheet(found: Forecast, name: str, table: pd.DataFrame, kinds: dict[str, str]) -> handout.Sheet:
    """Return one table with what must stand above it."""
    note = texts.say(
        "forecast.note",
        found.lang,
        **reclassify.said(found),
        until=found.until.isoformat(),
    )
    if name == "unsettled":
        note = texts.say("forecast.note_unsettled", found.lang, note=note)
    note = reclassify.with_remembered(note, _remembered(found), found.lang)
    mark = found.workspace.is_synthetic
    return handout.sheet(f"forecast.{name}", table, kinds, found.lang, note=note, mark=mark)


def _tables(found: Forecast) -> dict[str, pd.DataFrame]:
    """Return the tables with the columns people read beside those that are stored."""
    crossings, months, lang = found.crossings, found.months, found.lang
    unknown, uncertain = (texts.say(f"forecast.{k}", lang) for k in ("fee_unknown", "uncertain"))
    return {
        "crossings": crossings.assign(
            area_mu=units.mu(crossings["area_m2"]),
            fee_note=crossings["is_fee_unknown"].map({True: unknown, False: ""}),
            certainty=crossings["is_certain"].map({True: "", False: uncertain}),
        ),
        "months": reclassify.places_shown(months, lang).assign(
            end_mu=units.mu(months["end_m2"]), in_mu=units.mu(months["in_m2"])
        ),
        "unsettled": found.unsettled.assign(area_mu=units.mu(found.unsettled["area_m2"])),
    }
