"""Sites and placements as layers of a map, each place with its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from landuse import handout, maps, texts, units
from landuse.planning import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landuse.planning import Offer, Placement
    from landuse.planning.told import Kinds, Tables
    from landuse.texts import Lang

_SITE = (
    "area_mu", "core_mu", "long_m", "short_m", "frontage_m", "networks", "use", "path", "must",
    "earliest_on", "statuses", "holders",
)  # fmt: skip
_PLOT = ("site_id", "area_mu", "long_m", "short_m", "frontage_m", "road_m")
_PLACED = ("project_id", "site_id", "area_mu", "share_of_site", "long_m", "short_m", "score")
_SHOWN = {
    **dict.fromkeys(("long_m", "short_m", "frontage_m", "road_m"), "count"),
    **dict.fromkeys(("share_of_site", "score"), "m2"),
}  # coarser than in a table: whole metres, two digits of a share
_COLORS = {"sites": "#005F73", "plots": "#5A189A", "placed": "#B00020"}


def offered(found: Offer, shown: Tables, lang: Lang) -> list[maps.Overlay]:
    """
    Return the sites, and the plots in them.

    Parameters
    ----------
    found
        The offer; its sites and plots have a CRS.
    shown
        Its tables as people read them (`told.sites`), row by row those of the offer.
    lang
        Language of the cards.

    Returns
    -------
    layers
        A site's card says area, shape, roads and networks, what must happen first, the earliest
        day, the terms that fit and the money from low to high. Plots wait for their tick: most
        lie exactly on their site.
    """
    about = _lines(told.SITES, "sites", shown, _SITE, "sites", lang)
    more = _terms(found.terms, lang), _money(shown["money"], lang)
    ids = shown["sites"]["site_id"]
    about = [
        "\n".join([text, *(kind[site] for kind in more if site in kind)])
        for site, text in zip(ids, about, strict=True)
    ]
    plots = _lines(told.SITES, "plots", shown, _PLOT, "sites", lang)
    core = shown["plots"]["core_id"]
    return [
        _layer("sites", "sites", ids, about, found.sites.geometry, lang),
        _layer("sites", "plots", core, plots, found.plots.geometry, lang, is_hidden=True),
    ]


def bare(sites: gpd.GeoDataFrame, lang: Lang) -> maps.Overlay:
    """Return sites with nothing but their area, for an audience that may not know more."""
    shown = {"sites": pd.DataFrame({"area_mu": units.mu(sites["area_m2"])})}
    about = _lines(told.SITES, "sites", shown, ("area_mu",), "sites", lang)
    return _layer("sites", "sites", sites["site_id"], about, sites.geometry, lang)


def placed(found: Placement, shown: Tables, lang: Lang) -> list[maps.Overlay]:
    """
    Return the plots that were on offer, and the ground each placed project takes.

    Parameters
    ----------
    found
        The placement; its plots and grounds have a CRS.
    shown
        Its tables as people read them (`told.match`).
    lang
        Language of the cards.

    Returns
    -------
    layers
        A placement's card names project, plot, area, rectangle and score.
    """
    key = ["project_id", "site_id"]
    table, left = shown["placed"], shown["left"]
    grounds = gpd.GeoSeries(found.grounds.set_index(key).geometry)
    shapes = grounds.reindex(pd.MultiIndex.from_frame(table[key])).set_crs(found.grounds.crs)
    plots = found.plots.set_index("site_id").geometry.reindex(left["site_id"])
    rest = _lines(told.MATCH, "left", shown, ("area_mu", "taken_mu", "left_mu"), "matching", lang)
    names = table["project_name"].fillna(table["project_id"])
    about = _lines(told.MATCH, "placed", shown, _PLACED, "matching", lang)
    return [
        _layer("matching", "plots", left["site_id"], rest, plots, lang),
        _layer("matching", "placed", names, about, shapes, lang),
    ]


def _layer(  # noqa: PLR0913  a layer is what it is called, what it says and where it is
    section: str, name: str, names: pd.Series, about: Sequence[str], shapes: gpd.GeoSeries,
    lang: Lang, *, is_hidden: bool = False,
) -> maps.Overlay:  # fmt: skip
    """Return one layer of places with a name and a card."""
    places = gpd.GeoDataFrame(
        {"name": names.to_numpy(dtype=object), "about": about},
        geometry=shapes.to_numpy(),
        crs=shapes.crs,
    )
    label = texts.say(f"{section}.title_{name}", lang)
    return maps.Overlay(
        f"planning_{name}", label, _COLORS[name], places, is_hidden=is_hidden, layer="site"
    )


def _lines(
    kinds: Kinds, name: str, shown: Tables, columns: Sequence[str], section: str, lang: Lang
) -> list[str]:
    """Return the card of each row of a table: heading and cell, line by line, blanks left out."""
    chosen = {column: _SHOWN.get(column, kinds[name][column]) for column in columns}
    sheet = handout.sheet(f"{section}.{name}", shown[name], chosen, lang, note="", mark=False)
    lines: list[list[str]] = [[] for _ in range(len(sheet.cells))]
    for heading, kind, cells in sheet.columns():
        for own, value in zip(lines, cells, strict=True):
            said = handout.shown(value, kind)
            own.extend([_said(heading, said, lang)] if said else [])
    return ["\n".join(own) for own in lines]


def _terms(table: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Return the terms of supply that fit each site."""
    fits = table[table["fits"].fillna(value=False).astype(bool)]
    heading = texts.say("sites.title_terms", lang)
    return {
        str(site): _said(heading, texts.words("+".join(modes), "sites.mode", lang), lang)
        for site, modes in fits.groupby("site_id")["mode"]
    }


def _money(table: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Return what each site costs in whole yuan, low to high; what is unknown or 0 is left out."""
    bounds = [
        [handout.shown(v, "count") or "—" for v in table[f"{b}_cny"]] for b in ("low", "high")
    ]
    known = [low != high or low not in {"—", "0"} for low, high in zip(*bounds, strict=True)]
    said = [
        _said(item, f"{low} – {high}" if low != high else low, lang)
        for item, low, high, is_known in zip(table["item"], *bounds, known, strict=True)
        if is_known
    ]
    rows = pd.Series(said, index=table["site_id"][known], dtype="str")
    return {str(site): "\n".join(own) for site, own in rows.groupby(level=0)}


def _said(heading: str, value: str, lang: Lang) -> str:
    """Return a heading and what stands under it, in one line."""
    return f"{heading}{'：' if lang == 'zh' else ': '}{value}"
