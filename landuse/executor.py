"""
Where independent jobs are done: in this process, in others of this machine, or on a cluster.

A job is a plain function of one argument, both of which can be pickled; answers come in the order
of the jobs. Whoever does them, they are the same.
"""

from __future__ import annotations

import multiprocessing
import os
import warnings
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from landuse.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

LARGE = 300_000
"""Features from which processes of this machine share the work if nothing else is asked for."""

PATIENCE = "10s"
"""How long a scheduler may take to answer."""

RETRIES = 30
"""Times a job is sent again whose worker died; jobs that raise are not sent again."""


class Executor(Protocol):
    """Does jobs somewhere."""

    @property
    def threads(self) -> int:
        """How many threads one job may use."""

    @property
    def is_here(self) -> bool:
        """Whether jobs are done in this process, so that nothing need travel."""

    def fit(self, jobs: int, features: int) -> Executor:
        """Return who does so many jobs over so many features."""

    def results(self, function: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
        """Do jobs and yield what each returned, in order."""


class _Itself:
    """What does any number of jobs itself."""

    def fit(self, jobs: int, features: int) -> Self:
        """Return itself."""
        del jobs, features
        return self


class Here(_Itself):
    """The process itself; jobs are done one after the other, each with all threads."""

    threads = os.cpu_count() or 1
    is_here = True

    def results(self, function: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
        """Do jobs and yield what each returned, in order."""
        return map(function, jobs)


class Processes(_Itself):
    """
    Processes of this machine, started afresh, so that nothing of this one is held twice.

    Parameters
    ----------
    count
        How many; one job each at a time.
    """

    threads = 1
    is_here = False

    def __init__(self, count: int) -> None:
        self.count = count

    def results(self, function: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
        """Do jobs and yield what each returned, in order."""
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.count, mp_context=fresh) as pool:
            yield from pool.map(function, jobs)


class Cluster(_Itself):
    """
    Workers of a `dask.distributed` scheduler, on any number of machines.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``. Its workers need this package in the
        same version; they need no shared folder, as jobs and answers travel.

    Raises
    ------
    ClusterError
        If dask.distributed is not installed, or nobody answers.
    """

    threads = 1
    is_here = False

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            import distributed
        except ImportError as err:
            message = 'Workers on other machines need: python -m pip install "landuse[cluster]"'
            raise ClusterError(message) from err
        self._distributed: Any = distributed

    def results(self, function: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
        """
        Do jobs and yield what each returned, in order; what a dead worker held is done again.

        Raises
        ------
        ClusterError
            If the scheduler does not answer or is lost, or workers die on a job again and again.
        """
        with self._client() as client:
            sent = [(job, self._sent(client, function, job)) for job in jobs]
            for job, future in sent:
                yield cast("R", self._answer(client, function, job, future))

    def _client(self) -> Any:
        """Return a connection to the scheduler."""
        try:
            return self._distributed.Client(self.address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as err:
            message = f"No dask scheduler answers at {self.address}: {err}"
            raise ClusterError(message) from err

    def _sent(self, client: Any, function: Callable[[T], R], job: T) -> Any:
        """Send a job; its argument stays with the scheduler, so that it can be done again."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            return client.submit(function, job, pure=False)

    def _answer(self, client: Any, function: Callable[[T], R], job: T, future: Any) -> Any:
        """Return the answer to a job, sent again if its workers died."""
        lost = (
            self._distributed.KilledWorker,
            self._distributed.client.FutureCancelledError,
            self._distributed.comm.CommClosedError,
        )
        for _ in range(RETRIES):
            try:
                return future.result()
            except lost:
                future = self._sent(client, function, job)
        message = f"Workers at {self.address} died {RETRIES} times over one job; see their logs."
        raise ClusterError(message)


class Machine:
    """
    One machine by itself: the process itself while work is small, then one a processor.

    Starting processes takes some seconds and memory, so a city stays where it is.
    """

    threads = os.cpu_count() or 1
    is_here = True

    def fit(self, jobs: int, features: int) -> Executor:
        """Return who does so many jobs over so many features."""
        count = min(os.cpu_count() or 1, jobs)
        return Processes(count) if features >= LARGE and count > 1 else Here()

    def results(self, function: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
        """Do jobs and yield what each returned, in order."""
        return map(function, jobs)


def chosen(workers: str | None) -> Executor:
    """
    Return who does the work.

    Parameters
    ----------
    workers
        A number of processes of this machine (1: this one), or the address of a dask scheduler;
        None lets the size of the land decide (`Machine`).

    Raises
    ------
    ClusterError
        If it is neither, or the cluster cannot be used.
    """
    if workers is None:
        return Machine()
    if workers.isdecimal() and int(workers):
        return Here() if int(workers) == 1 else Processes(int(workers))
    if "://" in workers:
        return Cluster(workers)
    message = f"--workers {workers}: a number of processes, or an address like tcp://host:8786."
    raise ClusterError(message)
