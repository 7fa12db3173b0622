"""
Two versions of the facts: where they differ, of which kind each difference is, and tables between.

A cell that was empty and is filled, or a row that is new, is a document that arrived. A cell with
another value, or a row that is gone, is a correction of the source. A shape with other
coordinates is an edit of geometry. Where a row stands in its source is no fact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import schema
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

FACTS = ("document", "correction", "geometry")
ROLES = (
    Role.CLUSTER, Role.PARK, Role.APPROVAL, Role.SUPPLY, Role.CONSTRUCTION, Role.PAUSE,
    Role.ENTERPRISE,
)  # fmt: skip
"""Roles whose facts a case depends on."""

COLUMNS = ("role", "feature_id", "case_id", "column", "before", "after", "cause")
_PLACES = ("source_layer", "source_file", "source_row")
_ROW = "row"
_PAUSE_KEY = ("supply_id", "cause", "begins_on", "document_number")


class Pair:
    """Two versions of one table, row beside row."""

    def __init__(self, role: str, before: pd.DataFrame, after: pd.DataFrame) -> None:
        self._role = role
        self._old = before.set_axis(_keys(role, before))
        self._new = after.set_axis(_keys(role, after))
        self._both = self._old.index.intersection(self._new.index, sort=False)
        self.added = self._new.index.difference(self._old.index, sort=False)
        self.removed = self._old.index.difference(self._new.index, sort=False)
        self._names = [c for c in before.columns if c not in {*_PLACES, "geometry"}]
        self._changed = {name: self._masks(name) for name in self._names}
        self._moved = self._other_shape()

    def _masks(self, name: str) -> tuple[Mask, Mask]:
        """Whether each common row has a cell filled, and whether it has one corrected."""
        old, new = (table.loc[self._both, name] for table in (self._old, self._new))
        had, has = old.notna().to_numpy(), new.notna().to_numpy()
        differs = ~(old == new).fillna(value=False).to_numpy(dtype=bool)
        return ~had & has, had & differs

    def _other_shape(self) -> Mask:
        """Whether each common row has another shape."""
        if "geometry" not in self._old or "geometry" not in self._new:
            return np.zeros(len(self._both), dtype=bool)
        old, new = (t.loc[self._both, "geometry"].to_numpy() for t in (self._old, self._new))
        differs = shapely.to_wkb(old) != shapely.to_wkb(new)
        return np.asarray(differs, dtype=bool) & np.ones(len(self._both), dtype=bool)

    def mixed(self, taken: Collection[str]) -> pd.DataFrame:
        """Return the earlier table with differences of some kinds taken from the later one."""
        if set(FACTS) <= set(taken):
            return self._new.reset_index(drop=True)
        if not self.kinds() & set(taken):
            return self._old.reset_index(drop=True)
        table = self._old.drop(self.removed) if "correction" in taken else self._old.copy()
        for name, (filled, corrected) in self._changed.items():
            chosen = np.zeros(len(self._both), dtype=bool)
            chosen |= filled & ("document" in taken)
            chosen |= corrected & ("correction" in taken)
            rows = self._both[chosen]
            table.loc[rows, name] = self._new.loc[rows, name]
        if "geometry" in taken and self._moved.any():
            rows = self._both[self._moved]
            table.loc[rows, "geometry"] = self._new.loc[rows, "geometry"]
        if "document" in taken and len(self.added):
            table = pd.concat([table, self._new.loc[self.added]])
        return _like(table.reset_index(drop=True), self._new)

    def kinds(self) -> set[str]:
        """Return the kinds of difference that occur."""
        filled = len(self.added) or any(masks[0].any() for masks in self._changed.values())
        corrected = len(self.removed) or any(masks[1].any() for masks in self._changed.values())
        flags = zip(FACTS, (filled, corrected, self._moved.any()), strict=True)
        return {kind for kind, occurs in flags if occurs}

    def facts(self) -> list[dict[str, str]]:
        """Return one entry a difference."""
        found = [self._fact(key, _ROW, "", "+", "document") for key in self.added]
        found += [self._fact(key, _ROW, "-", "", "correction") for key in self.removed]
        for name, masks in self._changed.items():
            for cause, mask in zip(FACTS, masks, strict=False):
                for key in self._both[mask]:
                    old, new = self._old.at[key, name], self._new.at[key, name]
                    found.append(self._fact(key, name, _text(old), _text(new), cause))
        for key in self._both[self._moved]:
            old, new = (f"{_area(t.at[key, 'geometry']):.2f}" for t in (self._old, self._new))
            found.append(self._fact(key, "geometry", old, new, "geometry"))
        return found

    def _fact(self, key: Any, column: str, before: str, after: str, cause: str) -> dict[str, str]:
        """Return one difference."""
        row = (self._new if key in self._new.index else self._old).loc[key]
        owner = "approval_id" if self._role == Role.APPROVAL else "supply_id"
        own = schema.id_column(self._role) or owner
        values = (self._role, row[own], row.get(owner, ""), column, before, after, cause)
        return dict(zip(COLUMNS, map(_text, values), strict=True))


def pairs(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> dict[str, Pair]:
    """Return two versions of every table a case depends on, row beside row."""
    return {str(role): Pair(str(role), before[role], after[role]) for role in ROLES}


def table_of(found: Mapping[str, Pair]) -> pd.DataFrame:
    """
    Return every difference of the facts.

    Returns
    -------
    facts
        `COLUMNS` as text: role, identifier, the supply or approval it belongs to ("" for none),
        column ("row" for a whole row), value before and after (areas in m² for geometry), and
        the kind of difference, one of `FACTS`.
    """
    rows = [fact for pair in found.values() for fact in pair.facts()]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
    return table.sort_values(["role", "feature_id", "column"], kind="stable", ignore_index=True)


def _keys(role: str, table: pd.DataFrame) -> pd.Index:
    """Return what tells the rows of a role apart: its identifier, or every fact that has to."""
    column = schema.id_column(role) if role != Role.PAUSE else None
    parts = [column] if column else list(_PAUSE_KEY)
    rows = table[parts].astype("str").fillna("").itertuples(index=False, name=None)
    keys = pd.Series(["\x1f".join(row) for row in rows], dtype=object)
    order = keys.groupby(keys).cumcount().astype("str")
    return pd.Index(keys + "\x1f" + order, dtype=object)


def _text(value: Any) -> str:
    """Return a cell as text; "" where it is missing."""
    if not isinstance(value, str) and pd.isna(value):
        return ""
    return str(value.date()) if isinstance(value, pd.Timestamp) else str(value)


def _area(shape: Any) -> float:
    """Area of a geometry in m²; 0 where there is none."""
    return 0.0 if shape is None else float(shape.area)


def _like(table: pd.DataFrame, model: pd.DataFrame) -> pd.DataFrame:
    """Return a mixed table as what its model is: with geometry or without, same dtypes."""
    plain = {name: dtype for name, dtype in model.dtypes.items() if name != "geometry"}
    shaped = table.astype(plain)[list(model.columns)]
    return gpd.GeoDataFrame(shaped, crs=model.crs) if "geometry" in model else shaped
