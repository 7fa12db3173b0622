"""A PostgreSQL of its own in a temporary folder, gone when done; for tests and as a contender."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "correct horse"


class AbsentError(Exception):
    """What is needed is not installed; the message says what."""


def programs() -> Path | None:
    """Return where initdb and pg_ctl are; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    at = shutil.which("initdb")
    return Path(at).parent if at else found[-1].parent if found else None


@contextmanager
def server(memory: str = "16MB") -> Iterator[tuple[Path, int]]:
    """
    Give folder and port of a running server with so much shared memory.

    Raises
    ------
    AbsentError
        If PostgreSQL or psycopg is not installed.
    """
    try:
        import psycopg  # noqa: F401
    except ImportError as err:
        message = "psycopg is not installed"
        raise AbsentError(message) from err
    where = programs()
    if where is None:
        message = "PostgreSQL is not installed"
        raise AbsentError(message)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    as_user = ["runuser", "-u", "postgres", "--"] if is_root else []
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if is_root:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: Any) -> None:
        subprocess.run(
            [*as_user, where / program, *arguments], check=True, cwd=folder, timeout=120,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = folder / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o644)
    data = folder / "data"
    auth = ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}"]
    run("initdb", "-D", data, "-U", "office", "-E", "UTF8", "--no-locale", "--no-sync", *auth)
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} "
        f"-c fsync=off -c max_wal_size=256MB -c shared_buffers={memory}"
    )
    run("pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield folder, port
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def database(at: tuple[Path, int], name: str) -> str:
    """
    Make an empty database with PostGIS and return its address over the socket.

    Raises
    ------
    AbsentError
        If PostGIS is not installed.
    """
    import psycopg

    folder, port = at
    admin = f"postgresql://office@/postgres?host={folder}&port={port}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    address = f"postgresql://office@/{name}?host={folder}&port={port}"
    with psycopg.connect(address, autocommit=True) as connection:
        try:
            connection.execute("CREATE EXTENSION postgis")
        except psycopg.Error as err:
            message = "PostGIS is not installed"
            raise AbsentError(message) from err
    return address


def cpu_s(at: tuple[Path, int]) -> float:
    """Return CPU seconds of a server: the living backends, and those that ended."""
    import psutil

    pid = int((at[0] / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    head = psutil.Process(pid)
    return sum(head.cpu_times()[:4]) + sum(
        sum(child.cpu_times()[:2]) for child in head.children(recursive=True)
    )
