"""
A distorted street grid whose cells share their edges to the millimetre.

Cells are laid out in a plane (u, v) where streets are straight lines, then carried to metres by
one smooth warp and rounded to 1 mm. A cell takes up every corner of any other cell that lies on
its edge, so neighbours have the same vertices and no gap can open between them.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.sample.names import Cluster

Point = tuple[float, float]


@dataclass(frozen=True)
class Warp:
    """Plane (u, v) → metres in EPSG:4547: two waves each way, a rotation, a shift."""

    centre: Point
    angle: float
    amplitude: np.ndarray
    length: np.ndarray
    phase: np.ndarray

    def points(self, plane: Sequence[Point]) -> np.ndarray:
        """Return an (n, 2) array of metres, rounded to 1 mm."""
        u, v = np.asarray(plane, dtype=np.float64).T
        waves = [
            a * np.sin(2 * math.pi * axis / length + phase)
            for a, length, phase, axis in zip(
                self.amplitude, self.length, self.phase, (v, u, u, v), strict=True
            )
        ]
        x, y = u + waves[0] + waves[1], v + waves[2] + waves[3]
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        east = self.centre[0] + cos * x - sin * y
        north = self.centre[1] + sin * x + cos * y
        return np.round(np.column_stack([east, north]), 3)


@dataclass
class Plane:
    """The corners laid out so far and the warp that carries them."""

    warp: Warp
    on_u: dict[float, list[float]] = field(default_factory=dict)
    on_v: dict[float, list[float]] = field(default_factory=dict)

    def lay(self, corners: Sequence[Point]) -> None:
        """Register the corners of a cell; lay all cells before drawing any."""
        for u, v in corners:
            self.on_u.setdefault(u, []).append(v)
            self.on_v.setdefault(v, []).append(u)

    def settle(self) -> None:
        """Sort what was laid, once, before drawing."""
        for along in (self.on_u, self.on_v):
            for key, values in along.items():
                along[key] = sorted(set(values))

    def draw(self, corners: Sequence[Point]) -> shapely.Polygon:
        """Return the cell in metres with every corner of its neighbours on its edges."""
        return shapely.Polygon(self.warp.points(self._ring(corners)))

    def line(self, ends: Sequence[Point]) -> shapely.LineString:
        """Return a line along a street in metres, with the corners on it as vertices."""
        return shapely.LineString(self.warp.points([*self._edge(ends[0], ends[1]), ends[1]]))

    def _ring(self, corners: Sequence[Point]) -> list[Point]:
        """Corners of a ring with the corners of others between them."""
        following = [*corners[1:], corners[0]]
        return [
            point
            for start, end in zip(corners, following, strict=True)
            for point in self._edge(start, end)
        ]

    def _edge(self, start: Point, end: Point) -> list[Point]:
        """Return the start and what lies between it and the end, in order."""
        if start[0] == end[0]:
            between = _inside(self.on_u.get(start[0], []), start[1], end[1])
            return [start, *((start[0], v) for v in between)]
        if start[1] == end[1]:
            between = _inside(self.on_v.get(start[1], []), start[0], end[0])
            return [start, *((u, start[1]) for u in between)]
        return [start]


def _inside(values: list[float], start: float, end: float) -> list[float]:
    """Values strictly between two others, in the direction from start to end."""
    low, high = min(start, end), max(start, end)
    found = values[bisect_right(values, low) : bisect_left(values, high)]
    return found if start < end else found[::-1]


@dataclass(frozen=True)
class Street:
    """A street along a line of the plane: where its axis lies and how wide it is, metres."""

    axis: float
    width: float
    name: str

    @property
    def low(self) -> float:
        """Near edge."""
        return self.axis - self.width / 2

    @property
    def high(self) -> float:
        """Far edge."""
        return self.axis + self.width / 2


def streets(rng: np.random.Generator, reach: float, names: Sequence[str]) -> list[Street]:
    """Return streets from -reach to reach, every third of them a wide one."""
    found: list[Street] = []
    axis = -reach
    while axis <= reach:
        number = len(found)
        width = 40.0 if number % 3 == 0 else float(rng.choice([20.0, 24.0, 28.0]))
        name = names[number % len(names)]
        found.append(Street(round(axis, 3), width, name))
        axis += float(rng.uniform(265, 400))
    return found


def warp_of(cluster: Cluster, rng: np.random.Generator) -> Warp:
    """Return the warp of a cluster."""
    return Warp(
        centre=cluster.centre,
        angle=cluster.angle,
        amplitude=rng.uniform(14, 34, 4),
        length=rng.uniform(2300, 3600, 4),
        phase=rng.uniform(0, 2 * math.pi, 4),
    )


def star(rng: np.random.Generator, area_m2: float) -> list[Point]:
    """Return an irregular star-shaped ring of 13 corners around the origin with an area."""
    count = 13
    turn = rng.uniform(-0.14, 0.14, count) + np.arange(count) * 2 * math.pi / count
    radius = rng.uniform(0.84, 1.16, count)
    ring = np.column_stack([1.18 * radius * np.cos(turn), 0.88 * radius * np.sin(turn)])
    ring *= math.sqrt(area_m2 / shapely.Polygon(ring).area)
    return [(float(u), float(v)) for u, v in ring]
