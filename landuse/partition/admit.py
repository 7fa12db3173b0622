"""
The door of the partition: what exists on the day and can be laid over anything, in a fixed order.

Left out and listed: geometry that is missing (except for supplies, which may have none), empty,
not polygonal, not finite or not valid. Nothing is repaired here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import geometry
from landuse.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from landuse.partition.overlay import Index, Shapes

ROLES = ("approval", "supply", "construction", "cluster", "park")
BEGINS = {"approval": "approved_on", "supply": "signed_on", "construction": "observed_on"}
"""Column that says since when a feature exists; a missing day means it always did."""

NEVER = np.datetime64("NaT", "s")
UNUSABLE = ("role", "feature_id", "source_layer", "source_row", "reason")


@dataclass(frozen=True)
class Admitted:
    """Usable features of one role in order of identifier; `days` is NaT where unknown."""

    ids: NDArray[np.object_]
    days: NDArray[np.datetime64]
    shapes: Shapes
    parent: Index

    def taken(self, index: Index) -> Admitted:
        """
        Return the features at some positions, in that order.

        The parent of a phase is then the nearest of those it is a phase of that was taken.
        """
        place = np.full(len(self.ids) + 1, -1)
        place[index] = np.arange(len(index))
        parent = self.parent[index]
        for _ in range(int((self.parent >= 0).sum())):
            passed = np.flatnonzero((parent >= 0) & (place[parent] < 0))
            if not len(passed):
                break
            parent[passed] = self.parent[parent[passed]]
        return Admitted(self.ids[index], self.days[index], self.shapes[index], place[parent])

    def drawn(self, shapes: Shapes) -> Admitted:
        """Return the features with other shapes."""
        return replace(self, shapes=shapes)


def common_crs(tables: Mapping[str, pd.DataFrame]) -> Any:
    """
    Return the one projected reference system of all tables that hold geometry, None without any.

    Raises
    ------
    CrsMismatchError
        If two tables differ, or one has none.
    CrsError
        If it is geographic.
    """
    frames = [
        table
        for role in ROLES
        if isinstance(table := tables[role], gpd.GeoDataFrame) and not table.geometry.isna().all()
    ]
    geometry.same_crs(*frames)
    if not frames:
        return None
    if frames[0].crs.is_geographic:
        raise CrsError("crs.degrees", name=frames[0].crs.to_string())
    return frames[0].crs


def admitted(role: str, table: pd.DataFrame, on: date) -> tuple[Admitted, pd.DataFrame]:
    """
    Return the features of a role that take part on a day, and those that cannot.

    Parameters
    ----------
    role
        One of `ROLES`; names the identifier and the day column.
    table
        Table of the role, with or without a geometry column. Not changed.
    on
        Features that begin later do not exist yet.
    """
    begins = BEGINS.get(role)
    existing = table if begins is None else table[~(table[begins] > pd.Timestamp(on))]
    shapes = _shapes(existing)
    reason = _reasons(shapes)
    bad = reason != "" if role != "supply" else ~np.isin(reason, ["", "missing"])
    good = reason == ""
    ids = existing[f"{role}_id"].to_numpy(dtype=object, na_value="")[good]
    days = existing[begins].to_numpy()[good] if begins else np.full(len(ids), NEVER)
    parent = np.full(len(ids), -1, dtype=np.int64)
    if role == "supply":
        parent = _parents(existing["phase_of"][good], ids)
    features = Admitted(ids, days.astype("datetime64[s]"), shapes[good], parent)
    order = _order(ids, features.shapes)
    return features.taken(order), _unusable(role, existing, reason, bad)


def _shapes(table: pd.DataFrame) -> Shapes:
    """Return the geometries of a table, flat; None throughout where it has no geometry column."""
    if not isinstance(table, gpd.GeoDataFrame):
        return np.full(len(table), None, dtype=object)
    shapes: Shapes = table.geometry.to_numpy().astype(object)
    high = np.flatnonzero(shapely.has_z(shapes))
    shapes[high] = shapely.force_2d(shapes[high])
    return shapes


def _reasons(shapes: Shapes) -> NDArray[np.str_]:
    """Say why each geometry cannot be used; an empty text where it can."""
    reason = np.full(len(shapes), "", dtype="<U13")
    missing, empty = shapely.is_missing(shapes), shapely.is_empty(shapes)
    polygonal, finite = geometry.is_polygonal(shapes), geometry.is_finite(shapes)
    sound = np.flatnonzero(polygonal & finite)
    reason[sound[~geometry.is_valid(shapes[sound])]] = "invalid"
    reason[~finite] = "not_finite"
    reason[~polygonal] = "not_polygonal"
    reason[empty] = "empty"
    reason[missing] = "missing"
    return reason


def _order(ids: NDArray[Any], shapes: Shapes) -> Index:
    """Order by identifier, then by the bytes of the geometry: footprints may have no identifier."""
    if len(np.unique(ids)) == len(ids):
        return np.argsort(ids, kind="stable")
    return np.lexsort((shapely.to_wkb(shapes, hex=True).astype(str), ids))


def _parents(phase_of: pd.Series, ids: NDArray[Any]) -> Index:
    """Return the position of the supply each is a phase of; -1 for none or one not admitted."""
    if not phase_of.notna().any():
        return np.full(len(ids), -1, dtype=np.int64)
    place = pd.Index(ids).get_indexer(phase_of.astype(object).to_numpy())
    own = place == np.arange(len(ids))
    return np.where(own, -1, place).astype(np.int64)


def _unusable(
    role: str, table: pd.DataFrame, reason: NDArray[Any], bad: NDArray[np.bool_]
) -> pd.DataFrame:
    """List features that take no part."""
    at = np.flatnonzero(bad)
    ids, layers, rows = (table[name].iloc[at] for name in (f"{role}_id", *UNUSABLE[2:4]))
    columns = {
        "role": pd.Series(role, index=ids.index, dtype="str"),
        "feature_id": ids.fillna("").astype("str"),
        "source_layer": layers.astype("str"),
        "source_row": rows.astype("int64"),
        "reason": pd.Series(reason[at], index=ids.index, dtype="str"),
    }
    return pd.DataFrame(columns, columns=list(UNUSABLE))
