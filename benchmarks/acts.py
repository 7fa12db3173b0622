"""
What each act of a whole build takes, and whether it grows in line with the land.

`python -m benchmarks.acts --supplies 10000 100000 --counties 8` writes a workspace of fabric of
each size and builds it in a process of its own, without maps and lists of counties unless `--maps`
is given. An act that reports several layers is summed. `--peer` also does what the libraries would:
read the layers with pyogrio, take supplies from approvals with one `geopandas.overlay`, and write
the tables our build wrote: GeoPackage by pyogrio, Parquet by geopandas and pandas, CSV by pandas,
cells of the list by XlsxWriter in constant memory. Those tables are loaded before its clock starts.
Who runs out of memory is told and left out. A table at the end sets the sizes beside each other, an
act's CPU seconds a thousand supplies.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import python_calamine
import xlsxwriter

from benchmarks import workspace
from benchmarks.partition import ON, _peak_mb
from landuse import maps as drawn
from landuse import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

OURS, PEER = "landuse build", "pyogrio, one geopandas.overlay, the same tables by the libraries"


class Watch:
    """Notes CPU and wall seconds and peak memory at each report of an act."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()
        self.acts: dict[str, dict[str, Any]] = {}

    def __call__(self, stage: str, rows: int) -> None:
        """Note what an act took since the report before."""
        act = stage if stage in pipeline.ACTS else "read"
        row = self.acts.setdefault(act, {"rows": 0, "cpu_s": 0.0, "wall_s": 0.0})
        row["rows"] = max(row["rows"], rows)
        row["cpu_s"] += time.process_time() - self.cpu
        row["wall_s"] += time.perf_counter() - self.wall
        row["peak_mb"] = _peak_mb()
        self.cpu, self.wall = time.process_time(), time.perf_counter()


def _ours(folder: Path, maps: bool, out: Path) -> dict[str, Any]:
    """Build a workspace."""
    watch = Watch()
    if not maps:
        drawn.begin = _NoMaps  # type: ignore[assignment,misc]
    pipeline.build(folder, on=ON, out=out, report=watch, per_county=maps)
    return watch.acts


class _NoMaps:
    """Draws nothing."""

    def __init__(self, folder: Path, *results: Any, **others: Any) -> None:
        del results, others
        self.folder = folder

    def finish(self) -> None:
        """Make the folder alone."""
        self.folder.mkdir()


def _peer(folder: Path, maps: bool, out: Path) -> dict[str, Any]:
    """Read, overlay and write by the libraries; what is written is what our build wrote."""
    del maps
    layers = {name: pyogrio.read_dataframe(out / "pieces.gpkg", layer=name, use_arrow=True)
              for name, _ in pyogrio.list_layers(out / "pieces.gpkg")}  # fmt: skip
    pieces = gpd.read_parquet(out / "pieces.parquet")
    cases, found = pd.read_parquet(out / "cases.parquet"), pd.read_csv(out / "findings.csv")
    book = python_calamine.CalamineWorkbook.from_path(out / "lists" / "disposal.xlsx")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    data, into = folder / "layers" / "data", out / "peer"
    into.mkdir()
    watch = Watch()
    read: dict[str, gpd.GeoDataFrame] = {
        file.stem: pyogrio.read_dataframe(file, use_arrow=True) for file in data.glob("*.gpkg")
    }
    watch("read", sum(map(len, read.values())))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lines and points that are dropped
        laid = gpd.overlay(read["approval"], read["supply"], how="difference", keep_geom_type=True)
    watch("partition", len(laid))
    for name, layer in layers.items():
        pyogrio.write_dataframe(layer, into / "pieces.gpkg", layer=name, use_arrow=True)
    pieces.to_parquet(into / "pieces.parquet", compression="zstd")
    cases.to_parquet(into / "cases.parquet", compression="zstd")
    found.to_csv(into / "findings.csv", index=False, encoding="utf-8-sig")
    watch("export", len(pieces))
    _listed(into / "disposal.xlsx", sheets)
    watch("workbook", sum(map(len, sheets.values())))
    return watch.acts


