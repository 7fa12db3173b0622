"""
PostgreSQL with PostGIS: which addresses may be used, and a connection to one.

An address names a server and a database and holds no password: that comes from the environment
(PGPASSWORD, PGPASSFILE, PGSERVICEFILE) or from ~/.pgpass. A password is not sent in clear to a
server whose certificate was not checked.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from landuse.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

SCHEMES = ("postgresql://", "postgres://")
OPTIONS = frozenset(
    {
        "host", "hostaddr", "port", "user", "dbname", "service", "sslmode", "sslrootcert",
        "sslcert", "sslkey", "connect_timeout", "target_session_attrs",
    }
)  # fmt: skip
"""What may stand behind the question mark of an address."""

_CHECKED = "verify-full"
_TIMEOUT_S = 10


def is_address(text: str) -> bool:
    """Whether a text is the address of a database."""
    return text.lower().startswith(SCHEMES)


def fault(address: str) -> DatabaseError | None:
    """
    Return why an address may not be used, as an error; None where nothing is wrong.

    Parameters
    ----------
    address
        ``postgresql://[user@]host[:port]/database[?option=value]``.
    """
    try:
        parts = urlsplit(address)
        given = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        return DatabaseError("database.unreadable")
    who = parts.netloc.rpartition("@")[0]
    names = {name.lower() for name in given}
    if ":" in who or any("password" in name for name in names):
        return DatabaseError("database.password")
    if names - OPTIONS or "+" in parts.scheme or parts.fragment:
        listed = sorted(names - OPTIONS) or [parts.fragment]
        return DatabaseError("database.option", given=listed, known=sorted(OPTIONS))
    return None


def shown(address: str) -> str:
    """Return an address as it may be printed: what follows a user's name stays out of sight."""
    head, _, rest = address.partition("://")
    who, at, where = rest.rpartition("@")
    return f"{head}://{who.partition(':')[0]}{at}{where.partition('?')[0]}"


def refuse(address: str) -> None:
    """
    Stop where an address may not be used.

    Raises
    ------
    DatabaseError
        With the reason (`fault`).
    """
    wrong = fault(address) if is_address(address) else DatabaseError("database.unreadable")
    if wrong is not None:
        raise wrong


@contextmanager
def connected(address: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """
    Give a connection for the length of a block: one transaction, kept only if the block ends well.

    Parameters
    ----------
    address
        Where the database is; see `fault`.

    Raises
    ------
    DatabaseError
        If the address may not be used, psycopg is not installed, or the database refuses.
    """
    refuse(address)
    try:
        import psycopg
    except ImportError as err:
        raise DatabaseError("database.not_installed") from err
    options: dict[str, Any] = {"client_encoding": "UTF8", "application_name": "landuse"}
    said = {name.lower(): values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
    if said.get("sslmode") != _CHECKED:
        options["require_auth"] = "!password"
    if "connect_timeout" not in said:
        options["connect_timeout"] = _TIMEOUT_S
    try:
        with psycopg.connect(address, **options) as connection:
            connection.execute("SET DateStyle TO ISO, YMD")
            yield connection
    except psycopg.Error as err:
        raise DatabaseError("database.refused", address=shown(address), reason=err) from err


def postgis(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    """
    Return the schema that PostGIS is installed in.

    Raises
    ------
    DatabaseError
        If the database has no PostGIS.
    """
    found = connection.execute(
        "SELECT n.nspname FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'"
    ).fetchone()
    if found is None:
        raise DatabaseError("database.no_postgis", name=connection.info.dbname)
    return str(found[0])
