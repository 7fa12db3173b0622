"""
What two workers over TCP gain, and what a killed one costs.

`python -m benchmarks.cluster --supplies 100000 --counties 16 --kills 20` starts a dask scheduler
and two workers as processes of their own, which talk over TCP on the loopback, and cuts the land
of a fabric in one process with one thread, in one as it is shipped, in two processes and by the
workers, in alternating rounds. Then the same land kept as partitioned GeoParquet
(`partition.store`): by one process with one thread that reads it county by county, and by workers
that read their counties themselves; reading is in both figures. With workers the command uses
threads while it shares land out and puts answers together, as it is shipped; a worker has one.
Then it cuts smaller land again and again, every other time as it was kept, while a worker is
killed at a random moment and another started, and compares every table with one process. CPU
seconds are those of all processes together, and of a cluster that waits too; `two processes`
begin afresh each time, which is in their figure. This process and the workers are warm: each has
cut a small county with compiled functions before anything is timed.

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
import tempfile
import threading
import time
from dataclasses import fields
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyarrow as pa

from benchmarks import fabric, loopback
from benchmarks.partition import ON
from landuse import executor, geometry, kernels, partition
from landuse.errors import ClusterError
from landuse.partition.land import admitted_land
from landuse.partition.parcel import Parcel, packed, worked

if TYPE_CHECKING:
    from collections.abc import Callable

    from landuse.partition.share import Share

    Cutting = Callable[[], partition.Partition]

ONE, SHIPPED = "one process, one thread", "one process as shipped"
SPAWNED, WORKERS = "two processes", "two workers over TCP"
READ_ALONE = "one process, one thread, land read from GeoParquet"
READ_THERE = "two workers over TCP, land read from GeoParquet"


def fingerprint(made: partition.Partition) -> str:
    """Return one hash of every table of a partition."""
    whole = hashlib.sha256()
    for frame in (getattr(made, field.name) for field in fields(made) if field.name != "crs"):
        plain = geometry.closed(frame) if isinstance(frame, gpd.GeoDataFrame) else frame
        table = pa.Table.from_pandas(plain, preserve_index=False).combine_chunks()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        whole.update(sink.getvalue())
    return whole.hexdigest()


def _cpu_s(cluster: loopback.Loopback) -> float:
    """Return CPU seconds of this process, its ended children, and the cluster."""
    import psutil

    here = os.times()
    parts = (cluster.scheduler, *cluster.workers)
    told = [psutil.Process(part.pid).cpu_times() for part in parts if part.poll() is None]
    return sum(here[:4]) + sum(each.user + each.system for each in told)


def _rounds(
    cluster: loopback.Loopback, land: dict[str, Any], folder: Path, rounds: int
) -> tuple[dict[str, list[dict[str, float]]], bool]:
    """Cut land every way in alternating rounds; tell if the bytes were always the same."""
    away = executor.Cluster(cluster.address)
    most = kernels.MOST_THREADS
    ways: dict[str, tuple[int, Cutting]] = {
        ONE: (1, lambda: partition.pieces(land, on=ON)),
        SHIPPED: (most, lambda: partition.pieces(land, on=ON)),
        SPAWNED: (1, lambda: partition.pieces(land, on=ON, executor=executor.Processes(2))),
        WORKERS: (most, lambda: partition.pieces(land, on=ON, executor=away)),
        READ_ALONE: (1, lambda: partition.stored(folder)),
        READ_THERE: (most, lambda: partition.stored(folder, executor=away)),
    }
    figures: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    made = set()
    for _ in range(rounds):
        for way, (threads, cutting) in ways.items():
            kernels.threads(threads)
            cpu, wall = _cpu_s(cluster), time.perf_counter()
            cut = cutting()
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
    whole = {**land, "cluster": land["cluster"].drop(columns="division_code")}
    return next(admitted_land(whole, ON, partition.Tolerances()).shares([""]))


def _kills(
    cluster: loopback.Loopback, land: dict[str, Any], folder: Path, asked: argparse.Namespace
) -> list[dict[str, Any]]:
    """Cut that often, each time killing a worker on the way; compare with one process."""
    import distributed

    kept: Path | None = asked.kept
    known = kept.read_text(encoding="utf-8").splitlines() if kept and kept.exists() else []
    found: list[dict[str, Any]] = [json.loads(line) for line in known]
    alone = fingerprint(partition.pieces(land, on=ON))
    away = executor.Cluster(cluster.address)
    ways: tuple[Cutting, Cutting] = (
        lambda: partition.pieces(land, on=ON, executor=away),
        lambda: partition.stored(folder, executor=away),
    )
    begun = time.perf_counter()
    ways[0]()
    wall = time.perf_counter() - begun
    with distributed.Client(cluster.address, set_as_default=False) as watching:
        for number in range(len(found), asked.kills):
            rng = random.Random(20180531 + number)
            moment = rng.uniform(0.1, 0.9) * wall
            told = {"kill": number + 1, "moment_s": round(moment, 2), "kept": number % 2}
            told |= _killed(cluster, ways[number % 2], (moment, rng, watching))
            told["same"] = told.pop("hash") == alone
            found.append(told)
            print(json.dumps(told), flush=True)
            if kept:
                with kept.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(told) + "\n")
            cluster.wait(2)
    return found


def _killed(
    cluster: loopback.Loopback, cutting: Cutting, how: tuple[float, random.Random, Any]
) -> dict[str, Any]:
    """Cut land while a worker is killed; tell the hash of it, or the error that came of it."""
    moment, rng, watching = how
    hit: list[bool] = []
    timer = threading.Timer(moment, lambda: hit.append(cluster.kill_one(rng, watching)))
    begun = time.perf_counter()
    timer.start()
    try:
        told: dict[str, Any] = {"hash": fingerprint(cutting())}
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
    lines = []
    for way, each in middle.items():
        alone = READ_ALONE if way in {READ_ALONE, READ_THERE} else ONE
        one, shipped = (middle[name]["wall_s"] / each["wall_s"] for name in (alone, SHIPPED))
        wall, cpu = each["wall_s"], each["cpu_s"]
        lines.append(f"| {way} | {wall:.2f} | {cpu:.2f} | {one:.2f} | {shipped:.2f} |")
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
    with loopback.running(2) as cluster, tempfile.TemporaryDirectory() as made:
        for who in (executor.Here(), executor.Cluster(cluster.address)):  # import and compile
            partition.pieces(small, on=ON, executor=who)
        ceiling = _ceiling(cluster, small, max(given.rounds, 1))
        print(f"Two workers at once do {ceiling:.2f} times what one does alone.", flush=True)
        begun = time.perf_counter()
        for name, kept in (("land", land), ("small", small)):
            partition.store(kept, Path(made, name), on=ON)
        print(f"Keeping the land took {time.perf_counter() - begun:.2f} s.", flush=True)
        figures, same = _rounds(cluster, land, Path(made, "land"), given.rounds)
        kills = _kills(cluster, small, Path(made, "small"), given)
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
