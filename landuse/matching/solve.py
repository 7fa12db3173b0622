"""
The assignment itself: a program of zeros and ones, solved to a proven optimum by HiGHS.

First the most projects that can be placed, then the most earlier placements that stay, then the
best reasons among such placements. Millions of options are never given to the solver: the relaxed
program is solved on the few that matter (column generation), and an option whose reduced cost is
worse than what is left to gain can be in no better answer, so leaving it out loses nothing. Where
land is so scarce that the bound stays far from what is found, no proof is attempted and the
distance is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landuse.errors import LanduseError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.matching.options import Options

    Floors = list[tuple[NDArray[np.float64], float]]

_ORDER = 5e-4  # of all projects together, between equal options the earlier; half of a reason
_FIRST = 20  # options of each project the relaxed program begins with
_MORE = 10  # and those that enter at once
_LEVELS = 4  # rules of a site beside that of its area
_MOST = 20_000  # options an answer is proven among
_CLOSE = 1e-7  # of a worth
_NEAR = 0.02  # of a worth: what an option may lack to be among the first a proof looks at
_COARSE = 2e-3  # of the whole worth: where the first search stops
_FAR = 5e-3  # of the whole worth: a bound this far above what was found is not reached by branching
_FEW = 4_000  # options among which any proof is attempted
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
    gap
        No answer that places as many has reasons better by more than this.
    """

    taken: NDArray[np.int64]
    is_proven: bool
    most: int
    gap: float


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
        Project and site of an earlier match. As many of them stay as the most projects allow,
        before reasons count.

    Raises
    ------
    LanduseError
        If the solver finds no answer.
    """
    if not len(options):
        return Answer(np.array([], dtype=np.int64), is_proven=True, most=0, gap=0.0)
    program = _Program(options, area_m2)
    worth = _worth(options)
    goals = [np.ones(len(options))]
    stays = staying(options, kept)
    if stays.any():
        goals.append(stays.astype(float))
    pool = program.first(worth) | stays
    taken = np.array([], dtype=np.int64)
    floors: Floors = []
    best: list[_Best] = []
    for goal in goals:
        best.append(program.best(goal, pool, taken, floors, whole=True))
        taken, pool = best[-1].taken, best[-1].pool
        floors.append((goal, float(goal[taken].sum())))
    most = len(taken) if best[0].is_proven else int(best[0].bound)
    best.append(program.best(worth, pool, taken, floors))
    gap = max(best[-1].bound - float(worth[best[-1].taken].sum()), 0.0)
    is_proven = all(each.is_proven for each in best)
    return Answer(best[-1].taken, is_proven, most, 0.0 if is_proven else gap)


def _worth(options: Options) -> NDArray[np.float64]:
    """Return what each option is worth: its reasons, and its place in the order."""
    number = np.arange(len(options))
    start = np.flatnonzero(np.diff(options.project, prepend=-1))
    rank = number - start[np.searchsorted(start, number, side="right") - 1]
    lower: NDArray[np.float64] = _ORDER / len(start) * rank / max(int(rank.max()) + 1, 1)
    return options.score - lower


def staying(options: Options, kept: frozenset[tuple[int, int]]) -> NDArray[np.bool_]:
    """Whether an option leaves its project where an earlier match had placed it."""
    found = np.zeros(len(options), dtype=bool)
    near = np.isin(options.project, [project for project, _ in kept])
    for n in np.flatnonzero(near):
        own = int(options.project[n])
        found[n] = all((own, site) in kept for site, _ in options.sites(int(n)))
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
        floors: Floors,
        *,
        whole: bool = False,
    ) -> _Best:
        """
        Return the best answer by a worth.

        Parameters
        ----------
        worth
            Of each option.
        pool
            Options to begin with, those of the known answer among them.
        known
            An answer; it is returned where no better one is found.
        floors
            Other worths, and the least an answer must reach of each.
        whole
            Whether every answer is worth a whole number.
        """
        bound, reduced, pool = self._relaxed(worth, pool, floors)
        if whole:
            return self._whole(worth, (bound, reduced, pool), known, floors)
        slack, loose = _NEAR, 0.0 if len(worth) <= _FEW else _COARSE
        taken = known
        while True:
            near = (reduced >= -slack - _CLOSE) | _mask(taken, len(worth))
            taken, is_proven = self._solved(worth, near, taken, floors, loose)
            gap = bound - float(worth[taken].sum())
            if gap <= _CLOSE or not is_proven or (not loose and gap <= slack + _CLOSE):
                return _Best(taken, bound, is_proven or gap <= _CLOSE, pool)
            slack, loose = gap, 0.0
            count = np.count_nonzero(reduced >= -slack - _CLOSE)
            if count > _FEW and (count > _MOST or gap > _FAR * bound):
                taken, _ = self._solved(worth, pool | near, taken, floors, _COARSE)
                return _Best(taken, bound, is_proven=False, pool=pool)

    def _whole(
        self,
        worth: NDArray[np.float64],
        relaxed: tuple[float, NDArray[np.float64], NDArray[np.bool_]],
        known: NDArray[np.int64],
        floors: Floors,
    ) -> _Best:
        """Return the best answer by a worth of which every answer has a whole number."""
        bound, reduced, pool = relaxed
        limit = float(np.floor(bound + _CLOSE))
        taken, is_proven = self._solved(worth, pool, known, floors)
        open_to = reduced >= 1.0 - (bound - worth[taken].sum()) - _CLOSE
        is_reached = bool(limit - worth[taken].sum() <= 0.5)
        if not is_reached and is_proven and (open_to & ~pool).any():
            wider = pool | open_to
            if np.count_nonzero(wider) > _MOST:
                return _Best(taken, limit, is_proven=False, pool=pool)
            pool = wider
            taken, is_proven = self._solved(worth, pool, taken, floors)
            is_reached = bool(limit - worth[taken].sum() <= 0.5)
        return _Best(taken, limit, is_proven or is_reached, pool)

    def _relaxed(
        self, worth: NDArray[np.float64], pool: NDArray[np.bool_], floors: Floors
    ) -> tuple[float, NDArray[np.float64], NDArray[np.bool_]]:
        """Return the relaxed program's bound, what each option lacks to enter, and the pool."""
        from scipy.optimize import linprog

        while True:
            chosen = np.flatnonzero(pool)
            rules, most = self._rules(chosen, floors)
            answer = linprog(-worth[chosen], A_ub=rules, b_ub=most, bounds=(0, None))
            if answer.x is None or answer.status != 0:
                raise LanduseError("asked.unsolved", reason=answer.message)
            reduced = worth - self._priced(-answer.ineqlin.marginals, floors)
            enters = (reduced > _CLOSE) & ~pool
            if not enters.any():
                return float(worth[chosen] @ answer.x), reduced, pool
            pool = pool | self._best_of_each(reduced, enters, _MORE)

    def _priced(self, price: NDArray[np.float64], floors: Floors) -> NDArray[np.float64]:
        """Return what each option costs at the prices of the rules."""
        projects, sites = self._shape
        cost: NDArray[np.float64] = price[:projects][self._project]
        last = projects + sites * len(self._weights)
        for own, (value, _) in zip(price[last:], floors, strict=True):
            cost = cost - own * value
        for level, (share, rest) in enumerate(self._weights):
            own = price[projects + level * sites :][:sites]
            cost += share * own[self._site] + rest * own[self._other]
        return cost

    def _solved(
        self,
        worth: NDArray[np.float64],
        pool: NDArray[np.bool_],
        known: NDArray[np.int64],
        floors: Floors,
        loose: float = 0.0,
    ) -> tuple[NDArray[np.int64], bool]:
        """Return the best whole answer among some options, and whether it is proven to `loose`."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        chosen = np.flatnonzero(pool)
        rules, most = self._rules(chosen, floors)
        answer = milp(
            c=-worth[chosen],
            integrality=np.ones(len(chosen), dtype=np.uint8),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(rules, -np.inf, most),
            # presolving, it prints to stdout
            options={
                "mip_rel_gap": max(loose, 1e-9),
                "presolve": False,
                "node_limit": _WORK // len(chosen),
            },
        )
        if answer.x is None:
            return known, False
        taken = chosen[answer.x > 0.5]
        is_better = worth[taken].sum() >= worth[known].sum()
        return (taken if is_better else known), bool(answer.status == 0)

    def _rules(self, chosen: NDArray[np.int64], floors: Floors) -> tuple[Any, NDArray[np.float64]]:
        """Return the matrix of rules of some options, and what no row may exceed."""
        from scipy.sparse import coo_array

        projects, sites = self._shape
        last = projects + sites * len(self._weights)
        count = len(chosen)
        rows, values = [self._project[chosen]], [np.ones(count)]
        for level, weights in enumerate(self._weights):
            start = projects + level * sites
            rows += [start + self._site[chosen], start + self._other[chosen]]
            values += [weight[chosen] for weight in weights]
        for position, (value, _) in enumerate(floors):
            rows.append(np.full(count, last + position))
            values.append(-value[chosen])
        matrix = coo_array(
            (np.concatenate(values), (np.concatenate(rows), np.tile(np.arange(count), len(rows)))),
            shape=(last + len(floors), count),
        ).tocsr()
        matrix.eliminate_zeros()
        return matrix, np.r_[np.ones(last), [-least for _, least in floors]]

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
