"""Findings about the rows of a table for which something holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from landuse import findings, schema

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rows(
    code: str, role: str, table: pd.DataFrame, where: Any, column: str = "", **details: Any
) -> pd.DataFrame:
    """
    Return a finding for each row of a table for which `where` holds.

    Parameters
    ----------
    code
        Code of the finding.
    role
        Role of the table.
    table
        A table of the contract, with provenance.
    where
        Boolean series or array, one element a row; missing counts as False.
    column
        Column the fault is in; its cell becomes the finding's value.
    **details
        Facts for the sentence: scalars, or series aligned with the table. Days become ISO text.
    """
    hit = mask(where)
    if not hit.any():
        return findings.none()
    found = table.loc[hit]
    identity = schema.id_column(role)
    headings = {}
    if column and column in schema.names(role):
        headings = {"heading": schema.heading(role, column, "zh")}
    return findings.rows(
        code,
        layer=list(found["source_layer"]),
        row=list(found["source_row"]),
        feature_id=list(found[identity]) if identity else "",
        column=column,
        value=_shown(found[column]) if column in schema.names(role) else "",
        **headings,
        **{name: _detail(value, hit) for name, value in details.items()},
    )


def mask(where: Any) -> NDArray[np.bool_]:
    """Return a condition as a plain array, missing as False."""
    series = pd.Series(where)
    known: NDArray[np.bool_] = series.fillna(value=False).to_numpy(dtype=bool)
    return known


def _detail(value: Any, hit: NDArray[np.bool_]) -> Any:
    """Return a fact for the rows concerned."""
    if isinstance(value, pd.Series):
        return _shown(value[hit])
    return value[hit].tolist() if isinstance(value, np.ndarray) else value


def _shown(values: pd.Series) -> list[Any]:
    """Return cells for a sentence: days in ISO form, numbers without noise, missing as empty."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return list(values.dt.strftime("%Y-%m-%d").fillna(""))
    if pd.api.types.is_float_dtype(values):
        return ["" if pd.isna(v) else f"{v:.2f}".rstrip("0").rstrip(".") for v in values]
    return ["" if pd.isna(v) else v for v in values]
