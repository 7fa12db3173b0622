"""
Kill builds and publishes at random moments, and see that nothing is half done.

Each process works on another day, so each writes something new. After each kill the outputs must be
those of one whole build, every kept run must load, and the database must hold one whole run; at the
end every kept run is made again and compared by hash.

    python -m benchmarks.kill --workspace mycity --times 200 --address postgresql://…
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import multiprocessing
import random
import shutil
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landuse import history, pipeline
from landuse import publish as publishing
from landuse.replay import proof

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = date(2018, 1, 1)
PUBLISHED = ("run", "cases", "pieces", "slivers", "findings", "totals", "series")


def build(workspace: Path, day: date) -> None:
    """Build and keep a day."""
    pipeline.build(workspace, on=day, made_on=day)


def publish(workspace: Path, day: date, address: str) -> None:
    """Publish a day."""
    publishing.publish(address, pipeline.run(workspace, on=day))


def started(work: Callable[..., None], *arguments: Any) -> Any:
    """Start work in a process of its own, with everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.kill", "landuse.maps", "psycopg"])
    process = context.Process(target=work, args=arguments)
    process.start()
    return process


def lasting(work: Callable[..., None], *arguments: Any) -> float:
    """Return the seconds that work takes when nobody kills it."""
    begun = time.perf_counter()
    process = started(work, *arguments)
    process.join()
    if process.exitcode != 0:
        message = f"{work.__name__} failed"
        raise RuntimeError(message)
    return time.perf_counter() - begun


def killed(after: float, work: Callable[..., None], *arguments: Any) -> bool:
    """Start work and kill it after some seconds; whether it was still at it."""
    process = started(work, *arguments)
    process.join(after)
    was_at_work = process.exitcode is None
    process.kill()
    process.join()
    return was_at_work


def outputs_are_whole(out: Path) -> bool:
    """Whether the outputs are exactly those their manifest names."""
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    found = {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    return bool(found == manifest["outputs"])


def content(address: str) -> tuple[str, int]:
    """Return a hash of the run published, and how many runs its history has."""
    import psycopg

    whole = hashlib.sha256()
    with psycopg.connect(address) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        for name in PUBLISHED:
            for (row,) in connection.execute(f"SELECT t::text FROM landuse.{name} AS t ORDER BY 1"):
                whole.update(row.encode() + b"\n")
        held = connection.execute(
            "SELECT (SELECT count(*) FROM landuse.runs), count(DISTINCT number) "
            "FROM landuse.history"
        ).fetchone()
    if held is None or held[0] != held[1]:
        message = f"the history in {address} is torn: {held}"
        raise RuntimeError(message)
    return whole.hexdigest(), int(held[0])


def builds(workspace: Path, times: int, dice: random.Random) -> int:
    """Kill builds; return how many were at work."""
    usual = max(lasting(build, workspace, FIRST - timedelta(days=n)) for n in (1, 2))
    seen, hit = set(), 0
    for n in range(times):
        hit += killed(dice.uniform(0, usual), build, workspace, FIRST + timedelta(days=n))
        fresh = [run for run in history.runs(workspace) if run.number not in seen]
        for run in fresh:
            history.load(workspace, run.number)
            seen.add(run.number)
        if not outputs_are_whole(workspace / "out"):
            message = f"kill {n}: the outputs of {workspace} are torn"
            raise RuntimeError(message)
    lasting(build, workspace, FIRST + timedelta(days=times))
    left = [*workspace.rglob(".*growing-*")]
    if left:
        message = f"left over after a whole build: {left}"
        raise RuntimeError(message)
    wrong = [one for one in proof.verify(workspace) if one.verdict != "same"]
    if wrong:
        message = f"kept runs that cannot be proved: {wrong}"
        raise RuntimeError(message)
    return hit


def publishes(workspace: Path, address: str, times: int, dice: random.Random) -> int:
    """Kill publishes; return how many were at work."""
    days = (FIRST, date(2018, 12, 31))
    whole, usual = set(), math.inf
    for day in (*days, *days):  # the first start also loads every library
        usual = min(usual, lasting(publish, workspace, day, address))
        whole.add(content(address))
    hit = 0
    for n in range(times):
        # the first part makes the run, the later one writes
        after = dice.uniform(usual * 0.4, usual)
        hit += killed(after, publish, workspace, days[n % 2], address)
        if content(address) not in whole:
            message = f"kill {n}: {address} holds no whole run"
            raise RuntimeError(message)
    return hit


def main() -> None:
    """Kill as often as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workspace", type=Path, default=Path())
    parser.add_argument("--address", help="a database to publish to; without it only builds")
    asked = parser.parse_args()
    dice = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        for name in ("layers", "maps"):
            if (asked.workspace / name).is_dir():
                shutil.copytree(asked.workspace / name, workspace / name)
        hit = builds(workspace, asked.times, dice)
        print(f"build: {asked.times} kills, {hit} of them at work; whole each time")
        if asked.address:
            hit = publishes(workspace, asked.address, asked.times, dice)
            print(f"publish: {asked.times} kills, {hit} of them at work; whole each time")


if __name__ == "__main__":
    main()
