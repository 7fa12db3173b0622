"""The act of reading: every source layer of a workspace into the tables of the contract."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landuse import findings, schema
from landuse.errors import LayerError
from landuse.read import files, headings, places, raster, tabular, values, vector
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    from landuse.layers import Source, Workspace
    from landuse.read.raw import Raw
    from landuse.schema import Column

_log = logging.getLogger(__name__)

INPUTS = {
    "layer": "str",
    "role": "str",
    "file": "str",
    "sha256": "str",
    "rows": "int64",
    "refused": "int64",
    "features_with_geometry": "int64",
    "crs": "str",
    "crs_basis": "str",
    "encoding": "str",
    "as_of": "str",
    "matched": "str",
}
"""Columns of `Reading.inputs` with their dtypes."""

_LIKELY_HECTARES = 1000.0  # an area below it with four decimals or more is probably in hectares
_ENOUGH_CELLS = 5


@dataclass(frozen=True)
class Reading:
    """
    What was read.

    `tables` holds one table a role, every role present, with the columns, dtypes and provenance
    of `schema.conform` and, for roles that may have geometry, polygons in the workspace's CRS.
    `findings` names what was wrong. `inputs` has one row a file, columns as in `INPUTS`.
    """

    tables: dict[str, pd.DataFrame]
    findings: pd.DataFrame
    inputs: pd.DataFrame


@dataclass(frozen=True)
class _Part:
    """One file of a layer with its cells converted."""

    source: Source
    table: pd.DataFrame
    geometry: NDArray[np.object_] | None
    crs: pyproj.CRS | None
    facts: dict[str, Any]
    findings: tuple[pd.DataFrame, ...]


def tables(workspace: Workspace, report: Callable[[str, int], None] | None = None) -> Reading:
    """
    Read every source layer of a workspace.

    Parameters
    ----------
    workspace
        The catalogue, from `layers.load`.
    report
        Called with (layer, rows) after each layer, for progress.

    Raises
    ------
    LayerError
        If a layer's file, sheet, columns or encoding are not as its TOML declares.
    CrsError
        If a layer's reference system is unknown, or cannot be brought into the workspace's
        without guessing.
    """
    parts: list[_Part] = []
    for source in workspace.sources:
        made = [_part(path, source, workspace) for path in files.found(workspace, source)]
        parts += made
        rows = sum(len(part.table) for part in made)
        _log.info("%s: %d rows of %s from %d files", source.name, rows, source.role, len(made))
        if report is not None:
            report(source.name, rows)
    parts = _placed(parts, workspace)
    found = findings.gather(table for part in parts for table in part.findings)
    inputs = pd.DataFrame([part.facts for part in parts], columns=list(INPUTS)).astype(INPUTS)
    by_role: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        by_role[part.source.role].append(part)
    joined = {str(role): _joined(role, by_role[role], workspace.crs) for role in Role}
    return Reading(joined, found, inputs)


def _part(path: Path, source: Source, workspace: Workspace) -> _Part:
    """Read one file and convert its cells."""
    file = path.relative_to(workspace.path).as_posix()
    facts: dict[str, Any] = {
        "layer": source.name,
        "role": str(source.role),
        "file": file,
        "sha256": files.sha256(path),
        "features_with_geometry": 0,
        "crs": "",
        "crs_basis": "",
        "as_of": source.as_of.isoformat(),
    }
    if source.role is Role.IMAGERY:
        return _image(path, source, facts)
    is_table = path.suffix.lower() in files.TABLES
    read = tabular.opened(path, source) if is_table else vector.opened(path, source)
    if read.geometry is None and schema.needs_geometry(source.role):
        message = (
            f"layers/{source.name}.toml: role {source.role} needs geometry, and {path.name} has "
            "none. Deliver GeoPackage, shapefile or another vector format."
        )
        raise LayerError(message)
    matches, said = headings.matched(read, source, file)
    table, faults = _converted(read, matches, source)
    table["source_layer"], table["source_file"], table["source_row"] = source.name, file, read.rows
    _log.debug("%s: %s", file, ", ".join(f"{m.name}={m.theirs}" for m in matches))
    if not len(table):
        faults.append(findings.rows("layer_empty", layer=source.name, file=file))
    facts |= {
        "rows": len(table),
        "refused": read.refused,
        "encoding": read.encoding,
        "matched": "; ".join(f"{match.name}={match.theirs}" for match in matches),
    }
    spatial = read.geometry if schema.may_have_geometry(source.role) else None
    conformed = schema.conform(table, source.role)
    return _Part(source, conformed, spatial, read.crs, facts, (*read.findings, *said, *faults))


def _image(path: Path, source: Source, facts: dict[str, Any]) -> _Part:
    """Check one raster and return its row."""
    crs, said = raster.checked(path, source)
    row = pd.DataFrame(
        {
            "observed_on": [pd.Timestamp(str(source.observed_on))],
            "source_layer": [source.name],
            "source_file": [facts["file"]],
            "source_row": [1],
        }
    )
    basis = "declared" if source.crs else "read" if crs else ""
    facts |= {
        "rows": 1,
        "refused": 0,
        "crs": crs,
        "crs_basis": basis,
        "encoding": "",
        "matched": "",
    }
    return _Part(source, schema.conform(row, source.role), None, None, facts, tuple(said))


def _converted(
    read: Raw, matches: list[headings.Match], source: Source
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Return a file's cells in our columns and types, and what could not be read."""
    result: dict[str, pd.Series] = {}
    said: list[pd.DataFrame] = []
    ids: NDArray[np.object_] = np.full(len(read.rows), None, dtype=object)
    identity = schema.id_column(source.role)
    for match in sorted(matches, key=lambda match: match.name != identity):
        column = schema.column(source.role, match.name)
        cells = values.Cells(read.cells[match.theirs], read.rows, ids, source.name, match.theirs)
        unit, doubts = _unit(match, column, source)
        result[match.name], faults = values.converted(cells, column, unit)
        said += [*doubts, *faults]
        if match.name == identity:
            ids = result[match.name].to_numpy(dtype=object)
        if column.kind == "m2" and unit is None and _looks_like_hectares(cells.values):
            found = findings.rows(
                "unit_suspected", layer=source.name, column=column.name, heading=match.theirs
            )
            said.append(found)
    return pd.DataFrame(result, index=pd.RangeIndex(len(read.rows))), said


