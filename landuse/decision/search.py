"""
Where the answer of the law turns: every question is asked at once, then where two answers differ.

A question runs over whole numbers (days, yuan, square metres); between two neighbours that got
different answers the search goes on until they stand side by side. Hints only save rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landuse.decision.trial import Answer, Change, Trial

_GRID = 49
_FILL = 80
_SPLIT = 32


@dataclass(frozen=True)
class Question:
    """
    One supposition, or a row of them.

    `change` gives the supposition of a number from `low` to `high`, `say` the sentence for a
    stretch of numbers. Of a `group` those marked `otherwise` are shown only where no other turned
    the answer.
    """

    change: Callable[[int], Change]
    say: Callable[[int, int], str]
    low: int = 0
    high: int = 0
    hints: tuple[int, ...] = ()
    group: str = ""
    otherwise: bool = False


@dataclass(frozen=True)
class Stretch:
    """Numbers from `low` to `high`, all with one answer."""

    low: int
    high: int
    answer: Answer


def solve(trial: Trial, questions: Sequence[Question]) -> list[list[Stretch]]:
    """
    Return the stretches of equal answers of every question, in order.

    Notes
    -----
    A stretch shorter than the grid (a forty-eighth of the range) between two stretches with one
    and the same answer is not found.
    """
    known: list[dict[int, Answer]] = [{} for _ in questions]
    wanted = [_grid(question) for question in questions]
    while any(wanted):
        flat = [(n, value) for n, values in enumerate(wanted) for value in values]
        answers = trial.ask([questions[n].change(value) for n, value in flat])
        for (n, value), answer in zip(flat, answers, strict=True):
            known[n][value] = answer
        wanted = [_between(answered) for answered in known]
    return [_stretches(answered) for answered in known]


def _grid(question: Question) -> list[int]:
    """Return the numbers that are asked first."""
    low, high = question.low, question.high
    if high < low:
        return []
    near = [hint + step for hint in question.hints for step in (-1, 0, 1)]
    even = np.linspace(low, high, min(_GRID, high - low + 1)).round().astype(np.int64)
    return sorted({*map(int, even), *(value for value in near if low <= value <= high)})


def _between(answered: dict[int, Answer]) -> list[int]:
    """Return the numbers between neighbours whose answers differ."""
    values = sorted(answered)
    wanted: set[int] = set()
    for low, high in pairwise(values):
        gap = high - low - 1
        if gap and not answered[low].same(answered[high]):
            count = gap if gap <= _FILL else _SPLIT
            wanted |= {int(v) for v in np.linspace(low + 1, high - 1, count).round()}
    return sorted(wanted)


def _stretches(answered: dict[int, Answer]) -> list[Stretch]:
    """Join neighbours that have the same answer."""
    found: list[Stretch] = []
    for value in sorted(answered):
        if found and found[-1].answer.same(answered[value]):
            found[-1] = Stretch(found[-1].low, value, found[-1].answer)
        else:
            found.append(Stretch(value, value, answered[value]))
    return found
