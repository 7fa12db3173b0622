"""The one way functions are compiled here: ahead of nothing, kept on disk, free of the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

F = TypeVar("F", bound="Callable[..., object]")


def compiled(function: F) -> F:
    """
    Return a function as numba compiles it on its first call.

    No fast mathematics: sums and products are rounded as numpy rounds them, one by one.
    """
    return cast("F", numba.njit(function, cache=True, nogil=True, error_model="numpy"))


@compiled
def grown(kept: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return an array of at least twice the length that begins with the first `count` elements."""
    made = np.empty(2 * len(kept) + 16, dtype=np.int64)
    made[:count] = kept[:count]
    return made


@compiled
def bucketed(bucket: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each of `count` buckets starts, and the elements bucket by bucket, ascending."""
    start = np.zeros(count + 1, dtype=np.int64)
    for k in range(len(bucket)):
        start[bucket[k] + 1] += 1
    for k in range(count):
        start[k + 1] += start[k]
    place = start[:-1].copy()
    order = np.empty(len(bucket), dtype=np.int64)
    for k in range(len(bucket)):
        order[place[bucket[k]]] = k
        place[bucket[k]] += 1
    return start, order
