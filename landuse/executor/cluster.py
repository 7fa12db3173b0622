"""Jobs done by the workers of a `dask.distributed` scheduler, on any number of machines."""

from __future__ import annotations

import pickle
import platform
import time
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import pyarrow as pa

from landuse.errors import ClusterError, phrase
from landuse.executor import underway
from landuse.executor.stamp import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path

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
        libraries it computes with in the same versions (`stamp`).
    shared
        A folder that the workers reach by the same path: land to be cut lies there meanwhile, so
        that the scheduler holds none of it. If not given, it travels with the jobs.

    Raises
    ------
    ClusterError
        If dask.distributed is not installed.
    """

    threads = 1
    is_here = False

    def __init__(self, address: str, shared: Path | None = None) -> None:
        self.address = address
        self.shared = None if shared is None else shared.absolute()
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
            send = partial(self._sent, client, function)

            def answer(job: T, future: Any) -> R:
                return cast("R", self._answer(client, send, job, future))

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
        one = packed((function, job))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            return client.submit(alike, stamp(), one, pure=False)

    def _answer(self, client: Any, send: Callable[[T], Any], job: T, future: Any) -> Any:
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
                future = send(job)
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


def alike(asked: dict[str, str], sent: bytes) -> bytes:
    """
    Do a job on a worker, if what decides its bytes is there as it is where the job came from.

    Job and answer travel in one piece: a scheduler takes long over the thousand columns of tables.
    Of an answer, mostly shapes and what is compressed already, no time is lost over compressing.

    Parameters
    ----------
    asked
        The versions there (`stamp`).
    sent
        A function and its argument (`packed`).

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
    function, job = opened(sent)
    return pickle.dumps(function(job), protocol=pickle.HIGHEST_PROTOCOL)


def packed(content: Any) -> bytes:
    """Pickle and compress: tables of texts that come again and again take a tenth of their room."""
    plain = pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)
    compressed: bytes = _CODEC.compress(plain, asbytes=True)
    return len(plain).to_bytes(_SIZE, "little") + compressed


def opened(content: bytes) -> Any:
    """Return what was `packed`."""
    size = int.from_bytes(content[:_SIZE], "little")
    return pickle.loads(_CODEC.decompress(memoryview(content)[_SIZE:], size))


_CODEC = pa.Codec("zstd", 1)
_SIZE = 8  # bytes that tell how long the rest is once it is opened
