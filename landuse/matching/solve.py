"""
The assignment itself: a program of zeros and ones, solved to a proven optimum by HiGHS.

First the most projects that can be placed, then the best reasons among such placements. Millions of
options are never given to the solver: the relaxed program is solved on the few that matter (column
generation), and an option whose reduced cost is worse than what is left to gain can be in no better
answer, so leaving it out loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse import texts
from landuse.errors import LanduseError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.matching.options import Options

_KEPT = 0.1  # an earlier placement is kept unless the reasons are a tenth better
_ORDER = 5e-4  # of all projects together, between equal options the earlier; half of a reason
_FIRST = 20  # options of each project the relaxed program begins with
_MORE = 10  # and those that enter at once
_LEVELS = 4  # rules of a site beside that of its area
_MOST = 20_000  # options an answer is proven among
_CLOSE = 1e-7  # of a worth
_WORK = 3_000_000  # options times branches after which an answer is unproven; a clock differs


@dataclass(frozen=True)
class Answer:
    """
    What was taken, and how good it is known to be.

    Attributes
    ----------
    taken
        Positions of the options taken, ascending.
    is_proven
        Whether no answer places more projects, or as many with better reasons.
    most
        No answer places more projects than this.
    """

    taken: NDArray[np.int64]
    is_proven: bool
    most: int


def solved(
    options: Options,
    area_m2: NDArray[np.float64],
    kept: frozenset[tuple[int, int]] = frozenset(),
) -> Answer:
    """
    Return the options taken.

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
        If the solver finds no answer.
    """
    if not len(options):
        return Answer(np.array([], dtype=np.int64), is_proven=True, most=0)
    program = _Program(options, area_m2)
    worth = _worth(options, kept)
    pool = program.first(worth)
    nobody = np.array([], dtype=np.int64)
    count = program.best(np.ones(len(options)), pool, nobody, whole=True)
    best = program.best(worth, count.pool, count.taken)
    most = len(best.taken) if count.is_proven else int(count.bound)
    return Answer(best.taken, count.is_proven and best.is_proven, most)


def _worth(options: Options, kept: frozenset[tuple[int, int]]) -> NDArray[np.float64]:
    """Return what each option is worth: its reasons, that it stays, and its place in the order."""
    number = np.arange(len(options))
    start = np.flatnonzero(np.diff(options.project, prepend=-1))
    rank = number - start[np.searchsorted(start, number, side="right") - 1]
    projects = len(start)
    worth = options.score - _ORDER / projects * rank / max(int(rank.max()) + 1, 1)
    if kept:
        near = np.isin(options.project, [project for project, _ in kept])
        for n in np.flatnonzero(near):
            if all((int(options.project[n]), site) in kept for site, _ in options.sites(int(n))):
                worth[n] += _KEPT
    found: NDArray[np.float64] = worth
    return found


def _mask(positions: NDArray[np.int64], length: int) -> NDArray[np.bool_]:
    """Return a mask of positions."""
    found = np.zeros(length, dtype=bool)
    found[positions] = True
    return found


def _weight(share: NDArray[np.float64], level: int) -> NDArray[np.float64]:
    """
    Return what a share of a site weighs in the rule of a level; no site holds a weight over 1.

    Level 0 is the share itself. Level k counts in steps of 1 / k what exceeds a multiple of
    1 / (k + 1): of parts over a half a site holds one, of parts over a third two (dual feasible
    functions of bin packing, Fekete and Schepers 2001). Whole answers obey these rules anyway; the
    relaxed program comes much nearer to them by them.
    """
    if not level:
        return share
    steps = share * (level + 1)
    down: NDArray[np.float64] = np.floor(steps - _CLOSE)
    return np.where(np.abs(steps - np.round(steps)) <= _CLOSE, share, down / level).clip(min=0.0)


@dataclass(frozen=True)
class _Best:
    """The best whole answer of one worth, its bound, and the options it was looked for among."""

    taken: NDArray[np.int64]
    bound: float
    is_proven: bool
    pool: NDArray[np.bool_]


class _Program:
    """The rules every answer obeys: one option a project, no site beyond its area."""

    def __init__(self, options: Options, area_m2: NDArray[np.float64]) -> None:
        self._project = options.project
        self._site, self._other = options.site, np.maximum(options.other, 0)
        share = options.area_m2 / area_m2[options.site]
        rest = options.rest_m2 / area_m2[self._other]
        self._weights = [(_weight(share, k), _weight(rest, k)) for k in range(_LEVELS + 1)]
        self._shape = (int(options.project.max()) + 1, len(area_m2))

    def first(self, worth: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return the best few options of each project."""
        return self._best_of_each(worth, np.ones(len(worth), dtype=bool), _FIRST)

    def best(
        self,
        worth: NDArray[np.float64],
        pool: NDArray[np.bool_],
        known: NDArray[np.int64],
        *,
        whole: bool = False,
    ) -> _Best:
        """
        Return the best answer by a worth that places no fewer projects than a known one.

        Parameters
        ----------
        worth
            Of each option.
        pool
            Options to begin with, those of the known answer among them.
        known
            An answer; it is returned where no better one is found.
        whole
            Whether every answer is worth a whole number.
        """
        bound, reduced, pool = self._relaxed(worth, pool, len(known))
        limit = np.floor(bound + _CLOSE) if whole else bound
        step = 1.0 if whole else 0.0
        taken, is_proven = self._solved(worth, pool, known)
        open_to = reduced >= step - (bound - worth[taken].sum()) - _CLOSE
        reached = bool(limit - worth[taken].sum() <= max(_CLOSE, step / 2))
        if not reached and is_proven and (open_to & ~pool).any():
            wider = pool | open_to
            if np.count_nonzero(wider) > _MOST:
                return _Best(taken, float(limit), is_proven=False, pool=pool)
            pool = wider
            taken, is_proven = self._solved(worth, pool, taken)
            reached = bool(limit - worth[taken].sum() <= max(_CLOSE, step / 2))
        return _Best(taken, float(limit), is_proven or reached, pool)

    def _relaxed(
        self, worth: NDArray[np.float64], pool: NDArray[np.bool_], least: int
    ) -> tuple[float, NDArray[np.float64], NDArray[np.bool_]]:
        """Return the relaxed program's bound, what each option lacks to enter, and the pool."""
        from scipy.optimize import linprog

        while True:
            chosen = np.flatnonzero(pool)
            rules, most = self._rules(chosen, least)
            answer = linprog(-worth[chosen], A_ub=rules, b_ub=most, bounds=(0, None))
            if answer.x is None or answer.status != 0:
                raise LanduseError(texts.say("matching.unsolved", reason=answer.message))
            reduced = worth - self._priced(-answer.ineqlin.marginals)
            enters = (reduced > _CLOSE) & ~pool
            if not enters.any():
                return float(worth[chosen] @ answer.x), reduced, pool
            pool = pool | self._best_of_each(reduced, enters, _MORE)

    def _priced(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each option costs at the prices of the rules."""
        projects, sites = self._shape
        cost: NDArray[np.float64] = price[:projects][self._project] - price[-1]
        for level, (share, rest) in enumerate(self._weights):
            own = price[projects + level * sites :][:sites]
            cost += share * own[self._site] + rest * own[self._other]
        return cost

    def _solved(
        self, worth: NDArray[np.float64], pool: NDArray[np.bool_], known: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], bool]:
        """Return the best whole answer among some options, and whether it is proven."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        chosen = np.flatnonzero(pool)
        rules, most = self._rules(chosen, len(known))
        answer = milp(
            c=-worth[chosen],
            integrality=np.ones(len(chosen), dtype=np.uint8),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(rules, -np.inf, most),
            # presolving, it prints to stdout
            options={"mip_rel_gap": 1e-9, "presolve": False, "node_limit": _WORK // len(chosen)},
        )
        if answer.x is None:
            return known, False
        taken = chosen[answer.x > 0.5]
        is_better = worth[taken].sum() >= worth[known].sum()
        return (taken if is_better else known), bool(answer.status == 0)

    def _rules(self, chosen: NDArray[np.int64], least: int) -> tuple[Any, NDArray[np.float64]]:
        """Return the matrix of rules of some options, and what no row may exceed."""
        from scipy.sparse import coo_array

        projects, sites = self._shape
        last = projects + sites * len(self._weights)
        count = len(chosen)
        rows, values = [self._project[chosen], np.full(count, last)], [np.ones(count)] * 2
        values[1] = -values[1]
        for level, weights in enumerate(self._weights):
            start = projects + level * sites
            rows += [start + self._site[chosen], start + self._other[chosen]]
            values += [weight[chosen] for weight in weights]
        matrix = coo_array(
            (np.concatenate(values), (np.concatenate(rows), np.tile(np.arange(count), len(rows)))),
            shape=(last + 1, count),
        ).tocsr()
        matrix.eliminate_zeros()
        return matrix, np.r_[np.ones(last), -float(least)]

    def _best_of_each(
        self, value: NDArray[np.float64], among: NDArray[np.bool_], most: int
    ) -> NDArray[np.bool_]:
        """Return the `most` best options of each project among some, as a mask."""
        chosen = np.flatnonzero(among)
        order = chosen[np.lexsort((chosen, -value[chosen], self._project[chosen]))]
        start = np.flatnonzero(np.diff(self._project[order], prepend=-1))
        rank = np.arange(len(order))
        rank -= start[np.searchsorted(start, rank, side="right") - 1]
        return _mask(order[rank < most], len(value))
