"""
A whole build with maps: by one process, and by two workers over TCP.

`python -m benchmarks.whole --supplies 40000 --counties 8` writes a workspace of fabric and builds
it in alternating rounds, each in a process of its own: with `--workers 1`, and with the address of
a dask scheduler whose two workers (processes of one thread, on the loopback) cut the land and draw
the maps. The workers have built a small workspace before. Wall seconds are those of the whole
command; the outputs of all rounds must be the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import loopback, workspace
from benchmarks.partition import ON

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE, WORKERS = "one process", "two workers over TCP"


def _built(folder: Path, out: Path, workers: str) -> tuple[float, float, str]:
    """Build a workspace; return wall and CPU seconds of the command, and its manifest."""
    command = [sys.executable, "-m", "landuse", "build", str(folder), "--on", ON.isoformat()]
    shutil.rmtree(out, ignore_errors=True)
    quiet, before = subprocess.DEVNULL, os.times()
    begun = time.perf_counter()
    options = ["--out", str(out), "--workers", workers]
    subprocess.run([*command, *options], check=True, stdout=quiet, stderr=quiet)
    wall, after = time.perf_counter() - begun, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return wall, cpu, (out / "manifest.json").read_text(encoding="utf-8")


def _markdown(figures: Mapping[str, list[tuple[float, float]]]) -> str:
    """Return the ways as a Markdown table."""
    one = median(wall for wall, _ in figures[ONE])
    lines = ["| who | wall s | CPU s of the command | one process / this |", "|---|---|---|---|"]
    for way, runs in figures.items():
        wall, cpu = (median(column) for column in zip(*runs, strict=True))
        lines.append(f"| {way} | {wall:.1f} | {cpu:.1f} | {one / wall:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, default=40_000)
    parser.add_argument("--counties", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    figures: dict[str, list[tuple[float, float]]] = {ONE: [], WORKERS: []}
    made = set()
    with tempfile.TemporaryDirectory() as folder, loopback.running(2) as cluster:
        small, large = Path(folder, "small"), Path(folder, "large")
        workspace.written(small, 4_000, counties=4, maps=True)
        workspace.written(large, given.supplies, counties=given.counties, maps=True)
        _built(small, Path(folder, "out"), cluster.address)
        for _ in range(given.rounds):
            for way, workers in ((ONE, "1"), (WORKERS, cluster.address)):
                wall, cpu, manifest = _built(large, Path(folder, "out"), workers)
                figures[way].append((wall, cpu))
                made.add(manifest)
                print(f"{way}: {wall:.1f} s", flush=True)
    print(f"\n{given.supplies:,} supplies in {given.counties} counties, with maps.\n")
    print(f"{_markdown(figures)}\n\nSame bytes in every round: {len(made) == 1}.")
    if given.json:
        given.json.write_text(json.dumps({"runs": figures}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
