"""A run cut down to some of its places, so that what is made of it needs a bounded memory."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

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

    def within(self, clusters: Collection[str], parks: Collection[str]) -> Any:
        """
        Return the run with what maps of some clusters and parks can show, and little more.

        Parameters
        ----------
        clusters, parks
            Identifiers; "" is what lies outside every cluster.

        Returns
        -------
        part
            The same run with the pieces that lie there, the cases counted there or with a piece
            there, and the supplies, approvals, footprints and findings of both or near them. The
            totals and every other table are those of the whole.
        """
        run = self._run
        land = run.partition.packed
        land = land[_is_in(land, clusters, parks)]
        keys = [pd.MultiIndex.from_frame(each[["kind", "case_id"]]) for each in (run.cases, land)]
        cases = run.cases[_is_in(run.cases, clusters, parks) | keys[0].isin(keys[1])]
        boxes, ids = _boxes(land), cases["case_id"]
        named = {"supply": ids, "approval": pd.concat([ids, land["approval_id"]])}
        tables = dict(run.tables)
        for role in ("supply", "approval", "construction"):
            is_near = _near(_shapes(tables[role]), boxes)
            is_named = tables[role][f"{role}_id"].isin(named.get(role, ()))
            tables[role] = tables[role][is_near | is_named]
        told = run.findings.assign(geometry=self._places)
        told = told[_near(self._places, boxes) | told["feature_id"].isin(ids)]
        parts = dataclasses.replace(run.partition, packed=land)  # type: ignore[type-var]
        return dataclasses.replace(  # type: ignore[type-var]
            run, partition=parts, cases=cases, tables=tables, findings=told
        )


def _is_in(table: pd.DataFrame, clusters: Collection[str], parks: Collection[str]) -> pd.Series:
    """Whether each row lies, or is counted, in one of the places."""
    cluster, park = (table[name].fillna("") for name in ("cluster_id", "park_id"))
    return cluster.isin(list(clusters)) | park.isin(list(parks))


def _boxes(land: pd.DataFrame) -> NDArray[np.object_]:
    """Return the box of the pieces of each cluster and of each park, grown by the margin."""
    parts = [np.empty((0, 4)), *map(shapely.bounds, geometry.in_blocks(land["geometry"]))]
    sides = pd.DataFrame(np.concatenate(parts), columns=["west", "south", "east", "north"])
    boxes = []
    for name in ("cluster_id", "park_id"):
        ids = land[name].fillna("")
        placed = (ids != "").to_numpy() | (name == "cluster_id")
        by_place = sides[placed].groupby(ids[placed].to_numpy())
        low, high = by_place[["west", "south"]].min(), by_place[["east", "north"]].max()
        room = _MARGIN * (high.to_numpy() - low.to_numpy()).max(axis=1, initial=0.0)[:, None]
        boxes.append(np.hstack([low.to_numpy() - room, high.to_numpy() + room]))
    return np.asarray(shapely.box(*np.concatenate(boxes).T), dtype=object)


def _shapes(table: pd.DataFrame) -> NDArray[np.object_]:
    """Return the shapes of a table, None throughout where it has none."""
    shapes = table["geometry"] if "geometry" in table else [None] * len(table)
    return np.asarray(shapes, dtype=object)


def _near(shapes: NDArray[np.object_], boxes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether each shape comes near the places."""
    near = np.zeros(len(shapes), dtype=bool)
    bounds = shapely.box(*shapely.bounds(shapes).reshape(-1, 4).T)
    near[shapely.STRtree(boxes).query(bounds, predicate="intersects")[0]] = True
    return near
