"""One file's columns into ours: which unit each has, and its cells as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from landuse import findings, schema
from landuse.errors import LayerError
from landuse.read import headings, pairs, proof, shifted, values
from landuse.units import FACTORS

if TYPE_CHECKING:
    from landuse.layers import Source
    from landuse.read.raw import Ids, Raw
    from landuse.schema import Column


@dataclass
class Converted:
    """A file's cells in our columns and types, what was said, and columns without a unit."""

    table: pd.DataFrame
    findings: list[pd.DataFrame] = field(default_factory=list)
    open_units: list[proof.Open] = field(default_factory=list)


def converted(read: Raw, matches: list[headings.Match], source: Source, file: str) -> Converted:
    """
    Convert a file.

    Parameters
    ----------
    read
        The file as it stands.
    matches
        Which of its columns are which of ours.
    source, file
        Its declaration, and its name for the findings.

    Returns
    -------
    converted
        Areas in m² and money in yuan where their unit is known; a column whose unit nobody names
        and nothing in the file proves is taken as written and listed in `open_units`.
    """
    made: dict[str, pd.Series] = {}
    result = Converted(pd.DataFrame())
    ids: Ids = np.full(len(read.rows), None, dtype=object)
    identity = schema.id_column(source.role)
    for match in sorted(matches, key=lambda match: match.name != identity):
        column = schema.column(source.role, match.name)
        cells = values.Cells(read.cells[match.theirs], read.rows, ids, source.name, match.theirs)
        used, doubts = unit(match, column, source, read.units)
        made[match.name], faults = values.converted(cells, column, used)
        result.findings += [*doubts, *faults]
        if match.name == identity:
            ids = made[match.name].array
        if used is None and column.kind in proof.CANDIDATES and not _brings_own(faults):
            made[match.name] = _proved(made[match.name], match, column, read, source, result)
    for name in source.values:
        made[name] = _declared(name, source, len(read.rows))
        result.findings.append(_told(name, source, len(read.rows), file))
    result.findings.append(shifted.slipped(result.findings, read.rows, ids, source.name))
    result.findings += pairs.swapped(read, source.name, file)
    result.table = pd.DataFrame(made, index=pd.RangeIndex(len(read.rows)), copy=False)
    return result


def unit(
    match: headings.Match, column: Column, source: Source, above: tuple[str, ...]
) -> tuple[str | None, list[pd.DataFrame]]:
    """
    Return the unit of a column and where it came from.

    Declared in the TOML, else in its heading, else in a line above the header, else None.
    """
    if column.kind not in proof.CANDIDATES:
        return None, []
    declared = source.units.get(match.name)
    if match.unit is not None and match.unit != declared:
        code = "unit_of_heading" if declared is None else "unit_contradicts_heading"
        used = declared or match.unit
        found = findings.rows(
            code, layer=source.name, column=match.name, value=match.theirs, used=used
        )
        return used, [found]
    of_kind = [name for name in above if name in proof.CANDIDATES[column.kind]]
    if declared is None and len(of_kind) == 1:
        found = findings.rows(
            "unit_of_sheet", layer=source.name, column=match.name, value=of_kind[0]
        )
        return of_kind[0], [found]
    return declared, []


def _declared(name: str, source: Source, count: int) -> pd.Series:
    """Return the value a workspace declares for every row of a layer."""
    given = pd.Series([source.values[name]], dtype=object)
    cell = values.Cells(given, np.zeros(1, dtype=np.int64), given.array, source.name, name)
    made, _ = values.converted(cell, schema.column(source.role, name), source.units.get(name))
    if made.isna().any():
        where = f"layers/{source.name}.toml"
        raise LayerError("read.value_unreadable", where=where, name=name, given=given[0])
    return made.repeat(count).reset_index(drop=True)


def _told(name: str, source: Source, count: int, file: str) -> pd.DataFrame:
    """Say that a column comes from the workspace and not from the source."""
    value = source.values[name]
    return findings.rows(
        "value_declared",
        layer=source.name,
        column=name,
        value=str(value).lower() if isinstance(value, bool) else str(value),
        heading=schema.heading(source.role, name),
        rows=count,
        file=file,
    )


def _brings_own(faults: list[pd.DataFrame]) -> bool:
    """Whether some cells of a column carry a unit of their own."""
    return any((table["code"] == "unit_from_cells").any() for table in faults)


def _proved(
    cells: pd.Series,
    match: headings.Match,
    column: Column,
    read: Raw,
    source: Source,
    result: Converted,
) -> pd.Series:
    """Return a column without unit in the unit another column proves, or note it as open."""
    like_hectares = column.kind == "m2" and proof.is_like_hectares(read.cells[match.theirs])
    still = proof.Open(match.name, column.kind, match.theirs, like_hectares)
    found, said = proof.by_column(read, still, source)
    result.findings += said
    if found:
        return cells * FACTORS[found]
    result.open_units.append(still)
    return cells
