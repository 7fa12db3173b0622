"""
How long it takes to find what is approved and not supplied, and against whom.

`python -m benchmarks.partition --supplies 10000` prints a Markdown table. Each contender runs in
a process of its own, in alternating rounds, on the same repaired fabric, and is called twice: the
first call of ours loads its compiled functions, and every first call gets its memory. CPU seconds
are those of a call alone, without imports, reading and repair; peak memory is of the whole process,
and the row "inputs only" says how much of it is there before the call. The spatial extension of
DuckDB needs no network where `duckdb_extension_spatial` of the same version is installed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks import fabric, peers
from benchmarks.peers import Watch
from benchmarks.postgis import AbsentError
from landuse import kernels, partition

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.peers import Tables

ON = date(2018, 5, 31)


def _inputs_only(tables: Tables, watch: Watch) -> pd.Series:
    """Do nothing, to see what the inputs take."""
    del watch
    return pd.Series(np.nan, index=tables["approval"]["approval_id"])


def _pieces(tables: Tables, watch: Watch) -> pd.Series:
    """Partition approvals and supplies, without footprints, clusters and parks."""
    some = {r: t if r in {"approval", "supply"} else t.iloc[:0] for r, t in tables.items()}
    return _everything(some, watch)


def _one_thread(tables: Tables, watch: Watch) -> pd.Series:
    """Partition approvals and supplies on one thread."""
    kernels.threads(1)
    return _pieces(tables, watch)


def _everything(tables: Tables, watch: Watch) -> pd.Series:
    """Partition all five layers."""
    with watch:
        account = partition.pieces(tables, on=ON).accounts.set_index("approval_id")
    return account["unsupplied_m2"] + account["sliver_m2"]


OVERLAY = "geopandas.overlay difference"
CONTENDERS: dict[str, Callable[[Tables, Watch], pd.Series]] = {
    "inputs only": _inputs_only,
    "landuse.partition, approvals and supplies": _pieces,
    "landuse.partition, the same on one thread": _one_thread,
    "landuse.partition, all five layers": _everything,
    OVERLAY: peers.overlay,
    f"shapely, one approval at a time ({peers.LOOPED:,} at most, scaled up)": peers.one_by_one,
    "SedonaDB, areas only": peers.sedona,
    "DuckDB spatial, areas only": peers.duckdb_spatial,
    "PostGIS, areas only, the server's CPU counted": peers.postgis_difference,
}


def _measured(name: str, supplies: int, folder: Path) -> None:
    """Run one contender in this process and write what it took and found, or why it cannot."""
    tables = fabric.repaired(fabric.tables(supplies))
    watch, again = Watch(), Watch()
    try:
        areas = CONTENDERS[name](tables, watch)
        CONTENDERS[name](tables, again)
    except AbsentError as err:
        (folder / "result.json").write_text(json.dumps({"absent": str(err)}), encoding="utf-8")
        return
    took = {"cpu_s": watch.cpu_s, "again_s": again.cpu_s, "wall_s": again.wall_s}
    result = {**took, "peak_mb": _peak_mb()}
    areas.rename("area").to_frame().to_parquet(folder / "areas.parquet")
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


def _peak_mb() -> float | None:
    """Return the peak memory of this process, None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _run(name: str, supplies: int) -> tuple[dict[str, Any], pd.Series]:
    """Run one contender in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.partition", "--supplies", str(supplies)]
        subprocess.run([*command, "--only", name, "--into", folder], check=True)
        result = json.loads(Path(folder, "result.json").read_text(encoding="utf-8"))
        if "absent" in result:
            return result, pd.Series(dtype=float)
        return result, pd.read_parquet(Path(folder, "areas.parquet"))["area"]


def _rows(supplies: int, rounds: int) -> list[dict[str, Any]]:
    """Run all contenders in alternating rounds; medians, and the deviation from the reference."""
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in CONTENDERS}
    areas: dict[str, pd.Series] = {}
    absent: dict[str, str] = {}
    for _ in range(rounds):
        for name in CONTENDERS:
            if name in absent:
                continue
            result, areas[name] = _run(name, supplies)
            results[name].append(result)
            if "absent" in result:
                absent[name] = result["absent"]
    tables = fabric.repaired(fabric.tables(supplies))
    once, double = (peers.remainders(tables, keep_double=keep) for keep in (False, True))
    rows: list[dict[str, Any]] = []
    for name, runs in results.items():
        if name in absent:
            rows.append({"contender": name, "absent": absent[name]})
            continue
        row = {"contender": name, "rounds": rounds}
        row |= {k: median(r[k] for r in runs) if runs[0][k] else None for k in runs[0]}
        reference = once if name.startswith("landuse") else double
        if "scaled" in name:
            reference = reference.reindex(areas[name].index)
        found = areas[name].reindex(reference.index, fill_value=0.0)
        row["deviation_m2"] = float((found - reference).abs().max())
        rows.append(row)
    return rows


def _markdown(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| contender | CPU s, first call | again | wall s, again | peak MB | max deviation m2 "
        "| again, overlay = 1 |",
        "|---|---|---|---|---|---|---|",
    ]
    peer = next(r["again_s"] for r in rows if r["contender"] == OVERLAY)
    for row in rows[1:]:
        if "absent" in row:
            continue
        peak = "-" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
        lines.append(
            f"| {row['contender']} | {row['cpu_s']:.2f} | {row['again_s']:.2f} "
            f"| {row['wall_s']:.2f} | {peak} | {row['deviation_m2']:.1e} "
            f"| {row['again_s'] / peer:.2f} |"
        )
    lines += ["", f"Inputs alone take {rows[0]['peak_mb'] or float('nan'):.0f} MB."]
    return "\n".join(
        lines + [f"Not run: {r['contender']} ({r['absent']})." for r in rows if "absent" in r]
    )


def main() -> None:
    """Print the table, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        _measured(given.only, given.supplies, given.into)
        return
    rows = _rows(given.supplies, given.rounds)
    print(f"{given.supplies} supplies, {given.rounds} rounds\n\n{_markdown(rows)}")
    if given.json:
        text = json.dumps({"supplies": given.supplies, "rows": rows}, indent=2)
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
