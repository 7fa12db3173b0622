"""The commands `landuse sites` and `landuse match`: what they ask, show and write."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pyogrio

from landuse import console, handout, reclassify, texts, units
from landuse.errors import OutputError
from landuse.terms import State, Status, label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pandas as pd
    from geopandas import GeoDataFrame

    from landuse.layers import Workspace
    from landuse.texts import Lang

_MAPS = {".gpkg": "GPKG", ".geojson": "GeoJSON"}
_DEGREES = "EPSG:4490"  # GeoJSON holds longitude and latitude
_FILES = "gpkg, geojson, csv, json, xlsx"

_KINDS: dict[str, dict[str, str]] = {
    "sites": {
        "site_id": "text", "cluster_name": "text", "park_name": "text", "use": "text",
        "path": "text", "area_mu": "mu", "core_mu": "mu", "piece_count": "count", "long_m": "m2",
        "short_m": "m2", "compactness": "m2", "frontage_m": "m2", "networks": "text",
        "statuses": "text", "holders": "text", "seized_count": "count", "mortgaged_count": "count",
        "must": "text", "earliest_on": "day", "area_m2": "m2",
    },
    "members": {
        "site_id": "text", "piece_id": "text", "case_id": "text", "status": "text",
        "right_holder": "text", "area_m2": "m2", "area_mu": "mu",
    },
    "terms": {
        "site_id": "text", "mode": "text", "fits": "text", "grant_years": "count",
        "lease_years": "count", "reason": "text", "articles": "text",
    },
    "functions": {
        "place": "text", "place_name": "text", "function": "text", "area_mu": "mu", "share": "m2",
        "idle_mu": "mu", "idle_share": "m2", "road_km_per_km2": "m2", "covered_share": "m2",
    },
    "parks": {
        "park_name": "text", "theme": "text", "declared_name": "text", "host_name": "text",
        "relation": "text", "inside_share": "m2", "area_mu": "mu",
        **{state.value: "mu" for state in State},
    },
}  # fmt: skip
_PRINTED = (
    "site_id", "cluster_name", "use", "path", "area_mu", "core_mu", "long_m", "short_m",
    "frontage_m", "must", "earliest_on",
)  # fmt: skip
_MATCH_KINDS: dict[str, dict[str, str]] = {
    "placed": {
        "project_id": "text", "project_name": "text", "site_id": "text", "area_mu": "mu",
        "share_of_site": "m2", "score": "m2", "industry": "m2", "theme": "m2", "fit": "m2",
        "road": "m2", "compact": "m2", "ready": "m2",
    },
    "unplaced": {
        "project_id": "text", "project_name": "text", "need_mu": "mu", "cause": "text",
        "cluster": "count", "use": "count", "theme": "count", "day": "count", "network": "count",
        "area": "count",
    },
    "alternatives": {
        "project_id": "text", "rank": "count", "site_id": "text", "score": "m2", "is_free": "text",
    },
    "left": {"site_id": "text", "area_mu": "mu", "taken_mu": "mu", "left_mu": "mu"},
}  # fmt: skip


@dataclass(frozen=True)
class _Answer:
    """Tables as people read them, those of programs, and what is said about them."""

    section: str
    workspace: Workspace
    on: date
    lang: Lang
    shown: dict[str, pd.DataFrame]
    raw: dict[str, pd.DataFrame]
    counts: dict[str, Any]


class _Shown:
    """How an answer of either command is shown."""

    def __init__(self, kinds: dict[str, dict[str, str]], first: tuple[str, ...]) -> None:
        self._kinds, self._first = kinds, first

    def sheets(self, found: _Answer) -> list[handout.Sheet]:
        """Return every table."""
        return [self._sheet(found, name, kinds) for name, kinds in self._kinds.items()]

    def printed(self, found: _Answer) -> Sequence[handout.Sheet]:
        """Return what a terminal has room for."""
        name, kinds = next(iter(self._kinds.items()))
        chosen = {column: kinds[column] for column in self._first or kinds}
        rest = list(self._kinds)[1:2] if not self._first else []
        more = [self._sheet(found, other, self._kinds[other]) for other in rest]
        return [self._sheet(found, name, chosen), *more]

    def record(self, found: _Answer) -> dict[str, Any]:
        """Return the tables as JSON, identifiers untranslated, figures unrounded."""
        return handout.record_of(found.raw, reclassify.about(found))

    def summary(self, found: _Answer) -> str:
        """Return the whole in one sentence."""
        return texts.say(f"{found.section}.summary", found.lang, **found.counts)

    def _sheet(self, found: _Answer, name: str, kinds: dict[str, str]) -> handout.Sheet:
        """Return one table with what must stand above it."""
        note = texts.say(f"{found.section}.note", found.lang, **reclassify.said(found))
        mark = found.workspace.is_synthetic
        section = f"{found.section}.{name}"
        return handout.sheet(section, found.shown[name], kinds, found.lang, note=note, mark=mark)


_output = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; its name tells the format. Without it the table is printed.",
)


@click.command()
@console.common
@_output
@click.option("--min-mu", type=click.FloatRange(min=0), default=10.0, show_default=True,
              help="Least area of a site in mu.")  # fmt: skip
@click.option("--max-mu", type=click.FloatRange(min=0, min_open=True),
              help="In a map file, cut sites larger than this into equal parts.")  # fmt: skip
def sites(
    workspace: Path, on: date, lang: Lang, output: Path | None, min_mu: float, max_mu: float | None
) -> None:
    """
    Join idle and unsupplied land into sites, and say what must happen before each can be supplied.

    Example: landuse sites --on 2018-06-30 --min-mu 10 --output sites.gpkg .
    """
    from landuse import pipeline
    from landuse import sites as act
    from landuse.sites.cores import cores
    from landuse.sites.functions import functions, parks
    from landuse.sites.terms import terms

    form = _form(output, lang, _MAPS)
    click.echo(texts.say("cli.day", lang, on=on), err=True)
    run = pipeline.run(workspace, on=on, lang=lang)
    whole = act.joined(run.pieces, run.cases, run.tables, on=on)
    found = act.at_least(whole, min_mu)
    if output is not None and form in _MAPS:
        table = found.sites if max_mu is None else act.split(found.sites, max_mu)
        _write_map(output, table, form, on, lang)
        click.echo(texts.say("handout.written", lang, path=output), err=True)
    raw = {
        "sites": found.sites.drop(columns="geometry"),
        "members": found.members,
        "terms": terms(found.sites, run.statutes),
        "functions": functions(run.tables, whole.sites),
        "parks": parks(run.tables, run.pieces),
        "networks": found.networks,
    }
    wide = cores(found.sites, run.tables, min_mu=0.0)
    largest = wide.groupby("site_id")["area_m2"].max().reindex(raw["sites"]["site_id"]).fillna(0.0)
    raw["sites"]["core_m2"] = largest.to_numpy(dtype=float)
    counts = {
        "count": len(found.sites), "mu": f"{units.mu(found.sites['area_m2'].sum()):,.2f}",
        "all": len(whole.sites), "all_mu": f"{units.mu(whole.sites['area_m2'].sum()):,.2f}",
    }  # fmt: skip
    shown = _sites_shown(raw, run.tables, lang)
    answer = _Answer("sites", run.workspace, on, lang, shown, raw, counts)
    shape = _Shown(_KINDS, _PRINTED)
    if form in _MAPS:
        click.echo(shape.summary(answer), err=True)
    else:
        console.hand_out(shape, answer, form, output)


@click.command()
@console.common
@_output
@click.option("--min-mu", type=click.FloatRange(min=0), default=5.0, show_default=True,
              help="Least area in mu of a plot that is offered.")  # fmt: skip
def match(workspace: Path, on: date, lang: Lang, output: Path | None, min_mu: float) -> None:
    """
    Place projects on sites, and say why, what else would do, and why some have no place.

    Example: landuse match --on 2018-06-30 --output match.xlsx .
    """
    from landuse import matching, pipeline
    from landuse import sites as act
    from landuse.sites import measures
    from landuse.sites.cores import cores

    form = _form(output, lang, {})
    click.echo(texts.say("cli.day", lang, on=on), err=True)
    run = pipeline.run(workspace, on=on, lang=lang)
    joined = act.joined(run.pieces, run.cases, run.tables, on=on)
    plots = cores(joined.sites, run.tables, min_mu=min_mu)
    plots = plots.drop(columns="site_id").rename(columns={"core_id": "site_id"})
    projects = run.tables["project"]
    far = measures.distances(plots, run.tables["network"])
    found = matching.assigned(projects, plots, run.tables, networks=far)
    raw = {
        "placed": found.placed, "unplaced": found.unplaced,
        "alternatives": found.alternatives, "left": found.left,
    }  # fmt: skip
    counts = {
        "placed": found.placed["project_id"].nunique(), "unplaced": len(found.unplaced),
        "mu": f"{units.mu(found.placed['area_m2'].sum()):,.2f}",
    }  # fmt: skip
    shown = _match_shown(raw, projects, lang)
    answer = _Answer("matching", run.workspace, on, lang, shown, raw, counts)
    console.hand_out(_Shown(_MATCH_KINDS, ()), answer, form, output)


def _form(output: Path | None, lang: Lang, maps: dict[str, str]) -> str | None:
    """Return the format a file name tells; the suffix itself for a map file."""
    suffix = output.suffix.lower() if output is not None else ""
    if suffix in maps:
        return suffix
    if maps and suffix and suffix.removeprefix(".") not in handout.FORMATS:
        raise OutputError(texts.say("sites.which_format", lang, path=output, files=_FILES))
    return handout.chosen(None, output, lang)


def _write_map(output: Path, table: GeoDataFrame, form: str, on: date, lang: Lang) -> None:
    """Write a map file in one step; it carries the day asked for instead of the time of writing."""
    shown = table if form == ".gpkg" else table.to_crs(_DEGREES)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{on.isoformat()}T00:00:00.000Z"})
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=output.parent) as folder:
            growing = Path(folder) / output.name
            pyogrio.write_dataframe(
                shown, growing, layer="sites", driver=_MAPS[form],
                geometry_type="MultiPolygon", promote_to_multi=True,
            )  # fmt: skip
            growing.replace(output)
    except (OSError, pyogrio.errors.DataSourceError) as err:
        raise OutputError(texts.say("handout.cannot", lang, path=output, reason=err)) from err
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _words(values: pd.Series, section: str, lang: Lang) -> list[str]:
    """Return keys, or several joined by +, as words."""
    return [
        "、".join(texts.say(f"{section}_{key}", lang) for key in str(value).split("+") if key)
        for value in values.fillna("")
    ]


def _statuses(values: pd.Series, lang: Lang) -> list[str]:
    """Return statuses, or several joined by +, as their labels."""
    return ["、".join(label(Status(v), lang) for v in value.split("+") if v) for value in values]


def _names(tables: dict[str, pd.DataFrame], place: str) -> dict[str, str]:
    """Return the name of each cluster or park."""
    rows = tables[place][[f"{place}_id", f"{place}_name"]].dropna()
    return dict(rows.itertuples(index=False, name=None))


def _sites_shown(
    raw: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame], lang: Lang
) -> dict[str, pd.DataFrame]:
    """Return the tables of `landuse sites` as people read them."""
    clusters, parks = _names(tables, "cluster"), _names(tables, "park")
    table, member, term, function, park = (
        raw[name] for name in ("sites", "members", "terms", "functions", "parks")
    )
    near = {
        name: "；".join(f"{row.kind} {row.distance_m:,.0f} m" for row in own.itertuples())
        for name, own in raw["networks"].groupby("site_id")
    }
    yes = {True: texts.say("sites.yes", lang), False: texts.say("sites.no", lang)}
    return {
        "sites": table.assign(
            cluster_name=table["cluster_id"].map(clusters),
            park_name=table["park_id"].map(parks),
            use=_words(table["use"], "sites.function", lang),
            path=_words(table["path"], "sites.path", lang),
            must=_words(table["must"], "sites.must", lang),
            statuses=_statuses(table["statuses"], lang),
            networks=table["site_id"].map(near),
            area_mu=units.mu(table["area_m2"]),
            core_mu=units.mu(table["core_m2"]),
        ),
        "members": member.assign(
            status=_statuses(member["status"], lang), area_mu=units.mu(member["area_m2"])
        ),
        "terms": term.assign(
            mode=_words(term["mode"], "sites.mode", lang),
            reason=_words(term["reason"], "sites.reason", lang),
            fits=[texts.say("sites.unknown", lang) if f is None else yes[bool(f)]
                  for f in term["fits"].astype(object).where(term["fits"].notna(), None)],
        ),
        "functions": function.assign(
            place_name=function["place_id"].map({**clusters, **parks}),
            place=_words(function["place"], "sites.place", lang),
            function=_words(function["function"], "sites.function", lang),
            area_mu=units.mu(function["area_m2"]),
            idle_mu=units.mu(function["idle_m2"]),
        ),
        "parks": park.assign(
            park_name=park["park_id"].map(parks),
            declared_name=park["declared_cluster"].map(clusters),
            host_name=park["host_cluster"].map(clusters),
            relation=_words(park["relation"], "sites.relation", lang),
            area_mu=units.mu(park["area_m2"]),
            **{s.value: units.mu(park[s.value]) for s in State},
        ),
    }  # fmt: skip


def _match_shown(
    raw: dict[str, pd.DataFrame], projects: pd.DataFrame, lang: Lang
) -> dict[str, pd.DataFrame]:
    """Return the tables of `landuse match` as people read them."""
    known = projects.drop_duplicates("project_id").set_index("project_id")
    yes = {True: texts.say("sites.yes", lang), False: texts.say("sites.no", lang)}
    named = {
        name: table.assign(project_name=table["project_id"].map(known["project_name"]))
        for name, table in raw.items()
        if name != "left"
    }
    left = raw["left"]
    return {
        "placed": named["placed"].assign(area_mu=units.mu(raw["placed"]["area_m2"])),
        "unplaced": named["unplaced"].assign(
            need_mu=units.mu(raw["unplaced"]["project_id"].map(known["area_needed"])),
            cause=_words(raw["unplaced"]["cause"], "matching.cause", lang),
        ),
        "alternatives": named["alternatives"].assign(
            is_free=raw["alternatives"]["is_free"].map(yes)
        ),
        "left": left.assign(
            area_mu=units.mu(left["area_m2"]),
            taken_mu=units.mu(left["taken_m2"]),
            left_mu=units.mu(left["left_m2"]),
        ),
    }
