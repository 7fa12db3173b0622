"""
One set of figures: counts and areas by state and status, the land balance and its rates.

Computed once; every map, sheet and notebook shows these figures and no others.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
import shapely

from landuse import crs, facts, geometry
from landuse.balance import duties, stock
from landuse.balance.rows import Rows
from landuse.terms import IDLE, STATE_OF, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landuse.law import Statutes
    from landuse.layers import Workspace

Total = dict[str, Any]

_NO_ROWS = np.empty(0, dtype=np.int64)
_PLACES = ("cluster_id", "park_id", "county", "county_outside")


def totals(
    workspace: Workspace,
    tables: Mapping[str, pd.DataFrame],
    cases: pd.DataFrame,
    parts: Parts,
    statutes: Statutes,
) -> dict[str, Any]:
    """
    Return counts and areas of the city, each cluster and each park, as `totals.json` holds them.

    Parameters
    ----------
    workspace
        Its name, CRS and area method are named beside the figures.
    tables
        Tables `cluster`, `park`, `approval` (workspace CRS, metres).
    cases
        Cases (`classify.cases`).
    parts
        Pieces with `state` and `status` of their case, slivers, and accounts of the approvals;
        areas in m².
    statutes
        The law in force on the day asked for.

    Returns
    -------
    totals
        A case is counted where most of it lies, so the counts of clusters sum to the city's;
        areas are those of the pieces, so a case across a border gives each side its own. A case
        without geometry counts with its declared area. `residual_m2` is what the balance does
        not explain. Figures that cannot be known are None.

    Raises
    ------
    LawError
        If a rule of the stock of approvals is not written as it must be.
    """
    ground = _Ground(workspace, tables, cases, parts, statutes)
    clusters, parks = tables["cluster"], tables["park"]
    named: list[dict[str, Any]] = [
        {"cluster_id": cluster_id, "cluster_name": name}
        for cluster_id, name in _listed(clusters, "cluster_id", "cluster_name")
    ]
    return {
        "workspace": workspace.name,
        "is_synthetic": workspace.is_synthetic,
        "on": statutes.on.isoformat(),
        "as_of": {source.name: source.as_of.isoformat() for source in workspace.sources},
        "crs": workspace.crs.to_string(),
        "area_method": workspace.area_method,
        "city": ground.total(None, None),
        "clusters": [
            {**name, **ground.total("cluster_id", name["cluster_id"])}
            for name in [*named, {"cluster_id": "", "cluster_name": ""}]
        ],
        "parks": [
            {
                "park_id": park_id,
                "park_name": name,
                "cluster_id": cluster_id,
                **ground.total("park_id", park_id),
            }
            for park_id, name, cluster_id in _listed(parks, "park_id", "park_name", "cluster_id")
        ],
        "counties": [
            {
                "division_code": code,
                **ground.total("county", code),
                "outside_clusters": ground.total("county_outside", code),
            }
            for code in ground.counties
        ],
    }


def _listed(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Rows of some text columns in order of the first, missing cells as ''."""
    cells = table[list(columns)].fillna("").sort_values(columns[0])
    return list(cells.itertuples(index=False, name=None))


