"""Cut polygons along others: at clean crossings by walking (`clipping`), else with GEOS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landuse.partition import clipping
from landuse.partition.overlay import (
    CERTIFIED_M2,
    DUST_M2,
    boxes_meeting,
    polygonal,
    robust,
    subtracted,
    united,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landuse.partition.overlay import Index, Shapes, Snapped

_INTERIORS_MEET = "T********"


@dataclass(frozen=True)
class Parts:
    """
    What a cut made: `geometry[k]` is part of shape `shape[k]` in zone `zone[k]` (-1: none).

    `area` is in m²: of what is no part but the whole, as it was given.
    """

    shape: Index
    zone: Index
    geometry: Shapes
    area: NDArray[np.float64]


def cut(
    shapes: Shapes,
    area: NDArray[np.float64],
    zones: Shapes,
    snapped: Snapped,
    *,
    by_geos: bool = False,
) -> Parts:
    """
    Cut shapes along zones; what a zone covers whole is handed on without an overlay.

    Parameters
    ----------
    shapes, area
        Valid polygons of one projected CRS in metres, and their areas in m².
    zones
        Valid polygons of the same CRS that share no area with each other.
    snapped
        As in `robust`.
    by_geos
        Have GEOS make every node: what GEOS overlays next takes nodes it would have put elsewhere,
        by a rounding, for crossings.

    Returns
    -------
    parts
        Ordered by shape, then zone (outside of every zone first). The areas of the parts of a
        shape add up to its area; parts under `DUST_M2` of a shape that is cut are included.
    """
    if not len(zones):
        shape = np.flatnonzero(area > 0)
        return Parts(shape, np.full(len(shape), -1), shapes[shape], area[shape])
    shapely.prepare(zones)
    whole, zone, near, near_zone = _located(shapes, zones)
    each = np.arange(len(near))
    walked = clipping.nothing if by_geos else clipping.clipped
    sides = walked(shapes[near], area[near], each, near_zone, zones)
    meet = np.zeros(len(near), dtype=bool)
    meet[sides.group[sides.under]] = True
    open_ = np.flatnonzero(sides.open)
    pairs = zones[near_zone[open_]], shapes[near[open_]]
    meet[open_] = shapely.relate_pattern(*pairs, _INTERIORS_MEET)
    shapely.destroy_prepared(zones)
    both: Shapes = np.full(len(near), shapely.Polygon(), dtype=object)
    both[open_] = None
    both[sides.group[sides.under]] = sides.geometry[sides.under]
    alone = ~sides.open & (np.bincount(near[meet], minlength=len(shapes))[near] == 1)
    hard = np.flatnonzero(meet & ~alone)
    mended = _overlaid(shapes, near[hard], zones, near_zone[hard], both[hard], snapped)
    good = (meet & alone)[sides.group]
    clean = sides.group[good]
    side = np.where(sides.under[good], near_zone[clean], -1)
    free = _others(len(shapes), whole, near[meet])
    return _ordered(
        np.concatenate([whole, free, near[clean], mended.shape]),
        np.concatenate([zone, np.full(len(free), -1), side, mended.zone]),
        np.concatenate([shapes[whole], shapes[free], sides.geometry[good], mended.geometry]),
        np.concatenate([area[whole], area[free], sides.area[good], mended.area]),
    )


def _overlaid(
    shapes: Shapes, which: Index, zones: Shapes, zone: Index, both: Shapes, snapped: Snapped
) -> Parts:
    """Cut shapes with GEOS; `both` holds what pairs (shape, zone) share, or None for unknown."""
    over = zones[zone]
    unknown = shapely.is_missing(both)
    shared = robust(shapely.intersection, shapes[which[unknown]], over[unknown], snapped)
    both[unknown] = polygonal(shared)
    rest, remains = _outside(shapes, which, over, both, snapped)
    wrong = _unequal(shapes, np.append(which, rest), np.append(both, remains))
    if wrong.any():
        pick, good = wrong[which], ~wrong[rest]
        mine, theirs = shapes[which[pick]], over[pick]
        both[pick] = polygonal(robust(shapely.intersection, mine, theirs, snapped, on_grid=True))
        redone, more = _outside_on_grid(shapes, which[pick], theirs, snapped)
        rest = np.concatenate([rest[good], redone])
        remains = np.concatenate([remains[good], more])
    made = np.concatenate([both, remains])
    zone = np.concatenate([zone, np.full(len(rest), -1)])
    return Parts(np.concatenate([which, rest]), zone, made, shapely.area(made))


def _located(shapes: Shapes, zones: Shapes) -> tuple[Index, Index, Index, Index]:
    """Return shapes whole in a zone, the zone of each, and the pairs of others whose boxes meet."""
    zone, shape = boxes_meeting(zones, shapes)
    inside = shapely.covers(zones[zone], shapes[shape])
    whole, first = np.unique(shape[inside], return_index=True)
    is_open = ~np.isin(shape, whole)
    return whole, zone[inside][first], shape[is_open], zone[is_open]


def halved(
    shapes: Shapes,
    area: NDArray[np.float64],
    which: Index,
    what: Index,
    others: Shapes,
    snapped: Snapped,
) -> Parts:
    """
    Split each shape into what lies under the union of its others (zone 0) and the rest (-1).

    Parameters
    ----------
    shapes, area
        Valid polygons of one projected CRS in metres, and their areas in m².
    which, what
        Pairs of positions in `shapes`, ascending, and in `others`: all whose boxes meet.
    others
        Valid polygons; they may overlap each other.
    snapped
        As in `robust`.
    """
    changed, place = np.unique(which, return_inverse=True)
    sides = clipping.clipped(shapes[changed], area[changed], place, what, others)
    hard = np.flatnonzero(sides.open[place])
    mended = _halved(shapes, which[hard], others[what[hard]], snapped)
    free = _others(len(shapes), changed[sides.group], mended.shape)
    return _ordered(
        np.concatenate([changed[sides.group], mended.shape, free]),
        np.concatenate([np.where(sides.under, 0, -1), mended.zone, np.full(len(free), -1)]),
        np.concatenate([sides.geometry, mended.geometry, shapes[free]]),
        np.concatenate([sides.area, mended.area, area[free]]),
    )


def _halved(shapes: Shapes, which: Index, others: Shapes, snapped: Snapped) -> Parts:
    """Split with GEOS those shapes that share land with any of their others."""
    meet = shapely.relate_pattern(shapes[which], others, _INTERIORS_MEET)
    changed, joined = united(which[meet], others[meet])
    met = shapes[changed]
    under = polygonal(robust(shapely.intersection, met, joined, snapped))
    rest = polygonal(robust(shapely.difference, met, joined, snapped))
    place = np.arange(len(met))
    wrong = _unequal(met, np.append(place, place), np.append(under, rest))
    for operation, made in ((shapely.intersection, under), (shapely.difference, rest)):
        again = robust(operation, met[wrong], joined[wrong], snapped, on_grid=True)
        made[wrong] = polygonal(again)
    parts = np.concatenate([under, rest])
    zone = np.repeat([0, -1], len(changed))
    return Parts(np.append(changed, changed), zone, parts, shapely.area(parts))


def _others(count: int, *named: Index) -> Index:
    """Return which of `count` positions are not named, ascending."""
    free = np.ones(count, dtype=bool)
    for positions in named:
        free[positions] = False
    return np.flatnonzero(free)


def _unequal(shapes: Shapes, which: Index, parts: Shapes) -> NDArray[np.bool_]:
    """Whether the areas of the parts of each shape fail to add up to its own; False without any."""
    found = np.bincount(which, shapely.area(parts), minlength=len(shapes))
    unequal: NDArray[np.bool_] = np.zeros(len(shapes), dtype=bool)
    cut_ = np.unique(which)
    unequal[cut_] = ~(np.abs(found[cut_] - shapely.area(shapes[cut_])) <= 2 * CERTIFIED_M2)
    return unequal


def _outside_on_grid(
    shapes: Shapes, which: Index, zones: Shapes, snapped: Snapped
) -> tuple[Index, Shapes]:
    """Return the positions of the shapes named, and what of each lies outside its zones."""
    order = np.argsort(which, kind="stable")
    rest = subtracted(shapes, which[order], zones[order], snapped, on_grid=True)
    changed = np.unique(which)
    return changed, rest[changed]


def _outside(
    shapes: Shapes, which: Index, zones: Shapes, both: Shapes, snapped: Snapped
) -> tuple[Index, Shapes]:
    """Return the positions of the shapes that reach outside their zones, and what lies there."""
    cut_, place = np.unique(which, return_inverse=True)
    left = shapely.area(shapes[cut_]) - np.bincount(place, shapely.area(both), len(cut_))
    order = np.argsort(which, kind="stable")
    order = order[left[place[order]] > DUST_M2]
    changed, joined = united(which[order], zones[order])
    rest = robust(shapely.difference, shapes[changed], joined, snapped)
    return changed, polygonal(rest)


def _ordered(shape: Index, zone: Index, geometry: Shapes, area: NDArray[np.float64]) -> Parts:
    """Order parts by shape, then zone, without those that hold no land."""
    order = np.argsort(shape * (int(zone.max(initial=0)) + 2) + zone, kind="stable")
    order = order[area[order] > 0]
    return Parts(shape[order], zone[order], geometry[order], area[order])
