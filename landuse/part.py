"""A run cut down to some of its places, so that what is made of it needs a bounded memory."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import findings, geometry

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

_MARGIN = 0.1
"""
Share of a place's length by which it is grown before its neighbours are looked for.

A map looks for them in longitude and latitude, where a box of the plane leans by up to 2.5°.
"""


class Parts(Protocol):
    """A partition, as far as it is cut down."""

    @property
    def packed(self) -> pd.DataFrame: ...  # noqa: D102


class Found(Protocol):
    """What a run found (`pipeline.Run`)."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]: ...  # noqa: D102
    @property
    def cases(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def findings(self) -> pd.DataFrame: ...  # noqa: D102
    @property
    def partition(self) -> Parts: ...  # noqa: D102


class Divided:
    """
    A run of which parts can be had.

    Parameters
    ----------
    run
        What a run found; it is not changed.
    """

    def __init__(self, run: Found) -> None:
        self._run = run

    @cached_property
    def _places(self) -> NDArray[np.object_]:
        """Where each finding lies; told of the whole, since of a part it may seem to lie there."""
        return findings.places(self._run.findings, self._run.tables)

    @cached_property
    def _numbers(self) -> dict[str, NDArray[np.int64]]:
        """One number for each id, whatever names it: by where it is named."""
        run = self._run
        named = {
            "case": run.cases["case_id"],
            "piece": run.partition.packed["case_id"],
            "under": run.partition.packed["approval_id"],
            "finding": run.findings["feature_id"],
            **{role: run.tables[role][f"{role}_id"] for role in _CUT},
        }
        number, _ = pd.factorize(np.concatenate([ids.to_numpy(object) for ids in named.values()]))
        ends = np.cumsum([len(ids) for ids in named.values()])
        return dict(zip(named, np.split(number, ends[:-1]), strict=True))

    @cached_property
    def _sides(self) -> NDArray[np.float64]:
        """West, south, east and north of each piece."""
        blocks = geometry.in_blocks(self._run.partition.packed["geometry"])
        return np.concatenate([np.empty((0, 4)), *map(shapely.bounds, blocks)])

    def within(
        self, clusters: Collection[str] | None = None, parks: Collection[str] | None = None
    ) -> Any:
        """
        Return the run with what maps of some clusters and parks can show, and little more.

        Parameters
        ----------
        clusters, parks
            Identifiers; "" is what lies outside every cluster. All land if neither is given.

        Returns
        -------
        part
            The same run with the pieces that lie there, the cases counted there or with a piece
            there, and the supplies, approvals, footprints and findings of both or near them, the
            findings with their places. The totals and every other layer are those of the whole; of
            the partition there is nothing but its pieces.
        """
        run = self._run
        if clusters is None and parks is None:
            whole = _bare(run, run.partition.packed)
            found = run.findings.assign(geometry=gpd.GeoSeries(self._places).array)
            return dataclasses.replace(whole, findings=found)
        lies, number = self._land.within(clusters or (), parks or ()), self._numbers
        kinds = (run.cases["kind"] == "supply", run.partition.packed["kind"] == "supply")
        shown = self._counted.within(clusters or (), parks or ())
        of_case, of_piece = (
            2 * ids + kind.to_numpy(bool)
            for ids, kind in zip((number["case"], number["piece"]), kinds, strict=True)
        )
        shown |= np.isin(of_case, of_piece[lies])
        boxes = self._land.boxes(self._sides, lies)
        ids = number["case"][shown]
        named = {"supply": ids, "approval": np.append(ids, number["under"][lies])}
        tables = dict(run.tables)
        for role in _CUT:
            is_near = _near(self._of_role[role], boxes)
            tables[role] = tables[role][is_near | np.isin(number[role], named.get(role, ()))]
        told = _near(self._of_role["finding"], boxes) | np.isin(number["finding"], ids)
        found = run.findings[told].assign(geometry=gpd.GeoSeries(self._places[told]).array)
        bare = _bare(run, run.partition.packed[lies])
        return dataclasses.replace(bare, cases=run.cases[shown], tables=tables, findings=found)

    @cached_property
    def _land(self) -> _Where:
        """Where the pieces lie."""
        return _Where(self._run.partition.packed)

    @cached_property
    def _counted(self) -> _Where:
        """Where the cases are counted."""
        return _Where(self._run.cases)

    @cached_property
    def _of_role(self) -> dict[str, NDArray[np.float64]]:
        """West, south, east and north of features and findings, by role; NaN without a shape."""
        shapes = {role: _shapes(self._run.tables[role]) for role in _CUT}
        known = {**shapes, "finding": self._places}
        return {name: shapely.bounds(some).reshape(-1, 4) for name, some in known.items()}


_CUT = ("supply", "approval", "construction")
"""Roles of which a part holds what is in it or near."""


class _Where:
    """In which cluster and park each row of a table lies, or is counted."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._codes = {}
        for name in ("cluster_id", "park_id"):
            code, ids = pd.factorize(table[name].fillna("").to_numpy(object))
            self._codes[name] = code, {id_: number for number, id_ in enumerate(ids)}

    def within(self, clusters: Collection[str], parks: Collection[str]) -> NDArray[np.bool_]:
        """Whether each row is in one of the places."""
        asked = zip(self._codes.values(), (clusters, parks), strict=True)
        is_in = [
            np.isin(code, [known[i] for i in ids if i in known]) for (code, known), ids in asked
        ]
        either: NDArray[np.bool_] = is_in[0] | is_in[1]
        return either

    def boxes(self, sides: NDArray[np.float64], rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the box of the rows of each cluster and of each park, grown by the margin."""
        boxes = [np.empty((0, 4))]
        for name, (code, known) in self._codes.items():
            for number in np.unique(code[rows]):
                if name == "park_id" and number == known.get(""):
                    continue
                own = sides[rows & (code == number)]
                low, high = own[:, :2].min(axis=0), own[:, 2:].max(axis=0)
                room = _MARGIN * (high - low).max()
                boxes.append(np.concatenate([low - room, high + room])[None])
        return np.concatenate(boxes)


def _bare(run: Found, land: pd.DataFrame) -> Any:
    """Return a run with some pieces and without what is told of land elsewhere."""
    parts: Any = run.partition
    tables = {
        name: table.iloc[:0]
        for name, table in vars(parts).items()
        if isinstance(table, pd.DataFrame)
    }
    parts = dataclasses.replace(parts, **{**tables, "packed": land})
    return dataclasses.replace(run, partition=parts, whole=None)  # type: ignore[type-var]


def _shapes(table: pd.DataFrame) -> NDArray[np.object_]:
    """Return the shapes of a table, None throughout where it has none."""
    shapes = table["geometry"] if "geometry" in table else [None] * len(table)
    return np.asarray(shapes, dtype=object)


def _near(sides: NDArray[np.float64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each of what has such sides comes near the places; nothing without sides does."""
    near = np.zeros(len(sides), dtype=bool)
    west, south, east, north = sides.T
    for box in boxes:
        near |= (west <= box[2]) & (box[0] <= east) & (south <= box[3]) & (box[1] <= north)
    return near
