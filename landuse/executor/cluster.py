"""Jobs done by the workers of a `dask.distributed` scheduler, on any number of machines."""

from __future__ import annotations

import pickle
import platform
import time
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from landuse.errors import ClusterError, phrase
from landuse.executor import underway
from landuse.executor.stamp import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable


T = TypeVar("T")
R = TypeVar("R")

PATIENCE_S = 10
"""How long a scheduler may take to answer."""

ALONE_S = 60
"""How long a scheduler may be without a worker."""

ATTEMPTS = 3
"""Times a job is sent whose workers died; a scheduler tries each of them on several workers."""

_LOOK_S = 2  # between looks at whether there is a worker at all


class Cluster:
    """
    Workers of a `dask.distributed` scheduler, on any number of machines.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``. Its workers need this package and the
        libraries it computes with in the same versions (`stamp`); they need no shared folder, as
        jobs and answers travel.

    Raises
    ------
    ClusterError
        If dask.distributed is not installed.
    """

    threads = 1
    is_here = False

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            import distributed
        except ImportError as err:
            raise ClusterError("cluster.not_installed") from err
        self._distributed: Any = distributed

    def fit(self, jobs: int, features: int) -> Self:
        """Return itself."""
        del jobs, features
        return self

    def results(
        self, function: Callable[[T], R], jobs: Iterable[T], ahead: int | None = None
    ) -> Generator[R]:
        """
        Do jobs and yield what each returned, in order; what a dead worker held is done again.

        Parameters
        ----------
        function, jobs
            What to do, of what.
        ahead
            How many jobs are on their way at once at most; all of them if not given.

        Raises
        ------
        ClusterError
            If the scheduler does not answer, is lost or has no workers, a worker has other
            versions than this process, or workers die on a job again and again.
        """
        return underway.begun(self._answers(function, jobs, ahead))

    def _answers(
        self, function: Callable[[T], R], jobs: Iterable[T], ahead: int | None
    ) -> Generator[R | None]:
        """Yield None when jobs are sent, then their answers."""
        with self._client() as client:

            def answer(job: T, future: Any) -> R:
                return cast("R", self._answer(client, function, job, future))

            send = partial(self._sent, client, function)
            yield from underway.answers(send, answer, jobs, ahead)

    def _client(self) -> Any:
        """Return a connection to the scheduler."""
        patience = f"{PATIENCE_S}s"
        try:
            return self._distributed.Client(self.address, timeout=patience, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as err:
            raise ClusterError("cluster.unreachable", address=self.address, reason=err) from err

    def _sent(self, client: Any, function: Callable[[T], R], job: T) -> Any:
        """Send a job; its argument stays with the scheduler, so that it can be done again."""
        one = pickle.dumps((function, job), protocol=pickle.HIGHEST_PROTOCOL)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            return client.submit(alike, stamp(), one, pure=False)

    def _answer(self, client: Any, function: Callable[[T], R], job: T, future: Any) -> Any:
        """Return the answer to a job, sent again if its workers died."""
        gone = (
            self._distributed.KilledWorker,
            self._distributed.client.FutureCancelledError,
            self._distributed.comm.CommClosedError,
        )
        for _ in range(ATTEMPTS):
            try:
                return pickle.loads(self._outcome(client, future))
            except gone as err:
                if client.status != "running":
                    raise ClusterError("cluster.lost", address=self.address) from err
                future = self._sent(client, function, job)
            except (ImportError, AttributeError, RuntimeError) as err:
                reason = str(err.__cause__ or err)  # a scheduler tells its cause, a worker itself
                if "landuse" in reason:
                    raise ClusterError("cluster.lacks", reason=reason) from err
                raise
        raise ClusterError("cluster.died", job=job)

    def _outcome(self, client: Any, future: Any) -> Any:
        """Wait for what a job returned, as long as there is somebody to do it."""
        seen = time.monotonic()
        while True:
            try:
                return future.result(timeout=_LOOK_S)
            except TimeoutError:
                if future.done():  # just now, or its answer takes longer to come
                    return future.result()
                if client.nthreads():
                    seen = time.monotonic()
                elif time.monotonic() - seen >= ALONE_S:
                    raise ClusterError(
                        "cluster.nobody", address=self.address, seconds=ALONE_S
                    ) from None


def alike(asked: dict[str, str], packed: bytes) -> bytes:
    """
    Do a job on a worker, if what decides its bytes is there as it is where the job came from.

    Job and answer travel in one piece: a scheduler takes long over the thousand columns of tables.

    Parameters
    ----------
    asked
        The versions there (`stamp`).
    packed
        A function and its argument, pickled.

    Returns
    -------
    answer
        What the function returned, pickled.

    Raises
    ------
    ClusterError
        If a version differs.
    """
    have = stamp()
    if have != asked:
        names = [name for name in sorted(asked) if have.get(name) != asked[name]]

        differences = [
            phrase("cluster.difference", name=name, here=asked[name], there=have.get(name, "?"))
            for name in names
        ]
        raise ClusterError("cluster.differs", where=platform.node(), differences=differences)
    function, job = pickle.loads(packed)
    return pickle.dumps(function(job), protocol=pickle.HIGHEST_PROTOCOL)
