"""What imagery says as people read it: the visit list, the evidence, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import fieldwork, handout, reclassify, texts, units
from landuse.imagery import measures
from landuse.imagery.observing import FEWEST_PIXELS
from landuse.terms import Agreement, Seen, Status, label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landuse.fieldwork import Observation

_VISITS = {
    "rank": "count", "case_id": "text", "right_holder": "text", "cluster_name": "text",
    "area_mu": "mu", "status": "text", "grade": "text", "sentence": "long", "decides": "long",
    "fee_if_cny": "yuan", "found": "text", "visited_by": "text", "visited_on": "text",
}  # fmt: skip
_EVIDENCE = {
    "case_id": "text", "kind": "text", "seen": "text", "confidence": "text", "papers": "text",
    "grade": "text", "since": "day", "on": "day", "whole_pixels": "count", "seen_share": "text",
    "ndvi": "text", "ndbi": "text", "bsi": "text", "brightness": "text", "built_share": "text",
    "change": "text", "limit": "text", "map_on": "day", "map_built_share": "text",
    "sentence": "long",
}  # fmt: skip
_BASIS = {"on": "day", "scene": "text", "what": "text", "value": "long"}
_PRINTED = (
    "rank", "case_id", "cluster_name", "area_mu", "status", "grade", "sentence", "decides",
)  # fmt: skip


def sheets(found: Observation) -> list[handout.Sheet]:
    """Return visit list, evidence, and scenes with their thresholds."""
    tables = {
        "visits": (_visits(found), _VISITS),
        "evidence": (_evidence(found), _EVIDENCE),
        "basis": (_basis(found), _BASIS),
    }
    return [_sheet(found, name, *table) for name, table in tables.items()]


def printed(found: Observation) -> list[handout.Sheet]:
    """Return what a terminal has room for: fewer columns of the list, and the thresholds."""
    few = {column: _VISITS[column] for column in _PRINTED}
    shown = [("visits", _visits(found).head(30), few), ("basis", _basis(found), _BASIS)]
    return [_sheet(found, name, table, kinds) for name, table, kinds in shown]


def record(found: Observation) -> dict[str, Any]:
    """Return list, evidence and the files they rest on as JSON holds them, untranslated."""
    about = reclassify.about(found) | fieldwork.summary(found)
    tables = {
        "visits": found.visits,
        "evidence": found.evidence,
        "limits": found.limits,
        "inputs": found.inputs,
    }
    return handout.record_of(tables, about)


def summary(found: Observation) -> str:
    """Return the whole in one sentence."""
    return texts.say("imagery.summary", found.lang, **fieldwork.summary(found))


def _sheet(
    found: Observation, name: str, table: pd.DataFrame, kinds: dict[str, str]
) -> handout.Sheet:
    """Return one table with what must stand above it."""
    note = texts.say("imagery.note", found.lang, **reclassify.said(found))
    mark = found.workspace.is_synthetic
    return handout.sheet(f"imagery.{name}", table, kinds, found.lang, note=note, mark=mark)


def _visits(found: Observation) -> pd.DataFrame:
    """Return the visit list in words, with columns left open for who goes."""
    table, lang = found.visits, found.lang
    return table.assign(
        area_mu=units.mu(table["area_m2"]),
        status=[label(Status(status), lang) for status in table["status"]],
        grade=[label(Agreement(grade), lang) for grade in table["grade"]],
        found="", visited_by="", visited_on="",
    )  # fmt: skip


def _evidence(found: Observation) -> pd.DataFrame:
    """Return the evidence in words."""
    table, lang = found.evidence, found.lang
    figures = {name: _with_error(table, name) for name in measures.INDICES}
    return table.assign(
        kind=[texts.say(f"imagery.kind_{kind}", lang) for kind in table["kind"]],
        seen=[label(Seen(seen), lang) for seen in table["seen"]],
        grade=[label(Agreement(grade), lang) for grade in table["grade"]],
        papers=[texts.say(f"imagery.papers_{papers}", lang) for papers in table["papers"]],
        confidence=_percent(table["confidence"]),
        seen_share=_percent(table["seen_share"]),
        built_share=_shares_with_error(table),
        map_built_share=_percent(table["map_built_share"]),
        change=_number(table["change"]),
        limit=_number(table["limit"]),
        **figures,
    )


def _basis(found: Observation) -> pd.DataFrame:
    """Return scenes, thresholds and how they came about, one fact a row."""
    rows = [*_scenes(found), *_thresholds(found), *_changes(found)]
    table = pd.DataFrame(rows, columns=list(_BASIS))
    return table.assign(on=pd.to_datetime(table["on"]))


def _scenes(found: Observation) -> Iterable[tuple[Any, str, str, str]]:
    """Yield what each scene is."""
    lang = found.lang
    for scene in found.scenes:
        bands = ", ".join(scene.bands)
        size = f"{scene.grid.pixel_m:.1f} m"
        yield scene.observed_on, scene.title, texts.say("imagery.basis_bands", lang), bands
        yield scene.observed_on, scene.title, texts.say("imagery.basis_pixel", lang), size
        if scene.narrowed(lang):
            narrowed = texts.say("imagery.basis_narrowed", lang)
            yield scene.observed_on, scene.title, narrowed, scene.narrowed(lang)
    said = texts.say(
        "imagery.rules", lang, inner=f"{found.observed.inner_m:.1f}", fewest=FEWEST_PIXELS
    )
    yield pd.NaT, "", texts.say("imagery.basis_rules", lang), said


def _thresholds(found: Observation) -> Iterable[tuple[Any, str, str, str]]:
    """Yield the thresholds of each date."""
    lang = found.lang
    for on, fit in found.observed.fits.items():
        own = texts.say(f"imagery.ndvi_{'own' if fit.is_own else 'general'}", lang)
        yield on, "", texts.say("imagery.basis_ndvi", lang), f"{fit.ndvi:.3f} ({own})"
        count = {"completed": fit.completed, "unsupplied": fit.unsupplied}
        told = texts.say("imagery.basis_built", lang)
        if fit.line is None:
            yield on, "", told, texts.say("imagery.unlearned", lang, **count)
            continue
        line = " ".join(
            f"{weight:+.3f}×{name}"
            for name, weight in zip(fit.line.names, fit.line.weights, strict=True)
        )
        said = {"line": line, "cut": f"{fit.line.cut:.3f}", "share": f"{fit.share:.1%}"}
        worth = {"accuracy": f"{fit.accuracy:.1%}", "spread": f"{fit.spread:.1%}"}
        yield on, "", told, texts.say("imagery.learned", lang, **count, **said, **worth)


def _changes(found: Observation) -> Iterable[tuple[Any, str, str, str]]:
    """Yield from when a parcel counts as changed, and how dates were brought to one light."""
    lang = found.lang
    told = texts.say("imagery.basis_change", lang)
    for row in found.limits.itertuples():
        basis = texts.say(f"imagery.limit_{row.basis}", lang, parcels=row.parcels)
        yield row.since, "", told, f"{row.limit:.3f} ({basis})"
    for on, relation in found.observed.relations.items():
        if relation is None:
            yield on, "", told, texts.say("imagery.not_comparable", lang)
            continue
        lines = "; ".join(
            f"{band}: ×{gain:.4f} {shift:+.4f}"
            for band, gain, shift in zip(relation.bands, relation.gain, relation.shift, strict=True)
        )
        yield on, "", texts.say("imagery.basis_light", lang), lines


def _percent(values: pd.Series) -> list[str]:
    """Return shares as text."""
    return ["" if pd.isna(value) else f"{value:.0%}" for value in values]


def _number(values: pd.Series) -> list[str]:
    """Return scores as text."""
    return ["" if pd.isna(value) else f"{value:.2f}" for value in values]


def _with_error(table: pd.DataFrame, name: str) -> list[str]:
    """Return an index with its standard error."""
    both = zip(table[name], table[f"{name}_se"], strict=True)
    return ["" if pd.isna(value) else f"{value:.3f}±{error:.3f}" for value, error in both]


def _shares_with_error(table: pd.DataFrame) -> list[str]:
    """Return the share of built pixels with its error."""
    both = zip(table["built_share"], table["built_share_se"], strict=True)
    return ["" if pd.isna(value) else f"{value:.0%}±{error:.0%}" for value, error in both]
