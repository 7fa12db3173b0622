"""One feature delivered as several rows, a polygon each: joined where nothing speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from landuse import findings, geometry, schema
from landuse.check import about
from landuse.terms import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN_PARTS = (Role.CLUSTER, Role.PARK, Role.APPROVAL, Role.SUPPLY)
"""Roles whose features surveyors deliver polygon by polygon under one id."""

_SHARED = 1e-6  # of the summed area; polygons that share more are two versions, not two parts


def joined(role: Role, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Join rows that share their id and every other fact and differ in geometry alone.

    Parameters
    ----------
    role
        Role of the table.
    table
        Rows in the order of their sources, none repeated. Not changed.

    Returns
    -------
    table, findings
        The first row of each such feature with the union of its polygons (same CRS, m); rows
        whose polygons overlap, or are unusable, are left as they are: they are in conflict.
    """
    column = schema.id_column(role)
    if role not in IN_PARTS or column is None or "geometry" not in table:
        return table, findings.none()
    repeated = (table[column].duplicated(keep=False) & table[column].notna()).to_numpy()
    shared = repeated & geometry.is_usable(table["geometry"])
    if not shared.any():
        return table, findings.none()
    groups = _alike(table[shared], role, column)
    shapes = table["geometry"].to_numpy().copy()
    dropped = np.zeros(len(table), dtype=bool)
    for rows in groups:
        union = shapely.union_all(shapes[rows])
        total = shapely.area(shapes[rows]).sum()
        if total - union.area <= _SHARED * total:
            shapes[rows[0]] = union
            dropped[rows[1:]] = True
    firsts = table["source_layer"] + ":" + table["source_row"].astype("str")
    into = firsts.groupby(table[column]).transform("first").to_numpy(dtype=object)
    found = about.rows("parts_joined", role, table, dropped, column, kept=into)
    result = table.assign(geometry=shapes) if dropped.any() else table
    return result[~dropped].reset_index(drop=True), found


def _alike(table: pd.DataFrame, role: Role, column: str) -> list[NDArray[np.int64]]:
    """Positions of the rows of each id all of whose other facts agree."""
    facts = table[list(schema.names(role))].astype(object)
    plain = facts.where(facts.notna(), None)
    keys = pd.Series(list(plain.itertuples(index=False, name=None)), index=table.index)
    versions = keys.groupby(table[column]).transform("nunique")
    agreeing = table[versions == 1]
    sizes = agreeing[column].map(agreeing[column].value_counts())
    positions = agreeing[sizes > 1].groupby(column).groups
    return [np.asarray(rows, dtype=np.int64) for rows in positions.values()]
