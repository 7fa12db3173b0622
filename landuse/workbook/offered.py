"""The sheets 招商地块 and 项目落位: land that can be offered, and which project goes where."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from landuse import texts, units
from landuse.terms import Role
from landuse.workbook import layout
from landuse.workbook.counties import County
from landuse.workbook.layout import Sum
from landuse.workbook.listing import Listing
from landuse.workbook.rows import division
from landuse.workbook.sheets import _PLACE, Column, _c

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.texts import Lang
    from landuse.workbook.book import Book

_WAN = units.FACTORS["wan_yuan"]
_MONEY = ("idle_fee", "tax", "buy_back")

SITES = (
    *_PLACE,
    _c("site_id", "text", 24),
    _c("area_ha", "ha", 9, "area", is_summed=True),
    _c("area_mu", "mu", 9, "area", is_summed=True),
    _c("core_mu", "mu", 11, "area"),
    _c("sides", "center", 11),
    _c("frontage_m", "m2", 9),
    _c("networks", "text", 16),
    _c("use", "center", 7),
    _c("path", "text", 12),
    _c("must", "text", 18),
    _c("earliest_on", "day", 10),
    _c("holders", "text", 16),
    _c("encumbrances", "center", 9),
    _c("modes", "text", 16),
    *(
        _c(f"{item}_{bound}", "wan", 8, f"money_{item}")
        for item in _MONEY
        for bound in ("low", "high")
    ),
    _c("projects", "text", 22),
)
"""招商地块: one row a site; money in 10,000 yuan, low and high."""

PLACED = (
    *_PLACE,
    _c("project_id", "text", 13),
    _c("project_name", "text", 26),
    _c("plot_id", "text", 26),
    _c("area_ha", "ha", 9, "area", is_summed=True),
    _c("area_mu", "mu", 9, "area", is_summed=True),
    _c("share_of_plot", "share", 8),
    _c("sides", "center", 11),
    _c("use", "center", 7),
    _c("path", "text", 12),
    _c("must", "text", 18),
    _c("earliest_on", "day", 10),
    _c("score", "points", 7),
)
"""项目落位: one row a project and plot."""


def write(book: Book, plan: Any) -> None:
    """
    Write both sheets where the run found land to offer; those of a county show its sites.

    Parameters
    ----------
    book
        The open workbook.
    plan
        What can be offered and who is placed on it (`planning.Plan`).

    Raises
    ------
    OutputError
        If a sheet cannot hold its rows.
    """
    if not len(plan.offer.sites):
        return
    for sheet, columns, table in (
        ("offered", SITES, _sites(book, plan)),
        ("placed", PLACED, _placed(book, plan)),
    ):
        rows = table.assign(seq=range(1, len(table) + 1), tone="", variant="")
        keys = [column.key for column in columns]
        shown = rows.reindex(columns=[*keys, "tone", "variant"])
        layout.table(book, sheet, columns, Listing.of(shown), partial(_sums, book, columns))


def _sums(book: Book, columns: tuple[Column, ...], rows: pd.DataFrame) -> list[Sum]:
    """Return the row of sums."""
    sums = {c.key: math.fsum(rows[c.key].dropna()) for c in columns if c.is_summed}
    return [Sum(book.say("total_offered"), float(len(rows)), sums)]


def _own(book: Book, table: pd.DataFrame, homes: pd.Series) -> pd.DataFrame:
    """Return the rows the workbook is about, with their places named."""
    results, lang = book.results, book.lang
    clusters = results.tables[Role.CLUSTER]
    table = table.assign(code=homes.to_numpy())
    if isinstance(results, County):
        table = table[table["code"] == results.code]
    names = clusters.drop_duplicates("cluster_id").set_index("cluster_id")["cluster_name"]
    parks = results.tables[Role.PARK].drop_duplicates("park_id").set_index("park_id")["park_name"]
    return table.assign(
        county=[division(each, lang) if each else "" for each in table["code"]],
        cluster=table["cluster_id"].map(names).astype(object).fillna(book.say("outside")),
        park=table["park_id"].map(parks),
        area_ha=units.ha(table["area_m2"]),
        area_mu=units.mu(table["area_m2"]),
        sides=[
            f"{a:,.0f} × {b:,.0f}" for a, b in zip(table["long_m"], table["short_m"], strict=True)
        ],
        use=_words(table["use"], "function", lang),
        path=_words(table["path"], "path", lang),
        must=_words(table["must"], "must", lang),
    )


def _words(values: pd.Series, section: str, lang: Lang) -> list[str]:
    """Return keys, or several joined by +, as the words of sites."""
    return [
        texts.words(str(value), f"sites.{section}", lang)
        for value in values.astype(object).fillna("")
    ]


def _sites(book: Book, plan: Any) -> pd.DataFrame:
    """Return one row a site, by cluster, the largest first."""
    offer, lang = plan.offer, book.lang
    table = pd.DataFrame(offer.sites.drop(columns="geometry"))
    table = _own(book, table, plan.homes.reindex(table["site_id"]))
    table = table.sort_values(["cluster_id", "area_m2"], ascending=[True, False])
    near = texts.distances(offer.networks.itertuples(index=False, name=None), lang)
    fits = offer.terms[offer.terms["fits"].fillna(value=False).astype(bool)]
    modes = fits.groupby("site_id")["mode"].agg("+".join)
    money = offer.money.set_index(["site_id", "item"]) / _WAN
    amounts = {
        f"{item}_{bound}": money[f"{bound}_cny"].xs(item, level="item").reindex(table["site_id"])
        for item in _MONEY
        for bound in ("low", "high")
    }
    return table.assign(
        core_mu=units.mu(table["core_m2"]),
        networks=table["site_id"].map(near),
        encumbrances=_encumbrances(book, table),
        modes=_words(table["site_id"].map(modes), "mode", lang),
        projects=table["site_id"].map(_projects(book, plan)),
        **{name: values.to_numpy(dtype=float) for name, values in amounts.items()},
    )


def _encumbrances(book: Book, table: pd.DataFrame) -> list[str]:
    """Return how many pieces are seized and mortgaged, "" for none."""
    both = zip(table["seized_count"], table["mortgaged_count"], strict=True)
    return [book.say("encumbered", seized=s, mortgaged=m) if s or m else "" for s, m in both]


def _projects(book: Book, plan: Any) -> Mapping[Any, str]:
    """Return the projects placed on each site."""
    names = _project_names(book)
    placed = plan.placement.grounds
    shown = placed.assign(
        name=placed["project_id"].map(names).astype(object).fillna(placed["project_id"])
    )
    return {site: "；".join(own["name"]) for site, own in shown.groupby("of_site")}


def _project_names(book: Book) -> pd.Series:
    """Return the name of each project."""
    table = book.results.tables[Role.PROJECT]
    return table.drop_duplicates("project_id").set_index("project_id")["project_name"]


def _placed(book: Book, plan: Any) -> pd.DataFrame:
    """Return one row a project and plot, by cluster and project."""
    placement = plan.placement
    plots = pd.DataFrame(placement.plots.drop(columns="geometry")).set_index("site_id")
    grounds = pd.DataFrame(placement.grounds.drop(columns="geometry"))
    about = plots[["cluster_id", "park_id", "use", "path", "must", "earliest_on"]]
    table = grounds.join(about, on="site_id")
    why = placement.match.placed[["project_id", "site_id", "share_of_site", "score"]]
    table = table.merge(why, on=["project_id", "site_id"])
    table = _own(book, table, plan.homes.reindex(table["of_site"]))
    table = table.sort_values(["cluster_id", "project_id", "site_id"])
    return table.assign(
        project_name=table["project_id"].map(_project_names(book)),
        plot_id=table["site_id"],
        share_of_plot=table["share_of_site"],
        score=table["score"] * 100,
    )
