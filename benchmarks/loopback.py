"""A dask scheduler and workers as processes of their own, over TCP on the loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]
HOST = ("--host", "tcp://127.0.0.1", "--no-dashboard")
PATIENCE_S = 120
SAMPLER = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
"""Its sampler of what workers do costs two to three hundredths of their time."""


class Loopback:
    """
    A scheduler and workers.

    Parameters
    ----------
    folder
        For the scheduler to tell its address in.
    scheduled
        Variables of the environment of the scheduler.
    paths
        Folders the workers import from, before this checkout.
    """

    def __init__(
        self,
        folder: Path,
        scheduled: Mapping[str, str] | None = None,
        paths: tuple[Path, ...] = (),
    ) -> None:
        self.folder, self.paths = folder, paths
        told = folder / "scheduler.json"
        at = ("--port", "0", "--scheduler-file", str(told))
        self.scheduler = self._started(("dask_scheduler", *HOST, *at), scheduled or {})
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, workers: int) -> None:
        """Wait for the scheduler, and start so many workers of one thread each."""
        told = self.folder / "scheduler.json"
        begun = time.monotonic()
        while not (told.exists() and told.stat().st_size):
            if time.monotonic() - begun > PATIENCE_S:
                raise TimeoutError(told)
            time.sleep(0.1)
        self.address = json.loads(told.read_text(encoding="utf-8"))["address"]
        for _ in range(workers):
            self.add()
        if workers:
            self.wait(workers)

    def add(self, *options: str) -> None:
        """Start a worker; without options no nanny starts it again when it dies."""
        name = str(len(self.workers))
        alone = options or ("--no-nanny",)
        size = ("--nworkers", "1", "--nthreads", "1", "--name", name)
        command = ("dask_worker", self.address, "--no-dashboard", *size, *alone)
        self.workers.append(self._started(command, {}))

    def wait(self, workers: int) -> None:
        """Wait until there are so many workers."""
        import distributed

        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE_S)

    def kill_one(self, rng: random.Random, client: Any) -> bool:
        """Kill a living worker at random, start another, and tell whether it had work in hand."""
        alive = [k for k, worker in enumerate(self.workers) if worker.poll() is None]
        dead = rng.choice(alive)
        worker = self.workers[dead]
        if hasattr(signal, "SIGSTOP"):  # stopped first, so that what it holds stays what is seen
            worker.send_signal(signal.SIGSTOP)
            time.sleep(0.05)
        known = client.scheduler_info(n_workers=-1)["workers"]
        address = next((at for at, told in known.items() if str(told["name"]) == str(dead)), "")
        busy = bool(client.processing([address]).get(address)) if address else False
        worker.kill()
        worker.wait()
        self.add()
        return busy

    def _started(
        self, command: tuple[str, ...], variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start a part of a cluster."""
        found = os.pathsep.join(map(str, (*self.paths, ROOT)))
        environment = {**os.environ, "PYTHONPATH": found, **SAMPLER, **variables}
        module, *options = command
        quiet = subprocess.DEVNULL
        whole = [sys.executable, "-m", f"distributed.cli.{module}", *options]
        return subprocess.Popen(whole, env=environment, cwd=self.folder, stdout=quiet, stderr=quiet)

    def stop(self) -> None:
        """End every process."""
        for part in (*self.workers, self.scheduler):
            part.kill()
            part.wait()


@contextmanager
def running(workers: int, **settings: Any) -> Iterator[Loopback]:
    """Run a cluster meanwhile; settings as in `Loopback`."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = Loopback(Path(folder), **settings)
        try:
            cluster.start(workers)
            yield cluster
        finally:
            cluster.stop()
