"""
Those who answer the question of the partition instead: the unsupplied area of each approval.

A contender is given tables and a `Watch`, which it holds open while it works, and returns areas by
approval. What needs something that is not there raises `AbsentError` with the reason.
"""

from __future__ import annotations

import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks import postgis
from benchmarks.postgis import AbsentError

if TYPE_CHECKING:
    from collections.abc import Callable

Tables = dict[str, Any]

LOOPED = 2_000
"""Approvals the row loop does; its time is scaled up to all of them."""


class Watch:
    """
    CPU and wall seconds of what is done while it is open.

    A contender may set `elsewhere` (tells the CPU seconds of other processes that work for it) and
    `scale` (by how much its work is less than all of it).
    """

    def __init__(self) -> None:
        self.elsewhere: Callable[[], float] = lambda: 0.0
        self.scale = 1.0
        self.cpu_s = self.wall_s = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._cpu = time.process_time() + self.elsewhere()
        self._wall = time.perf_counter()
        return self

    def __exit__(self, *error: object) -> None:
        """End."""
        self.cpu_s = self.scale * (time.process_time() + self.elsewhere() - self._cpu)
        self.wall_s = self.scale * (time.perf_counter() - self._wall)


def overlay(tables: Tables, watch: Watch) -> pd.Series:
    """Take all supplies from all approvals with geopandas; overlaps of approvals stay double."""
    with watch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lines and points that are dropped
        rest = gpd.overlay(
            tables["approval"][["approval_id", "geometry"]],
            tables["supply"][["supply_id", "geometry"]],
            how="difference",
        )
        return rest.set_index("approval_id").area


def one_by_one(tables: Tables, watch: Watch) -> pd.Series:
    """Take union after union from one approval after the other, as a careful script does."""
    count = len(tables["approval"])
    watch.scale = max(1.0, count / LOOPED)
    with watch:
        return remainders(tables, keep_double=True, most=LOOPED)


def remainders(tables: Tables, *, keep_double: bool, most: int | None = None) -> pd.Series:
    """Return unsupplied area by approval; land approved twice goes to the earlier one, or both."""
    approval = tables["approval"].sort_values(["approved_on", "approval_id"])
    shapes = approval.geometry.to_numpy()
    others = tables["supply"].geometry.to_numpy()
    tree, earlier = shapely.STRtree(others), shapely.STRtree(shapes)
    area = np.empty(len(shapes[:most]))
    for k, shape in enumerate(shapes[:most]):
        taken = list(others[tree.query(shape, predicate="intersects")])
        if not keep_double:
            near = earlier.query(shape, predicate="intersects")
            taken += list(shapes[near[near < k]])
        area[k] = shape.difference(shapely.union_all(taken)).area
    return pd.Series(area, index=approval["approval_id"].iloc[:most])


_JOINED = (
    "WITH u AS (SELECT a.approval_id AS id, ST_Union_Agg(s.geometry) AS g FROM approval a "
    "JOIN supply s ON ST_Intersects(a.geometry, s.geometry) GROUP BY a.approval_id) "
    "SELECT a.approval_id, CASE WHEN u.g IS NULL THEN ST_Area(a.geometry) "
    "ELSE ST_Area(ST_Difference(a.geometry, u.g)) END AS area "
    "FROM approval a LEFT JOIN u ON a.approval_id = u.id"
)


def sedona(tables: Tables, watch: Watch) -> pd.Series:
    """Join, unite and subtract in SedonaDB (areas only)."""
    if not find_spec("sedonadb"):
        message = "sedonadb is not installed"
        raise AbsentError(message)
    import sedonadb

    with watch:
        session = sedonadb.connect()
        for role in ("approval", "supply"):
            frame = tables[role][[f"{role}_id", "geometry"]].set_crs(None, allow_override=True)
            session.create_data_frame(frame).to_view(role)
        table = session.sql(_JOINED).to_pandas()
    return table.set_index("approval_id")["area"]


def duckdb_spatial(tables: Tables, watch: Watch) -> pd.Series:
    """Join, unite and subtract in DuckDB with its spatial extension (areas only)."""
    session = _duckdb()
    with watch:
        for role in ("approval", "supply"):
            table = tables[role]
            plain = pd.DataFrame(
                {f"{role}_id": table[f"{role}_id"], "wkb": table.geometry.to_wkb()}
            )
            session.register("given", plain)
            session.execute(
                f"CREATE TABLE {role} AS "
                f"SELECT {role}_id, ST_GeomFromWKB(wkb) AS geometry FROM given"
            )
        found = session.execute(_JOINED).df()
    return found.set_index("approval_id")["area"]


def _duckdb() -> Any:
    """Return a connection with the spatial extension, of the machine or of a package."""
    if not find_spec("duckdb"):
        message = "duckdb is not installed"
        raise AbsentError(message)
    import duckdb

    session = duckdb.connect()
    package = find_spec("duckdb_extension_spatial")
    try:
        if package is not None and package.origin is not None:
            files = Path(package.origin).parent.rglob("spatial.duckdb_extension")
            session.load_extension(str(next(files)))
        else:
            session.load_extension("spatial")
    except duckdb.Error as err:
        told = str(err).splitlines()[0]
        message = f"DuckDB {duckdb.__version__} has no spatial extension here: {told}"
        raise AbsentError(message) from err
    return session


def postgis_difference(tables: Tables, watch: Watch) -> pd.Series:
    """Index, join, unite and subtract in PostGIS; loading the tables is not counted."""
    import psycopg

    with postgis.server("512MB") as at:
        watch.elsewhere = lambda: postgis.cpu_s(at)
        with psycopg.connect(postgis.database(at, "land"), autocommit=True) as session:
            for role in ("approval", "supply"):
                _loaded(session, role, tables[role])
            with watch:
                for role in ("approval", "supply"):
                    session.execute(f"CREATE INDEX ON {role} USING gist (geometry)")
                    session.execute(f"ANALYZE {role}")
                found = session.execute(_JOINED.replace("ST_Union_Agg", "ST_Union")).fetchall()
    return pd.DataFrame(found, columns=["approval_id", "area"]).set_index("approval_id")["area"]


def _loaded(session: Any, role: str, table: gpd.GeoDataFrame) -> None:
    """Copy the shapes of a role into a table."""
    session.execute(f"CREATE TABLE {role} ({role}_id text, geometry geometry)")
    wkb = shapely.to_wkb(table.geometry.to_numpy(), hex=True)
    with session.cursor().copy(f"COPY {role} FROM STDIN") as copy:
        for row in zip(table[f"{role}_id"], wkb, strict=True):
            copy.write_row(row)
