"""
What two workers over TCP gain, and what a killed one costs.

`python -m benchmarks.cluster --supplies 100000 --counties 8 --kills 20` starts a dask scheduler and
two workers as processes of their own, which talk over TCP on the loopback; cuts the land of a
fabric in one process with one thread, in two processes and by the workers, in alternating
rounds; then cuts it again that many times while a worker is killed at a random moment and another
started, and compares every table with the first. CPU seconds are those of this process and its
children, without the workers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from benchmarks import fabric
from benchmarks.partition import ON
from landuse import executor, kernels, partition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]


def fingerprint(made: partition.Partition) -> str:
    """Return one hash of every table of a partition."""
    whole = hashlib.sha256()
    for field in fields(made):
        frame = getattr(made, field.name)
        plain = pd.DataFrame(frame.to_wkb() if isinstance(frame, gpd.GeoDataFrame) else frame)
        whole.update(plain.to_csv(float_format="%.17g").encode())
    return whole.hexdigest()


class Loopback:
    """A scheduler and workers, each a process of its own, on this machine."""

    def __init__(self, folder: Path, workers: int) -> None:
        told = folder / "scheduler.json"
        where = ("--host", "tcp://127.0.0.1", "--port", "0", "--no-dashboard")
        self.parts = [_started("dask_scheduler", *where, "--scheduler-file", str(told))]
        while not (told.exists() and told.stat().st_size):
            time.sleep(0.1)
        self.address = json.loads(told.read_text(encoding="utf-8"))["address"]
        self.workers = [self._worker() for _ in range(workers)]
        import distributed

        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)

    def _worker(self) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, without a nanny that would start it again."""
        options = ("--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        return _started("dask_worker", self.address, *options)

    def kill_one(self, rng: random.Random) -> None:
        """Kill a worker at random and start another."""
        dead = rng.randrange(len(self.workers))
        self.workers[dead].kill()
        self.workers[dead].wait()
        self.workers[dead] = self._worker()

    def stop(self) -> None:
        """End every process."""
        for part in (*self.workers, *self.parts):
            part.kill()
            part.wait()


def _started(part: str, *options: str) -> subprocess.Popen[bytes]:
    """Start a part of a cluster."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", f"distributed.cli.{part}", *options]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)


@contextmanager
def loopback(workers: int) -> Iterator[Loopback]:
    """Run a cluster meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        running = Loopback(Path(folder), workers)
        try:
            yield running
        finally:
            running.stop()


def _timed(act: Callable[[], partition.Partition]) -> tuple[float, str]:
    """Return wall seconds and what was made."""
    begun = time.perf_counter()
    made = act()
    return time.perf_counter() - begun, fingerprint(made)


def _kills(cluster: Loopback, act: Callable[[], Any], times: int, wall: float) -> list[str]:
    """Run that often, each time killing a worker on the way."""
    rng = random.Random(20180531)
    found = []
    for _ in range(times):
        timer = threading.Timer(rng.uniform(0.1, 0.9) * wall, cluster.kill_one, [rng])
        timer.start()
        found.append(fingerprint(act()))
        timer.join()
    return found


def main() -> None:
    """Print what was found, and write it as JSON if asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--supplies", type=int, default=100_000)
    parser.add_argument("--counties", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    given = parser.parse_args()
    land = fabric.repaired(fabric.tables(given.supplies, counties=given.counties))
    kernels.threads(1)
    with loopback(2) as cluster:
        ways = {
            "one process, one thread": executor.Here(),
            "two processes": executor.Processes(2),
            "two workers over TCP": executor.Cluster(cluster.address),
        }

        def cut(way: str) -> partition.Partition:
            return partition.pieces(land, on=ON, executor=ways[way])

        first = fingerprint(cut("two workers over TCP"))  # workers import and compile
        walls: dict[str, list[float]] = {way: [] for way in ways}
        same = True
        for _ in range(given.rounds):
            for way in ways:
                wall, made = _timed(lambda way=way: cut(way))
                walls[way].append(wall)
                same &= made == first
        wall = median(walls["two workers over TCP"])
        kills = _kills(cluster, lambda: cut("two workers over TCP"), given.kills, wall)
    one = median(walls["one process, one thread"])
    print("| who | wall s | one process = 1 |\n|---|---|---|")
    for way, found in walls.items():
        print(f"| {way} | {median(found):.2f} | {one / median(found):.2f}x |")
    shares = partition.pieces(land, on=ON).shares
    halo = shares["halo"].sum() / (shares["approvals"].sum() + shares["supplies"].sum())
    print(f"\nSame bytes in every round: {same}. Halo: {halo:.2%} of the features.")
    alike = sum(made == first for made in kills)
    print(f"{alike} of {len(kills)} runs with a worker killed gave the same bytes.")
    if given.json:
        record = {"walls": walls, "same": same, "halo": halo, "kills": len(kills), "alike": alike}
        given.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
