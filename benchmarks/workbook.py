"""
How long a big list takes to go out and to come back; and against whom.

`python -m benchmarks.workbook --rows 100000` makes a list of that many parcels of 供而未建 from
the sample workspace, writes it, reads it back, and prints a Markdown table. Each contender runs in
a process of its own, in alternating rounds. CPU seconds are those of the call alone, peak memory
is that of the whole process and beside it what the process held before the call.

Written against XlsxWriter in its constant-memory mode with the same cells: values that are ready,
one format a column, no heads, sums, slips to make, row heights or lists to choose from. Read
against python-calamine, which gives the same cells to Python and does nothing with them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import python_calamine
import xlsxwriter

import landuse
from landuse import workbook
from landuse.returns import reading
from landuse.terms import State

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
ON = date(2018, 6, 30)


def results(rows: int) -> Any:
    """Return the sample with its parcels of 供而未建 repeated, each with its own id and area."""
    run = landuse.run(ROOT, on=ON)
    own = run.cases[run.cases["state"] == State.SUPPLIED_UNBUILT]
    many = _repeated(own, rows)
    ids = [f"{text[:10]}X{n:06d}" for n, text in enumerate(many["case_id"])]
    draw = np.random.default_rng(7)
    cases = many.assign(case_id=ids, area_m2=many["area_m2"] * draw.uniform(0.5, 2.0, rows))
    supply = run.tables["supply"].drop_duplicates("supply_id").set_index("supply_id")
    told = pd.DataFrame(supply.reindex(many["case_id"])).reset_index(drop=True)
    told = told.assign(supply_id=ids, price=told["price"] * draw.uniform(0.5, 2.0, rows))
    return replace(run, cases=cases, tables=run.tables | {"supply": told})


def _repeated(table: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return a table repeated to a number of rows."""
    return table.iloc[np.arange(rows) % len(table)].reset_index(drop=True)


def _ours(folder: Path, rows: int) -> Callable[[], object]:
    """Write the list."""
    found = results(rows)
    return lambda: workbook.write(folder / "ours.xlsx", found)


def _sheets(path: Path) -> list[tuple[str, list[list[Any]]]]:
    """Return the cells of every sheet of a workbook."""
    with python_calamine.load_workbook(str(path)) as book:
        return [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]


def _peer(folder: Path, _: int) -> Callable[[], object]:
    """Write the same cells, ready as they are."""
    sheets = _sheets(folder / "ours.xlsx")

    def write() -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(str(folder / "peer.xlsx"), options)
        plain = book.add_format({"border": 1, "text_wrap": True, "font_name": "宋体"})
        day = book.add_format({"border": 1, "num_format": "yyyy-mm-dd", "font_name": "宋体"})
        for name, rows in sheets:
            page = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell == "":
                        page.write_blank(row, column, None, plain)
                    elif isinstance(cell, str):
                        page.write_string(row, column, cell, plain)
                    elif isinstance(cell, float):
                        page.write_number(row, column, cell, plain)
                    else:
                        page.write_datetime(row, column, cell, day)
        book.close()

    return write


def _calamine(folder: Path, _: int) -> Callable[[], object]:
    """Read the cells and do nothing with them."""
    return lambda: _sheets(folder / "ours.xlsx")


def _return(folder: Path, _: int) -> Callable[[], object]:
    """Find the edits in the list; there are none."""

    def read() -> None:
        found = reading.read(folder / "ours.xlsx")
        if found.cells or found.notices or not found.seen:
            message = f"{len(found.cells)} edits, {len(found.notices)} notices in an untouched list"
            raise SystemExit(message)

    return read


CONTENDERS = {
    "landuse.workbook.write": (_ours, "write"),
    "XlsxWriter, constant memory, the same cells": (_peer, "write"),
    "landuse.returns.reading.read": (_return, "read"),
    "python-calamine, the same cells": (_calamine, "read"),
}


def _peak() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _child(name: str, folder: Path, rows: int) -> None:
    """Run one contender and print what it took."""
    call = CONTENDERS[name][0](folder, rows)
    before = _peak()
    start = time.process_time()
    call()
    took = time.process_time() - start
    print(json.dumps({"cpu": took, "before": before, "peak": _peak()}))


def main() -> None:
    """Run all contenders in turn and print a table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--child", help=argparse.SUPPRESS)
    asked.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.child:
        _child(given.child, given.folder, given.rows)
        return
    took: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(given.rounds):
            for name in CONTENDERS:
                command = [sys.executable, "-m", "benchmarks.workbook", "--child", name]
                command += ["--rows", str(given.rows), "--folder", folder]
                done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
                took[name].append(json.loads(done.stdout.splitlines()[-1]))
        size = (Path(folder) / "ours.xlsx").stat().st_size / 1e6
    cpu = {name: median(one["cpu"] for one in runs) for name, runs in took.items()}
    peers = {kind: cpu[name] for name, (_, kind) in CONTENDERS.items()}
    print(f"{given.rows:,} rows, {size:.1f} MB\n")
    print("| contender | CPU s | MB before | peak MB | CPU, peer = 1 |\n|---|---|---|---|---|")
    for name, (_, kind) in CONTENDERS.items():
        before, peak = (max(one[key] for one in took[name]) for key in ("before", "peak"))
        ratio = cpu[name] / peers[kind]
        print(f"| {name} | {cpu[name]:.2f} | {before:,.0f} | {peak:,.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