def _listed(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """Write cells as they are."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as file:
        for name, rows in sheets.items():
            page = file.add_worksheet(name)
            for number, row in enumerate(rows):
                for position, cell in enumerate(row):
                    if isinstance(cell, str):
                        page.write_string(number, position, cell)
                    elif isinstance(cell, float):
                        page.write_number(number, position, cell)
                    else:
                        page.write_string(number, position, str(cell))


CONTENDERS: dict[str, Callable[[Path, bool, Path], dict[str, Any]]] = {OURS: _ours, PEER: _peer}


def _run(name: str, folder: Path, maps: bool) -> dict[str, Any] | None:
    """Run one contender in a process of its own; None if it did not come to its end."""
    into = folder / "acts.json"
    command = [sys.executable, "-m", "benchmarks.acts", "--only", name, "--into", str(into)]
    command += ["--folder", str(folder), *(["--maps"] if maps else [])]
    ended = subprocess.run(command, check=False).returncode
    if ended:
        print(f"{name}: ended with {ended} (-9: by the system, for want of memory)\n", flush=True)
        return None
    acts: dict[str, Any] = json.loads(into.read_text(encoding="utf-8"))
    return acts


def _growth(record: list[dict[str, Any]]) -> str:
    """Return the CPU seconds of each act a thousand supplies, by size, as a Markdown table."""
    ours = [row for row in record if row["who"] == OURS]
    sizes = [row["supplies"] for row in ours]
    lines = [
        "### CPU s a thousand supplies",
        "",
        f"| act | {' | '.join(f'{n:,}' for n in sizes)} |",
    ]
    lines += ["|---" * (len(sizes) + 1) + "|"]
    for act in pipeline.ACTS:
        each = [1000 * row["acts"][act]["cpu_s"] / row["supplies"] for row in ours]
        lines.append(f"| {act} | {' | '.join(f'{cpu:.3f}' for cpu in each)} |")
    return "\n".join([*lines, ""])


def _markdown(name: str, supplies: int, acts: dict[str, Any]) -> str:
    """Return what one build took as a Markdown table."""
    lines = [f"### {name}, {supplies:,} supplies", "", "| act | rows | CPU s | wall s | peak MB |"]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {act} | {row['rows']:,} | {row['cpu_s']:.2f} | {row['wall_s']:.2f} | "
        f"{row['peak_mb'] or float('nan'):,.0f} |"
        for act, row in acts.items()
    ]
    cpu, wall = (sum(row[key] for row in acts.values()) for key in ("cpu_s", "wall_s"))
    return "\n".join([*lines, f"| sum | | {cpu:.2f} | {wall:.2f} | |", ""])


def main() -> None:
    """Print tables, and write them as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--counties", type=int, default=8)
    parser.add_argument("--maps", action="store_true", help="draw the maps, list each county too")
    parser.add_argument("--peer", action="store_true", help="do it with the libraries too")
    parser.add_argument("--scratch", type=Path, help="where workspaces are made (a million: 12 GB)")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        out = given.folder / "out"
        acts = CONTENDERS[given.only](given.folder, given.maps, out)
        given.into.write_text(json.dumps(acts), encoding="utf-8")
        return
    record = []
    for supplies in given.supplies:
        with tempfile.TemporaryDirectory(dir=given.scratch) as folder:
            workspace.written(Path(folder), supplies, counties=given.counties, maps=given.maps)
            for name in CONTENDERS if given.peer else (OURS,):
                found = _run(name, Path(folder), given.maps)
                if found is None:
                    continue
                print(_markdown(name, supplies, found), flush=True)
                record.append({"who": name, "supplies": supplies, "acts": found})
    print(_growth(record))
    if given.json:
        given.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
