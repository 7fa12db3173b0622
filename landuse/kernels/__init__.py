"""
Compiled twins of plain functions: the same answer to the last bit, sooner, where numba is there.

A plain function marked with `twin` is the rule, and what runs without numba. Compiling takes some
seconds once (the result is kept beside the package or in the user's cache), so small work stays
plain. The modules beside this one are imported only where kernels are used.
"""

from __future__ import annotations

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, wraps
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

CROSSING, TOUCH, DOUBT = 0, 1, 2
"""What may happen between an edge and another edge or a node."""

TINY = 2.0**-1022
"""The smallest normal number: a divisor in place of zero."""

ROUNDING = 4.0e-16
"""Of the products of a side: more than rounding can change its sign (Shewchuk 1997: 3.3e-16)."""

MOST_THREADS = 8
"""Threads that work side by side in one process at most; each holds the arrays of its block."""

_switch = {"on": False}
_threads = {"most": MOST_THREADS}


@cache
def present() -> bool:
    """Whether numba is installed."""
    return find_spec("numba") is not None


def on() -> bool:
    """Whether twins answer at the moment."""
    return _switch["on"]


@contextmanager
def used(*, pays: bool) -> Iterator[bool]:
    """
    Let twins answer for their plain functions meanwhile, if they are there and it pays.

    The switch is one for all threads: whoever meets it in either place gets the same answer.
    """
    before = _switch["on"]
    _switch["on"] = pays and present()
    try:
        yield _switch["on"]
    finally:
        _switch["on"] = before


def threads(most: int | None = None) -> int:
    """Return how many threads work side by side here; `most` bounds them from now on."""
    if most is not None:
        _threads["most"] = most
    return max(1, min(os.cpu_count() or 1, _threads["most"]))


def beside(function: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    """Return what a function makes of each part, by threads that work side by side."""
    known = list(parts)
    if len(known) == 1:
        return [function(known[0])]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(function, known))


@contextmanager
def undisturbed() -> Iterator[None]:
    """
    Keep the collector of cyclic garbage off meanwhile, if it was on.

    Shapes count as containers: making a hundred thousand of them has the collector look through
    everything there is again and again, a tenth of the whole work, and find nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def twin(module: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a plain function whose twin of the same name is in a module of this room."""

    def marked(plain: Callable[P, R]) -> Callable[P, R]:
        name = plain.__name__.lstrip("_")

        @wraps(plain)
        def either(*args: P.args, **kwargs: P.kwargs) -> R:
            if not _switch["on"]:
                return plain(*args, **kwargs)
            made: R = getattr(import_module(f"landuse.kernels.{module}"), name)(*args, **kwargs)
            return made

        return either

    return marked
