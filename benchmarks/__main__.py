"""
Every benchmark in one command.

`python -m benchmarks --supplies 100000 --into figures` runs each below in a process of its own, one
after the other, and writes `figures/benchmarks.md` with all tables and one JSON beside it a
benchmark. Each benchmark runs its contenders in alternating rounds; what needs something that is
not there is named with the reason. `--only partition acts` runs some of them; those in the folder
stay on the page, each with the day it was run, so that a run of hours may be made in parts.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

_LIBRARIES = (
    *("landuse", "geopandas", "shapely", "numpy", "pandas", "pyarrow", "pyogrio", "numba"),
    *("sedonadb", "duckdb", "polars", "distributed", "exactextract", "xlsxwriter", "folium"),
)


class Benchmark(NamedTuple):
    """A module, what it is told for so many supplies, what it needs, and if it writes JSON."""

    module: str
    options: tuple[str, ...]
    needs: str = ""
    writes_json: bool = True


def benchmarks(supplies: int, into: Path = Path()) -> dict[str, Benchmark]:
    """
    Return every benchmark for land of a size; laws and lists are larger by a fixed factor.

    Imagery is always one scene of 575 MB and 100,000 parcels, made in `into` if it is not there.
    """
    size, many = str(supplies), str(10 * supplies)
    return {
        "partition": Benchmark("partition", ("--supplies", size)),
        "built": Benchmark("built", ("--supplies", str(supplies // 5))),
        "classify": Benchmark("classify", ("--supplies", many, "--pauses", str(2 * supplies))),
        "acts": Benchmark("acts", ("--supplies", str(supplies // 10), size, "--peer")),
        "cluster": Benchmark("cluster", ("--supplies", size), "distributed"),
        "whole": Benchmark("whole", ("--supplies", str(2 * supplies // 5)), "distributed"),
        "read": Benchmark("read", ("--rows", size, "--checks", str(supplies // 5)), "", False),
        "workbook": Benchmark("workbook", ("--rows", str(supplies // 5)), "", False),
        "history": Benchmark("history", ("--cases", many), "", False),
        "matching": Benchmark("matching", (), "", False),
        "maps": Benchmark("maps", ("--parcels", str(supplies // 10)), "playwright"),
        "imagery": Benchmark("imagery", ("speed", str(into)), "exactextract", False),
    }


def _machine() -> str:
    """Say what ran it."""
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} absent")
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return f"{python}, {os.cpu_count()} processors. {', '.join(found)}."


def _run(name: str, one: Benchmark, folder: Path) -> str:
    """Run one benchmark and return its section."""
    if one.needs and not find_spec(one.needs):
        return f"## {name}\n\nNot run: {one.needs} is not installed.\n"
    command = [sys.executable, "-m", f"benchmarks.{one.module}", *one.options]
    if one.writes_json:
        command += ["--json", str(folder / f"{name}.json")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    told = done.stdout.strip()
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        told += f"\n\nNot finished: {last[0]}"
    asked = f"`python -m benchmarks.{one.module} {' '.join(one.options)}`"
    return f"## {name}\n\n{asked}, {datetime.now(tz=UTC).date().isoformat()}\n\n{told}\n"


def main() -> None:
    """Run what is asked for and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, default=10_000)
    parser.add_argument("--into", type=Path, default=Path("figures"))
    parser.add_argument("--only", nargs="+", choices=benchmarks(1_000))
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    wanted = benchmarks(given.supplies, given.into)
    for name in given.only or wanted:
        section = _run(name, wanted[name], given.into)
        (given.into / f"{name}.md").write_text(section, encoding="utf-8")
        print(section, flush=True)
        kept = [path for each in wanted if (path := given.into / f"{each}.md").exists()]
        head = f"# Benchmarks, {given.supplies:,} supplies\n\n{_machine()}\n"
        page = "\n".join([head, *(path.read_text(encoding="utf-8") for path in kept)])
        (given.into / "benchmarks.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
