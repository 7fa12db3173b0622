"""
What land a city can offer, what that is worth, and which project goes where.

`offer` joins idle and unsupplied land into sites and says everything about each; `match` places the
projects of the workspace on the plots of those sites and cuts the ground each takes; `plan` does
both as the workbook and the maps show them. The acts behind are `sites` and `matching`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from landuse import facts, matching, sites, texts, units
from landuse.found import Judged
from landuse.matching import Match, Wishes
from landuse.planning import cards, grounds, told
from landuse.sites import Choices, Sites, functions, measures, money, parks
from landuse.sites.cores import cores
from landuse.sites.terms import terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from landuse.maps import Overlay
    from landuse.texts import Lang

__all__ = ["Choices", "Offer", "Placement", "Plan", "Wishes", "match", "offer"]

MIN_MU = 10.0
"""Least area of a site that is offered; below it a site is land to be given to a neighbour."""

PLOT_MU = 5.0
"""Least area of a plot a project is placed on."""


class Land(Judged, Protocol):
    """What a run found, with its pieces of land in the CRS of the workspace (metres)."""

    @property
    def pieces(self) -> GeoDataFrame: ...


@dataclass(frozen=True)
class Offer:
    """
    Sites and what is said of them; areas in m², lengths in m, money in yuan.

    Attributes
    ----------
    sites
        `sites.Sites.sites`, measured, largest first, with core_m2 (the largest plot).
    members, contacts, networks, narrow
        What they are made of, what is near, and what is too narrow to be a site (`sites.Sites`).
    plots
        The wide parts of sites, cut where they are too large: columns of `sites` and core_id.
    terms
        How each may be supplied (`sites.terms`).
    money, parameters
        What it costs that each lies idle, and on which values that rests (`sites.money`).
    functions, services
        What clusters and parks consist of (`sites.functions`), by all idle land.
    parks, park_land
        The register of parks within parks, and land for them (`sites.parks`).
    every
        All sites, small ones too, not measured.
    """

    sites: GeoDataFrame
    members: pd.DataFrame
    contacts: pd.DataFrame
    networks: pd.DataFrame
    narrow: GeoDataFrame
    plots: GeoDataFrame
    terms: pd.DataFrame
    money: pd.DataFrame
    parameters: pd.DataFrame
    functions: pd.DataFrame
    services: pd.DataFrame
    parks: pd.DataFrame
    park_land: pd.DataFrame
    every: Sites


def offer(
    found: Land,
    *,
    min_mu: float = MIN_MU,
    max_mu: float | None = None,
    choices: Choices | None = None,
    parameters: Mapping[str, Sequence[float]] | None = None,
) -> Offer:
    """
    Join idle and unsupplied land into sites and say what each is, needs, and costs.

    Parameters
    ----------
    found
        What `landuse.run` returned.
    min_mu
        Least area of a site in mu.
    max_mu
        Plots larger than this are cut into equal parts.
    choices
        What counts as contiguous; the stated defaults if not given.
    parameters
        Values of money instead of the workspace's own (`sites.money.PARAMETERS`): one number, or
        low, middle and high.

    Raises
    ------
    LanduseError
        If a parameter is unknown or its values do not rise.

    Examples
    --------
    >>> offered = landuse.offer(found, min_mu=100)
    >>> bool((landuse.units.mu(offered.sites["area_m2"]) >= 100).all())
    True
    >>> dear = landuse.offer(found, min_mu=100, parameters={"interest": [0.10]})
    >>> dear.parameters.set_index("parameter").loc["interest", "mid"]
    np.float64(0.1)
    """
    every = sites.joined(found.pieces, found.cases, found.tables, on=found.on, choices=choices)
    return _offered(found, every, min_mu, max_mu, choices, parameters)


def _offered(
    found: Land,
    every: Sites,
    min_mu: float = MIN_MU,
    max_mu: float | None = None,
    choices: Choices | None = None,
    parameters: Mapping[str, Sequence[float]] | None = None,
) -> Offer:
    """Return what `offer` does, from sites that are joined already."""
    tables, statutes = found.tables, found.statutes
    values = money.parameters(tables, statutes, found.on, parameters)
    large = sites.measured(sites.at_least(every, min_mu), tables, choices)
    plots = cores(large.sites, tables, min_mu=0.0, max_mu=max_mu, choices=choices)
    whole = plots.groupby("site_id")["area_m2"].max().reindex(large.sites["site_id"]).fillna(0.0)
    table = large.sites.assign(core_m2=whole.to_numpy(dtype=float))
    idle = pd.concat([every.members, every.narrow])
    free = pd.concat([each[["use", "geometry"]] for each in (every.sites, every.narrow)])
    return Offer(
        sites=table,
        members=large.members,
        contacts=large.contacts,
        networks=large.networks,
        narrow=every.narrow,
        plots=plots,
        terms=terms(table, statutes),
        money=money.money(table, idle, found.cases, tables["supply"], values),
        parameters=values,
        functions=functions.functions(tables, free, statutes),
        services=functions.services(tables, every.sites, statutes),
        parks=parks.parks(tables, found.pieces),
        park_land=parks.park_land(tables, table),
        every=every,
    )


@dataclass(frozen=True)
class Placement:
    """
    Projects on plots; areas in m², lengths in m.

    Attributes
    ----------
    match
        Who is placed where and why, and who is not (`matching.Match`); a site there is a plot.
    plots
        What was offered: columns of sites, site_id being the plot, and of_site.
    grounds
        The land each placed project takes: project_id, site_id, of_site, area_m2, long_m, short_m
        (a rectangle that fits inside), geometry.
    """

    match: Match
    plots: GeoDataFrame
    grounds: GeoDataFrame


def match(
    found: Land,
    *,
    min_mu: float = PLOT_MU,
    max_mu: float | None = None,
    choices: Choices | None = None,
    wishes: Wishes | None = None,
    previous: pd.DataFrame | None = None,
) -> Placement:
    """
    Place the projects of the workspace on plots of idle and unsupplied land.

    Parameters
    ----------
    found
        What `landuse.run` returned.
    min_mu
        Least area of a plot in mu.
    max_mu
        Plots larger than this are cut into equal parts first.
    choices
        What counts as contiguous; the stated defaults if not given.
    wishes
        Limits and weights; the stated defaults if not given.
    previous
        `match.placed` of an earlier placement: who can stay without costing another its place
        stays.

    Raises
    ------
    LanduseError
        If the solver finds no answer.

    Examples
    --------
    >>> first = landuse.match(found, min_mu=20)
    >>> first.match.is_proven
    True
    >>> again = landuse.match(found, min_mu=20, previous=first.match.placed)
    >>> bool((again.match.placed["site_id"] == first.match.placed["site_id"]).all())
    True
    """
    tables = found.tables
    every = sites.joined(found.pieces, found.cases, tables, on=found.on, choices=choices)
    plots = cores(every.sites, tables, min_mu=min_mu, max_mu=max_mu, choices=choices)
    return placed(plots, tables, wishes=wishes, previous=previous)


def placed(
    plots: GeoDataFrame,
    tables: Mapping[str, pd.DataFrame],
    *,
    wishes: Wishes | None = None,
    previous: pd.DataFrame | None = None,
) -> Placement:
    """
    Place projects on plots that are already cut.

    Parameters
    ----------
    plots
        What `sites.cores.cores` returns.
    tables
        `project`, `cluster`, `park` and `network` are used.
    wishes, previous
        As for `match`.

    Raises
    ------
    LanduseError
        If the solver finds no answer.
    """
    land = plots.rename(columns={"site_id": "of_site", "core_id": "site_id"})
    far = measures.distances(land, tables["network"])
    answer = matching.assigned(
        tables["project"], land, tables, networks=far, wishes=wishes, previous=previous
    )
    return Placement(answer, land, grounds.cut(answer.placed, land))


class Plan:
    """Offer and placement of a run with the stated choices, each made when first asked for."""

    def __init__(self, found: Land) -> None:
        self._found = found

    @cached_property
    def _every(self) -> Sites:
        """All sites, joined once for both."""
        found = self._found
        return sites.joined(found.pieces, found.cases, found.tables, on=found.on)

    @cached_property
    def offer(self) -> Offer:
        """The sites that are offered."""
        return _offered(self._found, self._every)

    @cached_property
    def placement(self) -> Placement:
        """The projects on the plots of all sites."""
        plots = cores(self._every.sites, self._found.tables, min_mu=PLOT_MU)
        return placed(plots, self._found.tables)

    @cached_property
    def homes(self) -> pd.Series:
        """
        The county that answers for each site, as its division code, by site_id.

        Outside every cluster that of the largest of its cases that has one; "" where none has.
        """
        every, clusters = self.offer.every, self._found.tables["cluster"]
        cases = self._found.cases.drop_duplicates("case_id")
        of_case = dict(zip(cases["case_id"], facts.counties(cases, clusters), strict=True))
        members = every.members.assign(
            county=every.members["case_id"].map(of_case).astype(object).fillna("")
        )
        members = members[members["county"] != ""].sort_values(["area_m2", "piece_id"])
        largest = members.drop_duplicates("site_id", keep="last").set_index("site_id")["county"]
        own = pd.Series(facts.counties(every.sites, clusters).to_numpy(), every.sites["site_id"])
        return own.where(own != "", largest.reindex(own.index).astype(object).fillna(""))

    def basis(self, lang: Lang) -> str:
        """Return by which choices land was joined, and how much is too narrow."""
        used = Choices()
        return texts.say(
            "sites.basis",
            lang,
            site_mu=f"{MIN_MU:g}",
            plot_mu=f"{PLOT_MU:g}",
            shared=f"{used.min_shared_m:g}",
            strip=f"{used.strip_m:g}",
            width=f"{used.min_width_m:g}",
            narrow_mu=f"{units.mu(self.offer.narrow['area_m2'].sum()):,.2f}",
        )

    def layers(self, lang: Lang, *, with_placed: bool) -> list[Overlay]:
        """
        Return what is offered, and who is placed on it if asked, as layers of a map.

        Raises
        ------
        LanduseError
            If the solver finds no answer.
        """
        tables = self._found.tables
        shown = told.sites(told.raw_sites(self.offer), tables, self._found.statutes, lang)
        layers = cards.offered(self.offer, shown, lang)
        if not with_placed:
            return layers
        taken = told.match(told.raw_match(self.placement), tables["project"], lang)
        return [*layers, cards.placed(self.placement, taken, lang)[-1]]
