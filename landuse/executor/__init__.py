"""
Where independent jobs are done: in this process, in others of this machine, or on a cluster.

A job is a plain function of one argument, both of which can be pickled; answers come in the order
of the jobs. Jobs done elsewhere are on their way as soon as they are asked for. Whoever does them,
they are the same. What a job is called in errors is its `str`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from landuse.errors import ClusterError
from landuse.executor.cluster import Cluster
from landuse.executor.machine import Here, Machine, Processes, limit_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path

__all__ = ["Cluster", "Executor", "Here", "Machine", "Processes", "chosen", "limit_memory"]

T = TypeVar("T")
R = TypeVar("R")


class Executor(Protocol):
    """Does jobs somewhere."""

    @property
    def threads(self) -> int:
        """How many threads one job may use."""

    @property
    def is_here(self) -> bool:
        """Whether jobs are done in this process, so that nothing need travel."""

    @property
    def shared(self) -> Path | None:
        """A folder by which to hand over land to be cut; None if it travels with the jobs."""

    def fit(self, jobs: int, features: int) -> Executor:
        """Return who does so many jobs over so many features."""

    def results(
        self, function: Callable[[T], R], jobs: Iterable[T], ahead: int | None = None
    ) -> Generator[R]:
        """
        Do jobs, at most so many on their way at once, and yield their answers in order.

        Who closes what yields them lets go of the rest.
        """


def chosen(workers: str | None, shared: Path | None = None) -> Executor:
    """
    Return who does the work.

    Parameters
    ----------
    workers
        A number of processes of this machine (1: this one), or the address of a dask scheduler;
        None lets the size of the land decide (`Machine`).
    shared
        A folder the workers of a scheduler reach too (`Cluster`).

    Raises
    ------
    ClusterError
        If it is neither, the cluster cannot be used, or a folder is shared with nobody.
    """
    if shared is not None and "://" not in (workers or ""):
        raise ClusterError("cluster.shared_here", folder=shared)
    if workers is None:
        return Machine()
    if workers.isdecimal() and int(workers):
        return Here() if int(workers) == 1 else Processes(int(workers))
    if "://" in workers:
        return Cluster(workers, shared)
    raise ClusterError("cluster.asked", asked=workers)
