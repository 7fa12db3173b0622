"""
Units nobody wrote down: proved by comparison, doubted where they look wrong, never assumed away.

An area may be proved by the outline of the same row, an area or a sum of money by another column
of the file whose heading names its unit. What proves nothing stays as it is and is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import findings
from landuse.read import headings
from landuse.units import FACTORS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.layers import Source
    from landuse.read.raw import Raw

CANDIDATES = {"m2": ("m2", "ha", "mu"), "cny": ("yuan", "wan_yuan", "yi_yuan")}
"""Units between which a comparison decides, by the kind of a column."""

_TOLERANCE = 0.05  # of the value; the units lie at least fifteenfold apart
_ENOUGH_ROWS = 5
_AGREEING = 0.9  # share of rows that must agree with one unit, and with no other
_LIKELY_HECTARES = 1000.0  # an area below it with four decimals or more is probably in hectares
_CHEAP = 2.0  # yuan a square metre; land is sold for more, so the price is probably in 万元


@dataclass(frozen=True)
class Open:
    """A column of areas or money whose unit nobody named."""

    name: str
    kind: str
    heading: str
    is_like_hectares: bool = False


def unit(numbers: NDArray[np.float64], truth: NDArray[np.float64], kind: str) -> tuple[str, int]:
    """
    Return the one unit in which numbers say what is known otherwise.

    Parameters
    ----------
    numbers
        Cells as written; NaN where missing.
    truth
        The same facts in the stored unit (m² or yuan); NaN where unknown. Same length.
    kind
        ``m2`` or ``cny``.

    Returns
    -------
    unit, rows
        Unit that nine tenths of at least five rows agree with and no other does, and how many
        rows agreed; ``("", 0)`` if there is none.
    """
    told = (numbers > 0) & (truth > 0)
    if told.sum() < _ENOUGH_ROWS:
        return "", 0
    close = {
        name: np.abs(numbers[told] * FACTORS[name] / truth[told] - 1) <= _TOLERANCE
        for name in CANDIDATES[kind]
    }
    right = [name for name, rows in close.items() if rows.mean() >= _AGREEING]
    return (right[0], int(close[right[0]].sum())) if len(right) == 1 else ("", 0)


def by_column(read: Raw, column: Open, source: Source) -> tuple[str, list[pd.DataFrame]]:
    """Return the unit of a column that another column of the file proves, or ''."""
    numbers = _numbers(read.cells[column.heading])
    for theirs, heading in zip(read.cells.columns, read.headings, strict=True):
        named = headings.split(heading)[1]
        if theirs == column.heading or named not in CANDIDATES[column.kind]:
            continue
        found, rows = unit(numbers, _numbers(read.cells[theirs]) * FACTORS[named], column.kind)
        if found:
            return found, [_said("unit_proved_by_column", column, source, found, rows, heading)]
    return "", []


def by_geometry(
    column: Open, areas: NDArray[np.float64], measured: NDArray[np.float64], source: Source
) -> tuple[str, list[pd.DataFrame]]:
    """
    Return the unit of a column of areas that the outlines prove, or ''.

    Parameters
    ----------
    column
        The column.
    areas
        Its cells as written.
    measured
        Area of each row's outline in the plane, m²; 0 or NaN where there is none. Units lie
        fifteenfold apart, so what a projection or a crossing does to an area is not asked.
    source
        The layer, for the finding.
    """
    found, rows = unit(areas, measured, "m2")
    if not found:
        return "", []
    return found, [_said("unit_proved_by_geometry", column, source, found, rows, "")]


def declared(
    name: str, areas: NDArray[np.float64], measured: NDArray[np.float64], source: Source
) -> list[pd.DataFrame]:
    """Say where outlines prove that areas, made m² as declared, were in another unit."""
    given = source.units.get(name)
    if given is None:
        return []
    right, rows = unit(areas / FACTORS[given], measured, "m2")
    if right in {"", given}:
        return []
    found = findings.rows(
        "unit_contradicted", layer=source.name, column=name, value=given, count=rows
    )
    return [found]


def doubts(table: pd.DataFrame, still_open: list[Open], source: Source) -> list[pd.DataFrame]:
    """Say which columns without a unit look as if they were not in m² and yuan."""
    said = [
        findings.rows("unit_suspected", layer=source.name, column=c.name, heading=c.heading)
        for c in still_open
        if c.is_like_hectares
    ]
    prices = [column for column in still_open if column.name == "price"]
    if prices and "declared_area" in table:
        hectares = any(c.name == "declared_area" and c.is_like_hectares for c in still_open)
        each = table["price"] / (table["declared_area"] * (FACTORS["ha"] if hectares else 1.0))
        each = each[(each > 0) & np.isfinite(each)]
        if len(each) >= _ENOUGH_ROWS and each.median() < _CHEAP:
            said += [
                findings.rows(
                    "money_suspected",
                    layer=source.name,
                    column="price",
                    value=f"{each.median():.4g}",
                    heading=prices[0].heading,
                )
            ]
    return said


def is_like_hectares(cells: pd.Series) -> bool:
    """Whether an area column without unit is written as hectares are: small, with four decimals."""
    if pd.api.types.is_float_dtype(cells):
        floats = cells.dropna().to_numpy(dtype="float64")
        floats = floats[floats >= 0]
        fine = (floats > 0) & (floats < _LIKELY_HECTARES) & (floats.round(3) != floats)
        return len(floats) >= _ENOUGH_ROWS and bool(fine.mean() > 0.5)
    texts = cells.dropna().astype("str").str.strip()
    texts = texts[texts.str.fullmatch(r"\d+(\.\d+)?")]
    numbers = texts.astype("float64")
    small = (numbers > 0) & (numbers < _LIKELY_HECTARES)
    likely = small & texts.str.contains(r"\.\d{4}")
    return len(texts) >= _ENOUGH_ROWS and bool(likely.mean() > 0.5)


def _numbers(cells: pd.Series) -> NDArray[np.float64]:
    """Return cells that are plain numbers; NaN for all others."""
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        numbers = cells.to_numpy(dtype="float64", na_value=np.nan)
    else:
        texts = cells.astype("str").str.replace(",", "").str.strip()
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype="float64")
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _said(code: str, column: Open, source: Source, found: str, rows: int, by: str) -> pd.DataFrame:
    """Say which unit was proved, by what and by how many rows."""
    return findings.rows(
        code,
        layer=source.name,
        column=column.name,
        value=found,
        heading=column.heading,
        count=rows,
        by=by,
    )
