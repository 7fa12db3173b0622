"""A real PostGIS for tests (`benchmarks.postgis`); they skip where none can be started."""

from contextlib import ExitStack, contextmanager

import pytest

from benchmarks import postgis
from benchmarks.postgis import PASSWORD

__all__ = ["PASSWORD", "database", "server"]


@contextmanager
def server():
    """Give folder and port of a running server; skips where none can be started."""
    with ExitStack() as stack:
        try:
            at = stack.enter_context(postgis.server())
        except postgis.AbsentError as err:
            pytest.skip(str(err))
        yield at


def database(at, name):
    """Make an empty database with PostGIS and return its address over the socket."""
    try:
        return postgis.database(at, name)
    except postgis.AbsentError as err:
        pytest.skip(str(err))
