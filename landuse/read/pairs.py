"""Pairs of limits whose headings may have been exchanged, such as those of the plot ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import findings

if TYPE_CHECKING:
    from landuse.read.raw import Raw

_LIMITS = (
    ("下限", "上限"),
    ("min", "max"),
    ("LOWER", "UP"),
    ("lower limit", "upper limit"),
    ("minimum", "maximum"),
)
"""How a heading says lower and upper."""


def swapped(read: Raw, layer: str, file: str) -> list[pd.DataFrame]:
    """
    Say which pairs of limits have the lower above the upper.

    Parameters
    ----------
    read
        One file as it stands.
    layer, file
        For the finding.

    Returns
    -------
    findings
        `pair_swapped` once where that holds for most rows that tell the two apart: the headings
        are exchanged; `pair_reversed` for single rows otherwise.
    """
    said = []
    names = [str(name) for name in read.cells.columns]
    for low, high in _LIMITS:
        for lower in names:
            upper = lower.replace(low, high)
            if low in lower and upper != lower and upper in names:
                said += _compared(read, lower, upper, layer, file)
    return said


def _compared(read: Raw, lower: str, upper: str, layer: str, file: str) -> list[pd.DataFrame]:
    """Compare two columns of limits."""
    low, high = (
        pd.to_numeric(read.cells[name], errors="coerce").to_numpy(dtype="float64")
        for name in (lower, upper)
    )
    wrong, told = low > high, (low != high) & ~np.isnan(low) & ~np.isnan(high)
    if not wrong.any():
        return []
    if wrong.sum() * 2 > told.sum():
        found = findings.rows(
            "pair_swapped",
            layer=layer,
            column=lower,
            value=int(wrong.sum()),
            other=upper,
            count=int(told.sum()),
            file=file,
        )
        return [found]
    found = findings.rows(
        "pair_reversed",
        layer=layer,
        row=read.rows[wrong],
        column=lower,
        value=list(low[wrong]),
        other=upper,
        upper=list(high[wrong]),
    )
    return [found]
