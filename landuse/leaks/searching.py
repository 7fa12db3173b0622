"""Parts of files searched for hidden words, numbers, survey coordinates and shapes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import KDTree

from landuse import crs as systems
from landuse import schema, texts
from landuse.leaks.words import Words
from landuse.terms import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyproj
    from numpy.typing import NDArray

    from landuse.leaks.opening import Part
    from landuse.profiles import Hidden
    from landuse.texts import Lang

    Numbers = NDArray[np.float64]

_NEAR_M = 0.3  # a map's shapes are within 0.08 m
_NEAR_DEGREES = 3e-6
_OTHER_UNITS = (1e-4, 15e-4)  # 万元; hectares and mu
_CENT = 0.00501
_LEAST_DIGITS = 7


@dataclass(frozen=True)
class Leak:
    """What a file must not hold: `kind` (text, number, coordinate, shape, unread) and value."""

    file: str
    where: str
    kind: str
    value: str

    def said(self, lang: Lang) -> str:
        """Return the leak as people read it, without repeating the secret whole."""
        short = self.value if len(self.value) <= 2 else f"{self.value[0]}…（{len(self.value)}）"
        what = texts.say(f"profiles.what_{self.kind}", lang, value=short)
        return texts.say("profiles.leak", lang, file=self.file, where=self.where, what=what)


class Search:
    """Searches parts for what is hidden."""

    def __init__(self, hidden: Hidden, crs: pyproj.CRS) -> None:
        self._hidden = hidden
        self._words = Words(hidden.words)
        self._numbers = np.sort(hidden.numbers)
        scaled = np.multiply.outer(np.array(_OTHER_UNITS), hidden.numbers).ravel()
        self._scaled = np.sort(scaled)
        off = hidden.vertices[~_on_grid(hidden.vertices, hidden.profile.grid_m)]
        self._metres = KDTree(off) if len(off) else None
        self._degrees = KDTree(_lonlat(off, crs)) if len(off) else None

    def of(self, file: str, opened: Iterable[Part]) -> list[Leak]:
        """Return the leaks of one file; each word, number and place once a part."""
        return [
            Leak(file, part.where, kind, value)
            for part in opened
            for kind, value in dict.fromkeys(self._kinds(part))
        ]

    def _kinds(self, part: Part) -> Iterator[tuple[str, str]]:
        """Yield what one part must not hold."""
        if part.is_unread:
            yield "unread", ""
        for word in self._words.within(part.text):
            if word not in self._open:
                yield "text", word
        for number in self._hit(part.numbers):
            yield "number", f"{number:.2f}"
        for pair in self._near(part.numbers):
            yield "coordinate", "{:.3f} {:.3f}".format(*pair)
        yield from self._drawn(part)

    def _drawn(self, part: Part) -> Iterator[tuple[str, str]]:
        """Yield what the shapes of a part must not show."""
        if len(part.vertices) and self._hidden.profile.coordinates == "absent":
            yield "shape", ""
        elif len(part.vertices):
            for pair in self._at(part):
                yield "coordinate", "{:.7f} {:.7f}".format(*pair)

    @cached_property
    def _open(self) -> str:
        """Everything that may be read anyway: visible columns, our wording, the law."""
        own = files("landuse")
        ours = [
            path.read_text(encoding="utf-8")
            for folder in ("wording", "statutes", "codes", "assets")
            for path in (own / folder).iterdir()
            if path.name.endswith((".toml", ".js", ".css", ".html"))
        ]
        ours += [f"{c.name}\n{c.zh}\n{c.en}" for role in Role for c in schema.columns(role)]
        return "\n".join([self._hidden.visible, *schema.CASE_COLUMNS, *ours])

    def _hit(self, numbers: Numbers) -> Numbers:
        """Return the numbers that are hidden ones: to the cent, or unrounded in another unit."""
        own = np.unique(numbers[np.isfinite(numbers) & (np.abs(numbers) >= 1)])
        is_hit = (_gap(own, self._numbers) <= _CENT) & _is_long(own, ".2f")
        is_hit |= (_gap(own, self._scaled) <= own * 1e-12) & _is_long(own, ".12g")
        return np.asarray(own[is_hit])

    def _near(self, numbers: Numbers) -> Numbers:
        """Return the pairs of neighbouring numbers that are a vertex, either axis first."""
        pairs = np.column_stack([numbers[:-1], numbers[1:]])
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        if self._metres is None or self._degrees is None or not len(pairs):
            return np.empty((0, 2))
        is_near = np.zeros(len(pairs), dtype=bool)
        for own in (pairs, pairs[:, ::-1]):
            for tree, reach in ((self._metres, 0.02), (self._degrees, 2e-7)):
                distance, _ = tree.query(own, distance_upper_bound=reach)
                is_near |= np.isfinite(distance)
        return np.unique(pairs[is_near], axis=0)

    def _at(self, part: Part) -> Numbers:
        """Return the vertices of shapes that are those of the survey."""
        tree = self._degrees if part.is_lonlat else self._metres
        if tree is None:
            return np.empty((0, 2))
        reach = _NEAR_DEGREES if part.is_lonlat else _NEAR_M
        distance, _ = tree.query(part.vertices, distance_upper_bound=reach)
        return np.unique(part.vertices[np.isfinite(distance)], axis=0)


def _is_long(numbers: Numbers, form: str) -> NDArray[np.bool_]:
    """Whether numbers have so many digits that they are nowhere by chance."""
    digits = [len(format(number, form).replace(".", "").strip("0-")) for number in numbers]
    return np.array(digits, dtype=int) >= _LEAST_DIGITS


def _gap(numbers: Numbers, known: Numbers) -> Numbers:
    """Return how far each number is from the nearest known one, which are sorted."""
    if not len(known):
        return np.full(len(numbers), np.inf)
    place = np.searchsorted(known, numbers)
    sides = [known[np.clip(place - n, 0, len(known) - 1)] for n in (0, 1)]
    return np.asarray(np.minimum(*(np.abs(numbers - side) for side in sides)))


def _on_grid(metres: Numbers, step: float) -> NDArray[np.bool_]:
    """Whether places are nodes of a grid, where a coarse vertex may lie by chance."""
    is_on = np.abs(metres - np.rint(metres / step) * step) < _NEAR_M
    return np.asarray(is_on.all(axis=1))


def _lonlat(metres: Numbers, crs: pyproj.CRS) -> Numbers:
    """Return places in degrees, east before north."""
    points = systems.transformed(shapely.points(metres), crs, systems.CGCS2000, "profiles")
    found: Numbers = shapely.get_coordinates(points)
    return found
