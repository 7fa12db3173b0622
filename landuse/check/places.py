"""Geometry that cannot be measured, and land that lies elsewhere than its papers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landuse import findings, geometry, schema
from landuse.check import about
from landuse.check.settle import base_ids
from landuse.terms import Role

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

_LOCATED = tuple(role for role in Role if schema.may_have_geometry(role))
_POLYGONS = (Role.CLUSTER, Role.PARK, Role.APPROVAL, Role.SUPPLY, Role.CONSTRUCTION, Role.PLAN)
_FAR = 50_000.0  # metres between a layer and all others from which it is probably misplaced


def measured(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Add `is_usable` to tables with geometry: asked once, and needed by many questions."""
    return tables | {
        role: tables[role].assign(is_usable=geometry.is_usable(tables[role]["geometry"]))
        for role in _POLYGONS
    }


def shapes(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name geometry that is missing, empty, not finite or invalid, with reason and place."""
    said = []
    for role in _LOCATED:
        table = tables[role]
        given = table["geometry"].to_numpy()
        finite = geometry.is_finite(given)
        missing, empty = shapely.is_missing(given), shapely.is_empty(given)
        broken = finite & ~missing & ~empty
        broken[broken] = ~shapely.is_valid(given[broken])
        said += [
            _missing(role, table, missing),
            about.rows("geometry_empty", role, table, empty, "geometry"),
            about.rows("geometry_not_finite", role, table, ~finite, "geometry"),
        ]
        if role in _POLYGONS and broken.any():
            reasons = np.full(len(table), "", dtype=object)
            reasons[broken] = shapely.is_valid_reason(given[broken])
            parts = pd.Series(reasons, index=table.index, dtype="str").str.extract(
                r"^(?P<reason>[^\[]*)(?:\[(?P<place>.*)\])?$"
            )
            found = about.rows(
                "geometry_invalid",
                role,
                table,
                broken,
                "geometry",
                reason=parts["reason"],
                place=parts["place"],
            )
            said.append(found)
    return said


def _missing(role: Role, table: pd.DataFrame, missing: NDArray[np.bool_]) -> pd.DataFrame:
    """Name rows without geometry: each where the layer has some, once where it is a ledger."""
    if not missing.any():
        return findings.none()
    none_at_all = (
        pd.Series(missing, index=table.index).groupby(table["source_layer"]).transform("all")
    )
    ledger = none_at_all.to_numpy() & (not schema.needs_geometry(role))
    each = about.rows("geometry_missing", role, table, missing & ~ledger, "geometry")
    if role is not Role.SUPPLY:
        return each
    counted = table[ledger].groupby("source_layer", sort=True).size()
    once = findings.rows(
        "layer_without_geometry",
        layer=list(counted.index),
        column="geometry",
        count=list(counted),
    )
    return findings.gather([each, once])


def memberships(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name land whose largest share lies in another cluster, or park, than its papers say."""
    clusters, parks = tables[Role.CLUSTER], tables[Role.PARK]
    pairs = (
        ("cluster_differs", Role.SUPPLY, "cluster_id", Role.CLUSTER, clusters),
        ("cluster_differs", Role.PARK, "cluster_id", Role.CLUSTER, clusters),
        ("park_differs", Role.SUPPLY, "park_id", Role.PARK, parks),
    )
    said = []
    for code, role, column, outer, areas in pairs:
        table = tables[role]
        if not len(areas) or not len(table):
            continue
        known = base_ids(areas, outer)
        there = _largest_share(table, areas, known)
        declared = table[column]
        differs = declared.notna() & declared.isin(known) & table["is_usable"] & (declared != there)
        said += [
            about.rows(code, role, table, differs & (there != ""), column, there=there),
            about.rows(f"{outer}_elsewhere", role, table, differs & (there == ""), column),
        ]
    return said


def _largest_share(table: pd.DataFrame, areas: pd.DataFrame, names: pd.Series) -> pd.Series:
    """Return the name of the area in which most of each row's land lies; '' where in none."""
    inner, outer = table["geometry"].to_numpy(), areas["geometry"].to_numpy()
    places, bounds = np.flatnonzero(table["is_usable"]), np.flatnonzero(areas["is_usable"])
    tree = shapely.STRtree(inner[places])  # the few and large are prepared, once each
    right, left = tree.query(outer[bounds], predicate="intersects")
    whole = tree.query(outer[bounds], predicate="covers")[1]
    pairs = pd.DataFrame({"inner": places[left], "outer": bounds[right]})
    codes, called = pd.factorize(names, sort=True)
    pairs["name"] = codes[pairs["outer"]]
    alone = ~pairs["inner"].duplicated(keep=False).to_numpy()
    area = np.zeros(len(pairs))
    a_side = inner[pairs["inner"].to_numpy()]
    b_side = outer[pairs["outer"].to_numpy()]
    inside = alone & np.isin(left, whole)
    asked = alone & ~inside
    inside[asked] = ~shapely.touches(a_side[asked], b_side[asked])
    area[inside] = 1.0
    area[~alone] = shapely.area(shapely.intersection(a_side[~alone], b_side[~alone]))
    pairs = pairs.assign(area=area)
    pairs = pairs[(pairs["area"] > 0) & (pairs["name"] >= 0)]
    summed = pairs.groupby(["inner", "name"], as_index=False)["area"].sum()
    best = pd.DataFrame(summed).sort_values(["area", "name"], ascending=[False, True])
    best = best.drop_duplicates("inner")
    result = np.full(len(inner), "", dtype=object)
    result[best["inner"]] = called.to_numpy(dtype=object)[best["name"]]
    return pd.Series(result, dtype="str")


def misplaced(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name layers that lie far from all the others: their reference system is probably wrong."""
    boxes: dict[str, Any] = {}
    for role in _LOCATED:
        table = tables[role]
        for layer, rows in table.groupby("source_layer", sort=True):
            given = rows["geometry"].to_numpy()
            usable = given[geometry.is_finite(given) & ~shapely.is_missing(given)]
            extent = shapely.total_bounds(usable) if len(usable) else np.full(4, np.nan)
            if np.isfinite(extent).all():
                boxes[str(layer)] = shapely.box(*extent)
    said = []
    for layer, box in sorted(boxes.items()):
        gaps = [shapely.distance(box, other) for name, other in boxes.items() if name != layer]
        if gaps and min(gaps) > _FAR:
            found = findings.rows(
                "layer_misplaced", layer=layer, column="geometry", km=round(min(gaps) / 1000)
            )
            said.append(found)
    return said
