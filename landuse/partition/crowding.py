"""
Nodes that lie closer together than rounding can tell: made one, or named as unsure.

Where two edges lie one on the other, whatever crosses them crosses both in one place, which
rounding computes twice, some 1e-9 m apart. Such nodes are one node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Index

    Floats = NDArray[np.float64]

LONG_RUN = 64
"""Points that follow each other this often without a gap are called crowded unseen."""

_OBLIQUE = np.array([0.8191520442889918, 0.5735764363510461])


def settled(points: Floats, fixed: int, reach: float, near: float) -> tuple[Index, Index]:
    """
    Make nodes one that crossings put within reach of another.

    Parameters
    ----------
    points
        Distinct points; the first `fixed` are corners of shapes and stay what they are.
    reach
        m. Crossings this close to a point are that point.
    near
        m. Up to this far rounding may decide which way round points lie.

    Returns
    -------
    now
        The point each point has become: itself, or one before it.
    crowded
        Points that are near another which they have not become one with.
    """
    one, other, unseen = _close(points, near)
    apart = np.hypot(*(points[one] - points[other]).T)
    now = np.arange(len(points))
    same = (apart <= reach) & (np.maximum(one, other) >= fixed)
    a, b = one[same], other[same]
    while (differ := now[a] != now[b]).any():
        before, low = now.copy(), np.minimum(now[a], now[b])
        for end in (a, b):
            np.minimum.at(now, end[differ], low[differ])
        now[:fixed] = np.arange(fixed)
        if np.array_equal(now, before):  # near two corners at once
            break
    doubtful = (now[one] != now[other]) | (apart > reach)
    crowded = np.concatenate([now[one[doubtful]], now[other[doubtful]], now[unseen]])
    return now, np.unique(crowded)


def _close(points: Floats, near: float) -> tuple[Index, Index, Index]:
    """Return pairs of points within `near`, and points in runs too long to look at in pairs."""
    # Points that are close are close along any line; few others are along one that no street
    # follows.
    along = points @ _OBLIQUE
    order = np.argsort(along)
    gap = np.flatnonzero(np.diff(along[order]) <= near)
    run = np.cumsum(np.diff(gap, prepend=gap[:1]) > 1)
    size = np.bincount(run)
    long = gap[size[run] > LONG_RUN]
    found = []
    for step in range(1, int(size[size <= LONG_RUN].max(initial=0)) + 1):
        # Points are `step` places apart in a run if all the gaps between them are in it.
        first = gap[: len(gap) - step + 1][run[step - 1 :] == run[: len(run) - step + 1]]
        pair = np.stack([order[first], order[first + step]])
        found.append(pair[:, np.hypot(*(points[pair[0]] - points[pair[1]]).T) <= near])
    one, other = np.concatenate(found, axis=1) if found else np.empty((2, 0), dtype=np.int64)
    return one, other, np.concatenate([order[long], order[long + 1]])
