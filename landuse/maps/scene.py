"""
What a map draws: the results of the acts before it, cut down to one map.

Nothing is classified, measured or added up here. Counts and areas are those of `balance.totals`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import geopandas as gpd
import numpy as np

from landuse import crs, findings, schema, terms
from landuse.maps import style
from landuse.maps.columns import each
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd
    from numpy.typing import NDArray

    from landuse.layers import Workspace
    from landuse.texts import Lang


class Chip(NamedTuple):
    """
    A picture of a case on its card: the day it shows, what it is, and a PNG, JPEG or WebP file.

    The file is put into every map that has the case, so it should be small: some 200 pixels wide,
    some kilobytes. Pictures of a case are shown in the order they are given, two to a line.
    """

    day: date
    caption: str
    picture: bytes


@dataclass(frozen=True)
class Overlay:
    """
    Places of one kind that another act wants shown beside the parcels.

    `name` tells overlays of a map apart, `label` is what people read, `color` is a CSS colour;
    `places` has the columns name and about and a geometry. One that is hidden waits for its tick.
    Where `layer` is given, only maps that ask for that layer (`spec.LAYERS`) show it.
    """

    name: str
    label: str
    color: str
    places: gpd.GeoDataFrame
    is_hidden: bool = False
    layer: str = ""


OUTSIDE = ""
"""The cluster of land outside every cluster."""

_PAINTED = {(s.status, s.is_determined): number for number, s in enumerate(style.styles())}


class Results(Protocol):
    """
    What a run found, as far as a map draws it; none of it is changed.

    `tables` holds role -> table (supply, approval, cluster, park, network, plan are used),
    `pieces` is `Partition.pieces` with case_id, in the workspace's CRS, `cases` has the columns
    of the contract, `totals` is what `totals.json` holds, `on` the day asked for, `findings` the
    table of findings.
    """

    @property
    def workspace(self) -> Workspace: ...  # noqa: D102
    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def pieces(self) -> gpd.GeoDataFrame: ...  # noqa: D102
    @property
    def cases(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def totals(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def on(self) -> date: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102


@dataclass(frozen=True)
class Scene:
    """
    Results with the language they are shown in; `Scene` is itself `Results`.

    `frames` are the states of other runs for the slider: columns day, case_id, state, status, one
    row a case and day. `chips` are pictures of cases by case_id, before and after, say. `told`
    is what the law says and asks of cases: columns law and steps by case_id, a line break between
    two lines (`landuse.brief.told`). `overlays` are layers of other acts.
    """

    workspace: Workspace
    tables: Mapping[str, pd.DataFrame]
    pieces: gpd.GeoDataFrame
    cases: pd.DataFrame
    totals: Mapping[str, Any]
    on: date
    lang: Lang = "zh"
    findings: pd.DataFrame = field(default_factory=findings.none)
    frames: pd.DataFrame | None = None
    chips: Mapping[str, Sequence[Chip]] = field(default_factory=dict)
    told: pd.DataFrame | None = None
    overlays: Sequence[Overlay] = ()

    @classmethod
    def of(cls, results: Results, lang: Lang) -> Scene:
        """Return the scene of a run's results; that of a scene keeps its frames and chips."""
        if isinstance(results, cls):
            return replace(results, lang=lang)
        return cls(
            results.workspace,
            results.tables,
            results.pieces,
            results.cases,
            results.totals,
            results.on,
            lang,
            results.findings,
        )

    @classmethod
    def listed(cls, results: Results, lang: Lang) -> Scene:
        """Return what a list of maps needs of a run's results, and no shape."""
        nothing = gpd.GeoDataFrame()
        totals, day = results.totals, results.on
        return cls(results.workspace, {}, nothing, results.cases[:0], totals, day, lang)

    @cached_property
    def by_place(self) -> dict[Place, Mapping[str, Any]]:
        """The figures of each cluster and park."""
        return {
            Place(role, total[f"{role}_id"]): total
            for role in (Role.CLUSTER, Role.PARK)
            for total in self.totals[f"{role}s"]
        }

    def table(self, role: str) -> pd.DataFrame:
        """Return the table of a role; an empty one where the workspace has none."""
        return self.tables[role] if role in self.tables else schema.empty(role)


@dataclass(frozen=True)
class Place:
    """A cluster or a park (`role`) and its id; an empty id is what lies outside every cluster."""

    role: Role
    id: str

    @property
    def column(self) -> str:
        """The column of cases, pieces and totals that names it."""
        return f"{self.role}_id"

    def total(self, scene: Scene) -> Mapping[str, Any]:
        """Return its own figures among those of a run."""
        return scene.by_place[self]


@dataclass(frozen=True)
class View:
    """
    What one map shows: the whole city (`place` None), one cluster or one park.

    `cases` has a range index, and `style` and `is_guest` (counted in another place) added.
    `pieces` has `case` (row of `cases`) added and lies in longitude and latitude on CGCS2000,
    along a Hilbert curve. `rows` are the rows of the cases among those of all maps.
    """

    place: Place | None
    totals: Mapping[str, Any]
    cases: pd.DataFrame
    pieces: gpd.GeoDataFrame
    rows: NDArray[np.intp]


def places(scene: Scene, role: str) -> list[Place]:
    """
    Return the clusters or the parks there are totals for.

    Land outside every cluster is one of the clusters only if there is any.
    """
    column = f"{role}_id"
    return [
        Place(Role(role), total[column])
        for total in scene.totals[f"{role}s"]
        if total[column] != OUTSIDE or total["count"] or total["area_m2"]
    ]


def lonlat(scene: Scene, frame: pd.DataFrame, where: str) -> NDArray[np.object_]:
    """
    Return the geometries of a table in longitude and latitude, east before north.

    Raises
    ------
    CrsError
        If they have no reference system, or none that can be brought there.
    """
    source = getattr(frame, "crs", None) or scene.workspace.crs
    geometries = frame["geometry"].to_numpy() if "geometry" in frame else np.full(len(frame), None)
    return crs.transformed(np.asarray(geometries, dtype=object), source, crs.CGCS2000, where)


def styled(cases: pd.DataFrame) -> NDArray[np.intp]:
    """Return the number of each case's style."""
    is_determined = cases["is_determined"].fillna(value=False).astype(bool)
    is_determined &= cases["status"].isin(terms.IDLE)
    plain, determined = (each(cases["status"], partial(_painted, of)) for of in (False, True))
    return np.where(is_determined, determined, plain).astype(np.intp)


def _painted(is_determined: bool, status: str) -> int:
    """Return the number of the style of a status; plain where it knows no determined one."""
    plain = _PAINTED[status, False]
    return _PAINTED.get((status, True), plain) if is_determined else plain
