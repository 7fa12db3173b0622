"""One table or view of a PostGIS database, as a file of the same rows would be read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjCrsError

from landuse import database, findings, schema
from landuse.errors import CrsError, DatabaseError, LayerError, phrase
from landuse.read import raw

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from landuse.layers import Source

    Connection = psycopg.Connection[tuple[Any, ...]]

_PLAIN = frozenset({"int2", "int4", "int8", "float4", "float8", "bool", "numeric"})
_SHAPES = frozenset({"geometry", "geography"})
_LISTED = 20
_TABLES = """
SELECT n.nspname, c.relname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = ANY ('{r,v,m,f,p}') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_t%' AND NOT c.relispartition
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
ORDER BY n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attname, t.typname
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')
ORDER BY a.attnum
"""
_KEY = """
SELECT a.attname
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = %s AND i.indisprimary ORDER BY k.place
"""


@dataclass(frozen=True)
class _Table:
    """A table or view that may be read."""

    schema: str
    name: str
    oid: int

    @property
    def shown(self) -> str:
        """Schema and name as they are asked for."""
        return f"{self.schema}.{self.name}"


def opened(source: Source) -> tuple[raw.Raw, str]:
    """
    Read the table that a source means, in one read-only transaction.

    Parameters
    ----------
    source
        Its `path` is the address of the database, its `layer` the table (``schema.table``; the
        only one of that name, or the only one there is, may be named short or not at all).

    Returns
    -------
    raw, sha256
        The rows by primary key, or else by their text; and the hash of everything read.

    Raises
    ------
    LayerError
        If the database cannot be read, or the table is not there, or not one table.
    CrsError
        If it names a reference system that PROJ does not know.
    """
    where = f"layers/{source.name}.toml"
    try:
        with database.connected(source.path) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return _read(connection, source, where)
    except DatabaseError as err:
        raise LayerError("database.at", where=where, reason=err) from err


def _read(connection: Connection, source: Source, where: str) -> tuple[raw.Raw, str]:
    """Read one table whole."""
    table = _picked(connection, source, where)
    columns = connection.execute(_COLUMNS, [table.oid]).fetchall()
    shapes = [str(name) for name, kind in columns if kind in _SHAPES]
    if len(shapes) > 1 and schema.may_have_geometry(source.role):
        raise LayerError("database.several_shapes", where=where, table=table.shown, names=shapes)
    plain = [(str(name), str(kind)) for name, kind in columns if kind not in _SHAPES]
    crs = None
    if shapes:
        place = database.postgis(connection)
        crs = _system(connection, table, shapes[0], place, where)
        rows = _rows(connection, table, plain, (shapes[0], place))
    else:
        rows = _rows(connection, table, plain, None)
    return _raw(rows, [name for name, _ in plain], source, table, crs, has_shapes=bool(shapes))


def _picked(connection: Connection, source: Source, where: str) -> _Table:
    """Return the table that is meant."""
    there = [_Table(*row) for row in connection.execute(_TABLES).fetchall()]
    picked = there
    if source.layer is not None:
        picked = [table for table in there if table.shown == source.layer]
        picked = picked or [table for table in there if table.name == source.layer]
    if len(picked) == 1:
        return picked[0]
    listed = [table.shown for table in (picked or there)]
    names = [*listed[:_LISTED], *(["…"] if len(listed) > _LISTED else [])]
    asked = phrase("database.asked_none")
    if source.layer is not None and not picked:
        asked = phrase("database.asked_name", name=source.layer)
    address = database.shown(source.path)
    raise LayerError("database.no_table", where=where, address=address, asked=asked, names=names)


def _rows(
    connection: Connection,
    table: _Table,
    plain: Sequence[tuple[str, str]],
    shape: tuple[str, str] | None,
) -> list[tuple[Any, ...]]:
    """Return the cells of a table, its geometry last as WKB."""
    from psycopg import sql

    parts: list[sql.Composable] = [
        sql.SQL("t.{}").format(sql.Identifier(name))
        if kind in _PLAIN
        else sql.SQL("t.{}::pg_catalog.text").format(sql.Identifier(name))
        for name, kind in plain
    ]
    if shape is not None:
        column, place = shape
        parts.append(
            sql.SQL("{}.ST_AsBinary(t.{}::{}.geometry, 'NDR')").format(
                sql.Identifier(place), sql.Identifier(column), sql.Identifier(place)
            )
        )
    key = [str(name) for (name,) in connection.execute(_KEY, [table.oid]).fetchall()]
    order = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in key)
    query = sql.SQL("SELECT {} FROM {} AS t ORDER BY {}").format(
        sql.SQL(", ").join(parts),
        sql.Identifier(table.schema, table.name),
        order if key else sql.SQL('t::pg_catalog.text COLLATE "C"'),
    )
    return connection.execute(query).fetchall()


def _system(
    connection: Connection, table: _Table, column: str, place: str, where: str
) -> pyproj.CRS | None:
    """
    Return the reference system of a column of geometry; None where it names none.

    Raises
    ------
    LayerError
        If it mixes several.
    CrsError
        If PROJ does not know it.
    """
    from psycopg import sql

    names = {
        "gis": sql.Identifier(place),
        "column": sql.Identifier(column),
        "table": sql.Identifier(table.schema, table.name),
    }
    query = (
        "SELECT DISTINCT {gis}.ST_SRID({column}::{gis}.geometry) "
        "FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"
    )
    found = [int(row[0]) for row in connection.execute(sql.SQL(query).format(**names)).fetchall()]
    if len(found) > 1:
        raise LayerError("database.several_systems", where=where, table=table.shown, names=found)
    if found in ([], [0]):
        return None
    query = "SELECT auth_name, auth_srid, srtext FROM {gis}.spatial_ref_sys WHERE srid = %s"
    told = connection.execute(sql.SQL(query).format(**names), found).fetchone()
    try:
        if told is not None and told[0] and told[1]:
            return pyproj.CRS.from_authority(str(told[0]), int(told[1]))
        return pyproj.CRS.from_wkt(str(told[2])) if told is not None else None
    except ProjCrsError as err:
        raise CrsError(
            "database.unknown_srid", where=where, table=table.shown, srid=found[0]
        ) from err


def _raw(
    rows: list[tuple[Any, ...]],
    names: list[str],
    source: Source,
    table: _Table,
    crs: pyproj.CRS | None,
    *,
    has_shapes: bool,
) -> tuple[raw.Raw, str]:
    """Return rows as a file of them would be, and their hash."""
    cells = [[_cell(value) for value in row[: len(names)]] for row in rows]
    shapes = [row[-1] for row in rows] if has_shapes else []
    numbers = np.arange(1, len(rows) + 1, dtype=np.int64)
    headings = [raw.heading(name) for name in names]
    said = raw.remarks(headings, source.name, table.shown)
    geometry, kept = None, np.ones(len(rows), dtype=bool)
    if has_shapes:
        geometry = shapely.from_wkb(np.array(shapes, dtype=object), on_invalid="ignore")
        kept = np.array([shape is None for shape in shapes], dtype=bool) | ~shapely.is_missing(
            geometry
        )
        bad = numbers[~kept]
        said.append(findings.rows("feature_unreadable", layer=source.name, row=bad, value="WKB"))
        geometry = geometry[kept]
    frame = pd.DataFrame(
        {
            name: pd.Series([row[n] for row in cells], dtype=object)
            for n, name in enumerate(raw.unique(headings))
        },
        index=pd.RangeIndex(len(rows)),
    )
    made = raw.Raw(
        frame[kept].reset_index(drop=True),
        tuple(headings),
        numbers[kept],
        "UTF8",
        geometry,
        crs,
        tuple(said),
        int((~kept).sum()),
    )
    return made, _digest(names, cells, shapes)


def _cell(value: Any) -> Any:
    """Return a cell as a file would hold it: exact numbers as they are written."""
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral() else str(value)
    return value


def _digest(names: list[str], cells: list[list[Any]], shapes: Sequence[bytes | None]) -> str:
    """SHA-256 of everything read, in its order."""
    whole = hashlib.sha256(json.dumps(names, ensure_ascii=False).encode())
    for row in cells:
        whole.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    for shape in shapes:
        whole.update(b"-" if shape is None else hashlib.sha256(shape).digest())
    return whole.hexdigest()
