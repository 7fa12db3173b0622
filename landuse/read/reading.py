"""The act of reading: every source layer of a workspace into the tables of the contract."""

from __future__ import annotations

import dataclasses
import logging
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landuse import database, findings, offline, schema
from landuse.errors import LayerError
from landuse.read import (
    bulk,
    conversion,
    databases,
    files,
    headings,
    places,
    proof,
    raster,
    tabular,
    vector,
)
from landuse.terms import Role
from landuse.units import FACTORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    from landuse.layers import Source, Workspace
    from landuse.read import raw

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
    "declared": "str",
}
"""Columns of `Reading.inputs` with their dtypes."""


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
    open_units: tuple[proof.Open, ...] = ()


@offline.cut_off()
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
        made = _parts(source, workspace)
        parts += made
        rows = sum(len(part.table) for part in made)
        _log.info("%s: %d rows of %s from %d files", source.name, rows, source.role, len(made))
        if report is not None:
            report(source.name, rows)
    parts = [_weighed(part) for part in _placed(parts, workspace)]
    found = findings.gather(table for part in parts for table in part.findings)
    inputs = pd.DataFrame([part.facts for part in parts], columns=list(INPUTS)).astype(INPUTS)
    by_role: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        by_role[part.source.role].append(part)
    joined = {str(role): _joined(role, by_role[role], workspace.crs) for role in Role}
    return Reading(joined, found, inputs)


def _parts(source: Source, workspace: Workspace) -> list[_Part]:
    """Read everything a layer consists of: one table of a database, or one file or several."""
    if database.is_address(source.path):
        read, digest = databases.opened(source)
        return [_converted(read, source, _facts(source, source.path, digest))]
    made = [_part(path, source, workspace) for path in files.found(workspace, source)]
    return made + [_mask(path, source, workspace) for path in files.masks(workspace, source)]


def _facts(source: Source, file: str, digest: str) -> dict[str, Any]:
    """Return what is recorded of an input before it is looked into."""
    return {
        "layer": source.name,
        "role": str(source.role),
        "file": file,
        "sha256": digest,
        "features_with_geometry": 0,
        "crs": "",
        "crs_basis": "",
        "as_of": source.as_of.isoformat(),
        "declared": "; ".join(f"{name}={value}" for name, value in source.values.items()),
    }


def _part(path: Path, source: Source, workspace: Workspace) -> _Part:
    """Read one file, hashed beside that, and convert its cells."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        hashing = beside.submit(files.sha256, path)
        if source.role is Role.IMAGERY:
            read = None
        elif path.suffix.lower() in files.TABLES:
            read = tabular.opened(path, source)
        else:
            read = vector.opened(path, source)
        digest = hashing.result()
    facts = _facts(source, path.relative_to(workspace.path).as_posix(), digest)
    return _image(path, source, facts) if read is None else _converted(read, source, facts)


def _converted(read: raw.Raw, source: Source, facts: dict[str, Any]) -> _Part:
    """Convert the cells of one input."""
    file = str(facts["file"])
    if read.geometry is None and schema.needs_geometry(source.role):
        raise LayerError(
            "read.needs_geometry", where=source.name, role=source.role, file=file.rpartition("/")[2]
        )
    matches, said = headings.matched(read, source, file)
    made = conversion.converted(read, matches, source, file)
    table = made.table
    table["source_layer"] = bulk.repeated(source.name, len(table))
    table["source_file"] = bulk.repeated(file, len(table))
    table["source_row"] = read.rows
    _log.debug("%s: %s", file, ", ".join(f"{m.name}={m.theirs}" for m in matches))
    if not len(table):
        made.findings.append(findings.rows("layer_empty", layer=source.name, file=file))
    facts |= {
        "rows": len(table),
        "refused": read.refused,
        "encoding": read.encoding,
        "matched": "; ".join(f"{match.name}={match.theirs}" for match in matches),
    }
    spatial = read.geometry if schema.may_have_geometry(source.role) else None
    conformed = schema.conform(table, source.role)
    heard = (*read.findings, *said, *made.findings)
    return _Part(source, conformed, spatial, read.crs, facts, heard, tuple(made.open_units))


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


def _mask(path: Path, source: Source, workspace: Workspace) -> _Part:
    """Check the mask of a scene: an input like the scene's own files, and no image of its own."""
    file = path.relative_to(workspace.path).as_posix()
    made = _image(
        path, dataclasses.replace(source, bands={}), _facts(source, file, files.sha256(path))
    )
    return dataclasses.replace(made, table=made.table.iloc[:0], facts=made.facts | {"rows": 0})


def _placed(parts: list[_Part], workspace: Workspace) -> list[_Part]:
    """Bring the geometry of every part into the workspace's system."""
    spatial = [
        places.Delivered(part.source, part.facts["file"], *_whose(part), part.geometry, part.crs)
        for part in parts
        if part.geometry is not None
    ]
    ready = iter(places.placed(spatial, workspace.crs))
    return [part if part.geometry is None else _at(part, next(ready)) for part in parts]


def _whose(part: _Part) -> tuple[NDArray[np.int64], raw.Ids]:
    """Return row numbers and ids of a part."""
    identity = schema.id_column(part.source.role)
    rows = part.table["source_row"].to_numpy()
    if identity is None:
        return rows, np.full(len(rows), None, dtype=object)
    return rows, part.table[identity].array


def _at(part: _Part, place: places.Placed) -> _Part:
    """Return a part with its geometry in place."""
    facts = part.facts | {
        "features_with_geometry": place.there,
        "crs": place.crs,
        "crs_basis": place.basis,
    }
    said = (*part.findings, *place.findings)
    return _Part(part.source, part.table, place.geometry, None, facts, said, part.open_units)


def _weighed(part: _Part) -> _Part:
    """Return a part whose areas without unit have the one their outlines prove, or are doubted."""
    said = list(part.findings)
    still, table = list(part.open_units), part.table
    still_area = [column for column in still if column.name == "declared_area"]
    if part.geometry is not None and (still_area or "declared_area" in part.source.units):
        measured = shapely.area(part.geometry)
        areas = table["declared_area"].to_numpy()
        said += proof.declared("declared_area", areas, measured, part.source)
        for column in still_area:
            found, heard = proof.by_geometry(column, areas, measured, part.source)
            said += heard
            if found:
                still.remove(column)
                table = table.assign(declared_area=areas * FACTORS[found])
    said += proof.doubts(table, still, part.source)
    return dataclasses.replace(part, table=table, findings=tuple(said), open_units=tuple(still))


def _joined(role: Role, parts: Iterable[_Part], crs: pyproj.CRS) -> pd.DataFrame:
    """Return the rows of a role from all its layers, with geometry where the role has any."""
    kept = [part for part in parts if len(part.table)]
    rows = [part.table for part in kept]
    rows = rows or [schema.empty(role)]
    table = pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0]
    if not schema.may_have_geometry(role):
        return table
    shapes = [
        np.full(len(part.table), None, dtype=object) if part.geometry is None else part.geometry
        for part in kept
    ]
    whole = shapes[0] if len(shapes) == 1 else np.concatenate([np.empty(0, object), *shapes])
    placed: pd.DataFrame = gpd.GeoDataFrame(
        table, geometry=gpd.array.GeometryArray(whole, crs=crs), copy=False
    )
    return placed
