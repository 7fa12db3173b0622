"""Jobs on their way: sent before their answers are asked for, a bounded number at a time."""

from __future__ import annotations

from collections import deque
from itertools import accumulate, islice
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

T = TypeVar("T")
R = TypeVar("R")
Sent = TypeVar("Sent")


def answers(
    send: Callable[[T], Sent],
    answer: Callable[[T, Sent], R],
    jobs: Iterable[T],
    ahead: int | None,
) -> Generator[R | None]:
    """
    Send jobs, yield None, then yield the answer to each in order, sending another for each.

    Parameters
    ----------
    send
        Sends a job and returns what its answer is asked of.
    answer
        Waits for the answer to a job.
    jobs
        Taken one by one, as they are sent.
    ahead
        How many are on their way at once at most; all of them if not given.
    """
    more = iter(jobs)
    waiting = deque((job, send(job)) for job in islice(more, ahead))
    yield None
    while waiting:
        job, sent = waiting.popleft()
        got = answer(job, sent)
        waiting.extend((job, send(job)) for job in islice(more, 1))
        yield got


def most(sizes: Iterable[int], room: int) -> int:
    """Return how many jobs of such sizes may be on their way at once: two, or what has room."""
    return max(2, sum(held <= room for held in accumulate(sizes)))


def begun(all_answers: Generator[R | None]) -> Generator[R]:
    """Send what is to be on its way now; return what yields the answers alone."""
    next(all_answers)
    return cast("Generator[R]", all_answers)
