"""
Shapes that stand in a file and that its driver could not make: told from those that are not there.

A driver gives nothing for both. Only a layer that has rows without a shape is looked at again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyogrio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_FAULTS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pa.ArrowException)


def rows(path: Path, layer: str, missing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """
    Return the numbers, from 1, of the rows whose shape is damaged.

    Parameters
    ----------
    path, layer
        The file and its layer.
    missing
        Which rows came without a shape.
    """
    if not missing.any():
        return np.empty(0, dtype=np.int64)
    if path.suffix.lower() == ".gpkg":
        written = _in_package(path, layer)
    elif path.suffix.lower() in {".geojson", ".json"}:
        written = np.fromiter(_in_json(path), dtype=bool)
    else:
        return np.empty(0, dtype=np.int64)
    if len(written) != len(missing):  # in an order that is not the rows': nothing can be said
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(written & missing) + 1


def _in_package(path: Path, layer: str) -> NDArray[np.bool_]:
    """Return which rows of a layer of a GeoPackage have bytes for a shape."""
    try:
        column = pyogrio.read_info(path, layer=layer)["geometry_name"]
        shape, table = (name.replace('"', '""') for name in (column, layer))
        _, found = pyogrio.read_arrow(
            path, sql=f'SELECT "{shape}" IS NOT NULL AS written FROM "{table}"'
        )
    except _FAULTS:
        return np.empty(0, dtype=bool)
    return np.asarray(found["written"].to_numpy(), dtype=bool)


def _in_json(path: Path) -> Iterator[bool]:
    """Yield of each feature of a GeoJSON, read one by one, whether it has a shape."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    at, decode = text.find("[", text.find('"features"')) + 1, json.JSONDecoder(strict=False)
    while at and (at := text.find("{", at)) >= 0:
        try:
            feature, at = decode.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield feature.get("geometry") is not None
