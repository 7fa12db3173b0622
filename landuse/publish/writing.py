"""Tables into PostgreSQL: made where they are missing, their rows replaced, never their owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

from landuse import texts
from landuse.errors import DatabaseError
from landuse.publish.tables import SHAPE, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import psycopg

    from landuse.texts import Lang

    Connection = psycopg.Connection[tuple[Any, ...]]

_MARK = "landuse: "
_TYPES = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
"""


def claim(connection: Connection, schema: str, workspace: str) -> None:
    """
    Make a schema of ours, or see that it is, and be the only one that publishes there.

    Parameters
    ----------
    connection
        The transaction that publishes.
    schema
        Where the tables are to stand.
    workspace
        Name of the workspace; a schema belongs to one.

    Raises
    ------
    DatabaseError
        If the schema holds something else.
    """
    connection.execute(
        "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0))",
        [_MARK + schema],
    )
    found = connection.execute(
        "SELECT pg_catalog.obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace "
        "WHERE nspname = %s",
        [schema],
    ).fetchone()
    mark = _MARK + workspace
    if found is not None and found[0] != mark:
        raise DatabaseError("database.not_ours", schema=schema, said=found[0] or "—")
    if found is None:
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        comment = sql.SQL("COMMENT ON SCHEMA {} IS {}").format(name, sql.Literal(mark))
        connection.execute(comment)


def prepare(
    connection: Connection, schema: str, table: Table, shape: sql.Composable, lang: Lang
) -> None:
    """
    Make a table with its keys, indexes and headings, or see that it is the same.

    Parameters
    ----------
    connection
        The transaction that publishes.
    schema
        Where it stands.
    table
        The table.
    shape
        Type of its geometry, with the reference system.
    lang
        Language of headings.

    Raises
    ------
    DatabaseError
        If there is a table of that name with other columns.
    """
    where = sql.Identifier(schema, table.name)
    wanted: dict[str, sql.Composable] = {n: sql.SQL(kind) for n, kind in table.types().items()}
    if table.has_shape:
        wanted[SHAPE] = shape
    named = where.as_string(connection)
    there: dict[str, str] = dict(connection.execute(_TYPES, [named]).fetchall())
    if there:
        own = {name: kind.as_string(connection) for name, kind in wanted.items()}
        other = sorted(name for name in own if not _same(own[name], there.get(name, "")))
        if other:
            raise DatabaseError(
                "database.other_columns", schema=schema, table=table.name, columns=other
            )
        return
    columns = [sql.SQL("{} {}").format(sql.Identifier(n), kind) for n, kind in wanted.items()]
    key = sql.SQL("PRIMARY KEY ({})").format(_names(table.key))
    body = sql.SQL(", ").join([*columns, key])
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(where, body))
    for index in table.indexes:
        connection.execute(sql.SQL("CREATE INDEX ON {} ({})").format(where, _names(index)))
    if table.has_shape:
        spatial = sql.SQL("CREATE INDEX ON {} USING gist ({})").format(where, _names([SHAPE]))
        connection.execute(spatial)
    _comment(connection, where, table, wanted, lang)


def _same(wanted: str, there: str) -> bool:
    """Whether two names of a type mean the same; a schema before it says only where it is."""
    plain = [name.replace('"', "").lower() for name in (wanted, there)]
    return plain[0].rpartition(".")[2] == plain[1].rpartition(".")[2]


def _names(columns: Sequence[str]) -> sql.Composable:
    """Return columns as SQL names them."""
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)


def _comment(
    connection: Connection,
    where: sql.Identifier,
    table: Table,
    columns: Collection[str],
    lang: Lang,
) -> None:
    """Write what a table and its columns are where database programs show it."""
    title = sql.Literal(texts.say(f"publish.table_{table.name}", lang))
    connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(where, title))
    for name in columns:
        said = sql.Literal(heading(name, lang))
        column = sql.SQL("{}.{}").format(where, sql.Identifier(name))
        connection.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(column, said))


def heading(name: str, lang: Lang) -> str:
    """Return what people read above a column; one that has no heading has its name."""
    known = texts.section("publish").get(f"column_{name}")
    return name if known is None else known[lang]


def replace(connection: Connection, schema: str, table: Table, srid: int) -> None:
    """Put a table's rows in the place of those that stand there."""
    where = sql.Identifier(schema, table.name)
    connection.execute(sql.SQL("DELETE FROM {}").format(where))
    add(connection, schema, table, srid)


def add(connection: Connection, schema: str, table: Table, srid: int) -> None:
    """Add a table's rows."""
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(schema, table.name), _names([str(name) for name in table.rows.columns])
    )
    with connection.cursor().copy(query) as copy:
        for row in table.records(srid):
            copy.write_row(row)


def grant(
    connection: Connection, schema: str, tables: Sequence[str], readers: Sequence[str]
) -> None:
    """Let roles read, and nothing else; a role that is not there is made, without a login."""
    for reader in readers:
        role = sql.Identifier(reader)
        known = connection.execute(
            "SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", [reader]
        ).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        usage = sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), role)
        connection.execute(usage)
        for name in tables:
            where = sql.Identifier(schema, name)
            connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(where, role))
