"""
Lay polygons over polygons, exactly, with GEOS: what lies where, and what is left.

One overlay that fails never stops the others: a block is retried element by element, and an
element that still fails, or whose parts do not add up to its area, is snapped, as a last resort,
and put on a list. Nothing else is snapped: a precision grid costs 0.05 m2 an approval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    Index = NDArray[np.int64]
    Snapped = list[tuple[str, Any]]

DUST_M2 = 1e-6
"""m². Area that rounding makes: half a unit in the last place of a coordinate of 4e7 m (4e-9 m)
along an edge of some hundred metres. Less than this is no piece of land."""

SNAP_UNITS = 16
"""Grid on which a single overlay is repeated after GEOS has failed on it, in units of the last
place of the largest coordinate: 1.2e-7 m at 4e7 m. Edges that differ by 1e-15 can make GEOS 3.14
return a wrong shape without a word; on a grid they are one edge."""

CERTIFIED_M2 = 9e-7
"""m². Parts of a shape that differ more than this from its area are made again."""

BLOCK = 4_096
"""Overlays in one call; one failure sends only its block through element by element."""

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


def robust(
    operation: Callable[..., Any],
    left: Shapes,
    right: Shapes,
    snapped: Snapped,
    *,
    on_grid: bool = False,
) -> Shapes:
    """
    Apply a binary overlay to arrays of one length, block by block; failures never spread.

    Parameters
    ----------
    operation
        `shapely.intersection` or `shapely.difference`.
    left, right
        Valid polygons of one projected CRS in metres.
    snapped
        Receives (name of the operation, left shape) for every element that had to be snapped.
    on_grid
        Snap every element.
    """
    if on_grid and len(left):
        snapped += [(operation.__name__, shape) for shape in left]
        return np.asarray(operation(left, right, grid_size=_grid(left, right)), dtype=object)
    made = np.empty(len(left), dtype=object)
    for begin in range(0, len(left), BLOCK):
        block = slice(begin, begin + BLOCK)
        try:
            made[block] = operation(left[block], right[block])
        except shapely.GEOSException:
            pairs = zip(left[block], right[block], strict=True)
            made[block] = [_single(operation, a, b, snapped) for a, b in pairs]
    return made


def _grid(*shapes: Any) -> float:
    """Return the grid in m for the coordinates of shapes."""
    reach = max(np.abs(shapely.total_bounds(some)).max() for some in shapes)
    return SNAP_UNITS * float(np.spacing(reach))


def _single(operation: Callable[..., Any], left: Any, right: Any, snapped: Snapped) -> Any:
    """Apply an overlay to one pair, snapped if nothing else helps."""
    try:
        return operation(left, right)
    except shapely.GEOSException:
        snapped.append((operation.__name__, left))
        return operation(left, right, grid_size=_grid(left, right))


def polygonal(shapes: Shapes) -> Shapes:
    """Return the polygonal part of each shape; an empty polygon where there is none."""
    kinds = shapely.get_type_id(shapes)
    mixed = np.flatnonzero((kinds != 3) & (kinds != 6))
    if not len(mixed):
        return shapes
    kept = shapes.copy()
    parts, owner = shapely.get_parts(shapes[mixed], return_index=True)
    is_polygon = shapely.get_type_id(parts) == 3
    kept[mixed] = gathered(parts[is_polygon], owner[is_polygon], len(mixed))
    return kept


def gathered(polygons: Shapes, owner: Index, count: int) -> Shapes:
    """Join the polygons of each owner (ascending) into one shape, empty for owners without."""
    made = np.full(count, shapely.Polygon(), dtype=object)
    number = np.bincount(owner, minlength=count)
    single = number[owner] == 1
    made[owner[single]] = polygons[single]
    if not single.all():
        several, position = np.unique(owner[~single], return_inverse=True)
        made[several] = shapely.multipolygons(polygons[~single], indices=position)
    return made


def meeting(left: Shapes, right: Shapes) -> tuple[Index, Index]:
    """Return the pairs whose interiors share a point, ordered by left, then right."""
    first, second = boxes_meeting(left, right)
    if not len(first):
        return first, second
    shapely.prepare(left)
    keep = shapely.covers(left[first], right[second])  # sooner told than how others lie
    other = np.flatnonzero(~keep)
    keep[other] = shapely.relate_pattern(left[first[other]], right[second[other]], _INTERIORS_MEET)
    shapely.destroy_prepared(left)
    return first[keep], second[keep]


def boxes_meeting(left: Shapes, right: Shapes) -> tuple[Index, Index]:
    """Return the pairs whose bounding boxes meet, ordered by left, then right."""
    if not len(left) or not len(right):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing
    first, second = shapely.STRtree(right).query(left)
    order = np.lexsort((second, first))
    return first[order], second[order]


def subtracted(
    shapes: Shapes, which: Index, others: Shapes, snapped: Snapped, *, on_grid: bool = False
) -> Shapes:
    """
    Return each shape without all of `others[k]` for which `which[k]` is its position.

    Parameters
    ----------
    shapes
        Valid polygons. Those named by no `which` are returned as they are.
    which
        Positions in `shapes`, ascending.
    others
        Valid polygons to take away, as long as `which`.
    snapped, on_grid
        As in `robust`.
    """
    made = shapes.copy()
    changed, joined = united(which, others)
    rest = robust(shapely.difference, shapes[changed], joined, snapped, on_grid=on_grid)
    made[changed] = polygonal(rest)
    return made


def united(which: Index, others: Shapes) -> tuple[Index, Shapes]:
    """Return the distinct positions in `which` (ascending) and the union of the others of each."""
    changed, begin, number = np.unique(which, return_index=True, return_counts=True)
    joined = np.empty(len(changed), dtype=object)
    for size in np.unique(number):
        same = np.flatnonzero(number == size)
        table = others[begin[same][:, None] + np.arange(size)]
        joined[same] = table[:, 0] if size == 1 else _unions(table)
    return changed, joined


def _unions(table: Shapes) -> Shapes:
    """Unite the rows of a table of shapes; a row that fails is united pair by pair."""
    try:
        return np.asarray(shapely.union_all(table, axis=1), dtype=object)
    except shapely.GEOSException:
        return np.array([_union(row) for row in table], dtype=object)


def _union(row: Shapes) -> Any:
    """Unite one row, on a grid if nothing else helps."""
    try:
        return shapely.union_all(row)
    except shapely.GEOSException:
        return shapely.union_all(row, grid_size=_grid(row))


def cut(shapes: Shapes, area: NDArray[np.float64], zones: Shapes, snapped: Snapped) -> Parts:
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

    Returns
    -------
    parts
        Ordered by shape, then zone (outside of every zone first). The areas of the parts of a
        shape add up to its area; parts under `DUST_M2` of a shape that is cut are included.
    """
    if not len(zones):
        shape = np.flatnonzero(area > 0)
        return Parts(shape, np.full(len(shape), -1), shapes[shape], area[shape])
    whole, zone, crossing, crossing_zone = _located(shapes, zones)
    both = robust(shapely.intersection, shapes[crossing], zones[crossing_zone], snapped)
    both = polygonal(both)
    rest, remains = _outside(shapes, crossing, zones[crossing_zone], both, snapped)
    wrong = _unequal(shapes, np.append(crossing, rest), np.append(both, remains))
    if wrong.any():
        pick, good = wrong[crossing], ~wrong[rest]
        mine, theirs = shapes[crossing[pick]], zones[crossing_zone[pick]]
        both[pick] = polygonal(robust(shapely.intersection, mine, theirs, snapped, on_grid=True))
        redone, more = _outside_on_grid(shapes, crossing[pick], theirs, snapped)
        rest = np.concatenate([rest[good], redone])
        remains = np.concatenate([remains[good], more])
    free = _others(len(shapes), whole, crossing)
    made = np.concatenate([both, remains])
    return _ordered(
        np.concatenate([whole, free, crossing, rest]),
        np.concatenate([zone, np.full(len(free), -1), crossing_zone, np.full(len(rest), -1)]),
        np.concatenate([shapes[whole], shapes[free], made]),
        np.concatenate([area[whole], area[free], shapely.area(made)]),
    )


