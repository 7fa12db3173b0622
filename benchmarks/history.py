"""
Two snapshots of many cases compared, against the bare join and comparison of DuckDB and polars.

All read the same kept Parquet and say the same: how many cases went from status to status with how
much land, how many are new or gone, and whose area or measures changed. Each round runs each of
them in a process of its own. `python -m benchmarks.history --cases 5000000 --rounds 3`
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
CONTENDERS = ("landuse", "duckdb", "polars")
COLUMNS = ["kind", "case_id", "status", "area_m2", "measures"]
THREADS = 2
_CHUNK = 500_000
_SQL = """
SELECT a.status, b.status, count(*), sum(a.area_m2), sum(b.area_m2),
       count(*) FILTER (abs(a.area_m2 - b.area_m2) >= 0.01),
       count(*) FILTER (a.case_id IS NOT NULL AND b.case_id IS NOT NULL
                        AND a.measures IS DISTINCT FROM b.measures)
FROM '{0}' a FULL OUTER JOIN '{1}' b ON a.kind = b.kind AND a.case_id = b.case_id GROUP BY 1, 2
"""


def snapshots(folder: Path, count: int) -> list[Path]:
    """Write two snapshots: the sample's cases over and over, under other names and areas."""
    import landuse

    cases = landuse.run(ROOT, on=date(2018, 6, 30)).cases.reset_index(drop=True)
    dice = np.random.default_rng(7)
    size = int(count * 1.005)
    pick = dice.integers(0, len(cases), size)
    area = dice.uniform(500, 90_000, size).round(3)
    moved, grown = dice.random(size) < 0.02, dice.random(size) < 0.01
    later = np.where(moved, dice.integers(0, len(cases), size), pick)
    larger = np.where(grown, area + dice.uniform(1, 100, size).round(3), area)
    made = []
    for name, kept, own, areas in (
        ("before", dice.random(size) >= 0.005, pick, area),
        ("after", dice.random(size) >= 0.002, later, larger),
    ):
        path = folder / f"{name}.parquet"
        _write(path, cases, np.flatnonzero(kept), own, areas)
        made.append(path)
    return made


def _write(
    path: Path,
    cases: pd.DataFrame,
    rows: NDArray[np.int64],
    pick: NDArray[np.int64],
    area: NDArray[np.float64],
) -> None:
    """Write one snapshot as the history keeps it, a part at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for start in range(0, len(rows), _CHUNK):
        own = rows[start : start + _CHUNK]
        part = cases.iloc[pick[own]].reset_index(drop=True)
        names = pd.Series([f"4110{n:012d}" for n in own], dtype="str")
        part = part.assign(kind="supply", case_id=names, area_m2=area[own])
        table = pa.Table.from_pandas(part, preserve_index=False).replace_schema_metadata(None)
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def ours(paths: list[str]) -> dict[str, Any]:
    """Compare by columns."""
    from landuse.history import aligning, flow

    before, after = aligning.both(*map(Path, paths))
    found = aligning.compared(before, after)
    flows = flow.matrix_of(before, after, found)
    return {
        "moved": int((found.changed["state"] | found.changed["status"]).sum()),
        "ends": [len(found.added), len(found.gone)],
        "area": int(found.changed["area"].sum()),
        "measure": int(found.changed["measure"].sum()),
        "m2": round(float(flows["area_m2"].sum())),
    }


def duckdb(paths: list[str]) -> dict[str, Any]:
    """Join and compare in DuckDB."""
    import duckdb as library

    with library.connect() as connection:
        connection.execute(f"SET threads = {THREADS}")
        rows = connection.execute(_SQL.format(*paths)).fetchall()
    return _said(rows)


def polars(paths: list[str]) -> dict[str, Any]:
    """Join and compare in polars."""
    import polars as pl

    one, two = (pl.scan_parquet(path).select(COLUMNS) for path in paths)
    joined = one.join(two, on=["kind", "case_id"], how="full", suffix="_b")
    both = pl.col("case_id").is_not_null() & pl.col("case_id_b").is_not_null()
    other = pl.col("measures").ne_missing(pl.col("measures_b"))
    gap = (pl.col("area_m2") - pl.col("area_m2_b")).abs()
    sums = [pl.len(), pl.col("area_m2").sum(), pl.col("area_m2_b").sum()]
    query = joined.group_by("status", "status_b").agg(
        *sums, (gap >= 0.01).sum().alias("area"), (both & other).sum().alias("measure")
    )
    return _said(query.collect(engine="streaming").rows())


def _said(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Return what a join said, as we say it."""
    return {
        "moved": sum(r[2] for r in rows if r[0] and r[1] and r[0] != r[1]),
        "ends": [sum(r[2] for r in rows if not r[side]) for side in (0, 1)],
        "area": sum(r[5] for r in rows),
        "measure": sum(r[6] for r in rows),
    }


def _one(name: str, paths: list[str]) -> None:
    """Run one contender and print seconds and result."""
    work = {"landuse": ours, "duckdb": duckdb, "polars": polars}[name]
    __import__("landuse.history.flow" if name == "landuse" else name)
    begun, used = time.perf_counter(), sum(os.times()[:2])
    result = work(paths)
    seconds = {"wall": time.perf_counter() - begun, "cpu": sum(os.times()[:2]) - used}
    print(json.dumps({**seconds, "said": result}))


def rounds(paths: list[Path], count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what each contender took and said, in alternating rounds."""
    env = {**os.environ, "POLARS_MAX_THREADS": str(THREADS), "PYTHONPATH": str(ROOT)}
    for _ in range(count):
        for name in CONTENDERS:
            command = [sys.executable, "-m", "benchmarks.history", "--one", name, *map(str, paths)]
            done = subprocess.run(
                command, env=env, cwd=ROOT, check=True, capture_output=True, text=True
            )
            yield name, json.loads(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=3, metavar=("CONTENDER", "BEFORE", "AFTER"))
    asked = parser.parse_args()
    if asked.one:
        _one(asked.one[0], asked.one[1:])
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = snapshots(Path(folder), asked.cases)
        sizes = ", ".join(f"{path.stat().st_size / 1e6:.0f} MB" for path in paths)
        print(f"{asked.cases:,} cases; snapshots of {sizes}, every column")
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
        for name, done in rounds(paths, asked.rounds):
            taken[name].append(done)
    said = [{k: v for k, v in runs[0]["said"].items() if k != "m2"} for runs in taken.values()]
    if said[0] != said[1] or said[0] != said[2]:
        message = f"the contenders do not agree: {said}"
        raise RuntimeError(message)
    middle = {
        name: {unit: statistics.median(run[unit] for run in runs) for unit in ("cpu", "wall")}
        for name, runs in taken.items()
    }
    best = {unit: min(middle[n][unit] for n in CONTENDERS[1:]) for unit in ("cpu", "wall")}
    for name, took in middle.items():
        ratios = " ".join(
            f"{unit} {took[unit]:.2f} s = {took[unit] / best[unit]:.2f}" for unit in took
        )
        print(f"{name:8} {ratios}")
    print(said[0])


if __name__ == "__main__":
    main()
