"""
How long it takes to find what is approved and not supplied, and against whom.

`python -m benchmarks.partition --supplies 10000` prints a Markdown table. Each contender runs in
a process of its own, in alternating rounds, on the same repaired fabric. CPU seconds are those of
the call alone, without imports, reading and repair; peak memory is that of the whole process,
and the row "inputs only" says how much of it is there before the call.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks import fabric
from landuse import partition

if TYPE_CHECKING:
    from collections.abc import Callable

ON = date(2018, 5, 31)
Tables = dict[str, Any]


def _inputs_only(tables: Tables) -> pd.Series:
    """Do nothing, to see what the inputs take."""
    return pd.Series(np.nan, index=tables["approval"]["approval_id"])


def _pieces(tables: Tables) -> pd.Series:
    """Partition approvals and supplies, without footprints, clusters and parks."""
    some = {r: t if r in {"approval", "supply"} else t.iloc[:0] for r, t in tables.items()}
    return _everything(some)


def _everything(tables: Tables) -> pd.Series:
    """Partition all five layers."""
    account = partition.pieces(tables, on=ON).accounts.set_index("approval_id")
    return account["unsupplied_m2"] + account["sliver_m2"]


def _overlay(tables: Tables) -> pd.Series:
    """Take all supplies from all approvals with geopandas; overlaps of approvals stay double."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lines and points that are dropped
        rest = gpd.overlay(
            tables["approval"][["approval_id", "geometry"]],
            tables["supply"][["supply_id", "geometry"]],
            how="difference",
        )
    return rest.set_index("approval_id").area


def _one_by_one(tables: Tables) -> pd.Series:
    """Take union after union from one approval after the other, as a careful script does."""
    return _remainders(tables, keep_double=True)


def _remainders(tables: Tables, *, keep_double: bool) -> pd.Series:
    """Return unsupplied area by approval; land approved twice goes to the earlier one, or both."""
    approval = tables["approval"].sort_values(["approved_on", "approval_id"])
    shapes = approval.geometry.to_numpy()
    others = tables["supply"].geometry.to_numpy()
    tree, earlier = shapely.STRtree(others), shapely.STRtree(shapes)
    area = np.empty(len(shapes))
    for k, shape in enumerate(shapes):
        taken = list(others[tree.query(shape, predicate="intersects")])
        if not keep_double:
            near = earlier.query(shape, predicate="intersects")
            taken += list(shapes[near[near < k]])
        area[k] = shape.difference(shapely.union_all(taken)).area
    return pd.Series(area, index=approval["approval_id"])


def _sedona(tables: Tables) -> pd.Series:
    """Join, unite and subtract in SedonaDB (areas only)."""
    import sedonadb

    session = sedonadb.connect()
    for role in ("approval", "supply"):
        frame = tables[role][[f"{role}_id", "geometry"]].set_crs(None, allow_override=True)
        session.create_data_frame(frame).to_view(role)
    table = session.sql(
        "WITH u AS (SELECT a.approval_id AS id, ST_Union_Agg(s.geometry) AS g FROM approval a "
        "JOIN supply s ON ST_Intersects(a.geometry, s.geometry) GROUP BY a.approval_id) "
        "SELECT a.approval_id, CASE WHEN u.g IS NULL THEN ST_Area(a.geometry) "
        "ELSE ST_Area(ST_Difference(a.geometry, u.g)) END AS area "
        "FROM approval a LEFT JOIN u ON a.approval_id = u.id"
    ).to_pandas()
    return table.set_index("approval_id")["area"]


CONTENDERS: dict[str, tuple[Callable[[Tables], pd.Series], str]] = {
    "inputs only": (_inputs_only, ""),
    "landuse.partition, approvals and supplies": (_pieces, ""),
    "landuse.partition, all five layers": (_everything, ""),
    "geopandas.overlay difference": (_overlay, ""),
    "shapely, one approval at a time": (_one_by_one, ""),
    "SedonaDB, areas only": (_sedona, "sedonadb"),
}


def _measured(name: str, supplies: int, folder: Path) -> None:
    """Run one contender in this process and write what it took and found."""
    tables = fabric.repaired(fabric.tables(supplies))
    cpu, wall = time.process_time(), time.perf_counter()
    areas = CONTENDERS[name][0](tables)
    result = {
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
        "peak_mb": _peak_mb(),
    }
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
        return result, pd.read_parquet(Path(folder, "areas.parquet"))["area"]


def _rows(supplies: int, rounds: int) -> list[dict[str, Any]]:
    """Run all contenders in alternating rounds; medians, and the deviation from the reference."""
    present = {n: run for n, (run, needs) in CONTENDERS.items() if not needs or find_spec(needs)}
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in present}
    areas: dict[str, pd.Series] = {}
    for _ in range(rounds):
        for name in present:
            result, areas[name] = _run(name, supplies)
            results[name].append(result)
    tables = fabric.repaired(fabric.tables(supplies))
    once, double = (_remainders(tables, keep_double=keep) for keep in (False, True))
    rows = []
    for name, runs in results.items():
        row = {"contender": name, "rounds": rounds}
        row |= {k: median(r[k] for r in runs) if runs[0][k] else None for k in runs[0]}
        reference = once if name.startswith("landuse") else double
        found = areas[name].reindex(reference.index, fill_value=0.0)
        row["deviation_m2"] = float((found - reference).abs().max())
        rows.append(row)
    return rows


def _markdown(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| contender | cpu s | wall s | peak MB | max deviation m2 | cpu, overlay = 1 |",
        "|---|---|---|---|---|---|",
    ]
    peer = next(r["cpu_s"] for r in rows if r["contender"].startswith("geopandas"))
    for row in rows[1:]:
        peak = "-" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
        lines.append(
            f"| {row['contender']} | {row['cpu_s']:.2f} | {row['wall_s']:.2f} | {peak} | "
            f"{row['deviation_m2']:.1e} | {row['cpu_s'] / peer:.2f} |"
        )
    lines += ["", f"Inputs alone take {rows[0]['peak_mb'] or float('nan'):.0f} MB."]
    absent = [n for n, (_, needs) in CONTENDERS.items() if needs and not find_spec(needs)]
    return "\n".join(lines + [f"Not run: {name} (not installed)." for name in absent])


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