def _located(shapes: Shapes, zones: Shapes) -> tuple[Index, Index, Index, Index]:
    """Return shapes whole in a zone, the zone of each, and the pairs of others that share area."""
    zone, shape = boxes_meeting(zones, shapes)
    shapely.prepare(zones)
    inside = shapely.covers(zones[zone], shapes[shape])
    whole, first = np.unique(shape[inside], return_index=True)
    is_open = ~np.isin(shape, whole)
    crossing_zone, crossing = zone[is_open], shape[is_open]
    met = shapely.relate_pattern(zones[crossing_zone], shapes[crossing], _INTERIORS_MEET)
    shapely.destroy_prepared(zones)
    return whole, zone[inside][first], crossing[met], crossing_zone[met]


def halved(
    shapes: Shapes, area: NDArray[np.float64], which: Index, others: Shapes, snapped: Snapped
) -> Parts:
    """
    Split each shape into what lies under the union of its others (zone 0) and the rest (-1).

    Parameters
    ----------
    shapes, area
        Valid polygons of one projected CRS in metres, and their areas in m².
    which
        Positions in `shapes`, ascending.
    others
        Valid polygons, as long as `which`; they may overlap each other.
    snapped
        As in `robust`.
    """
    changed, joined = united(which, others)
    met = shapes[changed]
    under = joined.copy()
    shapely.prepare(met)
    across = np.flatnonzero(~shapely.covers(met, joined))
    shapely.destroy_prepared(met)
    under[across] = polygonal(robust(shapely.intersection, met[across], joined[across], snapped))
    rest = _pierced(met, joined)
    open_ = np.flatnonzero(shapely.is_missing(rest))
    rest[open_] = polygonal(robust(shapely.difference, met[open_], joined[open_], snapped))
    place = np.arange(len(met))
    wrong = _unequal(met, np.append(place, place), np.append(under, rest))
    for operation, made in ((shapely.intersection, under), (shapely.difference, rest)):
        again = robust(operation, met[wrong], joined[wrong], snapped, on_grid=True)
        made[wrong] = polygonal(again)
    free = _others(len(shapes), changed)
    made = np.concatenate([under, rest])
    return _ordered(
        np.concatenate([changed, changed, free]),
        np.concatenate([np.zeros(len(changed), int), np.full(len(changed) + len(free), -1)]),
        np.concatenate([made, shapes[free]]),
        np.concatenate([shapely.area(made), area[free]]),
    )


