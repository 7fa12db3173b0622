"""
Rows that claim the same id: counted once where they agree, kept apart where they do not.

Nothing is chosen between two versions of a fact; both stay, marked as in conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from landuse import findings, schema
from landuse.check import about, joining
from landuse.terms import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

IDENTIFIED = (
    Role.CLUSTER,
    Role.PARK,
    Role.APPROVAL,
    Role.SUPPLY,
    Role.CONSTRUCTION,
    Role.ENTERPRISE,
    Role.PROJECT,
)
"""Roles whose rows have an id of their own, unique after `settled`."""

MARK = "~"
"""Stands between an id and the source row that tells two rows of the same id apart."""


def settled(tables: dict[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """
    Make ids unique.

    Parameters
    ----------
    tables
        One table a role, from `read.tables`. Not changed.

    Returns
    -------
    tables, findings
        Tables with a fresh RangeIndex, same CRS. Of rows equal in every column and in geometry
        one is kept, the first by layer, file and row. Rows of one id that differ in geometry
        alone are the parts of one feature and are joined. Rows of one id that differ otherwise are
        all kept as ``id~layer:row`` with `is_conflicting` True; a row without id becomes
        ``~layer:row``.
        Tables of `IDENTIFIED` roles have the boolean column `is_conflicting`.
    """
    result, said = dict(tables), []
    for role in IDENTIFIED:
        result[role], found = _identified(role, tables[role])
        said.append(found)
    pauses = tables[Role.PAUSE]
    result[Role.PAUSE], found = _once(Role.PAUSE, pauses)
    said.append(found)
    return result, findings.gather(said)


def base_ids(table: pd.DataFrame, role: str) -> pd.Series:
    """Return the ids as the sources have them, before conflicting rows were told apart."""
    ids = table[schema.id_column(role)]
    if "is_conflicting" not in table or not table["is_conflicting"].any():
        return ids
    return ids.where(~table["is_conflicting"], ids.str.rsplit(MARK, n=1).str[0])


def _identified(role: Role, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table whose ids are unique, and what was wrong with them."""
    column = str(schema.id_column(role))
    kept, repeated = _once(role, table)
    kept, parts = joining.joined(role, kept)
    unnamed = kept[column].isna().to_numpy()
    conflicting = kept[column].duplicated(keep=False).to_numpy() & ~unnamed
    said = [repeated, parts]
    if role is not Role.CONSTRUCTION:
        said.append(about.rows("id_missing", role, kept, unnamed, column))
    if conflicting.any():
        said.append(
            about.rows(
                "id_conflicting",
                role,
                kept,
                conflicting,
                column,
                places=_places(kept, column),
                differing=_differing(kept, role, conflicting),
            )
        )
    result = kept.assign(is_conflicting=conflicting)
    if conflicting.any() or unnamed.any():
        own = kept["source_layer"] + ":" + kept["source_row"].astype("str")
        told = kept[column].fillna("") + MARK + own
        ids = kept[column].where(~(conflicting | unnamed), told)
        result[column] = _numbered(ids).astype("str")
    return result, findings.gather(said)


def _places(table: pd.DataFrame, column: str) -> pd.Series:
    """Return, for each row, the layer and row of every row with its id."""
    own = table["source_layer"] + ":" + table["source_row"].astype("str")
    repeated = table[column].duplicated(keep=False) & table[column].notna()
    joined = own[repeated].groupby(table.loc[repeated, column]).agg("、".join)
    return table[column].map(joined)


def _differing(table: pd.DataFrame, role: Role, conflicting: NDArray[np.bool_]) -> pd.Series:
    """Return, for each row in conflict, the headings under which the rows of its id differ."""
    rows = table[conflicting]
    ids = rows[str(schema.id_column(role))]
    facts = rows[list(schema.names(role))].astype(object)
    facts = facts.rename(columns={name: schema.heading(role, name) for name in schema.names(role)})
    if "geometry" in rows:
        facts["图形"] = shapely.to_wkb(shapely.normalize(rows["geometry"].to_numpy()))
    versions = facts.groupby(ids).nunique(dropna=False)
    named = {
        name: "、".join(str(heading) for heading in versions.columns[counts > 1])
        for name, counts in zip(versions.index, versions.to_numpy(), strict=True)
    }
    return table[str(schema.id_column(role))].map(named)


def _numbered(ids: pd.Series) -> pd.Series:
    """Return ids told apart where two files of one layer share a row number."""
    order = ids.groupby(ids).cumcount()
    return ids.where(order == 0, ids + "#" + (order + 1).astype("str"))


def _once(role: Role, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table in the order of its sources without repeated rows, and which they are."""
    order = ["source_layer", "source_file", "source_row"]
    ordered = table.sort_values(order, kind="stable").reset_index(drop=True)
    first = schema.names(role)[0]
    named = ordered[first].notna()
    suspects = np.flatnonzero((named & ordered[first].duplicated(keep=False)).to_numpy())
    if not len(suspects):
        return ordered, findings.gather([])
    keys = pd.Series(_facts(ordered.iloc[suspects], role), index=suspects, dtype=object)
    repeated = np.zeros(len(ordered), dtype=bool)
    repeated[suspects] = keys.duplicated().to_numpy()
    kept_row: NDArray[np.object_] = np.full(len(ordered), "", dtype=object)
    firsts = ordered["source_layer"] + ":" + ordered["source_row"].astype("str")
    kept_row[suspects] = keys.map(dict(zip(keys[::-1], firsts.iloc[suspects][::-1], strict=True)))
    found = about.rows("row_repeated", role, ordered, repeated, first, kept=kept_row)
    return ordered[~repeated].reset_index(drop=True), found


def _facts(rows: pd.DataFrame, role: Role) -> list[tuple[Any, ...]]:
    """Return every fact of each row as something that can be compared, geometry included."""
    facts = rows[list(schema.names(role))].astype(object)
    plain = facts.where(facts.notna(), None).itertuples(index=False, name=None)
    if "geometry" not in rows:
        return list(plain)
    shapes = shapely.to_wkb(shapely.normalize(rows["geometry"].to_numpy()))
    return [(*row, shape) for row, shape in zip(plain, shapes, strict=True)]
