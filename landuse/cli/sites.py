"""The commands `landuse sites` and `landuse match`: what they ask and what they write."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pandas as pd
import pyogrio

from landuse import console, door, folder, handout, texts, units
from landuse.cli import siting
from landuse.errors import LanduseError, OutputError
from landuse.matching import needs

if TYPE_CHECKING:
    from datetime import date

    from geopandas import GeoDataFrame

    from landuse.maps import Overlay
    from landuse.matching import Wishes
    from landuse.pipeline import Report, Run
    from landuse.planning import Offer
    from landuse.texts import Lang

_MAPS = {".gpkg": "GPKG", ".geojson": "GeoJSON"}
_DEGREES = "EPSG:4490"  # GeoJSON holds longitude and latitude
_PAGE = ".html"
_FILES = "html, gpkg, geojson, csv, json, xlsx"
_WAN = {"tax_mu", "appraisal_mu", "reserve_mu"}  # given in 10,000 yuan a mu

_output = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
)
_max = click.option(
    "--max-mu",
    type=click.FloatRange(min=0, min_open=True),
)
_width = click.option(
    "--width-m",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
)


@click.command(cls=door.Command)
@console.common
@_output
@click.option(
    "--min-mu",
    type=click.FloatRange(min=0),
    default=10.0,
)
@_max
@_width
@click.option(
    "--set",
    "amounts",
    multiple=True,
)
def sites(workspace: Path, on: date, lang: Lang, output: Path | None, **asked: Any) -> None:
    """Join idle and unsupplied land into sites; say what must happen before each is supplied."""
    from landuse import planning
    from landuse.planning import cards, told

    form, shape = _form(output), siting.Shown(told.SITES, told.SITES_PRINTED)
    values = {name: tuple(numbers) for name, numbers in map(_amount, asked["amounts"])}
    choices = planning.Choices(min_width_m=asked["width_m"])
    with console.progress(lang) as report:
        run = _run(workspace, on, lang, report)
        found = planning.offer(
            run, min_mu=asked["min_mu"], max_mu=asked["max_mu"], choices=choices, parameters=values
        )
        report("sites", len(found.sites))
        raw = told.raw_sites(found)
        shown = told.sites(raw, run.tables, run.statutes, lang)
        counts = _counts(found, asked["min_mu"]) | {"width": f"{choices.min_width_m:g}"}
        answer = siting.Answer("sites", run.workspace, on, lang, shown, raw, counts)
        page = _page(run, answer, cards.offered(found, shown, lang)) if form == _PAGE else b""
    whole = found.sites if asked["max_mu"] is None else found.plots
    _give(shape, answer, form, output, page or whole)


def _counts(found: Offer, min_mu: float) -> dict[str, object]:
    """Return the figures of the sentence that sums an offer up."""
    every = found.every.sites["area_m2"]
    return {
        "count": len(found.sites), "mu": f"{units.mu(found.sites['area_m2'].sum()):,.2f}",
        "all": len(every), "all_mu": f"{units.mu(every.sum()):,.2f}",
        "min_mu": f"{min_mu:g}", "largest": f"{units.mu(every.max()):,.2f}",
        "narrow_mu": f"{units.mu(found.narrow['area_m2'].sum()):,.2f}",
    }  # fmt: skip


@click.command(cls=door.Command)
@console.common
@_output
@click.option(
    "--min-mu",
    type=click.FloatRange(min=0),
    default=5.0,
)
@_max
@_width
@click.option(
    "--need",
    "wanted",
    multiple=True,
)
@click.option(
    "--need-m",
    type=click.FloatRange(min=0),
    default=500.0,
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
)
def match(workspace: Path, on: date, lang: Lang, output: Path | None, **asked: Any) -> None:
    """Place projects on sites, and say why, what else would do, and why some have no place."""
    from landuse import planning
    from landuse.planning import cards, told

    form, shape = _form(output), siting.Shown(told.MATCH)
    wishes, before = _wishes(asked), _previous(asked["previous"])
    choices = planning.Choices(min_width_m=asked["width_m"])
    with console.progress(lang) as report:
        run = _run(workspace, on, lang, report)
        found = planning.match(
            run, min_mu=asked["min_mu"], max_mu=asked["max_mu"], choices=choices, wishes=wishes,
            previous=before,
        )  # fmt: skip
        raw, placed = told.raw_match(found), found.match.placed
        report("match", len(placed))
        counts = {
            "placed": placed["project_id"].nunique(), "unplaced": len(found.match.unplaced),
            "mu": f"{units.mu(placed['area_m2'].sum()):,.2f}",
            "proof": told.proof(found.match, lang),
        }  # fmt: skip
        shown = told.match(raw, run.tables["project"], lang)
        shown["wishes"] = told.wishes(wishes, lang)
        answer = siting.Answer("matching", run.workspace, on, lang, shown, raw, counts)
        page = _page(run, answer, cards.placed(found, shown, lang)) if form == _PAGE else b""
    _give(shape, answer, form, output, page or found.grounds)


def _run(workspace: Path, on: date, lang: Lang, report: Report) -> Run:
    """Say the day and run the workspace."""
    from landuse import pipeline

    console.say(texts.say("cli.day", lang, on=on), err=True)
    return pipeline.run(workspace, on=on, lang=lang, report=report)


def _page(run: Run, answer: siting.Answer, layers: list[Overlay]) -> bytes:
    """Return the parcels of the run under the layers, as a page of its own."""
    from landuse import maps

    lang = answer.lang
    scene = replace(maps.Scene.of(run, lang), overlays=layers)
    title = texts.say(f"{answer.section}.title_map", lang)
    asked = maps.Spec(
        answer.section, title=title, title_en=title, note=siting.note(answer), layers=("site",)
    )
    return maps.figure(scene, asked, lang=lang).html().encode("utf-8")


def _amount(text: str) -> tuple[str, list[float]]:
    """Read ``PARAMETER=VALUE`` or ``=LOW,MIDDLE,HIGH``, money in yuan."""
    name, _, given = (part.strip() for part in text.partition("="))
    scale = units.FACTORS["wan_yuan"] if name in _WAN else 1.0
    return name, [_number(value, text) * scale for value in given.split(",")]


def _number(value: str, text: str) -> float:
    """Read a number of an option."""
    try:
        return float(value)
    except ValueError as err:
        raise LanduseError("asked.bad_number", given=text) from err


def _wishes(asked: dict[str, Any]) -> Wishes:
    """Return limits and weights as the command line gives them."""
    from landuse.matching import REASONS, Wishes

    everyone: dict[str, float] = {}
    own: dict[str, dict[str, float]] = {}
    for text in asked["wanted"]:
        name, _, metres = (part.strip() for part in text.rpartition("="))
        project, _, word = name.rpartition(":")
        kind = needs.kind_of(word) or word
        target = own.setdefault(project, {}) if project else everyone
        target[kind] = _number(metres, text)
    weights = dict(Wishes().weights)
    for text in asked["weights"]:
        name, _, weight = (part.strip() for part in text.partition("="))
        if name not in REASONS:
            raise LanduseError("asked.bad_number", given=text)
        weights[name] = _number(weight, text)
    return Wishes(weights=weights, network_m=everyone, needs=own, need_m=asked["need_m"])


def _previous(path: Path | None) -> pd.DataFrame | None:
    """Return the placements of an earlier match; None where there is none."""
    if path is None:
        return None
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))["placed"]
        return pd.DataFrame(
            [(str(row["project_id"]), str(row["site_id"])) for row in rows],
            columns=["project_id", "site_id"],
        )
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise LanduseError("asked.bad_previous", path=path) from err


def _form(output: Path | None) -> str | None:
    """Return the format a file name tells; the suffix itself for a map file."""
    suffix = output.suffix.lower() if output is not None else ""
    if suffix in {*_MAPS, _PAGE}:
        return suffix
    if suffix and suffix.removeprefix(".") not in handout.FORMATS:
        raise OutputError("output.which_ending", path=output, files=_FILES)
    return handout.chosen(None, output)


def _give(
    shape: siting.Shown,
    answer: siting.Answer,
    form: str | None,
    output: Path | None,
    made: GeoDataFrame | bytes,
) -> None:
    """Print an answer, or write it as tables, a page or a map file, and say it in one sentence."""
    if output is None or form not in {*_MAPS, _PAGE}:
        console.hand_out(shape, answer, form, output)
        return
    if isinstance(made, bytes):
        handout.place(output, made)
    else:
        _write_map(output, made, form, answer)
    console.say(texts.say("handout.written", answer.lang, path=output), err=True)
    console.say(shape.summary(answer), err=True)


def _write_map(output: Path, table: GeoDataFrame, form: str, answer: siting.Answer) -> None:
    """Write a map file in one step; it carries the day asked for instead of the time of writing."""
    shown = table if form == ".gpkg" else table.to_crs(_DEGREES)
    day = f"{answer.on.isoformat()}T00:00:00.000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": day})
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with folder.growing(output.parent, f".{output.name}.growing-") as beside:
            growing = beside / output.name
            pyogrio.write_dataframe(
                shown,
                growing,
                layer=answer.section,
                driver=_MAPS[form],
                geometry_type="MultiPolygon",
                promote_to_multi=True,
            )
            growing.replace(output)
    except (OSError, pyogrio.errors.DataSourceError) as err:
        raise OutputError("output.cannot_replace", path=output, reason=err) from err
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
