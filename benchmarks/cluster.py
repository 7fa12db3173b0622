"""
What two workers over TCP gain, and what a killed one costs.

`python -m benchmarks.cluster --supplies 100000 --counties 16 --kills 20` starts a dask scheduler
and two workers as processes of their own, which talk over TCP on the loopback, and cuts the land
of a fabric in one process with one thread, in one as it is shipped, in two processes and by the
workers, in alternating rounds. With workers the command uses threads while it shares land out and
puts answers together, as it is shipped; a worker has one. Then it cuts smaller land again and
again while a worker is killed at a random moment and another started, and compares every table
with one process. CPU seconds are those of all processes together, and of a cluster that waits too;
`two processes` begin afresh each time, which is in their figure. This process and the workers are
warm: each has cut a small county with compiled functions before anything is timed.

What two workers could gain at most on this machine is told first: one county cut by one worker
alone, then the same county by both at once. Each kill is printed, and kept in a file if asked for
(`--kept`), from which a run that was stopped goes on.
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
import numpy as np
import pandas as pd

from benchmarks import fabric, loopback
from benchmarks.partition import ON
from landuse import executor, kernels, partition
from landuse.errors import ClusterError
from landuse.partition.assign import Over
from landuse.partition.parcel import Parcel, packed, worked
from landuse.partition.share import Share

if TYPE_CHECKING:
    from collections.abc import Callable

    Cutting = Callable[[], partition.Partition]

ONE, SHIPPED = "one process, one thread", "one process as shipped"
SPAWNED, WORKERS = "two processes", "two workers over TCP"


def fingerprint(made: partition.Partition) -> str:
    """Return one hash of every table of a partition."""
    whole = hashlib.sha256()
    tables = (getattr(made, field.name) for field in fields(made) if field.name != "crs")
    for frame in tables:
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
        WORKERS: (kernels.MOST_THREADS, executor.Cluster(cluster.address)),
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
            print(f"{way}: {wall:.2f} s", flush=True)
            made.add(fingerprint(cut))
    return figures, len(made) == 1


def _seconds(job: Parcel) -> float:
    """Cut a county that came as bytes, and tell how long it took."""
    begun = time.perf_counter()
    worked(job)
    return time.perf_counter() - begun


def _ceiling(cluster: loopback.Loopback, land: dict[str, Any], rounds: int) -> float:
    """Return how much more two workers do than one where nothing but the machine is shared."""
    import distributed

    job = packed(_one_county(land), pays=True, threads=1)
    gains = []
    with distributed.Client(cluster.address, set_as_default=False) as client:
        places = list(client.scheduler_info(n_workers=-1)["workers"])[:2]

        def slowest(among: list[str]) -> float:
            """Return the time the slowest of some workers takes, all at once."""
            sent = [client.submit(_seconds, job, workers=[at], pure=False) for at in among]
            return max(client.gather(sent))

        worked(job)  # import and compile, here as there
        slowest(places)
        for _ in range(rounds):
            alone = slowest(places[:1]) + slowest(places[1:])
            gains.append(alone / slowest(places))
    return median(gains)


def _one_county(land: dict[str, Any]) -> Share:
    """Return all land of a fabric as the share of one county."""
    shapes = {role: land[role].geometry.to_numpy() for role in land}
    approvals, supplies = shapes["approval"], shapes["supply"]
    own = np.ones(len(approvals) + len(supplies), dtype=bool)
    over = Over(shapes["construction"], shapes["cluster"], shapes["park"][:0])
    return Share("411001", approvals, supplies, own, over, partition.Tolerances())


def _kills(
    cluster: loopback.Loopback, land: dict[str, Any], times: int, kept: Path | None
) -> list[dict[str, Any]]:
    """Cut that often, each time killing a worker on the way; compare with one process."""
    import distributed

    known = kept.read_text(encoding="utf-8").splitlines() if kept and kept.exists() else []
    found: list[dict[str, Any]] = [json.loads(line) for line in known]
    alone = fingerprint(partition.pieces(land, on=ON))
    away = executor.Cluster(cluster.address)
    begun = time.perf_counter()
    partition.pieces(land, on=ON, executor=away)
    wall = time.perf_counter() - begun
    with distributed.Client(cluster.address, set_as_default=False) as watching:
        for number in range(len(found), times):
            rng = random.Random(20180531 + number)
            moment = rng.uniform(0.1, 0.9) * wall
            told = {"kill": number + 1, "moment_s": round(moment, 2)}
            told |= _killed(cluster, land, away, (moment, rng, watching))
            told["same"] = told.pop("hash") == alone
            found.append(told)
            print(json.dumps(told), flush=True)
            if kept:
                with kept.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(told) + "\n")
            cluster.wait(2)
    return found


def _killed(
    cluster: loopback.Loopback,
    land: dict[str, Any],
    away: executor.Executor,
    how: tuple[float, random.Random, Any],
) -> dict[str, Any]:
    """Cut land while a worker is killed; tell the hash of it, or the error that came of it."""
    moment, rng, watching = how
    hit: list[bool] = []
    timer = threading.Timer(moment, lambda: hit.append(cluster.kill_one(rng, watching)))
    begun = time.perf_counter()
    timer.start()
    try:
        told: dict[str, Any] = {"hash": fingerprint(partition.pieces(land, on=ON, executor=away))}
    except ClusterError as err:
        told = {"hash": "", "error": str(err)}
    told["wall_s"] = round(time.perf_counter() - begun, 2)
    timer.join()
    return told | {"in_flight": any(hit)}


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
    parser.add_argument("--kept", type=Path, help="keep each kill here, and go on from it")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    land = fabric.repaired(fabric.tables(given.supplies, counties=given.counties))
    small = fabric.repaired(fabric.tables(given.killed_supplies, counties=8))
    with loopback.running(2) as cluster:
        for who in (executor.Here(), executor.Cluster(cluster.address)):  # import and compile
            partition.pieces(small, on=ON, executor=who)
        ceiling = _ceiling(cluster, small, max(given.rounds, 1))
        print(f"Two workers at once do {ceiling:.2f} times what one does alone.", flush=True)
        figures, same = _rounds(cluster, land, given.rounds)
        kills = _kills(cluster, small, given.kills, given.kept)
    shares = partition.pieces(land, on=ON).shares
    halo = shares["halo"].sum() / (shares["approvals"].sum() + shares["supplies"].sum())
    alike, hit = (sum(each[key] for each in kills) for key in ("same", "in_flight"))
    print(f"{given.supplies:,} supplies in {len(shares)} counties.")
    if given.rounds:
        print(f"\n{_markdown(figures)}\n\nSame bytes in every round: {same}.")
    print(f"Halo: {halo:.2%} of the features.")
    print(f"{len(kills)} runs with a worker killed, {hit} with work in hand: {alike} same bytes.")
    if given.json:
        record = {
            "ceiling": ceiling,
            "figures": figures,
            "same": same,
            "halo": halo,
            "kills": kills,
        }
        given.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
