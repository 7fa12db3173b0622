"""Areas, money and grades that cannot be right, and required cells that are empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import crs, findings, schema, units
from landuse.check import about
from landuse.terms import Role

if TYPE_CHECKING:
    from landuse.layers import Workspace

TOLERANCE_SHARE = 0.01
"""Declared and measured area may differ by this share …"""
TOLERANCE_M2 = 0.1 / units.MU_PER_M2
"""… and by this much (0.1 mu); a larger difference of either kind is a finding."""

GRADES = ("A", "B", "C")


def required(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name empty cells of required columns; ids and days of pauses are named elsewhere."""
    elsewhere = {"begins_on", "cause"}
    return [
        about.rows("required_missing", role, table, table[column.name].isna(), column.name)
        for role, table in tables.items()
        for column in schema.columns(role)
        if column.required
        and column.name not in elsewhere
        and (role == Role.PAUSE or column.name != schema.id_column(role))
    ]


def areas(tables: dict[str, pd.DataFrame], workspace: Workspace) -> list[pd.DataFrame]:
    """Compare declared with measured areas, and name rows that have neither."""
    said = []
    for role in (Role.SUPPLY, Role.APPROVAL):
        table = tables[role]
        shapes = table["geometry"].to_numpy()
        usable = table["is_usable"].to_numpy()
        measured = np.full(len(table), np.nan)
        measured[usable] = crs.areas(shapes[usable], workspace.crs, workspace.area_method)
        declared = table["declared_area"].to_numpy()
        gap = np.abs(measured - declared)
        apart = (gap > TOLERANCE_SHARE * declared) | (gap > TOLERANCE_M2)
        neither = np.isnan(declared) & ~usable
        said += [
            about.rows(
                "area_differs",
                role,
                table,
                apart & ~np.isnan(gap),
                "declared_area",
                measured=pd.Series(measured, index=table.index),
                method=workspace.area_method,
            ),
            about.rows("area_unknown", role, table, neither, "declared_area"),
            about.rows("area_zero", role, table, declared == 0, "declared_area"),
        ]
    return said


def shares(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name supplies whose part exceeds its whole."""
    table = tables[Role.SUPPLY]
    pairs = (
        ("invested_exceeds_planned", "invested", "planned_investment"),
        ("developed_exceeds_required", "developed_area", "required_area"),
        ("required_exceeds_declared", "required_area", "declared_area"),
    )
    said = [
        about.rows(code, Role.SUPPLY, table, table[part] > table[whole], part, whole=table[whole])
        for code, part, whole in pairs
    ]
    with_land = table["invested_includes_land"].fillna(value=False)
    short = with_land & (table["invested"] < table["price"])
    said.append(
        about.rows(
            "invested_below_price", Role.SUPPLY, table, short, "invested", whole=table["price"]
        )
    )
    unclear = table["invested"].notna() & table["invested_includes_land"].isna()
    for layer, rows in table[unclear].groupby("source_layer", sort=True):
        found = findings.rows(
            "invested_unclear", layer=layer, column="invested_includes_land", count=len(rows)
        )
        said.append(found)
    return said


def grades(tables: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """Name enterprises whose grade is not one of A, B and C."""
    table = tables[Role.ENTERPRISE]
    strange = table["grade"].notna() & ~table["grade"].isin(GRADES)
    return [about.rows("grade_unknown", Role.ENTERPRISE, table, strange, "grade")]
