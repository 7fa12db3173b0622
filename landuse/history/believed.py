"""
What a kept file must say before it is believed.

A hash proves that a file is what its record names, not who wrote the record. So a list, totals,
law or input that nobody could have kept is refused when it is read, and no figure is drawn from it.
What is forged throughout, each file fitting the others, only judging again tells (`replay.proof`).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse import geometry, parsing, schema
from landuse.history import frames
from landuse.terms import IDLE, STATE_OF, State, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import geopandas as gpd

    Figures = Mapping[str, Any]

KINDS = ("supply", "approval")
_NEEDED = frozenset(
    {
        "case_id", "kind", "cluster_id", "park_id", "right_holder", "project_name", "area_m2",
        "state", "status", "is_determined", "measures", "lead", "due_on",
    }
)  # fmt: skip
"""Columns that every list ever kept has and that are read of one."""
_ROUNDING = 1e-6
"""Share by which areas added in another order may differ."""


def cases(content: bytes, count: int) -> pd.DataFrame:
    """
    Return a kept list of cases.

    Parameters
    ----------
    content
        What `frames.packed` made of it.
    count
        How many cases its record says it has.

    Raises
    ------
    ValueError
        If it is no list of that many cases, each named once, with a status there is, the state
        that it refines, and an area that is a number or missing.
    """
    table = frames.unpacked(content)
    kinds = {name: schema.DTYPES[kind] for name, kind in schema.CASE_COLUMNS.items()}
    _typed(table, kinds, _NEEDED)
    states = {status.value: state.value for status, state in STATE_OF.items()}
    _demand(len(table) == count, "number of cases")
    _demand(table["kind"].isin(KINDS).all(), "kind")
    _demand(table["case_id"].notna().all(), "case_id")
    _demand(not table.duplicated(["kind", "case_id"]).any(), "case_id twice")
    _demand((table["status"].map(states) == table["state"]).all(), "status")
    _demand(not np.isinf(table["area_m2"]).any(), "area_m2")
    return table


def table(content: bytes, role: str, rows: int) -> pd.DataFrame:
    """
    Return a kept input, without its geometry, with the columns its role has got since, empty.

    Raises
    ------
    ValueError
        If it is no table of that role and so many rows.
    """
    found = frames.unpacked(content)
    blank = schema.empty(role)
    _typed(found, {str(name): dtype for name, dtype in blank.dtypes.items()}, schema.PROVENANCE)
    _demand(len(found) == rows, "number of rows")
    name = schema.id_column(role)
    _demand(name is None or name in found, "identifier")
    fresh = [name for name in blank.columns if name not in found]
    return found.assign(**{name: blank[name].reindex(found.index) for name in fresh})


def shapes(found: gpd.GeoDataFrame, role: str) -> None:
    """
    Look at the geometry of a kept input.

    Raises
    ------
    ValueError
        If a shape is none that a checked input of the role holds.
    """
    own = found["geometry"].to_numpy()
    there = ~shapely.is_missing(own)
    _demand(schema.may_have_geometry(role) or not there.any(), "geometry")
    _demand((np.abs(shapely.bounds(own[there])) < geometry.FARTHEST).all(), "coordinates")


def totals(content: bytes, on: str, cases: pd.DataFrame) -> dict[str, Any]:
    """
    Return kept totals.

    Parameters
    ----------
    content
        JSON.
    on
        The day asked for.
    cases
        The cases they were drawn from.

    Raises
    ------
    ValueError
        If they are not of that day, a figure is no number, or counts and areas by status are not
        those of the cases. How the areas of a place are cut at its border is not asked.
    """
    said: dict[str, Any] = plain(content)
    _demand(said["on"] == on and isinstance(said["workspace"], str), "day")
    _counted(said["city"], cases["status"].value_counts())
    for place in ("cluster", "park"):
        for entry, held in _places(said[f"{place}s"], place, cases):
            _counted(entry, held)
    is_shared = cases.duplicated("case_id").any()  # a supply and a remainder of one name
    areas = cases["area_m2"].clip(lower=0).fillna(0)
    for status, figure in _statuses(said["city"]):
        whole = math.fsum(areas[cases["status"] == status])
        parts = math.fsum(_status(entry, status)["area_m2"] for entry in said["clusters"])
        _demand(is_shared or _near(figure["area_m2"], whole), "area of the city")
        _demand(_near(figure["area_m2"], parts), "area of the clusters")
    return said


def plain(content: bytes) -> Any:
    """
    Return what kept JSON says.

    Raises
    ------
    ValueError
        If it is none, or holds a number without end or half a character.
    """
    said = parsing.jsons(content.decode())
    json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    return said


def _places(
    entries: Sequence[Figures], place: str, cases: pd.DataFrame
) -> Iterator[tuple[Figures, pd.Series]]:
    """Yield each cluster or park with the counts of its cases by status."""
    held = {
        name: rows["status"].value_counts()
        for name, rows in cases.groupby(cases[f"{place}_id"].fillna("").astype(object))
    }
    for entry in entries:
        _demand(isinstance(entry[f"{place}_name"], str), "name of a place")
        yield entry, held.get(entry[f"{place}_id"], pd.Series(dtype="int64"))


def _counted(entry: Figures, held: pd.Series) -> None:
    """Demand that the counts of a place are those of its cases, and its areas numbers."""
    _demand(set(entry["states"]) == {state.value for state in State}, "states")
    for state, figures in entry["states"].items():
        own = {s.value for s, refined in STATE_OF.items() if refined.value == state}
        _demand(set(figures["statuses"]) == own, "statuses")
        _sums(figures, list(figures["statuses"].values()))
    _sums(entry, list(entry["states"].values()))
    idle = [_status(entry, status.value) for status in IDLE]
    _sums(entry["idle"], idle)
    for status, figure in _statuses(entry):
        _demand(figure["count"] == held.get(status, 0), "count")


def _sums(whole: Figures, parts: Sequence[Figures]) -> None:
    """Demand numbers, and that parts sum to the whole."""
    for figure in (whole, *parts):
        _demand(type(figure["count"]) is int, "count")
        _demand(type(figure["area_m2"]) in {int, float}, "area")
        _demand(math.isfinite(figure["area_m2"]) and figure["area_m2"] >= 0, "area")
    _demand(whole["count"] == sum(part["count"] for part in parts), "sum of counts")
    areas = math.fsum(part["area_m2"] for part in parts)
    _demand(_near(whole["area_m2"], areas), "sum of areas")


def _statuses(entry: Figures) -> Iterator[tuple[str, Figures]]:
    """Yield the figures of each status."""
    for status in Status:
        yield status.value, _status(entry, status.value)


def _status(entry: Figures, status: str) -> Figures:
    """Return the figures of one status."""
    found: Figures = entry["states"][STATE_OF[Status(status)].value]["statuses"][status]
    return found


def _near(one: float, two: float) -> bool:
    """Whether areas are the same but for rounding."""
    return abs(one - two) <= max(0.01, _ROUNDING * abs(two))


def _typed(table: pd.DataFrame, dtypes: Mapping[Any, Any], needed: Collection[str]) -> None:
    """Demand that columns are there, once, and of the dtype they are kept with."""
    names = list(table.columns)
    _demand(len(set(names)) == len(names), "a column twice")
    _demand(set(needed) <= set(names), "columns")
    wrong = [name for name in names if name in dtypes and table[name].dtype != dtypes[name]]
    _demand(not wrong, f"dtype of {wrong}")


def _demand(is_so: object, what: str) -> None:
    """
    Refuse what is not so.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not is_so:
        raise ValueError(what)
