"""A real PostGIS for tests: a cluster of its own in a temporary folder, gone when they end."""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "correct horse"


def programs():
    """Return where initdb and pg_ctl are; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    at = shutil.which("initdb")
    return Path(at).parent if at else found[-1].parent if found else None


@contextmanager
def server():
    """Give host and port of a running server; skips where none can be started."""
    pytest.importorskip("psycopg")
    where = programs()
    if where is None:
        pytest.skip("PostgreSQL is not installed")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    as_user = ["runuser", "-u", "postgres", "--"] if is_root else []
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if is_root:
        shutil.chown(folder, "postgres")

    def run(program, *arguments):
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
        "-c fsync=off -c max_wal_size=256MB -c shared_buffers=16MB"
    )
    run("pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield folder, port
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def database(at, name):
    """Make an empty database with PostGIS and return its address over the socket."""
    import psycopg

    folder, port = at
    admin = f"postgresql://office@/postgres?host={folder}&port={port}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    address = f"postgresql://office@/{name}?host={folder}&port={port}"
    with psycopg.connect(address, autocommit=True) as connection:
        try:
            connection.execute("CREATE EXTENSION postgis")
        except psycopg.Error:
            pytest.skip("PostGIS is not installed")
    return address
