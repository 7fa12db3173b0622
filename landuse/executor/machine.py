"""Jobs done on one machine: by the process itself, or by others it starts."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from landuse.errors import ClusterError
from landuse.executor import underway

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

LARGE = 300_000
"""Features from which processes of this machine share the work if nothing else is asked for."""


def limit_memory(gib: float) -> None:
    """
    Let this process hold so much memory and no more; those it starts have the same limit.

    What libraries have reserved and not used when this is called does not count.

    Raises
    ------
    ClusterError
        If this system has no such limit, or the process holds more already.
    """
    try:
        import resource

        pages = [int(word) for word in Path("/proc/self/statm").read_text("ascii").split()]
        unused = (pages[5] - pages[1] + pages[2]) * resource.getpagesize()  # of what is reserved
        held = (pages[1] - pages[2]) * resource.getpagesize()
        if gib * 2**30 < held:
            raise ClusterError("cluster.memory_held", gib=f"{gib:g}", held=f"{held / 2**30:.2f}")
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (int(gib * 2**30) + max(unused, 0), hard))
    except (ImportError, OSError, ValueError) as err:
        raise ClusterError("cluster.no_memory_limit", gib=f"{gib:g}", reason=err) from err


class Here:
    """The process itself; jobs are done one after the other, each with all threads."""

    threads = os.cpu_count() or 1
    is_here = True
    shared = None

    def fit(self, jobs: int, features: int) -> Here:
        """Return itself."""
        del jobs, features
        return self

    def results(
        self, function: Callable[[T], R], jobs: Iterable[T], ahead: int | None = None
    ) -> Generator[R]:
        """Do each job when its answer is asked for, whatever may be on its way."""
        del ahead
        return (function(job) for job in jobs)


class Machine(Here):
    """
    One machine by itself: the process itself while work is small, then one a processor.

    Starting processes takes some seconds and memory, so a city stays where it is.
    """

    def fit(self, jobs: int, features: int) -> Here | Processes:  # type: ignore[override]
        """Return who does so many jobs over so many features."""
        count = min(os.cpu_count() or 1, jobs)
        return Processes(count) if features >= LARGE and count > 1 else Here()


class Processes:
    """
    Processes of this machine, started afresh, so that nothing of this one is held twice.

    Parameters
    ----------
    count
        How many; one job each at a time.
    """

    threads = 1
    is_here = False
    shared = None

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None
        self._users = 0

    def fit(self, jobs: int, features: int) -> Self:
        """Return itself."""
        del jobs, features
        return self

    def results(
        self, function: Callable[[T], R], jobs: Iterable[T], ahead: int | None = None
    ) -> Generator[R]:
        """
        Do jobs and yield what each returned, in order.

        Parameters
        ----------
        function, jobs
            What to do, of what.
        ahead
            How many jobs are on their way at once at most; all of them if not given.

        Raises
        ------
        ClusterError
            If the system ends a process.
        """
        return underway.begun(self._answers(function, jobs, ahead))

    def _answers(
        self, function: Callable[[T], R], jobs: Iterable[T], ahead: int | None
    ) -> Generator[R | None]:
        """Yield None when jobs are sent, then their answers."""
        try:
            with self._shared() as pool:

                def send(job: T) -> Future[R]:
                    return pool.submit(function, job)

                yield from underway.answers(send, lambda _, sent: sent.result(), jobs, ahead)
        except BrokenProcessPool as err:
            raise ClusterError("cluster.killed") from err

    @contextmanager
    def _shared(self) -> Iterator[ProcessPoolExecutor]:
        """Give the processes, the same to all who have jobs at one time; the last ends them."""
        if self._pool is None:
            fresh = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.count, mp_context=fresh)
        pool = self._pool
        self._users += 1
        try:
            yield pool
        finally:
            self._users -= 1
            if not self._users:
                self._pool = None
                pool.shutdown(cancel_futures=True)
