"""Sites and placements as one self-contained map: over the parcels, each with a card."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from landuse import handout, maps, texts
from landuse.cli import siting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.cli.siting import Answer
    from landuse.pipeline import Run
    from landuse.planning import Offer, Placement

_SITE = (
    "area_mu", "core_mu", "long_m", "short_m", "frontage_m", "networks", "use", "path", "must",
    "earliest_on", "statuses", "holders",
)  # fmt: skip
_PLOT = ("site_id", "area_mu", "long_m", "short_m", "frontage_m", "road_m")
_PLACED = ("project_id", "site_id", "area_mu", "share_of_site", "long_m", "short_m", "score")
_COLORS = {"sites": "#005F73", "plots": "#5A189A", "placed": "#B00020"}


def sites(run: Run, found: Offer, answer: Answer) -> bytes:
    """
    Return the map of sites and the plots in them.

    Parameters
    ----------
    run
        The run the sites are of; its parcels lie below.
    found
        The sites, in metres of the workspace's system.
    answer
        Their tables as people read them, row by row those of `found`.

    Returns
    -------
    page
        HTML in UTF-8. A site's card says area, shape, roads and networks, what must happen first,
        the earliest day, the terms that fit and the money from low to high.

    Raises
    ------
    MapError, AssetError
        If the page cannot be made.
    CrsError
        If shapes cannot be brought to longitude and latitude.
    """
    about = _lines(answer, siting.SITES, "sites", _SITE)
    more = _terms(answer), _money(answer)
    ids = answer.shown["sites"]["site_id"]
    about = [
        "\n".join([text, *(kind[site] for kind in more if site in kind)])
        for site, text in zip(ids, about, strict=True)
    ]
    plots = _lines(answer, siting.SITES, "plots", _PLOT)
    layers = [
        _layer(answer, "sites", ids, about, found.sites.geometry),
        _layer(answer, "plots", answer.shown["plots"]["core_id"], plots, found.plots.geometry),
    ]
    layers[1] = replace(layers[1], is_hidden=True)  # most lie exactly on their site
    return _page(run, answer, layers)


def match(run: Run, found: Placement, answer: Answer) -> bytes:
    """
    Return the map of the plots on offer and of the ground each placed project takes.

    Parameters
    ----------
    run
        The run the plots are of; its parcels lie below.
    found
        The placement, in metres of the workspace's system.
    answer
        Its tables as people read them.

    Returns
    -------
    page
        HTML in UTF-8. A placement's card names project, plot, area, rectangle and score.

    Raises
    ------
    MapError, AssetError
        If the page cannot be made.
    CrsError
        If shapes cannot be brought to longitude and latitude.
    """
    key = ["project_id", "site_id"]
    placed = answer.shown["placed"]
    grounds = gpd.GeoSeries(found.grounds.set_index(key).geometry)
    shapes = grounds.reindex(pd.MultiIndex.from_frame(placed[key]))
    left = answer.shown["left"]
    offered = found.plots.set_index("site_id").geometry.reindex(left["site_id"])
    layers = [
        _layer(answer, "plots", left["site_id"], _left(answer), offered),
        _layer(
            answer,
            "placed",
            placed["project_name"].fillna(placed["project_id"]),
            _lines(answer, siting.MATCH, "placed", _PLACED),
            shapes,
        ),
    ]
    return _page(run, answer, layers)


def _page(run: Run, answer: Answer, layers: list[maps.Overlay]) -> bytes:
    """Return the parcels of the run under the layers."""
    lang = answer.lang
    scene = replace(maps.Scene.of(run, lang), overlays=layers)
    title = texts.say(f"{answer.section}.title_map", lang)
    asked = maps.Spec(answer.section, title=title, title_en=title, note=siting.note(answer))
    return maps.figure(scene, asked, lang=lang).html().encode("utf-8")


def _layer(
    answer: Answer, name: str, names: pd.Series, about: Sequence[str], shapes: gpd.GeoSeries
) -> maps.Overlay:
    """Return one layer of places with a name and a card."""
    places = gpd.GeoDataFrame(
        {"name": names.to_numpy(dtype=object), "about": about},
        geometry=shapes.to_numpy(),
        crs=answer.workspace.crs,
    )
    label = texts.say(f"{answer.section}.title_{name}", answer.lang)
    return maps.Overlay(f"planning_{name}", label, _COLORS[name], places)


def _lines(answer: Answer, kinds: siting.Kinds, name: str, columns: Sequence[str]) -> list[str]:
    """Return the card of each row of a table: heading and cell, line by line, blanks left out."""
    chosen = {column: kinds[name][column] for column in columns}
    sheet = siting.table(answer, name, chosen)
    lines: list[list[str]] = [[] for _ in range(len(sheet.cells))]
    for heading, kind, cells in sheet.columns():
        for own, value in zip(lines, cells, strict=True):
            said = handout.shown(value, kind)
            own.extend([_said(answer, heading, said)] if said else [])
    return ["\n".join(own) for own in lines]


def _left(answer: Answer) -> list[str]:
    """Return what of each plot is taken and left."""
    return _lines(answer, siting.MATCH, "left", ("area_mu", "taken_mu", "left_mu"))


def _terms(answer: Answer) -> dict[str, str]:
    """Return the terms of supply that fit each site."""
    table = answer.raw["terms"]
    fits = table[table["fits"].fillna(value=False).astype(bool)]
    heading = texts.say("sites.title_terms", answer.lang)
    return {
        str(site): _said(answer, heading, texts.words("+".join(modes), "sites.mode", answer.lang))
        for site, modes in fits.groupby("site_id")["mode"]
    }


def _money(answer: Answer) -> dict[str, str]:
    """Return what each site costs, low to high; a bound nobody knows is left blank."""
    table = answer.shown["money"]
    bounds = [[handout.shown(v, "yuan") or "—" for v in table[f"{b}_cny"]] for b in ("low", "high")]
    said = [
        _said(answer, item, f"{low} – {high}")
        for item, low, high in zip(table["item"], *bounds, strict=True)
        if (low, high) != ("—", "—")
    ]
    known = [pair != ("—", "—") for pair in zip(*bounds, strict=True)]
    rows = pd.Series(said, index=table["site_id"][known], dtype="str")
    return {str(site): "\n".join(own) for site, own in rows.groupby(level=0)}


def _said(answer: Answer, heading: str, value: str) -> str:
    """Return a heading and what stands under it, in one line."""
    return f"{heading}{'：' if answer.lang == 'zh' else ': '}{value}"
