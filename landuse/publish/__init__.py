"""
A run and its kept history into PostgreSQL/PostGIS, for offices that share one database.

Everything in one transaction: who reads sees the run before or this one, never half of it. The
same run published again changes nothing that can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landuse import database, history, texts
from landuse.errors import DatabaseError
from landuse.publish import styles, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg
    from psycopg import sql

    from landuse.pipeline import Run
    from landuse.texts import Lang

    Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA = "landuse"
_LONGEST_NAME = 63  # bytes of a name in PostgreSQL; longer ones would be cut
_STYLES = """
CREATE TABLE IF NOT EXISTS public.layer_styles (
    id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
    f_geometry_column varchar, stylename text, styleqml xml, stylesld xml, useasdefault boolean,
    description text, owner varchar(63) DEFAULT current_user, ui xml,
    update_time timestamp DEFAULT current_timestamp, type varchar)
"""


@dataclass(frozen=True)
class Published:
    """
    What was published.

    Attributes
    ----------
    rows
        How many rows each table has now.
    new_runs
        How many runs the history there did not hold before.
    is_styled
        Whether QGIS finds the style in the database; not where nobody may make its table.
    """

    rows: dict[str, int]
    new_runs: int
    is_styled: bool


def publish(
    address: str, run: Run, *, schema: str = SCHEMA, readers: Sequence[str] = ()
) -> Published:
    """
    Publish a run and the kept runs of its workspace, in one transaction.

    Parameters
    ----------
    address
        ``postgresql://[user@]host[:port]/database``; a password stands in the environment or in
        ``~/.pgpass``.
    run
        What `landuse.run` found; areas in m², geometry in the CRS of the workspace.
    schema
        Schema that holds the tables; it is made if need be, and belongs to one workspace.
    readers
        Roles that may read; those that are not there are made, without a login.

    Raises
    ------
    DatabaseError
        If the database cannot be reached or refuses, has no PostGIS, or the schema holds
        something else. Nothing in it has changed then.
    LanduseError
        If a kept run is damaged; the file is named.
    """
    for name in (schema, *readers):
        if not name or "\0" in name or len(name.encode()) > _LONGEST_NAME:
            raise DatabaseError("database.bad_name", name=repr(name))
    with database.connected(address) as connection:
        return _published(connection, run, schema, readers)


def _published(connection: Connection, run: Run, schema: str, readers: Sequence[str]) -> Published:
    """Publish within a transaction."""
    from landuse.publish import writing

    place = database.postgis(connection)
    srid = _srid(connection, run, place)
    writing.claim(connection, schema, run.workspace.name)
    shape = _shape(place, srid)
    rows = {}
    for table in tables.of(run):
        writing.prepare(connection, schema, table, shape, run.lang)
        writing.replace(connection, schema, table, srid)
        rows[table.name] = len(table.rows)
    rows["runs"], new = _history(connection, run, schema, shape)
    writing.grant(connection, schema, [*rows, "history"], readers)
    return Published(rows, new, _styled(connection, run.lang, schema, readers))


def _shape(place: str, srid: int) -> sql.Composable:
    """Return the type of our geometry as SQL writes it."""
    from psycopg import sql

    return sql.SQL("{}.geometry(MultiPolygon,{})").format(sql.Identifier(place), sql.Literal(srid))


def _srid(connection: Connection, run: Run, place: str) -> int:
    """
    Return the number the database knows the workspace's reference system by.

    Raises
    ------
    DatabaseError
        If it does not know it: what is drawn in the wrong place is worse than nothing.
    """
    from psycopg import sql

    name = run.workspace.crs.to_authority(min_confidence=100)
    query = "SELECT srid FROM {}.spatial_ref_sys WHERE auth_name = %s AND auth_srid = %s"
    if name is not None and name[1].isdecimal():
        asked = sql.SQL(query).format(sql.Identifier(place))
        found = connection.execute(asked, [name[0], int(name[1])]).fetchone()
        if found is not None:
            return int(found[0])
    crs = run.workspace.crs.name
    raise DatabaseError("database.unknown_system", crs=crs)


def _history(
    connection: Connection, run: Run, schema: str, shape: sql.Composable
) -> tuple[int, int]:
    """Bring the history up to date run by run; return how many there are, and how many are new."""
    from psycopg import sql

    from landuse.publish import writing

    store = history.Store(run.workspace.path)
    kept = history.runs(run.workspace.path)
    runs = tables.runs(kept, store)
    blank = tables.frame(None, store)
    for table in (runs, blank):
        writing.prepare(connection, schema, table, shape, run.lang)
    where = sql.Identifier(schema, runs.name)
    query = sql.SQL("SELECT {}, record FROM {}").format(sql.Identifier(tables.STAGED), where)
    there: dict[int, str] = dict(connection.execute(query).fetchall())
    same = {one.number for one in kept if there.get(one.number) == tables.record(one)}
    drop = sql.SQL("DELETE FROM {} WHERE NOT ({} = ANY(%s))").format(
        sql.Identifier(schema, blank.name), sql.Identifier(tables.STAGED)
    )
    connection.execute(drop, [sorted(same)])
    for one in kept:
        if one.number not in same:
            writing.add(connection, schema, tables.frame(one, store), 0)
    writing.replace(connection, schema, runs, 0)
    return len(kept), len(kept) - len(same)


def _styled(connection: Connection, lang: Lang, schema: str, readers: Sequence[str]) -> bool:
    """Put the style where QGIS looks for it, if that may be written; say whether it could."""
    from psycopg import sql

    from landuse.publish import writing

    may = connection.execute(
        "SELECT CASE WHEN to_regclass('public.layer_styles') IS NULL "
        "THEN has_schema_privilege('public', 'CREATE') "
        "ELSE has_table_privilege('public.layer_styles', 'INSERT, DELETE') END"
    ).fetchone()
    if may is None or not may[0]:
        return False
    columns = connection.execute(
        "SELECT attname FROM pg_catalog.pg_attribute WHERE attnum > 0 AND NOT attisdropped AND "
        "attrelid = pg_catalog.to_regclass(%s) ORDER BY attnum",
        [sql.Identifier(schema, "pieces").as_string(connection)],
    ).fetchall()
    headings = {str(name): writing.heading(str(name), lang) for (name,) in columns}
    connection.execute(_STYLES)
    whose = {"schema": schema, "name": texts.say("publish.style", lang)}
    connection.execute(
        "DELETE FROM public.layer_styles WHERE f_table_catalog = current_database() AND "
        "f_table_schema = %(schema)s AND f_table_name = 'pieces' AND stylename = %(name)s",
        whose,
    )
    connection.execute(
        "INSERT INTO public.layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, stylename, styleqml, stylesld, useasdefault, description) VALUES "
        "(current_database(), %(schema)s, 'pieces', 'geometry', %(name)s, "
        "XMLPARSE(DOCUMENT %(qml)s), XMLPARSE(DOCUMENT %(sld)s), true, %(name)s)",
        {**whose, "qml": styles.qml(headings, lang), "sld": styles.sld(lang)},
    )
    for reader in readers:
        connection.execute(
            sql.SQL("GRANT SELECT ON public.layer_styles TO {}").format(sql.Identifier(reader))
        )
    return True
