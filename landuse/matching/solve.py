"""The assignment itself: a program of zeros and ones, solved to a proven optimum by HiGHS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landuse import texts
from landuse.errors import LanduseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landuse.matching.options import Option

_PLACED = 10.0  # one more project placed outweighs any reasons, which are worth 1 at most each
_KEPT = 0.1  # an earlier placement is kept unless the reasons are a tenth better
_ORDER = 1e-4  # between equal options the earlier, by identifiers; far below a reason


def solved(
    options: Sequence[Option],
    area_m2: NDArray[np.float64],
    kept: frozenset[tuple[int, int]] = frozenset(),
) -> list[int]:
    """
    Return the positions of the options taken, ascending.

    Parameters
    ----------
    options
        What projects could take, in a fixed order.
    area_m2
        Area of each site.
    kept
        Project and site of an earlier match.

    Raises
    ------
    LanduseError
        If the solver finds no proven optimum.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    if not options:
        return []
    count = len(options)
    own = np.array([option.project for option in options])
    takes = [(site, n, area) for n, option in enumerate(options) for site, area in option.takes]
    site, column, area = (np.array(values) for values in zip(*takes, strict=True))
    stays = [all((o.project, s) in kept for s, _ in o.takes) for o in options]
    worth = np.array([o.score for o in options]) + _KEPT * np.array(stays)
    worth = _PLACED + worth - _ORDER * np.arange(count) / count
    once = coo_array((np.ones(count), (own, np.arange(count))), shape=(own.max() + 1, count))
    share = coo_array((area / area_m2[site], (site, column)), shape=(len(area_m2), count))
    answer = milp(
        c=-worth,
        integrality=np.ones(count, dtype=np.uint8),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(once.tocsr(), -np.inf, 1.0),
            LinearConstraint(share.tocsr(), -np.inf, 1.0),
        ],
        options={"mip_rel_gap": 1e-9, "presolve": False},  # presolving, it prints to stdout
    )
    if answer.status != 0:
        raise LanduseError(texts.say("matching.unsolved", reason=answer.message))
    return [int(n) for n in np.flatnonzero(answer.x > 0.5)]
