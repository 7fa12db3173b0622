"""
What two workers over TCP gain, and what a killed one costs.

`python -m benchmarks.cluster --supplies 100000 --counties 16 --kills 20` starts a dask scheduler
and two workers as processes of their own, which talk over TCP on the loopback, and cuts the land
of a fabric in one process with one thread, in one as it is shipped, in two processes and by the
workers, in alternating rounds. Then it cuts smaller land again and again while a worker is killed
at a random moment and another started, and compares every table with one process. CPU seconds are
those of all processes together; `two processes` begin afresh each time, which is in their figure.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import threading
import time
from dataclasses import fields
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from benchmarks import fabric, loopback
from benchmarks.partition import ON
from landuse import executor, kernels, partition

if TYPE_CHECKING:
    from collections.abc import Callable

    Cutting = Callable[[], partition.Partition]

ONE, SHIPPED = "one process, one thread", "one process as shipped"
SPAWNED, WORKERS = "two processes", "two workers over TCP"


def fingerprint(made: partition.Partition) -> str:
    """Return one hash of every table of a partition."""
    whole = hashlib.sha256()
    for field in fields(made):
        frame = getattr(made, field.name)
        plain = pd.DataFrame(frame.to_wkb() if isinstance(frame, gpd.GeoDataFrame) else frame)
        whole.update(plain.to_csv(float_format="%.17g").encode())
    return whole.hexdigest()


def _cpu_s(cluster: loopback.Loopback) -> float:
    """Return CPU seconds of this process, its ended children, and the cluster."""
    import psutil

    here = os.times()
    parts = (cluster.scheduler, *cluster.workers)
    told = [psutil.Process(part.pid).cpu_times() for part in parts if part.poll() is None]
    return sum(here[:4]) + sum(each.user + each.system for each in told)


def _rounds(
    cluster: loopback.Loopback, land: dict[str, Any], rounds: int
) -> tuple[dict[str, list[dict[str, float]]], bool]:
    """Cut land every way in alternating rounds; tell if the bytes were always the same."""
    ways: dict[str, tuple[int, executor.Executor]] = {
        ONE: (1, executor.Here()),
        SHIPPED: (kernels.MOST_THREADS, executor.Here()),
        SPAWNED: (1, executor.Processes(2)),
        WORKERS: (1, executor.Cluster(cluster.address)),
    }
    figures: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    made = set()
    for _ in range(rounds):
        for way, (threads, who) in ways.items():
            kernels.threads(threads)
            cpu, wall = _cpu_s(cluster), time.perf_counter()
            cut = partition.pieces(land, on=ON, executor=who)
            wall = time.perf_counter() - wall
            figures[way].append({"wall_s": wall, "cpu_s": _cpu_s(cluster) - cpu})
            made.add(fingerprint(cut))
    return figures, len(made) == 1


def _kills(cluster: loopback.Loopback, land: dict[str, Any], times: int) -> list[dict[str, bool]]:
    """Cut that often, each time killing a worker on the way; compare with one process."""
    import distributed

    rng = random.Random(20180531)
    alone = fingerprint(partition.pieces(land, on=ON))
    away = executor.Cluster(cluster.address)
    begun = time.perf_counter()
    partition.pieces(land, on=ON, executor=away)
    wall = time.perf_counter() - begun
    found = []
    with distributed.Client(cluster.address, set_as_default=False) as watching:
        for _ in range(times):
            hit: list[bool] = []
            moment = rng.uniform(0.1, 0.9) * wall
            timer = threading.Timer(
                moment, lambda hit=hit: hit.append(cluster.kill_one(rng, watching))
            )
            timer.start()
            same = fingerprint(partition.pieces(land, on=ON, executor=away)) == alone
            timer.join()
            cluster.wait(2)
            found.append({"in_flight": hit[0], "same": same})
    return found


def _markdown(figures: dict[str, list[dict[str, float]]]) -> str:
    """Return the ways as a Markdown table."""
    middle = {
        way: {key: median(run[key] for run in runs) for key in runs[0]}
        for way, runs in figures.items()
    }
    head = "| who | wall s | CPU s | one thread / this | as shipped / this |\n|---|---|---|---|---|"
    lines = [
        f"| {way} | {each['wall_s']:.2f} | {each['cpu_s']:.2f} "
        f"| {middle[ONE]['wall_s'] / each['wall_s']:.2f} "
        f"| {middle[SHIPPED]['wall_s'] / each['wall_s']:.2f} |"
        for way, each in middle.items()
    ]
    return "\n".join([head, *lines])


def main() -> None:
    """Print what was found, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, default=100_000)
    parser.add_argument("--counties", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--killed-supplies", type=int, default=8_000)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    land = fabric.repaired(fabric.tables(given.supplies, counties=given.counties))
    small = fabric.repaired(fabric.tables(given.killed_supplies, counties=8))
    with loopback.running(2) as cluster:
        for who in (executor.Here(), executor.Cluster(cluster.address)):  # import and compile
            partition.pieces(small, on=ON, executor=who)
        figures, same = _rounds(cluster, land, given.rounds)
        kills = _kills(cluster, small, given.kills)
    shares = partition.pieces(land, on=ON).shares
    halo = shares["halo"].sum() / (shares["approvals"].sum() + shares["supplies"].sum())
    alike, hit = (sum(each[key] for each in kills) for key in ("same", "in_flight"))
    print(f"{given.supplies:,} supplies in {len(shares)} counties.\n\n{_markdown(figures)}")
    print(f"\nSame bytes in every round: {same}. Halo: {halo:.2%} of the features.")
    print(f"{len(kills)} runs with a worker killed, {hit} with work in hand: {alike} same bytes.")
    if given.json:
        record = {"figures": figures, "same": same, "halo": halo, "kills": kills}
        given.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