def _unit(
    match: headings.Match, column: Column, source: Source
) -> tuple[str | None, list[pd.DataFrame]]:
    """Return the unit of a column: declared, else in its heading, else None for the stored one."""
    if column.kind not in {"m2", "cny"}:
        return None, []
    declared = source.units.get(match.name)
    if match.unit is None or match.unit == declared:
        return declared, []
    code = "unit_of_heading" if declared is None else "unit_contradicts_heading"
    found = findings.rows(
        code, layer=source.name, column=match.name, value=match.theirs, used=declared or match.unit
    )
    return declared or match.unit, [found]


def _looks_like_hectares(cells: pd.Series) -> bool:
    """Whether an area column without unit is written as hectares are: small, with four decimals."""
    texts = cells.dropna().astype("str").str.strip()
    texts = texts[texts.str.fullmatch(r"\d+(\.\d+)?")]
    numbers = texts.astype("float64")
    small = (numbers > 0) & (numbers < _LIKELY_HECTARES)
    likely = small & texts.str.contains(r"\.\d{4}")
    return len(texts) >= _ENOUGH_CELLS and bool(likely.mean() > 0.5)


def _placed(parts: list[_Part], workspace: Workspace) -> list[_Part]:
    """Bring the geometry of every part into the workspace's system."""
    spatial = [
        places.Delivered(part.source, part.facts["file"], *_whose(part), part.geometry, part.crs)
        for part in parts
        if part.geometry is not None
    ]
    ready = iter(places.placed(spatial, workspace.crs))
    return [part if part.geometry is None else _at(part, next(ready)) for part in parts]


def _whose(part: _Part) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return row numbers and ids of a part."""
    identity = schema.id_column(part.source.role)
    rows = part.table["source_row"].to_numpy()
    if identity is None:
        return rows, np.full(len(rows), None, dtype=object)
    return rows, part.table[identity].to_numpy(dtype=object)


def _at(part: _Part, place: places.Placed) -> _Part:
    """Return a part with its geometry in place."""
    there = int(sum(g is not None and not g.is_empty for g in place.geometry))
    facts = part.facts | {
        "features_with_geometry": there,
        "crs": place.crs,
        "crs_basis": place.basis,
    }
    said = (*part.findings, *place.findings)
    return _Part(part.source, part.table, place.geometry, None, facts, said)


def _joined(role: Role, parts: Iterable[_Part], crs: pyproj.CRS) -> pd.DataFrame:
    """Return the rows of a role from all its layers, with geometry where the role has any."""
    kept = [part for part in parts if len(part.table)]
    rows = [part.table for part in kept]
    table = pd.concat(rows, ignore_index=True) if rows else schema.empty(role)
    if not schema.may_have_geometry(role):
        return table
    shapes: NDArray[np.object_] = np.full(len(table), None, dtype=object)
    start = 0
    for part in kept:
        if part.geometry is not None:
            shapes[start : start + len(part.table)] = part.geometry
        start += len(part.table)
    placed: pd.DataFrame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=crs))
    return placed