class Parts(Protocol):
    """The tables of a partition that figures are taken from."""

    @property
    def packed(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def slivers(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def accounts(self) -> pd.DataFrame: ...  # noqa: D102


class _Ground:
    """What totals are taken from; one instance a run."""

    def __init__(
        self,
        workspace: Workspace,
        tables: Mapping[str, pd.DataFrame],
        cases: pd.DataFrame,
        parts: Parts,
        statutes: Statutes,
    ) -> None:
        pieces, accounts = parts.packed, parts.accounts
        cases, pieces, slivers = (
            _placed(table, tables["cluster"]) for table in (cases, pieces, parts.slivers)
        )
        mapped = facts.among(cases["case_id"], pieces["case_id"])
        declared = cases[~mapped & (cases["area_m2"] > 0)]
        columns = ["status", "area_m2", "is_determined", *_PLACES]
        areas = pd.concat(
            [pieces[columns].assign(is_mapped=True), declared[columns].assign(is_mapped=False)],
            ignore_index=True,
        )
        asked = ["status", "is_determined", "due_on", "area_m2"]
        duty = cases[asked].assign(is_mapped=mapped, lead=cases["lead"].fillna("").astype(object))
        self.has_approvals = len(tables["approval"]) > 0
        self.days, stocked, rest = stock.coded(stock.days(tables["approval"]), pieces, slivers)
        self.tables = {
            "areas": _coded(areas.drop(columns=[*_PLACES])),
            "cases": _coded(duty),
            "pieces": stocked,
            "slivers": rest,
        }
        self.approved_m2 = math.fsum(accounts["area_m2"] - accounts["lost_m2"])
        self.workspace = workspace
        homes = tables["cluster"].assign(
            county=facts.counties(tables["cluster"], tables["cluster"])
        )
        self.outlines = {"cluster_id": homes, "park_id": tables["park"], "county": homes}
        named = {*homes["county"], *cases["county"], *pieces["county"], *slivers["county"]}
        self.counties = sorted(named, key=lambda code: (code == "", code))
        self.statutes = statutes
        supplied = pieces.loc[pieces["kind"] == "supply", ["state", "area_m2", *_PLACES]]
        self.by_state_of_city = list(supplied.groupby("state")["area_m2"].sum())
        self.outside_m2 = math.fsum(
            [
                _sum(pieces.loc[pieces["approval_id"].ne("") & pieces["cluster_id"].eq(""),
                                "area_m2"]),
                _sum(slivers.loc[slivers["cluster_id"] == "", "area_m2"]),
            ]
        )  # fmt: skip
        located = {"areas": areas, "cases": cases, "pieces": pieces, "slivers": slivers}
        self.rows: dict[tuple[str, str], dict[Any, Any]] = {
            (name, place): table.groupby(place).indices
            for name, table in located.items()
            for place in _PLACES
        } | {
            ("outlines", place): table.groupby(place).indices
            for place, table in self.outlines.items()
        }
        self.by_state = {place: _by_state(supplied, place) for place in _PLACES}

    def total(self, place: str | None, name: str | None) -> Total:
        """Return the figures of the city (no place), or of one cluster or park."""
        cases = self._within("cases", place, name)
        areas = self._within("areas", place, name)
        result: Total = {
            "count": len(cases),
            "area_m2": areas.sum("area_m2"),
            "states": _states(cases, areas),
            "idle": _counted(cases, areas, "is_idle"),
            "determined": _counted(cases, areas, "is_determined_idle"),
            "without_geometry": _counted(cases, areas, "is_unmapped"),
        }
        result["balance"] = self._balance(place, name)
        result["rates"] = _rates(result)
        result["approvals"] = self._approvals(place, name)
        result["duties"] = duties.figures(cases, self.statutes.on)
        return result

    def _approvals(self, place: str | None, name: str | None) -> Total | None:
        """Return what became of the approvals of a place; None where none were delivered."""
        if not self.has_approvals:
            return None
        return stock.figures(
            self.days,
            self._within("pieces", place, name),
            self._within("slivers", place, name),
            self.statutes,
            is_city=place is None,
        )

    def _balance(self, place: str | None, name: str | None) -> dict[str, float | None]:
        """Return the land balance by geometry; only what has an outline can be balanced."""
        pieces = self._within("pieces", place, name)
        sliver = self._within("slivers", place, name).sum("area_m2")
        supplied = pieces["is_supply"]
        inside = pieces["approval"] >= 0
        unsupplied = pieces.sum("area_m2", ~supplied)
        found = math.fsum([pieces.sum("area_m2", inside), sliver])
        approved = found if place else self.approved_m2
        everything = pieces.sum("area_m2", supplied)
        by_state = self.by_state[place].get(name or "", []) if place else self.by_state_of_city
        outline = self._outline(place, name)
        outside = 0.0 if place else self.outside_m2
        known = self.has_approvals
        return {
            "cluster_m2": outline,
            "approved_m2": approved if known else None,
            "approved_outside_clusters_m2": None if place or not known else outside,
            "unapproved_m2": None if outline is None or not known else outline - found + outside,
            "supplied_m2": everything,
            "supplied_outside_approval_m2": pieces.sum("area_m2", supplied & ~inside),
            "unsupplied_m2": unsupplied if known else None,
            "sliver_m2": sliver,
            "residual_m2": (approved - found) + (everything - math.fsum(by_state)),
        }

    def _within(self, table: str, place: str | None, name: str | None) -> Rows:
        """Rows of one cluster or park, or all; a table is looked through once for all places."""
        if place is None:
            return self.tables[table]
        return self.tables[table].take(self.rows[table, place].get(name, _NO_ROWS))

    def _outline(self, place: str | None, name: str | None) -> float | None:
        """Area of the outline the balance is drawn over: a cluster, a park, or all clusters."""
        if place == "county_outside":
            return None
        table = self.outlines[place or "cluster_id"]
        if "geometry" not in table:
            return None
        shapes = table["geometry"].to_numpy()
        if place is not None:
            shapes = shapes[self.rows["outlines", place].get(name, _NO_ROWS)]
        if not len(shapes):
            return None
        union = np.array([shapely.union_all(shapes[geometry.is_usable(shapes)])], dtype=object)
        return float(crs.areas(union, self.workspace.crs, self.workspace.area_method)[0])


def _coded(table: pd.DataFrame) -> Rows:
    """Return rows with the place of their status among all, and what is asked of it, as numbers."""
    idle = table["status"].isin(IDLE)
    found = table.assign(
        status=pd.Index([word.value for word in STATE_OF]).get_indexer(pd.Index(table["status"])),
        is_idle=idle,
        is_determined_idle=idle & table["is_determined"],
        is_unmapped=~table["is_mapped"],
    )
    return Rows.of(found.drop(columns=["is_determined", "is_mapped"]))


def _by_state(supplied: pd.DataFrame, place: str) -> dict[str, list[float]]:
    """Return for each place the supplied areas of its states."""
    summed = supplied.groupby([place, "state"])["area_m2"].sum()
    return {str(name): list(sums) for name, sums in summed.groupby(level=0)}


def _counted(cases: Rows, areas: Rows, what: str) -> dict[str, Any]:
    """Count the cases of which something holds, and sum the areas of which it does."""
    return {"count": int(cases[what].sum()), "area_m2": areas.sum("area_m2", areas[what])}


def _placed(table: pd.DataFrame, clusters: pd.DataFrame) -> pd.DataFrame:
    """Add the county of each row, and again where it lies outside every cluster, else missing."""
    county = facts.counties(table, clusters)
    outside = table["cluster_id"].fillna("") == ""
    return table.assign(county=county, county_outside=county.where(outside))


def _sum(values: pd.Series) -> float:
    """Sum without regard to order, so that shuffled rows give the same bytes."""
    return math.fsum(values.dropna())


def _states(cases: Rows, areas: Rows) -> dict[str, Any]:
    """Count and area by state and, within it, by status; every word present, zeros too."""
    known = cases["status"][cases["status"] >= 0]
    counted = np.bincount(known, minlength=len(STATE_OF)).tolist()
    measured = areas.sums("area_m2", "status", len(STATE_OF)).tolist()
    result: dict[str, Any] = {}
    for state in State:
        statuses = {
            status.value: {
                "count": counted[place],
                "area_m2": measured[place],
            }
            for place, status in enumerate(STATE_OF)
            if STATE_OF[status] is state
        }
        result[state.value] = {
            "count": sum(entry["count"] for entry in statuses.values()),
            "area_m2": math.fsum(entry["area_m2"] for entry in statuses.values()),
            "statuses": statuses,
        }
    return result


def _rates(total: Total) -> dict[str, float | None]:
    """
    Return 供应率, 建成率 and 闲置率; None where the denominator is 0 or unknown.

    供应率 = supplied ÷ approved, within approvals; 建成率 = completed ÷ supplied; 闲置率 = idle
    (疑似 included) ÷ supplied. All by area.
    """
    balance, states = total["balance"], total["states"]
    supplied = math.fsum(
        states[state]["area_m2"]
        for state in (State.SUPPLIED_UNBUILT, State.BUILT_UNFINISHED, State.COMPLETED)
    )
    approved = balance["approved_m2"]
    inside = balance["supplied_m2"] - balance["supplied_outside_approval_m2"]
    return {
        "supply_rate": inside / approved if approved else None,
        "built_rate": states[State.COMPLETED]["area_m2"] / supplied if supplied else None,
        "idle_rate": total["idle"]["area_m2"] / supplied if supplied else None,
    }