def _others(count: int, *named: Index) -> Index:
    """Return which of `count` positions are not named, ascending."""
    free = np.ones(count, dtype=bool)
    for positions in named:
        free[positions] = False
    return np.flatnonzero(free)


def _pierced(shapes: Shapes, others: Shapes) -> Shapes:
    """
    Return each polygon with the other as a hole, or None where that is not all there is to it.

    What touches no boundary and has no holes leaves a hole and nothing else; no edge is made, so
    no area is.
    """
    made = np.full(len(shapes), None, dtype=object)
    polygon = int(shapely.GeometryType.POLYGON)
    lone = (shapely.get_type_id(shapes) == polygon) & (shapely.get_type_id(others) == polygon)
    lone &= shapely.get_num_interior_rings(others) == 0
    lone = np.flatnonzero(lone)
    shapely.prepare(shapes[lone])
    lone = lone[shapely.contains_properly(shapes[lone], others[lone])]
    rings, owner = shapely.get_rings(shapes[lone], return_index=True)
    rings = np.concatenate([rings, shapely.get_exterior_ring(others[lone])])
    order = np.argsort(np.append(owner, np.arange(len(lone))), kind="stable")
    index = np.append(owner, np.arange(len(lone)))[order]
    made[lone] = shapely.polygons(rings[order], indices=index) if len(lone) else []
    shapely.destroy_prepared(shapes[lone])
    return made


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
